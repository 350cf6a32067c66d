"""What connected carriers tell of their bookings: late, twice and out of order, or asked for where they are silent."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Row, bindparam, func, select, update

from doorstep.domain.lifecycles import LIFECYCLES
from doorstep.operations.bring.facts import Recorded, ReportedEvent, record_event
from doorstep.operations.caller import Caller
from doorstep.operations.carriers.fallback import WITH_CARRIER, give_to_next
from doorstep.operations.carriers.prices import take_price
from doorstep.operations.exceptions import open_exception
from doorstep.operations.fulfil.hand_over import lock_delivery
from doorstep.operations.fulfil.parts import DROPPED
from doorstep.operations.transitions import advance
from doorstep.ports import CarrierFact
from doorstep.storage import Connection
from doorstep.storage.prepared import Prepared
from doorstep.storage.schema.carriers import carrier_bookings
from doorstep.storage.schema.fulfilment import deliveries

SILENT_S = 600
"""How long a carrier may say nothing of a booking before it is asked."""
MOST_ASKED = 200
ASK_NOW = 0
"""Stands for when a carrier was heard last if it is to be asked at once."""
NOT_COMING = ("reject", "expire", "reassign")
GIVEN_BACK = ("cancel", *NOT_COMING)
"""Events by which a carrier says that it will not come."""
WITH_PARCELS = ("picked_up", "en_route_to_dropoff", "at_dropoff", "attempted", "rescheduled", "redirected")
"""States in which the carrier has the parcels: giving a delivery back then is a matter for people."""
OURS = frozenset(row.event for row in LIFECYCLES["delivery"].transitions) - {"quote", "book"}
"""Events that carriers can tell; the rest is decided here."""
ENDING = frozenset(row.event for row in LIFECYCLES["delivery"].transitions
                   if row.target in LIFECYCLES["delivery"].terminal)  # fmt: skip


class Booking(NamedTuple):
    """What a fact is about."""

    booking_id: str
    tenant_id: str
    delivery_id: str
    carrier_id: str


_of = carrier_bookings.c
_MINE = select(*(_of[name] for name in Booking._fields)).where(_of.carrier_id == bindparam("carrier_id"))
_BY_OURS = Prepared(_MINE.where(_of.booking_id == bindparam("name")))
_BY_THEIRS = Prepared(_MINE.where(_of.carrier_ref == bindparam("name")))
_STANDS = Prepared(
    select(_of.state, deliveries.c.site_id, deliveries.c.state.label("there"), deliveries.c.carrier_id)
    .join(deliveries, deliveries.c.delivery_id == _of.delivery_id)
    .where(_of.booking_id == bindparam("booking_id"))
)
_HEARD = Prepared(
    update(carrier_bookings)
    .where(_of.booking_id == bindparam("name"))
    .values(
        heard_at=bindparam("to_heard_at"),
        dropoff_at=func.coalesce(bindparam("to_dropoff_at", type_=_of.dropoff_at.type), _of.dropoff_at),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """How many facts were applied, were known or came too late, gave a delivery back, or were about nothing of ours."""

    applied: int = 0
    known: int = 0
    given_back: int = 0
    unknown: int = 0


def take_facts(connection: Connection, carrier_id: str, facts: Sequence[CarrierFact], *, now: int) -> Heard:
    """Keep what a carrier tells, and let it move the deliveries that it has.

    A booking that the carrier gives back before pickup goes to the next one; afterwards nothing about it moves the
    delivery any more. Facts are safe to take twice.
    """
    found: Counter[str] = Counter()
    for fact in facts:
        booking = _booking(connection, carrier_id, fact)
        found["unknown" if booking is None else _take(connection, carrier_id, booking, fact, now)] += 1
    return Heard(**found)


def unheard(
    connection: Connection, caller: Caller, connected: Collection[str], *, now: int
) -> list[tuple[str, str, str]]:
    """Return booking, carrier and its name for it of confirmed bookings that the carrier has long said nothing of.

    Also of those that are over, but whose end bore no price: a return, or an answer that was lost, may have changed it.
    """
    query = (
        select(carrier_bookings.c.booking_id, carrier_bookings.c.carrier_id, carrier_bookings.c.carrier_ref)
        .where(
            carrier_bookings.c.tenant_id == caller.tenant_id,
            carrier_bookings.c.state == "confirmed",
            carrier_bookings.c.carrier_id.in_(connected),
            carrier_bookings.c.heard_at < now - SILENT_S,
        )
        .order_by(carrier_bookings.c.heard_at)
        .limit(MOST_ASKED)
    )
    return [(row.booking_id, row.carrier_id, row.carrier_ref) for row in connection.execute(query).all()]


def _booking(connection: Connection, carrier_id: str, fact: CarrierFact) -> Booking | None:
    """Return the booking that a fact is about, by our name for it or by the carrier's."""
    for query, name in ((_BY_OURS, fact.delivery_id), (_BY_THEIRS, fact.carrier_ref)):
        found = connection.fetch(query, {"carrier_id": carrier_id, "name": name}) if name else []
        if found:
            return Booking._make(found[0])
    return None


def _take(connection: Connection, carrier_id: str, booking: Booking, fact: CarrierFact, now: int) -> str:
    """Take one fact about a booking and return what became of it, a field of ``Heard``."""
    caller = Caller(booking.tenant_id, f"carrier:{carrier_id}")
    lock_delivery(connection, caller, booking.delivery_id)
    ((state, site_id, delivery_state, has_it),) = connection.fetch(_STANDS, {"booking_id": booking.booking_id})
    if state not in ("asked", "confirmed"):
        return "known"
    if state == "asked":  # it tells of the booking before its answer was kept
        changes = {"carrier_ref": fact.carrier_ref, "heard_at": now}
        advance(connection, caller, "carrier_booking", booking.booking_id, "confirm", now=now, changes=changes)
    told = {"to_heard_at": now, "to_dropoff_at": fact.dropoff_at or None, "name": booking.booking_id}
    connection.run(_HEARD, [told])
    if fact.price_minor is not None:
        take_price(connection, caller, booking.booking_id, fact.price_minor, now=now)
    if fact.event not in OURS:
        return "known"
    if fact.event in NOT_COMING and (has_it != carrier_id or delivery_state in DROPPED):
        _drop(connection, caller, booking, fact, now=now)
        return "known"
    if has_it != carrier_id:
        if fact.event != "cancel":  # that is what we ask of it, whose answer ends the booking
            _end(connection, caller, booking, fact, delivery_state, now=now)
        return "known"
    if fact.event in GIVEN_BACK and delivery_state in WITH_CARRIER:
        why = f"{carrier_id} gave it back: {fact.reason or fact.event}"
        _drop(connection, caller, booking, fact, now=now)
        give_to_next(connection, caller, booking.delivery_id, why, now=now)
        return "given_back"
    if fact.event in GIVEN_BACK and delivery_state in WITH_PARCELS:
        asked = f"{carrier_id} gave {booking.delivery_id} back after pickup ({fact.reason or fact.event})"
        open_exception(connection, caller, "given_back_after_pickup", site_id=site_id, now=now,
                       scan=(caller.actor, fact.fact_id), detail=f"{asked}: it has the parcels.")  # fmt: skip
    if fact.event == "reassign":  # too late for another carrier
        return "known"
    return _record(connection, caller, booking, fact, now)


def _record(connection: Connection, caller: Caller, booking: Booking, fact: CarrierFact, now: int) -> str:
    event = ReportedEvent(
        source=caller.actor, source_event_id=fact.fact_id, kind="delivery", object_id=booking.delivery_id,
        event=fact.event, occurred_at=fact.occurred_at, reason=fact.reason,
    )  # fmt: skip
    done = record_event(connection, caller, event, now=now)
    if done.state in LIFECYCLES["delivery"].terminal:
        _end(connection, caller, booking, fact, done.state, now=now)
    return _told(done)


def record_of(connection: Connection, caller: Caller, booking: "Row[Any]", event: ReportedEvent, *, now: int) -> str:
    """Keep a fact about the delivery of a booking whose price is agreed; it ends with the delivery.

    Returns
    -------
    ``applied``, or ``known`` if it moved nothing.
    """
    done = record_event(connection, caller, event, now=now)
    if done.state in LIFECYCLES["delivery"].terminal:
        advance(connection, caller, "carrier_booking", booking.booking_id, "end", now=now,
                data={"delivery_id": booking.delivery_id, "state": done.state})  # fmt: skip
    return _told(done)


def _told(done: Recorded) -> str:
    return "applied" if done.outcome == "applied" and not done.known else "known"


def _drop(connection: Connection, caller: Caller, booking: Booking, fact: CarrierFact, *, now: int) -> None:
    """Keep that a carrier gave a booking back, for which it is owed nothing."""
    known = {"carrier_id": booking.carrier_id, "delivery_id": booking.delivery_id}
    advance(connection, caller, "carrier_booking", booking.booking_id, "drop", now=now, reason=fact.reason,
            changes={"reason": fact.reason or fact.event}, data=known)  # fmt: skip


def _end(
    connection: Connection, caller: Caller, booking: Booking, fact: CarrierFact, delivery_state: str, *, now: int
) -> None:
    """End a booking with the fact that ends it, if that says what it has cost; else its carrier is to be asked at once.

    A return may have made it dearer, and an answer that was lost may have had its price. What was called off waits for
    the answer to that, which has the fee.
    """
    if fact.event not in ENDING or (fact.event == "cancel" and fact.price_minor is None):
        return
    if fact.price_minor is None:
        connection.run(_HEARD, [{"to_heard_at": ASK_NOW, "to_dropoff_at": None, "name": booking.booking_id}])
        return
    advance(connection, caller, "carrier_booking", booking.booking_id, "end", now=now,
            data={"delivery_id": booking.delivery_id, "state": delivery_state})  # fmt: skip
