"""Bookings that nobody needs any more are called off with their carriers."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import or_, select, update

from doorstep.operations.caller import Caller
from doorstep.operations.carriers.calling import AT_ONCE, OPEN
from doorstep.operations.carriers.hearing import ASK_NOW
from doorstep.operations.carriers.prices import take_price
from doorstep.operations.fulfil.parts import DROPPED
from doorstep.operations.transitions import advance
from doorstep.storage import Connection
from doorstep.storage.schema.carriers import carrier_bookings
from doorstep.storage.schema.fulfilment import deliveries

TOO_LATE = "not_cancellable"
"""Why a carrier would not be called off that has the parcels by now, or has given the booking back itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOff:
    """A booking to be called off, and its carrier's name for it; that is empty where nobody knows it was made."""

    booking_id: str
    carrier_id: str
    carrier_ref: str


def calls_off_due(connection: Connection, caller: Caller, connected: Collection[str]) -> tuple[CallOff, ...]:
    """Return the open bookings of deliveries that were called off here, or that another carrier has by now."""
    query = (
        select(carrier_bookings.c.booking_id, carrier_bookings.c.carrier_id, carrier_bookings.c.carrier_ref)
        .join(deliveries, deliveries.c.delivery_id == carrier_bookings.c.delivery_id)
        .where(
            carrier_bookings.c.tenant_id == caller.tenant_id,
            carrier_bookings.c.state.in_(OPEN),
            carrier_bookings.c.carrier_id.in_(connected),
            carrier_bookings.c.reason != TOO_LATE,
            or_(deliveries.c.state.in_(DROPPED), deliveries.c.carrier_id != carrier_bookings.c.carrier_id),
        )
        .order_by(carrier_bookings.c.booking_id)
        .limit(AT_ONCE)
    )
    return tuple(CallOff(**row._mapping) for row in connection.execute(query).all())


def store_called_off(
    connection: Connection, caller: Caller, asked: CallOff, *, fee_minor: int | None, reason: str, now: int
) -> None:
    """Keep that a booking was called off, what that costs, and why it could not be if it could not.

    One that is too late to be called off goes on: how it ends, and what it then costs, its carrier will tell.

    Parameters
    ----------
    fee_minor
        None: the carrier would not be called off, and what it asked stays.
    """
    mine = carrier_bookings.c.booking_id == asked.booking_id
    if fee_minor is not None:  # also where a webhook has ended the booking before
        take_price(connection, caller, asked.booking_id, fee_minor, now=now)
    state = connection.execute(select(carrier_bookings.c.state).where(mine)).scalar_one()
    if state in OPEN and fee_minor is None and reason == TOO_LATE:
        if state == "asked":
            advance(connection, caller, "carrier_booking", asked.booking_id, "confirm", now=now)
        connection.execute(update(carrier_bookings).where(mine).values(reason=reason, heard_at=ASK_NOW))
    elif state in OPEN:
        changes = {"reason": reason, "heard_at": now}
        advance(connection, caller, "carrier_booking", asked.booking_id, "call_off", now=now, reason=reason,
                changes=changes, data={"carrier_id": asked.carrier_id, "fee_minor": fee_minor})  # fmt: skip
