"""The life of a hold on a slot: capacity kept for a shopper at the checkout."""

from doorstep.domain.lifecycles.machine import Machine, Transition

SLOT_HOLD = Machine(
    name="slot_hold",
    initial="held",
    transitions=(
        Transition(event="confirm", sources=("held",), target="confirmed", publishes="slot.confirmed"),
        # A place that was confirmed before there was an order: the order that comes has it.
        Transition(event="take", sources=("confirmed",), target="confirmed", publishes="slot.taken"),
        Transition(event="consume", sources=("confirmed",), target="consumed", publishes="slot.consumed"),
        Transition(event="release", sources=("held", "confirmed"), target="released", publishes="slot.released"),
        Transition(event="expire", sources=("held",), target="expired", publishes="slot.expired"),
    ),
)
