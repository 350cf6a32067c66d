"""What a carrier asks for a booking by now: it may change until the delivery has ended, and when it is called off."""

from sqlalchemy import select, update

from doorstep.operations.caller import Caller
from doorstep.storage import Connection
from doorstep.storage.schema.carriers import carrier_bookings


def take_price(connection: Connection, caller: Caller, booking_id: str, price_minor: int, *, now: int) -> None:
    """Keep what a carrier asks for a booking, fees included, and publish it if that is news."""
    of = carrier_bookings.c
    mine = of.booking_id == booking_id
    query = select(of.version, of.state, of.price_minor, of.delivery_id, of.carrier_id).where(mine)
    row = connection.execute(query.with_for_update()).one()
    if row.price_minor == price_minor:
        return
    connection.execute(update(carrier_bookings).where(mine).values(price_minor=price_minor))
    connection.journal.publish(
        event_id=connection.new_id("evt", now),
        tenant_id=caller.tenant_id,
        type="carrier_booking.price_changed",
        kind="carrier_booking",
        object_id=booking_id,
        sequence=row.version,
        at=now,
        data={
            "carrier_booking_id": booking_id,
            "state": row.state,
            "delivery_id": row.delivery_id,
            "carrier_id": row.carrier_id,
            "was_minor": row.price_minor,
            "price_minor": price_minor,
        },
    )
