"""Where the people of a metro live: a field of centres whose density falls off with distance.

Positions are metres east and north of the centre, shape (N, 2), on a plane that touches the earth there; over a
metro's 45 km that is right to a few metres.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.simulation.sample.cities import City

EARTH_RADIUS_M = 6_371_000.0
MAIN_SHARE, SUB_SHARE = 0.50, 0.35
"""Shares of the people around the main centre and around the sub-centres; the others live evenly spread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metro:
    """A city's population field.

    ``centres`` (K, 2) [m], ``scale_m`` (K,) the distance over which density falls by e, ``share`` (K,) of the people;
    those not in ``share`` are spread evenly over the disc.
    """

    city: City
    radius_m: float
    centres: Floats
    scale_m: Floats
    share: Floats

    def is_land(self, places: Floats) -> Bools:
        """Return which places (N, 2) lie inside the metro and not in its sea."""
        inside = np.hypot(places[:, 0], places[:, 1]) <= self.radius_m
        sea = self.city.sea
        if sea is None:
            return np.asarray(inside)
        angle = math.radians(sea.bearing)
        seaward = places[:, 0] * math.sin(angle) + places[:, 1] * math.cos(angle)
        return np.asarray(inside & (seaward <= sea.shore_m))

    def metres(self, *, lat: Floats, lon: Floats) -> Floats:
        """Return places (N, 2) in metres east and north of the centre."""
        north = np.radians(lat - self.city.lat) * EARTH_RADIUS_M
        east = np.radians(lon - self.city.lon) * EARTH_RADIUS_M * math.cos(math.radians(self.city.lat))
        return np.column_stack([east, north])

    def degrees(self, places: Floats) -> tuple[Floats, Floats]:
        """Return latitudes and longitudes of places (N, 2), to six decimals."""
        lat = self.city.lat + np.degrees(places[:, 1] / EARTH_RADIUS_M)
        lon = self.city.lon + np.degrees(places[:, 0] / (EARTH_RADIUS_M * math.cos(math.radians(self.city.lat))))
        return np.round(lat, 6), np.round((lon + 180.0) % 360.0 - 180.0, 6)


def metro_radius_m(population: int) -> float:
    """Return the radius of an urban area: 14 km for a million people, growing with its power 0.45, 8 to 45 km."""
    return float(np.clip(14_000.0 * (population / 1e6) ** 0.45, 8_000.0, 45_000.0))


def shape_metro(city: City, rng: np.random.Generator) -> Metro:
    """Return a metro around a real centre with made-up sub-centres, more of them in larger cities."""
    radius = metro_radius_m(city.population)
    subs = int(np.clip(round(2 + 2 * math.sqrt(city.population / 1e6)), 3, 12))
    bare = Metro(city=city, radius_m=0.8 * radius, centres=np.zeros((0, 2)), scale_m=np.zeros(0), share=np.zeros(0))
    spots = _even_places(bare, 12 * subs, rng)
    outer = spots[np.hypot(spots[:, 0], spots[:, 1]) > 0.25 * radius]
    chosen = spread_out(outer if len(outer) >= subs else spots, subs, rng)
    weight = rng.pareto(2.5, subs) + 0.5
    return Metro(
        city=city,
        radius_m=radius,
        centres=np.vstack([np.zeros((1, 2)), chosen]),
        scale_m=np.concatenate([[radius * 0.18], radius * rng.uniform(0.05, 0.10, subs)]),
        share=np.concatenate([[MAIN_SHARE], SUB_SHARE * weight / weight.sum()]),
    )


def draw_homes(metro: Metro, count: int, rng: np.random.Generator) -> Floats:
    """Return places (count, 2) of homes drawn from the population field, all on land and inside the metro."""
    kept: list[Floats] = []
    missing = count
    while missing > 0:
        tries = int(missing * 1.5) + 64
        centre = rng.choice(len(metro.share) + 1, tries, p=np.append(metro.share, 1.0 - metro.share.sum()))
        near = np.minimum(centre, len(metro.share) - 1)
        reach = rng.gamma(2.0, metro.scale_m[near])  # radius of a two-dimensional exponential fall-off
        angle = rng.uniform(0.0, 2 * math.pi, tries)
        around = metro.centres[near] + reach[:, None] * np.column_stack([np.sin(angle), np.cos(angle)])
        even = metro.radius_m * np.sqrt(rng.uniform(size=tries))
        spread = even[:, None] * np.column_stack([np.sin(angle), np.cos(angle)])
        places = np.where((centre < len(metro.share))[:, None], around, spread)
        found = places[metro.is_land(places)][:missing]
        kept.append(found)
        missing -= len(found)
    return np.vstack(kept) if kept else np.zeros((0, 2))


def place_stores(metro: Metro, stores: int, rng: np.random.Generator, *, rounds: int = 6) -> Floats:
    """Return places (stores, 2) among the people: k-means over drawn homes from a well spread start."""
    homes = draw_homes(metro, max(60 * stores, 600), rng)
    sites = spread_out(homes, stores, rng)
    for _ in range(rounds):
        nearest = nearest_of(homes, sites)
        members = np.bincount(nearest, minlength=stores)
        total = np.column_stack([np.bincount(nearest, homes[:, axis], stores) for axis in (0, 1)])
        sites = np.where(members[:, None] > 0, total / np.maximum(members, 1)[:, None], sites)
    jittered = sites + rng.normal(0.0, 250.0, sites.shape)
    return np.asarray(np.where(metro.is_land(jittered)[:, None], jittered, sites))


def place_fcs(metro: Metro, fcs: int, rng: np.random.Generator) -> Floats:
    """Return places (fcs, 2) at the outskirts, on directions spread evenly over the land."""
    bearings = np.radians(np.arange(720) / 2 + rng.uniform(0, 0.5))
    rim = 0.82 * metro.radius_m * np.column_stack([np.sin(bearings), np.cos(bearings)])
    dry = np.flatnonzero(metro.is_land(rim))
    sea = metro.city.sea
    if sea is not None:  # order the dry directions from one shore to the other
        dry = dry[np.argsort((np.degrees(bearings[dry]) - sea.bearing) % 360.0)]
    arc = (np.arange(fcs) + rng.uniform(0.3, 0.7)) / fcs
    towards = bearings[dry[(arc * len(dry)).astype(np.int64) % len(dry)]]
    reach = metro.radius_m * rng.uniform(0.72, 0.88, fcs)
    places = reach[:, None] * np.column_stack([np.sin(towards), np.cos(towards)])
    return np.asarray(np.where(metro.is_land(places)[:, None], places, 0.9 * places))


def spread_out(places: Floats, count: int, rng: np.random.Generator) -> Floats:
    """Return ``count`` of the places (N, 2) that keep away from each other, drawn so that crowds get more of them.

    Each is the farthest from those already taken among a handful of random candidates.
    """
    taken = np.empty((count, 2))
    gap = np.full(len(places), np.inf)
    for row in range(count):
        candidates = rng.integers(0, len(places), 8)
        pick = candidates[np.argmax(gap[candidates])]
        taken[row] = places[pick]
        gap = np.minimum(gap, np.hypot(*(places - places[pick]).T))
    return taken


def nearest_of(places: Floats, sites: Floats) -> Ints:
    """Return the row of the nearest site (S, 2) for each place (N, 2)."""
    return nearest_few(places, sites, 1)[:, 0]


def nearest_few(places: Floats, sites: Floats, count: int) -> Ints:
    """Return the rows of the ``count`` nearest sites (S, 2), or all S if fewer, for each place (N, 2)."""
    few = min(count, len(sites))
    return np.asarray(cKDTree(sites).query(places, k=few)[1], dtype=np.int64).reshape(len(places), few)


def _even_places(metro: Metro, count: int, rng: np.random.Generator) -> Floats:
    kept = np.zeros((0, 2))
    while len(kept) < count:
        places = rng.uniform(-metro.radius_m, metro.radius_m, (4 * count, 2))
        kept = np.vstack([kept, places[metro.is_land(places)]])
    return kept[:count]
