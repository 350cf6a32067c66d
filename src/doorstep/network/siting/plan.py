"""Which sites to open: what comes out."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Bools, Ints
from doorstep.network.siting._moves import price_changes, serve
from doorstep.network.siting.problem import SitingProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A rule that keeps the plan from being cheaper: most or least open sites, or a site that must stay open.

    ``site`` is the one that would be opened or closed first without the rule, ``saves`` what the plan would then save.
    """

    rule: Literal["most", "least", "must"]
    site: int
    saves: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SitingPlan:
    """Open sites, who is served by which, what it costs, and what no plan can cost less than.

    Parameters
    ----------
    open : (M,)
        Which sites are open.
    site : (N,)
        Site that serves each customer, -1 where it stays beyond all.
    cost
        Weight times unit cost, openings and closings.
    bound
        Proved: no plan costs less.
    one_more : (M,)
        What the plan would cost less with one more site, negative if more; 0 for open sites.
    one_less : (M,)
        What the plan would cost less without a site, negative if more; 0 for sites that are not open.
    binds
        The limits that keep the plan from being cheaper.
    """

    open: Bools
    site: Ints
    cost: int
    bound: int
    one_more: Ints
    one_less: Ints
    binds: tuple[Limit, ...]

    @property
    def gap(self) -> float:
        """How far the plan may be from the best one, as a share of its cost."""
        return (self.cost - self.bound) / self.cost if self.cost else 0.0

    @property
    def proved(self) -> bool:
        """Whether no plan is cheaper."""
        return self.bound >= self.cost


def plan_of(problem: SitingProblem, sites: Ints, bound: float) -> SitingPlan:
    """Return the plan that opens some sites, with a proved bound on the cost of all plans without their closing cost.

    Raises
    ------
    InputError
        If a customer with weight is within reach of none of the sites.
    """
    rows = problem.rows
    is_open = np.zeros(rows.sites, np.bool_)
    is_open[sites] = True
    served, unit = serve(rows.start, rows.site, rows.cost, rows.beyond, is_open)
    lost = (served < 0) & rows.out_of_reach() & (problem.weight > 0)
    if lost.any():
        raise InputError(
            f"no {problem.most} sites found that reach all customers: {int(lost.sum())} of {len(rows)} with "
            f"{int(problem.weight[lost].sum())} of {int(problem.weight.sum())} units stay beyond, first row "
            f"{int(np.flatnonzero(lost)[0])}.",
            hint="Maybe more sites may be open, or a site may reach farther.",
        )
    fees = int(problem.opening[is_open].sum()) + int(problem.closing[~is_open].sum())
    cost = int(problem.weight @ unit) + fees
    net = problem.opening - problem.closing
    saved, lost_by = price_changes(rows.start, rows.site, rows.cost, rows.beyond, problem.weight, is_open)
    one_more = np.where(is_open, 0, saved - net)
    one_less = np.where(is_open, net - lost_by, 0)
    return SitingPlan(
        open=is_open,
        site=served,
        cost=cost,
        bound=min(cost, math.ceil(bound) + int(problem.closing.sum())) if math.isfinite(bound) else 0,
        one_more=one_more,
        one_less=one_less,
        binds=binding(is_open, one_more, one_less, least=problem.least, most=problem.most, must=problem.must),
    )


def binding(is_open: Bools, one_more: Ints, one_less: Ints, *, least: int, most: int, must: Bools) -> tuple[Limit, ...]:
    """Return the limits without which some site would be opened or closed."""
    count, limits = int(is_open.sum()), []
    if count == most and one_more.max() > 0:
        limits.append(Limit(rule="most", site=int(np.argmax(one_more)), saves=int(one_more.max())))
    spare = np.flatnonzero(is_open & ~must)
    if count == least and spare.size and one_less[spare].max() > 0:
        first = int(spare[np.argmax(one_less[spare])])
        limits.append(Limit(rule="least", site=first, saves=int(one_less[first])))
    kept = np.flatnonzero(is_open & must & (one_less > 0)).tolist()
    return (*limits, *(Limit(rule="must", site=site, saves=int(one_less[site])) for site in kept))
