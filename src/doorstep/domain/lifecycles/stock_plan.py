"""The life of a plan of the stock: asked for by a planner or by the night, worked out by a worker."""

from doorstep.domain.lifecycles.machine import Machine, Transition

STOCK_PLAN = Machine(
    name="stock_plan",
    initial="asked",
    transitions=(
        Transition(event="finish", sources=("asked",), target="done", publishes="stock_plan.done"),
        # What was asked for cannot be: the plan says why.
        Transition(event="fail", sources=("asked",), target="failed", publishes="stock_plan.failed"),
        Transition(event="cancel", sources=("asked",), target="cancelled", publishes="stock_plan.cancelled"),
    ),
)
