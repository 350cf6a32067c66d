"""The checker of parcels finds each fault that is planted in a sound plan."""

import polars as pl
import pytest

from doorstep.warehouse import check_parcels, pack_parcels
from tests.warehouse.small_goods import FILL_PCT, as_tables, goods, packing

SHOP = goods()
PACKAGES = [{"book": 2, "milk": 1}, {"pole": 1, "iron": 3}]
ALLOCATIONS, PARCELS, LINES = as_tables(SHOP, PACKAGES, pack_parcels(packing(SHOP, PACKAGES)))
FIRST = pl.col("parcel_id") == "P0"


def faults(
    *, allocations: pl.DataFrame = ALLOCATIONS, parcels: pl.DataFrame = PARCELS, lines: pl.DataFrame = LINES
) -> list[str]:
    return check_parcels(SHOP.products, SHOP.cartons, allocations, parcels, lines, fill_pct=FILL_PCT)


def changed(table: pl.DataFrame, where: pl.Expr, **values: object) -> pl.DataFrame:
    return table.with_columns(
        pl.when(where).then(pl.lit(value, dtype=table.schema[name])).otherwise(pl.col(name)).alias(name)
        for name, value in values.items()
    )


def test_the_plan_to_be_spoiled_is_sound():
    assert PARCELS["carton_id"].to_list() == ["M", "", "L", "M"]
    assert faults() == []


def test_a_unit_left_behind():
    few = changed(LINES, FIRST & (pl.col("product_id") == "book"), quantity=1)
    assert "order O0, product book at site S1: 2 allocated, 1 packed." in faults(lines=few)


def test_a_unit_packed_twice():
    many = changed(LINES, FIRST & (pl.col("product_id") == "milk"), quantity=2)
    assert "order O0, product milk at site S1: 1 allocated, 2 packed." in faults(lines=many)


def test_a_product_that_nobody_allocated():
    other = ALLOCATIONS.filter(pl.col("product_id") != "milk")
    assert faults(allocations=other) == ["order O0, product milk at site S1: 0 allocated, 1 packed."]


def test_a_parcel_of_another_order():
    found = faults(parcels=changed(PARCELS, FIRST, order_id="O1"))
    assert "order O0, product milk at site S1: 1 allocated, 0 packed." in found
    assert "order O1, product milk at site S1: 0 allocated, 1 packed." in found


def test_a_carton_that_is_too_small():
    small = changed(
        PARCELS, FIRST, carton_id="S", weight_g=1_850, carton_minor=20, volume_ml=2_000, longest_side_mm=200
    )
    assert faults(parcels=small) == ["parcel P0: does not fit carton S."]


def test_a_carton_that_is_too_weak():
    weak = changed(PARCELS, pl.col("parcel_id") == "P2", carton_id="M", weight_g=11_150, carton_minor=50,
                   volume_ml=9_000, longest_side_mm=300)  # fmt: skip
    assert faults(parcels=weak) == ["parcel P2: does not fit carton M."]


def test_several_units_without_a_carton():
    loose = changed(PARCELS, pl.col("parcel_id") == "P2", carton_id="", weight_g=11_000, carton_minor=0)
    assert "parcel P2: 2 units travel without a carton." in faults(parcels=loose)


def test_a_unit_without_a_carton_though_one_would_hold_it():
    loose = changed(PARCELS, pl.col("parcel_id") == "P3", carton_id="", weight_g=5_500, carton_minor=0, volume_ml=500,
                    longest_side_mm=100)  # fmt: skip
    (fault,) = faults(parcels=loose)
    assert fault.startswith("parcel P3: travels without a carton though ")


@pytest.mark.parametrize(
    ("column", "value", "sentence"),
    [
        ("weight_g", 1_951, "parcel P0: weight 1951 g is not 1800 g of goods plus 150 g of carton."),
        ("carton_minor", 51, "parcel P0: carton cost 51 is not 50."),
        ("volume_ml", 8_999, "parcel P0: volume 8999 ml is not 9000."),
        ("longest_side_mm", 299, "parcel P0: longest side 299 mm is not 300."),
        ("requirements", "", "parcel P0: requirements '' are not 'chilled'."),
    ],
)
def test_a_wrong_figure_on_a_parcel(column, value, sentence):
    assert faults(parcels=changed(PARCELS, FIRST, **{column: value})) == [sentence]


def test_an_unknown_carton():
    assert "parcel P0: carton XXL does not exist." in faults(parcels=changed(PARCELS, FIRST, carton_id="XXL"))


def test_an_unknown_product():
    strange = changed(LINES, FIRST & (pl.col("product_id") == "milk"), product_id="tea")
    assert "parcel P0: product tea does not exist." in faults(lines=strange)


def test_a_parcel_with_nothing_in_it():
    assert "parcel P1: is empty." in faults(lines=LINES.filter(pl.col("parcel_id") != "P1"))
