"""What was scanned or typed: a parcel's label, or the code of an order; and where what it names goes from here."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import select

from doorstep.connectors.parcel_label import read_label
from doorstep.console import words
from doorstep.console.store.face import Site
from doorstep.domain.sscc import SSCC_DIGITS, is_sscc
from doorstep.foundation import InputError, NotFoundError
from doorstep.operations.stations.destination import Destination, destination_of
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import deliveries, parcels, shipments
from doorstep.storage.schema.orders import orders
from doorstep.storage.schema.reference import REFERENCE

UNDER_WAY = ("preparing", "ready", "fulfilling", "partially_completed", "on_hold", "allocated", "placed", "backordered")
"""States of orders that are found by their code: few beside all that ever were."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A parcel that somebody has in their hands, and where it goes from a site.

    ``unit_state`` is that of its unit at the site, empty where it has none: it was packed there, or nobody expects it.
    """

    parcel_id: str
    sscc: str
    code: str
    holder: str
    packed_at: str
    delivery_id: str | None
    delivery_from: str
    unit_state: str
    place: str
    destination: Destination


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """The big coloured line: where to with a parcel; ``tone`` is its colour and sound."""

    tone: str
    big: str
    small: str
    ask: str = ""


def read_code(text: str) -> str:
    """Return the SSCC in what was scanned, or the code of an order in capitals.

    Raises
    ------
    InputError
        If it is neither.
    """
    bare = "".join(text.split())
    if bare.isdecimal() and len(bare) == SSCC_DIGITS:
        if not is_sscc(bare):
            raise InputError(f"{bare} has a wrong check digit.", hint="Maybe scan it once more.")
        return bare
    if bare.isalnum() and len(bare) <= 10:
        return bare.upper()
    return read_label(text).sscc


def find_parcel(connection: Connection, tenant_id: str, site: Site, code: str) -> Known:
    """Return the parcel with an SSCC, or the first of an order's.

    Raises
    ------
    NotFoundError
        If nobody knows it.
    """
    row = _row(connection, tenant_id, site.site_id, code)
    if row is None:
        what = f"nobody knows the label {code}" if is_sscc(code) else f"no order {code} under way has parcels"
        raise NotFoundError(f"{what}.", hint="Maybe it was packed in another system.")
    unit, way = destination_of(connection, tenant_id, row.parcel_id, site.site_id)
    return Known(
        parcel_id=row.parcel_id, sscc=row.sscc or "", code=row.code, holder=row.holder, packed_at=row.site_id,
        delivery_id=row.delivery_id, delivery_from=row.delivery_from or "", unit_state=unit.state if unit else "",
        place=unit.place if unit else "", destination=way,
    )  # fmt: skip


def sign_for(connection: Connection, tenant_id: str, site: Site, known: Known) -> Sign:
    """Return where to with a parcel, as large as it can be said."""
    way, zone = known.destination, site.zone
    holder = _elsewhere(known, site)
    if holder:
        return Sign(tone="late", big="Not here by the books", small=holder)
    if known.unit_state in ("damaged", "missing", "written_off"):
        return Sign(tone="late", big=words.plain(known.unit_state).capitalize(),
                    small="Put it aside and show it to whoever leads the shift.")  # fmt: skip
    if way.to == "route":
        at = f", leaves {words.clock(way.starts_at, zone)}" if way.starts_at else ""
        load = f"load it as number {way.load_order}" if way.load_order else "on its route"
        return Sign(tone="van", big=f"Van {way.vehicle_id}, stop {way.stop}",
                    small=f"{way.driver or 'no driver yet'}{at}: {load}, the last door first")  # fmt: skip
    if way.to == "carrier":
        return Sign(tone="carrier", big=_carrier(connection, tenant_id, way.name), small="The carrier's cage")
    if way.to == "collection":
        place = f"It lies at {known.place}." if known.place else "The shelf for shoppers who come."
        return Sign(tone="shopper", big="Collected here", small=place)
    if way.to == "site":
        return Sign(tone="truck", big=f"Truck to {way.name}", small="The cage of the lane")
    return Sign(tone="aside", big="Shelf", small="No van or carrier is to bring it yet. Scan it again later.")


def _elsewhere(known: Known, site: Site) -> str:
    """Return who has a parcel by the books, if that is nobody here and nothing says that it should come."""
    here = known.holder in ("", f"site:{site.site_id}")
    comes = known.unit_state in ("expected", "loaded", "departed", "withdrawn")
    if here or comes:
        return ""
    kind, _, name = known.holder.partition(":")
    return f"{kind.capitalize()} {name} has it. Receive it if it really is here."


def _carrier(connection: Connection, tenant_id: str, carrier_id: str) -> str:
    of = REFERENCE["carriers"].c
    query = select(of.name).where(of.tenant_id == tenant_id, of.carrier_id == carrier_id)
    return str(connection.execute(query).scalar() or carrier_id)


def _row(connection: Connection, tenant_id: str, site_id: str, code: str) -> "sa.Row[Any] | None":
    query = (
        select(parcels, orders.c.code, shipments.c.delivery_id, deliveries.c.site_id.label("delivery_from"))
        .join(orders, orders.c.order_id == parcels.c.order_id)
        .join(shipments, shipments.c.shipment_id == parcels.c.shipment_id)
        .outerjoin(deliveries, deliveries.c.delivery_id == shipments.c.delivery_id)
        .where(parcels.c.tenant_id == tenant_id)
    )
    if is_sscc(code):
        return connection.execute(query.where(parcels.c.sscc == code)).one_or_none()
    near = sa.case((sa.or_(parcels.c.site_id == site_id, deliveries.c.site_id == site_id), 0), else_=1)
    open_ones = (orders.c.tenant_id == tenant_id) & orders.c.state.in_(UNDER_WAY)
    newest = query.where(open_ones, orders.c.code == code).order_by(near, parcels.c.parcel_id.desc())
    return connection.execute(newest.limit(1)).first()
