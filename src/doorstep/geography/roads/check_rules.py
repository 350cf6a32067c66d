"""Restrictions over ways and streets without through traffic judged from scratch, with nothing of ``doubled``.

The oracle is Dijkstra's algorithm over what was driven: beside the arc it remembers how far along each restriction one
is, and whether one came to a street where nobody drives through from outside. It knows arcs once only.
"""

import heapq
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from doorstep.foundation.arrays import Bools, Ints
from doorstep.geography.roads.graph import RoadGraph
from doorstep.geography.roads.profiles import Profile, goes_nowhere, holds_for
from doorstep.geography.roads.streets import Streets

State = tuple[int, frozenset[tuple[int, int]], bool]
"""An arc, how far one is along restrictions, and whether one came from outside."""


def check_rules(graph: RoadGraph, streets: Streets, profile: Profile, starts: Ints) -> list[str]:
    """Return from which arcs the times to all others are not those that the rules allow.

    Parameters
    ----------
    starts
        Arcs at whose end one begins; none of them doubled.
    """
    start = np.repeat(np.arange(graph.arcs), np.diff(graph.turn_first))
    table = csr_array(((graph.turn_ms + graph.ms[graph.turn_to] + 1e-9, (start, graph.turn_to))),
                      shape=(graph.arcs, graph.arcs))  # fmt: skip
    rules = _Rules(graph, streets, profile)
    faults = []
    for arc, found in zip(starts.tolist(), dijkstra(table, indices=starts), strict=True):
        best = np.full(graph.singles, np.inf)
        np.minimum.at(best, graph.own, found)
        exact = rules.times(arc)
        wrong = int((np.rint(np.where(np.isfinite(best), best, -1)) != exact).sum())
        if wrong:
            faults.append(f"from arc {arc} there are {wrong} arcs with other times than by the rules.")
    return faults


@dataclass(slots=True)
class _Rules:
    """What rules say of single arcs."""

    graph: RoadGraph
    streets: Streets
    profile: Profile
    way: Ints = field(init=False)
    turns: list[list[tuple[int, int]]] = field(init=False)
    over: list[tuple[int, ...]] = field(init=False)
    closed: Bools = field(init=False)

    def __post_init__(self) -> None:
        graph, streets = self.graph, self.streets
        self.way = graph.way[graph.edge[: graph.singles]]
        self.turns = [
            [(int(graph.own[graph.turn_to[k]]), int(graph.turn_ms[k]))
             for k in range(graph.turn_first[arc], graph.turn_first[arc + 1])]
            for arc in range(graph.singles)
        ]  # fmt: skip
        self.over = [row for row, tags in zip(streets.over, streets.over_tags, strict=True)
                     if holds_for(tags, self.profile)]  # fmt: skip
        self.closed = self._closed()

    def times(self, begin: int) -> Ints:
        """Return the time from the end of an arc to the end of each (S,) [ms], -1 where one cannot come."""
        found = np.full(self.graph.singles, -1, dtype=np.int64)
        found[begin] = 0
        first: State = (begin, frozenset((row, 0) for row, each in enumerate(self.over) if each[1] == self.way[begin]),
                        False)  # fmt: skip
        todo = [(0, 0, first)]
        seen: set[State] = set()
        number = 0
        while todo:
            here, _, state = heapq.heappop(todo)
            if state in seen:
                continue
            seen.add(state)
            if found[state[0]] < 0:
                found[state[0]] = here
            for arc, takes in self.turns[state[0]]:
                onward = self._onward(state, arc)
                if onward is not None and onward not in seen:
                    number += 1
                    heapq.heappush(todo, (here + takes + int(self.graph.ms[arc]), number, onward))
        return found

    def _onward(self, state: State, arc: int) -> State | None:
        """Return what is so after a turn, nothing if it is forbidden."""
        last, along, outside = state
        way = self.way[arc]
        on = {(row, 0) for row, each in enumerate(self.over) if each[1] == way}
        for row, at in along:
            only, _, *via, end = self.over[row]
            there = at == len(via) and any(self.way[other] == end for other, _ in self.turns[last])
            if there and (way == end) != bool(only):
                return None
            if at < len(via) and way == via[at]:
                on.add((row, at + 1))
            elif at and way == via[at - 1]:
                on.add((row, at))
        if outside and not self.closed[arc]:
            return None
        return arc, frozenset(on), bool(self.closed[arc] and (outside or not self.closed[last]))

    def _closed(self) -> Bools:
        """Return where nobody drives through (S,): what hangs on two junctions of the largest part without them."""
        arcs = self.graph.singles
        open_ = ~np.array([goes_nowhere(self.streets.tags[self.streets.tag[way]], self.profile) for way in self.way])
        if not open_.any():
            return np.zeros(arcs, dtype=np.bool_)
        pairs = [(a, b) for a in range(arcs) for b, _ in self.turns[a]]
        part = _parts([(a, b) for a, b in pairs if open_[a] and open_[b]], arcs, strong=True)
        size = np.bincount(part[open_], weights=self.graph.dm[:arcs][open_])
        rest = ~(open_ & (part == size.argmax()))
        part = _parts([(a, b) for a, b in pairs if rest[a] and rest[b]], arcs, strong=False)
        hung = {(int(part[b if rest[b] else a]), int(self.graph.head[a])) for a, b in pairs if rest[a] != rest[b]}
        many = np.bincount([each for each, _ in hung], minlength=arcs)
        found: Bools = rest & (many[part] > 1)
        return found


def _parts(pairs: list[tuple[int, int]], count: int, *, strong: bool) -> Ints:
    rows = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    table = csr_array((np.ones(len(rows)), (rows[:, 0], rows[:, 1])), shape=(count, count))
    found: Ints = connected_components(table, directed=True, connection="strong" if strong else "weak")[1]
    return found
