"""Which sites reach which places in time, without a table of all pairs."""

from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
from scipy.spatial import cKDTree

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.foundation.units import METRES_PER_KM, SECONDS_PER_HOUR
from doorstep.geography import TravelTimes, nearest_places
from doorstep.geography.distance import EARTH_RADIUS_M
from doorstep.geography.nearest import unit_vectors
from doorstep.geography.travel_times import BoundedTimes
from doorstep.network.catchments.problem import CatchmentProblem

CANDIDATES = 24
"""Sites looked at for each place where nothing is known about how far a time can lead."""
MOST_PAIRS = 40_000_000
"""Pairs of place and site that are looked at, at most."""
BLOCK = 1_000_000
"""Pairs whose times are asked for at once."""
LONGEST_S = 10**10
"""A reach beyond this leads round the earth at any speed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """The K pairs of a place with demand and a site that reaches it in time, by place, nearest site first.

    Parameters
    ----------
    start : (D + 1,)
        Where the pairs of each place begin.
    place, site, seconds : (K,)
    candidates
        How many sites nearest as the crow flies were looked at for each place; 0 if all that can be within reach.
    cut : (C,)
        Places for which sites farther off were not looked at, though they may be within reach.
    """

    start: Ints
    place: Ints
    site: Ints
    seconds: Ints
    candidates: int
    cut: Ints

    def only(self, kept: Bools) -> "Pairs":
        """Return some of the pairs (K,)."""
        left = np.concatenate([[0], np.cumsum(kept)])
        return replace(
            self, start=left[self.start], place=self.place[kept], site=self.site[kept], seconds=self.seconds[kept]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaps:
    """The places with demand that no site reaches in time.

    Parameters
    ----------
    place, weight : (N,)
    site : (N,)
        The site that misses the place by least, of the ``candidates`` (by default 24) nearest as the crow flies.
    short_s : (N,)
        By how much [s].
    """

    place: Ints
    weight: Ints
    site: Ints
    short_s: Ints


def pairs_within_reach(
    problem: CatchmentProblem, times: TravelTimes, *, candidates: int | None, fastest_kmh: float | None
) -> Pairs:
    """Return the pairs within reach.

    Sites are looked for within the straight line that the reach can at most lead to: what the times themselves know
    (``BoundedTimes``: estimates and streets), or ``fastest_kmh`` times the reach. If it is unknown, or ``candidates``
    is given, only so many nearest sites are looked at for each place.

    Raises
    ------
    InputError
        If ``candidates`` or ``fastest_kmh`` is not positive, there are more than ``MOST_PAIRS`` pairs, or a time is
        negative.
    """
    faults = [
        f"{name} {value} must be positive."
        for name, value in (("candidates", candidates), ("fastest_kmh", fastest_kmh))
        if value is not None and not value > 0
    ]
    if faults:
        raise InputError(" ".join(faults))
    radius = _farthest_m(problem.reach_s, times, fastest_kmh)
    if candidates is None and not np.isfinite(radius).all():
        candidates = CANDIDATES
    busy = np.flatnonzero(problem.weight)
    cut = np.empty(0, np.int64)
    if not busy.size:
        place, site = cut, cut
    elif candidates is None:
        place, site = _all_within(problem, busy, radius)
    else:
        place, site, cut = _nearest_within(problem, busy, radius, candidates)
    seconds = seconds_of(problem, times, site, place)
    inside = seconds <= problem.reach_s[site]
    place, site, seconds = place[inside], site[inside], seconds[inside]
    order = np.argsort(place * (int(seconds.max(initial=0)) + 1) + seconds, kind="stable")
    start = np.concatenate([[0], np.cumsum(np.bincount(place, minlength=len(problem.demand)))])
    return Pairs(
        start=start.astype(np.int64),
        place=place[order],
        site=site[order],
        seconds=seconds[order],
        candidates=candidates or 0,
        cut=cut,
    )


def gaps_of(problem: CatchmentProblem, times: TravelTimes, near: Pairs) -> Gaps:
    """Return the places with demand that have no pair."""
    place = np.flatnonzero((np.diff(near.start) == 0) & (problem.weight > 0))
    if not place.size:
        return Gaps(place=place, weight=place, site=place, short_s=place)
    site = nearest_places(problem.demand.take(place), problem.sites, count=near.candidates or CANDIDATES)
    width = site.shape[1]
    seconds = seconds_of(problem, times, site.ravel(), np.repeat(place, width)).reshape(site.shape)
    short = seconds - problem.reach_s[site]
    least = short.argmin(axis=1)
    rows = np.arange(place.size)
    return Gaps(place=place, weight=problem.weight[place], site=site[rows, least], short_s=short[rows, least])


def seconds_of(problem: CatchmentProblem, times: TravelTimes, site: Ints, place: Ints) -> Ints:
    """Return the driving time from each site to the place of the same row (N,).

    Raises
    ------
    InputError
        If a time is negative.
    """
    seconds = np.empty(site.size, np.int64)
    for first in range(0, site.size, BLOCK):
        rows = slice(first, first + BLOCK)
        _, seconds[rows] = times.between(problem.sites.take(site[rows]), problem.demand.take(place[rows]))
    if seconds.size and seconds.min() < 0:
        row = int(seconds.argmin())
        raise InputError(f"the time from site {site[row]} to place {place[row]} is {seconds[row]} s, below zero.")
    return seconds


def _farthest_m(reach_s: Ints, times: TravelTimes, fastest_kmh: float | None) -> Floats:
    """Return the longest straight line that each reach can lead to; infinite where nothing is known."""
    reach = np.minimum(reach_s, LONGEST_S)
    if fastest_kmh is None and isinstance(times, BoundedTimes):
        return times.farthest_m(reach)
    if fastest_kmh is None:
        return np.full(reach.shape, np.inf)
    # whole seconds may be rounded down
    most: Floats = (reach + 1.0) * (fastest_kmh * METRES_PER_KM / SECONDS_PER_HOUR)
    return most


def _chord(straight_m: Floats) -> Floats:
    """Return distances through the earth, its radius as unit, a little longer than exact."""
    chord: Floats = 2.0 * np.sin(np.minimum(straight_m / (2.0 * EARTH_RADIUS_M), np.pi / 2)) * (1 + 1e-9) + 1e-9
    return chord


def _all_within(problem: CatchmentProblem, busy: Ints, radius_m: Floats) -> tuple[Ints, Ints]:
    tree = cKDTree(unit_vectors(problem.demand.take(busy)))
    vectors, chord = unit_vectors(problem.sites), _chord(radius_m)
    count = np.asarray(tree.query_ball_point(vectors, chord, return_length=True), np.int64)
    total = int(count.sum())
    if total > MOST_PAIRS:
        raise InputError(
            f"{total} pairs of place and site may be within reach, at most {MOST_PAIRS} are looked at.",
            hint="Maybe give candidates, or a shorter reach.",
        )
    place, done = np.empty(total, np.int64), 0
    for first in range(0, count.size, 256):
        rows = slice(first, first + 256)
        size = int(count[rows].sum())
        found = chain.from_iterable(tree.query_ball_point(vectors[rows], chord[rows]))
        place[done : done + size] = np.fromiter(found, np.int64, size)
        done += size
    return busy[place], np.repeat(np.arange(count.size), count)


def _nearest_within(
    problem: CatchmentProblem, busy: Ints, radius_m: Floats, candidates: int
) -> tuple[Ints, Ints, Ints]:
    width = min(candidates, len(problem.sites))
    if busy.size * width > MOST_PAIRS:
        raise InputError(f"{busy.size} places x {width} candidates are more than {MOST_PAIRS} pairs.")
    tree, chord = cKDTree(unit_vectors(problem.sites)), _chord(radius_m)
    apart, rows = tree.query(unit_vectors(problem.demand.take(busy)), k=width)
    away = np.asarray(apart, np.float64).reshape(busy.size, width)
    site = np.asarray(rows, np.int64).reshape(busy.size, width)
    more = (away[:, -1] <= chord.max()) & (width < len(problem.sites))
    order = np.argsort(site, axis=1)
    away, site = np.take_along_axis(away, order, axis=1), np.take_along_axis(site, order, axis=1)
    inside = away <= chord[site]
    return np.repeat(busy, width)[inside.ravel()], site[inside], busy[more]
