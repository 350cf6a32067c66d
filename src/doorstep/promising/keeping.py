"""How probable it is that a promise is kept, learnt from promises that were kept or broken.

A table over service level, splits, part of the day and slack. Each cell is the kept share of its own outcomes, shrunk
towards the cell that knows less about them (first without the part of the day, then without splits, then without the
level, at last towards a stated prior), by as much as the outcomes themselves say that cells of a layer are alike. Along
slack no cell states less than the one before it: more time never makes a promise less safe. What the last days did
better or worse than the table, for reasons that nobody states (weather, a sick picker), moves all of it up or down.
"""

from dataclasses import dataclass

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Bools, Floats, Ints

MOST_SPLITS = 3
"""Sites that serve an order are told apart up to this many."""
PART_HOURS = 6
PARTS = 24 // PART_HOURS
EDGES_MIN = (0, 15, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720, 1_440)
"""Slack from which each next bin begins [min]."""
BINS = len(EDGES_MIN) + 1
LEAST_STRENGTH, MOST_STRENGTH = 2.0, 1e5
HALF_LIFE_DAYS = 3.0
"""A day's outcomes count half as much after so many days, where the table is moved to the last days."""
SHIFT_STRENGTH, SHIFT_STEPS = 4.0, 8
"""Weight of the belief that the last days are like all others, and Newton steps to find by how much they are not."""
YIELDING = 1e-3
"""Weight of a cell without outcomes where cells are made to rise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """What is stated before anything is known: the kept share, and how many outcomes that belief is worth."""

    kept: float = 0.95
    strength: float = 20.0

    def __post_init__(self) -> None:
        if not (0 < self.kept < 1 and self.strength > 0):
            raise InputError(f"prior {self.kept}, {self.strength} must lie between 0 and 1, and above 0.")


PRIOR = Prior()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """N promises that are over.

    Parameters
    ----------
    level : (N,)
        Row of the service level.
    splits : (N,)
        Sites that served the order, 1 or more.
    slack_min : (N,)
        From the planned moment at which all of it is ready to the end of the promised window [min].
    hour : (N,)
        Local hour at which it was placed, 0 to 23.
    age_days : (N,)
        Days since its window ended; the latest outcomes have 0.
    kept : (N,)
        Whether all of it arrived in time.
    """

    level: Ints
    splits: Ints
    slack_min: Ints
    hour: Ints
    age_days: Ints
    kept: Bools

    def __post_init__(self) -> None:
        columns = (self.level, self.splits, self.slack_min, self.hour, self.age_days, self.kept)
        shapes = [column.shape for column in columns]
        if any(shape != shapes[0] or len(shape) != 1 for shape in shapes):
            raise InputError(f"outcomes {shapes} must all be (N,).")
        if (self.level < 0).any() or (self.splits < 1).any() or (self.age_days < 0).any():
            raise InputError("outcomes need a level and an age of 0 or more, and 1 or more splits.")
        if ((self.hour < 0) | (self.hour > 23)).any():
            raise InputError("outcomes need an hour from 0 to 23.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """What was learnt: ``kept`` (L, MOST_SPLITS, PARTS, BINS) is the probability, ``outcomes`` how many it is from.

    ``shift`` is by how much the last days moved it, in log-odds.
    """

    kept: Floats
    shift: float
    outcomes: int

    def probability(self, *, level: Ints, splits: Ints, slack_min: Ints, hour: Ints) -> Floats:
        """Return the probability that each of N promises is kept; the columns are like those of ``Outcomes``.

        Raises
        ------
        InputError
            If a level is unknown.
        """
        if level.size and not (level.min() >= 0 and level.max() < self.kept.shape[0]):
            raise InputError(f"levels {level.min()} to {level.max()} are not all below {self.kept.shape[0]}.")
        cell = _cells(level, splits, slack_min, hour)
        return np.asarray(self.kept[cell], dtype=np.float64)


def learn(outcomes: Outcomes, *, levels: int, prior: Prior = PRIOR) -> Keeping:
    """Return the probability that promises are kept, as outcomes say it.

    Parameters
    ----------
    levels
        L, how many service levels there are; the outcomes may know fewer.

    Raises
    ------
    InputError
        If an outcome has a level that there is not.

    References
    ----------
    Efron, Hastie (2016), Computer Age Statistical Inference: empirical Bayes, the beta-binomial model.
    Gibbs, Candes (2021), Adaptive Conformal Inference Under Distribution Shift: why to follow the last outcomes.
    Barlow, Bartholomew, Bremner, Brunk (1972), Statistical Inference under Order Restrictions: pool adjacent violators.
    """
    if outcomes.level.size and outcomes.level.max() >= levels:
        raise InputError(f"level {outcomes.level.max()} of an outcome is not below {levels}.")
    shape = (levels, MOST_SPLITS, PARTS, BINS)
    cell = np.ravel_multi_index(_cells(outcomes.level, outcomes.splits, outcomes.slack_min, outcomes.hour), shape)
    size = int(np.prod(shape))
    count = np.bincount(cell, minlength=size).reshape(shape).astype(np.float64)
    kept = np.bincount(cell, outcomes.kept.astype(np.float64), size).reshape(shape)
    by_slack = count.sum((0, 1, 2))
    stated = _rising(_shrunk(kept.sum((0, 1, 2)), by_slack, np.full(BINS, prior.kept), prior.strength), by_slack)
    for hidden in ((1, 2), (2,), ()):
        one_kept, one_count = kept.sum(hidden), count.sum(hidden)
        parent = np.broadcast_to(stated if stated.ndim == 1 else stated[..., None, :], one_count.shape)
        stated = _rising(_shrunk(one_kept, one_count, parent, _strength(one_kept, one_count)), one_count)
    shift = _shift(stated.reshape(-1)[cell], outcomes)
    return Keeping(kept=_moved(stated, shift), shift=shift, outcomes=outcomes.level.size)


def _cells(level: Ints, splits: Ints, slack_min: Ints, hour: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Return the place of each promise in the table, one index an axis."""
    ended = np.searchsorted(np.array(EDGES_MIN), slack_min, side="right").astype(np.int64)
    return level, np.clip(splits, 1, MOST_SPLITS) - 1, hour // PART_HOURS, ended


def _shift(stated: Floats, outcomes: Outcomes) -> float:
    """Return by how much the log-odds of what is stated must move for the kept share of the last days to come out.

    The likeliest shift of a logistic model with nothing but that shift, weighted by age, with a weak belief in none.
    """
    weight = 0.5 ** (outcomes.age_days / HALF_LIFE_DAYS)
    shift = 0.0
    for _ in range(SHIFT_STEPS):
        now = _moved(stated, shift)
        gain = float((weight * (outcomes.kept - now)).sum()) - SHIFT_STRENGTH * shift
        shift += gain / (float((weight * now * (1 - now)).sum()) + SHIFT_STRENGTH)
    return shift


def _moved(stated: Floats, shift: float) -> Floats:
    """Return probabilities with their log-odds moved."""
    odds = stated / (1 - stated) * np.exp(shift)
    return np.asarray(odds / (1 + odds), dtype=np.float64)


def _shrunk(kept: Floats, count: Floats, parent: Floats, strength: float) -> Floats:
    """Return the mean of the beta-binomial posterior of each cell, a parent being worth so many outcomes."""
    return (kept + strength * parent) / (count + strength)


def _strength(kept: Floats, count: Floats) -> float:
    """Return how many outcomes a parent is worth to each of its cells, which lie along the last axis but one.

    If the cells of a parent had the same chance, their kept shares would differ by binomial noise alone; what they
    differ by beyond that is the variance of chances, pooled over all parents (analysis of variance). A parent with one
    cell says nothing about it.
    """
    total = np.maximum(count.sum(-2), 1)
    mean = kept.sum(-2) / total
    noise = mean * (1 - mean)
    apart = (count * (kept / np.maximum(count, 1) - mean[..., None, :]) ** 2).sum(-2)
    others = np.maximum((count > 0).sum(-2) - 1, 0)
    beyond = float((apart - others * noise).sum())
    most = float((noise * (total - (count**2).sum(-2) / total - others)).sum())
    alike = beyond / most if most > 0 else 0.0
    return float(np.clip(1 / alike - 1, LEAST_STRENGTH, MOST_STRENGTH)) if alike > 0 else MOST_STRENGTH


def _rising(value: Floats, count: Floats) -> Floats:
    """Return the nearest values that never fall along the last axis; what is known counts, what is believed yields."""
    flat_value, flat_count = value.reshape(-1, value.shape[-1]), count.reshape(-1, value.shape[-1])
    rows = [pooled(row, counts + YIELDING) for row, counts in zip(flat_value, flat_count, strict=True)]
    return np.array(rows).reshape(value.shape)


def pooled(value: Floats, weight: Floats) -> Floats:
    """Return the isotonic regression of values (B,): adjacent violators are pooled to their weighted mean."""
    blocks: list[tuple[float, float, int]] = []  # mean, weight, cells
    for mean, mass in zip(value.tolist(), weight.tolist(), strict=True):
        blocks.append((mean, mass, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (low, light, few), (high, heavy, more) = blocks[-2:]
            blocks[-2:] = [((low * light + high * heavy) / (light + heavy), light + heavy, few + more)]
    return np.repeat([mean for mean, _, _ in blocks], [cells for _, _, cells in blocks])
