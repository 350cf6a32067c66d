"""The life of a shipment: the lines of an order that one site picks, packs and hands over."""

from doorstep.domain.lifecycles.machine import Machine, Transition

SHIPMENT = Machine(
    name="shipment",
    initial="planned",
    transitions=(
        Transition(event="start_picking", sources=("planned",), target="picking", publishes="shipment.picking"),
        Transition(event="pack", sources=("picking",), target="packed", publishes="shipment.packed"),
        Transition(event="stage", sources=("packed",), target="staged", publishes="shipment.staged"),
        # A van at the packing table takes the parcel without a staging lane.
        Transition(
            event="hand_over", sources=("packed", "staged"), target="handed_over", publishes="shipment.handed_over"
        ),
        Transition(event="close", sources=("handed_over",), target="closed", publishes="shipment.closed"),
        Transition(
            event="cancel",
            sources=("planned", "picking", "packed", "staged"),
            target="cancelled",
            publishes="shipment.cancelled",
        ),
    ),
)
