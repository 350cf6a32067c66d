"""What a carrier asks for a booking by now: it may change until the delivery has ended, and when it is called off."""

from sqlalchemy import bindparam, select, update

from doorstep.operations.caller import Caller
from doorstep.storage import Connection
from doorstep.storage.prepared import Prepared
from doorstep.storage.schema.carriers import carrier_bookings

_of = carrier_bookings.c
_PRICED = Prepared(
    select(_of.version, _of.state, _of.price_minor, _of.delivery_id, _of.carrier_id)
    .where(_of.booking_id == bindparam("name"))
    .with_for_update()
)
_PRICE = Prepared(
    update(carrier_bookings).where(_of.booking_id == bindparam("name")).values(price_minor=bindparam("to_price_minor"))
)


def take_price(connection: Connection, caller: Caller, booking_id: str, price_minor: int, *, now: int) -> None:
    """Keep what a carrier asks for a booking, fees included, and publish it if that is news."""
    ((version, state, was_minor, delivery_id, carrier_id),) = connection.fetch(_PRICED, {"name": booking_id})
    if was_minor == price_minor:
        return
    connection.run(_PRICE, [{"name": booking_id, "to_price_minor": price_minor}])
    connection.journal.publish(
        event_id=connection.new_id("evt", now),
        tenant_id=caller.tenant_id,
        type="carrier_booking.price_changed",
        kind="carrier_booking",
        object_id=booking_id,
        sequence=version,
        at=now,
        data={
            "carrier_booking_id": booking_id,
            "state": state,
            "delivery_id": delivery_id,
            "carrier_id": carrier_id,
            "was_minor": was_minor,
            "price_minor": price_minor,
        },
    )
