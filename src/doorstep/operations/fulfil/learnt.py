"""What the routes of the last days teach about the cost of own drops."""

from collections.abc import Sequence

import polars as pl
from sqlalchemy import Select, select

from doorstep.delivery_mode.door_prices import LearntDropCost
from doorstep.domain import Retailer
from doorstep.operations.corridor.learn_drops import door_density, driven_drops
from doorstep.operations.corridor.world import build_world
from doorstep.operations.roads import usual_travel
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import deliveries, routes, stops
from doorstep.storage.schema.orders import orders

LAST_DAYS_S = 7 * 86_400
"""How far back routes are learnt from."""
MOST_ROUTES = 500
AT_ONCE = 200
NOT_DRIVEN = ("draft", "cancelled")
ROUTE = {"route_id": pl.String, "site_id": pl.String, "vehicle_id": pl.String, "starts_at": pl.Int64,
         "ends_at": pl.Int64, "cost_minor": pl.Int64}  # fmt: skip
STOP = {"route_id": pl.String, "sequence": pl.Int64, "kind": pl.String, "delivery_id": pl.String, "lat": pl.Float64,
        "lon": pl.Float64, "arrive_at": pl.Int64, "service_at": pl.Int64, "leave_at": pl.Int64,
        "distance_m": pl.Int64}  # fmt: skip
WINDOW = {"delivery_id": pl.String, "window_s": pl.Int64}


def learnt_from_routes(
    connection: Connection, tenant_id: str, retailer: Retailer, *, now: int
) -> LearntDropCost | None:
    """Return what the latest routes that began in the last seven days teach, None if they are too few to tell.

    Routes of sites and vehicles that the retailer no longer has are left aside. The density of doors is that of the
    retailer's orders: a usual day's.
    """
    latest = (
        select(*(routes.c[name] for name in ROUTE))
        .where(routes.c.tenant_id == tenant_id, routes.c.starts_at > now - LAST_DAYS_S, routes.c.starts_at <= now)
        .where(routes.c.state.not_in(NOT_DRIVEN))
        .order_by(routes.c.starts_at.desc(), routes.c.route_id.desc())
        .limit(MOST_ROUTES)
    )
    known = _rows(connection, latest, ROUTE)
    known = known.join(retailer.vehicles, on=["vehicle_id", "site_id"], how="semi", maintain_order="left")
    names = known["route_id"].to_list()
    pieces = [names[low : low + AT_ONCE] for low in range(0, len(names), AT_ONCE)]
    if not pieces:
        return None
    visited = pl.concat([_rows(connection, _stops_of(piece), STOP) for piece in pieces])
    windows = pl.concat([_rows(connection, _windows_of(piece), WINDOW) for piece in pieces])
    world = build_world(retailer, usual_travel(connection, tenant_id, retailer.tables()))
    return driven_drops(retailer, known, visited, windows, world.travel, door_density(world)).learn()


def _rows(
    connection: Connection, query: "Select[tuple[object, ...]]", schema: dict[str, type[pl.DataType]]
) -> pl.DataFrame:
    return pl.DataFrame([tuple(row) for row in connection.execute(query)], schema=schema, orient="row")


def _stops_of(route_ids: Sequence[str]) -> "Select[tuple[object, ...]]":
    return select(*(stops.c[name] for name in STOP)).where(stops.c.route_id.in_(route_ids))


def _windows_of(route_ids: Sequence[str]) -> "Select[tuple[object, ...]]":
    length = (orders.c.window_end_at - orders.c.window_start_at).label("window_s")
    by_order = orders.c.order_id == deliveries.c.order_id
    query = select(deliveries.c.delivery_id, length).join_from(deliveries, orders, by_order)
    return query.where(deliveries.c.route_id.in_(route_ids))
