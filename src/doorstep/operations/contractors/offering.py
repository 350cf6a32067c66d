"""Deliveries offered to contractors: to one after another, or to some at once, until somebody accepts.

The market of a retailer's contractors is one of its carriers, and its rate card is what they are paid. So a plan weighs
it like any other carrier, a delivery that is given to it is booked like any other, and where nobody accepts, the next
carrier of the decision follows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, ScalarSelect, Table, func, or_, select, update

from doorstep.domain.requirements import words_of
from doorstep.operations.caller import Caller
from doorstep.operations.carriers.calling import AT_ONCE, OPEN, record_due, tenants_calling
from doorstep.operations.carriers.fallback import give_to_next
from doorstep.operations.contractors.registry import can_bring
from doorstep.operations.fulfil.hand_over import lock_delivery
from doorstep.operations.fulfil.parts import DROPPED
from doorstep.operations.transitions import advance, tell_created
from doorstep.storage import Connection
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.carriers import carrier_bookings
from doorstep.storage.schema.contractors import contractor_offers, contractors
from doorstep.storage.schema.fulfilment import deliveries, parcels, shipments
from doorstep.storage.schema.orders import orders

MOST_S = 900
"""How long a delivery is offered; then the next carrier is tried, as after one that does not answer."""
NOBODY, NOT_NEEDED, TAKEN = "no_contractor", "not_needed", "taken_by_another"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How long an offer is good [s], and to how many contractors a delivery is offered at once."""

    offer_s: int
    at_once: int


def markets(connection: Connection, tenant_id: str) -> list[str]:
    """Return the carriers of a tenant that are markets of contractors: those that anybody was registered for."""
    query = select(contractors.c.carrier_id).where(contractors.c.tenant_id == tenant_id).distinct()
    return sorted(connection.execute(query).scalars())


def tenants_offering(connection: Connection, *, now: int) -> list[str]:
    """Return the tenants with a delivery to be offered to contractors, or with one that they have."""
    rows = connection.execute(select(contractors.c.tenant_id, contractors.c.carrier_id).distinct()).all()
    found = tenants_calling(connection, {row.carrier_id for row in rows}, now=now) if rows else []
    return [tenant_id for tenant_id in found if tenant_id in {row.tenant_id for row in rows}]


def bookings_to_offer(connection: Connection, caller: Caller, *, now: int) -> list[str]:
    """Return the bookings to look at; those that are due by now are put on record, those not needed are called off."""
    mine = markets(connection, caller.tenant_id)
    record_due(connection, caller, mine, now=now)
    of = carrier_bookings.c
    there = of.carrier_id.in_(mine) & (of.tenant_id == caller.tenant_id)
    gone = or_(deliveries.c.state.in_(DROPPED), deliveries.c.carrier_id != of.carrier_id)
    query = select(of.booking_id).join(deliveries, deliveries.c.delivery_id == of.delivery_id)
    for booking_id in connection.execute(query.where(there, of.state.in_(OPEN), gone).limit(AT_ONCE)).scalars().all():
        advance(connection, caller, "carrier_booking", booking_id, "call_off", now=now, reason=NOT_NEEDED,
                changes={"reason": NOT_NEEDED, "price_minor": 0, "heard_at": now})  # fmt: skip
        withdraw_offers(connection, caller, booking_id, NOT_NEEDED, now=now)
    asked = query.where(there, of.state == "asked").order_by(of.asked_at, of.booking_id)
    return list(connection.execute(asked.limit(AT_ONCE)).scalars())


def offer_booking(connection: Connection, caller: Caller, booking_id: str, rule: Rule, *, now: int) -> str:
    """Offer a delivery to whoever is next, and return what came of it: offered, waiting, nobody, or over.

    Next is who can bring it, has not had it offered before, has room for one more, and has waited longest for an offer.
    """
    of = carrier_bookings.c
    delivery_id = connection.execute(select(of.delivery_id).where(of.booking_id == booking_id)).scalar_one()
    lock_delivery(connection, caller, delivery_id)
    row = connection.execute(_WANTED.where(of.booking_id == booking_id)).one()
    if row.state != "asked" or row.delivery_state != "booked" or row.carrier_id != row.has_it:
        return "over"
    waiting = _expire(connection, caller, booking_id, now)
    if now - row.asked_at < MOST_S and waiting < rule.at_once:
        chosen = _next(connection, caller.tenant_id, row)[: rule.at_once - waiting]
        for contractor_id in chosen:
            _offer(connection, caller, row, contractor_id, now=now, until=now + rule.offer_s)
        if chosen:
            return "offered"
    if waiting:
        return "waiting"
    known = {"delivery_id": delivery_id, "carrier_id": row.carrier_id}
    advance(connection, caller, "carrier_booking", booking_id, "refuse", now=now, reason=NOBODY,
            changes={"reason": NOBODY}, data=known)  # fmt: skip
    give_to_next(connection, caller, delivery_id, f"no contractor of {row.carrier_id} accepted", now=now)
    return "nobody"


def withdraw_offers(connection: Connection, caller: Caller, booking_id: str, reason: str, *, now: int) -> None:
    """Withdraw what is still offered of a booking."""
    for row in _open(connection, booking_id):
        advance(connection, caller, "contractor_offer", row.offer_id, "withdraw", now=now, reason=reason,
                changes={"reason": reason})  # fmt: skip


def requirements_of(connection: Connection, delivery_id: str, of_order: str) -> list[str]:
    """Return what must be kept with a delivery: what its order and its parcels require."""
    query = select(parcels.c.requirements).join(shipments, shipments.c.shipment_id == parcels.c.shipment_id)
    found = connection.execute(query.where(shipments.c.delivery_id == delivery_id)).scalars()
    return words_of(";".join((of_order, *found)))


_WANTED = (
    select(
        carrier_bookings.c.booking_id, carrier_bookings.c.carrier_id, carrier_bookings.c.state,
        carrier_bookings.c.asked_at, carrier_bookings.c.expected_minor, deliveries.c.delivery_id,
        deliveries.c.state.label("delivery_state"), deliveries.c.carrier_id.label("has_it"), deliveries.c.site_id,
        deliveries.c.weight_g, deliveries.c.volume_ml, orders.c.postal_code, orders.c.requirements,
    )
    .join(deliveries, deliveries.c.delivery_id == carrier_bookings.c.delivery_id)
    .join(orders, orders.c.order_id == deliveries.c.order_id)
)  # fmt: skip


def _open(connection: Connection, booking_id: str) -> "Sequence[Row[Any]]":
    of = contractor_offers.c
    query = select(of.offer_id, of.expires_at).where(of.booking_id == booking_id, of.state == "offered")
    return connection.execute(query.order_by(of.offer_id).with_for_update()).all()


def _expire(connection: Connection, caller: Caller, booking_id: str, now: int) -> int:
    """Let offers of a booking expire whose time is over, and return how many still stand."""
    there = _open(connection, booking_id)
    late = [row.offer_id for row in there if row.expires_at <= now]
    for offer_id in late:
        advance(connection, caller, "contractor_offer", offer_id, "expire", now=now)
    return len(there) - len(late)


def _next(connection: Connection, tenant_id: str, row: "Row[Any]") -> list[str]:
    """Return the contractors that a delivery may be offered to now, the next one first."""
    of, hand = contractors.c, carrier_bookings.c
    had = select(contractor_offers.c.contractor_id).where(contractor_offers.c.delivery_id == row.delivery_id)
    offered = _count(contractor_offers, contractor_offers.c.state == "offered")
    has = _count(carrier_bookings, hand.state == "confirmed")
    query = select(contractors).where(
        of.tenant_id == tenant_id, of.carrier_id == row.carrier_id, of.state == "active", of.contractor_id.not_in(had),
        offered + has < of.most_at_once,
    )  # fmt: skip
    wanted = requirements_of(connection, row.delivery_id, row.requirements)
    return [
        each.contractor_id
        for each in connection.execute(query.order_by(of.offered_at, of.contractor_id))
        if can_bring(
            each, site_id=row.site_id, postal_code=row.postal_code, weight_g=row.weight_g, volume_ml=row.volume_ml,
            wanted=wanted,
        )
    ]  # fmt: skip


def _count(table: Table, there: "ColumnElement[bool]") -> "ScalarSelect[int]":
    """Return the expression of how many rows of a table a contractor has that meet a condition."""
    mine = (table.c.contractor_id == contractors.c.contractor_id) & there
    return select(func.count()).select_from(table).where(mine).correlate(contractors).scalar_subquery()


def _offer(
    connection: Connection, caller: Caller, row: "Row[Any]", contractor_id: str, *, now: int, until: int
) -> None:
    offer_id = connection.new_id("ofr", now)
    connection.run(inserting(contractor_offers), [{
        "offer_id": offer_id, "tenant_id": caller.tenant_id, "booking_id": row.booking_id,
        "delivery_id": row.delivery_id, "contractor_id": contractor_id, "state": "offered", "version": 1,
        "pay_minor": row.expected_minor, "reason": "", "expires_at": until, "offered_at": now,
    }])  # fmt: skip
    mine = contractors.c.contractor_id == contractor_id
    connection.execute(update(contractors).where(mine).values(offered_at=now))
    known = {"delivery_id": row.delivery_id, "contractor_id": contractor_id, "pay_minor": row.expected_minor,
             "expires_at": until}  # fmt: skip
    tell_created(connection, caller, "contractor_offer", offer_id, "offered", now=now, data=known)
