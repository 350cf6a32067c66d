"""Where routes under way are, when they will be at each stop, and what of it is worth telling: pure functions.

``learn`` finds from driven routes how long drives and services really take, ``predict`` when a route under way will be
at each remaining stop, with an interval of a stated level, ``follow`` and ``judge`` what has happened that somebody
should hear of: each event once.
"""

from doorstep.tracking.eta import Ahead, Etas, predict
from doorstep.tracking.eta_calibration import Driven, learn
from doorstep.tracking.eta_learning import Spans, Taken
from doorstep.tracking.events import Watch, follow, judge

__all__ = ["Ahead", "Driven", "Etas", "Spans", "Taken", "Watch", "follow", "judge", "learn", "predict"]
