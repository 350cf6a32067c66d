"""What a drop costs a van before there are routes: a continuous approximation that finds the length of the tour itself.

A van drives to the neighbourhood, hops from door to door, comes home, and loads again while its shift lasts:

    hop    = k_hop x 1 km / sqrt(doors per square kilometre)
    stops  = min(load of the van, (shift - loading - stem time) / (hop time + service + wait))
    trips  = max(1, shift / (loading + stem time + stops x (hop time + service + wait)))
    cost   = (distance and time of a trip + day of the van / trips) / stops

where the stem is ``2 x k_stem`` times the way. Zones that leave no time for a stop cannot be served. The parcels of a
site do not fill its last van: on average a part ``spare`` of a van's day, loading and stem is paid for nothing, each
time vans leave. If any number of parcels were as likely that would be half a van, and it is why many small sites are
dear.

References
----------
Daganzo (1984), The distance traveled to visit N points with a maximum of C stops per vehicle, Transportation Science
18(4). Franceschetti, Jabali, Laporte (2017), Continuous approximation models in freight distribution management,
TOP 25. Figliozzi (2009), Planning approximations to the average length of vehicle routing problems with time window
constraints, Transportation Research Part B 43(4): the price of rounding up the number of routes.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.foundation.units import METRES_PER_KM, SECONDS_PER_HOUR

LEAST_PER_KM2 = 1e-3
"""Densities below count as this."""


class VanShare(NamedTuple):
    """What vans do for something: metres, seconds from loading to return, and days of vans, of one shape.

    Where not ``served`` there is no time for a stop, and the figures mean nothing.
    """

    served: Bools
    metres: Floats
    seconds: Floats
    van_days: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class VanDay:
    """A van with its driver, and how it drives.

    ``fixed_minor`` is the cost of a day, ``per_km_minor`` and ``per_hour_minor`` of a kilometre and an hour, ``load``
    what a trip carries [parcels], ``shift_s``, ``loading_s`` and ``service_s`` the day, a loading and a door [s].
    ``k_hop``, ``k_stem``, ``wait_s`` and ``spare`` are the coefficients of the approximation, textbook ones by default:
    hops of 0.7124 at a circuity of 1.3, half a van to spare. ``hop_speed_kmh`` is the speed between doors.
    """

    fixed_minor: int
    per_km_minor: int
    per_hour_minor: int
    load: int
    shift_s: int
    loading_s: int
    service_s: int
    hop_speed_kmh: float = 30.0
    k_hop: float = 0.926
    k_stem: float = 1.0
    wait_s: float = 0.0
    spare: float = 0.5

    def __post_init__(self) -> None:
        faults = [
            f"{name} {getattr(self, name)} must not be negative."
            for name in (
                *("fixed_minor", "per_km_minor", "per_hour_minor", "loading_s", "service_s"),
                *("k_hop", "wait_s", "spare"),
            )
            if getattr(self, name) < 0
        ]
        faults += [
            f"{name} {getattr(self, name)} must be positive."
            for name in ("load", "shift_s", "hop_speed_kmh", "k_stem")
            if getattr(self, name) <= 0
        ]
        if faults:
            raise InputError(" ".join(faults))

    def drop_minor(self, way_m: Ints, way_s: Ints, per_km2: Floats) -> Floats:
        """Return what a drop costs by the way to its neighbourhood and the doors around it, infinite if out of time.

        All arrays have one shape, or shapes that numpy broadcasts.
        """
        share = self.drop(way_m, way_s, per_km2)
        return np.where(share.served, self.minor(share), np.inf)

    def drop(self, way_m: Ints, way_s: Ints, per_km2: Floats) -> VanShare:
        """Return what vans do for a drop, see ``drop_minor``."""
        hop_m = self.k_hop * METRES_PER_KM / np.sqrt(np.maximum(per_km2, LEAST_PER_KM2))
        door_s = hop_m / (self.hop_speed_kmh * METRES_PER_KM / SECONDS_PER_HOUR) + self.service_s + self.wait_s
        stem_m, stem_s = 2 * self.k_stem * way_m, 2 * self.k_stem * way_s
        stops = np.minimum((self.shift_s - self.loading_s - stem_s) / np.maximum(door_s, 1e-9), self.load)
        served = stops >= 1
        stops = np.where(served, stops, 1.0)
        trip_s = self.loading_s + stem_s + stops * door_s
        trips = np.maximum(1.0, self.shift_s / np.maximum(trip_s, 1.0))
        return VanShare(served, (stem_m + stops * hop_m) / stops, trip_s / stops, 1 / (trips * stops))

    def idle(self, way_m: Floats, way_s: Floats) -> VanShare:
        """Return what a site pays for the part of its last van that is not filled, by the mean way to its doors."""
        part = np.full(np.shape(way_m), self.spare)
        return VanShare(
            part >= 0, part * 2 * self.k_stem * way_m, part * (self.loading_s + 2 * self.k_stem * way_s), part
        )

    def minor(self, share: VanShare) -> Floats:
        """Return what that costs."""
        time_minor = share.seconds / SECONDS_PER_HOUR * self.per_hour_minor
        cost: Floats = share.metres / METRES_PER_KM * self.per_km_minor + time_minor + share.van_days * self.fixed_minor
        return cost
