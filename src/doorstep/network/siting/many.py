"""The p-median of more customers than rows of all sites fit: solved for groups of them, then proved for each.

What a site is worth at given prices needs only the pairs that cost less than the price, so a bound on the whole
problem takes one look at those, and prices that groups of customers pay are good ones for their members. It leaves out
most sites where few may be open; where many may, rows are short. On what is left the search goes on.
"""

import math
from dataclasses import dataclass

import numpy as np

from doorstep.foundation import InputError, Progress, Silent, Stop, UpTo
from doorstep.foundation.arrays import Bools, Floats, Ints, one_layout
from doorstep.geography import Places
from doorstep.network.siting.groups import group_near
from doorstep.network.siting.near import Near
from doorstep.network.siting.plan import SitingPlan, binding
from doorstep.network.siting.prices import ROUNDING, Prices
from doorstep.network.siting.problem import p_median
from doorstep.network.siting.reduced import Reduced
from doorstep.network.siting.rows import FAR, CostRows
from doorstep.network.siting.search import Elite, descend
from doorstep.network.siting.solve import price_and_search
from doorstep.network.siting.work import Work

GROUPS = 10_000
"""Groups of customers, unless asked otherwise: as many as whole rows are solved for in seconds."""
PAIRS = 200_000_000
"""Pairs that rows may have together: eight bytes each, and up to three quarters of that again while sites leave."""
FINER = 0.1
"""Gap that groups are solved to, as a share of the gap that is asked for."""
AT_FIRST = 0.4
"""Share of the patience for the groups."""
DEPTHS = (3, 5, 8)
"""Rows end at so many sites of the best set, beyond which few customers are ever served; longer ones if they are."""
FIRST_STEP = 0.5
"""Length of the first steps of the prices, which are near the best ones."""


@dataclass(slots=True, kw_only=True)
class Best:
    """The best set of sites (p,) with what it truly costs, what no set costs less than, and the prices of customers."""

    sites: Ints
    cost: int
    bound: float
    price: Floats

    @property
    def gap(self) -> float:
        """How far the set may be from the best one, as a share of its cost."""
        return (self.cost - self.bound) / self.cost if self.cost else 0.0

    def add(self, near: Near, elite: Elite) -> None:
        """Take the truly best of some sets if it is better than this one."""
        for found in elite.found:
            total = near.total(found.sites)
            if total < self.cost:
                self.sites, self.cost = found.sites, total


def p_median_of_places(
    demand: Places,
    weight: Ints,
    sites: Places,
    count: int,
    *,
    rng: np.random.Generator,
    stop: Stop,
    gap: float = 1e-4,
    groups: int = GROUPS,
    progress: Progress | None = None,
) -> SitingPlan:
    """Return ``count`` sites whose great-circle distances [m, rounded] to everybody are least, with a proved bound.

    For hundreds of thousands of customers, whose rows of all sites would not fit: memory is that of 200 million pairs
    at most. Customers who are near each other are grouped, sites chosen for the groups, and prices and sites carried
    over to the customers. What is proved is proved for them, each with its own distances. The bound is the one of the
    prices: on maps of people it ends some hundredths of a percent below the best cost, and ``choose_sites`` goes on
    from there where rows fit.

    Parameters
    ----------
    demand, weight : (N,)
        Where customers are, and how many units each needs.
    sites
        M sites.
    rng, stop
        As ``choose_sites`` takes them.
    gap
        How far from the bound the plan may stay, as a share of its cost.
    groups
        How many groups there are at most.

    Raises
    ------
    InputError
        If weights are negative or all zero, or the number of sites is out of range.

    References
    ----------
    Cornuejols, Fisher, Nemhauser (1977), Location of bank accounts to optimize float, Management Science 23: the bound.
    Hillsman, Rhoda (1978), Errors in measuring distances from populations to service centers, Annals of Regional
    Science 12: what grouping does.
    """
    _check(demand, weight, sites, count)
    heard = progress or Silent()
    heard.stage("siting", 0)
    weight = one_layout(weight)
    some = np.flatnonzero(weight)
    near = Near.of(demand.take(some), weight[some], sites)
    best = _of_groups(near, count, groups, gap=FINER * gap, rng=rng, stop=stop, progress=heard)
    for depth in DEPTHS:
        keep = prove(near, best)
        if best.gap <= gap or stop.spent() >= 1.0:
            break
        short = search_rows(near, best, keep, depth, gap=gap, rng=rng, stop=stop, progress=heard)
        if 2 * short <= best.cost - best.bound:  # longer rows would not help much
            break
    return _plan(best, demand, weight, sites)


def _check(demand: Places, weight: Ints, sites: Places, count: int) -> None:
    faults = []
    if weight.shape != (len(demand),):
        faults.append(f"weight {weight.shape} must be ({len(demand)},).")
    elif (weight < 0).any():
        faults.append(f"weight must not be negative: row {int(np.argmin(weight))} is {int(weight.min())}.")
    elif not weight.any():
        faults.append(f"weight must be above zero somewhere: all {weight.size} rows are zero.")
    if not 0 < count <= len(sites):
        faults.append(f"{count} sites cannot be open of {len(sites)}: at least 1 and at most all may.")
    if faults:
        raise InputError(" ".join(faults))


def _of_groups(
    near: Near, count: int, groups: int, *, gap: float, rng: np.random.Generator, stop: Stop, progress: Progress
) -> Best:
    """Return the sites and prices that are good for groups of customers, the prices moved to each customer's place."""
    group = group_near(near.customer, near.weight, most=max(1, min(groups, PAIRS // len(near.sites))))
    centres, weight = near.centres(group)
    reduced = Reduced.of(p_median(CostRows.of_places(centres, near.sites), weight, count))
    first = descend(reduced, np.empty(0, np.int64))
    work = Work(
        reduced=reduced, prices=Prices.between(reduced, first.sites), elite=Elite(found=[first]), gap=gap, base=0
    )
    price_and_search(work, rng=rng, stop=UpTo(stop, AT_FIRST), progress=progress)
    best = Best(sites=first.sites, cost=near.total(first.sites), bound=0.0, price=np.empty(0))
    best.add(near, work.elite)
    of_group = Near.of(centres, weight, near.sites).metres(best.sites, count=2)[1]
    of_member = near.metres(best.sites, count=2)[1]
    best.price = moved_prices(work.prices.best_price, of_group, group, of_member)
    return best


def moved_prices(price: Floats, of_group: Ints, group: Ints, of_member: Ints) -> Floats:
    """Return prices (N,) as far from those of the groups (G,) as the costs at their two nearest sites are.

    A price lies somewhere between the two: the nearer to one, the more it moves with it.
    """
    share = np.clip((price - of_group[:, 0]) / np.maximum(of_group[:, -1] - of_group[:, 0], 1), 0.0, 1.0)[group]
    farther = (of_member - of_group[group]).astype(np.float64)
    moved: Floats = np.maximum(price[group] + (1.0 - share) * farther[:, 0] + share * farther[:, -1], 0.0)
    return moved


def prove(near: Near, best: Best) -> Bools:
    """Raise the bound to what the prices prove; return the sites that a better set may open (M,)."""
    count = best.sites.size
    worth = near.worth(best.price)
    paid = float(near.weight @ best.price)
    cheapest = np.partition(worth, count - 1)[:count]
    bound = paid + float(cheapest.sum()) - ROUNDING * paid
    best.bound = min(max(best.bound, bound), float(best.cost))
    keep: Bools = bound + worth - cheapest.max() <= best.cost - 0.5
    keep[best.sites] = True
    return keep


def search_rows(
    near: Near,
    best: Best,
    keep: Bools,
    depth: int,
    *,
    gap: float,
    rng: np.random.Generator,
    stop: Stop,
    progress: Progress,
) -> int:
    """Improve the best set and the bound by rows of some sites (M,) that end at the set's ``depth`` nearest ones.

    Returns what the best set costs more than by those rows: what they are too short by.
    """
    customers, sites = len(near.demand), np.flatnonzero(keep)
    beyond = np.full(customers, FAR, np.int64)
    if depth <= best.sites.size:
        beyond = near.metres(best.sites, count=depth)[1][:, -1]
    nothing, none = np.zeros(sites.size, np.int64), np.zeros(sites.size, np.bool_)
    reduced = Reduced(
        rows=near.rows(keep, beyond, longest=max(1, PAIRS // customers)),
        weight=near.weight,
        opening=nothing,
        must=none,
        sure=none.copy(),
        least=best.sites.size,
        most=best.sites.size,
        site=sites,
    )
    first = descend(reduced, reduced.local(best.sites))
    prices = Prices.at(reduced, best.price, step=FIRST_STEP)
    work = Work(reduced=reduced, prices=prices, elite=Elite(found=[first]), gap=gap, base=0)
    price_and_search(work, rng=rng, stop=stop, progress=progress)
    proved = min(work.bound, work.elite.best.total)  # sites left out on the way make no better set, and prove no more
    best.add(near, work.elite)
    best.bound = min(max(best.bound, proved), float(best.cost))
    best.price = work.prices.best_price
    return best.cost - work.elite.best.total


def _plan(best: Best, demand: Places, weight: Ints, sites: Places) -> SitingPlan:
    """Return the plan for all customers, those without weight as well."""
    near, count = Near.of(demand, weight, sites), best.sites.size
    site, metres = near.metres(best.sites, count=2)
    second = metres[:, 1] if count > 1 else FAR
    is_open, one_less = np.zeros(len(sites), np.bool_), np.zeros(len(sites), np.int64)
    is_open[best.sites] = True
    np.subtract.at(one_less, site[:, 0], weight * (second - metres[:, 0]))
    saved = np.rint(-near.worth(metres[:, 0].astype(np.float64))).astype(np.int64)
    one_more = np.where(is_open, 0, saved)
    return SitingPlan(
        open=is_open,
        site=site[:, 0],
        cost=best.cost,
        bound=math.ceil(best.bound),
        one_more=one_more,
        one_less=one_less,
        binds=binding(is_open, one_more, one_less, least=count, most=count, must=np.zeros_like(is_open)),
    )
