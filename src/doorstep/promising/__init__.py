"""What was promised at checkout: a window on a day, from the service level's cut-off.

Simple today: the folder's orders are already accepted, so this room only says which window each was given.
"""

from doorstep.promising.check import check_promises
from doorstep.promising.windows import PromisePlan, promised_windows

__all__ = ["PromisePlan", "check_promises", "promised_windows"]
