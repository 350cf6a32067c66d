"""What small sites keep: whole baskets before what sells most, what must be shown, and what is refused."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from doorstep.domain import Retailer
from doorstep.foundation import InputError
from doorstep.foundation.arrays import Ints
from doorstep.operations.planning.assortments import SiteAssortment, site_assortments
from doorstep.operations.planning.stock_wishes import StockWishes
from tests.small import CHICAGO, at, retailer, table

NAMES = "ABCDEFGH"


def shop(*baskets: str) -> Retailer:
    """Return a store with a van and another far off without orders, and ten orders of each basket near the first."""
    sites = table(
        "site_id kind lat lon time_zone",
        ("S1", "store", 41.0, -87.0, CHICAGO),
        ("F1", "fc", 45.0, -87.0, CHICAGO),
    )
    van = table("vehicle_id site_id count shift_starts shift_ends max_weight_g max_volume_ml",
                ("V", "S1", 9, "08:00", "20:00", 5_000_000, 50_000_000))  # fmt: skip
    products = table(
        "product_id length_mm width_mm height_mm weight_g price_minor margin_minor flags",
        *[(name, 100, 100, 100, 500, 900, 300, "") for name in NAMES],
    )
    wanted = [(f"O{turn}{number}", basket) for turn in range(10) for number, basket in enumerate(baskets)]
    orders = table(
        "order_id placed_at lat lon postal_code service_level_id",
        *[(name, at("08:00") + row, 41.0, -87.0, "60601", "same_day") for row, (name, _) in enumerate(wanted)],
    )
    lines = table(
        "order_id line_no product_id quantity",
        *[(name, line, product, 1) for name, basket in wanted for line, product in enumerate(basket, 1)],
    )
    stock = table("site_id product_id on_hand", ("S1", "A", 1))
    return retailer(sites=sites, vehicles=van, products=products, orders=orders, order_lines=lines, stock=stock)


def kept(asked: Retailer, size: int, least: Ints | None = None) -> SiteAssortment:
    sold = [(asked.order_lines["product_id"] == name).sum() for name in NAMES]
    demand, none = np.array([sold, sold], np.float64).T, np.zeros((len(NAMES), 2), np.int64)
    wishes = StockWishes(assortment=(("store", size),))
    (found,) = site_assortments(asked, demand, none if least is None else least, wishes)
    return found


def names(found: SiteAssortment) -> str:
    return "".join(NAMES[product] for product in np.flatnonzero(found.chosen))


def test_what_completes_orders_is_kept_before_what_sells_most():
    # A and D sell most and complete none; B and C complete four orders of seven.
    found = kept(shop("ADEF", "ADEG", "ADEH", "B", "B", "C", "C"), 2)
    assert names(found) == "BC"
    assert (found.site, found.size, found.orders) == (0, 2, 70)
    assert found.complete == pytest.approx(found.past)
    assert found.complete > found.most_sold == 0.0
    assert found.past <= found.bound <= 1.0


def test_orders_are_judged_by_a_choice_that_does_not_know_them():
    once = shop("AB", "CD", "EF", "GH")
    alone = replace(
        once,
        orders=once.orders.head(4),
        order_lines=once.order_lines.join(once.orders.head(4).select("order_id"), on="order_id"),
    )
    found = kept(alone, 4)
    assert found.orders == 4
    assert found.past > 0.4
    assert found.complete < found.past  # each basket came once: without it nothing speaks for its products


def test_what_is_shown_stays_and_needs_its_place():
    least = np.zeros((len(NAMES), 2), np.int64)
    least[7, 0] = least[6, 0] = 1
    found = kept(shop("ADEF", "ADEG", "ADEH", "B", "B", "C", "C"), 4, least)
    assert names(found) == "BCGH"
    both = kept(shop("AD", "BC"), 1, least)
    assert (names(both), both.size) == ("GH", 2)


def test_a_sites_own_row_comes_before_its_kind_and_the_unknown_is_refused():
    asked, demand = shop("AB"), np.ones((len(NAMES), 2))
    none = np.zeros((len(NAMES), 2), np.int64)

    def sizes(*rows: tuple[str, int]) -> dict[int, int]:
        found = site_assortments(asked, demand, none, StockWishes(assortment=rows))
        return {each.site: int(each.chosen.sum()) for each in found}

    assert sizes(("store", 3), ("fc", 5)) == {0: 3, 1: 5}
    assert sizes(("store", 3), ("S1", 2)) == {0: 2}
    assert sizes(("store", 8)) == sizes() == {}
    with pytest.raises(InputError, match=r"assortment \['hub'\]: neither a site nor a kind"):
        sizes(("hub", 3))
    with pytest.raises(InputError, match="S1=0"):
        StockWishes(assortment=(("S1", 0),))
    with pytest.raises(InputError, match="each site or kind once"):
        StockWishes(assortment=(("S1", 1), ("S1", 2)))


def test_lines_may_come_in_any_order():
    asked = shop("ADEF", "ADEG", "ADEH", "B", "B", "C", "C")
    mixed = replace(asked, order_lines=asked.order_lines.sort(pl.col("product_id"), descending=True))
    assert kept(mixed, 2).chosen.tolist() == kept(asked, 2).chosen.tolist()
