"""The index of addresses: streets with their houses, postal codes and towns, ready to be asked."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from doorstep.foundation.arrays import Bools, Floats, Ints, starts_of
from doorstep.geography.addresses.names import NameIndex
from doorstep.geography.addresses.numbers import numbers_of
from doorstep.geography.addresses.problem import NAMES_APART, AddressTables
from doorstep.geography.addresses.streets import Streets, join_streets
from doorstep.geography.addresses.wording import postal
from doorstep.geography.nearest import unit_vectors
from doorstep.geography.places import Places

NEIGHBOURS_M = 500
"""A house without postal code or town is taken to share those of a neighbour so near."""

REACH_M = {"city": 15_000, "town": 7_000, "municipality": 7_000, "village": 3_000}
OTHER_REACH_M = 1_500
"""How far from its middle a settlement reaches, if the map gives no better word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A part of addresses, postal codes or towns, one row a house, then one row a street.

    ``row`` is the row of ``texts``, what is compared, and of ``shown``, as the map writes it (-1: unknown); ``own`` is
    False where it is a neighbour's.
    """

    texts: tuple[str, ...]
    shown: tuple[str, ...]
    row: Ints
    own: Bools


@dataclass(frozen=True, slots=True, kw_only=True)
class Houses:
    """N numbers, by street: a house with two numbers counts twice.

    ``starts`` (S + 1,) where the numbers of each street begin; ``digits``; ``rest``, a row of ``rests``; ``house``, a
    row of the tables; ``span``, how many numbers that house has.
    """

    starts: Ints
    digits: Ints
    rest: Ints
    rests: tuple[str, ...]
    house: Ints
    span: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Towns:
    """Names of towns; ``place`` (M) are middles of settlements, each with its name's row and how far it reaches [m]."""

    index: NameIndex
    place: Places
    name: Ints
    reach_m: Ints


class AddressIndex:
    """All that is known of the addresses of a map; ``find`` asks it."""

    def __init__(self, tables: AddressTables) -> None:
        self.tables = tables
        self.streets: Streets = join_streets(tables)
        self.names = NameIndex(self.streets.names)
        order = np.argsort(self.streets.named_name, kind="stable")
        self.street_of_name = self.streets.named_street[order]
        self.name_starts = starts_of(self.streets.named_name[order], len(self.streets.names))
        first = np.unique(self.streets.named_street, return_index=True)[1]
        self.usual_name = self.streets.named_name[first]
        self.houses = _houses(tables, self.streets)
        self.street_place = _street_places(tables, self.streets)
        self.postal_codes, self.cities = _columns(tables, self.streets, self.street_place)
        self.postal_row = {code: row for row, code in enumerate(self.postal_codes.texts)}
        self.towns = _towns(tables, self.cities.texts)
        self.postal_places = _postal_places(tables, self.postal_codes)

    def streets_named(self, name: int) -> Ints:
        """Return the streets that have a name."""
        return self.street_of_name[self.name_starts[name] : self.name_starts[name + 1]]

    def name_of(self, street: int) -> str:
        """Return the usual name of a street."""
        return self.streets.names[int(self.usual_name[street])]


def _houses(tables: AddressTables, streets: Streets) -> Houses:
    rests: dict[str, int] = {}
    numbers = {
        row: [(number.digits, rests.setdefault(number.rest, len(rests))) for number in numbers_of(tables.texts[row])]
        for row in np.unique(tables.house_number).tolist()
    }
    found = [
        (street, *number, house, len(numbers[row]))
        for house, (street, row) in enumerate(zip(streets.of_house.tolist(), tables.house_number.tolist(), strict=True))
        if street >= 0
        for number in numbers[row]
    ]
    table = np.array(found, dtype=np.int64).reshape(-1, 5)
    table = table[np.lexsort((table[:, 3], table[:, 2], table[:, 1], table[:, 0]))]
    return Houses(
        starts=starts_of(table[:, 0], streets.count),
        digits=np.ascontiguousarray(table[:, 1]),
        rest=np.ascontiguousarray(table[:, 2]),
        rests=tuple(rests),
        house=np.ascontiguousarray(table[:, 3]),
        span=np.ascontiguousarray(table[:, 4]),
    )


def _street_places(tables: AddressTables, streets: Streets) -> Places:
    """Return a point of each street near its middle: on its line where it is drawn, else at a house."""
    way = np.repeat(np.arange(len(tables.way_names)), np.diff(tables.way_starts))
    drawn = streets.of_way[way] if way.size else np.zeros(0, np.int64)
    street = np.concatenate([drawn, streets.of_house])
    lat = np.concatenate([tables.way_points.lat, tables.house.lat])
    lon = np.concatenate([tables.way_points.lon, tables.house.lon])
    held = street >= 0
    held[drawn.size :] &= ~np.isin(streets.of_house, drawn)
    street, lat, lon = street[held], lat[held], lon[held]
    count = np.maximum(np.bincount(street, minlength=streets.count), 1)
    middle_lat = np.bincount(street, lat, minlength=streets.count) / count
    middle_lon = np.bincount(street, lon, minlength=streets.count) / count
    off = np.hypot(lat - middle_lat[street], (lon - middle_lon[street]) * np.cos(np.radians(lat)))
    order = np.lexsort((off, street))
    first = order[np.unique(street[order], return_index=True)[1]]
    return Places(lat=lat[first], lon=lon[first])


def _columns(tables: AddressTables, streets: Streets, street_place: Places) -> tuple[Column, Column]:
    """Return postal codes and towns of houses and streets; what a map leaves out is the nearest neighbour's."""
    places = Places(
        lat=np.concatenate([tables.house.lat, street_place.lat]),
        lon=np.concatenate([tables.house.lon, street_place.lon]),
    )
    of_street = np.zeros(streets.count, dtype=np.int64)
    given = np.flatnonzero((tables.way_postal_code > 0) & (streets.of_way >= 0))
    of_street[streets.of_way[given]] = tables.way_postal_code[given]
    codes = np.concatenate([tables.postal_code, of_street])
    towns = np.concatenate([tables.city, np.zeros(streets.count, np.int64)])
    points = unit_vectors(places)
    return _column(codes, tables.texts, postal, points), _column(towns, tables.texts, str, points)


def _column(rows: Ints, texts: tuple[str, ...], compared: Callable[[str], str], points: Floats) -> Column:
    kept: dict[str, int] = {}
    shown: list[str] = []
    row_of: dict[int, int] = {}
    for each in np.unique(rows).tolist():
        text = compared(texts[each])
        if text:
            row_of[each] = kept.setdefault(text, len(kept))
            if len(kept) > len(shown):
                shown.append(texts[each])
    row = np.array([row_of.get(each, -1) for each in rows.tolist()], dtype=np.int64)
    own = row >= 0
    if own.any() and not own.all():
        reach = NEIGHBOURS_M / 6_371_009
        away, found = cKDTree(points[own]).query(points[~own], distance_upper_bound=reach)
        near = np.append(row[own], -1)[found]
        row[~own] = np.where(np.isfinite(away), near, -1)
    return Column(texts=tuple(kept), shown=tuple(shown), row=row, own=own)


def _towns(tables: AddressTables, cities: tuple[str, ...]) -> Towns:
    names = {name: row for row, name in enumerate(cities)}
    found: list[tuple[int, float, float, int]] = []
    for texts, kind, lat, lon in tables.settlements.select("name", "kind", "lat", "lon").iter_rows():
        reach_m = REACH_M.get(kind, OTHER_REACH_M)
        found += [(names.setdefault(name, len(names)), lat, lon, reach_m) for name in texts.split(NAMES_APART)]
    return Towns(
        index=NameIndex(tuple(names)),
        place=Places(lat=np.array([f[1] for f in found]), lon=np.array([f[2] for f in found])),
        name=np.array([f[0] for f in found], dtype=np.int64),
        reach_m=np.array([f[3] for f in found], dtype=np.int64),
    )


def _postal_places(tables: AddressTables, codes: Column) -> dict[int, tuple[float, float]]:
    """Return the middle of each postal code: as drawn, else the mean of its houses."""
    row = codes.row[: len(tables.house)]
    own = codes.own[: len(tables.house)]
    count = np.bincount(row[own], minlength=len(codes.texts))
    lat = np.bincount(row[own], tables.house.lat[own], minlength=len(codes.texts))
    lon = np.bincount(row[own], tables.house.lon[own], minlength=len(codes.texts))
    held = np.flatnonzero(count)
    means = zip(held.tolist(), (lat[held] / count[held]).tolist(), (lon[held] / count[held]).tolist(), strict=True)
    middles = {code: (mean_lat, mean_lon) for code, mean_lat, mean_lon in means}
    row_of = {code: at for at, code in enumerate(codes.texts)}
    for code, area_lat, area_lon in tables.postal_areas.select("postal_code", "lat", "lon").iter_rows():
        if postal(code) in row_of:
            middles[row_of[postal(code)]] = (area_lat, area_lon)
    return middles
