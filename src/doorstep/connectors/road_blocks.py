"""How tables and pairs are cut into pieces that a road server answers in one go."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from doorstep.foundation.arrays import Floats, Ints
from doorstep.geography import Places

MICRO = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Different pairs among N rows: points close together have codes close together, and so have their pairs.

    Attributes
    ----------
    places, codes
        The U different points, and their code (U,): the same to a millionth of a degree is the same point.
    origin, destination
        Points (P,) of each pair; by origin, then destination.
    of
        Pair of each row (N,).
    """

    places: Places
    codes: Ints
    origin: Ints
    destination: Ints
    of: Ints


def tiles(rows: int, columns: int, most: int) -> Iterator[tuple[slice, slice]]:
    """Return the blocks of a table, each of at most ``most`` origins and destinations together."""
    half = most // 2
    if rows < half:
        high, wide = max(rows, 1), most - rows
    elif columns < half:
        high, wide = most - columns, max(columns, 1)
    else:
        high, wide = half, half
    for top in range(0, rows, high):
        for left in range(0, columns, wide):
            yield slice(top, min(top + high, rows)), slice(left, min(left + wide, columns))


def pairs_of(origins: Places, destinations: Places) -> Pairs:
    """Return the different pairs of N rows."""
    count = len(origins)
    lat, lon = np.concatenate([origins.lat, destinations.lat]), np.concatenate([origins.lon, destinations.lon])
    codes, first, point = np.unique(codes_of(lat, lon), return_index=True, return_inverse=True)
    pair, of = np.unique(point[:count] * codes.size + point[count:], return_inverse=True)
    origin, destination = np.divmod(pair, max(codes.size, 1))
    return Pairs(
        places=Places(lat=lat[first], lon=lon[first]), codes=codes, origin=origin, destination=destination, of=of
    )


def codes_of(lat: Floats, lon: Floats) -> Ints:
    """Return one number for each point, of the digits of latitude and longitude in turn (Morton's order)."""
    north = np.rint((lat + 90) * MICRO).astype(np.int64)
    east = np.rint((lon + 180) * MICRO).astype(np.int64)
    codes: Ints = (_spread(north) << 1) | _spread(east)
    return codes


def packed(origin: Ints, destination: Ints, most: int) -> Iterator[slice]:
    """Return runs of pairs, each of at most ``most`` different origins and destinations together."""
    begin = 0
    rows: set[int] = set()
    columns: set[int] = set()
    for at, (row, column) in enumerate(zip(origin.tolist(), destination.tolist(), strict=True)):
        if len(rows) + len(columns) + (row not in rows) + (column not in columns) > most:
            yield slice(begin, at)
            begin = at
            rows.clear()
            columns.clear()
        rows.add(row)
        columns.add(column)
    if rows:
        yield slice(begin, origin.size)


def _spread(number: Ints) -> Ints:
    """Return numbers below 2**31 with a zero before each of their binary digits."""
    for shift, mask in (
        (16, 0x0000_FFFF_0000_FFFF),
        (8, 0x00FF_00FF_00FF_00FF),
        (4, 0x0F0F_0F0F_0F0F_0F0F),
        (2, 0x3333_3333_3333_3333),
        (1, 0x5555_5555_5555_5555),
    ):
        number = (number | (number << shift)) & mask
    return number
