"""Small problems with plans of some of their stops, and every position of another stop."""

from collections.abc import Iterator

from hypothesis import strategies as st

from doorstep.vehicle_routing import RoutePlan, RoutingProblem, VehicleRoute, schedule_route
from tests.vehicle_routing.small_routes import Depot, Rest, Stop, Van, feasible, routing

END = 4_000


def by_force(problem: RoutingProblem, plan: RoutePlan, stop: int) -> int | None:
    """Return what a stop costs at the best of all positions, None if none is feasible."""
    costs = []
    for number, route in enumerate(plan.routes):
        for trips in inserted(route, stop):
            if (new := kept(problem, route.vehicle, trips)) is not None:
                costs.append(new.cost_minor(problem) - plan.routes[number].cost_minor(problem))
    for kind, count in enumerate(problem.vehicles.count.tolist()):
        if sum(route.vehicle == kind for route in plan.routes) < count:
            new = kept(problem, kind, [[stop]])
            costs += [new.cost_minor(problem)] if new is not None else []
    return min(costs, default=None)


def inserted(route: VehicleRoute, stop: int) -> Iterator[list[list[int]]]:
    for t, trip in enumerate(route.trips):
        for at in range(len(trip) + 1):
            trips = [list(trip) for trip in route.trips]
            trips[t].insert(at, stop)
            yield trips
    for t in range(len(route.trips) + 1):
        trips = [list(trip) for trip in route.trips]
        trips.insert(t, [stop])
        yield trips


def kept(problem: RoutingProblem, kind: int, trips: list[list[int]]) -> VehicleRoute | None:
    route = schedule_route(problem, kind, trips)
    return route if route is not None and feasible(problem, route) else None


@st.composite
def cases(draw: st.DrawFn) -> tuple[RoutingProblem, RoutePlan, list[int]]:
    """Return a problem, a plan of some of its stops and the others."""

    def stop() -> Stop:
        opens = draw(st.integers(0, END))
        return Stop(
            x=draw(st.integers(-3_000, 3_000)),
            y=draw(st.integers(-3_000, 3_000)),
            window=(opens, opens + draw(st.integers(0, END))),
            more=((2 * END, 2 * END + 500),) if draw(st.booleans()) else (),
            release=draw(st.sampled_from([0, 0, 0, 900])),
            service=draw(st.integers(0, 200)),
            load=draw(st.integers(0, 3)),
            pickup=draw(st.integers(0, 2)),
            needs=draw(st.sampled_from([0, 0, 1])),
            due=(draw(st.integers(0, END)), draw(st.sampled_from([0, 0, 3_600]))),
            building=draw(st.integers(-1, 1)),
            approach=draw(st.sampled_from([0, 40])),
            extra=draw(st.integers(0, 5)),
        )

    stops = [stop() for _ in range(draw(st.integers(1, 6)))]
    vans = [
        Van(
            capacity=draw(st.integers(2, 9)),
            skills=draw(st.integers(0, 1)),
            range_m=draw(st.sampled_from([9_000, 1 << 40])),
            reloads=draw(st.integers(0, 2)),
            shift=(0, draw(st.sampled_from([2_500, 9_000]))),
            longest=draw(st.sampled_from([1_500, 1 << 28])),
            overtime=draw(st.sampled_from([(600, 1_800), (1 << 28, 0)])),
            end=draw(st.integers(0, 1)),
        )
        for _ in range(2)
    ]
    problem = routing(
        stops,
        vans,
        depots=[Depot(), Depot(x=500)],
        rests=[Rest(earliest=300, latest=900, length=120)] if draw(st.integers(0, 3)) == 0 else (),
        traffic=[(0, 100), (600, 150), (1_500, 90)] if draw(st.integers(0, 3)) == 0 else (),
    )
    routes, left = [], list(range(len(stops)))
    for kind in range(2):
        trips: list[list[int]] = []
        for stop_ in draw(st.permutations(left))[: draw(st.integers(0, 3))]:
            new = draw(st.booleans()) and len(trips) <= int(problem.vehicles.max_reloads[kind])
            longer = [*trips, [stop_]] if new or not trips else [*trips[:-1], [*trips[-1], stop_]]
            if kept(problem, kind, longer):
                trips = longer
                left.remove(stop_)
        if trips and (route := kept(problem, kind, trips)):
            routes.append(route)
    return problem, RoutePlan(routes=tuple(routes)), left
