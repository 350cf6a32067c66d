"""From packages to drops: which site each package leaves from."""

from typing import NamedTuple

import numpy as np

from doorstep.delivery_mode.clocks import NEVER, lane_departures, lanes_between, own_days, ready_by_lane
from doorstep.delivery_mode.estimate import OwnDropPrice, Reach
from doorstep.delivery_mode.problem import ModeProblem
from doorstep.delivery_mode.tariff import IMPOSSIBLE
from doorstep.foundation.arrays import Bools, Ints


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
    """The way of each of P packages.

    ``dispatch`` (P,) site, ``lane`` (P,) to it or -1, ``departs_at`` (P,) of the lane or -1, ``ready_at`` (P,) there.
    ``left_behind`` (P,) marks packages that no departure they need had room for: they stay where they were picked.
    """

    dispatch: Ints
    lane: Ints
    departs_at: Ints
    ready_at: Ints
    left_behind: Bools


def choose_ways(
    problem: ModeProblem, packages: Packages, stations: Reach, own: OwnDropPrice, *, use_lanes_to_door: int = 1
) -> Ways:
    """Return where each package is handed to the mode that brings it: its own site, or a station that a lane reaches.

    Collected orders go to their place of collection. Others take the way with the least estimated cost; where a
    departure has too little room, those who save most by it go first.
    """
    fleet, doors = problem.fleet, problem.doors
    width = stations.site.shape[1] if use_lanes_to_door else 0
    cost = np.full((packages.order.size, width + 1), IMPOSSIBLE, dtype=np.int64)
    lane = np.full(cost.shape, -1, dtype=np.int64)
    collected = doors.collected[packages.order] == 1
    here = _own_cost(
        problem, packages, packages.site, packages.ready_at, packages.metres, packages.out_s, packages.home_s, own
    )
    cost[:, 0] = np.where(collected, 0, np.minimum(packages.direct_minor, here))
    pickup = doors.pickup_site[packages.order]
    lane[:, 0] = np.where(collected & (pickup != packages.site), lanes_between(fleet, packages.site, pickup), -1)
    for n in range(width):
        _price_station(problem, packages, stations, own, n, cost, lane)
    chosen = _within_capacity(problem, packages, cost, lane)
    left_behind = chosen < 0
    taken = np.where(left_behind, -1, lane[np.arange(chosen.size), chosen])
    some = np.maximum(taken, 0)
    hauled = taken >= 0
    if not fleet.lane_to.size:
        stay = np.full_like(taken, -1)
        return Ways(packages.site, taken, departs_at=stay, ready_at=packages.ready_at, left_behind=left_behind)
    return Ways(
        dispatch=np.where(hauled, fleet.lane_to[some], packages.site),
        lane=taken,
        departs_at=np.where(hauled, lane_departures(fleet, some, packages.ready_at), -1),
        ready_at=np.where(hauled, ready_by_lane(fleet, some, packages.ready_at), packages.ready_at),
        left_behind=left_behind,
    )


def _own_cost(
    problem: ModeProblem,
    packages: Packages,
    site: Ints,
    ready_at: Ints,
    metres: Ints,
    out_s: Ints,
    home_s: Ints,
    own: OwnDropPrice,
) -> Ints:
    """Return the estimated cost of own drops from sites, ``IMPOSSIBLE`` where no vehicle can."""
    doors, order = problem.doors, packages.order
    days = own_days(
        problem.fleet,
        site,
        ready_at,
        out_s,
        home_s,
        doors.service_s[order],
        doors.open_at[order],
        doors.end_at[order],
        doors.requirements[order],
        problem.midnight_at,
    )
    day = days.cheapest(own.base_minor, site)
    return np.where(day >= 0, own.of(site, metres, day, order) + problem.own_failure_minor, IMPOSSIBLE)


def _price_station(
    problem: ModeProblem, packages: Packages, stations: Reach, own: OwnDropPrice, n: int, cost: Ints, lane: Ints
) -> None:
    """Fill column n + 1 of cost and lane: own drops from the n-th station of each door."""
    fleet, doors, order = problem.fleet, problem.doors, packages.order
    station = stations.site[order, n]
    way = lanes_between(fleet, packages.site, station)
    usable = (way >= 0) & (station != packages.site) & (doors.collected[order] == 0)
    usable &= (doors.requirements[order] & ~fleet.skills[np.maximum(station, 0)]) == 0
    rows = np.flatnonzero(usable)
    if not rows.size:
        return
    some = Packages(*(column[rows] for column in packages))
    there = ready_by_lane(fleet, way[rows], some.ready_at)
    at = [array[order[rows], n] for array in (stations.metres, stations.out_s, stations.home_s)]
    drop = _own_cost(problem, some, station[rows], there, at[0], at[1], at[2], own)
    drop = np.where(there < NEVER, drop, IMPOSSIBLE)
    total = drop + fleet.lane_cost_minor[way[rows]] * some.parcels
    cost[rows, n + 1] = np.where(drop < IMPOSSIBLE, total, IMPOSSIBLE)
    lane[rows, n + 1] = np.where(drop < IMPOSSIBLE, way[rows], -1)


def _within_capacity(problem: ModeProblem, packages: Packages, cost: Ints, lane: Ints) -> Ints:
    """Return the column of each package: its cheapest while departures have room, larger savings first; -1: none."""
    best: Ints = np.argmin(cost, axis=1).astype(np.int64)
    row = np.arange(best.size)
    without = np.where(lane < 0, cost, IMPOSSIBLE).min(axis=1)
    saving = np.where(lane[row, best] >= 0, without - cost[row, best], 0)
    wanting = np.flatnonzero(lane[row, best] >= 0)
    if not wanting.size:
        return best
    ready = np.broadcast_to(packages.ready_at[:, None], lane.shape)
    departs_at = lane_departures(problem.fleet, np.maximum(lane, 0).reshape(-1), ready.reshape(-1)).reshape(lane.shape)
    ranking = np.argsort(cost, axis=1, kind="stable")
    used: dict[tuple[int, int], int] = {}
    for p in wanting[np.argsort(-saving[wanting], kind="stable")].tolist():
        best[p] = -1
        for column in ranking[p].tolist():
            if cost[p, column] >= IMPOSSIBLE:
                break
            way, departs = int(lane[p, column]), int(departs_at[p, column])
            if way < 0:
                best[p] = column
                break
            taken = used.get((way, departs), 0) + int(packages.parcels[p])
            if taken <= problem.fleet.lane_capacity[way]:
                used[way, departs] = taken
                best[p] = column
                break
    return best
