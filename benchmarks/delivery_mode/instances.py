"""Store-shifts drawn from a made-up metro: orders, own vans, contractors' blocks and three carriers' prices.

All prices are assumptions at the level of the US, in cents; weights are in hundreds of grams, volumes in litres.
"""

from dataclasses import dataclass

import numpy as np
from scipy.cluster.vq import kmeans2

from doorstep.delivery_mode.tariff import IMPOSSIBLE
from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.vehicle_routing import Depots, RoutingProblem, Stops, TableRoads, VehicleTypes

HOUR = 3_600
OPEN_AT, CLOSE_AT = 12 * HOUR, 20 * HOUR
"""The shift: eight hours with the evening in it [s of the day]."""
EVENING_AT = 17 * HOUR
METRO_M, CLUSTERS, CLUSTER_M, BACKGROUND, STORES, DOORS = 20_500.0, 16, 1_800.0, 0.25, 12, 40_000
"""Radius of the metro, population clusters and their spread, share of doors outside them, stores, doors."""
OWN_RISK, CARRIER_RISK = 21, np.array([42, 84, 35])
"""A failed drop costs 14 dollars: own and contractors 1.5 %, carriers A 3 %, B 6 %, C 2.5 %."""
PARCEL_LIMIT = 40
"""Parcels that carrier C takes a shift at a store."""
LOST = 6_000
"""What counts if nobody comes: more than any price here."""
PER_STORE_KEEPER = 1 << 8
"""Bit of skills and requirements of the first store; the others follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """N orders of K stores, arrays (N,): where, when, how large, and which stores have them in stock (N, K).

    ``slot_at`` is a two-hour slot drawn for next-day orders, for shops that know fixed waves only. ``placed_at`` tells
    who came first.
    """

    x: Floats
    y: Floats
    store_x: Floats
    store_y: Floats
    same_day: Bools
    start_at: Ints
    end_at: Ints
    release_at: Ints
    placed_at: Ints
    slot_at: Ints
    litres: Ints
    hectograms: Ints
    bulky: Bools
    service_s: Ints
    stocked: Bools

    def __len__(self) -> int:
        return int(self.x.size)

    def take(self, rows: Ints, store: int) -> "Orders":
        """Return some orders as those of one store alone."""
        columns = {name: getattr(self, name)[[store] if name.startswith("store_") else rows] for name in self.__slots__}
        return Orders(**{**columns, "stocked": np.ones((rows.size, 1), dtype=np.bool_)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """What drives: own vans at each of K stores (K,), whether contractors may be asked, whether shifts are paid."""

    vans: tuple[int, ...]
    blocks: bool = False
    paid: bool = False

    @property
    def sunk_minor(self) -> int:
        """What vans cost whose shifts are paid, driven or not, kilometres apart."""
        return sum(self.vans) * (2_000 + 8 * 2_800) if self.paid else 0


def draw_orders(count: int, *, stores: int, seed: int) -> Orders:
    """Return the orders of a shift of one store, or of two neighbours that share part of their stock."""
    rng = np.random.default_rng(seed)
    doors = _doors(rng)
    with np.errstate(all="ignore"):
        centres, nearest = kmeans2(doors, STORES, minit="++", rng=rng)
    first = int(rng.integers(STORES))
    away = np.hypot(*(centres - centres[first]).T)
    chosen = np.argsort(away)[:stores]
    rows = rng.choice(np.flatnonzero(np.isin(nearest, chosen)), count, replace=False)
    home = np.argmax(nearest[rows][:, None] == chosen, axis=1)
    same_day = rng.random(count) < 0.4
    length = rng.integers(1, 3, count) * HOUR
    begin = OPEN_AT + HOUR + (rng.random(count) * (CLOSE_AT - OPEN_AT - HOUR - length)).astype(np.int64)
    begin = begin // 900 * 900
    release = begin - (60 * rng.integers(50, 101, count))
    litres = np.clip(np.exp(rng.normal(3.2, 1.1, count)), 3, 500).astype(np.int64)
    bulky = rng.random(count) < 0.04
    other = ~same_day | (rng.random(count) < 0.5)  # next-day parcels lie in both stores, of same-day ones half
    return Orders(
        x=doors[rows, 0],
        y=doors[rows, 1],
        store_x=centres[chosen, 0],
        store_y=centres[chosen, 1],
        same_day=same_day,
        start_at=np.where(same_day, begin, OPEN_AT),
        end_at=np.where(same_day, begin + length, CLOSE_AT),
        release_at=np.where(same_day, release, OPEN_AT),
        placed_at=np.where(same_day, release - 60 * rng.integers(10, 120, count), rng.integers(0, OPEN_AT // 2, count)),
        slot_at=OPEN_AT + 2 * HOUR * rng.integers(0, 4, count),
        litres=np.where(bulky, np.clip(4 * litres, 100, 500), litres),
        hectograms=np.clip(litres * rng.uniform(0.8, 4.0, count), 2, 400).astype(np.int64),
        bulky=bulky,
        service_s=rng.integers(180, 301, count) + 300 * bulky,
        stocked=(np.arange(stores) == home[:, None]) | other[:, None],
    )


def in_waves(orders: Orders) -> Orders:
    """Return the orders with next-day ones in their fixed slots."""
    columns = {name: getattr(orders, name) for name in orders.__slots__}
    start_at = np.where(orders.same_day, orders.start_at, orders.slot_at)
    end_at = np.where(orders.same_day, orders.end_at, orders.slot_at + 2 * HOUR)
    return Orders(**{**columns, "start_at": start_at, "end_at": end_at})


def routing_problem(orders: Orders, fleet: Fleet) -> tuple[RoutingProblem, Bools]:
    """Return the routing problem of a shift, no prizes set, and which types of vehicle are hired (V,)."""
    stores, count = orders.store_x.size, len(orders)
    metres = _road_m(np.append(orders.store_x, orders.x), np.append(orders.store_y, orders.y))
    keeper = PER_STORE_KEEPER << np.arange(stores)
    alone = orders.stocked.sum(axis=1) == 1  # only vehicles of that store have the parcels at hand
    stops = Stops(
        start_at=orders.start_at,
        end_at=orders.end_at,
        release_at=orders.release_at,
        service_s=orders.service_s,
        load=np.column_stack([orders.litres, orders.hectograms, orders.bulky.astype(np.int64)]),
        prize_minor=np.zeros(count, dtype=np.int64),
        requirements=np.where(alone & (stores > 1), keeper[np.argmax(orders.stocked, axis=1)], 0),
    )
    vehicles, hired = _vehicles(fleet, keeper)
    depots = Depots(
        open_at=np.full(stores, OPEN_AT), close_at=np.full(stores, CLOSE_AT), loading_s=np.full(stores, 900)
    )
    roads = TableRoads(metres=metres, seconds=_drive_s(metres))
    return RoutingProblem(stops=stops, vehicles=vehicles, depots=depots, roads=roads), hired


def carrier_costs(orders: Orders, *, uneven: bool) -> Ints:
    """Return price and risk of each carrier (N, 3), from the nearest store that has the order.

    A asks by zone, B by distance with a surcharge in the evening, C by billable weight for next-day orders alone.
    Uneven prices are lower near the store, steeper with distance, and higher in the evening.
    """
    stores = orders.store_x.size
    table = _road_m(np.append(orders.store_x, orders.x), np.append(orders.store_y, orders.y))[:stores, stores:].T
    km = np.where(orders.stocked, table, 1 << 30).min(axis=1) / 1000
    zones, base, per_km, surge = ((640, 930, 1_420, 2_050), 475, 135, 1.6) if uneven else (
        (750, 925, 1_200, 1_600), 625, 80, 1.3)  # fmt: skip
    a = np.array(zones)[np.searchsorted([4.0, 8.0, 13.0], km)] + 300 * orders.bulky
    late = np.where(orders.same_day & (orders.start_at >= EVENING_AT), surge, np.where(orders.same_day, 1.0, 0.95))
    b = np.rint((base + per_km * np.maximum(km - 2.0, 0.0)) * late).astype(np.int64)
    billable_kg = np.maximum(orders.hectograms / 10, orders.litres / 5)
    c = np.array([710, 810, 960, 1_300, 1_800])[np.searchsorted([2.0, 5.0, 10.0, 25.0], billable_kg)]
    cost: Ints = np.column_stack([a, b, c]).astype(np.int64) + CARRIER_RISK
    cost[orders.bulky, 1] = cost[orders.same_day | orders.bulky, 2] = IMPOSSIBLE
    return cost


def _doors(rng: np.random.Generator) -> Floats:
    centres = METRO_M * np.sqrt(rng.random(CLUSTERS)) * np.exp(2j * np.pi * rng.random(CLUSTERS))
    spread = rng.normal(0.0, CLUSTER_M, DOORS) + 1j * rng.normal(0.0, CLUSTER_M, DOORS)
    clustered = centres[rng.integers(0, CLUSTERS, DOORS)] + spread
    anywhere = METRO_M * np.sqrt(rng.random(DOORS)) * np.exp(2j * np.pi * rng.random(DOORS))
    doors = np.where(rng.random(DOORS) < BACKGROUND, anywhere, clustered)
    return np.column_stack([doors.real, doors.imag])


def _road_m(x: Floats, y: Floats) -> Ints:
    straight = np.hypot(x[:, None] - x, y[:, None] - y)
    metres: Ints = np.rint(1.3 * straight).astype(np.int64)
    return metres


def _drive_s(metres: Ints) -> Ints:
    """Return the seconds at 30 km/h over the first three kilometres, 50 km/h beyond."""
    slow = np.minimum(metres, 3_000)
    seconds: Ints = np.rint(slow * 0.12 + (metres - slow) * 0.072).astype(np.int64)
    return seconds


def _vehicles(fleet: Fleet, keeper: Ints) -> tuple[VehicleTypes, Bools]:
    """Return own vans of each store, then its contractors' blocks of three hours from three hours of the shift on."""
    rows = []
    for store, vans in enumerate(fleet.vans):
        kept, fixed, per_hour = int(keeper[store]), 0 if fleet.paid else 2_000, 0 if fleet.paid else 2_800
        rows.append((0, vans, (3_500, 9_000, 6), kept, OPEN_AT, CLOSE_AT, 1_000_000, 4, fixed, 65, per_hour, store))
        for after in (0, 3, 5) if fleet.blocks else ():
            begin = OPEN_AT + after * HOUR
            rows.append((1, 2, (1_200, 4_000, 0), kept, begin, begin + 3 * HOUR, 90_000, 0, 9_300, 15, 0, store))
    hired, *columns = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    names = ("count", "capacity", "skills", "shift_start_at", "shift_end_at", "max_distance_m", "max_reloads",
             "fixed_minor", "per_km_minor", "per_hour_minor", "start")  # fmt: skip
    return VehicleTypes(**dict(zip(names, columns, strict=True))), hired == 1
