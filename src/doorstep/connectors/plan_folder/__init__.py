"""The folder that a plan is kept in.

``write_plan`` puts the whole plan there at once; ``read_plan`` brings it back, with the input it was made from.
"""

from doorstep.connectors.plan_folder.translate import read_plan, write_plan
from doorstep.connectors.plan_folder.transport import refuse_what_is_not_ours

__all__ = ["read_plan", "refuse_what_is_not_ours", "write_plan"]
