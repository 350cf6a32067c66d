"""The life of a delivery offered to a contractor: only the first who accepts it has it."""

from doorstep.domain.lifecycles.machine import Machine, Transition

CONTRACTOR_OFFER = Machine(
    name="contractor_offer",
    initial="offered",
    transitions=(
        Transition(event="accept", sources=("offered",), target="accepted", publishes="contractor_offer.accepted"),
        Transition(event="decline", sources=("offered",), target="declined", publishes="contractor_offer.declined"),
        Transition(event="expire", sources=("offered",), target="expired", publishes="contractor_offer.expired"),
        # Somebody else was first, or nobody has to bring it any more.
        Transition(event="withdraw", sources=("offered",), target="withdrawn", publishes="contractor_offer.withdrawn"),
        Transition(
            event="give_back", sources=("accepted",), target="given_back", publishes="contractor_offer.given_back"
        ),
    ),
)
