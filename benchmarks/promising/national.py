"""A retailer with 4,731 sites and 3,000 products, open slots, and the baskets that shoppers ask about."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from doorstep.domain import Retailer
from doorstep.foundation.arrays import Floats
from doorstep.operations.slots import NewSlot
from doorstep.simulation.sample.assortment import Assortment, invent_assortment
from doorstep.simulation.sample.rates import carrier_rates, carrier_zones, carriers
from doorstep.simulation.sample.retailer import service_levels

STORES, FCS, PRODUCTS = 4_700, 31, 3_000
SITES = STORES + FCS
CARRIED = 100
"""Products of which a store has units, popular ones more often; an FC has units of all."""
MOST_LINES = 5
NEAR_DEGREES = 0.06
ZONE_DIGITS = 3
SLOT_HOURS, SLOT_DAYS = (13, 17, 21), 3
HOUR_S, DAY_S = 3_600, 86_400
ZONES = ((-87.5, "America/New_York"), (-102.0, "America/Chicago"), (-114.0, "America/Denver"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Nation:
    """A retailer without orders, and where its stores stand; ``postal`` are their postal codes."""

    retailer: Retailer
    assortment: Assortment
    lat: Floats
    lon: Floats
    postal: list[str]

    def slots(self, now: int) -> list[NewSlot]:
        """Return three slots a day in every zone, served by one of its stores, for the days to come."""
        store_of = {code[:ZONE_DIGITS]: f"S{row:04d}" for row, code in reversed(list(enumerate(self.postal)))}
        first = now - now % DAY_S + DAY_S
        starts = [first + day * DAY_S + hour * HOUR_S for day in range(SLOT_DAYS) for hour in SLOT_HOURS]
        return [
            NewSlot(
                zone=zone, site_id=site, service_level_id="scheduled", starts_at=start, ends_at=start + 2 * HOUR_S,
                cutoff_at=start - 4 * HOUR_S, capacity=20, fee_minor=499,
            )
            for zone, site in sorted(store_of.items())
            for start in starts
        ]  # fmt: skip

    def baskets(self, count: int, rng: np.random.Generator) -> list[bytes]:
        """Return requests for options: doors near stores, 1.9 lines in the mean, products by their popularity."""
        store = rng.integers(0, STORES, count)
        off = rng.normal(0, NEAR_DEGREES, (count, 2))
        lines = np.minimum(rng.geometric(1 / 1.9, count), MOST_LINES)
        names = self.assortment.products["product_id"].to_list()
        chosen = rng.choice(PRODUCTS, int(lines.sum()), p=self.assortment.appeal)
        units = rng.choice([1, 2, 3], chosen.size, p=[0.8, 0.15, 0.05])
        found, low = [], 0
        for row, size in enumerate(lines.tolist()):
            products = dict(zip(chosen[low : low + size].tolist(), units[low : low + size].tolist(), strict=True))
            low += size
            at = int(store[row])
            basket = {
                "place": {
                    "lat": round(float(self.lat[at] + off[row, 0]), 6),
                    "lon": round(float(self.lon[at] + off[row, 1]), 6),
                    "postal_code": self.postal[at],
                },
                "lines": [{"product_id": names[product], "quantity": n} for product, n in products.items()],
            }
            found.append(json.dumps(basket).encode())
        return found


def nation(data: Path | None, *, seed: int) -> Nation:
    """Return the retailer: real stores of a folder first and drawn ones near them, or all drawn around towns."""
    rng = np.random.default_rng(seed)
    lat, lon, postal = _stores(data, rng)
    assortment = invent_assortment(PRODUCTS, 1.0, rng)
    centre = rng.choice(STORES, FCS, replace=False)
    sites = _sites(np.append(lat, lat[centre] + 0.2), np.append(lon, lon[centre] + 0.2))
    retailer = Retailer.complete(
        {
            "sites": sites,
            "products": assortment.products.sort("product_id"),
            "stock": _stock(sites["site_id"], assortment, rng),
            "carriers": carriers(daily_parcels=None),
            "carrier_rates": carrier_rates(1.0),
            "carrier_zones": carrier_zones([]),
            "service_levels": service_levels(1.0),
            "price_rules": pl.DataFrame(
                {"rule_id": ["large", "club"], "basket_from_minor": [6_000, 0], "membership": ["", "club"],
                 "percent_bp": [5_000, 8_000]}
            ),
            "orders": pl.DataFrame(),
            "order_lines": pl.DataFrame(),
        }
    )  # fmt: skip
    return Nation(retailer=retailer, assortment=assortment, lat=lat, lon=lon, postal=postal)


def _stores(data: Path | None, rng: np.random.Generator) -> tuple[Floats, Floats, list[str]]:
    file = data / "walmart_us_stores_2006.csv.gz" if data else None
    if file and file.exists():
        table = pl.read_csv(file, schema_overrides={"zip": pl.String}).head(STORES)
        lat, lon = table["lat"].to_numpy(), table["lon"].to_numpy()
        postal = [code.zfill(5) for code in table["zip"].to_list()]
    else:
        lat, lon = rng.uniform(30, 48, 300), rng.uniform(-120, -75, 300)
        postal = [f"{10_000 + 250 * town}" for town in range(300)]
    like = rng.integers(0, lat.size, STORES - lat.size)  # the country has more stores by now, near those it had
    spread = rng.normal(0, 0.15, (2, like.size))
    return (
        np.append(lat, lat[like] + spread[0]),
        np.append(lon, lon[like] + spread[1]),
        postal + [postal[row] for row in like.tolist()],
    )


def _sites(lat: Floats, lon: Floats) -> pl.DataFrame:
    is_fc = np.arange(SITES) >= STORES
    zones = [next((zone for east, zone in ZONES if here > east), "America/Los_Angeles") for here in lon.tolist()]
    return pl.DataFrame(
        {
            "site_id": [f"S{row:04d}" for row in range(STORES)] + [f"FC{row:02d}" for row in range(FCS)],
            "kind": np.where(is_fc, "fc", "store").tolist(),
            "name": ["site"] * SITES,
            "lat": lat,
            "lon": lon,
            "time_zone": zones,
            "opens": np.where(is_fc, "00:00", "07:00").tolist(),
            "closes": np.where(is_fc, "24:00", "22:00").tolist(),
            "preparation_s": np.where(is_fc, 5_400, 2_700),
            "pick_lines_per_day": np.where(is_fc, 60_000, 1_500),
            "skills": ["age_restricted;chilled;two_person"] * SITES,
        }
    )


def _stock(site_ids: pl.Series, assortment: Assortment, rng: np.random.Generator) -> pl.DataFrame:
    """Return units of everything at FCs, and of popular products at stores: about 560,000 rows."""
    names = assortment.products["product_id"].to_numpy()
    weight = assortment.appeal
    # The largest keys of a race in which each product runs at its appeal: a draw without replacement for each store.
    race = rng.exponential(size=(STORES, PRODUCTS)) / weight
    carried = np.argpartition(race, CARRIED, axis=1)[:, :CARRIED]
    site = np.append(np.repeat(np.arange(STORES), CARRIED), np.repeat(np.arange(STORES, SITES), PRODUCTS))
    product = np.append(carried.ravel(), np.tile(np.arange(PRODUCTS), FCS))
    units = np.where(site < STORES, rng.integers(1, 12, site.size), 500)
    return pl.DataFrame({"site_id": site_ids.to_numpy()[site], "product_id": names[product], "on_hand": units})
