"""From packages to drops: which site each package leaves from, and what travels together."""

from typing import NamedTuple

import numpy as np

from doorstep.delivery_mode._kernels import (
    IMPOSSIBLE,
    half_up,
    lane_between,
    lane_departure,
    own_day,
    ready_by_lane,
)
from doorstep.delivery_mode.estimate import OwnDropPrice, Reach
from doorstep.delivery_mode.problem import ModeProblem
from doorstep.foundation.arrays import Ints
from doorstep.foundation.kernels import kernel


class Packages(NamedTuple):
    """P packages, one for each order and picking site, sorted so: (P,) arrays.

    ``ready_at`` is when it is ready at its site, ``parcels`` how many it is, ``direct_minor`` the least a carrier asks
    to bring it from there (``IMPOSSIBLE`` if none does); ``metres``, ``out_s``, ``home_s`` to the door and back.
    """

    order: Ints
    site: Ints
    ready_at: Ints
    parcels: Ints
    direct_minor: Ints
    metres: Ints
    out_s: Ints
    home_s: Ints


class Ways(NamedTuple):
    """The way of each package, (P,): ``dispatch`` site, ``lane`` to it or -1, ``departs_at`` of the lane or -1,
    ``ready_at`` at the dispatch site."""

    dispatch: Ints
    lane: Ints
    departs_at: Ints
    ready_at: Ints


def choose_ways(
    problem: ModeProblem, packages: Packages, stations: Reach, own: OwnDropPrice, *, use_lanes_to_door: int = 1
) -> Ways:
    """Return where each package is handed to the mode that brings it: its own site, or a station that a lane reaches.

    Collected orders go to their place of collection. Others take the way with the least estimated cost, the savings
    of lanes handed out largest first while departures have room.
    """
    count = packages.order.size
    width = stations.site.shape[1]
    cost = np.full((count, width + 1), IMPOSSIBLE, dtype=np.int64)
    lane = np.full((count, width + 1), -1, dtype=np.int64)
    _price_ways(
        problem.fleet, problem.doors, packages, stations, own, problem.own_failure_minor, use_lanes_to_door, cost, lane
    )
    chosen = _within_lane_capacity(problem, packages, cost, lane)
    row = np.arange(count)
    taken = lane[row, chosen]
    by_lane = taken >= 0
    pickup = problem.doors.pickup_site[packages.order]
    departs, ready, dispatch = np.full(count, -1, np.int64), packages.ready_at.copy(), packages.site.copy()
    for n in np.flatnonzero(by_lane):
        day = lane_departure(problem.fleet, taken[n], packages.ready_at[n])
        departs[n] = problem.fleet.lane_departs_at[taken[n], day]
        ready[n] = ready_by_lane(problem.fleet, taken[n], packages.ready_at[n])
        dispatch[n] = problem.fleet.lane_to[taken[n]]
    assert ((pickup < 0) | (dispatch == pickup)).all()
    return Ways(dispatch=dispatch, lane=taken, departs_at=departs, ready_at=ready)


@kernel
def _own_way(fleet, doors, own, own_failure, o, site, ready_at, metres, out_s, home_s):  # type: ignore[no-untyped-def]
    day = own_day(
        fleet, site, ready_at, out_s, home_s, doors.service_s[o], doors.start_at[o], doors.end_at[o],
        doors.requirements[o],
    )  # fmt: skip
    if day < 0:
        return IMPOSSIBLE
    return own.base_minor[site] + half_up(metres * own.per_km_minor[site], 1000) + own_failure


@kernel
def _price_ways(fleet, doors, packages, stations, own, own_failure, lanes, cost, lane):  # type: ignore[no-untyped-def]
    """Fill cost and lane (P, N + 1) of leaving from the package's own site (column 0) or from each station."""
    for p in range(packages.order.size):
        o, site, ready = packages.order[p], packages.site[p], packages.ready_at[p]
        if doors.collected[o] == 1:
            cost[p, 0] = 0
            if site != doors.pickup_site[o]:
                lane[p, 0] = lane_between(fleet, site, doors.pickup_site[o])
            continue
        cost[p, 0] = min(
            packages.direct_minor[p],
            _own_way(
                fleet, doors, own, own_failure, o, site, ready, packages.metres[p], packages.out_s[p], packages.home_s[p]
            ),
        )
        if lanes == 0:
            continue
        for n in range(stations.site.shape[1]):
            station = stations.site[o, n]
            if station < 0 or station == site or doors.requirements[o] & ~fleet.skills[station]:
                continue
            found = lane_between(fleet, site, station)
            if found < 0:
                continue
            there = ready_by_lane(fleet, found, ready)
            if there < 0:
                continue
            drop = _own_way(
                fleet, doors, own, own_failure, o, station, there,
                stations.metres[o, n], stations.out_s[o, n], stations.home_s[o, n],
            )  # fmt: skip
            if drop < IMPOSSIBLE:
                cost[p, n + 1] = drop + fleet.lane_cost_minor[found] * packages.parcels[p]
                lane[p, n + 1] = found


def _within_lane_capacity(problem: ModeProblem, packages: Packages, cost: Ints, lane: Ints) -> Ints:
    """Return the column each package takes: its cheapest while departures have room, larger savings first."""
    best = np.argmin(cost, axis=1)
    row = np.arange(best.size)
    free = np.partition(np.where(lane < 0, cost, IMPOSSIBLE), 0, axis=1)[:, 0]
    saving = np.where(lane[row, best] >= 0, free - cost[row, best], 0)
    used: dict[tuple[int, int], int] = {}
    for p in np.argsort(-saving, kind="stable"):
        if lane[p, best[p]] < 0:
            continue
        for column in np.argsort(cost[p], kind="stable"):
            way = int(lane[p, column])
            if way < 0:
                best[p] = column
                break
            day = int(lane_departure(problem.fleet, way, packages.ready_at[p]))
            taken = used.get((way, day), 0) + int(packages.parcels[p])
            if taken <= problem.fleet.lane_capacity[way]:
                used[way, day] = taken
                best[p] = column
                break
    return best
