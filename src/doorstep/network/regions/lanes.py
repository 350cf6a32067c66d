"""Lanes between regions: how far, how long and how dear the way from centre to centre is."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Ints
from doorstep.foundation.units import METRES_PER_KM, SECONDS_PER_HOUR
from doorstep.geography import Places, great_circle_m


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneTerms:
    """What a lane costs and takes: ``cost_per_km_minor``, ``fixed_minor`` a lane, ``speed_kmh``.

    Road metres are those of the great circle times ``circuity_pct / 100``. ``pairs`` tells which regions have a lane:
    those that touch, or all.

    Raises
    ------
    InputError
        If a value is negative, or the speed or the circuity is not positive.
    """

    cost_per_km_minor: int = 120
    fixed_minor: int = 0
    speed_kmh: int = 70
    circuity_pct: int = 120
    pairs: Literal["touching", "all"] = "touching"

    def __post_init__(self) -> None:
        faults = [
            f"{name} is {value}, must not be negative."
            for name, value in (("cost_per_km_minor", self.cost_per_km_minor), ("fixed_minor", self.fixed_minor))
            if value < 0
        ]
        faults += [
            f"{name} is {value}, must be positive."
            for name, value in (("speed_kmh", self.speed_kmh), ("circuity_pct", self.circuity_pct))
            if value <= 0
        ]
        if faults:
            raise InputError(" ".join(faults))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """L lanes, each once: ``a`` < ``b`` (L,) regions; ``distance_m``, ``duration_s``, ``cost_minor`` (L,)."""

    a: Ints
    b: Ints
    distance_m: Ints
    duration_s: Ints
    cost_minor: Ints


def lanes_between(region: Ints, edges: Ints, centres: Places, terms: LaneTerms) -> Lanes:
    """Return the lanes between regions.

    Parameters
    ----------
    region : (N,)
        Region of each area.
    edges : (E, 2)
        Areas that touch.
    centres
        Centre of each of k regions.
    """
    if terms.pairs == "all":
        a, b = np.triu_indices(len(centres), 1)
    else:
        pair = np.sort(region[edges], axis=1)
        pair = np.unique(pair[pair[:, 0] < pair[:, 1]], axis=0).reshape(-1, 2)
        a, b = pair[:, 0], pair[:, 1]
    one, other = centres.take(a), centres.take(b)
    straight = great_circle_m(lat_a=one.lat, lon_a=one.lon, lat_b=other.lat, lon_b=other.lon)
    metres = np.rint(straight * (terms.circuity_pct / 100.0)).astype(np.int64)
    speed = terms.speed_kmh * METRES_PER_KM
    return Lanes(
        a=a.astype(np.int64),
        b=b.astype(np.int64),
        distance_m=metres,
        duration_s=-(-metres * SECONDS_PER_HOUR // speed),
        cost_minor=terms.fixed_minor + (2 * metres * terms.cost_per_km_minor + METRES_PER_KM) // (2 * METRES_PER_KM),
    )
