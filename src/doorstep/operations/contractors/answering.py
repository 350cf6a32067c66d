"""What contractors answer and report: the first who accepts a delivery has it, and tells what becomes of it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from doorstep.domain.lifecycles import LIFECYCLES
from doorstep.foundation import ConflictError, InputError, NotFoundError
from doorstep.operations.bring.facts import ReportedEvent, record_event
from doorstep.operations.caller import Caller
from doorstep.operations.carriers.calling import put_on_record
from doorstep.operations.carriers.fallback import WITH_CARRIER
from doorstep.operations.carriers.hearing import record_of
from doorstep.operations.contractors.offering import TAKEN, withdraw_offers
from doorstep.operations.contractors.registry import Contractor, as_contractor, find_contractor, in_hand
from doorstep.operations.exceptions import open_exception
from doorstep.operations.fulfil.hand_over import lock_delivery
from doorstep.operations.transitions import advance
from doorstep.storage import Connection
from doorstep.storage.retailers import load_reference
from doorstep.storage.schema.carriers import carrier_bookings
from doorstep.storage.schema.contractors import contractor_offers
from doorstep.storage.schema.fulfilment import deliveries

REPORTED = (
    "start_to_pickup", "arrive_at_pickup", "pick_up", "start_to_dropoff", "arrive_at_dropoff", "deliver", "attempt",
    "start_return", "arrive_at_return", "take_back",
)  # fmt: skip
"""Events of a delivery that contractors report."""
ENDED = LIFECYCLES["delivery"].terminal


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Something that happened to a delivery, under the contractor's own name for it; ``details`` are JSON text."""

    event_id: str
    event: str
    occurred_at: int
    reason: str = ""
    details: str = "{}"


def accept_offer(connection: Connection, who: Contractor, offer_id: str, *, now: int) -> None:
    """Give a delivery to the contractor who accepts it, and withdraw what others were offered of it.

    Raises
    ------
    NotFoundError
        If nothing of that name was offered to them.
    ConflictError
        If somebody was faster, the time is over, nobody has to bring it any more, or their hands are full.
    """
    offer = _locked(connection, who, offer_id)
    if offer.state == "accepted":
        return
    if offer.state != "offered" or offer.expires_at <= now:
        state = "expired" if offer.state == "offered" else offer.state
        raise ConflictError(f"offer {offer_id} is {state}.", hint=f"Maybe {offer.reason or 'its time was over'}.")
    booking = _booking(connection, offer.booking_id)
    if booking.state != "asked" or booking.delivery_state != "booked" or booking.has_it != who.carrier_id:
        raise ConflictError(f"delivery {offer.delivery_id} is {booking.delivery_state}: nobody is asked for it.")
    row = find_contractor(connection, who.tenant_id, who.contractor_id, lock=True)
    if row.state != "active":
        raise ConflictError(f"contractor {who.contractor_id} is {row.state}.")
    if in_hand(connection, who.contractor_id) >= row.most_at_once:
        raise ConflictError(f"contractor {who.contractor_id} has {row.most_at_once} deliveries in hand already.")
    known = {"delivery_id": offer.delivery_id, "contractor_id": who.contractor_id, "pay_minor": offer.pay_minor}
    advance(connection, who.caller, "contractor_offer", offer_id, "accept", now=now, data=known)
    withdraw_offers(connection, who.caller, offer.booking_id, TAKEN, now=now)
    currency = str(load_reference(connection, who.tenant_id)["policy"]["currency"][0])
    changes = {"carrier_ref": offer_id, "contractor_id": who.contractor_id, "courier": who.name,
               "quoted_minor": offer.pay_minor, "price_minor": offer.pay_minor, "currency": currency,
               "heard_at": now}  # fmt: skip
    advance(connection, who.caller, "carrier_booking", offer.booking_id, "confirm", now=now, changes=changes,
            data=known | {"carrier_id": who.carrier_id})  # fmt: skip
    told = Report(event_id=f"accept-{offer_id}", event="assign", occurred_at=now)
    record_of(connection, who.caller, booking, _event(who, offer, told), now=now)


def decline_offer(connection: Connection, who: Contractor, offer_id: str, *, reason: str, now: int) -> None:
    """Keep that a contractor does not want a delivery: it is offered to the next one.

    Raises
    ------
    NotFoundError, IllegalTransitionError
        If nothing of that name was offered to them, or it is offered no more.
    """
    offer = _locked(connection, who, offer_id)
    if offer.state != "declined":
        advance(connection, who.caller, "contractor_offer", offer_id, "decline", now=now, reason=reason,
                changes={"reason": reason})  # fmt: skip


def report_on(connection: Connection, who: Contractor, offer_id: str, told: Report, *, now: int) -> str:
    """Keep what a contractor tells of a delivery that they accepted, and let it move it if it is news.

    Returns
    -------
    ``applied``, or ``known`` if it moved nothing: told before, or too late.

    Raises
    ------
    NotFoundError, ConflictError
        If nothing of that name was offered to them, or they do not have it.
    InputError
        If it is no event that contractors report.
    """
    if told.event not in REPORTED:
        raise InputError(f"event {told.event!r} is none of {', '.join(REPORTED)}.")
    offer = _locked(connection, who, offer_id)
    booking = _booking(connection, offer.booking_id)
    if offer.state != "accepted" or booking.state not in ("confirmed", "ended"):
        raise ConflictError(f"offer {offer_id} is {offer.state}: delivery {offer.delivery_id} is not theirs.")
    if booking.state == "ended":
        record_event(connection, who.caller, _event(who, offer, told), now=now)
        return "known"
    return record_of(connection, who.caller, booking, _event(who, offer, told), now=now)


def give_back(
    connection: Connection, who: Contractor, offer_id: str, *, reason: str, now: int, caller: Caller | None = None
) -> None:
    """Take a delivery from the contractor who accepted it: before pickup it is offered to the others again.

    After pickup they have the parcels: that opens an exception, and people ask where those are.

    Parameters
    ----------
    caller
        Who takes it from them, where it is not they themselves.

    Raises
    ------
    NotFoundError, ConflictError
        If nothing of that name was offered to them, or they do not have it.
    """
    offer = _locked(connection, who, offer_id)
    if offer.state == "given_back":
        return
    caller = caller or who.caller
    booking = _booking(connection, offer.booking_id)
    if offer.state != "accepted" or booking.state != "confirmed" or booking.delivery_state in ENDED:
        raise ConflictError(f"offer {offer_id} is {offer.state}, and its booking {booking.state}: nothing comes back.")
    why = f"contractor {who.contractor_id} gave it back: {reason}"
    if booking.delivery_state not in WITH_CARRIER:
        open_exception(connection, caller, "given_back_after_pickup", site_id=booking.site_id, now=now,
                       scan=(who.caller.actor, offer_id), detail=f"{why}. They have the parcels.")  # fmt: skip
        return
    known = {"delivery_id": offer.delivery_id, "contractor_id": who.contractor_id, "carrier_id": who.carrier_id}
    advance(connection, caller, "contractor_offer", offer_id, "give_back", now=now, reason=reason,
            changes={"reason": reason}, data=known)  # fmt: skip
    advance(connection, caller, "carrier_booking", offer.booking_id, "drop", now=now, reason=reason,
            changes={"reason": reason}, data=known)  # fmt: skip
    advance(connection, caller, "delivery", offer.delivery_id, "reassign", now=now, reason=reason, data=known)
    advance(connection, caller, "delivery", offer.delivery_id, "book", now=now, reason=reason, data=known)
    put_on_record(connection, caller, booking, now=now)


def recall_offer(connection: Connection, caller: Caller, offer_id: str, *, reason: str, now: int) -> None:
    """Take a delivery from a contractor who accepted it and does not come; raises like ``give_back``."""
    of = contractor_offers.c
    query = select(of.contractor_id).where(of.offer_id == offer_id, of.tenant_id == caller.tenant_id)
    contractor_id = connection.execute(query).scalar_one_or_none()
    if contractor_id is None:
        raise NotFoundError(f"offer {offer_id} does not exist.")
    who = as_contractor(find_contractor(connection, caller.tenant_id, contractor_id))
    give_back(connection, who, offer_id, reason=reason, now=now, caller=caller)


def _locked(connection: Connection, who: Contractor, offer_id: str) -> "Row[Any]":
    """Return an offer to a contractor, with the order of its delivery locked."""
    of = contractor_offers.c
    query = select(contractor_offers).where(of.offer_id == offer_id, of.contractor_id == who.contractor_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError(f"offer {offer_id} does not exist.")
    lock_delivery(connection, who.caller, row.delivery_id)
    return connection.execute(query).one()


def _booking(connection: Connection, booking_id: str) -> "Row[Any]":
    of = carrier_bookings.c
    query = select(
        of.booking_id, of.state, of.carrier_id, deliveries.c.delivery_id, deliveries.c.cost_parts, deliveries.c.site_id,
        deliveries.c.state.label("delivery_state"), deliveries.c.carrier_id.label("has_it"),
    ).join(deliveries, deliveries.c.delivery_id == of.delivery_id)  # fmt: skip
    return connection.execute(query.where(of.booking_id == booking_id)).one()


def _event(who: Contractor, offer: "Row[Any]", told: Report) -> ReportedEvent:
    return ReportedEvent(
        source=who.caller.actor, source_event_id=told.event_id, kind="delivery", object_id=offer.delivery_id,
        event=told.event, occurred_at=told.occurred_at, reason=told.reason, details=told.details,
    )  # fmt: skip
