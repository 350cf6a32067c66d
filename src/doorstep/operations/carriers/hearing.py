"""What connected carriers tell of their bookings: late, twice and out of order, or asked for where they are silent."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Row, or_, select, update

from doorstep.domain.lifecycles import LIFECYCLES
from doorstep.operations.bring.facts import ReportedEvent, record_event
from doorstep.operations.caller import Caller
from doorstep.operations.carriers.fallback import WITH_CARRIER, give_to_next
from doorstep.operations.carriers.prices import take_price
from doorstep.operations.exceptions import open_exception
from doorstep.operations.fulfil.hand_over import lock_delivery
from doorstep.operations.transitions import advance
from doorstep.ports import CarrierFact
from doorstep.storage import Connection
from doorstep.storage.schema.carriers import carrier_bookings
from doorstep.storage.schema.fulfilment import deliveries

SILENT_S = 600
"""How long a carrier may say nothing of a booking before it is asked."""
MOST_ASKED = 200
GIVEN_BACK = ("cancel", "reject", "expire", "reassign")
"""Events by which a carrier says that it will not come."""
WITH_PARCELS = ("picked_up", "en_route_to_dropoff", "at_dropoff", "attempted", "rescheduled", "redirected")
"""States in which the carrier has the parcels: giving a delivery back then is a matter for people."""
OURS = frozenset(row.event for row in LIFECYCLES["delivery"].transitions) - {"quote", "book"}
"""Events that carriers can tell; the rest is decided here."""


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
    """Return booking, carrier and its name for it of confirmed bookings that the carrier has long said nothing of."""
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


def _booking(connection: Connection, carrier_id: str, fact: CarrierFact) -> Row | None:  # type: ignore[type-arg]
    mine = or_(
        carrier_bookings.c.booking_id == fact.delivery_id,
        (carrier_bookings.c.carrier_ref == fact.carrier_ref) & (carrier_bookings.c.carrier_ref != ""),
    )
    query = select(carrier_bookings.c.booking_id, carrier_bookings.c.tenant_id, carrier_bookings.c.delivery_id)
    return connection.execute(query.where(carrier_bookings.c.carrier_id == carrier_id, mine)).first()


def _take(connection: Connection, carrier_id: str, booking: Row, fact: CarrierFact, now: int) -> str:  # type: ignore[type-arg]
    """Take one fact about a booking and return what became of it, a field of ``Heard``."""
    caller = Caller(booking.tenant_id, f"carrier:{carrier_id}")
    lock_delivery(connection, caller, booking.delivery_id)
    mine = carrier_bookings.c.booking_id == booking.booking_id
    state = connection.execute(select(carrier_bookings.c.state).where(mine)).scalar_one()
    if state not in ("asked", "confirmed"):
        return "known"
    if state == "asked":  # it tells of the booking before its answer was kept
        changes = {"carrier_ref": fact.carrier_ref, "heard_at": now}
        advance(connection, caller, "carrier_booking", booking.booking_id, "confirm", now=now, changes=changes)
    told = {"heard_at": now, "dropoff_at": fact.dropoff_at or None}
    connection.execute(update(carrier_bookings).where(mine).values({k: v for k, v in told.items() if v is not None}))
    if fact.price_minor is not None:
        take_price(connection, caller, booking.booking_id, fact.price_minor, now=now)
    delivery = connection.execute(
        select(deliveries.c.state, deliveries.c.carrier_id, deliveries.c.site_id).where(
            deliveries.c.delivery_id == booking.delivery_id
        )
    ).one()
    if delivery.carrier_id != carrier_id or fact.event not in OURS:
        return "known"
    if fact.event in GIVEN_BACK and delivery.state in WITH_CARRIER:
        why = f"{carrier_id} gave it back: {fact.reason or fact.event}"
        changes = {"reason": fact.reason or fact.event}
        advance(connection, caller, "carrier_booking", booking.booking_id, "drop", now=now, reason=fact.reason,
                changes=changes, data={"carrier_id": carrier_id, "delivery_id": booking.delivery_id})  # fmt: skip
        give_to_next(connection, caller, booking.delivery_id, why, now=now)
        return "given_back"
    if fact.event in GIVEN_BACK and delivery.state in WITH_PARCELS:
        asked = f"{carrier_id} gave {booking.delivery_id} back after pickup ({fact.reason or fact.event})"
        open_exception(connection, caller, "given_back_after_pickup", site_id=delivery.site_id, now=now,
                       scan=(caller.actor, fact.fact_id), detail=f"{asked}: it has the parcels.")  # fmt: skip
    if fact.event == "reassign":  # too late for another carrier
        return "known"
    event = ReportedEvent(
        source=caller.actor, source_event_id=fact.fact_id, kind="delivery", object_id=booking.delivery_id,
        event=fact.event, occurred_at=fact.occurred_at, reason=fact.reason,
    )  # fmt: skip
    return record_of(connection, caller, booking, event, now=now)


def record_of(connection: Connection, caller: Caller, booking: Row, event: ReportedEvent, *, now: int) -> str:  # type: ignore[type-arg]
    """Keep a fact about the delivery of a booking, which ends with it; return if it was ``applied`` or ``known``."""
    done = record_event(connection, caller, event, now=now)
    if done.state in LIFECYCLES["delivery"].terminal:
        advance(connection, caller, "carrier_booking", booking.booking_id, "end", now=now,
                data={"delivery_id": booking.delivery_id, "state": done.state})  # fmt: skip
    return "applied" if done.outcome == "applied" and not done.known else "known"
