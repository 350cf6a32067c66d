"""The life of a subscription: renewing, skipping and swapping leave it active."""

from doorstep.domain.lifecycles.machine import Machine, Transition

SUBSCRIPTION = Machine(
    name="subscription",
    initial="active",
    transitions=(
        Transition(event="renew", sources=("active",), target="active", publishes="subscription.renewed"),
        Transition(event="skip", sources=("active",), target="active", publishes="subscription.skipped"),
        # Other lines, for one moment or from now on.
        Transition(event="swap", sources=("active",), target="active", publishes="subscription.swapped"),
        Transition(event="pause", sources=("active",), target="paused", publishes="subscription.paused"),
        Transition(event="resume", sources=("paused",), target="active", publishes="subscription.resumed"),
        Transition(event="end", sources=("active", "paused"), target="ended", publishes="subscription.ended"),
    ),
)
