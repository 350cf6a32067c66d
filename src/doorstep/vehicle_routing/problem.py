"""A day's stops around one site, and the vehicles that start there."""

from dataclasses import dataclass

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Ints, SmallInts


@dataclass(frozen=True, slots=True, kw_only=True)
class Stops:
    """N optional stops, all arrays (N,) but ``load`` (N, M) in M dimensions of capacity.

    ``prize_minor`` is what a stop costs if it is not served; ``requirements`` are bit sets; ``release_at`` is when its
    parcels can be loaded; service must begin within [``start_at``, ``end_at``] [epoch s].
    """

    start_at: Ints
    end_at: Ints
    release_at: Ints
    service_s: Ints
    load: Ints
    prize_minor: Ints
    requirements: Ints

    def __len__(self) -> int:
        return int(self.start_at.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleTypes:
    """V types of vehicle, all arrays (V,) but ``capacity`` (V, M); a trip begins with loading inside the shift."""

    count: Ints
    capacity: Ints
    skills: Ints
    shift_start_at: Ints
    shift_end_at: Ints
    max_distance_m: Ints
    max_reloads: Ints
    fixed_minor: Ints
    per_km_minor: Ints
    per_hour_minor: Ints

    def __len__(self) -> int:
        return int(self.count.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingProblem:
    """Stops and vehicles of one site on one day.

    ``metres`` and ``seconds`` (N + 1, N + 1) from row to column, asymmetric in general; row 0 is the site, row n + 1 is
    stop n. Each trip starts with ``loading_s`` at the site.
    """

    stops: Stops
    vehicles: VehicleTypes
    metres: SmallInts
    seconds: SmallInts
    loading_s: int

    def __post_init__(self) -> None:
        size = len(self.stops) + 1
        if self.metres.shape != (size, size) or self.seconds.shape != (size, size):
            raise InputError(f"{len(self.stops)} stops need ({size}, {size}) matrices, not {self.metres.shape}.")
        if self.stops.load.shape[1:] != self.vehicles.capacity.shape[1:]:
            raise InputError(f"loads {self.stops.load.shape} and capacities {self.vehicles.capacity.shape} differ.")

    def with_prizes(self, prize_minor: Ints) -> "RoutingProblem":
        """Return the same problem with other prizes (N,)."""
        old = self.stops
        stops = Stops(
            start_at=old.start_at,
            end_at=old.end_at,
            release_at=old.release_at,
            service_s=old.service_s,
            load=old.load,
            prize_minor=np.asarray(prize_minor, dtype=np.int64),
            requirements=old.requirements,
        )
        return RoutingProblem(
            stops=stops,
            vehicles=self.vehicles,
            metres=self.metres,
            seconds=self.seconds,
            loading_s=self.loading_s,
        )
