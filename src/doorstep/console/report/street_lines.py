"""Many lines in map units, and the paths by which they are drawn."""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.geography.simplify import points_kept

MOST_OFF, MOST_OFF_M = 2.0, 1.5
"""Lines are drawn so close to where they are: the larger of map units and metres."""


@dataclass(frozen=True, slots=True)
class Lines:
    """L lines of points in map units: line l has ``x[first[l] : first[l + 1]]``."""

    x: Ints = field(repr=False)
    y: Ints = field(repr=False)
    first: Ints = field(repr=False)

    def simplified(self, most_off: float) -> "Lines":
        """Return the lines with the points that show."""
        kept = points_kept(self.x.astype(np.float64), self.y.astype(np.float64), self.first, most_off)
        first = np.concatenate([[0], np.cumsum(kept)])[self.first]
        return Lines(self.x[kept], self.y[kept], first)

    def take(self, rows: Ints) -> "Lines":
        """Return some lines."""
        counts = np.diff(self.first)[rows]
        first = np.concatenate([[0], np.cumsum(counts)])
        at = np.repeat(self.first[rows] - first[:-1], counts) + np.arange(first[-1])
        return Lines(self.x[at], self.y[at], first)

    def path(self) -> str:
        """Return an SVG path of all lines, in steps relative to the point before."""
        dx, dy = (np.diff(each, prepend=0).tolist() for each in (self.x, self.y))
        starts = self.first.tolist()
        drawn = []
        for a, b in pairwise(starts):
            steps = [f"{dx[k]} {dy[k]}" for k in range(a, b) if k == a or dx[k] or dy[k]]
            drawn.append("m" + " ".join(steps if len(steps) > 1 else [*steps, "0 0"]))
        return "".join(drawn).replace(" -", "-")


def most_off_m(metres_per_unit: float) -> float:
    """Return how far lines may be drawn from where they are on a map [m]."""
    return max(MOST_OFF * metres_per_unit, MOST_OFF_M)
