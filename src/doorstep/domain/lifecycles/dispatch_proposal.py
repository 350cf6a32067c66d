"""The life of a proposal for routes: made when a promise is at risk, taken up or not, and taken back again."""

from doorstep.domain.lifecycles.machine import Machine, Transition

DISPATCH_PROPOSAL = Machine(
    name="dispatch_proposal",
    initial="proposed",
    transitions=(
        Transition(event="accept", sources=("proposed",), target="accepted", publishes="dispatch_proposal.accepted"),
        Transition(event="refuse", sources=("proposed",), target="refused", publishes="dispatch_proposal.refused"),
        # The routes have changed, or the promise is not at risk any more.
        Transition(event="expire", sources=("proposed",), target="expired", publishes="dispatch_proposal.expired"),
        # Only while nothing of what it changed has happened.
        Transition(event="undo", sources=("accepted",), target="undone", publishes="dispatch_proposal.undone"),
    ),
)
