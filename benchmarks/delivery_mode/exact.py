"""The optimum of small problems: every set of stops that a vehicle can bring on one trip, then the best choice of sets.

Nothing here is shared with an engine. A path through a set of stops is known by four numbers: its metres, and when it
is over if it begins at t: max(``early``, t + ``lasts``) for t <= ``latest``. Of two paths through the same stops to the
same last one, that is kept which is no worse in all four.
"""

from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from math import floor
from typing import NamedTuple

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array

from doorstep.foundation.arrays import Ints
from doorstep.vehicle_routing import RoutingProblem

LONG_AGO = -(1 << 40)
ENUMERATED = 13
"""Stops up to which all ways to share them out are tried; beyond, an integer programme over all sets proves it."""


class Path(NamedTuple):
    """A path to the end of service at its last stop, by what it may cost and when it may be driven."""

    metres: int
    early: int
    lasts: int
    latest: int

    def beats(self, other: "Path") -> bool:
        """Return whether it is no worse in anything."""
        return (
            self.metres <= other.metres
            and self.early <= other.early
            and self.lasts <= other.lasts
            and self.latest >= other.latest
        )


class Sets(NamedTuple):
    """S sets of stops as bits (S,) and what each type of vehicle asks for them (S, V) [minor], infinite if never."""

    stops: Ints
    cost: "np.ndarray[tuple[int, int], np.dtype[np.float64]]"


def least_cost(problem: RoutingProblem, price_minor: Ints) -> int:
    """Return the least that routes and the prices (N,) of stops outside can cost together [minor].

    The problem has one depot, one window a stop, no reloads, and costs by distance, time and vehicle alone.
    """
    sets = _sets(problem)
    count = problem.vehicles.count.tolist()
    best = _by_subsets if price_minor.size <= ENUMERATED else _by_programme
    return best(sets, count, price_minor.tolist())


def _by_subsets(sets: Sets, count: list[int], price: list[int]) -> int:
    """Return the least cost by the least cost of routes through every subset, vehicle after vehicle."""
    everything = np.arange(1 << len(price))
    outside = sum(np.where(everything >> n & 1, 0, price[n]) for n in range(len(price)))
    least = np.full(everything.size, np.inf)
    least[0] = 0.0
    for kind, vehicles in enumerate(count):
        for _ in range(vehicles):
            before = least.copy()
            for stops, cost in zip(sets.stops.tolist(), sets.cost[:, kind].tolist(), strict=True):
                if cost < np.inf:
                    apart = everything[(everything & stops) == 0]
                    least[apart | stops] = np.minimum(least[apart | stops], before[apart] + cost)
    return round(float((least + outside).min()))


def _by_programme(sets: Sets, count: list[int], price: list[int]) -> int:
    """Return the least cost by choosing among all sets that cost less than their stops do outside."""
    member = (sets.stops[:, None] >> np.arange(len(price))) & 1
    gain = (member @ np.array(price))[:, None] - sets.cost
    rows, kinds = np.nonzero(gain > 0)
    if not rows.size:
        return sum(price)
    fleet = (kinds[:, None] == np.arange(len(count))).astype(np.int64)
    table, gains = csr_array(np.column_stack([member[rows], fleet])), gain[rows, kinds]
    most = np.array([1] * len(price) + count)
    relaxed = linprog(-gains, A_ub=table.T, b_ub=most)
    bound, spare = -relaxed.fun, relaxed.ineqlin.marginals @ table.T * -1.0 - gains  # what taking a set would lose
    within = 1.0
    while True:  # no set that loses more than the integer optimum does against the bound is part of it
        near = spare <= within + 1e-6
        found = milp(
            -gains[near],
            constraints=LinearConstraint(table[near].T, ub=most),
            integrality=np.ones(int(near.sum())),
            bounds=Bounds(0, 1),
            options={"mip_rel_gap": 0.0},
        )
        if bound + found.fun <= within or near.all():
            return sum(price) + round(float(found.fun))
        within = max(2.0 * within, 1.0)


def _sets(problem: RoutingProblem) -> Sets:
    count, fits = len(problem.stops), cache(lambda done: _fits(problem, done))
    seconds, metres = (table.tolist() for table in problem.roads.block(0, np.arange(count + 1))[::-1])
    layer = {0: {-1: [Path(0, LONG_AGO, int(problem.depots.loading_s[0]), int(problem.depots.close_at[0]))]}}
    stops, costs = [], []
    while layer:
        following: dict[int, dict[int, list[Path]]] = {}
        for done, by_last in layer.items():
            for stop in range(count):
                if not done >> stop & 1 and fits(done | 1 << stop):
                    for last, paths in by_last.items():
                        for path in paths:
                            _add(problem, following, done | 1 << stop, stop, path,
                                 metres[last + 1][stop + 1], seconds[last + 1][stop + 1])  # fmt: skip
        for done, by_last in following.items():
            home = [
                Path(
                    p.metres + metres[last + 1][0],
                    p.early + seconds[last + 1][0],
                    p.lasts + seconds[last + 1][0],
                    p.latest,
                )
                for last, paths in by_last.items()
                for p in paths
            ]
            stops.append(done)
            costs.append([_cost(problem, kind, done, home) for kind in range(len(problem.vehicles))])
        layer = following
    return Sets(np.array(stops, dtype=np.int64), np.array(costs).reshape(-1, len(problem.vehicles)))


def _members(done: int) -> Iterator[int]:
    while done:
        yield (done & -done).bit_length() - 1
        done &= done - 1


def _fits(problem: RoutingProblem, done: int) -> bool:
    """Return whether some vehicle may carry a set of stops."""
    return any(_may(problem, kind, done) for kind in range(len(problem.vehicles)))


def _may(problem: RoutingProblem, kind: int, done: int) -> bool:
    rows = list(_members(done))
    load = problem.stops.load[rows].sum(axis=0)
    needs = int(np.bitwise_or.reduce(problem.stops.requirements[rows]))
    skills = int(problem.vehicles.skills[kind])
    return bool((load <= problem.vehicles.capacity[kind]).all()) and not needs & ~skills


def _add(
    problem: RoutingProblem,
    layer: dict[int, dict[int, list[Path]]],
    done: int,
    stop: int,
    path: Path,
    metres: int,
    seconds: int,
) -> None:
    """Add a path that goes on to a stop, unless another one is as good."""
    opens, closes, stay = (int(getattr(problem.stops, c)[stop]) for c in ("start_at", "end_at", "service_s"))
    if path.early + seconds > closes:
        return
    new = Path(
        path.metres + metres,
        max(path.early + seconds, opens) + stay,
        path.lasts + seconds + stay,
        min(path.latest, closes - path.lasts - seconds),
    )
    known = layer.setdefault(done, {}).setdefault(stop, [])
    if not any(other.beats(new) for other in known):
        known[:] = [other for other in known if not new.beats(other)] + [new]


def _cost(problem: RoutingProblem, kind: int, done: int, home: list[Path]) -> float:
    """Return what a vehicle of a type asks for a set of stops at least, by its paths home; infinite if it cannot."""
    if not _may(problem, kind, done):
        return float("inf")
    v, depots = problem.vehicles, problem.depots
    ready = max(int(v.shift_start_at[kind]), int(depots.open_at[0]),
                int(problem.stops.release_at[list(_members(done))].max()))  # fmt: skip
    back_by = min(int(v.shift_end_at[kind]), int(depots.close_at[0]))
    costs = []
    for path in home:
        back = max(path.early, ready + path.lasts)
        worked = back - min(path.latest, back - path.lasts)
        if (
            ready <= path.latest
            and back <= back_by
            and worked <= v.max_duration_s[kind]
            and path.metres <= v.max_distance_m[kind]
        ):
            distance = Fraction(path.metres * int(v.per_km_minor[kind]), 1000)
            hours = Fraction(worked * int(v.per_hour_minor[kind]), 3600)
            costs.append(int(v.fixed_minor[kind]) + _half_up(distance) + _half_up(hours))
    return float(min(costs, default=float("inf")))


def _half_up(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))
