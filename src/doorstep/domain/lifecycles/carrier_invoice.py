"""The life of a carrier's invoice: open until every line of it is approved or withdrawn."""

from doorstep.domain.lifecycles.machine import Machine, Transition

CARRIER_INVOICE = Machine(
    name="carrier_invoice",
    initial="open",
    transitions=(
        # Lines are looked at again, approved, disputed or withdrawn: a new version.
        Transition(event="decide", sources=("open",), target="open", publishes="carrier_invoice.updated"),
        Transition(event="close", sources=("open",), target="closed", publishes="carrier_invoice.closed"),
    ),
)
