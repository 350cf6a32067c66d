"""What each drop of driven or planned routes cost: every route's cost shared out to its doors, to the last minor unit.

A drop bears what its place causes: half of the road to the door before and of that to the door after, its waiting and
service; of the stems of its trip a part in proportion to its distance from the site, since distant doors are why a
vehicle goes far; and an equal part of the vehicle's day and of loading, which all doors need alike. Prices of drops are
fitted to these shares. They add up to the cost of the routes, so that a price that fits them is right for the sum of
many drops. Marginal costs do not: where doors are dense, the sum of what each one's leaving would save is less than
half of what the routes cost.
"""

from typing import NamedTuple

import numpy as np

from doorstep.foundation.arrays import Bools, Floats, Ints, share_exactly
from doorstep.foundation.units import METRES_PER_KM, SECONDS_PER_HOUR

FINE = 1_000
"""Parts of a minor unit to which shares are weighed."""


class RouteRows(NamedTuple):
    """M stops of R routes in order, the site included.

    ``route`` (M,) ascending; ``door`` (M,) False at the site; ``distance_m`` (M,) from the stop before; ``arrive_at``,
    ``leave_at`` (M,) [epoch s]; ``depot_m`` (M,) road between site and stop. Of the routes, (R,): ``cost_minor`` in
    all, ``fixed_minor`` of the day, and the rates.
    """

    route: Ints
    door: Bools
    distance_m: Ints
    arrive_at: Ints
    leave_at: Ints
    depot_m: Ints
    cost_minor: Ints
    fixed_minor: Ints
    per_km_minor: Ints
    per_hour_minor: Ints


def shared_route_costs(rows: RouteRows) -> Ints:
    """Return what each door cost, in the order of the door rows; the doors of a route add up to its cost exactly."""
    effort = _effort(rows)
    doors = np.flatnonzero(rows.door)
    route = rows.route[doors]
    shares = np.zeros(doors.size, dtype=np.int64)
    for number in np.unique(route).tolist():
        low, high = np.searchsorted(route, [number, number + 1])
        weights = np.rint(FINE * effort[doors[low:high]]).astype(np.int64)
        shares[low:high] = share_exactly(int(rows.cost_minor[number]), weights)
    return shares


def _effort(rows: RouteRows) -> Floats:
    """Return what each stop causes [minor] before rounding (M,), 0 at the site."""
    route, door = rows.route, rows.door
    first = np.append(True, route[1:] != route[:-1])
    second_minor = rows.per_hour_minor[route] / SECONDS_PER_HOUR
    before = np.append(0, rows.leave_at[:-1])
    drive = rows.distance_m * rows.per_km_minor[route] / METRES_PER_KM + (rows.arrive_at - before) * second_minor
    drive = np.where(first, 0.0, drive)
    stay = (rows.leave_at - rows.arrive_at) * second_minor
    after_door = np.append(False, door[:-1]) & ~first
    hop = np.where(door & after_door, drive, 0.0)
    effort = np.where(door, stay + 0.5 * hop + 0.5 * np.append(hop[1:], 0.0), 0.0)
    trip = np.cumsum(~door)  # a trip begins at the site; the way home belongs to the trip before the row
    stem_of = np.where(door, trip, trip - 1)
    stems = np.bincount(
        stem_of, weights=np.where(door & after_door, 0.0, drive), minlength=int(trip.max(initial=0)) + 1
    )
    loading = np.bincount(trip, weights=np.where(door, 0.0, stay), minlength=stems.size)
    far = np.where(door, np.maximum(rows.depot_m, 1), 0)
    whole_far, in_trip = np.bincount(trip, weights=far), np.bincount(trip, weights=door)
    on_route = np.bincount(route, weights=door, minlength=rows.cost_minor.size)
    effort += np.where(door, stems[trip] * far / np.maximum(whole_far[trip], 1.0), 0.0)
    effort += np.where(door, loading[trip] / np.maximum(in_trip[trip], 1.0), 0.0)
    effort += np.where(door, rows.fixed_minor[route] / np.maximum(on_route[route], 1.0), 0.0)
    return effort
