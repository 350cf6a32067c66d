"""Picked units put into parcels: which cartons, what is in each, and the shipment ready at the dock."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import select

from doorstep.foundation import ConflictError, NotFoundError
from doorstep.operations.caller import Caller
from doorstep.operations.fulfil.parts import PACKED, lock_orders
from doorstep.operations.fulfil.settle import settle_order
from doorstep.operations.intake.packing import packing_bench
from doorstep.operations.stations.expecting import expect_units, new_sscc
from doorstep.operations.transitions import StaleVersionError, advance
from doorstep.storage import Connection, ledger
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.fulfilment import parcel_lines, parcels, shipments
from doorstep.storage.schema.ledger import STOCK


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedShipment:
    """A shipment at the dock with its parcels, and what its order is by that."""

    shipment_id: str
    parcel_ids: tuple[str, ...]
    order_state: str


def pack_shipment(
    connection: Connection, caller: Caller, shipment_id: str, *, now: int, if_version: int | None = None
) -> PackedShipment:
    """Pack a shipment that has been picked, and make its order ready if it was the last; once packed it stays so.

    Raises
    ------
    NotFoundError
        If the tenant has no such shipment.
    IllegalTransitionError, StaleVersionError
        If it is not being picked, or no longer has the version ``if_version``.
    ConflictError
        If its order holds nothing at its site.
    """
    of_shipment = select(shipments.c.order_id, shipments.c.site_id, shipments.c.state, shipments.c.version).where(
        shipments.c.shipment_id == shipment_id, shipments.c.tenant_id == caller.tenant_id
    )
    row = connection.execute(of_shipment).one_or_none()
    if row is None:
        raise NotFoundError(f"shipment {shipment_id} does not exist.")
    lock_orders(connection, caller, [row.order_id])
    row = connection.execute(of_shipment).one()
    order_id, site_id = row.order_id, row.site_id
    if row.state not in PACKED:
        if if_version is not None and row.version != if_version:
            raise StaleVersionError("shipment", shipment_id, row.version)
        units = held_units(connection, order_id, site_id)
        if not units:
            raise ConflictError(f"order {order_id} holds nothing at {site_id}.", hint="Maybe it was routed anew?")
        advance(connection, caller, "shipment", shipment_id, "pack", now=now, changes={"ready_at": now})
        store_parcels(connection, caller, shipment_id, order_id, site_id, units, now=now)
    found = select(parcels.c.parcel_id).where(parcels.c.shipment_id == shipment_id).order_by(parcels.c.parcel_id)
    ids = tuple(connection.execute(found).scalars())
    order_state = settle_order(connection, caller, order_id, now=now)
    return PackedShipment(shipment_id=shipment_id, parcel_ids=ids, order_state=order_state)


def held_units(connection: Connection, order_id: str, site_id: str) -> dict[str, int]:
    """Return the units that an order holds at a site, by product."""
    units = Counter[str]()
    for holding in ledger.holdings(connection, [order_id]):
        if holding.place.kind == STOCK and holding.place.site_id == site_id:
            units[holding.place.item] += holding.quantity
    return dict(units)


def store_parcels(
    connection: Connection,
    caller: Caller,
    shipment_id: str,
    order_id: str,
    site_id: str,
    units: dict[str, int],
    *,
    now: int,
) -> None:
    """Store the parcels that hold a shipment's units, the same that a plan of its delivery counts on.

    Raises
    ------
    ConflictError
        If a product is no longer among the retailer's.
    """
    bench = packing_bench(connection, caller.tenant_id)
    gone = sorted(set(units) - set(bench.row_of))
    if gone:
        raise ConflictError(f"products {', '.join(gone)} are no longer there: nobody knows their size.")
    plan = bench.pack(units)
    ids = [connection.new_id("pcl", now) for _ in range(plan.package.size)]
    measures = zip(
        ids, plan.carton.tolist(), plan.weight_g.tolist(), plan.volume_ml.tolist(), plan.longest_side_mm.tolist(),
        plan.requirements.tolist(), plan.carton_minor.tolist(), strict=True,
    )  # fmt: skip
    base = {"tenant_id": caller.tenant_id, "shipment_id": shipment_id, "order_id": order_id, "site_id": site_id}
    parcel_rows = [
        base | {"parcel_id": parcel, "carton_id": bench.cartons[carton], "weight_g": weight, "volume_ml": volume,
                "longest_side_mm": side, "requirements": bench.vocabulary.text(bits), "carton_minor": cost,
                "sscc": new_sscc(connection, caller, parcel, company_prefix=bench.company_prefix),
                "holder": f"site:{site_id}"}
        for parcel, carton, weight, volume, side, bits, cost in measures
    ]  # fmt: skip
    contents = zip(
        plan.content_parcel.tolist(), plan.content_product.tolist(), plan.content_quantity.tolist(), strict=True
    )
    line_rows = [
        {"parcel_id": ids[n], "product_id": bench.names[row], "tenant_id": caller.tenant_id, "quantity": count}
        for n, row, count in contents
    ]
    connection.run(inserting(parcels), parcel_rows)
    connection.run(inserting(parcel_lines), line_rows)
    expect_units(connection, caller, [shipment_id], now=now)
