"""What a drop from each candidate site would cost, before routes exist: the price list that order routing works with.

Own vans are priced by a continuous approximation of the drop (Daganzo), carriers by their rate cards, lanes by their
parcel cost. A drop's price depends on its weight class; class k holds drops of up to ``class_g[k]`` billable grams in
``class_parcels[k]`` parcels.
"""

from typing import NamedTuple

import numpy as np

from doorstep.delivery_mode._kernels import (
    IMPOSSIBLE,
    NO_MODE,
    OK,
    WINDOW,
    arrival_in_window,
    half_up,
    has_vehicle_for,
    lane_between,
    own_day,
    ready_by_lane,
    row_of,
    with_surcharges,
    zone_of,
)
from doorstep.delivery_mode.problem import ModeProblem
from doorstep.delivery_mode.rate_card import NO_LIMIT
from doorstep.foundation.arrays import Ints
from doorstep.foundation.kernels import kernel

MOST_BREAKS = 5
DEFAULT_TOP_G = 20_000
DEFAULT_DIM_ML_PER_KG = 5_000


class Reach(NamedTuple):
    """Sites seen from O orders: ``site`` (O, C), -1 for none, road ``metres``, seconds ``out_s`` and ``home_s`` (O, C)."""

    site: Ints
    metres: Ints
    out_s: Ints
    home_s: Ints


class OwnDropPrice(NamedTuple):
    """Estimated cost of an own drop from each of S sites: ``base_minor`` (S,) plus ``per_km_minor`` (S,) of distance."""

    base_minor: Ints
    per_km_minor: Ints


class WeightClasses(NamedTuple):
    """Upper bounds ``class_g`` (K,) of billable weight, ``parcels`` (K,) and their weight ``parcel_g`` (K,)."""

    class_g: Ints
    parcels: Ints
    parcel_g: Ints
    dim_ml_per_kg: int


class DropPrices(NamedTuple):
    """Least price (O, C, K) of a drop from each candidate [minor], ``IMPOSSIBLE`` where none, and ``why`` not (O, C)."""

    price: Ints
    why: Ints


def weight_classes(problem: ModeProblem) -> WeightClasses:
    """Return the classes at the weight breaks of the parcel carriers, thinned to a few, then doubled for several parcels."""
    cards = problem.cards
    breaks = np.unique(cards.rate_max_g[cards.rate_max_g < NO_LIMIT])
    if not breaks.size:
        breaks = np.array([DEFAULT_TOP_G], dtype=np.int64)
    if breaks.size > MOST_BREAKS:
        breaks = breaks[np.linspace(0, breaks.size - 1, MOST_BREAKS).round().astype(int)]
    top = int(breaks[-1])
    several = np.array([2, 4, 8], dtype=np.int64)
    dims = cards.dim_ml_per_kg[cards.dim_ml_per_kg > 0]
    return WeightClasses(
        class_g=np.concatenate([breaks, several * top]),
        parcels=np.concatenate([np.ones(breaks.size, np.int64), several]),
        parcel_g=np.concatenate([breaks, np.full(several.size, top)]),
        dim_ml_per_kg=int(dims.min()) if dims.size else DEFAULT_DIM_ML_PER_KG,
    )


def estimate_drop_prices(
    problem: ModeProblem,
    candidates: Reach,
    stations: Reach,
    ready_at: Ints,
    own: OwnDropPrice,
    classes: WeightClasses,
    *,
    use_lanes_to_door: int = 1,
) -> DropPrices:
    """Return the least price of a drop from every candidate site to every order that keeps the promise.

    Parameters
    ----------
    candidates : Reach (O, C)
        Sites that may pick the order.
    stations : Reach (O, N)
        Sites near the door whose vans could bring it after a lane.
    ready_at : (O, C)
        When the order would be ready at each candidate [epoch s].
    own
        Estimated own drop price by site.
    use_lanes_to_door
        1 to consider lanes for orders that go to the door; 0 as simple rules do.
    """
    orders, width = candidates.site.shape
    price = np.empty((orders, width, classes.class_g.size), dtype=np.int64)
    why = np.empty((orders, width), dtype=np.int64)
    _estimate(
        problem.cards, problem.fleet, problem.doors, candidates, stations, ready_at, own, classes.parcels,
        classes.parcel_g, problem.own_failure_minor, problem.carrier_failure_minor, use_lanes_to_door, price, why,
    )  # fmt: skip
    return DropPrices(price=price, why=why)


@kernel
def _own_price(own, site, metres):  # type: ignore[no-untyped-def]
    return own.base_minor[site] + half_up(metres * own.per_km_minor[site], 1000)


@kernel
def _worse(why, other):  # type: ignore[no-untyped-def]
    """Return the reason that says more: something was possible, else a window was missed, else nobody may."""
    return OK if why == OK or other == OK else (WINDOW if why == WINDOW or other == WINDOW else NO_MODE)


@kernel
def _add_carriers(cards, doors, o, site, metres, out_s, ready_at, parcels, parcel_g, failure, price):  # type: ignore[no-untyped-def]
    """Lower ``price`` (K,) to what carriers ask for drops of each class, failure risk included; return the reason."""
    why = NO_MODE
    for c in range(cards.lead_s.size):
        zone = zone_of(cards, c, site, doors.postal[o])
        if not cards.serves[c, site] or zone == -2 or doors.requirements[o] & ~cards.skills[c]:
            continue
        tried = np.int64(-1)
        for r in range(cards.rate_start[c], cards.rate_start[c + 1]):
            transit = cards.rate_transit[r]
            if transit == tried or (cards.on_demand[c] == 1 and tried >= 0):
                continue
            tried = transit
            at = arrival_in_window(
                cards, c, site, transit, ready_at, out_s, doors.start_at[o], doors.end_at[o], doors.early[o]
            )
            if at < 0:
                why = _worse(why, WINDOW)
                continue
            for k in range(parcels.size):
                weight = parcel_g[k] * (parcels[k] if cards.on_demand[c] == 1 else 1)
                if weight > cards.max_weight_g[c]:
                    break
                row = row_of(cards, c, transit, zone, metres, weight)
                if row < 0:
                    break
                each = with_surcharges(cards, c, row, metres, weight, np.int64(0), doors.requirements[o])
                total = failure[c] + each * (1 if cards.on_demand[c] == 1 else parcels[k])
                price[k] = min(price[k], total)
                why = OK
    return why


@kernel
def _add_own(fleet, doors, own, own_failure, o, site, metres, out_s, home_s, ready_at, haul, parcels, price):  # type: ignore[no-untyped-def]
    """Lower ``price`` (K,) to an own drop from a site, ``haul`` a parcel having been paid to get there; return the reason."""
    if not has_vehicle_for(fleet, site, doors.requirements[o]):
        return NO_MODE
    day = own_day(
        fleet, site, ready_at, out_s, home_s, doors.service_s[o], doors.start_at[o], doors.end_at[o],
        doors.requirements[o],
    )  # fmt: skip
    if day < 0:
        return WINDOW
    drop = _own_price(own, site, metres) + own_failure
    for k in range(parcels.size):
        price[k] = min(price[k], drop + haul * parcels[k])
    return OK


@kernel
def _add_lanes(  # type: ignore[no-untyped-def]
    cards, fleet, doors, own, own_failure, failure, stations, o, origin, ready_at, parcels, parcel_g, price
):
    """Lower ``price`` (K,) to drops that reach a station by lane first; return the reason."""
    why = NO_MODE
    for n in range(stations.site.shape[1]):
        station = stations.site[o, n]
        if station < 0 or station == origin or doors.requirements[o] & ~fleet.skills[station]:
            continue
        lane = lane_between(fleet, origin, station)
        if lane < 0:
            continue
        there_at = ready_by_lane(fleet, lane, ready_at)
        if there_at < 0 or there_at > doors.end_at[o]:
            why = _worse(why, WINDOW)
            continue
        haul = fleet.lane_cost_minor[lane]
        metres, out_s, home_s = stations.metres[o, n], stations.out_s[o, n], stations.home_s[o, n]
        found = _add_own(fleet, doors, own, own_failure, o, station, metres, out_s, home_s, there_at, haul, parcels, price)
        why = _worse(why, found)
    return why


@kernel
def _estimate(  # type: ignore[no-untyped-def]
    cards, fleet, doors, candidates, stations, ready_at, own, parcels, parcel_g, own_failure, failure, lanes, price, why
):
    for o in range(candidates.site.shape[0]):
        for c in range(candidates.site.shape[1]):
            site = candidates.site[o, c]
            price[o, c, :] = IMPOSSIBLE
            why[o, c] = NO_MODE
            if site < 0:
                continue
            at = ready_at[o, c]
            row = price[o, c]
            if doors.collected[o] == 1:
                there = doors.pickup_site[o]
                lane = np.int64(-1) if site == there else lane_between(fleet, site, there)
                if site != there and (lane < 0 or doors.requirements[o] & ~fleet.skills[there]):
                    continue
                ready_there = at if site == there else ready_by_lane(fleet, lane, at)
                if ready_there < 0 or ready_there > doors.end_at[o]:
                    why[o, c] = WINDOW
                    continue
                why[o, c] = OK
                haul = np.int64(0) if site == there else fleet.lane_cost_minor[lane]
                for k in range(parcels.size):
                    row[k] = fleet.staging_minor[there] + haul * parcels[k]
                continue
            metres, out_s, home_s = candidates.metres[o, c], candidates.out_s[o, c], candidates.home_s[o, c]
            found = _add_own(fleet, doors, own, own_failure, o, site, metres, out_s, home_s, at, np.int64(0), parcels, row)
            found = _worse(found, _add_carriers(cards, doors, o, site, metres, out_s, at, parcels, parcel_g, failure, row))
            if lanes == 1:
                found = _worse(
                    found,
                    _add_lanes(
                        cards, fleet, doors, own, own_failure, failure, stations, o, site, at, parcels, parcel_g, row
                    ),
                )
            why[o, c] = found
