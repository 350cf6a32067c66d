"""The life of a network study: asked for, worked out by a worker, and perhaps adopted."""

from doorstep.domain.lifecycles.machine import Machine, Transition

NETWORK_STUDY = Machine(
    name="network_study",
    initial="asked",
    transitions=(
        Transition(event="finish", sources=("asked",), target="done", publishes="network_study.done"),
        # What was asked for cannot be: the study says why.
        Transition(event="fail", sources=("asked",), target="failed", publishes="network_study.failed"),
        Transition(event="cancel", sources=("asked",), target="cancelled", publishes="network_study.cancelled"),
        # Its sites, vans, lanes and regions are the retailer's now.
        Transition(event="adopt", sources=("done",), target="adopted", publishes="network_study.adopted"),
    ),
)
