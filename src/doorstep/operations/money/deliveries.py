"""What stands in the books of deliveries and routes: picking, line-haul, own vans, drivers, and what was lost."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import func, select

from doorstep.foundation.arrays import share_exactly
from doorstep.operations.fulfil.parts import DONE, DROPPED, FAILED
from doorstep.operations.money.accounts import Account, Standing, owing, together
from doorstep.operations.money.reading import rows_of
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import deliveries, parcel_lines, parcels, routes, shipments
from doorstep.storage.schema.orders import order_lines

AT_SITE = (("pick", "site"), ("carton", "site"), ("line_haul", "lane"))
"""Parts of a delivery's cost that it has caused once it has ended, and the account that is owed each."""


def last_mile_of(delivery_state: str) -> str:
    """Return the account that bears the last mile of a delivery: one that failed was driven for nothing."""
    return "failure" if delivery_state in FAILED else "last_mile"


def delivery_standings(connection: Connection, rows: "Collection[sa.Row[Any]]") -> dict[str, Standing]:
    """Return what should stand in the books of deliveries for picking, cartons, line-haul and goods that were lost.

    Nothing stands there until a delivery has ended, nor for one that never set out: its parcels go with another.
    """
    lost = {row.delivery_id for row in rows if row.state == "abandoned"}
    return {
        row.delivery_id: together(
            [
                *_at_site(row),
                *([_lost(connection, row)] if row.delivery_id in lost else []),
            ]
        )
        for row in rows
    }


def route_standings(connection: Connection, tenant_id: str, route_ids: Collection[str]) -> dict[str, Standing]:
    """Return what should stand in the books of routes: nothing until they have been driven.

    The driver is owed the hours of the last plan of the route, the vehicle its day and kilometres, by the rates of the
    plan. Deliveries bear it as the plan shared it: stems equally, the rest by the seconds that each stop adds.
    """
    mine = (
        row
        for row in rows_of(connection, routes, routes.c.route_id, route_ids)
        if row.tenant_id == tenant_id and row.state == "completed"
    )
    driven = list(mine)
    on_it: Mapping[str, list[sa.Row[Any]]] = defaultdict(list)
    for row in rows_of(connection, deliveries, deliveries.c.route_id, [route.route_id for route in driven]):
        if row.state not in DROPPED:
            on_it[row.route_id].append(row)
    return {route.route_id: _route(route, on_it[route.route_id]) for route in driven}


def _at_site(row: "sa.Row[Any]") -> list[Standing]:
    if row.state not in (*DONE, *FAILED):
        return []
    parts = json.loads(row.cost_parts)
    return [
        owing(
            parts.get(part, 0),
            bears=Account(part, "", row.order_id, row.delivery_id),
            owed=Account(party, row.site_id, row.order_id, row.delivery_id),
        )
        for part, party in AT_SITE
    ]


def _lost(connection: Connection, row: "sa.Row[Any]") -> Standing:
    """Return what the goods of a delivery cost that nobody has any more."""
    price = (
        select(
            order_lines.c.product_id,
            func.max(order_lines.c.price_minor - order_lines.c.margin_minor).label("cost_minor"),
        )
        .where(order_lines.c.order_id == row.order_id)
        .group_by(order_lines.c.product_id)
        .subquery()
    )
    query = (
        select(func.coalesce(func.sum(parcel_lines.c.quantity * price.c.cost_minor), 0))
        .join(parcels, parcels.c.parcel_id == parcel_lines.c.parcel_id)
        .join(shipments, shipments.c.shipment_id == parcels.c.shipment_id)
        .join(price, price.c.product_id == parcel_lines.c.product_id)
        .where(shipments.c.delivery_id == row.delivery_id)
    )
    cost = int(connection.execute(query).scalar_one())
    about = (row.order_id, row.delivery_id)
    return owing(cost, bears=Account("write_off", "", *about), owed=Account("stock", "", *about))


def _route(route: "sa.Row[Any]", on_it: "Collection[sa.Row[Any]]") -> Standing:
    driver = Account("driver", route.driver)
    vehicle = Account("vehicle", route.vehicle_id)
    owed = Standing({driver: route.driver_minor, vehicle: route.cost_minor - route.driver_minor})
    if not on_it:  # everybody had called it off
        return together([owed, Standing({Account("failure"): -route.cost_minor})])
    parts = [json.loads(row.cost_parts) for row in on_it]
    shares = share_exactly(route.cost_minor, [part.get("stem", 0) + part.get("drop", 0) for part in parts]).tolist()
    borne = {
        Account(last_mile_of(row.state), "", row.order_id, row.delivery_id): -share
        for row, share in zip(on_it, shares, strict=True)
    }
    return together([owed, Standing(borne)])
