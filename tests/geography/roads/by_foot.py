"""Travel times reckoned in plain Python, one arc after the other."""

import heapq

import numpy as np
from hypothesis import strategies as st

from doorstep.geography import Places
from doorstep.geography.roads import PROFILES, RoadGraph, build_graph
from tests.geography.roads.towns import degrees, grid

WHOLE = 1 << 20
On = tuple[int, int]
"""A piece of street and a step of it."""


def places(*east_north_m: tuple[float, float]) -> Places:
    """Return places so many metres from the corner of a town."""
    at = np.array([degrees(*each) for each in east_north_m])
    return Places(lat=at[:, 0], lon=at[:, 1])


def on_arcs(graph: RoadGraph, on: On) -> list[tuple[int, float]]:
    """Return the arcs of a piece of street, and which share of each lies before a place."""
    arcs = np.flatnonzero(graph.edge == on[0]).tolist()
    return [(arc, 1 - on[1] / WHOLE if graph.against[arc] else on[1] / WHOLE) for arc in arcs]


def begun_ms(graph: RoadGraph, start: On) -> dict[int, float]:
    """Return when each arc is begun that one comes to from a place [ms]."""
    todo: list[tuple[float, int]] = []

    def turn(arc: int, at_ms: float) -> None:
        for k in range(graph.turn_first[arc], graph.turn_first[arc + 1]):
            heapq.heappush(todo, (at_ms + int(graph.turn_ms[k]), int(graph.turn_to[k])))

    for arc, share in on_arcs(graph, start):
        turn(arc, int(graph.ms[arc]) * (1 - share))
    found: dict[int, float] = {}
    while todo:
        at_ms, arc = heapq.heappop(todo)
        if arc not in found:
            found[arc] = at_ms
            turn(arc, at_ms + int(graph.ms[arc]))
    return found


def drive_ms(graph: RoadGraph, start: On, begun: dict[int, float], end: On) -> float:
    """Return what a drive takes from a place, from which arcs are begun then, to another [ms]."""
    ways = [begun[arc] + int(graph.ms[arc]) * share for arc, share in on_arcs(graph, end) if arc in begun]
    if start[0] == end[0]:
        for (arc, begin), (_, finish) in zip(on_arcs(graph, start), on_arcs(graph, end), strict=True):
            if finish >= begin:
                ways.append(int(graph.ms[arc]) * (finish - begin))
    return min(ways, default=float("inf"))


@st.composite
def graphs(draw: st.DrawFn) -> RoadGraph:
    """Draw the graph of a small town with one-ways and a restriction."""
    rows, columns = draw(st.integers(2, 4)), draw(st.integers(2, 4))
    east = draw(st.sets(st.integers(0, rows - 1), max_size=1))
    north = draw(st.sets(st.integers(0, columns - 1), max_size=1))
    row, column = draw(st.integers(0, rows - 1)), draw(st.integers(0, columns - 1))
    kind = draw(st.sampled_from(["no_left_turn", "only_straight_on"]))
    turns = [(row, row * columns + column, rows + column, kind)] if draw(st.booleans()) else []
    streets = grid(rows, columns, east=sorted(east), north=sorted(north), spur=draw(st.booleans()), turns=turns)
    return build_graph(streets, PROFILES["van"])


def spots(most: int) -> st.SearchStrategy[list[tuple[float, float]]]:
    """Draw some places in or around a small town [m]."""
    at = st.integers(-20, 420).map(float)
    return st.lists(st.tuples(at, at), min_size=1, max_size=most)
