"""The folder that a plan is kept in.

``write_plan`` puts the whole plan there at once; ``read_plan`` brings it back, with the input it was made from.
"""

from doorstep.connectors.plan_folder.translate import read_plan, write_plan

__all__ = ["read_plan", "write_plan"]
