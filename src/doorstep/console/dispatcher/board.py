"""The board: figures at the top, what needs somebody at the left, map and timeline beside."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from doorstep.api.models.dispatching import DispatchProposal
from doorstep.api.models.stations import CustodyException
from doorstep.api.views.dispatching import list_proposals
from doorstep.api.views.stations import list_exceptions
from doorstep.console import words
from doorstep.console.dispatcher.day import AT_RISK, LATE, ON_TIME, RouteSeen, Sees, routes_of_the_day
from doorstep.console.shell.route_lines import Line, Stops, straights
from doorstep.operations.bring.timing import shift_of
from doorstep.operations.fulfil.parts import DROPPED
from doorstep.storage import Connection
from doorstep.storage.retailers import load_reference
from doorstep.storage.schema.fulfilment import deliveries
from doorstep.storage.schema.orders import orders

MOST_PROPOSALS, MOST_EXCEPTIONS = 500, 500
MOST_LISTED = 100
"""Of what needs somebody, and of routes, so many are listed beside the map, those first that need it most."""
KIND_WORDS = {
    "reorder": "Another order of stops", "swap": "Stops change vans", "help": "Send one van more",
    "carrier": "Give it to a carrier", "call": "Call the customer",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How the day goes so far."""

    orders: int
    at_risk: int
    late: int
    routes: int
    cost_per_parcel_minor: int | None
    parcels: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What the board shows; ``zone`` is that of the first site, ``begins_at`` its last midnight."""

    figures: Figures
    routes: Sequence[RouteSeen]
    proposals: Sequence[DispatchProposal]
    exceptions: Sequence[CustodyException]
    zone: str
    begins_at: int

    @property
    def bounds(self) -> str:
        """West, south, east and north of all stops, empty without any."""
        at = [place for route in self.routes for place in route.places]
        if not at:
            return ""
        lats, lons = zip(*at, strict=True)
        return ",".join(f"{edge:.5f}" for edge in (min(lons), min(lats), max(lons), max(lats)))


def read_board(
    connection: Connection, tenant_id: str, *, now: int, currency: str, sees: Sees, sites: Collection[str] = ()
) -> Board:
    """Return the board as it is now, for somebody who works at some sites, or at none in particular."""
    found = routes_of_the_day(connection, tenant_id, now=now, sees=sees)
    zone = zone_of(connection, tenant_id, sees)
    begins_at = shift_of(zone, "00:00", "24:00", now)[0]
    proposals = list_proposals(
        connection, tenant_id, currency=currency, limit=MOST_PROPOSALS, state="proposed", sites=sites
    )  # fmt: skip
    exceptions = list_exceptions(connection, tenant_id, limit=MOST_EXCEPTIONS, state="open", sites=sites)
    return Board(
        figures=_figures(connection, tenant_id, found, begins_at, sites),
        routes=found,
        proposals=sorted((p for p in proposals if sees(p.site_id)), key=lambda p: -p.gain.amount),
        exceptions=[e for e in exceptions if sees(e.site_id)],
        zone=zone,
        begins_at=begins_at,
    )


def zone_of(connection: Connection, tenant_id: str, sees: Sees) -> str:
    """Return the time zone of the first site that a person sees."""
    rows = load_reference(connection, tenant_id)["sites"].select("site_id", "time_zone").iter_rows()
    return next((zone for site_id, zone in rows if sees(site_id)), "UTC")


def map_of(
    found: Sequence[RouteSeen],
    sites: Sequence[dict[str, object]],
    draw: Callable[[Sequence[Stops]], Sequence[Line]] = straights,
) -> dict[str, object]:
    """Return sites, routes and stops for the map; routes are straight between stops unless they are drawn otherwise."""
    driven = [route for route in found if len(route.places) > 1]
    lines = [
        _feature("LineString", line, route=route.route_id, state=route.worst, mode="own_fleet",
                 label=f"{route.name}, {len(route.stops)} stops")
        for route, line in zip(driven, draw([route.places for route in driven]), strict=True)
    ]  # fmt: skip
    doors = [
        _feature("Point", [stop.lon, stop.lat], route=route.route_id, state=stop.state, mode="own_fleet",
                 number=stop.number, delivery=stop.delivery_id,
                 label=f"{stop.number}. {stop.code or stop.delivery_id[-6:]}, "
                       f"{words.clock(stop.expected_at, route.zone)} {words.plain(stop.state)}")
        for route in found for stop in route.stops
    ]  # fmt: skip
    places = [
        _feature("Point", [site["lon"], site["lat"]], site=site["site_id"], kind=str(site["kind"]),
                 label=f"{site['name'] or site['site_id']}")
        for site in sites
    ]  # fmt: skip
    at = [(lon, lat) for route in found for lat, lon in route.places]
    at = at or [(float(str(site["lon"])), float(str(site["lat"]))) for site in sites]
    layers: dict[str, object] = {"lines": _all(lines), "stops": _all(doors), "sites": _all(places)}
    if at:
        xs, ys = zip(*at, strict=True)
        layers["bounds"] = [min(xs), min(ys), max(xs), max(ys)]
    return layers


def map_of_driven(route: RouteSeen, lines: Sequence[object]) -> dict[str, object]:
    """Return the stops of a route for the map, with what its van drove, lines of GeoJSON, instead of its own line."""
    drove = [_feature("LineString", line, route=route.route_id, state=ON_TIME, mode="own_fleet",
                      label=f"{route.name} drove here") for line in lines]  # fmt: skip
    return map_of([route], []) | {"lines": _all(drove)}


def timeline_of(board: Board, now: int) -> dict[str, object]:
    """Return routes and their stops for the timeline, those that go on."""
    return {
        "now": now,
        "routes": [
            {"id": route.route_id, "name": route.name, "driver": route.driver, "state": route.state,
             "worst": route.worst, "starts_at": route.starts_at, "ends_at": route.ends_at, "zone": route.zone,
             "site": route.site_id,
             "stops": [{"id": s.delivery_id, "number": s.number, "code": s.code, "at": s.expected_at,
                        "until": max(s.leave_at - s.planned_at, 60) + s.expected_at, "opens": s.window_start_at,
                        "closes": s.window_end_at, "state": s.state} for s in route.stops]}
            for route in board.routes if route.state != "completed"
        ],
    }  # fmt: skip


def _feature(shape: str, coordinates: object, **properties: object) -> dict[str, object]:
    return {"type": "Feature", "geometry": {"type": shape, "coordinates": coordinates}, "properties": properties}


def _all(features: Sequence[dict[str, object]]) -> dict[str, object]:
    return {"type": "FeatureCollection", "features": list(features)}


def _figures(connection: Connection, tenant_id: str, found: Sequence[RouteSeen], begins_at: int,
             sites: Collection[str]) -> Figures:  # fmt: skip
    placed = select(func.count()).where(orders.c.tenant_id == tenant_id, orders.c.placed_at >= begins_at)
    spent = select(func.sum(deliveries.c.cost_minor), func.sum(deliveries.c.parcels)).where(
        deliveries.c.tenant_id == tenant_id,
        deliveries.c.created_at >= begins_at,
        deliveries.c.state.not_in(DROPPED),
    )
    if sites:
        spent = spent.where(deliveries.c.site_id.in_(sites))
    cost_minor, parcels = (int(each or 0) for each in connection.execute(spent).one())
    return Figures(
        orders=connection.execute(placed).scalar_one(),
        at_risk=sum(route.count(AT_RISK) for route in found),
        late=sum(route.count(LATE) for route in found),
        routes=sum(route.state != "completed" for route in found),
        cost_per_parcel_minor=round(cost_minor / parcels) if parcels else None,
        parcels=parcels,
    )
