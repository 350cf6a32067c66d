"""The folder that a plan is kept in.

``write_plan`` puts the whole plan there at once; ``read_plan`` brings it back, with the input it was made from;
``roads_used`` says on which streets.
"""

from doorstep.connectors.plan_folder.layout import RoadsUsed, is_plan, roads_used
from doorstep.connectors.plan_folder.translate import read_plan, write_plan
from doorstep.connectors.plan_folder.transport import refuse_what_is_not_ours

__all__ = ["RoadsUsed", "is_plan", "read_plan", "refuse_what_is_not_ours", "roads_used", "write_plan"]
