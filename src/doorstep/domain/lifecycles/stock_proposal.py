"""The life of a proposal for the stock: made by a plan, taken up or not, replaced by the next plan."""

from doorstep.domain.lifecycles.machine import Machine, Transition

STOCK_PROPOSAL = Machine(
    name="stock_proposal",
    initial="proposed",
    transitions=(
        # Its movements are in the ledger: units have left, a receipt is expected.
        Transition(event="accept", sources=("proposed",), target="accepted", publishes="stock_proposal.accepted"),
        Transition(event="reject", sources=("proposed",), target="rejected", publishes="stock_proposal.rejected"),
        # Its deadline has passed, or a later plan looked at the same stock again.
        Transition(event="expire", sources=("proposed",), target="expired", publishes="stock_proposal.expired"),
    ),
)
