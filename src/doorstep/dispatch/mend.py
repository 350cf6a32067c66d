"""Making a running plan right within limits, although not every promise can be kept any more.

``repair`` keeps windows or leaves stops out. Here every stop has three chances, one after another: to be served some
time before its window ends, so that the next delay does not break the promise; within its window; and late, at a price
that grows with every minute. A stop that finds no place takes its next chance, all others keep theirs.

On a route where somebody is late nobody is early: there the first chance is dropped, so that who is late is it by less.
Where keeping promises moves more stops than allowed, the first chance is dropped for all; where that is not enough,
those who will be late as things stand may be late, and stay where they are. Only then does the engine search, with what
is left of the limit.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from doorstep.dispatch.lateness import late_stops, later, latest_of
from doorstep.foundation import Iterations, Stop
from doorstep.foundation.arrays import Ints
from doorstep.vehicle_routing.changes import Budget
from doorstep.vehicle_routing.problem import LAST, RoutingProblem
from doorstep.vehicle_routing.repair import GENTLE, Memory, Repair, repair
from doorstep.vehicle_routing.running import RunningPlan
from doorstep.vehicle_routing.solver import Solver

EARLY, IN_TIME, LATE = range(3)
"""The chances of a stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a mend may change: ``moved`` stops, each known time by ``shift_s``.

    Stops are planned ``margin_s`` before their windows end where that is possible; an hour of lateness counts
    ``late_per_hour_minor``; vehicles may be out ``overtime_s`` longer than planned.
    """

    moved: int
    shift_s: int = 1_800
    margin_s: int = 600
    late_per_hour_minor: int = 20_000
    overtime_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """The plan made right, and the stops that will be late in it, with by how much [s].

    ``repair.problem``, of which the plan is, has other windows than were asked for: those of the stops' last chance.
    """

    repair: Repair
    late: dict[int, int]


def mend(running: RunningPlan, limits: Limits, stop: Stop, *, seed: int, solver: Solver = GENTLE) -> Mended:
    """Return the running plan made right: who must be served is served, in time where the limits allow it.

    Raises
    ------
    InputError
        As ``repair``.
    """
    stop.spent()  # its clock begins here
    running = _with_overtime(running, limits.overtime_s)
    kept = (*((chance, ()) for chance in (EARLY, IN_TIME) if limits.moved), (IN_TIME, late_stops(running)))
    for first, late in kept:
        chance = _chances(running, first, late)
        found = _placed(running, limits, chance, seed)
        if len(found.moved) <= limits.moved:
            break
    asked = replace(running, problem=_with_chances(running, limits, _eased(found, chance)))
    budget = Budget(moved=max(0, limits.moved - len(found.moved)), shift_s=limits.shift_s)
    better = repair(asked, budget, stop, seed=seed, solver=solver) if not stop() else found
    return Mended(repair=better, late=_late_in(running, better))


def _placed(running: RunningPlan, limits: Limits, chance: Ints, seed: int) -> Repair:
    """Return the plan with a place for all, without an engine; stops that need it are given their next chances."""
    budget = Budget(moved=limits.moved, shift_s=limits.shift_s)
    memory: Memory = {}
    while True:
        asked = replace(running, problem=_with_chances(running, limits, chance))
        found = repair(asked, budget, Iterations(limit=0), seed=seed, memory=memory)
        left = [stop for stop in found.left_out if chance[stop] < LATE]
        if not left:
            return found
        chance[left] += 1


def _eased(found: Repair, chance: Ints) -> Ints:
    """Return the chances in which nobody is early on a route where somebody is late: the late ones come before that."""
    eased = chance.copy()
    for route in found.plan.routes:
        stops = list(route.stops)
        if (chance[stops] == LATE).any():
            eased[stops] = np.maximum(chance[stops], IN_TIME)
    return eased


def _chances(running: RunningPlan, first: int, late: Iterable[int]) -> Ints:
    """Return the first chance of each stop: the last one for those named, and where the window is over anyhow."""
    chance = np.full(len(running.problem.stops), first, dtype=np.int64)
    chance[list(late)] = LATE
    begins = np.maximum(running.problem.stops.release_at, running.now)
    chance[latest_of(running.problem) < begins] = LATE
    return chance


def _with_chances(running: RunningPlan, limits: Limits, chance: Ints) -> RoutingProblem:
    """Return the problem in which the windows of open stops end as their chances say."""
    problem, stops = running.problem, running.problem.stops
    open_ = np.ones(len(stops), dtype=np.bool_)
    open_[[*running.settled_stops, *problem.windows.stop.tolist()]] = False
    early, late = open_ & (chance == EARLY), open_ & (chance == LATE)
    end_at = np.where(early, np.maximum(stops.start_at, stops.end_at - limits.margin_s), stops.end_at)
    end_at = np.where(late, later(stops.end_at), end_at)
    rate = np.where(late, np.maximum(stops.late_per_hour_minor, limits.late_per_hour_minor), stops.late_per_hour_minor)
    due_at = np.where(late, np.minimum(stops.due_at, stops.end_at), stops.due_at)
    return replace(problem, stops=replace(stops, end_at=end_at, late_per_hour_minor=rate, due_at=due_at))


def _with_overtime(running: RunningPlan, overtime_s: int) -> RunningPlan:
    problem = running.problem
    kinds, depots = problem.vehicles, problem.depots
    longer = replace(
        kinds,
        shift_end_at=later(kinds.shift_end_at, overtime_s),
        max_duration_s=np.minimum(kinds.max_duration_s + overtime_s, LAST),
    )
    open_ = replace(depots, close_at=later(depots.close_at, overtime_s))
    return replace(running, problem=replace(problem, vehicles=longer, depots=open_))


def _late_in(running: RunningPlan, found: Repair) -> dict[int, int]:
    """Return who is served after the end of the last window asked for, by how much [s]; settled ones are not asked."""
    settled, end_at = running.settled_stops, running.problem.stops.end_at
    return {
        stop: at - int(end_at[stop])
        for route in found.plan.routes
        for trip, times in zip(route.trips, route.service_at, strict=True)
        for stop, at in zip(trip, times, strict=True)
        if stop not in settled and at > end_at[stop] and stop not in running.problem.windows.stop
    }
