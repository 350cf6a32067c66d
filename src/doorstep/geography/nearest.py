"""Nearest places, exactly, on the sphere."""

from functools import lru_cache

import numpy as np
from scipy.spatial import cKDTree

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Floats, Ints
from doorstep.geography.distance import EARTH_RADIUS_M, great_circle_m
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


def places_within(queries: Places, places: Places, *, within_m: float) -> tuple[Ints, Ints]:
    """Return where the row of each query begins (Q + 1,) and the places within a great-circle distance, ascending.

    Raises
    ------
    InputError
        If the distance is negative or no number.
    """
    if not within_m >= 0:
        raise InputError(f"within_m must not be negative: it is {within_m}.")
    if not len(queries) or not len(places):
        return np.zeros(len(queries) + 1, np.int64), np.empty(0, np.int64)
    # a little farther than asked for, so that rounding loses nothing; then the distance itself decides
    angle = min(within_m / EARTH_RADIUS_M * (1 + 1e-9) + 1e-9, np.pi)
    found = cKDTree(unit_vectors(places)).query_ball_point(
        unit_vectors(queries), 2 * np.sin(angle / 2), return_sorted=True
    )
    width = np.array([len(row) for row in found], np.int64)
    query = np.repeat(np.arange(len(queries)), width)
    place = np.concatenate([np.asarray(row, np.int64) for row in found])
    near = metres_between(queries, places, query, place) <= within_m
    width = np.bincount(query[near], minlength=len(queries))
    return np.concatenate([[0], np.cumsum(width)]).astype(np.int64), place[near]


def metres_between(queries: Places, places: Places, query: Ints, place: Ints) -> Floats:
    """Return the great-circle distance of P pairs of rows [m] (P,)."""
    return great_circle_m(
        lat_a=queries.lat[query], lon_a=queries.lon[query], lat_b=places.lat[place], lon_b=places.lon[place]
    )


class PlaceTree:
    """N places of which the nearest ones are asked for again and again."""

    def __init__(self, places: Places) -> None:
        self._tree = cKDTree(unit_vectors(places))
        self._size = len(places)

    def nearest(self, queries: Places, *, count: int) -> Ints:
        """Return the rows of the nearest places (Q, min(count, N)), as ``nearest_places`` does."""
        if count < 1:
            raise InputError(f"cannot find {count} nearest of {self._size} places.")
        k = min(count, self._size)
        _, rows = self._tree.query(unit_vectors(queries), k=k)
        found: Ints = np.asarray(rows, dtype=np.int64).reshape(len(queries), k)
        return found


@lru_cache(maxsize=TREES)
def _tree(lat: bytes, lon: bytes) -> PlaceTree:
    """Return the tree of places given as the bytes of their coordinates: a retailer's sites are asked for often."""
    return PlaceTree(Places(lat=np.frombuffer(lat), lon=np.frombuffer(lon)))


def unit_vectors(places: Places) -> Floats:
    """Return the places as points of the sphere of radius one (N, 3)."""
    phi, lam = np.radians(places.lat), np.radians(places.lon)
    return np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])
