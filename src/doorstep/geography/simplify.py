"""Lines with fewer points that look the same on a map."""

import numpy as np

from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.foundation.kernels import kernel


@kernel
def points_kept(x: Floats, y: Floats, first: Ints, most_off: float) -> Bools:
    """Return which points (P,) of lines are kept so that no other is farther than ``most_off`` from the line left.

    Line l has the points ``first[l] : first[l + 1]``; the first and the last of each are kept.

    References
    ----------
    Douglas, Peucker (1973), Algorithms for the reduction of the number of points required to represent a digitized
    line or its caricature.
    """
    kept = np.zeros(x.size, dtype=np.bool_)
    for line in range(first.size - 1):
        if first[line + 1] == first[line]:
            continue
        kept[first[line]] = kept[first[line + 1] - 1] = True
        todo = [(first[line], first[line + 1] - 1)]
        while len(todo) > 0:
            a, b = todo.pop()
            most, at = most_off * most_off, -1
            for k in range(a + 1, b):
                away = _square_off(x[k], y[k], x[a], y[a], x[b], y[b])
                if away > most:
                    most, at = away, k
            if at >= 0:
                kept[at] = True
                todo.append((a, at))
                todo.append((at, b))
    return kept


@kernel
def _square_off(x: float, y: float, ax: float, ay: float, bx: float, by: float) -> float:
    """Return the squared distance of a point from a piece of line."""
    dx, dy = bx - ax, by - ay
    length = dx * dx + dy * dy
    share = 0.0 if length == 0.0 else min(1.0, max(0.0, ((x - ax) * dx + (y - ay) * dy) / length))
    return (x - ax - share * dx) ** 2 + (y - ay - share * dy) ** 2
