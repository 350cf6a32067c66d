"""Choose sites: good sets and a bound, each helping the other, then branch and bound on the sites that are left."""

import numpy as np

from doorstep.foundation import Progress, Silent, Stop, UpTo
from doorstep.foundation.arrays import Ints
from doorstep.network.siting.branch import branch
from doorstep.network.siting.core import settle
from doorstep.network.siting.plan import SitingPlan, plan_of
from doorstep.network.siting.prices import Prices, worth_of_changes
from doorstep.network.siting.problem import SitingProblem
from doorstep.network.siting.reduced import Reduced
from doorstep.network.siting.search import Elite, Found, descend, relink
from doorstep.network.siting.work import Work

STEPS = 25
"""Steps of the prices between two looks at the sets of sites that they choose."""
LAST_STEP = 1e-3
"""Length of the steps below which prices are as good as they will be."""
FRUITLESS = 12
"""Rounds without a better set of sites after which the search turns to branching, once the prices are settled."""
AT_FIRST = 0.15
"""Share of the patience left for branching before programmes are tried: for few sites it is the faster of the two."""
WORTH_IT = 0.75
"""Share of the sites that may stay for the rows to be written anew without the others."""


def price_and_search(work: Work, *, rng: np.random.Generator, stop: Stop, progress: Progress) -> None:
    """Raise the bound and look for better sets of sites until they meet, neither moves, or ``stop``."""
    fruitless = 0
    while not work.closed() and (work.prices.step > LAST_STEP or fruitless < FRUITLESS):
        steps = stop.take(STEPS)
        if not steps:
            return
        if work.prices.step > LAST_STEP:
            work.prices.raised(work.reduced, aim=float(work.elite.best.total), goal=work.cutoff, steps=steps)
            work.bound = max(work.bound, work.prices.bound)
        fruitless = 0 if _look_for_better(work, rng) else fruitless + 1
        _leave_out(work)
        progress.advance(steps)


def _look_for_better(work: Work, rng: np.random.Generator) -> bool:
    """Try the sites that the prices choose, and a path between two good sets; return whether the best is better now."""
    better = False
    _, chosen = worth_of_changes(work.prices.worth, work.reduced)
    sites = np.flatnonzero(chosen)
    name = work.reduced.site[sites].tobytes()
    if sites.size and name not in work.tried:
        work.tried.add(name)
        better = _keep(work, descend(work.reduced, sites))
    if len(work.elite.found) > 1:
        here, there = rng.choice(len(work.elite.found), 2, replace=False)
        between = relink(work.reduced, work.elite.found[here], work.elite.found[there])
        better = (between is not None and _keep(work, between)) or better
    return better


def _keep(work: Work, found: Found) -> bool:
    return work.elite.add(found)


def _leave_out(work: Work) -> None:
    """Leave out the sites that no better set opens, and mark those that every better set opens."""
    rise, chosen = worth_of_changes(work.prices.worth, work.reduced)
    decided = work.prices.bound + rise > work.elite.best.total - 0.5
    work.reduced.sure[decided & chosen] = True
    keep = ~(decided & ~chosen)
    keep[work.reduced.local(work.elite.best.sites)] = True
    if keep.sum() <= WORTH_IT * keep.size:
        work.reduced, work.prices = work.reduced.among(keep), work.prices.among(keep)


def choose_sites(
    problem: SitingProblem,
    *,
    rng: np.random.Generator,
    stop: Stop,
    gap: float = 0.0,
    enough: int | None = None,
    start: Ints | None = None,
    progress: Progress | None = None,
) -> SitingPlan:
    """Return the sites to open so that serving all customers costs least, and a proved bound on that cost.

    A search by swaps with path relinking finds good sets of sites; Lagrangian prices of being served bound what any set
    can cost, choose further sets to try and leave sites out. What then stays open is decided by branch and bound.

    Parameters
    ----------
    problem
        Customers, sites, costs and limits.
    rng
        Draws the pairs of good sets between which paths are searched.
    stop
        Counts one iteration a step of the prices.
    gap
        How far from the bound the plan may stay, as a share of its cost.
    enough
        A cost that is low enough: it ends when a plan costs no more, or when it is proved that none does.
    start
        Sites to begin with; by default none.

    Raises
    ------
    InputError
        If no set of sites that may be open reaches all customers.

    References
    ----------
    Whitaker (1983), A fast algorithm for the greedy interchange for large-scale clustering and median location
    problems.
    Resende, Werneck (2004), A hybrid heuristic for the p-median problem, Journal of Heuristics 10.
    Cornuejols, Fisher, Nemhauser (1977), Location of bank accounts to optimize float, Management Science 23.
    Christofides, Beasley (1982), A tree search algorithm for the p-median problem, European Journal of Operational
    Research 10.
    """
    heard = progress or Silent()
    heard.stage("siting", 0)
    reduced = Reduced.of(problem)
    first = descend(reduced, np.empty(0, np.int64) if start is None else start)
    work = Work(
        reduced=reduced,
        prices=Prices.between(reduced, first.sites),
        elite=Elite(found=[first]),
        gap=gap,
        base=int(problem.closing.sum()),
        enough=None if enough is None else enough - int(problem.closing.sum()),
    )
    price_and_search(work, rng=rng, stop=stop, progress=heard)
    if not work.closed():
        branch(work, stop=UpTo(stop, stop.spent() + AT_FIRST * (1.0 - stop.spent())), progress=heard)
    if not work.closed():
        settle(work, stop=stop)
    if not work.closed():
        branch(work, stop=stop, progress=heard)
    return plan_of(problem, work.elite.best.sites, work.bound)
