"""Where things are, when routes under way will be at each stop, and what of it is worth telling: pure functions.

``screen`` says what each reported ``Position`` is worth and which one is current, ``coarsen`` what is kept of old ones.
``learn`` finds from driven routes how long drives and services really take, ``predict`` when a route under way will be
at each remaining stop, with an interval of a stated level, ``follow`` and ``judge`` what has happened that somebody
should hear of: each event once.
"""

from doorstep.tracking.coarsening import coarsen
from doorstep.tracking.eta import Ahead, predict
from doorstep.tracking.eta_calibration import Driven, learn
from doorstep.tracking.events import Watch, follow, judge
from doorstep.tracking.positions import Position
from doorstep.tracking.screening import screen

__all__ = ["Ahead", "Driven", "Position", "Watch", "coarsen", "follow", "judge", "learn", "predict", "screen"]
