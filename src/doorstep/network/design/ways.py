"""Which site can deliver to which zone, and what a parcel of each tier costs that way."""

from dataclasses import dataclass

import numpy as np

from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.geography import Places, TravelTimes, places_within
from doorstep.network.design.problem import DesignProblem
from doorstep.network.siting import CostRows
from doorstep.network.siting.rows import FAR

MILLI = 1_000
"""Costs of a parcel are counted in thousandths of the minor unit, so that rounding does not add up."""
FARTHEST_M = 250_000.0
"""Straight line beyond which no van is sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """P pairs of a zone and an option that can reach it, sorted by zone.

    ``zone``, ``option``, ``way_m``, ``way_s`` are (P,); ``drop_milli`` (T, P) is what a drop costs with the van of the
    option, infinite where the promise of the tier cannot be kept. ``idle_milli`` (M,) is what vans cost an option each
    time they leave because the last is not full, by ``near_m``, ``near_s`` (M,): the mean way of the parcels that are
    cheapest to bring from there.
    """

    zone: Ints
    option: Ints
    way_m: Ints
    way_s: Ints
    drop_milli: Floats
    near_m: Floats
    near_s: Floats
    idle_milli: Ints

    @classmethod
    def of(cls, problem: DesignProblem, times: TravelTimes) -> "Ways":
        """Return the pairs within reach, by the travel times given."""
        options, senders = problem.options, np.flatnonzero(problem.options.van >= 0)
        start, column = places_within(problem.zones, options.places.take(senders), within_m=FARTHEST_M)
        zone, option = np.repeat(np.arange(len(problem.zones)), np.diff(start)), senders[column]
        way_m, way_s = times.between(options.places.take(option), problem.zones.take(zone))
        drop = np.full((len(problem.tiers), zone.size), np.inf)
        for number, tier in enumerate(problem.tiers):
            may = (way_m <= tier.reach_m) & (way_s <= tier.reach_s)
            may &= options.holds_stock[option] | (not tier.needs_stock)
            for kind, van in enumerate(problem.vans):
                mine = may & (options.van[option] == kind)
                density = problem.doors_per_km2[number, zone[mine]]
                drop[number, mine] = MILLI * van.drop_minor(way_m[mine], way_s[mine], density)
        near_m, near_s = _near(problem, zone, option, drop, (way_m, way_s))
        idle = np.zeros(len(options), np.int64)
        for kind, van in enumerate(problem.vans):
            mine = options.van == kind
            idle[mine] = np.rint(MILLI * van.minor(van.idle(near_m[mine], near_s[mine])))
        return cls(
            zone=zone,
            option=option,
            way_m=way_m,
            way_s=way_s,
            drop_milli=drop,
            near_m=near_m,
            near_s=near_s,
            idle_milli=idle,
        )

    def unit_milli(self, problem: DesignProblem, sources: Bools) -> Floats:
        """Return what a parcel costs by each way if it may start at some of the FCs (F,), in thousandths (T, P)."""
        before = problem.options.handling_minor + inbound_minor(problem, sources)
        return self.drop_milli + MILLI * before[self.option]

    def rows(self, problem: DesignProblem, sources: Bools, keep: Bools) -> CostRows:
        """Return the costs of T x Z customers, tier by tier, at the options that are kept (M,), numbered anew."""
        unit = self.unit_milli(problem, sources)
        number = np.where(keep, np.cumsum(keep) - 1, -1)
        beyond = (np.minimum(problem.outside_minor, FAR // MILLI + 1) * MILLI).clip(max=FAR).reshape(-1)
        tier, pair = np.nonzero(np.isfinite(unit) & keep[self.option])
        customer = tier * len(problem.zones) + self.zone[pair]
        cost = np.rint(unit[tier, pair]).astype(np.int64)
        useful = cost < np.minimum(beyond[customer], FAR)
        customer, cost, site = customer[useful], cost[useful], number[self.option[pair[useful]]]
        order = np.lexsort((cost, customer))
        width = np.bincount(customer, minlength=beyond.size)
        return CostRows(
            start=np.concatenate([[0], np.cumsum(width)]).astype(np.int64),
            site=site[order].astype(np.int32),
            cost=cost[order].astype(np.int32),
            beyond=beyond,
            sites=int(keep.sum()),
        )


def cheapest_pair(zone: Ints, unit: Floats, zones: int) -> Ints:
    """Return the pair with the least cost of each tier and zone (T, Z), -1 if all cost infinitely."""
    best = np.full((unit.shape[0], zones), -1, np.int64)
    starts = np.flatnonzero(np.diff(zone, prepend=-1))
    for tier, costs in enumerate(unit):
        if not zone.size:
            continue
        least = np.repeat(np.minimum.reduceat(costs, starts), np.diff(np.append(starts, zone.size)))
        hit = np.flatnonzero((costs == least) & np.isfinite(costs))[::-1]
        best[tier, zone[hit]] = hit
    return best


def _near(
    problem: DesignProblem, zone: Ints, option: Ints, drop: Floats, ways: tuple[Ints, Ints]
) -> tuple[Floats, Floats]:
    """Return mean metres and seconds to the parcels cheapest from each option (M,), of its shortest way if none are."""
    pair = cheapest_pair(zone, drop, len(problem.zones))
    parcels = np.bincount(pair[pair >= 0], weights=problem.parcels[pair >= 0], minlength=zone.size)
    count = np.bincount(option, weights=parcels, minlength=len(problem.options))
    means = []
    for way in ways:
        least = np.full(len(problem.options), np.inf)
        np.minimum.at(least, option, way)
        least[np.isinf(least)] = 0.0
        total = np.bincount(option, weights=parcels * way, minlength=len(problem.options))
        means.append(np.where(count > 0, total / np.maximum(count, 1), least))
    return means[0], means[1]


def inbound_minor(problem: DesignProblem, sources: Bools) -> Floats:
    """Return what a parcel costs on its way to each option from the cheapest of some FCs (M,), infinite if none."""
    if not problem.inbound_minor.shape[1]:
        return np.zeros(len(problem.options))
    if not sources.any():
        return np.full(len(problem.options), np.inf)
    least: Floats = problem.inbound_minor[:, sources].min(axis=1).astype(np.float64)
    return least


def straight_inbound(places: Places, fcs: Ints, times: TravelTimes, *, per_km_micro: int, parcel_minor: int) -> Ints:
    """Return what a parcel costs from each FC (a row of ``places``) to each place by truck (M, F), 0 to itself.

    ``per_km_micro`` is what a kilometre costs a parcel in millionths of the minor unit: a truck's kilometre by what it
    carries; ``parcel_minor`` is what receiving and sorting costs.
    """
    here = np.repeat(np.arange(len(places)), fcs.size)
    there = np.tile(fcs, len(places))
    metres, _ = times.between(places.take(there), places.take(here))
    cost = np.rint(metres * per_km_micro / 1e9).astype(np.int64) + parcel_minor
    cost[here == there] = 0
    return cost.reshape(len(places), fcs.size)
