"""A few routes of a plan as a problem of their own, while all others stay as they are."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.vehicle_routing.plan import RoutePlan, VehicleRoute
from doorstep.vehicle_routing.problem import MoreWindows, Pairs, RoutingProblem, Stops
from doorstep.vehicle_routing.roads import picked


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """Routes ``numbers`` of ``whole`` and some stops in none; stop n of ``problem`` is the whole's ``stop[n]`` (N,)."""

    problem: RoutingProblem
    whole: RoutePlan
    numbers: frozenset[int]
    stop: Ints

    @property
    def start(self) -> RoutePlan:
        """The routes as they are."""
        number = {int(stop): n for n, stop in enumerate(self.stop)}
        return RoutePlan(routes=tuple(_named(self.whole.routes[n], number) for n in sorted(self.numbers)))

    def join(self, plan: RoutePlan) -> RoutePlan:
        """Return the whole with other routes in their place."""
        name = dict(enumerate(self.stop.tolist()))
        others = (route for n, route in enumerate(self.whole.routes) if n not in self.numbers)
        return RoutePlan(routes=(*others, *(_named(route, name) for route in plan.routes)))


def patch_of(problem: RoutingProblem, plan: RoutePlan, numbers: Sequence[int], more: Sequence[int]) -> Patch:
    """Return some routes of a plan, with stops in none that may join them, and the vehicles that are at home."""
    stops, chosen = problem.stops, frozenset(numbers)
    others = [route for n, route in enumerate(plan.routes) if n not in chosen]
    taken = np.unique(stops.group[[stop for route in others for stop in route.stops]])
    free = [stop for stop in more if stops.group[stop] < 0 or stops.group[stop] not in taken]
    rows = np.array(sorted({*free, *(s for n in chosen for s in plan.routes[n].stops)}), dtype=np.int64)
    number = np.full(len(stops), -1, dtype=np.int64)
    number[rows] = np.arange(rows.size)
    out = Counter(route.vehicle for route in others)
    left = problem.vehicles.count - np.array([out[kind] for kind in range(len(problem.vehicles))], dtype=np.int64)
    sites, windows, pairs = len(problem.depots), problem.windows, problem.pairs
    within = number[windows.stop] >= 0
    both = (number[pairs.pickup] >= 0) & (number[pairs.delivery] >= 0)
    part = RoutingProblem(
        stops=Stops(**{f.name: getattr(stops, f.name)[rows] for f in fields(Stops)}),
        vehicles=replace(problem.vehicles, count=left),
        depots=problem.depots,
        roads=picked(problem.roads, np.concatenate([np.arange(sites), sites + rows])),
        windows=MoreWindows(
            stop=number[windows.stop[within]], start_at=windows.start_at[within], end_at=windows.end_at[within]
        ),
        pairs=Pairs(
            pickup=number[pairs.pickup[both]],
            delivery=number[pairs.delivery[both]],
            load=pairs.load[both],
            max_ride_s=pairs.max_ride_s[both],
        ),
        breaks=problem.breaks,
        traffic=problem.traffic,
    )
    return Patch(problem=part, whole=plan, numbers=chosen, stop=rows)


def _named(route: VehicleRoute, name: dict[int, int]) -> VehicleRoute:
    return replace(route, trips=tuple(tuple(name[stop] for stop in trip) for trip in route.trips))
