"""Changes of a problem that make room for one stop: what, by how much, and the problem after them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.vehicle_routing.problem import LAST, RoutingProblem

DAY_S = 8 * 3600
"""A working day, by which changes of different kinds are compared [s]."""


class Change(StrEnum):
    """What is changed: the stop's own terms, or a type of vehicle."""

    WINDOW_LATER = "window_later"
    WINDOW_EARLIER = "window_earlier"
    RELEASE_EARLIER = "release_earlier"
    PRIZE = "prize"
    VEHICLE = "vehicle"
    SKILL = "skill"
    CAPACITY = "capacity"
    SHIFT = "shift"
    DURATION = "duration"
    RANGE = "range"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """One change by ``amount`` [s, m, minor, vehicles, or units of ``dimension``; for a skill its bits].

    ``vehicle`` is the type that is changed, -1 for the stop's own terms. All windows of a stop close later, or open
    earlier, together; a longer shift keeps the depot open as long.
    """

    change: Change
    amount: int
    vehicle: int = -1
    dimension: int = 0

    @property
    def words(self) -> str:
        """What to do, as a clause."""
        kind = f"vehicle type {self.vehicle}"
        return {
            Change.WINDOW_LATER: f"let its window close {self.amount} s later",
            Change.WINDOW_EARLIER: f"let its window open {self.amount} s earlier",
            Change.RELEASE_EARLIER: f"have its parcels ready {self.amount} s earlier",
            Change.PRIZE: f"raise its prize by {self.amount}",
            Change.VEHICLE: f"add {self.amount} more of {kind}",
            Change.SKILL: f"give {kind} the skills {self.amount:#b}",
            Change.CAPACITY: f"let {kind} carry {self.amount} more of dimension {self.dimension}",
            Change.SHIFT: f"let the shift of {kind} end {self.amount} s later",
            Change.DURATION: f"let a route of {kind} last {self.amount} s longer",
            Change.RANGE: f"let {kind} drive {self.amount} m farther",
        }[self.change]

    def weight(self, problem: RoutingProblem) -> float:
        """Return how large the change is, as seconds of a working day: a share of what there is, a vehicle a day."""
        kinds, v = problem.vehicles, self.vehicle
        if self.change == Change.CAPACITY:
            return DAY_S * self.amount / max(1, int(kinds.capacity[v, self.dimension]))
        if self.change == Change.RANGE:
            return DAY_S * self.amount / max(1, int(kinds.max_distance_m[v]))
        if self.change in (Change.VEHICLE, Change.SKILL):
            return float(DAY_S)
        return float(self.amount)


def apply_fixes(problem: RoutingProblem, stop: int, fixes: Iterable[Fix]) -> RoutingProblem:
    """Return the problem after some changes for the sake of a stop."""
    for fix in fixes:
        problem = _of_stop(problem, stop, fix) if fix.vehicle < 0 else _of_vehicle(problem, fix)
    return problem


def _of_stop(problem: RoutingProblem, stop: int, fix: Fix) -> RoutingProblem:
    stops, windows = problem.stops, problem.windows
    here = windows.stop == stop
    if fix.change == Change.WINDOW_LATER:
        stops = replace(stops, end_at=_more(stops.end_at, stop, fix.amount))
        windows = replace(windows, end_at=windows.end_at + fix.amount * here)
    elif fix.change == Change.WINDOW_EARLIER:
        stops = replace(stops, start_at=_more(stops.start_at, stop, -fix.amount))
        windows = replace(windows, start_at=windows.start_at - fix.amount * here)
    elif fix.change == Change.RELEASE_EARLIER:
        stops = replace(stops, release_at=_more(stops.release_at, stop, -fix.amount))
    else:
        stops = replace(stops, prize_minor=_more(stops.prize_minor, stop, fix.amount))
    return replace(problem, stops=stops, windows=windows)


def _of_vehicle(problem: RoutingProblem, fix: Fix) -> RoutingProblem:
    kinds, depots, v = problem.vehicles, problem.depots, fix.vehicle
    if fix.change == Change.SHIFT:
        end = int(kinds.end[v])
        latest = int(kinds.shift_start_at.min()) + LAST
        until = min(latest, int(min(kinds.shift_end_at[v], depots.close_at[end])) + fix.amount)
        kinds = replace(kinds, shift_end_at=_at_least(kinds.shift_end_at, v, until))
        return replace(problem, vehicles=kinds, depots=replace(depots, close_at=_at_least(depots.close_at, end, until)))
    if fix.change == Change.CAPACITY:
        capacity = kinds.capacity.copy()
        capacity[v, fix.dimension] += fix.amount
        return replace(problem, vehicles=replace(kinds, capacity=capacity))
    if fix.change == Change.SKILL:
        skills = kinds.skills.copy()
        skills[v] |= fix.amount
        return replace(problem, vehicles=replace(kinds, skills=skills))
    name = {Change.VEHICLE: "count", Change.DURATION: "max_duration_s", Change.RANGE: "max_distance_m"}[fix.change]
    column: Ints = getattr(kinds, name)
    return replace(problem, vehicles=replace(kinds, **{name: _more(column, v, fix.amount)}))


def _more(column: Ints, row: int, amount: int) -> Ints:
    changed = column.copy()
    changed[row] += amount
    return changed


def _at_least(column: Ints, row: int, value: int) -> Ints:
    changed = column.copy()
    changed[row] = max(int(changed[row]), value)
    return np.asarray(changed)
