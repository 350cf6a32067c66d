"""Branch and bound over sites and levels, the Lagrangian bound at every node."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from doorstep.foundation.arrays import Floats
from doorstep.network.capacitated.bound import CLOSE, Relaxed, climb, fix
from doorstep.network.capacitated.options import Incumbent, Options
from doorstep.network.capacitated.programme import choose_together
from doorstep.network.capacitated.sites_search import complete

ROUNDS = 60
"""Subgradient rounds at a node, which begins with the multipliers of its parent."""
SMALL = 2_500
"""Pairs of whole customers and options that a programme settles rather than more branching."""
NODES = 2_000
"""Nodes of such a programme; a part that needs more is divided first, and has as many as it needs once decided."""


@dataclass(slots=True, kw_only=True)
class Tree:
    """What is still open: nodes by their bounds, and sets of options that are settled but for whole customers."""

    nodes: list[tuple[float, int, Relaxed]] = field(default_factory=list)
    leaves: list[float] = field(default_factory=list)
    count: int = 0

    def push(self, node: Relaxed) -> None:
        """Add a node."""
        heapq.heappush(self.nodes, (node.bound, self.count, node))
        self.count += 1

    def bound(self, value: float) -> float:
        """Return what is proved when the best service costs ``value``."""
        return min([value, *self.leaves, *(bound for bound, _, _ in self.nodes[:1])])


def branch(
    options: Options, tree: Tree, incumbent: Incumbent, keep_going: Callable[[], bool], patient: Callable[[], bool]
) -> None:
    """Take the node of the least bound and divide it, until the bound meets the best service or patience ends.

    ``keep_going`` is asked at every node, ``patient`` within the programmes that settle small ones.

    References
    ----------
    Beasley (1988), An algorithm for solving large capacitated warehouse location problems, European Journal of
    Operational Research 33.
    """
    while tree.nodes and tree.bound(np.inf) < enough(incumbent) and keep_going():
        _, _, node = heapq.heappop(tree.nodes)
        for part in _divide(options, node):
            climb(options, part, target=incumbent.value, rounds=ROUNDS)
            if part.bound < enough(incumbent):
                enter(options, tree, incumbent, part, patient)


def enough(incumbent: Incumbent) -> float:
    """Return the bound that proves the best service."""
    return incumbent.value - CLOSE * abs(incumbent.value)


def enter(options: Options, tree: Tree, incumbent: Incumbent, part: Relaxed, patient: Callable[[], bool]) -> None:
    """Fix what a node allows, try the set of options that it suggests, and settle the node at once if it is small."""
    reduced = fix(options, part, incumbent.value)
    incumbent.worth(complete(replace(options, may=part.may, must=part.must), part.chosen(), reduced.opened))
    there = np.bincount(options.site[part.may], minlength=options.must.size)
    decided = int(there.max(initial=0)) <= 1 and bool(part.must[there > 0].all())
    pairs = (reduced.bound + reduced.pair < incumbent.value) & part.may[:, None]
    if not options.whole:
        if decided:
            incumbent.worth(np.flatnonzero(part.may).astype(np.int64))
        else:
            tree.push(part)
    elif decided or int(pairs.sum()) <= SMALL:
        some = replace(options, may=part.may, must=part.must)
        answer = choose_together(some, pairs, None, nodes=None if decided else NODES, keep_going=patient)
        if answer.served is not None:
            incumbent.offer(answer.served)
        part.bound = max(part.bound, min(answer.bound, incumbent.value))
        if part.bound >= enough(incumbent):
            return
        if decided:
            tree.leaves.append(part.bound)
        else:
            tree.push(part)
    else:
        tree.push(part)


def _divide(options: Options, node: Relaxed) -> list[Relaxed]:
    """Return the two parts of a node: of the site, or else the level, least decided; none if all are decided."""
    there = np.bincount(options.site[node.may], minlength=options.must.size)
    free = np.flatnonzero((there > 0) & ~node.must)
    if free.size:
        how_open = np.bincount(options.site, weights=node.mean_open, minlength=options.must.size)
        site = int(free[np.argmin(np.abs(how_open[free] - 0.5))])
        closed, opened = node.may & (options.site != site), node.must.copy()
        opened[site] = True
        return [node.child(node.may.copy(), opened), node.child(closed, node.must.copy())]
    several = np.flatnonzero(there > 1)
    if not several.size:
        return []
    levels = np.flatnonzero(node.may & (options.site == several[0]))
    levels = levels[np.argsort(options.capacity[levels], kind="stable")]
    half = int(_half(node.mean_open[levels]))
    parts = []
    for out in (levels[:half], levels[half:]):
        may = node.may.copy()
        may[out] = False
        parts.append(node.child(may, node.must.copy()))
    return parts


def _half(mean_open: Floats) -> int:
    """Return how many levels, of two or more, form the lower part."""
    return int(np.clip(np.searchsorted(np.cumsum(mean_open), 0.5 * mean_open.sum()) + 1, 1, mean_open.size - 1))
