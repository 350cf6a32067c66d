"""Instances from real baskets and real places: stock and costs are generated, and said to be.

Baskets, products and their frequencies are those of the folder; doors are drawn by city population, sites are
fulfilment centres at large cities and stores drawn from the folder's; a random half of the baskets is the history that
forecasts know, the other half is where the orders come from.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from doorstep.foundation.arrays import Bools, Floats, Ints, floats
from doorstep.geography import great_circle_m
from doorstep.order_routing import OrderRoutingProblem, Prices, StockBook
from doorstep.order_routing.problem import UNLIMITED, MergedLines
from doorstep.order_routing.replay import Forecast

METRES_PER_MILE = 1_609.344
NEAR_MILES, FC_APART_MILES = 25.0, 150.0
UNSERVED_LINE_MINOR = 3_000
FC_SHARE = 0.7
SHIFT = (0.4, 0.7, 1.3, 1.9)
"""What demand of each quarter of the population, west to east or otherwise, is multiplied by where it is shifted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large an instance is; baskets of more lines than ``most_lines`` are left out."""

    name: str
    fcs: int
    stores: int
    products: int
    orders: int
    most_lines: int


SMALL = Size(name="20 FCs + 60 stores, 300 products", fcs=20, stores=60, products=300, orders=1_000, most_lines=5)
LARGE = Size(name="20 FCs + 60 stores, 1,000 products", fcs=20, stores=60, products=1_000, orders=2_000, most_lines=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """Orders with the stock of all of them, distances for the rules of thumb, and the forecast that policies may see.

    The last site stands for a line that is not served.
    """

    name: str
    rho: float
    shifted: bool
    problem: OrderRoutingProblem
    metres: Ints
    forecast: Forecast


class Country:
    """Baskets, doors and sites of a size, all drawn from one seed."""

    def __init__(self, folder: Path, size: Size, seed: int) -> None:
        self.size, self.seed = size, seed
        rng = np.random.default_rng([seed, size.products])
        baskets = _baskets(folder, size)
        half = rng.permutation(len(baskets))
        self.history, self.future = (
            [baskets[row] for row in rows] for rows in (half[: half.size // 2], half[half.size // 2 :])
        )
        lat, lon, self.people = _cities(folder)
        self.is_fc, site_lat, site_lon = _sites(folder, size, lat, lon, rng)
        self.metres = great_circle_m(lat_a=lat[:, None], lon_a=lon[:, None], lat_b=site_lat, lon_b=site_lon)
        self.price = _drop_prices(self.metres / METRES_PER_MILE, self.is_fc)
        quarter = np.digitize(lon, np.quantile(lon, (0.25, 0.5, 0.75)))
        shifted = self.people * np.array(rng.permutation(SHIFT))[quarter]
        self.doors, self.shifted_doors = self.people / self.people.sum(), shifted / shifted.sum()

    def instance(self, rho: float, *, shifted: bool) -> Instance:
        """Return an instance whose stock is ``rho`` times the expected demand of each product."""
        rng = np.random.default_rng([self.seed, round(rho * 100)])
        rows = rng.integers(0, len(self.future), self.size.orders)
        door = rng.choice(self.people.size, rows.size, p=self.shifted_doors if shifted else self.doors)
        stock = self._stock(rho, rng)
        problem = self._problem([self.future[row] for row in rows], door, stock, UNSERVED_LINE_MINOR)
        base = Prices.zero(stock, problem.capacity)
        base.pick[-1] = UNSERVED_LINE_MINOR  # a line that can be served is served, whatever prices say
        return Instance(
            name=self.size.name,
            rho=rho,
            shifted=shifted,
            problem=replace(problem, prices=base),
            metres=self._with_nowhere(self.metres.astype(np.int64), 10**8)[door],
            forecast=self._forecast(stock, rng),
        )

    def _forecast(self, stock: StockBook, rng: np.random.Generator) -> Forecast:
        """Return orders that may come: baskets of the history at doors drawn by population."""
        count = min(20 * self.size.orders, 40_000)
        rows = rng.integers(0, len(self.history), count)
        door = rng.choice(self.people.size, count, p=self.doors)
        dearest = int(self.price.max()) + 250
        like = self._problem([self.history[row] for row in rows], door, stock, dearest)
        return Forecast(like=like, weight=np.ones(count), expected=float(self.size.orders))

    def _problem(self, baskets: list[Ints], door: Ints, stock: StockBook, unserved_minor: int) -> OrderRoutingProblem:
        product = np.concatenate(baskets)
        one = np.ones(product.size, np.int64)
        sites = self.is_fc.size + 1
        shape = (len(baskets), sites)
        return OrderRoutingProblem(
            lines=MergedLines(np.cumsum([0, *(len(b) for b in baskets)]), product, one, one, one),
            sequence=np.arange(shape[0]),
            candidates=np.tile(np.arange(sites), (shape[0], 1)),
            price=self._with_nowhere(self.price, 0)[door][:, :, None],
            why=np.zeros(shape, np.int64),
            class_g=np.array([1_000_000]),
            dim_ml_per_kg=5_000,
            pick_day=np.zeros(shape, np.int64),
            capacity=np.full((sites, 1), UNLIMITED),
            package_minor=np.zeros(sites, np.int64),
            line_minor=np.append(np.where(self.is_fc, 80, 250), unserved_minor),
            unit_minor=np.zeros(sites, np.int64),
            stock=stock,
        )

    def _stock(self, rho: float, rng: np.random.Generator) -> StockBook:
        """Return stock: each unit of a product is at a site drawn by the people nearest to it, FCs holding most."""
        expected = np.bincount(np.concatenate(self.history), minlength=self.size.products) / len(self.history)
        total = rho * expected * self.size.orders
        units = np.floor(total + rng.random(total.size)).astype(np.int64)
        weight = np.zeros(self.is_fc.size)
        for kind, share in ((self.is_fc, FC_SHARE), (~self.is_fc, 1 - FC_SHARE)):
            rows = np.flatnonzero(kind)
            near = rows[self.metres[:, rows].argmin(axis=1)]
            weight += share * np.bincount(near, weights=self.people, minlength=weight.size) / self.people.sum()
        table = np.stack([rng.multinomial(count, weight / weight.sum()) for count in units])
        table = np.column_stack([table, np.full(units.size, 1 << 30)])
        product, site = np.nonzero(table)
        start = np.searchsorted(product, np.arange(units.size + 1))
        return StockBook(start, site, table[product, site])

    @staticmethod
    def _with_nowhere(columns: Ints, value: int) -> Ints:
        return np.column_stack([columns, np.full(len(columns), value)])


def _baskets(folder: Path, size: Size) -> list[Ints]:
    """Return the baskets of the most frequent products, as rows of these, each product once."""
    lines = pl.concat([pl.read_parquet(path) for path in sorted(folder.glob("*lines*.parquet"))])
    pairs = lines.filter(pl.col("quantity").is_between(1, 100)).select("basket_id", "product_id").unique()
    common = pairs.group_by("product_id").len().sort("len", "product_id", descending=[True, False]).head(size.products)
    numbered = common.select("product_id").with_row_index("product")
    grouped = pairs.join(numbered, on="product_id").group_by("basket_id").agg(pl.col("product").sort())
    short = grouped.filter(pl.col("product").list.len() <= size.most_lines).sort("basket_id")
    return [np.array(products, dtype=np.int64) for products in short["product"].to_list()]


def _cities(folder: Path) -> tuple[Floats, Floats, Floats]:
    """Return the cities of the 48 states, largest first."""
    inside = pl.col("lat").is_between(24, 50) & pl.col("lon").is_between(-130, -60)
    cities = pl.read_csv(folder / "us_cities_2014.csv.gz").filter(inside).sort("population", "city", descending=True)
    lat, lon, people = (floats(cities[name]) for name in ("lat", "lon", "population"))
    return lat, lon, people


def _sites(
    folder: Path, size: Size, lat: Floats, lon: Floats, rng: np.random.Generator
) -> tuple[Bools, Floats, Floats]:
    """Return which sites are FCs, and where all are: FCs at large cities, stores drawn from the real ones."""
    chosen: list[int] = []
    for city in range(lat.size):
        here = great_circle_m(lat_a=lat[city], lon_a=lon[city], lat_b=lat[chosen], lon_b=lon[chosen])
        if (here > FC_APART_MILES * METRES_PER_MILE).all():
            chosen.append(city)
        if len(chosen) == size.fcs:
            break
    stores = pl.read_csv(folder / "walmart_us_stores_2006.csv.gz")
    rows = rng.choice(stores.height, size.stores, replace=False)
    return (
        np.arange(size.fcs + size.stores) < size.fcs,
        np.concatenate([lat[chosen], stores["lat"].to_numpy()[rows]]),
        np.concatenate([lon[chosen], stores["lon"].to_numpy()[rows]]),
    )


def _drop_prices(miles: Floats, is_fc: Bools) -> Ints:
    """Return the price of a package from every site to every city: a parcel by distance, a courier near a store."""
    courier = ~is_fc & (miles <= NEAR_MILES)
    return np.rint(np.where(courier, 400 + 10 * miles, 650 + 0.25 * miles)).astype(np.int64)
