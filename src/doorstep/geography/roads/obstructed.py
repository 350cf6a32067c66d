"""Streets with obstacles on them: nobody drives through a closed one, and slow ones take longer."""

from collections.abc import Sequence

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.geography.obstacles import ClosedLine, SlowCircle, crossings, shares_within
from doorstep.geography.places import Places
from doorstep.geography.roads.graph import RoadGraph
from doorstep.geography.roads.times import RoadTimes

CLOSED_MS = 86_400_000
"""What driving through a closed street takes: where there is no way round, a leg takes a day and fits no shift."""


def obstructed(times: RoadTimes, *, closed: Sequence[ClosedLine] = (), slow: Sequence[SlowCircle] = ()) -> RoadTimes:
    """Return the same streets with obstacles on them.

    A piece of street that crosses a closed line, from one junction to the next, can only be driven by who begins or
    ends on it; all others drive round by other streets. Of pieces within a slow circle the part that lies in it takes
    longer.
    """
    graph = times.graph
    start = _segments(graph)
    piece = np.searchsorted(graph.shape_first, start, side="right") - 1
    a = Places(lat=graph.lat[start], lon=graph.lon[start])
    b = Places(lat=graph.lat[start + 1], lon=graph.lon[start + 1])
    slower = np.zeros(start.size)
    for circle in slow:
        slower += shares_within(circle, a, b) * (circle.slower_pct / 100)
    metres = np.hypot(b.lat - a.lat, (b.lon - a.lon) * np.cos(np.radians(a.lat)))
    whole = np.maximum(np.bincount(piece, weights=metres, minlength=graph.edges), 1e-12)
    longer = np.bincount(piece, weights=metres * slower, minlength=graph.edges) / whole
    ms = np.ceil(times.ms * (1 + np.round(longer, 9)[graph.edge])).astype(np.int64)
    shut = np.zeros(graph.edges, dtype=np.bool_)
    for line in closed:
        shut[piece[crossings(line, a, b)]] = True
    return times.at(np.where(shut[graph.edge], CLOSED_MS, ms), ends_ms=ms)


def _segments(graph: RoadGraph) -> Ints:
    """Return the first point of each straight segment of all pieces of street."""
    last = np.zeros(graph.lat.size, dtype=np.bool_)
    last[graph.shape_first[1:] - 1] = True
    return np.flatnonzero(~last)
