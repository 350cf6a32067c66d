"""The life of an order: from the basket to the last unit handed over, and back."""

from doorstep.domain.lifecycles.machine import Machine, Transition

BEFORE_FULFILMENT = ("placed", "backordered", "allocated", "preparing", "ready")

ORDER = Machine(
    name="order",
    initial="draft",
    transitions=(
        Transition(event="place", sources=("draft",), target="placed", publishes="order.placed"),
        Transition(event="backorder", sources=("placed",), target="backordered", publishes="order.backordered"),
        Transition(
            event="allocate", sources=("placed", "backordered"), target="allocated", publishes="order.allocated"
        ),
        # The site declined, or lost the stock: the order looks for another site.
        Transition(event="reroute", sources=("allocated",), target="placed", publishes="order.rerouted"),
        Transition(event="release", sources=("allocated",), target="preparing", publishes="order.released"),
        Transition(event="make_ready", sources=("preparing",), target="ready", publishes="order.ready"),
        Transition(event="start_fulfilment", sources=("ready",), target="fulfilling", publishes="order.fulfilling"),
        Transition(
            event="complete_part",
            sources=("fulfilling",),
            target="partially_completed",
            publishes="order.partially_completed",
        ),
        # A delivery that came back puts a fulfilling order on hold as well: somebody must decide.
        Transition(
            event="hold",
            sources=(*BEFORE_FULFILMENT, "fulfilling", "partially_completed"),
            target="on_hold",
            publishes="order.held",
        ),
        # What was reserved may be gone by now, so the order is allocated anew.
        Transition(event="resume", sources=("on_hold",), target="placed", publishes="order.resumed"),
        Transition(
            event="complete",
            sources=("fulfilling", "partially_completed"),
            target="completed",
            publishes="order.completed",
        ),
        # A part has arrived and nobody will bring the rest.
        Transition(
            event="complete_short",
            sources=("on_hold", "backordered", "partially_completed"),
            target="completed",
            publishes="order.completed_short",
        ),
        Transition(event="open_return", sources=("completed",), target="return_open", publishes="order.return_opened"),
        Transition(event="close_return", sources=("return_open",), target="completed", publishes="order.return_closed"),
        Transition(event="finish_return", sources=("return_open",), target="returned", publishes="order.returned"),
        Transition(
            event="cancel",
            sources=("draft", *BEFORE_FULFILMENT, "on_hold"),
            target="cancelled",
            publishes="order.cancelled",
        ),
        Transition(event="expire", sources=("draft",), target="cancelled", publishes="order.expired"),
    ),
)
