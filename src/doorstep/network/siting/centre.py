"""The p-centre: sites so that nobody is far, by halving between radii that cover everybody and radii that cannot."""

from dataclasses import dataclass

import numpy as np

from doorstep.foundation import InputError, Progress, Silent, Stop, UpTo
from doorstep.foundation.arrays import Bools, Ints
from doorstep.network.siting._moves import serve
from doorstep.network.siting.problem import maximal_covering
from doorstep.network.siting.rows import CostRows
from doorstep.network.siting.solve import choose_sites

PATIENCE = 0.3
"""Share of what is left of the patience that each radius may use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CentrePlan:
    """Open sites (M,), the site of each customer (N,), the dearest cost of a unit, and what it cannot be less than."""

    open: Bools
    site: Ints
    farthest: int
    bound: int

    @property
    def proved(self) -> bool:
        """Whether no choice of so many sites is better."""
        return self.bound >= self.farthest


def p_centre(
    rows: CostRows, count: int, *, rng: np.random.Generator, stop: Stop, progress: Progress | None = None
) -> CentrePlan:
    """Return ``count`` sites that make the dearest unit of any customer as cheap as found, and a proved bound.

    A radius is enough if ``count`` sites cover all customers with it, and is ruled out where the bound of that covering
    problem says that some stay outside. Only costs that occur can be the answer.

    Raises
    ------
    InputError
        If the number of sites is out of range, or some customer is beyond every choice found.

    References
    ----------
    Minieka (1970), The m-center problem, SIAM Review 12: covering problems by radius. Daskin (1995), Network and
    Discrete Location: halving.
    """
    if not 0 < count <= rows.sites:
        raise InputError(f"{count} sites cannot be open of {rows.sites}: at least 1 and at most all may.")
    heard, weight = progress or Silent(), np.ones(len(rows), np.int64)
    costs = np.unique(rows.cost).astype(np.int64)
    cheapest = rows.cost[rows.start[:-1][np.diff(rows.start) > 0]]
    low = int(np.searchsorted(costs, cheapest.max(initial=0)))  # nobody can do better than the own cheapest site
    high, chosen = costs.size, np.empty(0, np.int64)
    bound = int(costs[low]) if costs.size else 0
    proving = True
    while low < high and not (high < costs.size and stop.spent() >= 1.0):
        middle = (low + high) // 2
        plan = choose_sites(
            maximal_covering(_within(rows, int(costs[middle])), weight, count),
            rng=rng,
            stop=UpTo(stop, stop.spent() + PATIENCE * (1.0 - stop.spent())),
            enough=0,
            progress=heard,
        )
        if plan.cost == 0:
            high, chosen = middle, np.flatnonzero(plan.open)
        else:
            low = middle + 1
            proving = proving and plan.bound > 0
            if proving and low < costs.size:
                bound = int(costs[low])
    is_open = np.zeros(rows.sites, np.bool_)
    is_open[chosen] = True
    site, unit = serve(rows.start, rows.site, rows.cost, rows.beyond, is_open)
    if (site < 0).any():
        raise InputError(
            f"no {count} sites found that reach all {len(rows)} customers.", hint="Maybe allow more sites."
        )
    return CentrePlan(open=is_open, site=site, farthest=int(unit.max()), bound=bound)


def _within(rows: CostRows, radius: int) -> CostRows:
    """Return the pairs that cost no more than a radius."""
    near = rows.cost <= radius
    width = np.add.reduceat(np.append(near, 0), rows.start[:-1]) * (np.diff(rows.start) > 0) if len(rows) else near
    return CostRows(
        start=np.concatenate([[0], np.cumsum(width)]).astype(np.int64),
        site=rows.site[near],
        cost=rows.cost[near],
        beyond=rows.beyond,
        sites=rows.sites,
    )
