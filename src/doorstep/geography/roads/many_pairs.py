"""Many pairs on streets at once: by tables where the same places stand in many of them."""

from typing import Protocol

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.geography.places import Places

FEW = 32
"""So few pairs are asked for one by one."""
BLOCK = 64
"""Origins that are asked for together at least."""
CELLS = 2_000_000
"""A table for some of the pairs has no more cells than this, unless it has one block of origins."""
FULL = 1 / 8
"""A table is made where at least this share of it was asked for: it is then no more work than the pairs."""
DEGREE_BANDS = 4.0
"""Origins are put in the order of bands of a quarter degree of latitude, so that near ones are asked for together."""


class Tables(Protocol):
    """Travel times that can be asked row by row, and for tables."""

    def each(self, origins: Places, destinations: Places) -> tuple[Ints, Ints]:
        """Return metres and seconds from each of N origins to the destination of the same row, (N,)."""
        ...

    def table(self, origins: Places, destinations: Places) -> tuple[Ints, Ints]:
        """Return metres and seconds from each of O origins to each of D destinations, (O, D)."""
        ...


def many_pairs(streets: Tables, origins: Places, destinations: Places) -> tuple[Ints, Ints]:
    """Return metres and seconds row by row, exactly those of ``streets.each``.

    Orders are asked for from several sites, zones from all sites near: few places stand in many rows. Rows of some
    origins at a time, near one another, are taken from a table with all their destinations, if much of it is needed.

    Raises
    ------
    InputError
        If a point lies too far from any street.
    """
    if len(origins) < FEW:
        return streets.each(origins, destinations)
    a, row = distinct(origins)
    b, column = distinct(destinations)
    by_place = np.lexsort((a.lon, np.floor(a.lat * DEGREE_BANDS)))
    place = np.empty(len(a), dtype=np.int64)
    place[by_place] = np.arange(len(a))
    order = np.argsort(place[row], kind="stable")
    sorted_place = place[row][order]
    metres, seconds = np.empty(len(origins), dtype=np.int64), np.empty(len(origins), dtype=np.int64)
    size = max(BLOCK, CELLS // len(b))
    for first in range(0, len(a), size):
        mine = order[np.searchsorted(sorted_place, first) : np.searchsorted(sorted_place, first + size)]
        here = by_place[first : first + size]
        there, of = np.unique(column[mine], return_inverse=True)
        if mine.size < FULL * here.size * there.size:
            found = streets.each(a.take(row[mine]), b.take(column[mine]))
        else:
            tables = streets.table(a.take(here), b.take(there))
            found = tuple(table[place[row[mine]] - first, of] for table in tables)  # type: ignore[assignment]
        metres[mine], seconds[mine] = found
    return metres, seconds


def distinct(places: Places) -> tuple[Places, Ints]:
    """Return each place once, and which of them is in each row."""
    _, first, row = np.unique(places.lat + 1j * places.lon, return_index=True, return_inverse=True)
    return places.take(first), row.reshape(-1)
