"""Routes under way: when each stop is likely to be reached, and what of it is told, each thing once."""

from doorstep.operations.tracking.follow import (
    follow_route,
    foresee,
    forget_ended,
    look_at_route,
    routes_to_follow,
    tell_foreseen,
)
from doorstep.operations.tracking.learning import driven_lately, store_paces

__all__ = [
    "driven_lately",
    "follow_route",
    "foresee",
    "forget_ended",
    "look_at_route",
    "routes_to_follow",
    "store_paces",
    "tell_foreseen",
]
