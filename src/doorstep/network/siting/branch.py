"""Branch and bound: what prices cannot decide is decided by trying a site open and closed."""

import heapq
import math
from dataclasses import dataclass, replace
from itertools import count

import numpy as np

from doorstep.foundation import Progress, Stop
from doorstep.foundation.arrays import Bools
from doorstep.network.siting.prices import Prices, worth_of_changes
from doorstep.network.siting.reduced import Reduced
from doorstep.network.siting.search import descend
from doorstep.network.siting.work import Work

ROUNDS = 4
"""Rounds of steps at a node before it branches."""
STEPS = 25
FIRST_STEP = 0.5
"""Length of the first steps at a node: its prices start near the best ones."""
PATIENCE = 6
POOR = 0.05
"""Share of what is missing to the cutoff that a round must gain for the next one to be tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Sites of the root that are surely open and closed here, the prices to start from, and a bound known already."""

    sure: Bools
    closed: Bools
    prices: Prices
    bound: float


def branch(work: Work, *, stop: Stop, progress: Progress) -> None:
    """Search the tree, best bound first, until the best set of ``work`` is proved or ``stop``; its bound rises."""
    root = work.reduced
    number = count()
    node = Node(sure=root.sure.copy(), closed=np.zeros_like(root.sure), prices=work.prices, bound=work.bound)
    heap = [(node.bound, next(number), node)]
    dropped = math.inf
    while heap and not work.closed():
        bound, _, node = heap[0]
        work.bound = max(work.bound, min(bound, dropped))
        if bound > work.cutoff:
            break
        steps = stop.take(STEPS * ROUNDS)
        if not steps:
            return
        heapq.heappop(heap)
        for child in _look(work, root, node, steps):
            if child.bound > work.cutoff:
                dropped = min(dropped, child.bound)
            else:
                heapq.heappush(heap, (child.bound, next(number), child))
        progress.advance(steps)
    left = min([dropped, *(bound for bound, _, _ in heap)])
    work.bound = max(work.bound, min(left, float(work.elite.best.total)))


def _look(work: Work, root: Reduced, node: Node, steps: int) -> list[Node]:
    """Bound a node and try the sites that its prices choose; return its children, none if nothing better is in it."""
    here = np.flatnonzero(~node.closed)
    local = replace(root, sure=node.sure).among(~node.closed)
    if local.site.size < local.least or node.sure.sum() > local.most:
        return []
    prices = node.prices.begun_anew(step=FIRST_STEP, sites=local.site.size)
    bound = node.bound
    for _ in range(0, steps, STEPS):
        prices.raised(local, aim=float(work.elite.best.total), goal=work.cutoff + 1e-6, steps=STEPS, patience=PATIENCE)
        gained, bound = prices.bound - bound, max(bound, prices.bound)
        if bound > work.cutoff or gained < POOR * (work.cutoff - bound):
            break
    rise, chosen = worth_of_changes(prices.worth, local)
    _try(work, local, chosen)
    if bound > work.cutoff:
        return [replace(node, bound=bound)]
    decided = prices.bound + rise > work.elite.best.total - 0.5
    sure, closed = node.sure.copy(), node.closed.copy()
    sure[here[decided & chosen]] = True
    closed[here[decided & ~chosen]] = True
    free = np.flatnonzero(~decided & ~local.sure)
    if not free.size:
        return []  # only the chosen set is left, and it was tried
    pick = here[free[np.argmin(np.abs(prices.chosen_share[free] - 0.5))]]
    children = []
    for opens in (True, False):
        more_sure, more_closed = sure.copy(), closed.copy()
        (more_sure if opens else more_closed)[pick] = True
        children.append(Node(sure=more_sure, closed=more_closed, prices=prices, bound=bound))
    return children


def _try(work: Work, local: Reduced, chosen: Bools) -> None:
    sites = np.flatnonzero(chosen)
    name = local.site[sites].tobytes()
    if sites.size and name not in work.tried:
        work.tried.add(name)
        work.elite.add(descend(local, sites))
