"""Open orders as a retailer: their own promise, and the stock that they could have."""

from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from doorstep.domain import Retailer
from doorstep.foundation import NotFoundError
from doorstep.storage.ledger import claim, holdings
from doorstep.storage.open_orders import live_retailer
from doorstep.storage.retailers import save_reference
from tests.hand_plan import shop
from tests.small import at
from tests.storage.shelf import OTHER, TENANT, WINDOW, add_order, add_tenants, hold, put


@pytest.fixture
def connection(empty_database):
    add_tenants(empty_database)
    with empty_database.writing() as connection:
        save_reference(connection, TENANT, shop())
        save_reference(connection, OTHER, shop())
        yield connection


def stock(retailer: Retailer) -> list[tuple[object, ...]]:
    return retailer.stock.rows()


def test_orders_come_with_the_promise_that_was_made(connection):
    add_order(connection, "O1", ("A", 2), ("B", 1), requirements="signature", service_s=240)
    add_order(connection, "O2", ("A", 1), service_level_id="click_and_collect", pickup_site_id="S1")
    found = live_retailer(connection, TENANT, ["O2", "O1", "O2"])
    assert found.orders.rows() == [
        ("O2", at("09:00"), 41.01, -87.0, "60601", "click_and_collect", "S1", "", None, *WINDOW, False),
        ("O1", at("09:00"), 41.01, -87.0, "60601", "same_day", "", "signature", 240, *WINDOW, False),
    ]
    assert found.order_lines.rows() == [("O2", 1, "A", 1), ("O1", 1, "A", 2), ("O1", 2, "B", 1)]


def test_a_window_of_a_service_level_that_may_come_early_opens_when_the_order_was_placed(connection):
    level: dict[str, Any] = {"window_start_at": at("08:00"), "window_end_at": at("20:00")}
    add_order(connection, "O1", ("A", 1), **level)
    add_order(connection, "O2", ("A", 1), **level, hold_id="hld_1")
    add_order(connection, "O3", ("A", 1), **level | {"window_end_at": at("20:00") - 1})
    add_order(connection, "O4", ("A", 1), **level, service_level_id="click_and_collect", pickup_site_id="S1")
    add_order(connection, "O5", ("A", 1), **level, service_level_id="gone")
    starts = live_retailer(connection, TENANT, ["O1", "O2", "O3", "O4", "O5"]).orders["window_start_at"].to_list()
    assert starts == [at("09:00"), at("08:00"), at("08:00"), at("09:00"), at("08:00")]


def test_a_level_that_may_not_come_early_keeps_its_window(connection):
    levels = shop().service_levels.with_columns(early_allowed=pl.lit(value=False))
    save_reference(connection, TENANT, replace(shop(), service_levels=levels))
    add_order(connection, "O1", ("A", 1), window_start_at=at("08:00"), window_end_at=at("20:00"))
    assert live_retailer(connection, TENANT, ["O1"]).orders["window_start_at"].to_list() == [at("08:00")]


def test_it_is_a_complete_retailer_with_the_tenants_reference(connection):
    add_order(connection, "O1", ("A", 2))
    put(connection, ("S1", "A", 4))
    found = live_retailer(connection, TENANT, ["O1"])
    again = Retailer.complete(found.tables())
    assert all(table.equals(again.tables()[name]) for name, table in found.tables().items())
    assert all(table.schema == again.tables()[name].schema for name, table in found.tables().items())
    assert found.vehicles.equals(shop().vehicles)


def test_stock_is_what_is_free_and_what_the_orders_hold_themselves(connection):
    for order in ("O1", "O2", "O3"):
        add_order(connection, order, ("A", 2))
    put(connection, ("S1", "A", 10), ("F1", "A", 5))
    hold(connection, "O1", ("S1", "A", 2))
    hold(connection, "O2", ("S1", "A", 3), ("F1", "A", 1))
    hold(connection, "O3", ("F1", "A", 4))
    assert stock(live_retailer(connection, TENANT, ["O1"])) == [("S1", "A", 7, 0)]
    assert stock(live_retailer(connection, TENANT, ["O1", "O2"])) == [("F1", "A", 1, 0), ("S1", "A", 10, 0)]
    assert stock(live_retailer(connection, TENANT, ["O3"])) == [("F1", "A", 4, 0), ("S1", "A", 5, 0)]


def test_what_has_left_the_shelf_is_no_longer_theirs(connection):
    add_order(connection, "O1", ("A", 2))
    put(connection, ("S1", "A", 10))
    hold(connection, "O1", ("S1", "A", 2))
    claim(connection, TENANT, holdings(connection, ["O1"]), "shp_1", now=at("10:00"))
    assert stock(live_retailer(connection, TENANT, ["O1"])) == [("S1", "A", 8, 0)]


def test_stock_of_products_that_nobody_wants_of_other_tenants_and_of_sites_that_are_gone_stays_out(connection):
    add_order(connection, "O1", ("A", 2))
    put(connection, ("S1", "A", 1), ("S1", "B", 5), ("S9", "A", 5))
    put(connection, ("F1", "A", 5), tenant=OTHER)
    assert stock(live_retailer(connection, TENANT, ["O1"])) == [("S1", "A", 1, 0)]


def test_thousands_of_orders_are_found_in_pieces(connection):
    for number in range(1_000):
        add_order(connection, f"O{number:04d}", ("A", 1))
    put(connection, ("S1", "A", 1_000))
    hold(connection, "O0999", ("S1", "A", 10))
    found = live_retailer(connection, TENANT, [f"O{number:04d}" for number in reversed(range(1_000))])
    assert found.orders["order_id"].to_list() == [f"O{number:04d}" for number in reversed(range(1_000))]
    assert found.order_lines.height == 1_000
    assert stock(found) == [("S1", "A", 1_000, 0)]


def test_without_orders_there_is_the_reference_only(connection):
    found = live_retailer(connection, TENANT, [])
    assert (found.orders.height, found.order_lines.height, found.stock.height) == (0, 0, 0)
    assert found.sites.equals(shop().sites)


@pytest.mark.parametrize("tenant", [TENANT, OTHER])
def test_orders_that_do_not_exist_or_belong_to_others_are_not_found(connection, tenant):
    add_order(connection, "O1", ("A", 2), tenant=OTHER if tenant == TENANT else TENANT)
    with pytest.raises(NotFoundError, match="orders O1, O8 do not exist"):
        live_retailer(connection, tenant, ["O1", "O8"])
