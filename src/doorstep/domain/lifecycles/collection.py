"""The life of an order that its shopper fetches: at the counter, at the kerb or from a locker."""

from doorstep.domain.lifecycles.machine import Machine, Transition

CUSTOMER_NEAR = ("customer_on_the_way", "customer_arrived", "bay_assigned")

COLLECTION = Machine(
    name="collection",
    initial="created",
    transitions=(
        Transition(event="prepare", sources=("created",), target="preparing", publishes="collection.preparing"),
        Transition(
            event="make_ready", sources=("preparing",), target="ready_for_collection", publishes="collection.ready"
        ),
        Transition(
            event="set_out",
            sources=("ready_for_collection",),
            target="customer_on_the_way",
            publishes="collection.customer_on_the_way",
        ),
        Transition(
            event="arrive",
            sources=("ready_for_collection", "customer_on_the_way"),
            target="customer_arrived",
            publishes="collection.customer_arrived",
        ),
        Transition(
            event="assign_bay",
            sources=("customer_arrived",),
            target="bay_assigned",
            publishes="collection.bay_assigned",
        ),
        # The shopper drove off again; the goods go on waiting.
        Transition(
            event="turn_back",
            sources=CUSTOMER_NEAR,
            target="ready_for_collection",
            publishes="collection.customer_left",
        ),
        Transition(
            event="deposit", sources=("ready_for_collection",), target="deposited", publishes="collection.deposited"
        ),
        Transition(
            event="hand_over",
            sources=("ready_for_collection", *CUSTOMER_NEAR),
            target="handed_over",
            publishes="collection.handed_over",
        ),
        Transition(event="collect", sources=("deposited",), target="collected", publishes="collection.collected"),
        # Also the way out for an order cancelled once its goods are ready: they have to go back on the shelf.
        Transition(
            event="lapse",
            sources=("ready_for_collection", *CUSTOMER_NEAR, "deposited"),
            target="uncollected",
            publishes="collection.uncollected",
        ),
        Transition(event="restock", sources=("uncollected",), target="restocked", publishes="collection.restocked"),
        Transition(
            event="cancel", sources=("created", "preparing"), target="cancelled", publishes="collection.cancelled"
        ),
    ),
)
