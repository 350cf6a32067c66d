"""The words of tracking files: states of our lifecycle of a delivery, and the event that leads to each."""

from doorstep.domain.lifecycles.delivery import DELIVERY

NOT_TOLD = frozenset(("quoted", "booked", "rescheduled", "redirected", "cancelled", "rejected", "expired"))
"""States that are decided here, not reported by a carrier; one that will not come says ``reassigning``."""
STATUSES: dict[str, str] = {row.target: row.event for row in DELIVERY.transitions if row.target not in NOT_TOLD}
BEFORE_PICKUP = frozenset(("book", "assign", "start_to_pickup", "arrive_at_pickup", "reassign"))
"""Events after which the carrier does not have the parcels."""
COMING_BACK = frozenset(("start_return", "arrive_at_return", "take_back"))
