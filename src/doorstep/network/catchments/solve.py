"""Draw catchments: the pairs within reach, the best shares, and what they tell."""

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from doorstep.foundation.arrays import Ints
from doorstep.geography import TravelTimes
from doorstep.network.catchments.assign import Assigned, assign, side_of, sums
from doorstep.network.catchments.overlap import overlap_of, reach_of
from doorstep.network.catchments.plan import CatchmentPlan, Left, Shortage
from doorstep.network.catchments.problem import CatchmentProblem
from doorstep.network.catchments.reach import Pairs, gaps_of, pairs_within_reach
from doorstep.network.catchments.whole import keep_whole

LARGEST = 100
"""Pairs of sites told of, those that share most."""


def draw_catchments(
    problem: CatchmentProblem,
    times: TravelTimes,
    *,
    whole: bool = False,
    candidates: int | None = None,
    fastest_kmh: float | None = None,
    largest: int = LARGEST,
) -> CatchmentPlan:
    """Return the plan that serves most demand in time and, of those, takes the least seconds from site to place.

    Parameters
    ----------
    times
        Driven from the site to the place.
    whole
        Serve every place from one site or not at all: by few moves from the plan that may split, which bounds it. By
        default a place may be split, and the plan is proved best.
    candidates
        Look at so many sites for each place, the nearest as the crow flies; the plan tells where that may have cut off
        others. By default at all that can be within reach, if that is known.
    fastest_kmh
        A speed that no drive exceeds, measured along the straight line: limits where to look with times that do not
        know it themselves, as estimates and streets do. If not given, 24 candidates are looked at with these.
    largest
        Pairs of sites told of in the overlap.

    Raises
    ------
    InputError
        If ``candidates`` or ``fastest_kmh`` is not positive, more pairs can be within reach than are looked at, or a
        time is negative.
    """
    near = pairs_within_reach(problem, times, candidates=candidates, fastest_kmh=fastest_kmh)
    fits = near.only(problem.weight[near.place] <= problem.room[near.site]) if whole else near
    best = assign(problem, fits)
    flow = keep_whole(problem, fits, best.flow) if whole else best.flow
    used = np.flatnonzero(flow)
    place, site, served = fits.place[used], fits.site[used], flow[used]
    load = sums(site, served, len(problem.sites))
    missing = problem.weight - sums(place, served, len(problem.demand))
    return CatchmentPlan(
        whole=whole,
        place=place,
        site=site,
        served=served,
        seconds=fits.seconds[used],
        load=load,
        free=np.where(problem.capacity < 0, -1, problem.capacity - load),
        saves_s=best.price,
        serves_more=best.stuck,
        most=int(best.flow.sum()),
        bound_s=best.bound_s,
        gaps=gaps_of(problem, times, near),
        left=_left(problem, near, missing, load),
        shortages=_shortages(problem, fits, best),
        overlap=overlap_of(problem, near, largest=largest),
        reach=reach_of(problem, near, missing),
        candidates=near.candidates,
        cut=near.cut,
    )


def _left(problem: CatchmentProblem, near: Pairs, missing: Ints, load: Ints) -> Left:
    place = np.flatnonzero((missing > 0) & (np.diff(near.start) > 0))
    room = np.zeros(problem.weight.size, np.int64)
    np.maximum.at(room, near.place, (problem.room - load)[near.site])
    return Left(place=place, weight=missing[place], room=room[place])


def _shortages(problem: CatchmentProblem, fits: Pairs, best: Assigned) -> tuple[Shortage, ...]:
    """Return the connected parts of the minimum cut: on its side places reach stuck sites alone."""
    if not best.stuck.any():
        return ()
    places, nodes = problem.weight.size, problem.weight.size + best.stuck.size
    side, room = side_of(fits, best.stuck), problem.room
    pair = side[fits.place]
    ends = (fits.place[pair], places + fits.site[pair])
    _, part = connected_components(sp.csr_matrix((np.ones(ends[0].size), ends), (nodes, nodes)), directed=False)
    place, site = np.flatnonzero(side), np.flatnonzero(best.stuck)
    told = [
        Shortage(places=p, sites=s, weight=int(problem.weight[p].sum()), capacity=int(room[s].sum()))
        for p, s in zip(_by_part(place, part[place]), _by_part(site, part[places + site]), strict=True)
    ]
    return tuple(sorted(told, key=lambda shortage: -shortage.short))


def _by_part(rows: Ints, part: Ints) -> list[Ints]:
    """Return the rows of each part that occurs, parts and rows ascending."""
    order = np.argsort(part, kind="stable")
    return np.split(rows[order], np.flatnonzero(np.diff(part[order])) + 1)
