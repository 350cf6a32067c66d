"""Nearest places, exactly, on the sphere."""

from functools import lru_cache

import numpy as np
from scipy.spatial import cKDTree

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Floats, Ints
from doorstep.geography.places import Places

TREES = 16
"""Trees that are kept, the last ones asked for."""


def nearest_places(queries: Places, places: Places, *, count: int) -> Ints:
    """Return the rows of the ``count`` places nearest to each query, nearest first.

    Points become unit vectors, whose chord grows with the great-circle distance, so a k-d tree finds the exact order.

    Returns
    -------
    (Q, min(count, N))

    Raises
    ------
    InputError
        If there are no places or ``count`` is below one.
    """
    if count < 1 or not len(places):
        raise InputError(f"cannot find {count} nearest of {len(places)} places.")
    k = min(count, len(places))
    _, rows = _tree(places.lat.tobytes(), places.lon.tobytes()).query(_unit_vectors(queries), k=k)
    found: Ints = np.asarray(rows, dtype=np.int64).reshape(len(queries), k)
    return found


@lru_cache(maxsize=TREES)
def _tree(lat: bytes, lon: bytes) -> cKDTree:
    """Return the tree of places given as the bytes of their coordinates: a retailer's sites are asked for often."""
    return cKDTree(_unit_vectors(Places(lat=np.frombuffer(lat), lon=np.frombuffer(lon))))


def _unit_vectors(places: Places) -> Floats:
    phi, lam = np.radians(places.lat), np.radians(places.lon)
    return np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])
