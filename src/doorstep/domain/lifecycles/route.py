"""The life of a route, from the planner's draft to the van back at its site."""

from doorstep.domain.lifecycles.machine import Machine, Transition

BOOKED = ("planned", "assigned")
OUT = ("dispatched", "in_progress")
"""States of routes for which a vehicle is kept until they should have been back, and of those whose vehicle is out."""

ROUTE = Machine(
    name="route",
    initial="draft",
    transitions=(
        Transition(event="plan", sources=("draft",), target="planned", publishes="route.planned"),
        # A new plan is a new version of the route and leaves its state alone. There is one such event a state,
        # as an event names its target.
        Transition(event="replan", sources=("planned",), target="planned", publishes="route.updated"),
        Transition(event="assign", sources=("planned",), target="assigned", publishes="route.assigned"),
        Transition(event="replan_assigned", sources=("assigned",), target="assigned", publishes="route.updated"),
        Transition(event="dispatch", sources=("assigned",), target="dispatched", publishes="route.dispatched"),
        Transition(event="replan_dispatched", sources=("dispatched",), target="dispatched", publishes="route.updated"),
        Transition(
            event="unassign", sources=("assigned", "dispatched"), target="planned", publishes="route.unassigned"
        ),
        Transition(event="start", sources=("dispatched",), target="in_progress", publishes="route.started"),
        Transition(
            event="replan_in_progress", sources=("in_progress",), target="in_progress", publishes="route.updated"
        ),
        Transition(event="complete", sources=("in_progress",), target="completed", publishes="route.completed"),
        # A route that has started is completed, with its remaining stops skipped: what was done was done.
        Transition(
            event="cancel",
            sources=("draft", "planned", "assigned", "dispatched"),
            target="cancelled",
            publishes="route.cancelled",
        ),
    ),
)
