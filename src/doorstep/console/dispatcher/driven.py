"""Pages of what vans drove: the streets of one route, and what all of them taught about the speed of streets."""

from typing import Annotated

from fastapi import Depends
from starlette.responses import Response

from doorstep.api.views.courses import show_street_speeds
from doorstep.console.dispatcher.board import map_of_driven, zone_of
from doorstep.console.dispatcher.day import RouteSeen, find_route_seen, name_of
from doorstep.console.shell.guard import Look, console_router, look
from doorstep.console.shell.pages import page
from doorstep.console.shell.start import frame
from doorstep.foundation import NotFoundError
from doorstep.operations.tracking.proof_of_route import ProofOfRoute, proof_of_route
from doorstep.storage import Connection

NAME = "Dispatch"
router = console_router("/dispatch", "routes:read")
At = Annotated[Look, Depends(look)]


@router.get("/routes/{route_id}/driven")
async def show_driven(at: At, route_id: str) -> Response:
    """Show the streets that a van drove, and how near it came to each stop."""

    def query(connection: Connection) -> dict[str, object]:
        route, proof = _proof(connection, at, route_id)
        return {
            "route": route, "proof": proof, "zone": zone_of(connection, at.tenant_id, at.sees),
            "streets": [each for stretch in proof.streets for each in stretch],
            "codes": {stop.delivery_id: stop for stop in route.stops},
        }  # fmt: skip

    names = {"title": "What was driven", "name_of": name_of} | await at.read(query)
    return page(at.request, "dispatch/driven.html", names | await frame(at, NAME))


@router.get("/routes/{route_id}/driven.json")
async def send_driven(at: At, route_id: str) -> Response:
    """Send what a van drove, its stops and its site, for the map."""

    def query(connection: Connection) -> dict[str, object]:
        route, proof = _proof(connection, at, route_id)
        lines = [[[lon, lat] for lat, lon in line.round(6).tolist()] for line in proof.lines]
        return map_of_driven(route, lines)

    return await at.send_shared(f"driven {route_id}", query)


@router.get("/streets")
async def show_streets(at: At) -> Response:
    """Show how long streets take at each time of the day, as vans drove them."""
    speeds = await at.read(lambda connection: show_street_speeds(connection, at.tenant_id))
    zone = await at.read(lambda connection: zone_of(connection, at.tenant_id, at.sees))
    names = {"title": "Speed of streets", "speeds": speeds, "zone": zone}
    return page(at.request, "dispatch/streets.html", names | await frame(at, NAME))


def _proof(connection: Connection, at: Look, route_id: str) -> tuple[RouteSeen, ProofOfRoute]:
    route = find_route_seen(connection, at.tenant_id, route_id, now=at.now, sees=at.sees)
    if route is None:
        raise NotFoundError(f"route {route_id} does not exist.")
    return route, proof_of_route(connection, at.tenant_id, route_id, now=at.now)
