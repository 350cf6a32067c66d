"""The retailer of the day, and what its shoppers are going to want."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from doorstep.domain import Retailer
from doorstep.domain.new_order import NewOrder
from doorstep.operations.onboarding import orders_of
from doorstep.simulation.day.api import Json
from doorstep.simulation.day.dice import Dice
from doorstep.simulation.day.hours import HOUR_S, MINUTE_S, Hours, written
from doorstep.simulation.sample import PLAN_DATE, find_city, sample_retailer

DAY = PLAN_DATE + timedelta(days=1)
"""The day that is lived: the sample's shoppers order on the one before, and most want it on this."""
CITY, STORES, FCS = "Chicago, US", 5, 1
POOL = 4
"""The retailer is sized for so many times the orders, so that it has some vans, and baskets to choose from."""
FEWEST = 80
EVENING = {"next_day": "next_day", "two_day": "next_day", "scheduled": "scheduled",
           "click_and_collect": "click_and_collect"}  # fmt: skip
"""Service levels that are ordered the evening before, and what they become: everything is wanted on this day."""
LAST_S = {"same_day": 6 * HOUR_S + 20 * MINUTE_S, "curbside": 9 * HOUR_S}
"""Those that are ordered during the day, and how long after its beginning at the latest [s]."""
FIRST_S = 5 * MINUTE_S
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


def day_shop(orders: int, seed: int) -> Retailer:
    """Return the retailer of a day with so many orders; those that it has are the pool to draw the day's from."""
    return sample_retailer(find_city(CITY), STORES, FCS, max(POOL * orders, FEWEST), np.random.default_rng(seed))


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
            cancels_at = max(at, hours.begins_at) + int(rng.uniform(5 * MINUTE_S, 4 * HOUR_S))
        name = f"day-{number:04d}"
        wanted = replace(order, external_id=name, service_level_id=level)
        wishes.append(Wish(name=name, order=wanted, at=at, cancels_at=cancels_at))
    return wishes


def pool_of(retailer: Retailer) -> list[NewOrder]:
    """Return the orders that a retailer's folder has, as shoppers would send them."""
    return [replace(order, if_short="refuse") for order in orders_of(retailer)]
