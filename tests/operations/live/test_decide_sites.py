"""Sites of a few orders: the corridor's choice without its routes."""

import polars as pl
import pytest

from doorstep.domain import Retailer
from doorstep.operations.corridor.live import decide_sites, usual_drops
from tests.operations.live.live_shop import EVENING, decided, forty, shop
from tests.small import CHICAGO, ORDERS, at, retailer, table

LEVELS = table(
    "service_level_id method cutoff promise_days",
    ("same_day", "same_day", "13:00", 0),
    ("later", "two_day", "24:00", 2),
)


def test_an_order_goes_to_the_store_that_holds_it():
    decision = decide_sites(shop())
    assert decision.allocations.rows() == [("O1", "A", "S1", 1)]
    assert decision.unserved.rows() == []
    question, site, chosen, why = decision.decisions.select("question", "site_id", "chosen", "why").row(0)
    assert (question, site, chosen, why) == ("site", "S1", True, "Costs least for the whole order.")


def test_an_order_without_stock_is_unserved_and_says_what_was_weighed():
    two = shop(
        stock=table("site_id product_id on_hand", ("S1", "A", 1), ("S1", "C", 0)),
        order_lines=table("order_id line_no product_id quantity", ("O1", 1, "A", 1), ("O1", 2, "C", 1)),
    )
    decision = decide_sites(two)
    assert decision.allocations.height == 0
    assert decision.unserved.rows() == [("O1", "out_of_stock")]
    weighed = decision.decisions.select("site_id", "cost_minor", "chosen", "why").rows()
    assert weighed == [("S1", None, False, "Holds 1 of 2 lines in full.")]


@pytest.mark.parametrize("site", range(4))
def test_with_all_stock_at_one_site_everything_comes_from_there(site):
    tables = forty().tables()
    only = tables["sites"]["site_id"][site]
    stock = tables["products"].select(site_id=pl.lit(only), product_id="product_id", on_hand=pl.lit(10_000))
    decision = decide_sites(Retailer.complete(tables | {"stock": stock}))
    served = set(decision.allocations["order_id"])
    assert set(decision.allocations["site_id"]) <= {only}
    assert served | set(decision.unserved["order_id"]) == set(tables["orders"]["order_id"])
    assert not served & set(decision.unserved["order_id"])
    assert "out_of_stock" not in set(decision.unserved["reason"])


def test_every_unit_of_a_served_order_is_allocated_and_chosen():
    lines = forty().order_lines.join(decided().unserved, on="order_id", how="anti")
    assert decided().allocations["quantity"].sum() == lines["quantity"].sum()
    chosen = decided().decisions.filter("chosen").select("order_id", "site_id")
    assert set(chosen.rows()) == set(decided().allocations.select("order_id", "site_id").rows())


def test_orders_that_nobody_asked_about_and_their_products_change_nothing():
    more = table(
        "product_id length_mm width_mm height_mm weight_g price_minor margin_minor flags",
        *[(f"X{n}", 100, 100, 100, 500, 500, 200, "frozen") for n in range(5)],
    )
    wide = shop(products=pl.concat([shop().products.drop("name"), more], how="diagonal_relaxed"))
    assert decide_sites(wide).decisions.equals(decide_sites(shop()).decisions)


def test_an_order_that_the_site_hears_of_after_its_cut_off_is_prepared_on_the_next_day():
    sites = table("site_id kind lat lon time_zone order_cutoff", ("S1", "store", 41.0, -87.0, CHICAGO, "13:00"))
    late = shop(sites=sites)
    assert decide_sites(late, now=at("13:00")).unserved.height == 0
    assert decide_sites(late, now=at("13:01")).unserved.rows() == [("O1", "window_cannot_be_met")]


def test_a_promise_that_has_passed_cannot_be_kept():
    order = ORDERS.with_columns(window_start_at=pl.lit(EVENING[0]), window_end_at=pl.lit(EVENING[1]))
    decision = decide_sites(shop(orders=order), now=at("09:00", "2026-03-20"))
    assert decision.unserved.rows() == [("O1", "window_cannot_be_met")]


def test_on_a_usual_day_an_own_drop_costs_less_than_a_van_for_a_single_one():
    vans = shop().vehicles.with_columns(fixed_cost_minor=pl.lit(5_000))
    orders = pl.concat([ORDERS.with_columns(order_id=pl.lit(f"O{n}")) for n in range(50)])
    lines = orders.select("order_id", line_no=pl.lit(1), product_id=pl.lit("A"), quantity=pl.lit(1))
    usual = usual_drops(retailer(vehicles=vans, orders=orders, order_lines=lines))
    alone, one_of_many = (
        decide_sites(shop(vehicles=vans), density=density).decisions["cost_minor"][0] for density in (None, usual)
    )
    assert alone - one_of_many > 4_000
