"""Why a forecast is what it is, as factors that multiply to it."""

from dataclasses import dataclass

import numpy as np

from doorstep.demand.features import BLOCK_DAYS
from doorstep.demand.mean import LearntMean
from doorstep.demand.seasonality import Seasonality, names_of_parts
from doorstep.foundation.arrays import Bools, Floats, Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Factors:
    """What the mean of S series was made of.

    Parameters
    ----------
    level : (S,)
        Units of an average day.
    seasonality
        Calendar of each series.
    days : (H,)
        Days of the plan as rows of the calendar.
    features : (B S, F)
        Rows of the learner, block after block; empty where nothing was learnt.
    words : (F,)
        What each feature is about.
    learnt
        What was learnt, None where nothing was.
    correction : (S, B)
        Factor of each block of days that brought the sums to their totals, or a new product to what is planned for it.
    apart : (S,)
        Series too new for what was learnt.
    """

    level: Floats
    seasonality: Seasonality
    days: Ints
    features: Floats
    words: tuple[str, ...]
    learnt: LearntMean | None
    correction: Floats
    apart: Bools


@dataclass(frozen=True, slots=True, kw_only=True)
class PartedFactors:
    """Factors of S series that were forecast in ``parts``: the ``part`` of each (S,) and its ``row`` there (S,)."""

    parts: tuple["Factors | PartedFactors", ...]
    part: Ints
    row: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A factor of a forecast and what it is about; 1.2 is a fifth more than an average day."""

    about: str
    factor: float


def explain(factors: Factors | PartedFactors, series: int, day: int) -> tuple[float, tuple[Reason, ...]]:
    """Return the level of a series [units a day] and the factors whose product with it is the mean of a day.

    Factors that change nothing are left out; the largest come first. What the learner adds for all alike is told as
    ``general trend``.

    References
    ----------
    Lundberg et al. (2020), From local explanations to global understanding with explainable AI for trees, Nature
    Machine Intelligence 2: contributions of features to one prediction.
    """
    if isinstance(factors, PartedFactors):
        return explain(factors.parts[factors.part[series]], int(factors.row[series]), day)
    parts = factors.seasonality.part_logs(series, factors.days[day : day + 1])[:, 0]
    whole = float(np.log(factors.seasonality.multiplier_of(series, factors.days[day : day + 1])[0]))
    told = dict(zip(names_of_parts(factors.seasonality.parts), parts.tolist(), strict=True))
    told["season so far"] = whole - float(parts.sum())
    if factors.learnt is not None and not factors.apart[series]:
        row = (day // BLOCK_DAYS) * factors.level.size + series
        added = factors.learnt.contributions(factors.features[row : row + 1])[0]
        for word, log in zip(factors.words, added[:-1].tolist(), strict=True):
            told[word] = told.get(word, 0.0) + log
        told["general trend"] = float(added[-1])
    told["totals and plans"] = float(np.log(factors.correction[series, day // BLOCK_DAYS]))
    reasons = [Reason(about=word, factor=float(np.exp(log))) for word, log in told.items() if abs(log) > 5e-4]
    reasons.sort(key=lambda reason: -abs(np.log(reason.factor)))
    return float(factors.level[series]), tuple(reasons)
