"""Rows of a route and its stops, and a new route stored with them."""

from collections.abc import Mapping

from doorstep.operations.bring.timing import TimedRoute
from doorstep.operations.caller import Caller
from doorstep.operations.transitions import advance, tell_created
from doorstep.storage import Connection
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.fulfilment import routes, stops


def stop_rows(
    caller: Caller, route_id: str, timed: TimedRoute, ids: Mapping[str, str] | None = None
) -> list[dict[str, object]]:
    """Return the rows of a route's stops; ``ids`` are those of deliveries by the ones in the route."""
    return [
        {
            **stop._asdict(),
            "delivery_id": ids[stop.delivery_id] if ids and stop.delivery_id else stop.delivery_id,
            "route_id": route_id,
            "sequence": sequence,
            "tenant_id": caller.tenant_id,
        }
        for sequence, stop in enumerate(timed.stops)
    ]


def route_row(
    caller: Caller, route_id: str, of: tuple[str, str], timed: TimedRoute, parcels: int, now: int
) -> dict[str, object]:
    """Return the row of a new route; ``of`` are its site and vehicle."""
    site_id, vehicle_id = of
    return {
        "route_id": route_id, "tenant_id": caller.tenant_id, "site_id": site_id, "vehicle_id": vehicle_id,
        "driver": "", "state": "draft", "version": 1, "event_at": None, "starts_at": timed.starts_at,
        "ends_at": timed.ends_at, "distance_m": timed.distance_m,
        "stops": sum(bool(stop.delivery_id) for stop in timed.stops), "parcels": parcels, "trips": timed.trips,
        "cost_minor": timed.cost_minor, "driver_minor": timed.driver_minor, "created_at": now,
    }  # fmt: skip


def new_route(
    connection: Connection,
    caller: Caller,
    row: Mapping[str, object],
    timed: TimedRoute,
    *,
    now: int,
    ids: Mapping[str, str] | None = None,
) -> None:
    """Store a new route with its stops, planned; ``ids`` as in ``stop_rows``."""
    route_id, known = str(row["route_id"]), {"site_id": row["site_id"], "stops": row["stops"]}
    connection.run(inserting(routes), [dict(row)])
    connection.run(inserting(stops), stop_rows(caller, route_id, timed, ids))
    tell_created(connection, caller, "route", route_id, "draft", now=now, data=known)
    advance(connection, caller, "route", route_id, "plan", now=now, data=known)
