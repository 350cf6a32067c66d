"""The routes of the day as they run: every stop with how it is with its promise."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import select

from doorstep.domain.lifecycles.delivery import AFTER_ATTEMPT
from doorstep.domain.lifecycles.route import BOOKED, OUT
from doorstep.operations.fulfil.parts import DONE, DROPPED
from doorstep.storage import Connection
from doorstep.storage.retailers import load_reference
from doorstep.storage.schema.etas import etas
from doorstep.storage.schema.fulfilment import deliveries, routes, stops
from doorstep.storage.schema.orders import orders

SHOWN_S = 12 * 3600
"""Routes that ended longer ago are not shown."""
MARGIN_S = 600
MOST_BESIDE = 60
ON_TIME, AT_RISK, LATE, ENDED, FAILED = "on_time", "at_risk", "late", "done", "failed"
NOT_BROUGHT = (*AFTER_ATTEMPT, "returning", "at_return", "returned", "abandoned", *DROPPED)
"""States of deliveries that their van no longer has to bring."""
STATE_WORDS = {ON_TIME: "on time", AT_RISK: "at risk", LATE: "late", ENDED: "done", FAILED: "could not be brought"}
Sees = Callable[[str], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A door of a route: when it was promised, is planned and expected, and how that is."""

    delivery_id: str
    order_id: str
    code: str
    number: int
    lat: float
    lon: float
    planned_at: int
    leave_at: int
    expected_at: int
    from_at: int | None
    until_at: int | None
    window_start_at: int
    window_end_at: int
    parcels: int
    state: str
    delivery_state: str

    @property
    def late_s(self) -> int:
        """By how much it will be late [s], 0 if it will not."""
        return max(0, self.expected_at - self.window_end_at) if self.state == LATE else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteSeen:
    """A route with its stops, trip after trip; ``places`` is its line from the site and back, (lat, lon)."""

    route_id: str
    site_id: str
    vehicle_id: str
    driver: str
    state: str
    version: int
    starts_at: int
    ends_at: int
    parcels: int
    cost_minor: int
    zone: str
    stops: tuple[Stop, ...]
    places: tuple[tuple[float, float], ...]

    def count(self, state: str) -> int:
        """Return how many of its stops are in a state."""
        return sum(stop.state == state for stop in self.stops)

    @property
    def worst(self) -> str:
        """The state that needs most attention of those of its stops."""
        states = {stop.state for stop in self.stops}
        return next((one for one in (LATE, AT_RISK, ON_TIME) if one in states), ENDED)

    @property
    def name(self) -> str:
        """What people call it: its vehicle and the end of its id."""
        return name_of(self.vehicle_id, self.route_id)


def name_of(vehicle_id: str, route_id: str) -> str:
    """Return what people call a route of a vehicle: vehicles of a kind bear the same name."""
    return f"{vehicle_id} \u00b7 {route_id[-4:]}"


def routes_of_the_day(connection: Connection, tenant_id: str, *, now: int, sees: Sees) -> list[RouteSeen]:
    """Return the routes that run, are to run, or have ended within ``SHOWN_S``, those that need attention first."""
    of = routes.c
    running = of.state.in_((*BOOKED, *OUT)) & (of.ends_at > now - 2 * SHOWN_S)
    ended = (of.state == "completed") & (of.ends_at > now - SHOWN_S)
    rows = [
        row
        for wanted in (running, ended)
        for row in connection.execute(select(routes).where(of.tenant_id == tenant_id, wanted).order_by(of.starts_at))
        if sees(row.site_id)
    ]
    return _seen(connection, tenant_id, rows, now)


def find_route_seen(connection: Connection, tenant_id: str, route_id: str, *, now: int, sees: Sees) -> RouteSeen | None:
    """Return a route, None if there is none that this person sees."""
    mine = (routes.c.route_id == route_id) & (routes.c.tenant_id == tenant_id)
    rows = [row for row in connection.execute(select(routes).where(mine)) if sees(row.site_id)]
    return next(iter(_seen(connection, tenant_id, rows, now)), None)


def routes_beside(connection: Connection, tenant_id: str, site_id: str, *, now: int) -> "list[sa.Row[Any]]":
    """Return id, vehicle, start and stops of a site's routes that run or are to run, the first ``MOST_BESIDE``."""
    of = routes.c
    mine = (of.tenant_id == tenant_id) & (of.site_id == site_id) & of.state.in_((*BOOKED, *OUT))
    query = select(of.route_id, of.vehicle_id, of.starts_at, of.stops).where(mine, of.ends_at > now - 2 * SHOWN_S)
    return list(connection.execute(query.order_by(of.starts_at, of.route_id).limit(MOST_BESIDE)).all())


def _seen(
    connection: Connection, tenant_id: str, rows: "Sequence[sa.Row[tuple[object, ...]]]", now: int
) -> list[RouteSeen]:
    sites = load_reference(connection, tenant_id)["sites"].select("site_id", "time_zone")
    zones = dict(sites.iter_rows())
    visits, places = _stops(connection, [row.route_id for row in rows], now)
    found = [
        RouteSeen(
            route_id=row.route_id, site_id=row.site_id, vehicle_id=row.vehicle_id, driver=row.driver, state=row.state,
            version=row.version, starts_at=row.starts_at, ends_at=row.ends_at, parcels=row.parcels,
            cost_minor=row.cost_minor, zone=zones.get(row.site_id, "UTC"), stops=tuple(visits[row.route_id]),
            places=tuple(places[row.route_id]),
        )
        for row in rows
    ]  # fmt: skip
    return sorted(found, key=lambda route: (-route.count(LATE), -route.count(AT_RISK), route.state == "completed",
                                            route.starts_at, route.route_id))  # fmt: skip


def _stops(
    connection: Connection, route_ids: Sequence[str], now: int
) -> tuple[dict[str, list[Stop]], dict[str, list[tuple[float, float]]]]:
    joined = (
        stops.outerjoin(deliveries, deliveries.c.delivery_id == stops.c.delivery_id)
        .outerjoin(orders, orders.c.order_id == deliveries.c.order_id)
        .outerjoin(etas, (etas.c.delivery_id == stops.c.delivery_id) & (etas.c.route_id == stops.c.route_id))
    )
    columns = (
        *stops.c, deliveries.c.order_id, deliveries.c.state, deliveries.c.parcels, orders.c.code,
        orders.c.window_start_at, orders.c.window_end_at, etas.c.expected_at, etas.c.from_at, etas.c.until_at,
    )  # fmt: skip
    query = select(*columns).select_from(joined).order_by(stops.c.route_id, stops.c.sequence)
    visits: dict[str, list[Stop]] = defaultdict(list)
    places: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for start in range(0, len(route_ids), 500):
        for row in connection.execute(query.where(stops.c.route_id.in_(route_ids[start : start + 500]))):
            places[row.route_id].append((row.lat, row.lon))
            if row.delivery_id:
                visits[row.route_id].append(_stop(row, len(visits[row.route_id]) + 1, now))
    return visits, places


def _stop(row: "sa.Row[tuple[object, ...]]", number: int, now: int) -> Stop:
    expected_at = row.expected_at or max(row.service_at, now if row.state not in DONE else 0)
    return Stop(
        delivery_id=row.delivery_id, order_id=row.order_id or "", code=row.code or "", number=number, lat=row.lat,
        lon=row.lon, planned_at=row.service_at, leave_at=row.leave_at, expected_at=expected_at, from_at=row.from_at,
        until_at=row.until_at, window_start_at=row.window_start_at or 0, window_end_at=row.window_end_at or 0,
        parcels=row.parcels or 0, delivery_state=row.state or "",
        state=_state_of(row.state, expected_at, row.until_at, row.window_end_at or 0),
    )  # fmt: skip


def _state_of(delivery_state: str | None, expected_at: int, until_at: int | None, window_end_at: int) -> str:
    if delivery_state in DONE:
        return ENDED
    if delivery_state in NOT_BROUGHT or delivery_state is None:
        return FAILED
    if expected_at > window_end_at:
        return LATE
    return AT_RISK if max(until_at or 0, expected_at + MARGIN_S) > window_end_at else ON_TIME
