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
    if not len(places):
        raise InputError(f"cannot find {count} nearest of 0 places.")
    return _tree(places.lat.tobytes(), places.lon.tobytes()).nearest(queries, count=count)


class PlaceTree:
    """N places of which the nearest ones are asked for again and again."""

    def __init__(self, places: Places) -> None:
        self._tree = cKDTree(_unit_vectors(places))
        self._size = len(places)

    def nearest(self, queries: Places, *, count: int) -> Ints:
        """Return the rows of the nearest places (Q, min(count, N)), as ``nearest_places`` does."""
        if count < 1:
            raise InputError(f"cannot find {count} nearest of {self._size} places.")
        k = min(count, self._size)
        _, rows = self._tree.query(_unit_vectors(queries), k=k)
        found: Ints = np.asarray(rows, dtype=np.int64).reshape(len(queries), k)
        return found


@lru_cache(maxsize=TREES)
def _tree(lat: bytes, lon: bytes) -> PlaceTree:
    """Return the tree of places given as the bytes of their coordinates: a retailer's sites are asked for often."""
    return PlaceTree(Places(lat=np.frombuffer(lat), lon=np.frombuffer(lon)))


def _unit_vectors(places: Places) -> Floats:
    phi, lam = np.radians(places.lat), np.radians(places.lon)
    return np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])
