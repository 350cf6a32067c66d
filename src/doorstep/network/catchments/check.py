"""Whether a catchment plan is feasible, tells what is true, and is bounded as it says: all counted afresh.

Every place is held against every site, block by block, so it takes longer than the plan did.
"""

from dataclasses import dataclass

import numpy as np

from doorstep.foundation.arrays import Bools, Ints
from doorstep.geography import TravelTimes, great_circle_m
from doorstep.network.catchments.plan import CatchmentPlan
from doorstep.network.catchments.problem import CatchmentProblem

BLOCK = 1_000_000
"""Pairs held at once."""


@dataclass(slots=True, kw_only=True)
class _Afresh:
    """What the pairs within reach add up to: by place, by site, by told pair of sites, by shortage."""

    reached: Bools
    fits: Bools
    least_paid: Ints
    has_open: Bools
    room: Ints
    within: Ints
    shared: Ints
    both: Ints
    strays: Ints


def check_catchments(problem: CatchmentProblem, plan: CatchmentPlan, times: TravelTimes) -> list[str]:
    """Return every fault of a plan as a sentence; none if it is right.

    The most that can be served is proved by the cut of the sites that would serve more, the least seconds by the prices
    of capacity: both are bounds whatever they are, and here they are counted again from all pairs of places and sites.
    Of pairs of sites in the overlap the weight is checked, not whether they are the largest. Where sites at the limit
    of ``candidates`` are equally far, the plan may have looked at one and the check at another.
    """
    faults = _rows(problem, plan, times)
    if faults:
        return faults
    afresh = _count(problem, plan, times)
    return [
        *_bounds(problem, plan, afresh),
        *_unserved(problem, plan, afresh, times),
        *_told(problem, plan, afresh),
    ]


def _sums(row: Ints, values: Ints, rows: int) -> Ints:
    total = np.zeros(rows, np.int64)
    for r, value in zip(row.tolist(), values.tolist(), strict=True):
        total[r] += value
    return total


def _rows(problem: CatchmentProblem, plan: CatchmentPlan, times: TravelTimes) -> list[str]:
    """Return the faults of the long form and of the loads."""
    places, sites, faults = len(problem.demand), len(problem.sites), []
    for name, rows, count in (("place", plan.place, places), ("site", plan.site, sites)):
        if rows.shape != plan.served.shape or (rows.size and not 0 <= rows.min() <= rows.max() < count):
            return [f"{name} holds rows that are not from 0 to {count - 1}."]
    if len(set(zip(plan.place.tolist(), plan.site.tolist(), strict=True))) != plan.place.size:
        faults.append("a place is told twice at the same site.")
    if plan.whole and (plan.served != problem.weight[plan.place]).any():
        faults.append("a place is split.")
    if (plan.served <= 0).any():
        faults.append("a share is not positive.")
    _, seconds = times.between(problem.sites.take(plan.site), problem.demand.take(plan.place))
    if (seconds != plan.seconds).any():
        row = int(np.argmax(seconds != plan.seconds))
        faults.append(f"row {row} takes {seconds[row]} s, not {plan.seconds[row]}.")
    far = seconds > problem.reach_s[plan.site]
    faults += [f"site {plan.site[row]} does not reach place {plan.place[row]} in time." for row in np.flatnonzero(far)]
    served, load = _sums(plan.place, plan.served, places), _sums(plan.site, plan.served, sites)
    for place in np.flatnonzero(served > problem.weight):
        faults.append(f"place {place} is served {served[place]} of {problem.weight[place]}.")
    limited = problem.capacity >= 0
    for site in np.flatnonzero(limited & (load > problem.capacity)):
        faults.append(f"site {site} serves {load[site]} of at most {problem.capacity[site]}.")
    if (plan.load != load).any() or (plan.free != np.where(limited, problem.capacity - load, -1)).any():
        faults.append("load or free capacity is not what the shares leave.")
    return faults


def _count(problem: CatchmentProblem, plan: CatchmentPlan, times: TravelTimes) -> _Afresh:
    places, sites = len(problem.demand), len(problem.sites)
    room = np.where(problem.capacity < 0, problem.weight.sum(), problem.capacity) - plan.load
    afresh = _Afresh(
        reached=np.zeros(places, np.bool_),
        fits=np.zeros(places, np.bool_),
        least_paid=np.zeros(places, np.int64),
        has_open=np.zeros(places, np.bool_),
        room=np.zeros(places, np.int64),
        within=np.zeros(sites, np.int64),
        shared=np.zeros(sites, np.int64),
        both=np.zeros(plan.overlap.weight.size, np.int64),
        strays=np.zeros(len(plan.shortages), np.int64),
    )
    far, capacity = np.iinfo(np.int64).max, np.where(problem.capacity < 0, problem.weight.sum(), problem.capacity)
    short_of, site_of = np.full(places, -1, np.int64), np.full(sites, -1, np.int64)
    for number, shortage in enumerate(plan.shortages):
        short_of[shortage.places], site_of[shortage.sites] = number, number
    size = max(1, BLOCK // sites)
    for first in range(0, places, size):
        rows = np.arange(first, min(first + size, places))
        seconds, inside = _block(problem, plan, times, rows)
        weight = problem.weight[rows]
        afresh.reached[rows] = inside.any(axis=1)
        fits = inside & (weight[:, None] <= capacity) if plan.whole else inside
        afresh.fits[rows] = fits.any(axis=1)
        open_ = fits & ~plan.serves_more
        afresh.has_open[rows] = open_.any(axis=1)
        usable = np.where(afresh.has_open[rows, None], open_, fits)
        paid = np.where(usable, seconds + plan.saves_s, far).min(axis=1)
        afresh.least_paid[rows] = np.where(usable.any(axis=1), paid, 0)
        afresh.room[rows] = np.where(inside, room, 0).max(axis=1)
        afresh.within += weight @ inside
        afresh.shared += (weight * (inside.sum(axis=1) > 1)) @ inside
        for number, (a, b) in enumerate(zip(plan.overlap.site_a, plan.overlap.site_b, strict=True)):
            afresh.both[number] += weight[inside[:, a] & inside[:, b]].sum()
        short = np.flatnonzero(short_of[rows] >= 0)
        stray = fits[short] & (site_of != short_of[rows[short], None])
        np.add.at(afresh.strays, short_of[rows[short]], stray.sum(axis=1))
    return afresh


def _block(problem: CatchmentProblem, plan: CatchmentPlan, times: TravelTimes, rows: Ints) -> tuple[Ints, Bools]:
    """Return the seconds from all sites to some places (B, S), and which of these pairs count."""
    sites = len(problem.sites)
    place, site = np.repeat(rows, sites), np.tile(np.arange(sites), rows.size)
    _, flat = times.between(problem.sites.take(site), problem.demand.take(place))
    seconds = flat.reshape(rows.size, sites)
    inside: Bools = (seconds <= problem.reach_s) & (problem.weight[rows] > 0)[:, None]
    if 0 < plan.candidates < sites:
        demand = problem.demand.take(rows)
        straight = great_circle_m(
            lat_a=demand.lat[:, None], lon_a=demand.lon[:, None], lat_b=problem.sites.lat, lon_b=problem.sites.lon
        )
        farther = np.argsort(straight, axis=1, kind="stable")[:, plan.candidates :]
        np.put_along_axis(inside, farther, values=False, axis=1)
    return seconds, inside


def _bounds(problem: CatchmentProblem, plan: CatchmentPlan, afresh: _Afresh) -> list[str]:
    faults = []
    capacity = np.where(problem.capacity < 0, problem.weight.sum(), np.minimum(problem.capacity, problem.weight.sum()))
    weights, capacities = problem.weight.tolist(), capacity.tolist()
    most = sum(w for w, has in zip(weights, afresh.has_open.tolist(), strict=True) if has)
    most += sum(c for c, more in zip(capacities, plan.serves_more.tolist(), strict=True) if more)
    if most != plan.most:
        faults.append(f"the cut lets {most} be served, the plan tells {plan.most}.")
    if (plan.saves_s[~plan.serves_more] < 0).any():
        faults.append("capacity has a negative price at a site that would not serve more.")
    paid = np.where(afresh.has_open, afresh.least_paid, np.minimum(afresh.least_paid, 0))
    least = sum(w * p for w, p in zip(weights, paid.tolist(), strict=True))
    least -= sum(c * v for c, v in zip(capacities, plan.saves_s.tolist(), strict=True))
    if least != plan.bound_s:
        faults.append(f"the prices prove {least} s, the plan tells {plan.bound_s}.")
    if plan.total > plan.most or (plan.total == plan.most and plan.total_s < plan.bound_s):
        faults.append("the plan is better than its bound.")
    return faults


def _unserved(problem: CatchmentProblem, plan: CatchmentPlan, afresh: _Afresh, times: TravelTimes) -> list[str]:
    faults = []
    missing = problem.weight - _sums(plan.place, plan.served, len(problem.demand))
    reached = afresh.reached
    gap, left = np.flatnonzero((missing > 0) & ~reached), np.flatnonzero((missing > 0) & reached)
    if not np.array_equal(plan.gaps.place, gap) or not np.array_equal(plan.gaps.weight, missing[gap]):
        faults.append("the gaps are not the places out of reach with their weight.")
    else:
        site = plan.gaps.site
        _, seconds = times.between(problem.sites.take(site), problem.demand.take(gap))
        if (seconds - problem.reach_s[site] != plan.gaps.short_s).any():
            faults.append("a gap is not as many seconds out of reach as it is told.")
    told = (plan.left.place, plan.left.weight, plan.left.room)
    if not all(np.array_equal(a, b) for a, b in zip(told, (left, missing[left], afresh.room[left]), strict=True)):
        faults.append("what is left is not the places in reach that are not served, with their weight and room.")
    short = 0
    for number, shortage in enumerate(plan.shortages):
        short += shortage.short
        weight = int(problem.weight[shortage.places].sum())
        capacity = int(problem.capacity[shortage.sites].sum())
        if (weight, capacity) != (shortage.weight, shortage.capacity) or afresh.strays[number]:
            faults.append(f"shortage {number} is not of places that these sites alone reach.")
    if short != int(problem.weight[afresh.fits].sum()) - plan.most:
        faults.append(f"the shortages add up to {short}, not to what the cut leaves unserved.")
    return faults


def _told(problem: CatchmentProblem, plan: CatchmentPlan, afresh: _Afresh) -> list[str]:
    count = int(problem.group.max(initial=0)) + 1
    reached = afresh.reached
    pairs = (
        ("overlap.within", plan.overlap.within, afresh.within),
        ("overlap.shared", plan.overlap.shared, afresh.shared),
        ("overlap.weight", plan.overlap.weight, afresh.both),
        ("reach.weight", plan.reach.weight, _sums(problem.group, problem.weight, count)),
        ("reach.within", plan.reach.within, _sums(problem.group[reached], problem.weight[reached], count)),
        ("reach.served", plan.reach.served, _sums(problem.group[plan.place], plan.served, count)),
    )
    return [f"{name} is not what the pairs in reach add up to." for name, told, true in pairs if (told != true).any()]
