"""Contractors and their offers as the retailer and the contractors themselves read them."""

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import func, select

from doorstep.api.conventions.geojson import Point
from doorstep.api.models.contractors import (
    Contractor,
    ContractorDelivery,
    ContractorDesk,
    ContractorOffer,
    DropOff,
    Pickup,
)
from doorstep.api.models.parts import Money, Window
from doorstep.api.views.matching import matching
from doorstep.domain.requirements import words_of
from doorstep.foundation import NotFoundError
from doorstep.operations.contractors import Contractor as Who
from doorstep.operations.contractors.offering import requirements_of
from doorstep.operations.contractors.registry import find_contractor
from doorstep.operations.forgetting import DECIMALS, POSTAL_CHARACTERS
from doorstep.storage import Connection
from doorstep.storage.retailers import load_reference
from doorstep.storage.schema.carriers import carrier_bookings
from doorstep.storage.schema.contractors import contractor_offers, contractors
from doorstep.storage.schema.fulfilment import deliveries
from doorstep.storage.schema.money import money_entries
from doorstep.storage.schema.orders import contacts, orders


def show_contractor(connection: Connection, tenant_id: str, contractor_id: str) -> Contractor:
    """Return a contractor.

    Raises
    ------
    NotFoundError
        If the tenant has no such contractor.
    """
    return _shown(find_contractor(connection, tenant_id, contractor_id))


def list_contractors(
    connection: Connection, tenant_id: str, *, limit: int, before: str = "", state: str | None = None,
    carrier_id: str | None = None,
) -> list[Contractor]:  # fmt: skip
    """Return contractors, the newest first; ``before`` is the id of the last one seen."""
    of = contractors.c
    query = matching(select(contractors).where(of.tenant_id == tenant_id), {of.state: state, of.carrier_id: carrier_id})
    query = query.where(of.contractor_id < before) if before else query
    return [_shown(row) for row in connection.execute(query.order_by(of.contractor_id.desc()).limit(limit))]


def list_offers(
    connection: Connection, tenant_id: str, *, currency: str, limit: int, before: str = "", state: str | None = None,
    delivery_id: str | None = None, contractor_id: str | None = None,
) -> list[ContractorOffer]:  # fmt: skip
    """Return what was offered to contractors, the newest first; ``before`` is the id of the last one seen."""
    of = contractor_offers.c
    wanted = {of.state: state, of.delivery_id: delivery_id, of.contractor_id: contractor_id}
    query = matching(select(contractor_offers).where(of.tenant_id == tenant_id), wanted)
    query = query.where(of.offer_id < before) if before else query
    rows = connection.execute(query.order_by(of.offer_id.desc()).limit(limit))
    return [_offer(row, currency) for row in rows]


def find_offer(connection: Connection, tenant_id: str, offer_id: str, *, currency: str) -> ContractorOffer:
    """Return what was offered to a contractor.

    Raises
    ------
    NotFoundError
        If the tenant has no such offer.
    """
    of = contractor_offers.c
    query = select(contractor_offers).where(of.offer_id == offer_id, of.tenant_id == tenant_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError(f"offer {offer_id} does not exist.")
    return _offer(row, currency)


def show_desk(connection: Connection, who: Who, *, now: int) -> ContractorDesk:
    """Return what a contractor sees."""
    tables = load_reference(connection, who.tenant_id)
    currency = str(tables["policy"]["currency"][0])
    sites = {site["site_id"]: site for site in tables["sites"].iter_rows(named=True)}
    of, there = contractor_offers.c, _JOBS.where(contractor_offers.c.contractor_id == who.contractor_id)
    open_ = there.where(of.state == "offered", of.expires_at > now).order_by(of.expires_at, of.offer_id)
    mine = there.where(of.state == "accepted", carrier_bookings.c.state == "confirmed")
    mine = mine.order_by(orders.c.window_end_at, of.offer_id)
    owed = select(func.coalesce(func.sum(money_entries.c.amount_minor), 0)).where(
        money_entries.c.tenant_id == who.tenant_id,
        money_entries.c.account == "contractor",
        money_entries.c.party_id == who.contractor_id,
    )

    def jobs(rows: "Sequence[sa.Row[Any]]") -> list[ContractorDelivery]:
        return [_job(connection, row, sites[row.site_id], currency) for row in rows]

    return ContractorDesk(
        name=who.name,
        state=find_contractor(connection, who.tenant_id, who.contractor_id).state,
        offered=jobs(connection.execute(open_).all()),
        in_hand=jobs(connection.execute(mine).all()),
        owed=Money(amount=int(connection.execute(owed).scalar_one()), currency=currency),
    )


_JOBS = (
    select(
        contractor_offers.c.offer_id, contractor_offers.c.state.label("offer_state"), contractor_offers.c.pay_minor,
        contractor_offers.c.expires_at, deliveries.c.delivery_id, deliveries.c.state.label("delivery_state"),
        deliveries.c.site_id, deliveries.c.ready_at, deliveries.c.parcels, deliveries.c.weight_g,
        deliveries.c.volume_ml, orders.c.code, orders.c.lat, orders.c.lon, orders.c.postal_code, orders.c.requirements,
        orders.c.neighbour_ok,
        orders.c.window_start_at, orders.c.window_end_at, contacts.c.name, contacts.c.phone, contacts.c.address,
        contacts.c.note,
    )
    .join(carrier_bookings, carrier_bookings.c.booking_id == contractor_offers.c.booking_id)
    .join(deliveries, deliveries.c.delivery_id == contractor_offers.c.delivery_id)
    .join(orders, orders.c.order_id == deliveries.c.order_id)
    .outerjoin(contacts, contacts.c.contact_id == orders.c.contact_id)
)  # fmt: skip


def _job(connection: Connection, row: "sa.Row[Any]", site: dict[str, Any], currency: str) -> ContractorDelivery:
    return ContractorDelivery(
        offer_id=row.offer_id,
        offer_state=row.offer_state,
        delivery_id=row.delivery_id,
        delivery_state=row.delivery_state,
        order_code=row.code,
        pay=Money(amount=row.pay_minor, currency=currency),
        expires_at=row.expires_at,
        pick_up_from=row.ready_at,
        window=Window.of_closed(row.window_start_at, row.window_end_at),
        parcels=row.parcels,
        weight_g=row.weight_g,
        volume_ml=row.volume_ml,
        requirements=requirements_of(connection, row.delivery_id, row.requirements),
        neighbour_ok=bool(row.neighbour_ok),
        pickup=Pickup(
            site_id=row.site_id,
            name=site["name"],
            phone=site["phone"],
            address=site["address"],
            point=Point(coordinates=(site["lon"], site["lat"])),
        ),
        dropoff=_dropoff(row),
    )


def _dropoff(row: "sa.Row[Any]") -> DropOff:
    """Return where a delivery goes; who offers are made to does not learn whose door it is."""
    if row.offer_state != "accepted":
        return DropOff(
            postal_code=row.postal_code[:POSTAL_CHARACTERS],
            point=Point(coordinates=(round(row.lon, DECIMALS), round(row.lat, DECIMALS))),
            name="", phone="", address="", note="",
        )  # fmt: skip
    address = json.loads(row.address or "{}")
    return DropOff(
        postal_code=row.postal_code,
        point=Point(coordinates=(row.lon, row.lat)),
        name=row.name or "",
        phone=row.phone or "",
        address=", ".join(address.get("lines", [])),
        note=row.note or "",
    )


def _shown(row: "sa.Row[Any]") -> Contractor:
    return Contractor(
        id=row.contractor_id,
        carrier_id=row.carrier_id,
        name=row.name,
        phone=row.phone,
        vehicle=row.vehicle,
        state=row.state,
        version=row.version,
        max_weight_g=row.max_weight_g,
        max_volume_ml=row.max_volume_ml,
        skills=words_of(row.skills),
        site_ids=words_of(row.site_ids),
        zones=words_of(row.zones),
        most_at_once=row.most_at_once,
        created_at=row.created_at,
    )


def _offer(row: "sa.Row[Any]", currency: str) -> ContractorOffer:
    return ContractorOffer(
        id=row.offer_id,
        delivery_id=row.delivery_id,
        booking_id=row.booking_id,
        contractor_id=row.contractor_id,
        state=row.state,
        version=row.version,
        reason=row.reason,
        pay=Money(amount=row.pay_minor, currency=currency),
        offered_at=row.offered_at,
        expires_at=row.expires_at,
    )
