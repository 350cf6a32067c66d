"""From points to addresses: the nearest house and the nearest street."""

import math

import numpy as np
from scipy.spatial import cKDTree

from doorstep.foundation.arrays import Floats, Ints
from doorstep.geography.addresses.answer import Nearest
from doorstep.geography.addresses.index import AddressIndex
from doorstep.geography.distance import EARTH_RADIUS_M, great_circle_m
from doorstep.geography.nearest import nearest_places, unit_vectors
from doorstep.geography.places import Places

STEP_M = 50.0
"""Lines of streets are looked up by points so far apart; distances are to the lines themselves."""


class AddressesNearby:
    """The houses and streets of an index, asked by points."""

    def __init__(self, index: AddressIndex) -> None:
        self._index = index
        self._named = np.flatnonzero(index.streets.of_house >= 0)
        self._houses = index.tables.house.take(self._named)
        self._lines = _Lines(index)

    def nearest(self, places: Places) -> list[Nearest]:
        """Return what is nearest to each place."""
        index, tables = self._index, self._index.tables
        street, street_m = self._lines.nearest(places)
        if len(self._named):
            house = self._named[nearest_places(places, self._houses, count=1)[:, 0]]
            at = tables.house.take(house)
            house_m = great_circle_m(lat_a=places.lat, lon_a=places.lon, lat_b=at.lat, lon_b=at.lon)
        else:
            house, house_m = np.full(len(places), -1), np.full(len(places), math.inf)
        found = []
        for row, near_m, line, line_m in zip(
            house.tolist(), house_m.tolist(), street.tolist(), street_m.tolist(), strict=True
        ):
            if near_m < line_m:
                line, line_m = int(index.streets.of_house[row]), near_m
            name = index.name_of(line) if line >= 0 else ""
            if row < 0:
                found.append(Nearest(street_alone=name, street_m=line_m))
                continue
            code, city = int(index.postal_codes.row[row]), int(index.cities.row[row])
            found.append(
                Nearest(
                    street=tables.texts[tables.street[row]],
                    house_number=tables.texts[tables.house_number[row]],
                    postal_code=index.postal_codes.shown[code] if code >= 0 else "",
                    city=index.cities.shown[city] if city >= 0 else "",
                    house_m=near_m,
                    street_alone=name,
                    street_m=line_m,
                )
            )
        return found


class _Lines:
    """The lines of the streets, as short segments that a tree of points finds."""

    def __init__(self, index: AddressIndex) -> None:
        tables = index.tables
        points = tables.way_points
        way = np.repeat(np.arange(len(tables.way_names)), np.diff(tables.way_starts))
        inside = np.append(way[1:] == way[:-1], False) if way.size else np.zeros(0, np.bool_)
        alone = np.isin(np.arange(way.size), tables.way_starts[:-1][np.diff(tables.way_starts) == 1])
        named = index.streets.of_way[way] >= 0 if way.size else np.zeros(0, np.bool_)
        first = np.flatnonzero((inside | alone) & named)
        last = np.where(inside[first], first + 1, first) if first.size else first
        self._a, self._b = points.take(first), points.take(last)
        self._street: Ints = index.streets.of_way[way[first]] if first.size else np.zeros(0, np.int64)
        length = great_circle_m(lat_a=self._a.lat, lon_a=self._a.lon, lat_b=self._b.lat, lon_b=self._b.lon)
        pieces = np.maximum(1, np.ceil(length / STEP_M)).astype(np.int64)
        self._segment = np.repeat(np.arange(first.size), pieces)
        turn = np.arange(self._segment.size) - np.repeat(np.cumsum(pieces) - pieces, pieces)
        share = (turn + 0.5) / pieces[self._segment] if self._segment.size else np.zeros(0)
        lat = self._a.lat[self._segment] + share * (self._b.lat - self._a.lat)[self._segment]
        lon = self._a.lon[self._segment] + share * (self._b.lon - self._a.lon)[self._segment]
        self._tree = cKDTree(unit_vectors(Places(lat=lat, lon=lon))) if lat.size else None

    def nearest(self, places: Places) -> tuple[Ints, Floats]:
        """Return the street of the nearest line to each place and its distance [m]; -1 and infinity without lines."""
        street, away_m = np.full(len(places), -1, np.int64), np.full(len(places), math.inf)
        if self._tree is None:
            return street, away_m
        vectors = unit_vectors(places)
        chord, _ = self._tree.query(vectors)
        # no line is farther than its nearest middle, and none has its middle farther than half a step beyond itself
        reach = chord + 1.01 * STEP_M / EARTH_RADIUS_M
        for k, near in enumerate(self._tree.query_ball_point(vectors, reach)):
            segment = np.unique(self._segment[near])
            metres = self._metres(float(places.lat[k]), float(places.lon[k]), segment)
            best = int(np.argmin(metres))
            street[k], away_m[k] = self._street[segment[best]], metres[best]
        return street, away_m

    def _metres(self, lat: float, lon: float, segment: Ints) -> Floats:
        """Return the distance of a point from each of some segments, on the plane that touches the earth there [m]."""
        scale = np.radians(1.0) * EARTH_RADIUS_M
        cosine = math.cos(math.radians(lat))
        ax, ay = (self._a.lon[segment] - lon) * cosine * scale, (self._a.lat[segment] - lat) * scale
        bx, by = (self._b.lon[segment] - lon) * cosine * scale, (self._b.lat[segment] - lat) * scale
        dx, dy = bx - ax, by - ay
        square = dx * dx + dy * dy
        along = np.clip(-(ax * dx + ay * dy) / np.where(square > 0, square, 1.0), 0.0, 1.0)
        metres: Floats = np.hypot(ax + along * dx, ay + along * dy)
        return metres
