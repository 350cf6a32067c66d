"""How long arcs take at each time of the day, learned from what was driven.

What is learned is a ratio: how long a stretch took, of how long it takes where traffic is light, both with the turn
after it. Logarithms of ratios are averaged, those far from the others brought nearer. Few observations prove little, so
an average counts with ``n / (n + k)``, and what is expected without it with the rest: of all together no change,
of a class of streets what holds for all, of an arc what holds for its class at that time of the day. Here k is the
variance within arcs over that between them (credibility), both taken from the observations.

References
----------
Bühlmann (1967), Experience rating and credibility, ASTIN Bulletin 4(3). Huber (1964), Robust estimation of a location
parameter, Annals of Mathematical Statistics 35(1).
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Floats, Ints
from doorstep.geography.roads.graph import RoadGraph
from doorstep.geography.roads.matching import Driven
from doorstep.geography.roads.snap import WHOLE

LEAST_SHARE = 0.5
"""A stretch of less than this share of an arc says too little of it."""
FAR = 3.0
"""Ratios farther from the median than so many standard deviations count as if they were no farther."""
LEAST_K, MOST_K = 1.0, 100.0
LEAST_RATIO, MOST_RATIO = 0.25, 20.0
CLASS_KMH = (12.0, 22.0, 35.0, 55.0, 80.0)
"""Streets are classed by how fast they usually are, where no class is given."""
MS_PER_S, NORMAL_MAD = 1000, 1.4826
BEGINS = (0, 6, 9, 12, 15, 18, 21)
"""The hours at which classes of times of a day begin: working days have so many, and weekends."""
SATURDAY = 5
HOURS = 2 * len(BEGINS)
ANY_HOUR = HOURS
"""The class of whatever time, the last one of ``learn_week``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """O times that arcs took.

    Attributes
    ----------
    arc, hour
        Which arc (O,), and in which class of times of the day, counted from 0.
    ratio
        How long that took of how long it usually takes (O,), above 0.
    """

    arc: Ints
    hour: Ints
    ratio: Floats

    def __post_init__(self) -> None:
        if not self.arc.shape == self.hour.shape == self.ratio.shape:
            raise InputError(f"arc {self.arc.shape}, hour {self.hour.shape} and ratio {self.ratio.shape} must be (O,).")
        if self.ratio.size and not 0 < float(self.ratio.min()) <= float(self.ratio.max()) < np.inf:
            raise InputError("every ratio of an observed time must be above 0.")

    def __len__(self) -> int:
        return int(self.arc.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """Ratios of H classes of times of the day, and on how much they rest.

    Attributes
    ----------
    ratio
        How long arcs take, of how long they usually do (H, A).
    observations
        How often each arc was observed (H, A).
    k
        How many observations count as much as what is expected without them.
    """

    ratio: Floats
    observations: Ints
    k: float

    def ms(self, graph: RoadGraph, hour: int) -> Ints:
        """Return what driving each arc takes in a class of times of the day (A,) [ms], for ``RoadTimes.at``."""
        found: Ints = np.maximum(1, np.rint(graph.ms * self.ratio[hour])).astype(np.int64)
        return found


def hour_class(weekday: int, hour: int) -> int:
    """Return the class, below ``HOURS``, of an hour from 0 to 23 of a weekday from 0, a Monday, by the local clock."""
    return (weekday >= SATURDAY) * len(BEGINS) + bisect_right(BEGINS, hour) - 1


def learn_week(graph: RoadGraph, seen: Observed) -> Learned:
    """Return what arcs take in each class of ``hour_class``, and in the last row whatever the time.

    First what they take whatever the time, then by how much each class of hours differs from that: at hours at which
    nothing was driven they take what they do at others.
    """
    any_hour = learn(graph, Observed(arc=seen.arc, hour=np.zeros_like(seen.hour), ratio=seen.ratio), hours=1)
    apart = Observed(arc=seen.arc, hour=seen.hour, ratio=seen.ratio / any_hour.ratio[0, seen.arc])
    by_hour = learn(graph, apart, hours=HOURS)
    return Learned(
        ratio=np.concatenate([np.clip(by_hour.ratio * any_hour.ratio, LEAST_RATIO, MOST_RATIO), any_hour.ratio]),
        observations=np.concatenate([by_hour.observations, any_hour.observations]),
        k=by_hour.k,
    )


def observed(driven: Driven, hour: Ints) -> Observed:
    """Return what stretches that were driven say of their arcs; those of less than half an arc are left out.

    Parameters
    ----------
    hour
        Class of times of the day of each stretch (K,).
    """
    rows = np.flatnonzero((driven.finish - driven.begin >= LEAST_SHARE * WHOLE) & (driven.took_ms > 0))
    return Observed(arc=driven.arc[rows], hour=hour[rows],
                    ratio=driven.took_ms[rows] / np.maximum(driven.usual_ms[rows], 1))  # fmt: skip


def all_of(parts: Sequence[Observed]) -> Observed:
    """Return the observations of several drives together."""
    none = np.empty(0, dtype=np.int64)
    return Observed(
        arc=np.concatenate([none, *(part.arc for part in parts)]),
        hour=np.concatenate([none, *(part.hour for part in parts)]),
        ratio=np.concatenate([np.empty(0), *(part.ratio for part in parts)]),
    )


def learn(graph: RoadGraph, seen: Observed, *, hours: int, street_class: Ints | None = None) -> Learned:
    """Return what arcs take in each class of times of the day.

    Parameters
    ----------
    hours
        How many classes of times of the day there are.
    street_class
        Class of each arc (A,), counted from 0; by default by how fast it usually is.

    Raises
    ------
    InputError
        If an observation is of an arc or a time that there is not.
    """
    of = classes_of(graph) if street_class is None else street_class
    if of.shape != graph.ms.shape:
        raise InputError(f"street_class {of.shape} must be {graph.ms.shape}, one for each arc.")
    for name, values, count in (("arc", seen.arc, graph.arcs), ("hour", seen.hour, hours)):
        if values.size and not 0 <= int(values.min()) <= int(values.max()) < count:
            raise InputError(f"{name} of an observed time must be from 0 to {count - 1}.")
    classes = int(of.max()) + 1
    log = np.log(seen.ratio)
    by_class = seen.hour * classes + of[seen.arc]
    log = _brought_near(log, by_class, hours * classes)
    by_arc = seen.hour * graph.arcs + seen.arc
    k = _credibility(log, by_arc, hours * graph.arcs)
    overall = _shrunk(log, seen.hour, np.zeros(hours), k)
    class_log = _shrunk(log, by_class, np.repeat(overall, classes), k)
    expected = class_log.reshape(hours, classes)[:, of].ravel()
    ratio = np.clip(np.exp(_shrunk(log, by_arc, expected, k)), LEAST_RATIO, MOST_RATIO)
    counts = np.bincount(by_arc, minlength=hours * graph.arcs)
    return Learned(ratio=ratio.reshape(hours, -1), observations=counts.reshape(hours, -1).astype(np.int64), k=k)


def classes_of(graph: RoadGraph) -> Ints:
    """Return the class of each arc (A,) by how fast it usually is."""
    kmh = graph.dm / 10 / (graph.ms / MS_PER_S) * 3.6
    return np.digitize(kmh, CLASS_KMH).astype(np.int64)


def _shrunk(log: Floats, group: Ints, expected: Floats, k: float) -> Floats:
    """Return for each group (G,) ``n / (n + k)`` of its average and the rest of what is expected (G,)."""
    n = np.bincount(group, minlength=expected.size)
    total = np.bincount(group, weights=log, minlength=expected.size)
    found: Floats = (total + k * expected) / (n + k)
    return found


def _brought_near(log: Floats, group: Ints, groups: int) -> Floats:
    """Return values (O,) no farther from the median of their group than ``FAR`` standard deviations."""
    middle = _medians(log, group, groups)
    spread = _medians(np.abs(log - middle[group]), group, groups) * NORMAL_MAD
    most = FAR * np.maximum(spread, 0.05)[group]
    return np.clip(log, middle[group] - most, middle[group] + most)


def _medians(values: Floats, group: Ints, groups: int) -> Floats:
    """Return the median of each group (G,), 0 of those that are empty."""
    order = np.lexsort((values, group))
    first = np.searchsorted(group[order], np.arange(groups + 1))
    size = np.diff(first)
    found = np.zeros(groups)
    some = np.flatnonzero(size)
    low, high = first[some] + (size[some] - 1) // 2, first[some] + size[some] // 2
    found[some] = (values[order][low] + values[order][high]) / 2
    return found


def _credibility(log: Floats, group: Ints, groups: int) -> float:
    """Return the variance within groups over that between them, by the method of moments, within bounds."""
    n = np.bincount(group, minlength=groups)
    some = np.flatnonzero(n)
    more = int((n[some] - 1).sum())
    if some.size < 2 or more < 1:
        return MOST_K if some.size < 1 else np.sqrt(LEAST_K * MOST_K)
    mean = np.bincount(group, weights=log, minlength=groups)[some] / n[some]
    square = np.bincount(group, weights=log**2, minlength=groups)[some]
    within = max(0.0, float((square - n[some] * mean**2).sum())) / more
    total = int(n.sum())
    grand = float(log.mean())
    around = float((n[some] * (mean - grand) ** 2).sum()) - (some.size - 1) * within
    weight = total - float((n[some] ** 2).sum()) / total
    between = max(0.0, around / weight) if weight > 0 else 0.0
    return float(np.clip(within / between, LEAST_K, MOST_K)) if between > 0 else MOST_K
