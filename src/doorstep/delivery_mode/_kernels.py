"""Prices and arrivals of the ways to a door, in integers."""

import numpy as np

from doorstep.foundation.kernels import kernel

IMPOSSIBLE = np.int64(1) << 40
"""Price of a way that does not exist."""

OK, WINDOW, NO_MODE = 0, 1, 2
"""Why a way is impossible: nothing, the window cannot be met, nobody may bring it."""


@kernel
def first_at_or_after(moments, at):  # type: ignore[no-untyped-def]
    """Return the first index of an ascending row whose moment is at or after ``at``; its size if there is none."""
    return np.searchsorted(moments, at)


@kernel
def parcel_arrival(cards, c, site, transit, ready_at):  # type: ignore[no-untyped-def]
    """Return the calendar day on which a parcel carrier delivers what is ready at a site; -1 beyond the calendar."""
    days = cards.works.shape[1]
    d = first_at_or_after(cards.collects_at[c, site], ready_at)
    while d < days and not cards.works[c, d]:
        d += 1
    left = transit
    while left > 0 and d < days:
        d += 1
        if d < days and cards.works[c, d]:
            left -= 1
    if d >= days:
        return -1
    return d


@kernel
def courier_arrival(cards, c, site, ready_at, drive_s, window_start):  # type: ignore[no-untyped-def]
    """Return when an on-demand courier arrives at the earliest, not before the window; -1 beyond the calendar."""
    at = max(ready_at + cards.lead_s[c] + drive_s, window_start)
    d = first_at_or_after(cards.delivers_by_at[c, site], at)
    days = cards.works.shape[1]
    while d < days and not cards.works[c, d]:
        d += 1
    if d >= days:
        return -1
    return max(at, cards.delivers_from_at[c, site, d])


@kernel
def half_up(numerator, denominator):  # type: ignore[no-untyped-def]
    """Return a ratio rounded half up."""
    return (2 * numerator + denominator) // (2 * denominator)


@kernel
def with_surcharges(cards, c, r, metres, weight_g, side_mm, requirements):  # type: ignore[no-untyped-def]
    """Return the price of one parcel (or courier drop) by rate row ``r``, fuel and surcharges included."""
    beyond = max(0, metres - cards.rate_included_m[r])
    rate = cards.rate_price[r] + half_up(beyond * cards.rate_per_km[r], 1000)
    price = rate + half_up(rate * cards.fuel_bp[c], 10_000)
    for u in range(cards.extra_start[c], cards.extra_start[c + 1]):
        if side_mm <= cards.extra_over_mm[u] or weight_g <= cards.extra_over_g[u]:
            continue
        if cards.extra_requirement[u] & ~requirements:
            continue
        price += cards.extra_amount[u] + half_up(rate * cards.extra_bp[u], 10_000)
    return price


@kernel
def row_holds(cards, r, zone, metres, billable_g):  # type: ignore[no-untyped-def]
    """Return whether a rate row holds zone (-1: by distance), distance and billable weight."""
    if zone >= 0 and cards.rate_zone[r] != zone:
        return False
    return metres <= cards.rate_max_m[r] and billable_g <= cards.rate_max_g[r]


@kernel
def row_of(cards, c, transit, zone, metres, billable_g):  # type: ignore[no-untyped-def]
    """Return the rate row that applies for one transit time, -1 if the carrier does not take it."""
    for r in range(cards.rate_start[c], cards.rate_start[c + 1]):
        if cards.rate_transit[r] == transit and row_holds(cards, r, zone, metres, billable_g):
            return r
    return -1


@kernel
def billable(cards, c, weight_g, volume_ml):  # type: ignore[no-untyped-def]
    """Return the weight that a carrier bills, dimensional weight included [g]."""
    if cards.dim_ml_per_kg[c] > 0:
        return max(weight_g, -(-volume_ml * 1000 // cards.dim_ml_per_kg[c]))
    return weight_g


@kernel
def zone_of(cards, c, site, postal):  # type: ignore[no-untyped-def]
    """Return the zone number, -1 for a carrier by distance, -2 where a carrier by zone does not go."""
    row = cards.zone_row[c, site]
    if row < 0:
        return -1
    zone = cards.zone_of_place[row, postal]
    if zone < 0:
        return -2
    return zone


@kernel
def arrival_in_window(cards, c, site, transit, ready_at, drive_s, start_at, end_at, early):  # type: ignore[no-untyped-def]
    """Return when the carrier arrives at the latest, -1 if that does not keep the window."""
    if cards.on_demand[c] == 1:
        at = courier_arrival(cards, c, site, ready_at, drive_s, start_at)
        return at if 0 <= at <= end_at else -1
    d = parcel_arrival(cards, c, site, transit, ready_at)
    if d < 0 or cards.delivers_by_at[c, site, d] > end_at:
        return -1
    if not early and cards.delivers_from_at[c, site, d] < start_at:
        return -1
    return cards.delivers_by_at[c, site, d]


@kernel
def quote_drop(  # type: ignore[no-untyped-def]
    cards, c, site, postal, metres, drive_s, ready_at, start_at, end_at, early,
    parcel_g, parcel_ml, parcel_mm, requirements,
):  # fmt: skip
    """Return price, arrival and why-code of one carrier for a drop of parcels (n,), cheapest transit first.

    The price is ``IMPOSSIBLE`` unless the code is ``OK``.
    """
    zone = zone_of(cards, c, site, postal)
    if not cards.serves[c, site] or zone == -2 or requirements & ~cards.skills[c]:
        return IMPOSSIBLE, np.int64(-1), NO_MODE
    whole = np.int64(0)
    whole_ml = np.int64(0)
    side = np.int64(0)
    for p in range(parcel_g.size):
        whole += parcel_g[p]
        whole_ml += parcel_ml[p]
        side = max(side, parcel_mm[p])
        if parcel_mm[p] > cards.max_side_mm[c] or (cards.on_demand[c] == 0 and parcel_g[p] > cards.max_weight_g[c]):
            return IMPOSSIBLE, np.int64(-1), NO_MODE
    if cards.on_demand[c] == 1 and whole > cards.max_weight_g[c]:
        return IMPOSSIBLE, np.int64(-1), NO_MODE
    best, best_at, why = IMPOSSIBLE, np.int64(-1), NO_MODE
    tried = np.int64(-1)
    for r in range(cards.rate_start[c], cards.rate_start[c + 1]):
        transit = cards.rate_transit[r]
        if transit == tried:
            continue
        tried = transit
        price = np.int64(0)
        if cards.on_demand[c] == 1:
            row = row_of(cards, c, transit, zone, metres, billable(cards, c, whole, whole_ml))
            price = with_surcharges(cards, c, row, metres, whole, side, requirements) if row >= 0 else IMPOSSIBLE
        else:
            for p in range(parcel_g.size):
                row = row_of(cards, c, transit, zone, metres, billable(cards, c, parcel_g[p], parcel_ml[p]))
                if row < 0:
                    price = IMPOSSIBLE
                    break
                price += with_surcharges(cards, c, row, metres, parcel_g[p], parcel_mm[p], requirements)
        if price >= best:
            continue
        at = arrival_in_window(cards, c, site, transit, ready_at, drive_s, start_at, end_at, early)
        if at >= 0:
            best, best_at, why = price, at, OK
        elif why == NO_MODE:
            why = WINDOW
    return best, best_at, why


@kernel
def has_vehicle_for(fleet, site, requirements):  # type: ignore[no-untyped-def]
    """Return whether some vehicle of the site can keep the requirements."""
    for v in range(fleet.vehicle_start[site], fleet.vehicle_start[site + 1]):
        if not requirements & ~fleet.vehicle_skills[v]:
            return True
    return False


@kernel
def own_day(fleet, site, ready_at, out_s, home_s, service_s, start_at, end_at, requirements):  # type: ignore[no-untyped-def]
    """Return the first calendar day on which a vehicle of the site could make this trip alone, -1 if none can."""
    best = np.int64(-1)
    for v in range(fleet.vehicle_start[site], fleet.vehicle_start[site + 1]):
        if requirements & ~fleet.vehicle_skills[v]:
            continue
        d = first_at_or_after(fleet.shift_ends_at[v], start_at)
        while d < fleet.shift_ends_at.shape[1] and fleet.shift_starts_at[v, d] <= end_at:
            leave = max(ready_at, fleet.shift_starts_at[v, d]) + fleet.loading_s[site]
            serve = max(leave + out_s, start_at)
            if serve <= end_at and serve + service_s + home_s <= fleet.shift_ends_at[v, d]:
                if best < 0 or d < best:
                    best = np.int64(d)
                break
            d += 1
    return best


@kernel
def lane_between(fleet, sender, receiver):  # type: ignore[no-untyped-def]
    """Return the lane from one site to another, -1 if there is none."""
    low, high = fleet.lane_start[sender], fleet.lane_start[sender + 1]
    lane = low + np.searchsorted(fleet.lane_to[low:high], receiver)
    if lane < high and fleet.lane_to[lane] == receiver:
        return lane
    return -1


@kernel
def lane_departure(fleet, lane, ready_at):  # type: ignore[no-untyped-def]
    """Return the day of the first departure of a lane for what is ready at ``ready_at``; -1 beyond the calendar."""
    d = first_at_or_after(fleet.lane_departs_at[lane], ready_at)
    if d >= fleet.lane_departs_at.shape[1]:
        return -1
    return d


@kernel
def ready_by_lane(fleet, lane, ready_at):  # type: ignore[no-untyped-def]
    """Return when parcels that take a lane are ready at its end, cross-docking done; -1 beyond the calendar."""
    d = lane_departure(fleet, lane, ready_at)
    if d < 0:
        return np.int64(-1)
    return fleet.lane_departs_at[lane, d] + fleet.lane_duration_s[lane] + fleet.cross_dock_s[fleet.lane_to[lane]]
