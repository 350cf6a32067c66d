"""The life of a contractor: deliveries are offered to those who are active."""

from doorstep.domain.lifecycles.machine import Machine, Transition

CONTRACTOR = Machine(
    name="contractor",
    initial="active",
    transitions=(
        Transition(event="pause", sources=("active",), target="paused", publishes="contractor.paused"),
        Transition(event="resume", sources=("paused",), target="active", publishes="contractor.resumed"),
        Transition(event="end", sources=("active", "paused"), target="ended", publishes="contractor.ended"),
    ),
)
