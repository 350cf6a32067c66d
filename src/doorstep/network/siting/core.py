"""Exact programmes over the part of a problem that prices leave open: a better set of sites, and a better bound.

What a customer pays is written as its cheapest cost and, for every set of its cheapest sites, what it pays more if all
of them are closed: customers with the same set share the row. HiGHS solves the programme.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from doorstep.foundation import Stop
from doorstep.foundation.arrays import Floats, Ints
from doorstep.foundation.programme import Programme, solve_programme
from doorstep.network.siting._dual import price_sites
from doorstep.network.siting._terms import pays_any_of, prefix_terms
from doorstep.network.siting.prices import worth_of_changes
from doorstep.network.siting.reduced import Reduced
from doorstep.network.siting.rows import CostRows
from doorstep.network.siting.search import descend
from doorstep.network.siting.work import Work

UNIT = 1e-6
"""Unit of the programmes' costs, as a share of the best cost, so that tolerances are far below what matters."""
TOLERANCE = 1e-3
"""How much a bound of a programme may be wrong by [UNIT]."""
DECIDED = 0.98
"""Share of the last choices of the prices that a site was part of, from which it is as good as open."""
NEAR = 0.1
"""Sites are tried whose opening raises the bound by less than this share of the gap."""
UNDECIDED = 0.02
SLACKS = (0.05, 0.3)
"""How much more than its price a customer may pay in the programmes for the bound, one after the other [gap]."""
DEPTH = 80
"""Pairs of a customer that a programme for the bound looks at; beyond them it pays no more."""
MOST_NODES = 1_000
"""Nodes of a programme's tree, so that it ends also where patience is counted in steps."""
MOST_PLACES = 3_000_000
"""Sites in all sets of a programme together, above which it is not tried."""


def settle(work: Work, *, stop: Stop) -> None:
    """Improve the best set of sites and the bound by programmes, each larger than the one before."""
    _better_set(work, stop)
    for slack in SLACKS:
        if work.closed() or not stop.take(1) or not _better_bound(work, slack, stop):
            return


def _better_set(work: Work, stop: Stop) -> None:
    """Choose the best set near the elite, those sites open that all of the elite and the prices agree on."""
    reduced, best = work.reduced, work.elite.best
    rise, chosen = worth_of_changes(work.prices.worth, reduced)
    elite = [reduced.local(found.sites) for found in work.elite.found]
    missing = best.total - work.prices.bound
    votes = np.bincount(np.concatenate(elite), minlength=reduced.site.size)
    keep = chosen | (rise < NEAR * missing) | (votes > 0)
    sure = (votes == len(elite)) & chosen & (work.prices.chosen_share > DECIDED) & (rise > 0.5 * NEAR * missing)
    part = replace(reduced, sure=sure | reduced.sure).among(keep)
    cap = _first_sure(part)
    values, _ = _solve(part, np.arange(part.weight.size), cap, part.opening.astype(np.float64), 0.0, best.total, stop)
    if values.size:
        work.elite.add(descend(part, np.flatnonzero(values > 0.5)))


def _better_bound(work: Work, slack: float, stop: Stop) -> bool:
    """Raise the bound by an exact programme for the customers of undecided sites; the others keep paying their price.

    Customers may pay up to their price and some slack in it, and never more, which is no more than what they truly pay.
    Returns whether it was small enough to try.
    """
    reduced, prices = work.reduced, work.prices
    missing = max(work.elite.best.total - prices.bound, 0.0)
    share = prices.chosen_share
    undecided = (share > UNDECIDED) & (share < 1.0 - UNDECIDED)
    rows = reduced.rows
    exact = np.flatnonzero(pays_any_of(rows.start, rows.site, rows.cost, prices.best_price, undecided))
    cap = np.minimum(prices.best_price + slack * missing / reduced.weight, _deepest(rows))
    all_pay, exact_pay = np.empty(reduced.site.size), np.empty(reduced.site.size)
    paid = price_sites(rows.start, rows.site, rows.cost, reduced.weight, reduced.opening, prices.best_price, all_pay)
    few, weight = rows.of_customers(exact), reduced.weight[exact]
    no_opening = np.zeros_like(reduced.opening)
    paid -= price_sites(few.start, few.site, few.cost, weight, no_opening, prices.best_price[exact], exact_pay)
    values, bound = _solve(reduced, exact, cap, all_pay - exact_pay, paid, work.elite.best.total, stop)
    work.bound = max(work.bound, min(bound, float(work.elite.best.total)))
    if values.size:
        work.elite.add(descend(reduced, np.flatnonzero(values > 0.5)))
    return bound > -np.inf


def _deepest(rows: CostRows) -> Floats:
    """Return the cost of each customer's pair after the first ``DEPTH``, or beyond (N,)."""
    deepest = rows.beyond.astype(np.float64)
    long = np.diff(rows.start) > DEPTH
    deepest[long] = rows.cost[rows.start[:-1][long] + DEPTH]
    return deepest


def _first_sure(part: Reduced) -> Floats:
    """Return what each customer pays at the first site that is surely open, or beyond (N,)."""
    few = part.rows.among(part.sure)
    first = few.beyond.astype(np.float64)
    some = np.diff(few.start) > 0
    first[some] = few.cost[few.start[:-1][some]]
    return first


def _solve(
    reduced: Reduced, customers: Ints, cap: Floats, worth: Floats, paid: float, best: int, stop: Stop
) -> tuple[Floats, float]:
    """Return the share of each site (M,) in the best plan for some customers, and a bound; nothing if too large."""
    built = _terms(reduced, customers, cap)
    if built is None:
        return np.empty(0), -np.inf
    matrix, dearer, base = built
    terms, sites = matrix.shape[0], reduced.site.size
    unit = max(abs(best), 1) * UNIT
    count = sp.csc_matrix(np.concatenate([np.ones(sites), np.zeros(terms)])[None, :])
    programme = Programme(
        cost=np.concatenate([worth, dearer]) / unit,
        lower=np.concatenate([reduced.sure.astype(np.float64), np.zeros(terms)]),
        upper=np.ones(sites + terms),
        whole=np.arange(sites + terms) < sites,
        matrix=sp.csc_matrix(sp.vstack([sp.hstack([matrix, sp.identity(terms)]), count])),
        low=np.concatenate([np.ones(terms), [reduced.least]]),
        high=np.concatenate([np.full(terms, np.inf), [reduced.most]]),
    )
    solved = solve_programme(programme, keep_going=_asks(stop), gap=TOLERANCE, nodes=MOST_NODES)
    return solved.values[:sites], (solved.bound - TOLERANCE) * unit + paid + base


def _asks(stop: Stop) -> Callable[[], bool]:
    return lambda: stop.spent() < 1.0


def _terms(reduced: Reduced, customers: Ints, cap: Floats) -> tuple[sp.csr_matrix, Floats, float] | None:
    """Return which sites are in each set (T, M), what is paid more if all in it are closed (T,), and the other cost."""
    rows = reduced.rows
    room = int((rows.start[customers + 1] - rows.start[customers]).sum()) + 1
    name = np.random.default_rng(0).integers(1, 2**63, reduced.site.size, dtype=np.uint64)
    key, last, row = np.empty(room, np.uint64), np.empty(room, np.int64), np.empty(room, np.int64)
    dearer = np.empty(room)
    count, base = prefix_terms(
        rows.start, rows.site, rows.cost, reduced.weight, customers, cap, name, key, last, dearer, row
    )
    _, first, group = np.unique(key[:count], return_index=True, return_inverse=True)
    begin, end = rows.start[row[first]], last[first]
    width = end - begin
    if width.sum() > MOST_PLACES:
        return None
    pairs = np.repeat(begin - np.concatenate([[0], np.cumsum(width)[:-1]]), width) + np.arange(width.sum())
    start = np.concatenate([[0], np.cumsum(width)])
    matrix = sp.csr_matrix((np.ones(pairs.size), rows.site[pairs], start), shape=(first.size, reduced.site.size))
    return matrix, np.bincount(group, weights=dearer[:count], minlength=first.size).astype(np.float64), base
