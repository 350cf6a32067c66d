"""A sample retailer where real streets are: its doors and sites lie on those of a road graph."""

from dataclasses import replace

import numpy as np
import polars as pl

from doorstep.domain import Retailer
from doorstep.foundation.arrays import floats
from doorstep.geography import Places, great_circle_m
from doorstep.geography.roads import RoadTimes
from doorstep.simulation.sample.cities import City, cities
from doorstep.simulation.sample.metro import metro_radius_m
from doorstep.simulation.sample.retailer import sample_retailer

PEOPLE_PER_JUNCTION = 15
MIDDLE_SHARE = 0.9
"""The sample fills the circle around the middle in which this share of the junctions lies."""


def city_of(times: RoadTimes, name: str) -> City:
    """Return the place of some roads as a city, with clock and currency of the nearest large one."""
    graph = times.graph
    lat, lon = float(np.median(graph.junction_lat)), float(np.median(graph.junction_lon))
    known = cities()
    away = great_circle_m(lat_a=np.array([city.lat for city in known]), lon_a=np.array([city.lon for city in known]),
                          lat_b=np.array([lat]), lon_b=np.array([lon]))  # fmt: skip
    near = known[int(away.argmin())]
    return replace(near, name=name, lat=lat, lon=lon, population=max(10_000, PEOPLE_PER_JUNCTION * graph.junctions),
                   sea=None, also=())  # fmt: skip


def sample_on_streets(
    times: RoadTimes, name: str, stores: int, fcs: int, orders: int, rng: np.random.Generator
) -> Retailer:
    """Return a sample retailer whose sites and doors are on the streets of ``times``; equal seeds give equal ones."""
    city = city_of(times, name)
    graph = times.graph
    away = great_circle_m(lat_a=graph.junction_lat, lon_a=graph.junction_lon, lat_b=np.array([city.lat]),
                          lon_b=np.array([city.lon]))  # fmt: skip
    scale = min(1.0, float(np.quantile(away, MIDDLE_SHARE)) / metro_radius_m(city.population))
    sampled = sample_retailer(city, stores, fcs, orders, rng)
    moved = {table: _moved(getattr(sampled, table), times, city, scale) for table in ("sites", "orders")}
    return Retailer.complete(sampled.tables() | moved)


def _moved(table: pl.DataFrame, times: RoadTimes, city: City, scale: float) -> pl.DataFrame:
    """Return a table whose points are drawn together around the middle of a city, and onto the nearest streets."""
    lat, lon = (middle + scale * (floats(table[column]) - middle)
                for column, middle in (("lat", city.lat), ("lon", city.lon)))  # fmt: skip
    placed = times.snap(Places(lat=lat, lon=lon))
    return table.with_columns(lat=pl.Series(np.round(placed.lat, 6)), lon=pl.Series(np.round(placed.lon, 6)))
