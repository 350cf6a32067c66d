"""From picked lines to parcels ready at the dock: when a package can be ready, and which cartons it travels in.

Packing is by volume, weight and sorted sides; it is not three-dimensional yet, so a carton's usable volume is cut by
the policy's ``carton_fill_pct``.
"""

from doorstep.warehouse.check import check_parcels
from doorstep.warehouse.pack import pack_parcels
from doorstep.warehouse.plan import ParcelPlan
from doorstep.warehouse.problem import PackingProblem
from doorstep.warehouse.ready import PreparationClock, ReadyTimes, ready_times

__all__ = [
    "PackingProblem",
    "ParcelPlan",
    "PreparationClock",
    "ReadyTimes",
    "check_parcels",
    "pack_parcels",
    "ready_times",
]
