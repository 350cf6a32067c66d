"""Whole customers of a few open sites chosen anew together with closed sites nearby: a large neighbourhood search."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.network.capacitated.options import Incumbent, Options, Served, served_whole
from doorstep.network.capacitated.programme import choose_together

FEWEST, MOST = 3, 20
"""Open sites that are freed together: more while programmes are settled in vain, fewer while they are not settled."""
NODES = 60
"""Nodes of one programme."""


def improve_neighbourhoods(
    options: Options,
    incumbent: Incumbent,
    pairs: Bools,
    rng: np.random.Generator,
    keep_going: Callable[[], bool],
    patient: Callable[[], bool],
) -> None:
    """Free the customers of some open sites around one drawn at random, and serve them best, again and again.

    ``pairs`` (K, N) may be served. Ends when every site has been tried in vain at the largest size, or patience ends.

    References
    ----------
    Shaw (1998), Using constraint programming and local search methods to solve vehicle routing problems. Guastaroba,
    Speranza (2014), A heuristic for BILP problems: the single source capacitated facility location problem.
    """
    size, in_vain = FEWEST + 1.0, 0
    while incumbent.best is not None and keep_going() and in_vain <= 2 * incumbent.best.chosen.size:
        best = incumbent.best
        center = int(rng.choice(best.chosen))
        free, closed = _around(options, best, center, int(size))
        answer, settled = _choose_around(options, best, pairs, free, closed, patient)
        if answer is not None and incumbent.offer(answer):
            in_vain = 0
            continue
        in_vain += 1
        if not settled:
            size = max(FEWEST, size * 0.9)
        elif in_vain % max(1, best.chosen.size // 2) == 0:
            size = min(MOST, size + 1)


def _around(options: Options, best: Served, center: int, size: int) -> tuple[Ints, Ints]:
    """Return ``size`` open options and the sites, as many and closed, that would serve a site's customers cheapest."""
    mine = best.customer[best.option == center]
    here = options.cost[:, mine].mean(axis=1) if mine.size else _between(options, int(options.site[center]))
    here = np.where(np.isfinite(here), here, np.finfo(float).max)
    others = best.chosen[best.chosen != center]
    near = others[np.argsort(here[options.site[others]], kind="stable")[: size - 1]]
    shut = np.unique(options.site[options.may])
    shut = shut[~np.isin(shut, options.site[best.chosen])]
    return np.append(near, center), shut[np.argsort(here[shut], kind="stable")[:size]]


def _between(options: Options, site: int) -> Floats:
    """Return how far each site is from one without customers: the least detour of any customer (M,)."""
    return np.asarray((options.cost + options.cost[site]).min(axis=1), np.float64)


def _choose_around(
    options: Options, best: Served, pairs: Bools, free: Ints, closed: Ints, patient: Callable[[], bool]
) -> tuple[Served | None, bool]:
    """Return a service with some open options chosen anew, if one was found, and whether the programme was settled."""
    mine = np.flatnonzero(np.isin(best.option, free))
    kept = best.chosen[~np.isin(best.chosen, free)]
    there = np.zeros(options.must.size, np.bool_)
    there[options.site[free]] = True
    there[closed] = True
    may = options.may & there[options.site]
    may[free] = True
    part = replace(
        options,
        cost=np.ascontiguousarray(options.cost[:, mine]),
        rate=np.ascontiguousarray(options.rate[:, mine]),
        demand=options.demand[mine],
        may=may,
        must=options.must & there,
        low=max(0, options.low - kept.size),
        high=min(options.high - kept.size, int(there.sum())),
        base=0.0,
    )
    customers = np.arange(mine.size)
    allowed = pairs[:, mine].copy()
    allowed[best.option[mine], customers] = True
    start = served_whole(part, np.sort(free), best.option[mine])
    answer = choose_together(part, allowed, start, nodes=NODES, keep_going=patient)
    settled = answer.bound >= start.value - 1e-6 * abs(start.value)
    if answer.served is None or answer.served.value >= start.value - 1e-9 * abs(start.value):
        return None, settled
    at = best.option.copy()
    at[mine] = answer.served.option
    return served_whole(options, np.sort(np.append(kept, answer.served.chosen)), at), settled
