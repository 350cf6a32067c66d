"""A retailer folder from real public data: baskets, households' places, stores; everything else declared as made up.

    python examples/real_baskets.py OUT [--data ../shared/data] [--metro Indianapolis] [--date 2017-05-05] [--days 1]

Baskets of the Complete Journey panel become orders of one day; each household lives in a census block group of the
metro, drawn by population; Walmart's stores of 2018 are the sites. Then ``doorstep plan OUT --out PLAN`` plans it.
"""

import argparse
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from doorstep.connectors.retailer_folder import write_folder
from doorstep.domain import Retailer
from doorstep.foundation import InputError
from doorstep.foundation.arrays import Floats, Ints, floats, index_of, ints
from doorstep.geography import Places, nearest_places
from doorstep.simulation.sample import City, build_retailer, find_city
from doorstep.simulation.sample.assortment import THEMES, Assortment
from doorstep.simulation.sample.demand_day import LEVELS, DemandDay
from doorstep.simulation.sample.metro import Metro, place_fcs, shape_metro
from doorstep.simulation.sample.rates import carrier_zones
from doorstep.simulation.sample.sites import Sites, rings

RADIUS_M = 40_000
FEWEST_STORES = 15
FCS = 2
MOST_UNITS = 12
"""Quantities above are cut: they are weighed goods and mistakes."""
DOOR_SPREAD_M = 300.0
STORE_SIZE = {"supercenter": 1.4, "neighborhood_market": 0.6}
CARRIED_SHARE = {"supercenter": 0.97, "neighborhood_market": 0.5}
OTHER_SIZE, OTHER_SHARE = 0.9, 0.8
OFFERED = [level for level in LEVELS if level.name != "curbside"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What we make up about a department: weight [g] where no package size tells it, density [g/l], margin."""

    weight: float
    density: float
    margin: float
    flags: str = ""


KINDS = {
    "GROCERY": Kind(weight=450, density=550, margin=0.26),
    "DRUG GM": Kind(weight=300, density=300, margin=0.34),
    "PRODUCE": Kind(weight=700, density=450, margin=0.32),
    "MEAT-PCKGD": Kind(weight=500, density=700, margin=0.25, flags="chilled"),
    "MEAT": Kind(weight=900, density=750, margin=0.24, flags="chilled"),
    "DELI": Kind(weight=400, density=600, margin=0.35, flags="chilled"),
    "PASTRY": Kind(weight=400, density=250, margin=0.40),
    "NUTRITION": Kind(weight=350, density=400, margin=0.33),
    "SEAFOOD-PCKGD": Kind(weight=500, density=650, margin=0.26, flags="chilled"),
    "SEAFOOD": Kind(weight=500, density=700, margin=0.26, flags="chilled"),
    "COSMETICS": Kind(weight=80, density=350, margin=0.42),
    "FLORAL": Kind(weight=600, density=120, margin=0.40),
    "SPIRITS": Kind(weight=1300, density=850, margin=0.24, flags="age_restricted"),
    "GARDEN CENTER": Kind(weight=2500, density=350, margin=0.35),
    "FROZEN GROCERY": Kind(weight=500, density=600, margin=0.26, flags="chilled"),
}
"""Departments that are kept; fuel, coupons, services and the salad bar are not delivered."""

CHILLED = r"FRZN|FROZEN|ICE CREAM|FLUID MILK|MILK BY-PROD|CHEESE|YOGURT|EGGS|REFRGRATD|REFRIGERATED|BUTTER|LUNCHMEAT"
AGE_RESTRICTED = r"WINE|BEER|LIQUOR|CIGARETTES|TOBACCO"
GRAMS = {"OZ": 28.35, "LB": 453.6, "ML": 1.0, "L": 1000.0, "LT": 1000.0, "GAL": 3785.0, "G": 1.0, "KG": 1000.0}


def main() -> None:
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("out", type=Path, help="folder to write")
    asked.add_argument("--data", type=Path, default=Path(__file__).parents[1] / ".." / "shared" / "data")
    asked.add_argument("--metro", default="Indianapolis, US", help="a large US city")
    asked.add_argument("--date", type=date.fromisoformat, default=date(2017, 5, 5), help="first day of the baskets")
    asked.add_argument("--days", type=int, default=1, help="days whose baskets are pooled into one")
    asked.add_argument("--seed", type=int, default=1)
    said = asked.parse_args()
    retailer = real_baskets(said.data, find_city(said.metro), said.date, said.days, said.seed)
    write_folder(retailer, said.out)
    (said.out / "README.md").write_text(declaration(retailer, said.metro, said.date, said.days, said.seed))
    print(
        f"{said.out}: {retailer.orders.height:,} orders, {retailer.order_lines.height:,} lines, "
        f"{retailer.products.height:,} products, {retailer.sites.height:,} sites."
    )


def real_baskets(data: Path, city: City, first_day: date, days: int, seed: int) -> Retailer:
    """Return the retailer of a metro and of the baskets of some days."""
    rng = np.random.default_rng(seed)
    metro = replace(shape_metro(city, rng), radius_m=RADIUS_M)
    stores = metro_stores(data, metro)
    sites = Sites(
        metro=metro,
        stores=metro.metres(lat=floats(stores["lat"]), lon=floats(stores["lon"])),
        fcs=place_fcs(metro, FCS, rng),
        size=floats(stores["size"] / stores["size"].mean()),
        store_ids=tuple(stores["site_id"]),
    )
    lines, priced = baskets(data, first_day, days)
    assortment = real_assortment(priced.join(lines.select("product_id").unique(), on="product_id", how="semi"), rng)
    day = demand_day(lines, assortment, household_places(data, metro, seed), rng)
    midnight = datetime.combine(first_day, time(), tzinfo=ZoneInfo(city.time_zone))
    carried = np.rint(floats(stores["carried"]) * assortment.products.height).astype(np.int64)
    retailer = build_retailer(sites, assortment, carried, day, int(midnight.timestamp()), rng)
    return with_real_names(retailer, data, metro, stores, day)


def metro_stores(data: Path, metro: Metro) -> pl.DataFrame:
    """Return Walmart's stores of 2018 inside the metro: site_id, name, lat, lon, size, carried share."""
    stores = pl.read_csv(data / "geo" / "walmart_stores_2018.csv", infer_schema=False).select(
        site_id="W" + pl.col("store_no"),
        name="name",
        lat=pl.col("latitude").cast(pl.Float64),
        lon=pl.col("longitude").cast(pl.Float64),
        size=pl.col("kind").replace_strict(STORE_SIZE, default=OTHER_SIZE, return_dtype=pl.Float64),
        carried=pl.col("kind").replace_strict(CARRIED_SHARE, default=OTHER_SHARE, return_dtype=pl.Float64),
    )
    inside = metro.is_land(metro.metres(lat=floats(stores["lat"]), lon=floats(stores["lon"])))
    found = stores.filter(pl.Series(inside)).unique("site_id", keep="first").sort("site_id")
    if found.height < FEWEST_STORES:
        raise InputError(
            f"only {found.height} Walmart stores lie within {RADIUS_M // 1000} km of {metro.city}.",
            hint="Maybe choose Dallas, Houston, Phoenix, Atlanta or Indianapolis.",
        )
    return found


def household_places(data: Path, metro: Metro, seed: int) -> pl.DataFrame:
    """Return where each household of the panel lives: household_id, east, north [m]; the same for every day."""
    groups = pl.read_csv(data / "geo" / "us_blockgroups_2020.csv.gz", infer_schema=False)
    centres = metro.metres(lat=floats(groups["lat"]), lon=floats(groups["lon"]))
    people = floats(groups["pop"]) * metro.is_land(centres)
    households = pl.read_parquet(lines_file(data), columns=["household_id"])["household_id"].unique().sort()
    rng = np.random.default_rng([seed, 2020])
    home = centres[rng.choice(len(people), households.len(), p=people / people.sum())]
    door = home + rng.normal(0.0, DOOR_SPREAD_M, home.shape)
    door = np.where(metro.is_land(door)[:, None], door, home)
    return pl.DataFrame({"household_id": households, "east": door[:, 0], "north": door[:, 1]})


def baskets(data: Path, first_day: date, days: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the lines of the days' baskets by time of day, and every product sold in the data with its price."""
    sold = pl.scan_parquet(lines_file(data)).join(
        pl.scan_parquet(data / "orders" / "cj_products.parquet"), on="product_id"
    )
    sold = sold.filter(pl.col("quantity") > 0, pl.col("department").is_in(list(KINDS)))
    priced = (
        sold.group_by("product_id", "department", "product_category", "product_type", "package_size")
        .agg(pl.len().alias("sold"), cents=(100 * pl.col("sales_value") / pl.col("quantity")).median())
        .sort("sold", "product_id", descending=[True, False])
        .collect()
    )
    day = pl.col("ts").dt.date()
    lines = (
        sold.filter(day >= first_day, day < first_day + timedelta(days=days))
        .with_columns(second=(pl.col("ts") - pl.col("ts").dt.truncate("1d")).dt.total_seconds())
        .with_columns(second=pl.col("second").min().over("basket_id"))
        .select("basket_id", "household_id", "product_id", "second", pl.col("quantity").clip(1, MOST_UNITS))
        .sort("second", "basket_id", "product_id", "quantity")
        .collect()
    )
    if lines.is_empty():
        raise InputError(f"no baskets on {days} days from {first_day}; the data reaches from 2017-01-01 to 2017-09-30.")
    return lines, priced


def lines_file(data: Path) -> Path:
    return data / "orders" / "cj_lines_2017_01_09.parquet"


def real_assortment(priced: pl.DataFrame, rng: np.random.Generator) -> Assortment:
    """Return products most sold first; weights come from the package size where it tells them, sizes are made up."""
    count = priced.height
    kinds = [KINDS[name] for name in priced["department"]]
    size = (
        priced["package_size"].str.extract_groups(r"^\s*(\d+(?:\.\d+)?)\s*(OZ|LB|ML|LT|L|GAL|G|KG)\b").struct.unnest()
    )
    told = floats(size["1"].cast(pl.Float64).fill_null(0)) * floats(
        size["2"].replace_strict(GRAMS, default=0.0, return_dtype=pl.Float64).fill_null(0)
    )
    guessed = np.array([k.weight for k in kinds]) * np.exp(rng.normal(0.0, 0.5, count))
    weight = np.clip(np.where(told > 0, told * 1.05, guessed), 15, 25_000)
    volume_mm3 = 1e6 * weight / np.array([k.density for k in kinds])
    aspect = np.exp(rng.normal([0.35, 0.0, -0.35], 0.15, (count, 3)))
    sides = np.cbrt(volume_mm3 / aspect.prod(axis=1))[:, None] * aspect
    sides = np.maximum(np.rint(np.sort(sides, axis=1)[:, ::-1]), 5).astype(np.int64)
    price = np.maximum(np.rint(floats(priced["cents"])), 1).astype(np.int64)
    margin = np.clip(np.array([k.margin for k in kinds]) + rng.normal(0.0, 0.05, count), 0.02, 0.6)
    category = priced["product_category"].fill_null("")
    flags = (
        pl.when(pl.lit(category.str.contains(AGE_RESTRICTED))).then(pl.lit("age_restricted"))
        .when(pl.lit(category.str.contains(CHILLED))).then(pl.lit("chilled"))
        .otherwise(pl.lit(pl.Series([k.flags for k in kinds])))
    )  # fmt: skip
    products = pl.DataFrame(
        {
            "product_id": priced["product_id"].cast(pl.String),
            "name": priced["product_type"].fill_null(priced["department"]),
            "length_mm": sides[:, 0], "width_mm": sides[:, 1], "height_mm": sides[:, 2],
            "weight_g": np.rint(weight).astype(np.int64),
            "price_minor": price,
            "margin_minor": np.floor(price * margin).astype(np.int64),
        }
    ).with_columns(flags=flags)  # fmt: skip
    appeal = floats(priced["sold"]) / float(priced["sold"].sum())
    return Assortment(products=products, appeal=appeal, in_theme=np.ones((len(THEMES), count), dtype=np.bool_))


def demand_day(
    lines: pl.DataFrame, assortment: Assortment, places: pl.DataFrame, rng: np.random.Generator
) -> DemandDay:
    """Return the baskets as orders, each with a drawn delivery option that is still offered at its time of day."""
    orders = lines.unique("basket_id", keep="first", maintain_order=True).join(
        places, on="household_id", maintain_order="left"
    )
    second = ints(orders["second"])
    return DemandDay(
        homes=orders.select("east", "north").to_numpy(),
        level=chosen_levels(second, rng),
        second=second,
        line_order=index_of(lines["basket_id"], orders["basket_id"], what="baskets"),
        line_product=index_of(lines["product_id"].cast(pl.String), assortment.products["product_id"], what="products"),
        quantity=ints(lines["quantity"]),
    )


def chosen_levels(second: Ints, rng: np.random.Generator) -> Ints:
    """Return a row of LEVELS for each order, by the sample's mix for groceries without options past their hour."""
    weight = np.array([level.share * level.grocery if level in OFFERED else 0.0 for level in LEVELS])
    open_until = np.array([3600 * level.last_hour for level in LEVELS])
    offered: Floats = weight * (second[:, None] < open_until)
    chance = rng.uniform(size=len(second)) * offered.sum(axis=1)
    return np.asarray((np.cumsum(offered, axis=1) <= chance[:, None]).sum(axis=1), dtype=np.int64)


def with_real_names(retailer: Retailer, data: Path, metro: Metro, stores: pl.DataFrame, day: DemandDay) -> Retailer:
    """Return the retailer with the stores' names and places, and with real postal codes and zones by them."""
    named = retailer.sites.join(stores.select("site_id", real="name"), on="site_id", how="left", maintain_order="left")
    sites = named.with_columns(name=pl.coalesce("real", "name")).drop("real")
    zips = pl.read_csv(data / "geo" / "us_zip_centroids_2021.csv.gz", infer_schema=False)
    centres = Places(lat=floats(zips["latitude"]), lon=floats(zips["longitude"]))
    nearest = nearest_places(Places.from_table(retailer.orders), centres, count=1)[:, 0]
    codes = zips["zipCode"].gather(nearest)
    outer = codes.filter(pl.Series(rings(metro, day.homes) >= 3)).unique().sort().to_list()
    tables = retailer.tables() | {
        "sites": sites,
        "orders": retailer.orders.with_columns(postal_code=codes),
        "carrier_zones": carrier_zones(outer),
    }
    return Retailer.complete(tables)


def declaration(retailer: Retailer, metro: str, first_day: date, days: int, seed: int) -> str:
    """Return the README of the folder: which part is real and which is made up."""
    rows = {name: table.height for name, table in retailer.tables().items()}
    return f"""# Real baskets in {metro}: {days} day(s) from {first_day} pooled into one, seed {seed}

Made by `examples/real_baskets.py`. For tests and studies; the sources' terms stay with their data.

- **sites** ({rows["sites"]}). Real: number, name and place of Walmart's stores of 2018 within {RADIUS_M // 1000} km.
  Made up: {FCS} FCs, and all hours, capacities and costs.
- **products** ({rows["products"]}). Real: id, type, median price paid, weight where the package size tells it.
  Made up: sides, other weights, margins; flags are read from words in the category.
- **orders** ({rows["orders"]}). Real: the basket and its time of day, taken as the metro's clock.
  Made up: the household's place (a census block group of 2020 drawn by population, and some hundred metres around
  its centre), the delivery option and its window. The postal code is that of the nearest centroid of 2021.
- **order_lines** ({rows["order_lines"]}). Real: product and quantity. Quantities of 0 are dropped, those above
  {MOST_UNITS} cut to it; fuel, coupons and services are dropped.
- **stock, lanes, vehicles, carriers, carrier_rates, carrier_zones, carrier_surcharges, service_levels, cartons,
  policy**. All made up, by the same builders as `doorstep sample`. **price_rules**, **receipts**, **compartments**,
  **extras**, **drones**, **weather**, **closed_days** and **membership_plans** are empty.

The households of the panel do not live in this metro and did not shop at these stores: only the shapes are real.
"""


if __name__ == "__main__":
    main()
