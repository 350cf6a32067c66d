"""Whole customers of a few open sites chosen anew together with closed sites nearby: a large neighbourhood search."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from doorstep.foundation.arrays import Floats, Ints
from doorstep.network.capacitated.bound import Relaxed, climb, fix
from doorstep.network.capacitated.options import Incumbent, Options, Served, served_whole
from doorstep.network.capacitated.programme import choose_together

FEWEST, MOST = 3, 30
"""Open sites that are freed together: more while programmes are settled in vain, fewer while they are not settled."""
NODES = 30
"""Nodes of one programme."""
ROUNDS = 100
"""Subgradient rounds that raise the bound of one neighbourhood before its programme."""
PAIRS = 800
"""Pairs of customers and options in one programme, those of least reduced cost."""
GROWS, SHRINKS = 0.1, 0.9
"""What is added to the size after a settled neighbourhood, and what it is multiplied by after another."""


def improve_neighbourhoods(
    options: Options,
    incumbent: Incumbent,
    relaxed: Relaxed,
    rng: np.random.Generator,
    keep_going: Callable[[], bool],
    patient: Callable[[], bool],
) -> None:
    """Free the customers of some open sites around one drawn at random, and serve them best, again and again.

    ``relaxed`` lends its multipliers. Ends when patience does, or after as many neighbourhoods in vain as would free
    every site four times.

    References
    ----------
    Shaw (1998), Using constraint programming and local search methods to solve vehicle routing problems. Guastaroba,
    Speranza (2014), A heuristic for BILP problems: the single source capacitated facility location problem.
    """
    size, in_vain = FEWEST + 1.0, 0
    while incumbent.best is not None and keep_going() and in_vain <= 4 * incumbent.best.chosen.size:
        best = incumbent.best
        center = int(rng.choice(best.chosen))
        free, closed = _around(options, best, center, int(size), rng)
        answer, settled = _choose_around(options, best, relaxed, free, closed, patient)
        in_vain = 0 if answer is not None and incumbent.offer(answer) else in_vain + 1
        size = min(MOST, size + GROWS) if settled else max(FEWEST, size * SHRINKS)


def _around(options: Options, best: Served, center: int, size: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Return ``size`` open options and as many closed sites that would serve a site's customers cheaply."""
    mine = best.customer[best.option == center]
    here = options.cost[:, mine].mean(axis=1) if mine.size else _between(options, int(options.site[center]))
    here = np.where(np.isfinite(here), here, np.finfo(float).max) * rng.uniform(0.5, 1.0, here.size)
    others = best.chosen[best.chosen != center]
    near = others[np.argsort(here[options.site[others]], kind="stable")[: size - 1]]
    shut = np.unique(options.site[options.may])
    shut = shut[~np.isin(shut, options.site[best.chosen])]
    return np.append(near, center), shut[np.argsort(here[shut], kind="stable")[:size]]


def _between(options: Options, site: int) -> Floats:
    """Return how far each site is from one without customers: the least detour of any customer (M,)."""
    return np.asarray((options.cost + options.cost[site]).min(axis=1), np.float64)


def _choose_around(
    options: Options, best: Served, relaxed: Relaxed, free: Ints, closed: Ints, patient: Callable[[], bool]
) -> tuple[Served | None, bool]:
    """Return a service with some open options chosen anew, if one was found, and whether none is better."""
    mine = np.flatnonzero(np.isin(best.option, free))
    kept = best.chosen[~np.isin(best.chosen, free)]
    part = _part(options, mine, free, closed, kept.size)
    start = served_whole(part, np.sort(free), best.option[mine])
    local = _relaxed(part, relaxed, mine)
    climb(part, local, target=start.value, rounds=ROUNDS)
    if local.bound >= start.value - 1e-6 * abs(start.value):
        return None, True
    reduced = fix(part, local, start.value)
    worth = reduced.bound + reduced.pair
    limit = start.value
    if np.count_nonzero(worth < limit) > PAIRS:
        limit = float(np.partition(worth, PAIRS, axis=None)[PAIRS])
    allowed = worth < limit
    part.may[free] = True
    allowed[best.option[mine], np.arange(mine.size)] = True
    answer = choose_together(part, allowed, start, nodes=NODES, keep_going=patient)
    settled = answer.bound >= start.value - 1e-6 * abs(start.value) and limit == start.value
    if answer.served is None or answer.served.value >= start.value - 1e-9 * abs(start.value):
        return None, settled
    at = best.option.copy()
    at[mine] = answer.served.option
    return served_whole(options, np.sort(np.append(kept, answer.served.chosen)), at), True


def _part(options: Options, mine: Ints, free: Ints, closed: Ints, kept: int) -> Options:
    """Return the problem of some customers, to be served from freed and closed sites while ``kept`` others stay."""
    there = np.zeros(options.must.size, np.bool_)
    there[options.site[free]] = True
    there[closed] = True
    may = options.may & there[options.site]
    may[free] = True
    return replace(
        options,
        cost=np.ascontiguousarray(options.cost[:, mine]),
        rate=np.ascontiguousarray(options.rate[:, mine]),
        demand=options.demand[mine],
        may=may,
        must=options.must & there,
        low=max(0, options.low - kept),
        high=min(options.high - kept, int(there.sum())),
        base=0.0,
    )


def _relaxed(part: Options, relaxed: Relaxed, mine: Ints) -> Relaxed:
    """Return the relaxation of a part, beginning from the multipliers of the whole."""
    return Relaxed(
        may=part.may.copy(),
        must=part.must.copy(),
        bound=-np.inf,
        reward=relaxed.best[mine],
        best=relaxed.best[mine],
        direction=np.zeros(mine.size),
        mean_open=np.zeros(part.site.size),
        state=np.array([-np.inf, 0.7, 0.0, relaxed.state[3]]),
        exact=True,
    )
