"""Who brings it: deliveries and routes planned together, driven, reported, and planned again where needed."""

from doorstep.operations.bring.dispatch import SentRoute, assign_route, dispatch_route
from doorstep.operations.bring.facts import Recorded, ReportedEvent, record_event
from doorstep.operations.bring.plan_routes import StoredPlan, plan_routes
from doorstep.operations.bring.replan import ReplannedRoute, replan

__all__ = [
    "Recorded",
    "ReplannedRoute",
    "ReportedEvent",
    "SentRoute",
    "StoredPlan",
    "assign_route",
    "dispatch_route",
    "plan_routes",
    "record_event",
    "replan",
]
