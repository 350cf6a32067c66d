"""What doorstep does, in the order of an order's life: load, call rooms, return or save.

``plan_day`` is the corridor: from a retailer's tables to a checked day of deliveries with the cost of each parcel.
"""

from doorstep.operations.corridor import DayResult, plan_day

__all__ = ["DayResult", "plan_day"]
