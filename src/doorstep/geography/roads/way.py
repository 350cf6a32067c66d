"""One way on streets with its course: which streets, how long on each, and its line on a map."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from doorstep.foundation.arrays import Floats, Ints
from doorstep.geography.places import Places
from doorstep.geography.roads._hierarchy_kernels import METRE
from doorstep.geography.roads._pair_kernels import direct_pairs
from doorstep.geography.roads._path_kernels import ways_of
from doorstep.geography.roads.snap import WHOLE
from doorstep.geography.roads.times import RoadTimes


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A stretch of a way on a piece of street, from a step of it to another, and what it takes with the turn to it."""

    arc: int
    begin: int
    finish: int
    ms: int
    dm: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """The fastest way between two points: ``lat``, ``lon`` (P,) of its line, and its legs in order."""

    metres: int
    seconds: int
    lat: Floats
    lon: Floats
    legs: tuple[Leg, ...]

    def streets(self, times: RoadTimes) -> list[tuple[str, int]]:
        """Return the names of streets in the order in which they are driven, and metres on each."""
        return street_names(times, [leg.arc for leg in self.legs], [leg.dm for leg in self.legs])


def street_names(times: RoadTimes, arcs: Sequence[int], dm: Sequence[int]) -> list[tuple[str, int]]:
    """Return the names of streets driven in turn and metres on each, of arcs and the decimetres on each of those.

    Arcs in turn of one street are one.
    """
    graph = times.graph
    found: list[tuple[str, int]] = []
    for arc, length in zip(arcs, dm, strict=True):
        name = graph.names[graph.name[graph.edge[arc]]]
        if found and found[-1][0] == name:
            found[-1] = (name, found[-1][1] + length)
        else:
            found.append((name, length))
    return [(name, (length + 5) // 10) for name, length in found]


def find_way(times: RoadTimes, origin: tuple[float, float], destination: tuple[float, float]) -> Way:
    """Return the fastest way from a point (lat, lon) to another.

    Raises
    ------
    InputError
        If one of them lies too far from any street.
    """
    ends = (Places(lat=np.array([lat]), lon=np.array([lon])) for lat, lon in (origin, destination))
    return find_ways(times, *ends)[0]


def find_ways(times: RoadTimes, origins: Places, destinations: Places) -> list[Way]:
    """Return the fastest way row by row.

    Raises
    ------
    InputError
        If a point lies too far from any street.
    """
    a, b = times.placed(origins), times.placed(destinations)
    h, m = times.hierarchy_of, times.metric_of
    best, first, vertices = ways_of(h.first, h.head, m.up, m.down, m.up_by, m.down_by, *times.starts(a), *times.ends(b))
    on_one = direct_pairs(a.edge, a.step, b.edge, b.step, *times.arcs, times.end_arc_of)
    arcs = np.argsort(h.vertex)[vertices]
    found = []
    for n in range(len(a)):
        edge, begin, finish = int(a.edge[n]), int(a.step[n]), int(b.step[n])
        if on_one[n] <= best[n]:
            stretches = [_on_one(times, edge, begin, finish)]
        else:
            own = arcs[first[n] : first[n + 1]].tolist()
            stretches = _stretches(times, edge, begin, int(b.edge[n]), finish, own, int(best[n]))
        found.append(_way(times, int(min(best[n], on_one[n])), stretches))
    return found


def _on_one(times: RoadTimes, edge: int, begin: int, finish: int) -> tuple[int, int, int]:
    """Return how a piece of street is driven from one step of it to another: the arc, and its steps."""
    along, against = (int(each[edge]) for each in times.arcs)
    if finish >= begin and along >= 0:
        return along, begin, finish
    return against, WHOLE - begin, WHOLE - finish


def _stretches(
    times: RoadTimes, start: int, begin: int, end: int, finish: int, arcs: list[int], best: int
) -> list[tuple[int, int, int]]:
    """Return arcs with the steps from and to which they are driven: the first and the last in part."""
    graph = times.graph
    fit = [arc for arc in (int(each[start]) for each in times.arcs) if arc >= 0
           and arcs[0] in graph.turn_to[graph.turn_first[arc] : graph.turn_first[arc + 1]].tolist()]  # fmt: skip
    options = []
    for arc in fit:
        step = WHOLE - begin if graph.against[arc] else begin
        last = WHOLE - finish if graph.against[arcs[-1]] else finish
        stretches = [(arc, step, WHOLE), *((each, 0, WHOLE) for each in arcs[:-1]), (arcs[-1], 0, last)]
        options.append((abs(sum(_takes(times, stretches)) - best), stretches))
    assert end == graph.edge[arcs[-1]]
    return min(options)[1]


def _takes(times: RoadTimes, stretches: list[tuple[int, int, int]]) -> list[int]:
    """Return the weight of each stretch with the turn to it."""
    graph, found = times.graph, []
    before = -1
    for number, (arc, begin, finish) in enumerate(stretches):
        whole = 0 < number < len(stretches) - 1
        part = times.part(np.array([arc, arc]), np.array([begin, finish]))
        turn = 0
        if before >= 0:
            own = slice(graph.turn_first[before], graph.turn_first[before + 1])
            turn = int(graph.turn_ms[own][graph.turn_to[own] == arc].min()) * METRE
        found.append((int(times.metric_of.arc[arc]) if whole else int(part[1] - part[0])) + turn)
        before = arc
    return found


def _way(times: RoadTimes, weight: int, stretches: list[tuple[int, int, int]]) -> Way:
    takes = _takes(times, stretches)
    points = line_of(times, stretches)
    legs = tuple(Leg(arc=int(times.graph.own[arc]), begin=begin, finish=finish, ms=took // METRE, dm=took % METRE)
                 for (arc, begin, finish), took in zip(stretches, takes, strict=True))  # fmt: skip
    return Way(metres=(weight % METRE + 5) // 10, seconds=(weight // METRE + 500) // 1000, lat=points[:, 0],
               lon=points[:, 1], legs=legs)  # fmt: skip


def line_of(times: RoadTimes, stretches: Sequence[tuple[int, int, int]]) -> Floats:
    """Return the points (P, 2) of stretches that are driven in turn, each an arc, from a step of it to another."""
    lines = [_line(times, *stretch) for stretch in stretches]
    return np.concatenate([line if k == 0 else line[1:] for k, line in enumerate(lines)])


def _line(times: RoadTimes, arc: int, begin: int, finish: int) -> Floats:
    """Return the points (P, 2) of an arc from a step of it to another [degrees]."""
    graph = times.graph
    edge = graph.edge[arc]
    own = slice(graph.shape_first[edge], graph.shape_first[edge + 1])
    points = np.column_stack([graph.lat[own], graph.lon[own]])
    points = points[::-1] if graph.against[arc] else points
    along = _along(points)
    at = np.array([begin, finish]) / WHOLE * along[-1]
    ends = np.column_stack([np.interp(at, along, points[:, 0]), np.interp(at, along, points[:, 1])])
    within = (along > at[0]) & (along < at[1])
    line: Floats = np.concatenate([ends[:1], points[within], ends[1:]])
    return line


def _along(points: Floats) -> Floats:
    """Return how far along a line each of its points lies, in any unit."""
    shrink = np.cos(np.radians(points[:, 0].mean()))
    steps = np.hypot(np.diff(points[:, 0]), np.diff(points[:, 1]) * shrink)
    return np.concatenate([[0.0], np.cumsum(steps)])


def arcs_driven(way: Way) -> Ints:
    """Return the arcs of a way in order."""
    return np.array([leg.arc for leg in way.legs], dtype=np.int64)
