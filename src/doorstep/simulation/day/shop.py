"""The retailer of the day, and what its shoppers are going to want."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
import polars as pl

from doorstep.domain import Retailer
from doorstep.domain.new_order import NewOrder
from doorstep.geography import Places, great_circle_m
from doorstep.geography.roads import RoadTimes
from doorstep.operations.onboarding import orders_of
from doorstep.simulation.day.api import Json
from doorstep.simulation.day.dice import Dice
from doorstep.simulation.day.hours import HOUR_S, MINUTE_S, Hours, written
from doorstep.simulation.sample import PLAN_DATE, find_city, sample_retailer
from doorstep.simulation.sample.cities import City
from doorstep.simulation.sample.on_streets import city_of, sample_on_streets

DAY = PLAN_DATE + timedelta(days=1)
"""The day that is lived: the sample's shoppers order on the one before, and most want it on this."""
CITY, STORES, FCS = "Chicago, US", 3, 1
POOL, NEAR_SHARE = 6, 0.35
"""The retailer is sized for so many times the orders; the day's shoppers are among those who live nearest to it."""
FEWEST = 40
SHIFTS = (("early", "07:00", "15:00"), ("late", "13:00", "21:00"))
DEAR = 2
"""Carriers cost so many times as much as usual: most of what is brought goes with the vans that are to be watched."""
ORDERS_PER_VAN = 25
"""Orders of the day for each van's shift."""
EVENING = {"next_day": "next_day", "two_day": "next_day", "scheduled": "scheduled",
           "click_and_collect": "click_and_collect"}  # fmt: skip
"""Service levels that are ordered the evening before, and what they become: everything is wanted on this day."""
LAST_S = {"same_day": 6 * HOUR_S + 20 * MINUTE_S, "curbside": 9 * HOUR_S}
"""Those that are ordered during the day, and how long after its beginning at the latest [s]."""
FIRST_S = 5 * MINUTE_S
CANCEL_S = (2 * MINUTE_S, 100 * MINUTE_S)
NEW_SHARE, CANCEL_SHARE = 0.15, 0.03
"""Trouble: orders that nobody expected, and orders that are cancelled, as shares of all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a shopper wants: an order, when they order it (0: the evening before), and when they cancel it, if so."""

    name: str
    order: NewOrder
    at: int
    cancels_at: int | None = None

    @property
    def basket(self) -> Json:
        """Door and lines, as the API takes them."""
        place = {"lat": self.order.lat, "lon": self.order.lon, "postal_code": self.order.postal_code}
        lines = [{"product_id": line.product_id, "quantity": line.quantity} for line in self.order.lines]
        return {"place": place, "lines": lines}

    @property
    def body(self) -> Json:
        """The order as the API takes it."""
        order = self.order
        asked: Json = {**self.basket, "external_id": self.name, "service_level_id": order.service_level_id}
        if order.requirements:
            asked["requirements"] = order.requirements.split(";")
        if order.pickup_site_id:
            asked["pickup_site_id"] = order.pickup_site_id
        if order.window is not None:
            asked["window"] = {"start": written(order.window[0]), "end": written(order.window[1] + 1)}
        return asked


def day_city(streets: RoadTimes | None = None, name: str = "") -> City:
    """Return where the day is lived: where the platform has its streets, which have a name, else in a large city."""
    return find_city(CITY) if streets is None else city_of(streets, name)


def day_shop(orders: int, seed: int, streets: RoadTimes | None = None) -> Retailer:
    """Return the retailer of a day with so many orders: a sample with vans at every site in two shifts, dear couriers.

    It lies on ``streets``, where there are any.

    There are no lanes between its sites: all that happens to a parcel happens within the day. The orders that it has
    are the pool from which those of the day are drawn.
    """
    pool, rng = max(POOL * orders, FEWEST), np.random.default_rng(seed)
    if streets is None:
        sample = sample_retailer(find_city(CITY), STORES, FCS, pool, rng)
    else:
        sample = sample_on_streets(streets, day_city(streets).name, STORES, FCS, pool, rng)
    shifts = [(site_id, *shift) for site_id in sample.sites["site_id"].to_list() for shift in SHIFTS]
    count = max(1, round(orders / ORDERS_PER_VAN / len(shifts)))
    van = sample.vehicles.head(1).with_columns(count=pl.lit(count), skills=pl.lit("age_restricted;chilled;two_person"))
    vans = [
        van.with_columns(vehicle_id=pl.lit(f"{site_id}-{name}"), site_id=pl.lit(site_id), shift_starts=pl.lit(starts),
                         shift_ends=pl.lit(ends))
        for site_id, name, starts, ends in shifts
    ]  # fmt: skip
    vehicles = pl.concat(vans).select(sample.vehicles.columns).cast(sample.vehicles.schema)
    dear = sample.carrier_rates.with_columns(pl.col("price_minor", "price_per_km_minor") * DEAR)
    return replace(sample, vehicles=vehicles, carrier_rates=dear, lanes=sample.lanes.clear())


def draw_wishes(pool: Sequence[NewOrder], orders: int, hours: Hours, dice: Dice, *, trouble: bool) -> list[Wish]:
    """Return what the shoppers of a day want: two thirds since the evening before, the rest by and by.

    With trouble there are more of the latter, and some cancel.
    """
    rng = dice.of("wishes")
    shuffled = [pool[row] for row in rng.permutation(len(pool))]
    today = [order for order in shuffled if order.service_level_id in LAST_S]
    chosen, more = shuffled[:orders], round(NEW_SHARE * orders) if trouble else 0
    left = [order for order in today if order not in chosen]
    wishes = []
    for number, order in enumerate([*chosen, *left[:more]]):
        level = EVENING.get(order.service_level_id, order.service_level_id)
        at = 0
        if level in LAST_S:
            at = hours.begins_at + int(rng.uniform(FIRST_S, LAST_S[level]))
        cancels_at = None
        if trouble and rng.uniform() < CANCEL_SHARE:
            cancels_at = max(at, hours.begins_at) + int(rng.uniform(*CANCEL_S))
        name = f"day-{number:04d}"
        wanted = replace(order, external_id=name, service_level_id=level)
        wishes.append(Wish(name=name, order=wanted, at=at, cancels_at=cancels_at))
    return wishes


def pool_of(retailer: Retailer) -> list[NewOrder]:
    """Return the orders of a retailer's folder whose shoppers live nearest to a site, as they would send them."""
    sites = Places(lat=retailer.sites["lat"].to_numpy(), lon=retailer.sites["lon"].to_numpy())
    orders = [replace(order, if_short="refuse") for order in orders_of(retailer)]
    doors = Places(lat=np.array([order.lat for order in orders]), lon=np.array([order.lon for order in orders]))
    away_m = great_circle_m(lat_a=doors.lat[:, None], lon_a=doors.lon[:, None], lat_b=sites.lat, lon_b=sites.lon)
    nearest = np.argsort(away_m.min(axis=1), kind="stable")[: max(1, round(NEAR_SHARE * len(orders)))]
    return [orders[row] for row in sorted(nearest.tolist())]
