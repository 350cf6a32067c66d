"""A name for travel times on streets by what they answer with, so that a plan can say what it was made on."""

import hashlib

import numpy as np

from doorstep.geography.roads.times import RoadTimes


def digest_of(times: RoadTimes) -> str:
    """Return the SHA-256 of streets, turns and what driving takes: equal digests give equal metres and seconds."""
    graph = times.graph
    told = hashlib.sha256()
    arrays = (graph.edge, graph.against, graph.turn_first, graph.turn_to, graph.turn_ms, graph.shape_first, graph.lat,
              graph.lon, times.metric_of.arc, times.end_arc_of)  # fmt: skip
    for array in arrays:
        kind = np.float64 if array.dtype.kind == "f" else np.int64
        told.update(np.ascontiguousarray(array, dtype=np.dtype(kind).newbyteorder("<")).tobytes())
    return told.hexdigest()
