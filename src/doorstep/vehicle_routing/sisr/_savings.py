"""Routes from savings: each stop on a route of its own, then the joins that save most.

References
----------
Clarke, Wright (1964), Scheduling of vehicles from a central depot to a number of delivery points, Operations Research
12(4); with savings of near stops only, as in Arnold, Gendreau, Sorensen (2019), C&OR 107.
"""

from doorstep.foundation.arrays import Ints
from doorstep.foundation.kernels import kernel


@kernel
def find(parent: Ints, v: int) -> int:
    """Return the route that stop v is on by now."""
    while parent[v] != v:
        parent[v] = parent[parent[v]]
        v = parent[v]
    return v


@kernel
def join_routes(order: Ints, first: Ints, second: Ints, load: Ints, capacity: Ints, links: Ints) -> int:
    """Join ends of routes in the order of their savings; return the routes that remain.

    Parameters
    ----------
    order, first, second : (A,)
        Pairs of stops, and the order in which to try them.
    load : (N, M)
        Overwritten with the loads of routes.
    capacity : (M,)
    links : (N, 2)
        Filled with the one or two neighbours of each stop, -1 for the depot.
    """
    stops, dims = load.shape
    parent = links[:, 0].copy()
    for v in range(stops):
        parent[v] = v
        links[v, 0] = -1
        links[v, 1] = -1
    routes = stops
    for n in range(order.size):
        a, b = first[order[n]], second[order[n]]
        if (links[a, 0] >= 0 and links[a, 1] >= 0) or (links[b, 0] >= 0 and links[b, 1] >= 0):
            continue
        ra, rb = find(parent, a), find(parent, b)
        if ra == rb:
            continue
        fits = True
        for m in range(dims):
            if load[ra, m] + load[rb, m] > capacity[m]:
                fits = False
        if not fits:
            continue
        links[a, 0 if links[a, 0] < 0 else 1] = b
        links[b, 0 if links[b, 0] < 0 else 1] = a
        parent[rb] = ra
        for m in range(dims):
            load[ra, m] += load[rb, m]
        routes -= 1
    return int(routes)
