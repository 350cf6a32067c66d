"""Points brought onto streets: the nearest place on any of them, and how far that is."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from scipy.spatial import cKDTree

from doorstep.foundation.arrays import Floats, Ints, SmallInts
from doorstep.geography.distance import EARTH_RADIUS_M
from doorstep.geography.places import Places
from doorstep.geography.roads.graph import RoadGraph

WHOLE = 1 << 20
"""A piece of street has so many steps from its first to its last point."""
APART_M = 30.0
"""Along streets there is a mark at least every so many metres, by which near ones are found."""
NEAR = 8
LEAF = 32
PART = 200_000
"""So many are reckoned with at a time, for memory."""
MOST_METRES = 1e7


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapped:
    """N points on streets.

    Attributes
    ----------
    edge, step
        Piece of street (N,), and how far along it, from 0 to ``WHOLE``.
    metres
        From where the point is to there (N,) [m].
    lat, lon
        Of the place on the street (N,) [degrees].
    """

    edge: Ints
    step: Ints
    metres: Ints
    lat: Floats
    lon: Floats

    def __len__(self) -> int:
        return int(self.edge.size)

    def take(self, rows: Ints) -> "Snapped":
        """Return the points of some rows."""
        return Snapped(edge=self.edge[rows], step=self.step[rows], metres=self.metres[rows], lat=self.lat[rows],
                       lon=self.lon[rows])  # fmt: skip


@dataclass(frozen=True, slots=True)
class Snapper:
    """Finds the nearest place on the streets of a graph.

    Parameters
    ----------
    graph
        Pieces of street that no arc drives are left out.
    """

    graph: RoadGraph
    _tree: cKDTree = field(init=False, repr=False)
    _segment: SmallInts = field(init=False, repr=False)
    _edge: SmallInts = field(init=False, repr=False)
    _along: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        graph = self.graph
        driven = np.zeros(graph.edges, dtype=np.bool_)
        driven[graph.edge] = True
        last = np.zeros(graph.lat.size, dtype=np.bool_)
        last[graph.shape_first[1:] - 1] = True
        edge = np.repeat(np.arange(graph.edges, dtype=np.int32), np.diff(graph.shape_first))
        start = np.flatnonzero(~last & driven[edge])
        length = np.zeros(graph.lat.size)
        for own in _parts(start):
            length[own] = np.linalg.norm(_on_ball(graph.lat[own + 1], graph.lon[own + 1])
                                         - _on_ball(graph.lat[own], graph.lon[own]), axis=1)  # fmt: skip
        marks = np.maximum(1, np.ceil(length[start] / APART_M)).astype(np.int64)
        points, first = np.empty((int(marks.sum()), 3)), np.cumsum(marks) - marks
        for rows in _parts(np.arange(start.size)):
            of = np.repeat(rows, marks[rows])
            at = slice(int(first[rows[0]]), int(first[rows[0]]) + of.size)
            share = ((np.arange(at.start, at.stop) - first[of] + 0.5) / marks[of])[:, None]
            begin = start[of]
            points[at] = _on_ball(graph.lat[begin], graph.lon[begin]) * (1 - share)
            points[at] += _on_ball(graph.lat[begin + 1], graph.lon[begin + 1]) * share
        for name, value in (("_tree", cKDTree(points, leafsize=LEAF)), ("_along", np.cumsum(length) - length),
                            ("_segment", np.repeat(start.astype(np.int32), marks)), ("_edge", edge)):  # fmt: skip
            object.__setattr__(self, name, value)

    def snap(self, places: Places) -> Snapped:
        """Return the nearest place on a street for each of N places."""
        points = _on_ball(places.lat, places.lon)
        near = min(NEAR, self._segment.size)
        away, mark = self._tree.query(points, k=near)
        away, mark = away.reshape(len(places), near), mark.reshape(len(places), near)
        row = np.repeat(np.arange(len(places)), near)
        found = self._nearest(places, row, self._segment[mark.ravel()])
        # A mark lies within half of APART_M of any place on its street: what could be nearer is looked at too.
        unsure = np.flatnonzero(away[:, -1] <= found[1] + APART_M / 2) if near == NEAR else np.empty(0, dtype=np.int64)
        if unsure.size:
            balls = self._tree.query_ball_point(points[unsure], found[1][unsure] + APART_M / 2 + 0.01)
            row = np.repeat(unsure, [len(each) for each in balls])
            more = self._nearest(places, row, self._segment[np.concatenate(balls).astype(np.int64)])
            better = more[1] < found[1]
            for old, new in zip(found, more, strict=True):
                old[better] = new[better]
        return self._snapped(*found)

    def near(self, places: Places, within_m: Floats, most: int) -> tuple[Ints, Snapped, Floats]:
        """Return the nearest place on each piece of street around N places, by row and the nearest piece first.

        Parameters
        ----------
        within_m
            How far around each place (N,) [m].
        most
            No more pieces than this are returned for one place.

        Returns
        -------
        row, found, metres
            Which of the N places (K,), what is near it, and how far off it is (K,) [m].
        """
        balls = self._tree.query_ball_point(_on_ball(places.lat, places.lon), within_m + APART_M / 2 + 0.01)
        row = np.repeat(np.arange(len(places)), [len(each) for each in balls])
        segment = self._segment[np.concatenate([*balls, []]).astype(np.int64)]
        metres, share = self._apart(places, row, segment)
        close = np.flatnonzero(metres <= within_m[row])
        order = close[np.lexsort((segment[close], metres[close], self._edge[segment[close]], row[close]))]
        edge = self._edge[segment[order]]
        best = order[np.flatnonzero((np.diff(row[order], prepend=-1) != 0) | (np.diff(edge, prepend=-1) != 0))]
        best = best[np.lexsort((segment[best], metres[best], row[best]))]
        place = np.arange(best.size) - np.searchsorted(row[best], row[best])
        best = best[place < most]
        return row[best], self._snapped(segment[best], metres[best], share[best]), metres[best]

    def _nearest(self, places: Places, row: Ints, segment: SmallInts) -> tuple[Ints, Floats, Floats]:
        """Return for each place its nearest of some segments, the distance [m], and how far along that is (0 to 1)."""
        metres, share = self._apart(places, row, segment)
        order = np.lexsort((segment, np.round(metres, 3), row))
        first = np.flatnonzero(np.diff(row[order], prepend=-1))
        best = order[first]
        out = np.full(len(places), -1), np.full(len(places), np.inf), np.zeros(len(places))
        at = row[best]
        out[0][at], out[1][at], out[2][at] = segment[best], metres[best], share[best]
        return out

    def _apart(self, places: Places, row: Ints, segment: SmallInts) -> tuple[Floats, Floats]:
        """Return how far places are from segments [m], and how far along those the nearest point is (0 to 1)."""
        graph = self.graph
        scale = EARTH_RADIUS_M * np.pi / 180
        shrink = np.cos(np.radians(places.lat[row]))
        ax, ay = (graph.lon[segment] - places.lon[row]) * shrink, graph.lat[segment] - places.lat[row]
        dx = (graph.lon[segment + 1] - graph.lon[segment]) * shrink
        dy = graph.lat[segment + 1] - graph.lat[segment]
        share = np.clip(-(ax * dx + ay * dy) / np.maximum(dx * dx + dy * dy, 1e-18), 0.0, 1.0)
        return scale * np.hypot(ax + share * dx, ay + share * dy), share

    def _snapped(self, segment: SmallInts, metres: Floats, share: Floats) -> Snapped:
        graph = self.graph
        edge = self._edge[segment].astype(np.int64)
        begin, end = graph.shape_first[edge], graph.shape_first[edge + 1] - 1
        here = self._along[segment] + share * (self._along[segment + 1] - self._along[segment])
        length = np.maximum(self._along[end] - self._along[begin], 1e-9)
        step = np.clip(np.rint((here - self._along[begin]) / length * WHOLE), 0, WHOLE).astype(np.int64)
        return Snapped(
            edge=edge, step=step, metres=np.rint(np.minimum(metres, MOST_METRES)).astype(np.int64),
            lat=graph.lat[segment] + share * (graph.lat[segment + 1] - graph.lat[segment]),
            lon=graph.lon[segment] + share * (graph.lon[segment + 1] - graph.lon[segment]),
        )  # fmt: skip


def arcs_of(graph: RoadGraph) -> tuple[Ints, Ints]:
    """Return for each piece of street (E,) the arc along it, and the one against it, -1 where there is none."""
    found = np.full((2, graph.edges), -1, dtype=np.int64)
    arcs = np.arange(graph.singles)
    found[graph.against[: arcs.size].astype(np.int64), graph.edge[: arcs.size]] = arcs
    return found[0], found[1]


def _parts(rows: Ints) -> Iterator[Ints]:
    """Yield rows, some at a time."""
    for begin in range(0, rows.size, PART):
        yield rows[begin : begin + PART]


def _on_ball(lat: Floats, lon: Floats) -> Floats:
    """Return points (N, 3) in metres from the middle of the earth."""
    phi, lam = np.radians(lat), np.radians(lon)
    ball: Floats = EARTH_RADIUS_M * np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])
    return ball
