"""Travel times on streets: the ``TravelTimes`` of a road graph."""

from dataclasses import dataclass, field

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Floats, Ints
from doorstep.geography.near_streets import check_near
from doorstep.geography.places import Places
from doorstep.geography.roads._hierarchy_kernels import METRE
from doorstep.geography.roads._pair_kernels import direct_pairs, direct_table, pairs, rounded
from doorstep.geography.roads._sweep_kernels import table
from doorstep.geography.roads.doubled import with_doubles
from doorstep.geography.roads.graph import RoadGraph
from doorstep.geography.roads.hierarchy import Hierarchy, Metric, build_hierarchy, customise
from doorstep.geography.roads.many_pairs import distinct, many_pairs
from doorstep.geography.roads.snap import WHOLE, Snapped, Snapper, arcs_of
from doorstep.geography.roads.streets import CREDIT

MOST_PLACES = 20_000
"""No table of more places than this is made: 400 million pairs take 10 GB."""
SNAPPED_WITHIN_M = 2_000
Weights = tuple[Ints, Ints, Ints]
"""Places as sets of vertices: first (N + 1,), vertices, and their weights."""


@dataclass(frozen=True, slots=True)
class RoadTimes:
    """Metres and seconds on streets, see ``TravelTimes``: the fastest way, and of those the shortest.

    Points are brought onto the nearest street; what lies between them and it takes nothing. Milliseconds and decimetres
    are added up along the way and rounded at its end.

    Parameters
    ----------
    graph
        Streets for one kind of vehicle.
    hierarchy, metric, snapper
        Of it; built if they are not given, the metric for times where traffic is light.
    end_arc
        Weights by which the first and the last piece of street of a way count (A,), where they differ from those of the
        metric: who lives in a street that is closed to all others.
    within_m
        Points farther from any street are refused.
    credit
        Whose data the streets are: whoever shows them says so.
    """

    graph: RoadGraph
    hierarchy: Hierarchy | None = None
    metric: Metric | None = None
    within_m: int = SNAPPED_WITHIN_M
    snapper: Snapper | None = field(default=None, repr=False)
    end_arc: Ints | None = field(default=None, repr=False)
    credit: str = CREDIT
    hierarchy_of: Hierarchy = field(init=False, repr=False)
    metric_of: Metric = field(init=False, repr=False)
    snapper_of: Snapper = field(init=False, repr=False)
    end_arc_of: Ints = field(init=False, repr=False)
    arcs: tuple[Ints, Ints] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        hierarchy = self.hierarchy or build_hierarchy(self.graph)
        metric = self.metric or customise(self.graph, hierarchy)
        for name, value in (("hierarchy_of", hierarchy), ("metric_of", metric),
                            ("snapper_of", self.snapper or Snapper(self.graph)), ("arcs", arcs_of(self.graph)),
                            ("end_arc_of", metric.arc if self.end_arc is None else self.end_arc)):  # fmt: skip
            object.__setattr__(self, name, value)

    def at(self, ms: Ints, *, ends_ms: Ints | None = None) -> "RoadTimes":
        """Return the same streets where arcs take other times: another hour of the day, learned speeds, closed roads.

        Parameters
        ----------
        ms
            What driving each arc takes (A,) [ms].
        ends_ms
            The same where a way begins or ends on the arc, if that differs.
        """
        metric = customise(self.graph, self.hierarchy_of, ms=ms)
        ends = None if ends_ms is None else ends_ms[self.graph.own] * METRE + self.graph.dm
        return RoadTimes(self.graph, self.hierarchy_of, metric, self.within_m, self.snapper_of, ends, self.credit)

    @property
    def ms(self) -> Ints:
        """What driving each arc to its end takes (A,) [ms]."""
        found: Ints = self.metric_of.arc // METRE
        return found

    def snapped_m(self, places: Places) -> Ints:
        """Return how far places (N,) lie from the nearest street [m], however far that is."""
        once, row = distinct(places)
        return self.snap(once).metres[row]

    def snap(self, places: Places) -> Snapped:
        """Return where places lie on streets, and how far from them, however far that is."""
        return self.snapper_of.snap(places)

    def near(self, places: Places, within_m: Floats, most: int) -> tuple[Ints, Snapped, Floats]:
        """Return what pieces of street are near places, see ``Snapper.near``."""
        return self.snapper_of.near(places, within_m, most)

    def between(self, origins: Places, destinations: Places) -> tuple[Ints, Ints]:
        """Return metres and seconds row by row, see ``TravelTimes``; of many rows those that share places together.

        Raises
        ------
        InputError
            If a point lies too far from any street.
        """
        return many_pairs(self, origins, destinations)

    def each(self, origins: Places, destinations: Places) -> tuple[Ints, Ints]:
        """Return the same as ``between``, row by row."""
        a, b = self.placed(origins), self.placed(destinations)
        if not len(a):
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        order = np.lexsort((a.step, a.edge)) if len(a) > 1 else np.zeros(1, dtype=np.int64)
        same = np.zeros(len(a), dtype=np.bool_)
        same[1:] = (np.diff(a.edge[order]) == 0) & (np.diff(a.step[order]) == 0)
        h, m = self.hierarchy_of, self.metric_of
        best = pairs(h.first, h.head, m.up, m.down, *self.starts(a), *self.ends(b), order, same)
        on_one = direct_pairs(a.edge, a.step, b.edge, b.step, *self.arcs, self.end_arc_of)
        return _rounded(np.minimum(best, on_one))

    def matrix(self, places: Places) -> tuple[Ints, Ints]:
        """Return metres and seconds of all pairs, see ``TravelTimes``.

        Raises
        ------
        InputError
            If a point lies too far from any street, or there are more than ``MOST_PLACES``.
        """
        return self.table(places, places)

    def table(self, origins: Places, destinations: Places) -> tuple[Ints, Ints]:
        """Return metres and seconds from each of O origins to each of D destinations (O, D).

        Raises
        ------
        InputError
            If a point lies too far from any street, or there are more than ``MOST_PLACES`` squared pairs.
        """
        if len(origins) * len(destinations) > MOST_PLACES**2:
            raise InputError(
                f"a table of {len(origins):,} x {len(destinations):,} places is larger than {MOST_PLACES:,} squared.",
                hint="Maybe ask for regions of it, or only for near places.",
            )
        a = self.placed(origins)
        b = a if destinations is origins else self.placed(destinations)
        if not len(a) or not len(b):
            return (np.empty((len(a), len(b)), dtype=np.int64),) * 2
        h, m = self.hierarchy_of, self.metric_of
        best = table(h.first, h.head, m.up, m.down, *self.starts(a), *self.ends(b))
        order = np.argsort(b.edge, kind="stable")
        direct_table(best, a.edge, a.step, b.edge[order], b.step[order], order, *self.arcs, self.end_arc_of)
        return _rounded(best)

    def farthest_m(self, reach_s: Ints) -> Floats:
        """Return the longest straight lines that drives of some seconds can lead to, any shape."""
        least_ms = np.minimum(self.ms, self.end_arc_of // METRE)
        fastest_mps = 100.0 * float((self.graph.dm / np.maximum(least_ms, 1)).max(initial=0.0))
        # seconds are rounded, and points may lie beside their streets at either end
        return np.asarray((reach_s + 1.0) * fastest_mps + 2.0 * self.within_m, dtype=np.float64)

    def placed(self, places: Places) -> Snapped:
        """Return where places lie on streets.

        Raises
        ------
        InputError
            If one lies too far from any street.
        """
        snapped = self.snap(places)
        check_near(places, snapped.metres, within_m=self.within_m)
        return snapped

    def starts(self, snapped: Snapped) -> Weights:
        """Return where one gets to after the pieces of street that N points lie on, and what that takes."""
        graph = self.graph
        row, arc = self._on(snapped)
        weight = self.end_arc_of[arc] - self.part(arc, self._step(snapped, row, arc))
        turns = np.diff(graph.turn_first)[arc]
        turn = np.repeat(graph.turn_first[arc] - (np.cumsum(turns) - turns), turns) + np.arange(int(turns.sum()))
        of = np.repeat(row, turns)
        vertex = self.hierarchy_of.vertex[graph.turn_to[turn]]
        return _first_of(of, len(snapped)), vertex, np.repeat(weight, turns) + graph.turn_ms[turn] * METRE

    def ends(self, snapped: Snapped) -> Weights:
        """Return at which arcs one must come for N points, and what is left from there."""
        row, arc = self._on(snapped)
        row, arc = with_doubles(self.graph, row, arc)
        return (
            _first_of(row, len(snapped)),
            self.hierarchy_of.vertex[arc],
            self.part(arc, self._step(snapped, row, arc)),
        )

    def _on(self, snapped: Snapped) -> tuple[Ints, Ints]:
        """Return the arcs that N points lie on, one or two for each, by row."""
        both = np.column_stack([self.arcs[0][snapped.edge], self.arcs[1][snapped.edge]])
        row, side = np.nonzero(both >= 0)
        return row, both[row, side]

    def _step(self, snapped: Snapped, row: Ints, arc: Ints) -> Ints:
        """Return how far along its arc each point lies, as it is driven."""
        step = snapped.step[row]
        return np.where(self.graph.against[arc], WHOLE - step, step)

    def part(self, arc: Ints, step: Ints) -> Ints:
        """Return the weight of the first ``step`` of ``WHOLE`` steps of arcs on which a way begins or ends."""
        weight = self.end_arc_of[arc]
        part: Ints = ((weight // METRE) * step // WHOLE) * METRE + (weight % METRE) * step // WHOLE
        return part


def _first_of(row: Ints, count: int) -> Ints:
    """Return where the entries of each of ``count`` rows begin, of rows in ascending order."""
    return np.searchsorted(row, np.arange(count + 1)).astype(np.int64)


def _rounded(weight: Ints) -> tuple[Ints, Ints]:
    """Return whole metres and seconds of weights."""
    metres, seconds = rounded(weight.ravel())
    return metres.reshape(weight.shape), seconds.reshape(weight.shape)
