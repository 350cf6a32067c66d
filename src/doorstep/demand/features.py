"""What the learner sees: one row a series, origin and block of days ahead, nothing of it later than the origin.

Every number is relative to the series' own level, so that what is learnt from one series holds for all; the calendar is
in the base of the forecast and not among the features. Plans of price, promotion and display are the only look ahead.
"""

from dataclasses import dataclass, field

import numpy as np

from doorstep.demand.levels import mixed_level
from doorstep.demand.problem import DemandHistory
from doorstep.demand.windows import Windows, group_sums
from doorstep.foundation.arrays import Bools, Floats, Ints

BLOCK_DAYS = 7
LENGTHS = (7, 14, 21, 28, 56, 112, 364)
BASELINE_DAYS = 56
"""Days before the origin against which plans are held."""
SMALL = 0.03
"""Added to levels before their logs are taken [units a day]."""
KNOWN = 0.95
"""Share of days on which a price must be known; where it is known through sales alone it would give sales away."""
GROUPS = 2
"""Attributes that are features themselves, the coarsest ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """N rows for the learner: ``features`` (N, F), what is ``expected`` (N,) without it, and whether it ``counts``.

    ``counts`` (N,) is False where next to nothing was on offer in the block.
    """

    features: Floats
    expected: Floats
    units: Floats
    counts: Bools


@dataclass(slots=True)
class FeatureTable:
    """Rows for the origins of one history.

    Parameters
    ----------
    history
        What is known.
    multipliers : (S, T + H)
        Calendar multipliers of the days of the history and of the horizon.
    offers
        Whether promotion, display and price are features.
    exposure : (S, T + H + 1)
        Running sums of the calendar times the share of the day in stock, which is one ahead.
    """

    history: DemandHistory
    multipliers: Floats
    offers: bool = True
    windows: Windows = field(init=False)
    names: tuple[str, ...] = field(init=False)
    words: tuple[str, ...] = field(init=False)
    categorical: int = field(init=False)
    exposure: Floats = field(init=False)
    _plans: dict[str, Floats] = field(init=False)

    def __post_init__(self) -> None:
        history = self.history
        self.windows = Windows.of(history.units, history.in_stock, self.multipliers)
        in_stock = np.ones_like(self.multipliers)
        in_stock[:, : history.days] = history.in_stock
        self.exposure = _running(self.multipliers * in_stock)
        shares = {"promotion": history.promotion, "display": history.display}
        self._plans = {name: self._offer(share) for name, share in shares.items() if self.offers and share.any()}
        known = np.isfinite(history.price_minor[:, : history.days])
        if self.offers and known.mean() >= KNOWN:
            self._plans["price"] = self._offer(np.log(_filled(history.price_minor) + 1.0))
        groups = history.attribute_names[:GROUPS]
        named = _names(tuple(self._plans), groups)
        self.names, self.words = tuple(n for n, _ in named), tuple(w for _, w in named)
        self.categorical = 1 + len(groups)

    def _offer(self, values: Floats) -> Floats:
        """Return running sums (S, T + H + 1) of offers; days beyond what is planned repeat the last baseline."""
        total, planned = self.multipliers.shape[1], min(values.shape[1], self.multipliers.shape[1])
        last = self.history.days
        usual = values[:, max(last - BASELINE_DAYS, 0) : last].mean(axis=1)
        whole = np.repeat(usual[:, None], total, axis=1)
        whole[:, :planned] = values[:, :planned]
        return _running(whole)

    def rows(self, origin: int, starts: Ints) -> Rows:
        """Return rows for the blocks that begin ``starts`` days after an origin (a day number of the history).

        Blocks lie one after another, each with all S series; they end with the known days, if those end earlier.
        """
        level, static = self.at_origin(origin)
        history, end = self.history, self.multipliers.shape[1]
        features, expected, units, counts = [], [], [], []
        for start in starts.tolist():
            first, last = origin + 1 + start, min(origin + 1 + start + BLOCK_DAYS, end)
            exposure = self.exposure[:, last] - self.exposure[:, first]
            offered = self.multipliers[:, first:last].sum(axis=1)
            columns = [np.full(history.series, start // BLOCK_DAYS), np.log(offered / (last - first))]
            columns += self.plans(origin, first, last)
            features.append(np.concatenate([np.stack(columns, axis=1).astype(np.float32), static], axis=1))
            expected.append(level * exposure)
            units.append(history.units[:, first:last].sum(axis=1))
            counts.append(exposure > 0.3 * offered)
        return Rows(
            features=np.concatenate(features),
            expected=np.concatenate(expected),
            units=np.concatenate(units),
            counts=np.concatenate(counts),
        )

    def plans(self, origin: int, first: int, last: int) -> list[Floats]:
        """Return plans for days from ``first`` to before ``last``: more than usual, also in all zones, and at all."""
        columns = []
        before = max(origin + 1 - BASELINE_DAYS, 0)
        zones = group_sums(self.history.product, np.ones(self.history.series))
        for name, sums in self._plans.items():
            ahead = (sums[:, last] - sums[:, first]) / (last - first)
            usual = (sums[:, origin + 1] - sums[:, before]) / (origin + 1 - before)
            columns += [ahead - usual]
            if name != "price":
                columns += [group_sums(self.history.product, ahead - usual) / zones, ahead]
        return columns

    def at_origin(self, day: int) -> tuple[Floats, Floats]:
        """Return the level of every series at the end of a day (S,), and the features that all blocks share (S, F)."""
        windows, history = self.windows, self.history
        level = mixed_level(windows, day)
        levels = {length: windows.level(day, length) for length in LENGTHS}
        columns = [np.log(level), *(_relative(levels[length], level) for length in LENGTHS)]
        columns += [_relative(windows.level(day, BLOCK_DAYS, ago=BLOCK_DAYS * k), level) for k in (1, 2, 3)]
        columns += self._shape(day, level)
        same = history.product
        of_product = group_sums(same, level)
        columns += [np.log((group_sums(same, levels[n]) + 0.02) / (of_product + 0.02)) for n in (7, 28, 112)]
        columns += [np.log(of_product + 0.02), np.log((level + 0.01) / (of_product + 0.01))]
        groups = [history.groups(attribute) for attribute in range(len(history.attribute_names[:GROUPS]))]
        for group in (*groups, history.zone, np.zeros_like(same)):
            whole = group_sums(group, level)
            columns += [np.log((group_sums(group, levels[n]) + 0.1) / (whole + 0.1)) for n in (7, 28)]
        columns += [*groups, history.zone]
        return level, np.stack(columns, axis=1).astype(np.float32)

    def _shape(self, day: int, level: Floats) -> list[Floats]:
        """Return how a series sells: how often, how much at once, how unevenly, since when."""
        windows, units = self.windows, self.history.units[:, max(day - 111, 0) : day + 1]
        often = windows.sums(windows.sold_days, day, 112)
        offered = np.maximum(windows.sums(windows.offered_days, day, 112), 1)
        recent = np.maximum(windows.sums(windows.offered_days, day, 28), 1)
        sold = units > 0
        since = np.where(often > 0, np.argmax(sold[:, ::-1], axis=1), units.shape[1])
        ever = self.history.units[:, : day + 1] > 0
        age = np.where(ever.any(axis=1), day - np.argmax(ever, axis=1), 0)
        return [
            windows.sums(windows.sold_days, day, 28) / recent,
            often / offered,
            np.log1p(units.max(axis=1)),
            np.log((units.std(axis=1) + 0.1) / (level + 0.1)),
            np.log((units.sum(axis=1) + 1) / (often + 1)),
            since.astype(np.float64),
            np.minimum(age, 200).astype(np.float64),
        ]


def _relative(values: Floats, level: Floats) -> Floats:
    return np.log((values + SMALL) / (level + SMALL))


def _names(plans: tuple[str, ...], groups: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the name of each feature and the word under which people hear of it."""
    named = [("block", "days ahead"), ("calendar", "calendar")]
    for plan in plans:
        named += [(f"{plan}_change", plan)]
        named += [(f"{plan}_change_all_zones", plan), (plan, plan)] if plan != "price" else []
    named += [("log_level", "level"), *((f"level_{length}", "trend") for length in LENGTHS)]
    named += [(f"week_{k}_ago", "trend") for k in (1, 2, 3)]
    named += [(name, "how it sells") for name in ("sold_28", "sold_112", "largest", "unevenness", "size")]
    named += [("days_since_sale", "how it sells"), ("age_days", "how new it is")]
    named += [(f"product_{length}", "product in all zones") for length in (7, 28, 112)]
    named += [("product_level", "product in all zones"), ("share_of_product", "product in all zones")]
    named += [(f"{name}_{length}", f"trend of the {name}") for name in (*groups, "zone", "total") for length in (7, 28)]
    return [*named, *((name, name) for name in groups), ("zone", "zone")]


def _filled(price: Floats) -> Floats:
    """Return prices with gaps filled from the day before, and at the start from the first known one."""
    known = np.isfinite(price)
    last = np.maximum.accumulate(np.where(known, np.arange(price.shape[1]), -1), axis=1)
    first = np.argmax(known, axis=1)
    source = np.where(last < 0, first[:, None], last)
    return np.nan_to_num(np.take_along_axis(price, source, axis=1))


def _running(values: Floats) -> Floats:
    sums = np.zeros((values.shape[0], values.shape[1] + 1))
    np.cumsum(values, axis=1, out=sums[:, 1:])
    return sums
