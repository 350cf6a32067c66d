"""A sample retailer is repeatable, sound, and of the shape that its numbers ask for."""

from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from doorstep.connectors.retailer_folder import read_folder, write_folder
from doorstep.domain import Retailer
from doorstep.foundation import InputError
from doorstep.simulation.sample import PLAN_DATE, cities, find_city, sample_retailer
from doorstep.simulation.sample.metro import draw_homes, metro_radius_m, shape_metro

COLLECTED = ["click_and_collect", "curbside"]


@cache
def sample(near: str = "Chicago, US", stores: int = 12, fcs: int = 2, orders: int = 3000, seed: int = 1) -> Retailer:
    return sample_retailer(find_city(near), stores, fcs, orders, np.random.default_rng(seed))


def lines_with_products(retailer: Retailer) -> pl.DataFrame:
    return retailer.order_lines.join(retailer.products, on="product_id")


def test_equal_seeds_give_equal_retailers_and_other_seeds_others() -> None:
    again = sample_retailer(find_city("Chicago, US"), 12, 2, 3000, np.random.default_rng(1))
    other = sample(seed=2)
    assert all(table.equals(again.tables()[name]) for name, table in sample().tables().items())
    assert not sample().orders.equals(other.orders)


def test_it_has_exactly_the_stores_fcs_and_orders_asked_for() -> None:
    retailer = sample()
    assert retailer.sites["kind"].to_list() == ["store"] * 12 + ["fc"] * 2
    assert retailer.orders.height == 3000
    assert retailer.lanes.height == 2 * 12


@pytest.mark.parametrize(
    ("near", "stores", "fcs", "orders"),
    [
        ("Chicago", 12, 2, 500),
        ("Tokyo", 1, 1, 1),
        ("Honolulu", 3, 2, 40),
        ("São Paulo", 5, 0, 60),
        ("Kuwait City", 2, 1, 9),
    ],
)
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_the_folder_reader_finds_no_fault_in_it(tmp_path: Path, near, stores, fcs, orders, form) -> None:
    retailer = sample(near, stores, fcs, orders)
    write_folder(retailer, tmp_path, form)
    reading = read_folder(tmp_path)
    assert (reading.faults, reading.warnings) == ((), ())
    assert reading.retailer is not None
    assert all(table.equals(reading.retailer.tables()[name]) for name, table in retailer.tables().items())


def test_a_retailer_without_stores_or_orders_is_refused() -> None:
    with pytest.raises(InputError, match="stores 0 must be at least 1"):
        sample_retailer(find_city("Chicago"), 0, 1, 10, np.random.default_rng(1))


@pytest.mark.parametrize("city", cities(), ids=str)
def test_homes_lie_inside_the_metro_and_on_land(city) -> None:
    rng = np.random.default_rng(5)
    metro = shape_metro(city, rng)
    assert metro.is_land(draw_homes(metro, 300, rng)).all()


def test_all_doors_and_sites_lie_within_the_radius_of_the_metro() -> None:
    retailer, city = sample(), find_city("Chicago")
    for table in (retailer.orders, retailer.sites):
        north = np.radians(table["lat"].to_numpy() - city.lat) * 6_371_000
        east = np.radians(table["lon"].to_numpy() - city.lon) * 6_371_000 * np.cos(np.radians(city.lat))
        assert np.hypot(north, east).max() <= metro_radius_m(city.population) + 1


def test_people_live_denser_towards_the_centre() -> None:
    rng = np.random.default_rng(3)
    metro = shape_metro(find_city("Berlin"), rng)
    away = np.hypot(*draw_homes(metro, 20_000, rng).T) / metro.radius_m
    inner, outer = (away < 0.25).mean() / 0.25**2, (away > 0.75).mean() / (1 - 0.75**2)
    assert inner > 5 * outer


def test_orders_are_placed_on_the_local_plan_date_and_more_in_the_evening_than_at_night() -> None:
    placed = sample("Auckland").orders["placed_at"].to_list()
    local = [datetime.fromtimestamp(at, ZoneInfo("Pacific/Auckland")) for at in placed]
    assert {moment.date() for moment in local} == {PLAN_DATE}
    hours = np.bincount([moment.hour for moment in local], minlength=24)
    assert hours[19:22].sum() > 8 * hours[2:5].sum()


def test_delivery_options_are_mixed_as_declared() -> None:
    share = dict(sample().orders["service_level_id"].value_counts(normalize=True).rows())
    expected = {"same_day": 0.30, "next_day": 0.35, "two_day": 0.10, "scheduled": 0.10, "click_and_collect": 0.10}
    for level, wanted in expected.items():
        assert share[level] == pytest.approx(wanted, abs=0.03)


def test_only_collected_orders_name_a_pickup_site_and_only_scheduled_ones_have_windows_of_two_hours() -> None:
    orders = sample().orders
    collected = orders["service_level_id"].is_in(COLLECTED)
    assert (orders["pickup_site_id"] != "").equals(collected)
    scheduled = orders["service_level_id"] == "scheduled"
    length = orders["window_end_at"] - orders["window_start_at"]
    assert length.is_not_null().equals(scheduled)
    assert set(length.drop_nulls().to_list()) == {7200}


def test_baskets_have_three_lines_on_average_and_a_long_tail() -> None:
    sizes = sample().order_lines.group_by("order_id").len()["len"].to_numpy()
    assert 2.6 < sizes.mean() < 3.4
    assert np.median(sizes) <= 2
    assert (sizes >= 20).sum() >= 5


def test_a_tenth_of_the_products_makes_more_than_a_third_of_the_lines_and_most_products_sell_little() -> None:
    sold = sample().order_lines["product_id"].value_counts(sort=True)["count"].to_numpy()
    products = sample().products.height
    assert sold[: products // 10].sum() > sold.sum() / 3
    assert sold[0] > 10 * np.median(sold)


def test_stock_is_ample_in_all_and_scarce_at_single_stores() -> None:
    retailer = sample()
    free = (pl.col("on_hand") - pl.col("safety_stock")).clip(lower_bound=0)
    wanted = retailer.order_lines.group_by("product_id").agg(pl.col("quantity").sum())
    at_fcs = retailer.stock.filter(pl.col("site_id").str.starts_with("FC")).group_by("product_id").agg(free.sum())
    covered = wanted.join(at_fcs, on="product_id", how="left")
    served = np.minimum(covered["quantity"], covered["on_hand"].fill_null(0)).sum() / covered["quantity"].sum()
    assert served > 0.98
    stores = retailer.stock.filter(pl.col("site_id").str.starts_with("S"))
    assert 0.03 < (stores["on_hand"] == 0).sum() / stores.height < 0.20
    carried = stores.height / (12 * retailer.products.height)
    assert 0.25 < carried < 0.80


def test_what_is_collected_the_same_day_was_on_the_shelf_of_the_store() -> None:
    retailer = sample()
    curbside = retailer.orders.filter(pl.col("service_level_id") == "curbside").select("order_id", "pickup_site_id")
    wanted = curbside.join(retailer.order_lines, on="order_id").group_by("pickup_site_id", "product_id")
    shelf = wanted.agg(pl.col("quantity").sum()).join(
        retailer.stock, left_on=["pickup_site_id", "product_id"], right_on=["site_id", "product_id"], how="left"
    )
    assert shelf.height > 100
    assert (shelf["on_hand"] - shelf["safety_stock"] >= shelf["quantity"]).all()


def test_own_vans_hold_a_part_of_the_busiest_day_and_carriers_can_keep_every_requirement() -> None:
    retailer = sample()
    tomorrow = int(retailer.orders["service_level_id"].is_in(["next_day", "scheduled"]).sum())
    drops = 55 * int(retailer.vehicles["count"].sum())
    assert 0.6 * tomorrow < drops < 0.9 * tomorrow
    flags = set(lines_with_products(retailer)["flags"].to_list()) - {""}
    assert flags == {"chilled", "age_restricted", "two_person"}
    assert any(flags <= set(skills.split(";")) for skills in retailer.carriers["skills"])


def test_amounts_are_in_the_currency_of_the_city() -> None:
    assert sample("Tokyo", 3, 1, 200).currency == "JPY"
    dollars, yen = sample("Chicago", 3, 1, 200), sample("Tokyo", 3, 1, 200)
    assert yen.policy_value("failed_delivery_cost_minor") == round(
        1.5 * dollars.policy_value("failed_delivery_cost_minor")
    )
