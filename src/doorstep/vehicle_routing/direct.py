"""Whether a vehicle could bring one stop alone, and all that would have to change if not."""

from dataclasses import dataclass

import numpy as np

from doorstep.foundation.arrays import Bools, Ints
from doorstep.vehicle_routing.fixes import Change, Fix
from doorstep.vehicle_routing.positions import NO_WAY, windows_of
from doorstep.vehicle_routing.problem import RoutingProblem
from doorstep.vehicle_routing.roads import UNREACHABLE

NEVER = -NO_WAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Direct:
    """Direct trips of one type of vehicle to M stops, all arrays (M,) but ``over`` (M, K) in K dimensions.

    ``road`` says whether there is one both ways, ``skills`` are the bits missing, ``over`` is load beyond the capacity.
    Beyond range and longest duration are ``range_m`` and ``duration_s``. What has to change of the clock is told by
    ``release_s`` (ready earlier), ``window_s`` (close later) and ``shift_s`` (home later). 0 where nothing has to.
    """

    vehicle: int
    road: Bools
    skills: Ints
    over: Ints
    range_m: Ints
    duration_s: Ints
    release_s: Ints
    window_s: Ints
    shift_s: Ints

    def fixes(self, m: int) -> tuple[Fix, ...]:
        """Return all that must change for stop m to be brought, in the order in which it is looked at."""
        v = self.vehicle
        needs = [(Change.SKILL, self.skills, v), (Change.RANGE, self.range_m, v), (Change.DURATION, self.duration_s, v)]
        needs += [(Change.RELEASE_EARLIER, self.release_s, -1), (Change.WINDOW_LATER, self.window_s, -1)]
        needs += [(Change.SHIFT, self.shift_s, v)]
        found = [Fix(change=change, amount=int(by[m]), vehicle=of) for change, by, of in needs if by[m]]
        loads = [
            Fix(change=Change.CAPACITY, amount=int(self.over[m, k]), vehicle=v, dimension=k)
            for k in np.flatnonzero(self.over[m]).tolist()
        ]
        skill = found[:1] if found and found[0].change == Change.SKILL else []
        return *skill, *loads, *found[len(skill) :]


def direct_trips(problem: RoutingProblem, vehicle: int, stops: Ints) -> Direct:
    """Return what stands against direct trips of a type of vehicle to M stops, each alone on an empty vehicle.

    Exact but for rests and for traffic, which is taken at its fastest: then a little more may have to change.
    """
    kinds, depots, s = problem.vehicles, problem.depots, problem.stops
    v, start, end = vehicle, int(kinds.start[vehicle]), int(kinds.end[vehicle])
    place = len(depots) + stops
    out_m, out_s = problem.roads.along(int(kinds.profile[v]), np.full(stops.size, start), place)
    in_m, in_s = problem.roads.along(int(kinds.profile[v]), place, np.full(stops.size, end))
    road = np.maximum.reduce([out_m, out_s, in_m, in_s]) < UNREACHABLE
    if len(problem.traffic):
        percent = min(100, int(problem.traffic.percent[kinds.profile[v]].min()))
        out_s, in_s = out_s * percent // 100, in_s * percent // 100
    loading, approach, service = int(depots.loading_s[start]), s.approach_s[stops], s.service_s[stops]
    back_by = int(min(kinds.shift_end_at[v], depots.close_at[end]))
    opens = max(int(kinds.shift_start_at[v]), int(depots.open_at[start]))
    way = loading + out_s + approach
    latest = _latest_begin(problem, stops, back_by - in_s - service)
    latest = np.minimum(latest, int(depots.close_at[start]) + way)
    arrive = np.maximum(opens, s.release_at[stops]) + way
    late = arrive > latest
    by_release = late & (opens + way <= latest)
    begin, closed_s = earliest_begin(problem, stops, arrive)
    home_s = np.maximum(0, begin + service + in_s - back_by)
    other = late & ~by_release
    return Direct(
        vehicle=v,
        road=road,
        skills=s.requirements[stops] & ~kinds.skills[v],
        over=np.maximum(0, np.maximum(s.load[stops], s.pickup[stops]) - kinds.capacity[v]),
        range_m=np.maximum(0, out_m + in_m - kinds.max_distance_m[v]),
        duration_s=np.maximum(0, way + service + in_s - kinds.max_duration_s[v]),
        release_s=np.where(by_release, arrive - latest, np.where(other, _too_late(problem, stops, v), 0)),
        window_s=np.where(other, closed_s, 0),
        shift_s=np.where(other, home_s, 0),
    )


def _too_late(problem: RoutingProblem, stops: Ints, vehicle: int) -> Ints:
    """Return how long after the closing of its depot a stop's parcels are ready."""
    closes = int(problem.depots.close_at[problem.vehicles.start[vehicle]])
    late: Ints = np.maximum(0, problem.stops.release_at[stops] - closes)
    return late


def _latest_begin(problem: RoutingProblem, stops: Ints, by: Ints) -> Ints:
    """Return the last moment up to ``by`` (M,) within a window of each stop, ``NEVER`` if all open later."""
    latest = np.where(problem.stops.start_at[stops] <= by, np.minimum(by, problem.stops.end_at[stops]), NEVER)
    for m in np.flatnonzero(np.isin(stops, problem.windows.stop)).tolist():
        for opens, closes in windows_of(problem, int(stops[m])):
            if opens <= by[m]:
                latest[m] = max(int(latest[m]), min(int(by[m]), closes))
    return latest


def earliest_begin(problem: RoutingProblem, stops: Ints, arrive: Ints) -> tuple[Ints, Ints]:
    """Return when service begins after arrivals (M,), and how much later windows must close for it."""
    opens, closes = problem.stops.start_at[stops], problem.stops.end_at[stops]
    begin, closed = np.maximum(arrive, opens), np.maximum(0, arrive - closes)
    for m in np.flatnonzero(np.isin(stops, problem.windows.stop)).tolist():
        windows = windows_of(problem, int(stops[m]))
        last = max(close for _, close in windows)
        in_time = [max(int(arrive[m]), open_) for open_, close in windows if arrive[m] <= close]
        begin[m], closed[m] = min(in_time, default=int(arrive[m])), max(0, int(arrive[m]) - last)
    return begin, closed
