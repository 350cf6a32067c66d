"""What third parties take for a parcel: small cases by hand, and every order of a sample by another way."""

from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest

from doorstep.delivery_mode.rate_card import rate_cards
from doorstep.domain import Retailer
from doorstep.domain.calendar import Calendar
from doorstep.domain.requirements import Vocabulary
from doorstep.foundation.arrays import Ints
from doorstep.geography import GreatCircleTimes, Places, nearest_places
from doorstep.network.design import NEVER
from doorstep.operations.corridor.world import great_circle_times
from doorstep.operations.planning.third_parties import Outside, outside_prices, parcel_kinds
from doorstep.operations.planning.zones import LATER, SAME_DAY, Zones, zones_of
from doorstep.simulation.sample import find_city, sample_retailer
from tests.operations.planning.small_network import FAR, NEAR, small_retailer


def at(zones: Zones, place: tuple[float, float]) -> int:
    return int(np.argmin(np.abs(zones.places.lon - place[1])))


def priced(retailer: Retailer) -> tuple[Outside, int, int]:
    zones = zones_of(retailer)
    return outside_prices(retailer, zones, great_circle_times(retailer)), at(zones, NEAR), at(zones, FAR)


def test_a_zone_costs_what_its_rates_and_the_weights_of_the_orders_make():
    """Of three later parcels two are light: near (2 x 550 + 880) / 3, far (2 x 770 + 1,100) / 3, fuel included."""
    outside, near, far = priced(small_retailer())
    assert outside.minor[LATER, [near, far]].tolist() == [660, 880]
    assert outside.minor[SAME_DAY, [near, far]].tolist() == [900, NEVER]
    assert outside.refused == pytest.approx([0.0, 0.0])


def test_surcharges_are_asked_of_the_parcels_that_they_are_for():
    """A heavy parcel costs 200 more: far (2 x 770 + 1,300) / 3; near the courier takes it, (2 x 550 + 900) / 3."""
    extra = pl.DataFrame(
        {"carrier_id": ["post"], "surcharge": ["heavy"], "over_weight_g": [1_000], "amount_minor": [200]}
    )
    outside, near, far = priced(small_retailer(carrier_surcharges=extra))
    assert outside.minor[LATER, [near, far]].tolist() == [667, 947]


def test_a_parcel_goes_with_the_carrier_that_is_cheapest_for_it():
    """A courier for 600 takes the heavy ones nearby: (2 x 550 + 600) / 3."""
    rates = small_retailer().carrier_rates
    cheaper = rates.with_columns(price_minor=pl.when(pl.col("carrier_id") == "dash").then(600).otherwise("price_minor"))
    outside, near, far = priced(small_retailer(carrier_rates=cheaper))
    assert outside.minor[LATER, [near, far]].tolist() == [567, 880]


def test_what_nobody_takes_counts_like_the_others_and_is_told():
    carriers = small_retailer().carriers.with_columns(max_weight_g=pl.lit(1_000))
    outside, near, far = priced(small_retailer(carriers=carriers))
    assert outside.minor[LATER, [near, far]].tolist() == [550, 770]
    assert outside.refused == pytest.approx([0.0, 1 / 3])


def test_a_carrier_that_is_later_than_promised_is_not_asked():
    rates = small_retailer().carrier_rates
    slow = rates.filter(pl.col("zone") == "near").with_columns(price_minor=pl.lit(100), transit_days=pl.lit(2))
    slow = slow.cast({"price_minor": pl.Int64, "transit_days": pl.Int64})
    both = pl.concat([rates, slow])
    outside, near, far = priced(small_retailer(carrier_rates=both))
    assert outside.minor[LATER, near] == 660
    later = small_retailer().orders.with_columns(service_level_id=pl.lit("two_day"))
    outside, near, far = priced(small_retailer(carrier_rates=both, orders=later))
    assert outside.minor[LATER, [near, far]].tolist() == [110, (3 * 770 + 1_100) // 4]


def test_the_zone_is_that_of_the_site_that_the_carrier_collects_from():
    """From the FC, the only site that it serves, all is far: (2 x 770 + 900) / 3; where no zone is, it does not go."""
    carriers = small_retailer().carriers.with_columns(
        serves_kinds=pl.when(pl.col("carrier_id") == "post").then(pl.lit("fc")).otherwise(pl.lit(""))
    )
    own = pl.DataFrame({"carrier_id": ["post"], "site_id": ["F"], "postal_prefix": ["1"], "zone": ["far"]})
    outside, near, far = priced(small_retailer(carriers=carriers, carrier_zones=own))
    assert outside.minor[LATER, near] == 813
    assert outside.minor[LATER, far] == NEVER


def test_without_third_parties_nobody_comes():
    names = ("carriers", "carrier_rates", "carrier_zones")
    outside, _, _ = priced(small_retailer(**{name: getattr(small_retailer(), name).clear() for name in names}))
    assert (outside.minor == NEVER).all()
    assert outside.refused.tolist() == [0.0, 0.0]


@cache
def shop() -> Retailer:
    return sample_retailer(find_city("Denver, US"), 8, 1, 300, np.random.default_rng(3))


def carried(retailer: Retailer) -> pl.DataFrame:
    """Return the orders to the door with weight, longest side, litres and words of requirements."""
    size = pl.max_horizontal("length_mm", "width_mm", "height_mm").max().alias("side")
    litres = (
        ((pl.col("length_mm") * pl.col("width_mm") * pl.col("height_mm") + 999) // 1000) * pl.col("quantity")
    ).sum()
    goods = (
        retailer.order_lines.join(retailer.products, on="product_id")
        .group_by("order_id")
        .agg((pl.col("weight_g") * pl.col("quantity")).sum(), size, litres.alias("ml"), pl.col("flags").str.join(";"))
    )
    levels = retailer.service_levels.rename({"requirements": "of_level"})
    joined = retailer.orders.join(goods, on="order_id").join(levels, on="service_level_id")
    return joined.filter(~pl.col("method").cast(pl.String).is_in(["click_and_collect", "curbside"]))


def asked(retailer: Retailer, carrier: dict[str, Any], order: dict[str, Any], metres: int, code: str) -> float:
    """Return what a carrier of the sample asks for an order, by looking the tables up row by row."""
    needs = {word for column in ("flags", "requirements", "of_level") for word in order[column].split(";") if word}
    sides, grams = carrier["max_side_mm"] or 10**9, carrier["max_weight_g"] or 10**9
    if order["side"] > sides or order["weight_g"] > grams or needs - set(carrier["skills"].split(";")):
        return float("inf")
    by_volume = -(-order["ml"] * 1_000 // carrier["dim_ml_per_kg"]) if carrier["dim_ml_per_kg"] else 0
    billed, zone = max(order["weight_g"], by_volume), ""
    if carrier["basis"] == "zone":
        zones = retailer.carrier_zones.filter(pl.lit(code).str.starts_with(pl.col("postal_prefix")))
        zone = str(zones.sort(pl.col("postal_prefix").str.len_chars())["zone"][-1])
    rows = [
        row
        for row in retailer.carrier_rates.iter_rows(named=True)
        if row["carrier_id"] == carrier["carrier_id"]
        and row["zone"] == zone
        and metres <= (row["max_distance_m"] or 10**9)
        and billed <= (row["max_weight_g"] or 10**9)
    ]
    if not rows:
        return float("inf")
    row = min(rows, key=lambda one: (one["max_distance_m"] or 10**9, one["max_weight_g"] or 10**9))
    price = row["price_minor"] + (2 * max(0, metres - row["included_m"]) * row["price_per_km_minor"] + 1_000) // 2_000
    for extra in retailer.carrier_surcharges.iter_rows(named=True):
        holds = extra["carrier_id"] == carrier["carrier_id"] and (
            order["side"] > (-1 if extra["over_side_mm"] is None else extra["over_side_mm"])
            and order["weight_g"] > (-1 if extra["over_weight_g"] is None else extra["over_weight_g"])
            and {word for word in extra["requirement"].split(";") if word} <= needs
        )
        price += extra["amount_minor"] if holds else 0
    return float(price)


def road(retailer: Retailer, zones: Zones, carrier: dict[str, Any]) -> Ints:
    kinds = [kind for kind in carrier["serves_kinds"].split(";") if kind]
    sites = retailer.sites.filter(pl.col("kind").cast(pl.String).is_in(kinds)) if kinds else retailer.sites
    places = Places.from_table(sites)
    near = places.take(nearest_places(zones.places, places, count=1)[:, 0])
    return GreatCircleTimes(circuity_pct=retailer.policy_value("circuity_pct")).between(near, zones.places)[0]


def test_every_zone_of_a_sample_costs_what_all_its_orders_would_by_the_tables():
    retailer, zones = shop(), zones_of(shop())
    outside, orders = outside_prices(retailer, zones, great_circle_times(retailer)), carried(retailer)
    roads = {row["carrier_id"]: road(retailer, zones, row) for row in retailer.carriers.iter_rows(named=True)}
    for zone in range(0, len(zones.places), 9):
        codes = zones.spots.postal_code.filter(pl.Series(zones.spots.zone == zone)).to_list()
        for tier, kinds in ((SAME_DAY, ["on_demand"]), (LATER, ["on_demand", "parcel"])):
            mine = orders.filter((pl.col("promise_days") == 0) == (tier == SAME_DAY))
            lowest = [
                min(
                    asked(retailer, carrier, order, int(roads[carrier["carrier_id"]][zone]), code)
                    for carrier in retailer.carriers.iter_rows(named=True)
                    if str(carrier["kind"]) in kinds
                )
                for code in codes
                for order in mine.iter_rows(named=True)
            ]
            found = [price for price in lowest if price < float("inf")]
            assert found
            assert outside.minor[tier, zone] == pytest.approx(sum(found) / len(found), abs=0.5)


def test_kinds_are_few_and_their_shares_are_whole():
    """So that a card of a hundred weights is asked once a kind, not once an order."""
    retailer = shop()
    vocabulary = Vocabulary.of_network(retailer.tables())
    cards = rate_cards(
        sites=retailer.sites,
        carriers=retailer.carriers,
        rates=retailer.carrier_rates,
        zones=retailer.carrier_zones,
        surcharges=retailer.carrier_surcharges,
        vocabulary=vocabulary,
        calendar=Calendar.spanning(retailer.sites["time_zone"].to_list(), 0, 0, further_days=0),
        postal_codes=[""],
    )
    kinds = parcel_kinds(retailer, vocabulary, cards)
    assert kinds.weight_g.size < carried(retailer).height / 4
    assert kinds.share.sum(axis=1) == pytest.approx([1.0, 1.0])
