"""What a drop costs a van before there are routes: a continuous approximation that finds the length of the tour itself.

A van drives to the neighbourhood, hops from door to door, comes home, and loads again while its shift lasts:

    hop    = k_hop x 1 km / sqrt(doors per square kilometre)
    stops  = min(load of the van, (shift - loading - stem time) / (hop time + service + wait))
    trips  = max(1, shift / (loading + stem time + stops x (hop time + service + wait)))
    cost   = (distance and time of a trip + day of the van / trips) / stops

where the stem is ``2 x k_stem`` times the way. Zones that leave no time for a stop cannot be served.

References
----------
Daganzo (1984), The distance traveled to visit N points with a maximum of C stops per vehicle, Transportation Science
18(4). Franceschetti, Jabali, Laporte (2017), Continuous approximation models in freight distribution management,
TOP 25.
"""

from dataclasses import dataclass

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Floats, Ints
from doorstep.foundation.units import METRES_PER_KM, SECONDS_PER_HOUR

LEAST_PER_KM2 = 1e-3
"""Densities below count as this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VanDay:
    """A van with its driver, and how it drives.

    ``fixed_minor`` is the cost of a day, ``per_km_minor`` and ``per_hour_minor`` of a kilometre and an hour, ``load``
    what a trip carries [parcels], ``shift_s``, ``loading_s`` and ``service_s`` the day, a loading and a door [s].
    ``k_hop``, ``k_stem`` and ``wait_s`` are the coefficients of the approximation, textbook ones by default: hops of
    0.7124 at a circuity of 1.3. ``hop_speed_kmh`` is the speed between doors.
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

    def __post_init__(self) -> None:
        faults = [
            f"{name} {getattr(self, name)} must not be negative."
            for name in ("fixed_minor", "per_km_minor", "per_hour_minor", "loading_s", "service_s", "k_hop", "wait_s")
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
        hop_m = self.k_hop * METRES_PER_KM / np.sqrt(np.maximum(per_km2, LEAST_PER_KM2))
        door_s = hop_m / (self.hop_speed_kmh * METRES_PER_KM / SECONDS_PER_HOUR) + self.service_s + self.wait_s
        stem_m, stem_s = 2 * self.k_stem * way_m, 2 * self.k_stem * way_s
        stops = np.minimum((self.shift_s - self.loading_s - stem_s) / np.maximum(door_s, 1e-9), self.load)
        served = stops >= 1
        stops = np.where(served, stops, 1.0)
        trip_s = self.loading_s + stem_s + stops * door_s
        trips = np.maximum(1.0, self.shift_s / np.maximum(trip_s, 1.0))
        km, hours = (stem_m + stops * hop_m) / METRES_PER_KM, trip_s / SECONDS_PER_HOUR
        cost = (km * self.per_km_minor + hours * self.per_hour_minor + self.fixed_minor / trips) / stops
        return np.where(served, cost, np.inf)
