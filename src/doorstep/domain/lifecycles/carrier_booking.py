"""The life of a booking with a carrier: asked of it, confirmed or refused, and how it ends."""

from doorstep.domain.lifecycles.machine import Machine, Transition

CARRIER_BOOKING = Machine(
    name="carrier_booking",
    initial="asked",
    transitions=(
        Transition(event="confirm", sources=("asked",), target="confirmed", publishes="carrier_booking.confirmed"),
        Transition(event="refuse", sources=("asked",), target="refused", publishes="carrier_booking.refused"),
        # The carrier gives it back: no courier, or its courier dropped out.
        Transition(event="drop", sources=("asked", "confirmed"), target="dropped", publishes="carrier_booking.dropped"),
        Transition(
            event="call_off",
            sources=("asked", "confirmed"),
            target="called_off",
            publishes="carrier_booking.called_off",
        ),
        Transition(event="end", sources=("confirmed",), target="ended", publishes="carrier_booking.ended"),
    ),
)
