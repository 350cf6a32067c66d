"""A city's day: stops with promised windows, vans and cargo bikes, and streets that are longer one way than the other.

Seeded. The places are those of a public instance where it is at hand, else clusters of the same kind; the streets are a
formula of the coordinates, so that no table is ever needed and any solver can be given one.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from doorstep.connectors.routing_instance import read_instance
from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.geography import Places
from doorstep.vehicle_routing import RoutingProblem, Stops, VehicleTypes
from doorstep.vehicle_routing.problem import REQUIRED, Depots
from doorstep.vehicle_routing.roads import METRES_PER_DEGREE, AskedRoads

CENTRE = (51.05, 3.72)
"""Latitude and longitude of the middle of the city."""
SPREAD_M = 5_000.0
"""Standard deviation of the stops from the middle, each way."""
ROWS = 16
"""Rows of a table made at a time: what a table takes while it is made stays small beside it."""
DAY = 1_790_000_000 // 86_400 * 86_400
"""Midnight of the day [epoch s]."""
HOUR = 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class CityStreets:
    """``TravelTimes`` over a grid of streets with a river: asymmetric, smooth, and a formula of the coordinates.

    A drive follows the grid, less what its diagonals save. One-way streets add up to ``one_way_m`` to it, by the
    direction of the drive and where it begins. Who crosses the river pays the way over the best of the bridges. Speed
    grows from ``slow_kmh`` in the middle to ``fast_kmh`` outside, is up to a tenth lower towards the middle than out of
    it; every drive takes ``parking_s`` more.
    """

    slow_kmh: float
    fast_kmh: float
    one_way_m: float
    parking_s: float
    bridges_m: tuple[float, ...] = (-9_000.0, -3_500.0, -800.0, 900.0, 4_000.0, 9_500.0)

    def between(self, origins: Places, destinations: Places) -> tuple[Ints, Ints]:
        """Return metres and seconds row by row, see ``TravelTimes``."""
        return self._drive(*_plane(origins), *_plane(destinations))

    def matrix(self, places: Places) -> tuple[Ints, Ints]:
        """Return metres and seconds of all pairs, see ``TravelTimes``."""
        east, north = _plane(places)
        metres = np.empty((len(places), len(places)), dtype=np.int64)
        seconds = np.empty_like(metres)
        for row in range(0, len(places), ROWS):
            rows = slice(row, row + ROWS)
            metres[rows], seconds[rows] = self._drive(east[rows, None], north[rows, None], east, north)
        return metres, seconds

    def _drive(self, x: Floats, y: Floats, to_x: Floats, to_y: Floats) -> tuple[Ints, Ints]:
        dx, dy = to_x - x, to_y - y
        straight = np.sqrt(dx * dx + dy * dy)
        grid = 0.7 * (np.abs(dx) + np.abs(dy)) + 0.3 * straight
        detour = self.one_way_m * (1.0 + _turn(x, y, dx, dy, straight)) * straight / (straight + 250.0)
        length = grid + detour + 1.1 * self._over_the_bridge(x, y, to_x, to_y, straight)
        out, to_out = np.hypot(x, y), np.hypot(to_x, to_y)
        middle = np.sqrt((x + to_x) * (x + to_x) + (y + to_y) * (y + to_y)) / 2.0
        far = (out + to_out + 2.0 * middle) / 14_000.0
        slow = 1.0 / (1.0 + far * far)
        inwards = out - to_out
        speed = self.fast_kmh - (self.fast_kmh - self.slow_kmh) * slow
        speed *= 1.0 - 0.05 * inwards / (np.abs(inwards) + 2_000.0)
        metres: Ints = np.rint(length).astype(np.int64)
        seconds: Ints = np.ceil((length / speed * 3.6 + self.parking_s) * (straight > 0)).astype(np.int64)
        return metres, seconds

    def _over_the_bridge(self, x: Floats, y: Floats, to_x: Floats, to_y: Floats, straight: Floats) -> Floats:
        """Return how much longer than a straight line the way over the best bridge is, 0 on one side of the river."""
        crosses: Bools = (x < _river(y)) != (to_x < _river(to_y))
        best = np.full(straight.shape, math.inf)
        for north in self.bridges_m:
            east = float(_river(np.array(north)))
            over = np.hypot(x - east, y - north) + np.hypot(to_x - east, to_y - north)
            np.minimum(best, over, out=best)
        return np.where(crosses, best - straight, 0.0)


VAN_STREETS = CityStreets(slow_kmh=16.0, fast_kmh=46.0, one_way_m=90.0, parking_s=35.0)
BIKE_STREETS = CityStreets(
    slow_kmh=15.0,
    fast_kmh=18.0,
    one_way_m=25.0,
    parking_s=10.0,
    bridges_m=(-9_000.0, -5_500.0, -3_500.0, -2_000.0, -800.0, 0.0, 900.0, 2_200.0, 4_000.0, 6_500.0, 9_500.0),
)


def city_day(stops: int = 10_000, *, seed: int, base: Path | None = None) -> RoutingProblem:
    """Return a day of required stops: six in ten have half a day, three a slot of two hours, one the whole day.

    ``base`` is a file of a public instance whose places are taken, a sample of them if it has more than asked for.
    """
    rng = np.random.default_rng(seed)
    x, y = _clusters(stops, rng) if base is None else _places_of(base, stops, rng)
    lat = CENTRE[0] + y / METRES_PER_DEGREE
    lon = CENTRE[1] + x / (METRES_PER_DEGREE * math.cos(math.radians(CENTRE[0])))
    return RoutingProblem(
        stops=_stops(stops, rng),
        vehicles=_vehicles(stops),
        depots=Depots(open_at=_row(DAY + 6 * HOUR), close_at=_row(DAY + 21 * HOUR), loading_s=_row(900)),
        roads=AskedRoads(places=Places(lat=lat, lon=lon), travel=(VAN_STREETS, BIKE_STREETS)),
    )


def _stops(count: int, rng: np.random.Generator) -> Stops:
    kind = rng.choice(3, size=count, p=[0.6, 0.3, 0.1])
    afternoon, slot = rng.integers(0, 2, count), rng.integers(0, 6, count)
    opens = DAY + HOUR * np.choose(kind, [8 + 5 * afternoon, 8 + 2 * slot, 8])
    closes = opens + HOUR * np.choose(kind, [5, 2, 12])
    none = np.zeros(count, dtype=np.int64)
    return Stops(
        start_at=opens.astype(np.int64),
        end_at=closes.astype(np.int64),
        release_at=none,
        service_s=rng.integers(90, 241, count),
        load=rng.choice([1, 2, 3, 6], size=(count, 1), p=[0.5, 0.3, 0.15, 0.05]).astype(np.int64),
        prize_minor=none + REQUIRED,
        requirements=none,
    )


def _vehicles(stops: int) -> VehicleTypes:
    """Return vans and cargo bikes: rates of an hour are multiples of 3.6, so that every solver knows them exactly."""
    return VehicleTypes(
        count=_row(stops // 60 + 4, stops // 60 + 4),
        capacity=_row(180, 45)[:, None],
        skills=_row(0, 0),
        shift_start_at=_row(DAY + 7 * HOUR, DAY + 8 * HOUR),
        shift_end_at=_row(DAY + 21 * HOUR, DAY + 20 * HOUR),
        max_distance_m=_row(400_000, 70_000),
        max_reloads=_row(0, 0),
        fixed_minor=_row(3_500, 800),
        per_km_minor=_row(32, 6),
        per_hour_minor=_row(2_880, 2_340),
        profile=_row(0, 1),
        max_duration_s=_row(10 * HOUR, 8 * HOUR),
    )


def _clusters(count: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return a depot on the rim and stops in clusters, denser towards the middle."""
    hubs = rng.normal(0.0, 1.0, (max(3, count // 120), 2))
    around = hubs[rng.integers(0, len(hubs), count)] + rng.normal(0.0, 0.12, (count, 2))
    lone = rng.random(count) < 0.3
    points = np.where(lone[:, None], rng.normal(0.0, 1.0, (count, 2)), around)
    placed = np.vstack([[1.2, 0.9], points]) * SPREAD_M
    return placed[:, 0], placed[:, 1]


def _places_of(path: Path, count: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return depot and stops of an instance, moved and scaled to the spread of the city."""
    points = read_instance(path).problem.roads.points()
    rows = rng.permutation(np.arange(1, len(points)))[:count]
    if rows.size < count:  # fewer than asked for: the rest near some of them
        rows = np.concatenate([rows, rng.choice(rows, count - rows.size)])
    chosen = points[np.concatenate([[0], rows])]
    chosen = (chosen - chosen[1:].mean(axis=0)) * (SPREAD_M / chosen[1:].std())
    chosen[1:] += rng.uniform(-15.0, 15.0, (count, 2))  # a grid of whole numbers has many stops in one place
    return chosen[:, 0], chosen[:, 1]


def _plane(places: Places) -> tuple[Floats, Floats]:
    """Return metres east and north of the middle of the city."""
    shrink = METRES_PER_DEGREE * math.cos(math.radians(CENTRE[0]))
    return (places.lon - CENTRE[1]) * shrink, (places.lat - CENTRE[0]) * METRES_PER_DEGREE


def _turn(x: Floats, y: Floats, dx: Floats, dy: Floats, straight: Floats) -> Floats:
    """Return from -1 to 1 how much against the one-way streets a drive goes, by its direction and where it begins.

    It is the sine of three times the direction, shifted by the place.
    """
    length = np.maximum(straight, 1.0)
    cosine, sine, shift = dx / length, dy / length, x / 700.0 + y / 1_100.0
    thrice_sine, thrice_cosine = sine * (3.0 - 4.0 * sine * sine), cosine * (4.0 * cosine * cosine - 3.0)
    turn: Floats = thrice_sine * np.cos(shift) + thrice_cosine * np.sin(shift)
    return turn


def _river(north: Floats) -> Floats:
    """Return how far east of the middle the river is."""
    river: Floats = 900.0 * np.sin(north / 3_000.0) + 300.0
    return river


def _row(*values: int) -> Ints:
    return np.array(values, dtype=np.int64)
