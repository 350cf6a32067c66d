"""From packages to drops: which site each package leaves from."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from doorstep.delivery_mode.clocks import lane_departures, lane_minor, lanes_between, own_days, ready_by_lane
from doorstep.delivery_mode.estimate import OwnDropPrice, Reach
from doorstep.delivery_mode.merge import Contents, Meetings, Packages, meetings, share_out
from doorstep.delivery_mode.network import NEVER
from doorstep.delivery_mode.problem import ModeProblem
from doorstep.delivery_mode.tariff import IMPOSSIBLE
from doorstep.foundation.arrays import Bools, Ints


class Ways(NamedTuple):
    """The way of each of P packages.

    ``dispatch`` (P,) site, ``lane`` (P,) to it or -1, ``departs_at`` (P,) of the lane or -1, ``ready_at`` (P,) there.
    ``left_behind`` (P,) marks packages that no departure they need had room for: they stay where they were picked.
    ``saved_minor`` (P,) is what packages of an order save that are handed out together, over the cheapest way of each
    alone, told for each of them; 0 for the others.
    """

    dispatch: Ints
    lane: Ints
    departs_at: Ints
    ready_at: Ints
    left_behind: Bools
    saved_minor: Ints


def choose_ways(
    problem: ModeProblem,
    packages: Packages,
    stations: Reach,
    own: OwnDropPrice,
    contents: Contents | None = None,
    *,
    use_lanes_to_door: int = 1,
) -> Ways:
    """Return where each package is handed to the mode that brings it: its own site, or one that a lane reaches.

    Collected orders go to their place of collection. Other packages take the way with the least estimated cost, those
    of one order together: where they meet on their way they are one drop, which leaves when the last of them is there.
    Where a departure has too little room, those who save most by it go first.

    Parameters
    ----------
    contents
        The parcels, for what carriers ask for packages that meet; without it these go by own vans only.
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
    met = meetings(problem, packages, stations, own, cost, contents) if width and fleet.lane_to.size else []
    taken, left_behind, saved = _within_capacity(problem, packages, cost, lane, met)
    some = np.maximum(taken, 0)
    hauled = taken >= 0
    if not fleet.lane_to.size:
        stay = np.full_like(taken, -1)
        return Ways(packages.site, taken, stay, packages.ready_at, left_behind, saved)
    return Ways(
        dispatch=np.where(hauled, fleet.lane_to[some], packages.site),
        lane=taken,
        departs_at=np.where(hauled, lane_departures(fleet, some, packages.ready_at), -1),
        ready_at=np.where(hauled, ready_by_lane(fleet, some, packages.ready_at), packages.ready_at),
        left_behind=left_behind,
        saved_minor=saved,
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
    total = drop + lane_minor(fleet, way[rows], some.parcels, some.weight_g)
    cost[rows, n + 1] = np.where(drop < IMPOSSIBLE, total, IMPOSSIBLE)
    lane[rows, n + 1] = np.where(drop < IMPOSSIBLE, way[rows], -1)


def _within_capacity(
    problem: ModeProblem, packages: Packages, cost: Ints, lane: Ints, met: Sequence[Meetings]
) -> tuple[Ints, Bools, Ints]:
    """Return the lane of each package, -1 for none, who is left behind, and what packages save that meet.

    All take their cheapest way while departures have room, larger savings first.
    """
    room = _Room(problem, packages, cost, lane)
    best, row = np.argmin(cost, axis=1), np.arange(cost.shape[0])
    without = np.where(lane < 0, cost, IMPOSSIBLE).min(axis=1)
    room.taken[:] = lane[row, best]
    saving = np.where(room.taken >= 0, without - cost[row, best], 0)
    wanting = room.taken >= 0
    turns: list[tuple[int, Callable[[], None]]] = []
    for meeting in met:
        total, site = share_out(meeting.cost)
        for g in np.flatnonzero(total < IMPOSSIBLE).tolist():
            members = meeting.package[g]
            wanting[members] = False
            turns.append((int(cost[members, 0].sum() - total[g]), partial(room.give_together, meeting, g, site[g])))
    turns += [(int(saving[p]), partial(room.give, p)) for p in np.flatnonzero(wanting).tolist()]
    for _, take_turn in sorted(turns, key=lambda turn: -turn[0]):
        take_turn()
    return room.taken, room.left_behind, room.saved


class _Room:
    """Departures with what they have room for, given away turn by turn."""

    def __init__(self, problem: ModeProblem, packages: Packages, cost: Ints, lane: Ints) -> None:
        self.fleet, self.packages, self.cost, self.lane = problem.fleet, packages, cost, lane
        self.taken, self.saved = np.full(cost.shape[0], -1, np.int64), np.zeros(cost.shape[0], np.int64)
        self.left_behind = np.zeros(cost.shape[0], np.bool_)
        self.used: Counter[tuple[int, int]] = Counter()
        self.used_g: Counter[tuple[int, int]] = Counter()
        for load in problem.lane_load:
            self.used[load.lane, load.departs_at] += load.parcels
            self.used_g[load.lane, load.departs_at] += load.weight_g
        self.departs_at = np.full_like(lane, -1)
        some = lane >= 0
        ready = np.broadcast_to(packages.ready_at[:, None], lane.shape)
        if some.any():
            self.departs_at[some] = lane_departures(problem.fleet, lane[some], ready[some])

    def give(self, package: int) -> None:
        """Let a package take its cheapest way with room; if there is none, it is left behind."""
        for column in np.argsort(self.cost[package], kind="stable").tolist():
            if self.cost[package, column] >= IMPOSSIBLE:
                break
            way, departs_at = int(self.lane[package, column]), int(self.departs_at[package, column])
            if self._has(way, departs_at, package):
                self._take(way, departs_at, package)
                return
        self.taken[package], self.left_behind[package] = -1, True

    def give_together(self, met: Meetings, order: int, site: Ints) -> None:
        """Let the packages of an order go to their best sites (n,), or to the best with room; else leave all behind."""
        members, number = met.package[order], np.arange(met.package.shape[1])
        blocked = np.zeros(met.lane.shape[1:], np.bool_)
        while True:
            ways, departs_at = met.lane[order, number, site].tolist(), met.departs_at[order, number, site].tolist()
            full = [not self._has(*each) for each in zip(ways, departs_at, members.tolist(), strict=True)]
            if not any(full):
                break
            blocked[number[full], site[full]] = True
            total, site = met.best(order, blocked)
            if total >= IMPOSSIBLE:
                self.taken[members], self.left_behind[members] = -1, True
                return
        for each in zip(ways, departs_at, members.tolist(), strict=True):
            self._take(*each)
        for k in np.unique(site).tolist():
            group = np.flatnonzero(site == k)
            if group.size > 1:
                alone = int(np.minimum(self.cost[members[group]].min(axis=1), IMPOSSIBLE).sum())
                self.saved[members[group]] = alone - int(met.cost[order, k, (1 << group).sum()])

    def _has(self, way: int, departs_at: int, package: int) -> bool:
        if way < 0:
            return True
        parcels = self.used[way, departs_at] + int(self.packages.parcels[package])
        weight_g = self.used_g[way, departs_at] + int(self.packages.weight_g[package])
        return bool(parcels <= self.fleet.lane_capacity[way] and weight_g <= self.fleet.lane_capacity_g[way])

    def _take(self, way: int, departs_at: int, package: int) -> None:
        self.taken[package] = way
        if way >= 0:
            self.used[way, departs_at] += int(self.packages.parcels[package])
            self.used_g[way, departs_at] += int(self.packages.weight_g[package])
