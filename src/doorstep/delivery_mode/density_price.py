"""What an own drop costs before routes exist: a continuous approximation from the density of doors."""

from typing import NamedTuple

import numpy as np

from doorstep.delivery_mode.door_prices import LearntDropCost
from doorstep.foundation.arrays import Floats, Ints

HOP = 0.7124
"""Tour length through n points in an area A tends to HOP x sqrt(n A)."""

FILL = 0.9
"""Share of a shift's time that routes fill before windows and releases leave gaps."""


class DropDensity(NamedTuple):
    """Of each of S sites: ``base_minor`` and ``per_km_minor`` of an own drop, ``capacity`` in drops a day.

    ``learnt`` is what routes taught about the price; at the sites that had some it takes the place of base and slope.
    """

    base_minor: Ints
    per_km_minor: Ints
    capacity: Ints
    learnt: LearntDropCost | None = None


def estimate_own_drops(
    *,
    nearest_site: Ints,
    straight_m: Floats,
    service_s: Ints,
    days: int,
    circuity_pct: int,
    speed_kmh: int,
    shift_s: Ints,
    vehicles: Ints,
    fixed_minor: Ints,
    per_km_minor: Ints,
    per_hour_minor: Ints,
) -> DropDensity:
    """Return base and slope of the price of an own drop at each site, and how many drops a day its vehicles can make.

    Doors of a site's catchment are taken as spread over a disc; a route of q stops drives twice the distance to the
    door and one hop between neighbours for each. The base holds service, hop and the stop's share of the vehicle, the
    slope the stop's share of the way out and home.

    Parameters
    ----------
    nearest_site, straight_m, service_s : (O,)
        Each door's nearest site that has vehicles, the straight distance to it, and the time at the door.
    days
        Days over which the doors are spread.
    shift_s, vehicles, fixed_minor, per_km_minor, per_hour_minor : (S,)
        A typical vehicle of each site; 0 vehicles where it has none.

    References
    ----------
    Daganzo (1984), The distance traveled to visit N points with a maximum of C stops per vehicle, Transportation
    Science 18(4). Beardwood, Halton, Hammersley (1959).
    """
    sites = vehicles.size
    doors = np.maximum(np.bincount(nearest_site, minlength=sites) / max(1, days), 1.0)
    mean_m = np.bincount(nearest_site, weights=straight_m, minlength=sites) / np.maximum(
        np.bincount(nearest_site, minlength=sites), 1
    )
    radius_m = np.maximum(1.5 * mean_m, 300.0)
    road = circuity_pct / 100.0
    hop_m = HOP * road * np.sqrt(np.pi * radius_m**2 / doors)
    metre_s = 3.6 / speed_kmh
    stop_s = hop_m * metre_s + (service_s.mean() if service_s.size else 180.0)
    per_route = np.clip(np.minimum(shift_s / stop_s, doors), 1.0, None)
    metre_minor = per_km_minor / 1000.0 + metre_s * per_hour_minor / 3600.0
    base = fixed_minor / per_route + hop_m * per_km_minor / 1000.0 + stop_s * per_hour_minor / 3600.0
    slope = 1000.0 * 2.0 * metre_minor / per_route
    return DropDensity(
        base_minor=np.rint(base).astype(np.int64),
        per_km_minor=np.rint(slope).astype(np.int64),
        capacity=np.floor(FILL * vehicles * shift_s / (stop_s + 2.0 * mean_m * road * metre_s / per_route)).astype(
            np.int64
        ),
    )
