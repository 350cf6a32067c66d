"""Arcs that are there twice, because what one may do on them next depends on how one came.

A doubled arc is the same piece of street driven the same way, and stands behind all others. Only certain turns lead to
it, and some turns of the arc that it stands for are missing on it. So restrictions over ways hold, and nobody drives
through streets that are only for those who begin or end there. Whoever begins on a street begins on the arc itself;
whoever ends there may come by any of its doubles.

References
----------
Restrictions as states of an automaton over what was driven: Aho and Corasick (1975), Efficient string matching, CACM
18(6); streets without through traffic as layers: Bast et al. (2016), Route planning in transportation networks, 2.4.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from doorstep.foundation.arrays import Bools, Ints
from doorstep.geography.roads.graph import RoadGraph
from doorstep.geography.roads.profiles import Profile, goes_nowhere, holds_for
from doorstep.geography.roads.streets import Streets

Row = tuple[int, ...]
"""Arcs in the order in which they are driven."""
MOST_ARCS = 100
"""A restriction over more arcs is none."""


def single(graph: RoadGraph) -> RoadGraph:
    """Return a graph without its doubled arcs: restrictions over ways do not hold, and all drive through everywhere."""
    arcs = graph.singles
    first = graph.turn_first[: arcs + 1]
    return replace(graph, **{name: getattr(graph, name)[:arcs] for name in ("tail", "head", "ms", "dm", "edge",
                                                                            "against", "own")},
                   turn_first=first, turn_to=graph.own[graph.turn_to[: first[-1]]],
                   turn_ms=graph.turn_ms[: first[-1]])  # fmt: skip


def with_doubles(graph: RoadGraph, row: Ints, arc: Ints) -> tuple[Ints, Ints]:
    """Return rows, ascending, and arcs together with the doubles of each arc."""
    singles = graph.singles
    if singles == graph.arcs:
        return row, arc
    order = np.argsort(graph.own[singles:], kind="stable")
    first = np.searchsorted(graph.own[singles:][order], np.arange(singles + 1))
    count = np.diff(first)[arc]
    at = np.repeat(first[arc] - (np.cumsum(count) - count), count) + np.arange(int(count.sum()))
    rows, arcs = np.concatenate([row, np.repeat(row, count)]), np.concatenate([arc, singles + order[at]])
    by_row = np.argsort(rows, kind="stable")
    return rows[by_row], arcs[by_row]


def restricted_over(graph: RoadGraph, streets: Streets, profile: Profile) -> RoadGraph:
    """Return a graph in which restrictions over ways hold."""
    forbidden = _forbidden_rows(graph, streets, profile)
    states: dict[Row, int] = {}
    for row in sorted(forbidden):
        for size in range(2, len(row)):
            states.setdefault(row[:size], graph.arcs + len(states))
    if not states:
        return graph
    turn_to = graph.turn_to.copy()
    for row, state in states.items():
        if len(row) == 2:
            own = slice(graph.turn_first[row[0]], graph.turn_first[row[0] + 1])
            turn_to[own] = np.where(turn_to[own] == row[1], state, turn_to[own])
    to: list[int] = []
    takes: list[int] = []
    sizes: list[int] = []
    for row in states:
        before = len(to)
        for k in range(graph.turn_first[row[-1]], graph.turn_first[row[-1] + 1]):
            driven = (*row, int(graph.turn_to[k]))
            endings = [driven[begin:] for begin in range(len(driven) - 1)]
            if not forbidden.intersection(endings):
                to.append(next((states[each] for each in endings if each in states), driven[-1]))
                takes.append(int(graph.turn_ms[k]))
        sizes.append(len(to) - before)
    of = np.array([row[-1] for row in states], dtype=np.int64)
    return _with(graph, of, turn_to, (np.array(sizes), np.array(to, dtype=np.int64), np.array(takes, dtype=np.int64)))


def without_through_traffic(graph: RoadGraph, streets: Streets, profile: Profile) -> RoadGraph:
    """Return a graph in which nobody drives through streets that are only for those who begin or end there.

    All that can be reached from all without such streets is open to everybody; the rest is where one begins or ends.
    Who came from there to the rest stays in it. Where the rest hangs on one junction, nobody drives through anyway.
    """
    nowhere = np.array([goes_nowhere(tags, profile) for tags in streets.tags], dtype=np.bool_)
    kept_out = nowhere[streets.tag[graph.way[graph.edge]]]
    if not kept_out.any() or kept_out.all():
        return graph
    rest = ~_largest(graph, ~kept_out)
    start = np.repeat(np.arange(graph.arcs), np.diff(graph.turn_first))
    if not (~rest[start] & ~rest[graph.turn_to]).any():
        return graph  # nothing is open to everybody
    rest = _passed(graph, rest, start)
    of = np.flatnonzero(rest)
    if not of.size:
        return graph
    double = np.full(graph.arcs, -1, dtype=np.int64)
    double[of] = graph.arcs + np.arange(of.size)
    within = rest[start] & rest[graph.turn_to]
    turn_to = np.where(~rest[start] & rest[graph.turn_to], double[graph.turn_to], graph.turn_to)
    more = np.bincount(start[within], minlength=graph.arcs)[of]
    return _with(graph, of, turn_to, (more, double[graph.turn_to[within]], graph.turn_ms[within]))


def _with(graph: RoadGraph, of: Ints, turn_to: Ints, more: tuple[Ints, Ints, Ints]) -> RoadGraph:
    """Return a graph with doubles of some arcs, and how many turns each has, where they lead and what they take."""

    def both(values: Ints) -> Ints:
        return np.concatenate([values, values[of]])

    return replace(
        graph, tail=both(graph.tail), head=both(graph.head), ms=both(graph.ms), dm=both(graph.dm),
        edge=both(graph.edge), against=np.concatenate([graph.against, graph.against[of]]), own=both(graph.own),
        turn_first=np.concatenate([graph.turn_first, graph.turn_first[-1] + np.cumsum(more[0])]),
        turn_to=np.concatenate([turn_to, more[1]]), turn_ms=np.concatenate([graph.turn_ms, more[2]]),
    )  # fmt: skip


def _forbidden_rows(graph: RoadGraph, streets: Streets, profile: Profile) -> set[Row]:
    """Return the rows of arcs that no one may drive, each of three or more."""
    rows = [row for row, tags in enumerate(streets.over_tags) if holds_for(tags, profile)]
    begin = {streets.over[row][1] for row in rows}
    way = graph.way[graph.edge]
    arcs: dict[int, list[int]] = {}
    for arc in np.flatnonzero(np.isin(way, list(begin))).tolist():
        arcs.setdefault(int(way[arc]), []).append(arc)
    found: set[Row] = set()
    for row in rows:
        only, start, *over = streets.over[row]
        for arc in arcs.get(start, ()):
            found.update(_rows_over(graph, way, arc, over, only=bool(only)))
    return found


def _rows_over(graph: RoadGraph, way: Ints, start: int, over: Sequence[int], *, only: bool) -> list[Row]:
    """Return the forbidden rows that begin with an arc and lead over ways, of which the last is where one turns to."""
    *via, end = over
    found: list[Row] = []
    todo: list[tuple[Row, int]] = [((start,), 0)]
    while todo:
        row, at = todo.pop()
        onward = graph.turn_to[graph.turn_first[row[-1]] : graph.turn_first[row[-1] + 1]].tolist()
        to = [arc for arc in onward if way[arc] == end] if at == len(via) else []
        if to:
            found += [(*row, arc) for arc in onward if (arc in to) != only]
        driven = {int(graph.edge[arc]) for arc in row}
        for arc in onward:
            if graph.edge[arc] in driven or len(row) > MOST_ARCS:
                continue
            if at < len(via) and way[arc] == via[at]:
                todo.append(((*row, arc), at + 1))
            elif at and way[arc] == via[at - 1]:
                todo.append(((*row, arc), at))
    return found


def _largest(graph: RoadGraph, among: Bools) -> Bools:
    """Return which arcs (A,) are of the largest part in which all can be reached from all without leaving some arcs."""
    start = np.repeat(np.arange(graph.arcs, dtype=np.int32), np.diff(graph.turn_first))
    kept = among[start] & among[graph.turn_to]
    table = csr_array((np.ones(int(kept.sum()), dtype=np.int8), (start[kept], graph.turn_to[kept])),
                      shape=(graph.arcs, graph.arcs))  # fmt: skip
    parts, part = connected_components(table, directed=True, connection="strong")
    size = np.bincount(part[among], weights=graph.dm[among], minlength=parts)
    found: Bools = among & (part == int(size.argmax()))
    return found


def _passed(graph: RoadGraph, rest: Bools, start: Ints) -> Bools:
    """Return which arcs (A,) of the rest hang on two or more junctions with what is open to everybody."""
    to = graph.turn_to
    within = rest[start] & rest[to]
    table = csr_array((np.ones(int(within.sum()), dtype=np.int8), (start[within], to[within])),
                      shape=(graph.arcs, graph.arcs))  # fmt: skip
    part = connected_components(table, directed=True, connection="weak")[1]
    across = rest[start] != rest[to]
    inner = np.where(rest[start[across]], start[across], to[across])
    hung = np.unique(np.column_stack([part[inner], graph.head[start[across]]]), axis=0)
    found: Bools = rest & (np.bincount(hung[:, 0], minlength=int(part.max()) + 1)[part] > 1)
    return found
