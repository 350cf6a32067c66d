"""The life of a receipt: units on their way to a site, until they are on its shelf."""

from doorstep.domain.lifecycles.machine import Machine, Transition

OPEN = ("expected", "late")

RECEIPT = Machine(
    name="receipt",
    initial="expected",
    transitions=(
        # Others are expected, or at another time: a late one counts again.
        Transition(event="change", sources=OPEN, target="expected", publishes="receipt.changed"),
        # It has not come: nobody is promised any of it, and those who were look for other sites.
        Transition(event="fall_late", sources=("expected",), target="late", publishes="receipt.late"),
        Transition(event="receive", sources=OPEN, target="received", publishes="receipt.received"),
        Transition(event="cancel", sources=OPEN, target="cancelled", publishes="receipt.cancelled"),
    ),
)
