"""The life of something that does not add up, such as a parcel handed over by somebody who did not have it."""

from doorstep.domain.lifecycles.machine import Machine, Transition

EXCEPTION = Machine(
    name="exception",
    initial="open",
    transitions=(
        # A scan that was sent later tells what had happened in between; one sent later still may spoil that again.
        Transition(event="explain", sources=("open",), target="explained", publishes="exception.explained"),
        Transition(event="reopen", sources=("explained",), target="open", publishes="exception.reopened"),
        Transition(event="resolve", sources=("open", "explained"), target="resolved", publishes="exception.resolved"),
    ),
)
