"""Deliveries that shoppers fetch, as the people at the site and the shoppers themselves read them."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import select

from doorstep.api.conventions.geojson import Point
from doorstep.api.models.collections import Collection, CollectionSite, CompartmentTaken, ShopperCollection
from doorstep.foundation import NotFoundError
from doorstep.operations.collect.kerb import bays_at
from doorstep.operations.collect.lockers import deposited
from doorstep.operations.intake.network import LiveNetwork, live_network
from doorstep.operations.shoppers.links import Link
from doorstep.storage import Connection
from doorstep.storage.schema.collections import collections
from doorstep.storage.schema.fulfilment import deliveries
from doorstep.storage.schema.orders import orders

THERE, COMING = ("customer_arrived", "bay_assigned"), "customer_on_the_way"
MOST = 200
"""Shoppers that one list shows."""


def list_coming(connection: Connection, tenant_id: str, *, site_id: str | None) -> list[Collection]:
    """Return who is there, the longest waiting first, then who is coming, the next first; at most 200."""
    query = _of(tenant_id).where(deliveries.c.state.in_((*THERE, COMING)))
    if site_id is not None:
        query = query.where(deliveries.c.site_id == site_id)
    there = sa.case((deliveries.c.state.in_(THERE), 0), else_=1)
    moment = sa.case((deliveries.c.state.in_(THERE), collections.c.arrived_at), else_=collections.c.expected_at)
    rows = connection.execute(query.order_by(there, moment.nulls_last(), deliveries.c.delivery_id).limit(MOST)).all()
    return [_shown(connection, row) for row in rows]


def find_collection(connection: Connection, tenant_id: str, delivery_id: str) -> Collection:
    """Return a delivery that its shopper fetches.

    Raises
    ------
    NotFoundError
        If the tenant has no such delivery.
    """
    row = connection.execute(_of(tenant_id).where(deliveries.c.delivery_id == delivery_id)).one_or_none()
    if row is None:
        raise NotFoundError(f"delivery {delivery_id} does not exist, or goes to a door.")
    return _shown(connection, row)


def show_to_shopper(connection: Connection, link: Link) -> ShopperCollection:
    """Return what waits for whoever holds a link: nothing of it is about a person."""
    tenant_id = link.caller.tenant_id
    row = connection.execute(_of(tenant_id).where(deliveries.c.delivery_id == link.delivery_id)).one()
    network = live_network(connection, tenant_id)
    level = network.levels.get(row.service_level_id)
    method = None if level is None else network.methods[level]
    site = _site(network, link.site_id) if link.site_id in network.site_rows else None
    known = _waiting(connection, row)
    return ShopperCollection.model_validate(known | {"order_code": row.code, "method": method, "site": site})


def _site(network: LiveNetwork, site_id: str) -> CollectionSite:
    site = network.tables["sites"].row(network.site_rows[site_id], named=True)
    point = Point(coordinates=(site["lon"], site["lat"]))
    return CollectionSite(name=site["name"], address=site["address"], point=point, bays=bays_at(network, site_id))


def _shown(connection: Connection, row: "sa.Row[Any]") -> Collection:
    known = {"delivery_id": row.delivery_id, "order_id": row.order_id, "order_code": row.code, "site_id": row.site_id,
             "version": row.version}  # fmt: skip
    return Collection.model_validate(_waiting(connection, row) | known)


def _waiting(connection: Connection, row: "sa.Row[Any]") -> dict[str, object]:
    return {
        "state": row.state,
        "parcels": row.parcels,
        "ready_at": row.ready_at,
        "keep_until": row.keep_until_at,
        "vehicle": row.vehicle or "",
        "expected_at": row.expected_at,
        "arrived_at": row.arrived_at,
        "bay": row.bay,
        "needs_code": bool(row.code_hash),
        "compartments": [
            CompartmentTaken(parcel_id=each.parcel_id, compartment_id=each.compartment_id, number=each.number)
            for each in deposited(connection, row.delivery_id)
        ],
    }


def _of(tenant_id: str) -> "sa.Select[tuple[Any, ...]]":
    names = ("delivery_id", "order_id", "site_id", "version", "state", "parcels", "ready_at")
    known = ("keep_until_at", "vehicle", "expected_at", "arrived_at", "bay", "code_hash")
    return (
        select(
            *(deliveries.c[name] for name in names), *(collections.c[name] for name in known), orders.c.code,
            orders.c.service_level_id,
        )
        .join(orders, orders.c.order_id == deliveries.c.order_id)
        .outerjoin(collections, collections.c.delivery_id == deliveries.c.delivery_id)
        .where(deliveries.c.tenant_id == tenant_id, deliveries.c.kind == "collection")
    )  # fmt: skip
