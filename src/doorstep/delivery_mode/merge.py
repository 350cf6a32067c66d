"""Packages of one order that meet on their way: one visit at the door where that costs less than a visit each.

A package waits at the site where they meet until the last of them is there (hold and merge).
"""

from typing import NamedTuple

import numpy as np

from doorstep.delivery_mode.clocks import lane_departures, lane_minor, lanes_between, own_days, ready_by_lane
from doorstep.delivery_mode.estimate import OwnDropPrice, Reach
from doorstep.delivery_mode.network import NEVER
from doorstep.delivery_mode.problem import ModeProblem
from doorstep.delivery_mode.quotes import Drops, quote_drops
from doorstep.delivery_mode.tariff import IMPOSSIBLE
from doorstep.foundation.arrays import Bools, Ints, starts_of

MOST_TOGETHER = 4
"""Packages of an order whose ways are chosen together; those of an order with more are chosen one by one."""


class Packages(NamedTuple):
    """P packages, one for each order and picking site, sorted so: (P,) arrays.

    ``ready_at`` is when it is ready at its site, ``parcels`` how many it is and ``weight_g`` what they weigh,
    ``direct_minor`` the least a carrier asks to bring it from there (``IMPOSSIBLE`` if none does); ``metres``,
    ``out_s``, ``home_s`` to the door and back.
    """

    order: Ints
    site: Ints
    ready_at: Ints
    parcels: Ints
    weight_g: Ints
    direct_minor: Ints
    metres: Ints
    out_s: Ints
    home_s: Ints


class Contents(NamedTuple):
    """Q parcels by package, (Q,): their package, weight, volume and longest side."""

    package: Ints
    weight_g: Ints
    volume_ml: Ints
    longest_side_mm: Ints


class Meetings(NamedTuple):
    """G orders of n packages each, and the K sites where these could be handed out.

    ``package`` (G, n); ``lane`` (G, n, K) that brings it there, -1 where it is there already or cannot come, and
    ``departs_at`` then; ``cost`` (G, K, 2^n) of what a site hands out for each subset of the packages as one drop,
    lanes included, ``IMPOSSIBLE`` where it cannot.
    """

    package: Ints
    lane: Ints
    departs_at: Ints
    cost: Ints

    def best(self, order: int, blocked: Bools) -> tuple[int, Ints]:
        """Return the least cost of one order's packages and the site of each (n,); see ``share_out``.

        Parameters
        ----------
        blocked : (n, K)
            Where packages cannot go.
        """
        cost = self.cost[order : order + 1]
        inside = _holds(np.arange(cost.shape[2]), blocked.shape[0])
        stopped: Bools = np.asarray((blocked[:, :, None] & inside[:, None]).any(axis=0))
        total, site = share_out(np.where(stopped, IMPOSSIBLE, cost))
        return int(total[0]), site[0]


def share_out(cost: Ints) -> tuple[Ints, Ints]:
    """Return the least cost of handing out all packages (G,), and the site of each (G, n); exact.

    Every site takes one subset, perhaps none: a dynamic programme over sites and the subsets taken so far. Of equal
    ways the later sites have them: packages stay where they were picked.

    Parameters
    ----------
    cost : (G, K, 2^n)
        Of each site for each subset of n packages; nothing is taken of the empty one.
    """
    orders, sites, subsets = cost.shape
    best = np.full((orders, subsets), IMPOSSIBLE, dtype=np.int64)
    best[:, 0] = 0
    took = np.zeros((sites, orders, subsets), dtype=np.int64)
    for k in reversed(range(sites)):
        after = best.copy()
        for taken in range(1, subsets):
            part = taken
            while part:
                value = best[:, taken ^ part] + cost[:, k, part]
                less = value < after[:, taken]
                after[less, taken], took[k, less, taken] = value[less], part
                part = (part - 1) & taken
        best = after
    site = np.zeros((orders, subsets.bit_length() - 1), dtype=np.int64)
    left, row = np.full(orders, subsets - 1, dtype=np.int64), np.arange(orders)
    for k in range(sites):
        part = took[k, row, left]
        site = np.where(_holds(part, site.shape[1]).T, k, site)
        left ^= part
    return best[:, -1], site


def meetings(
    problem: ModeProblem,
    packages: Packages,
    stations: Reach,
    own: OwnDropPrice,
    alone: Ints,
    contents: Contents | None,
) -> list[Meetings]:
    """Return where packages of one order can meet, orders with equally many packages together.

    They can meet at the stations near the door, and where one of them was picked. The drop goes by an own van or by
    the carrier that asks least.

    Parameters
    ----------
    alone : (P, 1 + N)
        What each package costs from its own site and by each of its order's stations.
    contents
        What carriers want to know of the parcels; without it no carrier is asked.
    """
    start = np.flatnonzero(np.diff(packages.order, prepend=-1))
    count = np.diff(np.append(start, packages.order.size))
    door = problem.doors.collected[packages.order[start]] == 0
    found = []
    for n in range(2, MOST_TOGETHER + 1):
        first = start[door & (count == n)]
        if first.size:
            found.append(_meetings(problem, packages, stations, own, alone, contents, first[:, None] + np.arange(n)))
    return found


def _meetings(
    problem: ModeProblem,
    packages: Packages,
    stations: Reach,
    own: OwnDropPrice,
    alone: Ints,
    contents: Contents | None,
    package: Ints,
) -> Meetings:
    fleet, order = problem.fleet, packages.order[package[:, 0]]
    picked = packages.site[package]
    near = np.where((stations.site[order][:, :, None] == picked[:, None]).any(axis=2), -1, stations.site[order])
    site = np.hstack([near, picked])[:, None]
    here = picked[:, :, None]
    lane = np.where(here == site, -1, lanes_between(fleet, *np.broadcast_arrays(here, site)))
    kept = (problem.doors.requirements[order][:, None] & ~fleet.skills[np.maximum(site[:, 0], 0)]) == 0
    ready = np.broadcast_to(packages.ready_at[package][:, :, None], lane.shape)
    departs = np.full_like(lane, -1)
    there, by_lane = ready.copy(), lane >= 0
    departs[by_lane] = lane_departures(fleet, lane[by_lane], ready[by_lane])
    there[by_lane] = ready_by_lane(fleet, lane[by_lane], ready[by_lane])
    can = (here == site) | (by_lane & kept[:, None] & (there < NEVER))
    haul = lane_minor(fleet, lane, packages.parcels[package][:, :, None], packages.weight_g[package][:, :, None])
    cost = np.full((*site[:, 0].shape, 1 << package.shape[1]), IMPOSSIBLE, dtype=np.int64)
    _fill_alone(cost, package, site[:, 0], stations.site[order], alone)
    reach = Reach(
        site[:, 0],
        *(
            np.hstack([a[order], b[package]])
            for a, b in zip(stations[1:], (packages.metres, packages.out_s, packages.home_s), strict=True)
        ),
    )
    _fill_together(problem, cost, order, package, reach, can, there, haul, own, contents)
    return Meetings(package, np.where(can, lane, -1), departs, cost)


def _fill_alone(cost: Ints, package: Ints, site: Ints, stations: Ints, alone: Ints) -> None:
    """Fill the cost of subsets of one package: from where it was picked, or by a station."""
    near, n = stations.shape[1], package.shape[1]
    for i in range(n):
        cost[:, near + i, 1 << i] = alone[package[:, i], 0]
        for k in range(site.shape[1]):
            for m in range(near if k != near + i else 0):
                same = (site[:, k] >= 0) & (site[:, k] == stations[:, m])
                cost[same, k, 1 << i] = alone[package[same, i], m + 1]


def _fill_together(
    problem: ModeProblem,
    cost: Ints,
    order: Ints,
    package: Ints,
    reach: Reach,
    can: Bools,
    there: Ints,
    haul: Ints,
    own: OwnDropPrice,
    contents: Contents | None,
) -> None:
    """Fill the cost of subsets of several packages that can all come to a site."""
    subsets = np.array([s for s in range(cost.shape[2]) if s.bit_count() > 1])
    inside = _holds(subsets, package.shape[1])
    missing = (inside[None, :, None] & ~can[..., None]).any(axis=1)
    g, k, s = np.nonzero(~missing)
    if not g.size:
        return
    member = inside[:, s].T
    ready = np.where(member, there[g, :, k], 0).max(axis=1)
    row, site = order[g], reach.site[g, k]
    metres, out_s, home_s = (column[g, k] for column in reach[1:])
    doors = problem.doors
    days = own_days(
        problem.fleet, site, ready, out_s, home_s, doors.service_s[row], doors.open_at[row], doors.end_at[row],
        doors.requirements[row], problem.midnight_at,
    )  # fmt: skip
    day = days.cheapest(own.base_minor, site)
    drop = np.where(day >= 0, own.of(site, metres, day, row) + problem.own_failure_minor, IMPOSSIBLE)
    if contents is not None:
        drops = _as_drops(problem, row, site, ready, metres, out_s, package[g], member, contents)
        asked = quote_drops(problem, drops).with_risk(problem.carrier_failure_minor)
        drop = np.minimum(drop, asked.min(axis=1, initial=IMPOSSIBLE))
    total = drop + np.where(member, haul[g, :, k], 0).sum(axis=1)
    cost[g, k, subsets[s]] = np.where(drop < IMPOSSIBLE, total, IMPOSSIBLE)


def _as_drops(
    problem: ModeProblem,
    order: Ints,
    site: Ints,
    ready_at: Ints,
    metres: Ints,
    out_s: Ints,
    package: Ints,
    member: Bools,
    contents: Contents,
) -> Drops:
    """Return the drops of packages (R, n), of which those count that are a ``member`` (R, n)."""
    row, column = np.nonzero(member)
    by = np.argsort(contents.package, kind="stable")
    first = starts_of(contents.package[by], int(contents.package.max()) + 1)
    of = package[row, column]
    size = first[of + 1] - first[of]
    parcel = by[np.concatenate([np.arange(low, high) for low, high in zip(first[of], first[of + 1], strict=True)])]
    return Drops(
        order=order,
        site=site,
        ready_at=ready_at,
        metres=metres,
        out_s=out_s,
        requirements=problem.doors.requirements[order],
        parcel_start=starts_of(np.repeat(row, size), order.size),
        parcel_g=contents.weight_g[parcel],
        parcel_ml=contents.volume_ml[parcel],
        parcel_mm=contents.longest_side_mm[parcel],
    )


def _holds(subset: Ints, packages: int) -> Bools:
    """Return which of n packages are in subsets (M,), as (n, M)."""
    bits: Bools = (subset >> np.arange(packages)[:, None]) & 1 == 1
    return bits
