"""The life of a membership: its benefits hold while it is on trial or active."""

from doorstep.domain.lifecycles.machine import Machine, Transition

HOLDING = ("trial", "active")

MEMBERSHIP = Machine(
    name="membership",
    initial="trial",
    transitions=(
        # A period was paid for: the shop takes the money and says so.
        Transition(
            event="renew", sources=("trial", "active", "past_due"), target="active", publishes="membership.renewed"
        ),
        Transition(event="fall_due", sources=HOLDING, target="past_due", publishes="membership.past_due"),
        Transition(
            event="cancel", sources=(*HOLDING, "past_due"), target="cancelled", publishes="membership.cancelled"
        ),
    ),
)
