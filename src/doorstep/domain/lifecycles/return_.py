"""The life of a return: by courier, over the counter of a store or through a locker."""

from doorstep.domain.lifecycles.machine import Machine, Transition

RETURN = Machine(
    name="return",
    initial="requested",
    transitions=(
        Transition(event="approve", sources=("requested",), target="approved", publishes="return.approved"),
        Transition(event="send", sources=("approved",), target="in_transit", publishes="return.in_transit"),
        Transition(event="lose", sources=("in_transit",), target="lost", publishes="return.lost"),
        # Straight from approved: the shopper brought it to a store.
        Transition(
            event="receive", sources=("approved", "in_transit", "lost"), target="received", publishes="return.received"
        ),
        # After the inspection, or when a lost return is given up; the refund is decided with it.
        Transition(event="close", sources=("received", "lost"), target="closed", publishes="return.closed"),
        Transition(event="decline", sources=("requested",), target="declined", publishes="return.declined"),
        Transition(event="cancel", sources=("requested", "approved"), target="cancelled", publishes="return.cancelled"),
        Transition(event="expire", sources=("approved",), target="expired", publishes="return.expired"),
    ),
)
