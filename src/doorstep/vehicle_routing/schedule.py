"""The clock of a route: the least duration that its trips allow."""

from collections.abc import Sequence

from doorstep.vehicle_routing.plan import VehicleRoute
from doorstep.vehicle_routing.problem import RoutingProblem


def schedule_route(problem: RoutingProblem, vehicle: int, trips: Sequence[Sequence[int]]) -> VehicleRoute | None:
    """Return the route with the earliest return and, for that, the latest departure; None if a window or shift breaks.

    Starting as early as possible gives the earliest return. Walking back from it gives the latest departure that still
    returns then: no other schedule is shorter, as leaving earlier only adds waiting and leaving later moves the return.
    Loading of a trip begins when the vehicle is there and every parcel of the trip is released.
    """
    kept = tuple(tuple(trip) for trip in trips if trip)
    if not kept:
        return None
    early = _forward(problem, kept, int(problem.vehicles.shift_start_at[vehicle]))
    if early is None or early[3] > problem.vehicles.shift_end_at[vehicle]:
        return None
    latest = _latest_start(problem, kept, early[3])
    loads, arrivals, services, end_at = _forward(problem, kept, latest) or early
    return VehicleRoute(
        vehicle=vehicle, trips=kept, load_at=loads, arrive_at=arrivals, service_at=services, end_at=end_at
    )


_Clock = tuple[tuple[int, ...], tuple[tuple[int, ...], ...], tuple[tuple[int, ...], ...], int]


def _forward(problem: RoutingProblem, trips: tuple[tuple[int, ...], ...], start_at: int) -> _Clock | None:
    """Return loading, arrival, service times and return for a start, every step as early as possible; None if late."""
    stops, seconds = problem.stops, problem.seconds
    now = start_at
    loads, arrivals, services = [], [], []
    for trip in trips:
        now = max(now, *(int(stops.release_at[stop]) for stop in trip))
        loads.append(now)
        now += problem.loading_s
        node = 0
        arrive, serve = [], []
        for stop in trip:
            now += int(seconds[node, stop + 1])
            arrive.append(now)
            now = max(now, int(stops.start_at[stop]))
            if now > stops.end_at[stop]:
                return None
            serve.append(now)
            now += int(stops.service_s[stop])
            node = stop + 1
        now += int(seconds[node, 0])
        arrivals.append(tuple(arrive))
        services.append(tuple(serve))
    return tuple(loads), tuple(arrivals), tuple(services), now


def _latest_start(problem: RoutingProblem, trips: tuple[tuple[int, ...], ...], end_at: int) -> int:
    """Return the latest beginning of the first loading from which the route is back by ``end_at``."""
    stops, seconds = problem.stops, problem.seconds
    latest = end_at
    for trip in reversed(trips):
        node = 0
        for stop in reversed(trip):
            latest -= int(seconds[stop + 1, node]) + int(stops.service_s[stop])
            latest = min(latest, int(stops.end_at[stop]))
            node = stop + 1
        latest -= int(seconds[0, node]) + problem.loading_s
    return latest
