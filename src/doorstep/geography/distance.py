"""Great-circle distance."""

import math

import numpy as np

from doorstep.foundation.arrays import Floats
from doorstep.foundation.kernels import kernel

EARTH_RADIUS_M = 6_371_008.8


@kernel
def haversine_m(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    """Return the great-circle distance of two points given in degrees [m].

    References
    ----------
    Sinnott (1984), Virtues of the haversine, Sky and Telescope 68(2).
    """
    phi_a, phi_b = math.radians(lat_a), math.radians(lat_b)
    half_phi = 0.5 * (phi_b - phi_a)
    half_lambda = 0.5 * math.radians(lon_b - lon_a)
    h = math.sin(half_phi) ** 2 + math.cos(phi_a) * math.cos(phi_b) * math.sin(half_lambda) ** 2
    return 2.0 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, h)))


def great_circle_m(*, lat_a: Floats, lon_a: Floats, lat_b: Floats, lon_b: Floats) -> Floats:
    """Return great-circle distances, with numpy broadcasting of the four arrays in degrees [m]."""
    phi_a, phi_b = np.radians(lat_a), np.radians(lat_b)
    half_lambda = 0.5 * np.radians(np.subtract(lon_b, lon_a))
    h = np.sin(0.5 * (phi_b - phi_a)) ** 2 + np.cos(phi_a) * np.cos(phi_b) * np.sin(half_lambda) ** 2
    distance: Floats = 2.0 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(1.0, h)))
    return distance
