"""What is left of a plan when it is stored: time has passed, and some of its orders are no longer what they were."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import polars as pl

from doorstep.domain import DayPlan
from doorstep.operations.bring.timing import TimedRoute, Timer, Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRoute:
    """A route of a plan: its doors trip by trip, and the order of each delivery on it."""

    route_id: str
    site_id: str
    vehicle_id: str
    starts_at: int
    trips: tuple[tuple[Visit, ...], ...]
    order_of: Mapping[str, str]

    def without(self, order_ids: Collection[str]) -> tuple[tuple[Visit, ...], ...]:
        """Return the trips without the doors of some orders."""
        kept = (tuple(v for v in trip if self.order_of[v.delivery_id] not in order_ids) for trip in self.trips)
        return tuple(trip for trip in kept if trip)


def planned_routes(plan: DayPlan) -> list[PlannedRoute]:
    """Return the routes of a plan, the first to start first."""
    order_of = dict(plan.deliveries.select("delivery_id", "order_id").iter_rows())
    release_at = dict(plan.deliveries.select("delivery_id", "ready_at").iter_rows())
    windows = {
        o: (a, b) for o, a, b in plan.order_outcomes.select("order_id", "window_start_at", "window_end_at").iter_rows()
    }
    trips: dict[str, list[list[Visit]]] = {}
    for stop in plan.stops.sort("route_id", "sequence").iter_rows(named=True):
        mine = trips.setdefault(stop["route_id"], [])
        if stop["kind"] in ("start", "reload"):
            mine.append([])
        elif stop["kind"] == "delivery":
            start_at, end_at = windows[order_of[stop["delivery_id"]]]
            mine[-1].append(
                Visit(
                    delivery_id=stop["delivery_id"],
                    lat=stop["lat"],
                    lon=stop["lon"],
                    start_at=start_at,
                    end_at=end_at,
                    release_at=release_at[stop["delivery_id"]],
                    service_s=stop["leave_at"] - stop["service_at"],
                )
            )
    return [
        PlannedRoute(
            route_id=row["route_id"],
            site_id=row["site_id"],
            vehicle_id=row["vehicle_id"],
            starts_at=row["starts_at"],
            trips=tuple(tuple(trip) for trip in trips[row["route_id"]]),
            order_of=order_of,
        )
        for row in plan.routes.sort("starts_at", "route_id").iter_rows(named=True)
    ]


def cut_plan(
    plan: DayPlan, timer: Timer, gone: Collection[str], *, free: Mapping[str, int], now: int, until: int
) -> tuple[dict[str, TimedRoute], set[str]]:
    """Return the routes as they can still be driven, by id, and the orders that are left out of them.

    Routes are timed anew without the orders that are gone, from ``now`` on. One that no longer keeps a window, starts
    after ``until``, or has no vehicle left is dropped, and its orders wait, whole, for another plan.

    Parameters
    ----------
    free
        Vehicles that can still be given away, by id.
    """
    routes, left = planned_routes(plan), set(gone)
    for route in routes:
        if route.starts_at > until:
            left |= _orders_of(route.trips, route)
    while True:
        timed: dict[str, TimedRoute] = {}
        given: Counter[str] = Counter()
        before = len(left)
        for route in routes:
            trips = route.without(left)
            if not trips:
                continue
            given[route.vehicle_id] += 1
            found = None
            if given[route.vehicle_id] <= free.get(route.vehicle_id, 0):
                found = timer.timed(route.site_id, route.vehicle_id, trips, day_at=route.starts_at, now=now)
            if found is None:
                given[route.vehicle_id] -= 1
                left |= _orders_of(trips, route)
            else:
                timed[route.route_id] = found
        if len(left) == before:
            return timed, left


def served_orders(plan: DayPlan) -> list[str]:
    """Return the orders that a plan brings."""
    return plan.order_outcomes.filter(pl.col("status").cast(pl.String) == "served")["order_id"].to_list()


def _orders_of(trips: tuple[tuple[Visit, ...], ...], route: PlannedRoute) -> set[str]:
    return {route.order_of[visit.delivery_id] for trip in trips for visit in trip}
