"""What happens on the road: where each device is.

``screen`` says what each reported ``Position`` is worth and which one is current, ``coarsen`` what is kept of the old
ones.
"""

from doorstep.tracking.coarsening import CellDay, coarsen
from doorstep.tracking.positions import Position, Source
from doorstep.tracking.screening import Screened, Standing, Verdict, screen

__all__ = ["CellDay", "Position", "Screened", "Source", "Standing", "Verdict", "coarsen", "screen"]
