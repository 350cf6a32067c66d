"""The life of an errand of a concierge order: somebody's to do until it is done, refused, or not wanted any more."""

from doorstep.domain.lifecycles.machine import Machine, Transition

ERRAND = Machine(
    name="errand",
    initial="open",
    transitions=(
        Transition(event="assign", sources=("open",), target="open", publishes="errand.assigned"),
        Transition(event="finish", sources=("open",), target="done", publishes="errand.done"),
        Transition(event="refuse", sources=("open",), target="refused", publishes="errand.refused"),
        # With its order.
        Transition(event="cancel", sources=("open",), target="cancelled", publishes="errand.cancelled"),
    ),
)
