"""A retailer completed from the tables that it brings."""

import polars as pl
import pytest

from doorstep.domain import Retailer
from doorstep.domain.tables import RETAILER_TABLES
from doorstep.foundation import InputError
from tests.small import PRODUCTS, SITES, TABLES, retailer, table


def test_absent_optional_tables_are_empty_or_their_stated_default():
    found = retailer()
    assert found.vehicles.height == found.carriers.height == found.lanes.height == 0
    assert found.cartons["carton_id"].to_list() == ["XS", "S", "M", "L", "XL"]
    assert found.service_levels["service_level_id"].to_list() == [
        "same_day",
        "next_day",
        "two_day",
        "click_and_collect",
    ]
    assert found.currency == "USD"
    assert found.policy_value("door_service_s") == 180


def test_absent_columns_take_their_defaults():
    site = retailer().sites.row(0, named=True)
    assert (site["opens"], site["closes"], site["order_cutoff"]) == ("07:00", "22:00", "24:00")
    assert (site["preparation_s"], site["package_cost_minor"], site["pick_lines_per_day"]) == (3600, 50, None)


def test_empty_cells_take_their_defaults_but_limits_stay_empty():
    sites = SITES.with_columns(opens=pl.lit(None, pl.String), loading_s=pl.lit(None), pick_lines_per_day=pl.lit(None))
    site = retailer(sites=sites).sites.row(0, named=True)
    assert (site["opens"], site["loading_s"], site["pick_lines_per_day"]) == ("07:00", 900, None)


def test_every_table_has_every_column_of_its_schema_in_order():
    assert {name: found.columns for name, found in retailer().tables().items()} == {
        name: list(spec.schema.columns()) for name, spec in RETAILER_TABLES.items()
    }


def test_columns_nobody_knows_are_left_out():
    assert "colour" not in retailer(products=PRODUCTS.with_columns(colour=pl.lit("red"))).products.columns


def test_unknown_and_missing_tables_are_named_together():
    with pytest.raises(InputError, match=r"unknown tables \['shops'\], missing tables \['stock', 'orders'\]"):
        Retailer.complete({"shops": SITES} | {n: t for n, t in TABLES.items() if n not in ("stock", "orders")})


@pytest.mark.parametrize(
    ("name", "spoiled"),
    [
        ("sites", SITES.with_columns(lat=pl.lit(91.0))),
        ("sites", SITES.with_columns(kind=pl.lit("shop"))),
        ("sites", pl.concat([SITES, SITES])),
        ("products", PRODUCTS.with_columns(margin_minor=pl.lit(5_000))),
        ("products", PRODUCTS.drop("weight_g")),
        ("order_lines", table("order_id line_no product_id quantity", ("O1", 1, "A", 0))),
    ],
)
def test_a_cell_outside_its_schema_is_refused_with_the_name_of_the_table(name, spoiled):
    with pytest.raises(InputError, match=f"table {name}: "):
        retailer(**{name: spoiled})
