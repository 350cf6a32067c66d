"""How much busier or quieter than an average day a day is: weekday, day of the month, season and special days.

A log-linear model of counts with a level that wanders and effects that are shrunk to none: first for the total, then
what departments, categories and zones do differently. Totals are nearly free of noise, so a year of days teaches what
the sparse series never could; a series only has to tell its own level.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from doorstep.demand.holidays import day_of_month, weekday
from doorstep.demand.problem import DemandHistory
from doorstep.foundation.arrays import Floats, Ints

KNOTS = np.array([1, 4, 8, 13, 18, 23, 28, 31])
"""Days of the month between which the effect of pay days is drawn straight."""
NEAR = range(-4, 3)
"""Days before and after a special day that have an effect of their own."""
PRIOR = {"weekday": 0.3, "month": 0.06, "event": 0.06, "season": 0.1}
"""Size that an effect on the log of the total has before it is seen."""
SHARE = {"weekday": 0.5, "month": 0.5, "event": 0.7, "season": 0.5}
"""Size of a group's difference from it, as a share of that."""
WANDER = 0.3
"""How far a level moves from one month to the next, in logs."""
STEP = 28
SEASON_DAYS = 540
"""Days of history from which on the time of year is told from the level."""
TOTAL_NOISE, GROUP_NOISE = 0.12, 0.15
"""How far a day is off for reasons that no effect explains, as a share."""
WIDTHS = (1.0, 0.6, 0.3)
"""Prior sizes of differences of departments, of categories and of zones, as shares."""
LARGEST_GROUPS = 400
"""Groups that have effects of their own; the smaller ones share those of the level above."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seasonality:
    """Multipliers of demand by day, which average one, for each series.

    Parameters
    ----------
    parts
        Names of the parts: weekday, month, event, season.
    effects : (Q, L)
        Logs of the effects of each design column of the L levels, of which a level has one a group.
    design : (D, Q)
        Columns by day, from the first day of the history on.
    column_part : (Q,)
        Part that each column belongs to.
    members : (K, S)
        Columns of ``effects`` that a series adds up.
    centre : (L,)
        Mean log of each level over the days of the history.
    """

    parts: tuple[str, ...]
    effects: Floats
    design: Floats
    column_part: Ints
    members: Ints
    centre: Floats

    def multipliers(self) -> Floats:
        """Return the multiplier of each series on each day (S, D), the days to come included."""
        logs = (self.design @ self.effects - self.centre).T
        total = logs[self.members[0]]
        for row in self.members[1:]:
            total += logs[row]
        multipliers: Floats = np.exp(total)
        return multipliers

    def multiplier_of(self, series: int, days: Ints) -> Floats:
        """Return the multiplier of one series on some days."""
        levels = self.members[:, series]
        logs: Floats = self.design[days] @ self.effects[:, levels].sum(axis=1) - self.centre[levels].sum()
        multipliers: Floats = np.exp(logs)
        return multipliers

    def part_logs(self, series: int, days: Ints) -> Floats:
        """Return the log of each part of a series' multiplier on some days (parts, days)."""
        effect = self.effects[:, self.members[:, series]].sum(axis=1)
        columns = self.design[days] * effect
        mean = (self.design * effect).mean(axis=0)
        return np.stack([(columns - mean)[:, self.column_part == part].sum(axis=1) for part in range(len(self.parts))])


def seasonality(history: DemandHistory, *, horizon_days: int) -> Seasonality:
    """Return the multipliers of all days of a history and of ``horizon_days`` after it.

    References
    ----------
    Nelder, Wedderburn (1972), Generalized linear models; the shrinkage is a normal prior on the coefficients.
    """
    days = history.first_day + np.arange(history.days + horizon_days)
    design, part = _design(history, days)
    groups = [np.zeros(history.series, dtype=np.int64)]
    groups += [_largest(history.groups(a), history.units) for a in range(min(2, len(history.attribute_names)))]
    widths = [1.0, *WIDTHS[: len(groups) - 1], WIDTHS[2]]
    groups.append(history.zone)
    level = history.units.sum(axis=1) / np.maximum(history.in_stock.sum(axis=1), 1e-9)
    prior = np.array([PRIOR[name] for name in PRIOR])[part]
    share = np.array([SHARE[name] for name in PRIOR])[part]
    log_so_far = np.zeros((history.series, history.days))
    effects, members, centres, offset = [], [], [], 0
    for number, (group, width) in enumerate(zip(groups, widths, strict=True)):
        count = int(group.max()) + 1
        units, base = np.zeros((count, history.days)), np.zeros((count, history.days))
        np.add.at(units, group, history.units)
        np.add.at(base, group, level[:, None] * history.in_stock * np.exp(log_so_far))
        size = prior if number == 0 else prior * share * width
        noise, spread = (TOTAL_NOISE, 3.0) if number == 0 else (GROUP_NOISE, 2.0)
        fitted = _fit(units, base, design[: history.days], size, noise=noise, spread=spread)
        centre = (design[: history.days] @ fitted).mean(axis=0)
        log_so_far += (design[: history.days] @ fitted - centre).T[group]
        effects.append(fitted)
        members.append(group + offset)
        centres.append(centre)
        offset += count
    return Seasonality(
        parts=tuple(PRIOR),
        effects=np.concatenate(effects, axis=1),
        design=design,
        column_part=part,
        members=np.stack(members),
        centre=np.concatenate(centres),
    )


def _design(history: DemandHistory, days: Ints) -> tuple[Floats, Ints]:
    """Return the columns of the calendar (D, Q) and the part that each belongs to (Q,)."""
    columns: list[Floats] = [(weekday(days) == k).astype(np.float64) for k in range(7)]
    part = [0] * 7
    unit = np.eye(KNOTS.size)
    columns += [np.interp(day_of_month(days), KNOTS, unit[k]) for k in range(KNOTS.size)]
    part += [1] * KNOTS.size
    for kind in range(len(history.event_kinds)):
        special = history.event_day[history.event_kind == kind]
        columns += [np.isin(days - off, special).astype(np.float64) for off in NEAR]
        part += [2] * len(NEAR)
    if history.days >= SEASON_DAYS:
        angle = 2 * np.pi * days / 365.25
        columns += [wave(times * angle) for times in (1, 2) for wave in (np.sin, np.cos)]
        part += [3] * 4
    return np.stack(columns, axis=1), np.array(part)


def _largest(group: Ints, units: Floats) -> Ints:
    """Return groups numbered anew, all but the largest ones together as the last."""
    sold = np.bincount(group, weights=units.sum(axis=1))
    order = np.argsort(-sold, kind="stable")[:LARGEST_GROUPS]
    number = np.full(sold.size, min(order.size, LARGEST_GROUPS), dtype=np.int64)
    number[order] = np.arange(order.size)
    return number[group]


def _level_columns(days: int) -> Floats:
    """Return the columns of a level that is straight between months, which end with the last day (T, months)."""
    knots = np.arange(days - 1, -STEP, -STEP)[::-1].astype(np.float64)
    unit = np.eye(knots.size)
    return np.stack([np.interp(np.arange(days), knots, unit[k]) for k in range(knots.size)], axis=1)


def _fit(units: Floats, base: Floats, design: Floats, size: Floats, *, noise: float, spread: float) -> Floats:
    """Return the effects (Q, G) that fit G groups' daily units (G, T) best, given what is expected without (G, T).

    Newton's steps of a Poisson regression whose days have variance ``spread mu + (noise mu)^2``. Days on which nothing
    can be sold have no weight.
    """
    levels = _level_columns(units.shape[1])
    columns, inner = np.concatenate([levels, design], axis=1), levels.shape[1]
    precision = np.diag(np.concatenate([np.full(inner, 1e-3), size**-2.0]))
    steps = np.diff(np.eye(inner), axis=0)
    precision[:inner, :inner] += steps.T @ steps / WANDER**2
    ratio = np.log((units.sum(axis=1) + 0.5) / (base.sum(axis=1) + 0.5))
    found = np.zeros((units.shape[0], columns.shape[1]))
    found[:, :inner] = ratio[:, None]
    for _ in range(6):
        mean = np.maximum(base * np.exp(np.clip(found @ columns.T, -20, 20)), 1e-12)
        weight = mean / (spread + mean * noise**2)
        slope = ((units - mean) / mean * weight * (base > 0)) @ columns - found @ precision
        for group in range(units.shape[0]):
            bent = (columns * (weight[group] * (base[group] > 0))[:, None]).T @ columns + precision
            found[group] += np.clip(np.linalg.solve(bent, slope[group]), -1.0, 1.0)
    return found[:, inner:].T


def names_of_parts(parts: Sequence[str]) -> tuple[str, ...]:
    """Return the words in which parts are told to people."""
    words = {"weekday": "weekday", "month": "day of the month", "event": "holiday", "season": "time of year"}
    return tuple(words[part] for part in parts)
