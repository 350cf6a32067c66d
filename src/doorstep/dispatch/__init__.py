"""The plan meets the day: who goes now and who waits, and what is done when the day goes another way.

``choose_now`` looks at what is known and at what may still come, in many scenarios, and returns the routes that leave
now and the stops that wait for the next tick; ``cannot_wait`` says who has no time for that.

``present`` makes a running plan of a plan and of what was ``Seen`` of its vehicles; ``late_stops`` says which promises
will be broken if everybody drives on; ``mend`` makes the plan right within ``Limits``.
"""

from doorstep.dispatch.choose_now import Consensus, Future, NowOrLater, cannot_wait, choose_now
from doorstep.dispatch.lateness import late_stops
from doorstep.dispatch.mend import Limits, mend
from doorstep.dispatch.present import Seen, present

__all__ = [
    "Consensus",
    "Future",
    "Limits",
    "NowOrLater",
    "Seen",
    "cannot_wait",
    "choose_now",
    "late_stops",
    "mend",
    "present",
]
