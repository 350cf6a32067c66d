"""Parcels by hand and by property."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.foundation import InputError
from doorstep.foundation.arrays import one_layout
from doorstep.warehouse import PackingProblem, check_parcels, pack_parcels
from doorstep.warehouse._kernels import pack_all, pack_package, smallest_carton
from tests.small import table
from tests.trials import trials
from tests.warehouse.small_goods import FILL_PCT, as_tables, goods, packing, parcels_of, vocabulary

SHOP = goods()


def packed(*packages: dict[str, int]) -> list[tuple[str, dict[str, int]]]:
    return parcels_of(SHOP, pack_parcels(packing(SHOP, list(packages))))


def test_one_item_takes_the_smallest_carton_that_holds_it():
    plan = pack_parcels(packing(SHOP, [{"book": 1}]))
    assert parcels_of(SHOP, plan) == [("S", {"book": 1})]
    assert plan.weight_g.tolist() == [450]  # 400 g of goods, 50 g of carton
    assert plan.volume_ml.tolist() == [2_000]  # the carton's, not the book's
    assert plan.longest_side_mm.tolist() == [200]
    assert plan.carton_minor.tolist() == [20]


def test_what_is_light_enough_by_volume_may_be_too_heavy_for_the_small_carton():
    assert packed({"iron": 1}) == [("M", {"iron": 1})]


def test_units_that_one_carton_holds_travel_together():
    assert packed({"book": 2, "milk": 3}) == [("M", {"book": 2, "milk": 3})]  # 4,788 ml, 3,800 g


def test_three_books_fill_a_small_carton_and_a_fourth_needs_the_next():
    assert packed({"book": 3}) == [("S", {"book": 3})]  # 1,350 of 1,600 ml
    assert packed({"book": 4}) == [("M", {"book": 4})]  # 1,800 ml


def test_the_share_that_goods_can_fill_decides():
    problem = packing(SHOP, [{"book": 4}], fill_pct=90)
    assert parcels_of(SHOP, pack_parcels(problem)) == [("S", {"book": 4})]  # 1,800 of 1,800 ml


def test_a_weight_that_no_carton_holds_is_divided():
    plan = pack_parcels(packing(SHOP, [{"iron": 3}]))
    assert parcels_of(SHOP, plan) == [("L", {"iron": 2}), ("M", {"iron": 1})]  # 16.5 kg: 11 + 5.5
    assert plan.weight_g.tolist() == [11_300, 5_650]


def test_a_volume_that_no_carton_holds_is_divided():
    assert packed({"pack": 3}) == [("L", {"pack": 2}), ("L", {"pack": 1})]  # 15,428 of 19,200 ml, then 7,714


def test_a_long_item_travels_alone_in_its_own_packaging():
    plan = pack_parcels(packing(SHOP, [{"pole": 2, "book": 1}]))
    assert parcels_of(SHOP, plan) == [("", {"pole": 1}), ("", {"pole": 1}), ("S", {"book": 1})]
    assert plan.weight_g.tolist() == [900, 900, 450]
    assert plan.volume_ml.tolist() == [2_400, 2_400, 2_000]
    assert plan.longest_side_mm.tolist() == [1_500, 1_500, 200]
    assert plan.carton_minor.tolist() == [0, 0, 20]


def test_a_parcel_needs_what_any_of_its_goods_needs():
    plan = pack_parcels(packing(SHOP, [{"book": 1, "pack": 1}, {"book": 1, "milk": 1, "pole": 1}]))
    words = [vocabulary(SHOP).text(int(bits)) for bits in plan.requirements]
    assert words == ["adult;chilled", "long", "chilled"]


def test_packages_are_packed_apart_and_in_their_order():
    plan = pack_parcels(packing(SHOP, [{"book": 1}, {"pole": 1}, {"book": 2}]))
    assert plan.package.tolist() == [0, 1, 2]
    assert parcels_of(SHOP, plan) == [("S", {"book": 1}), ("", {"pole": 1}), ("S", {"book": 2})]


def test_something_smaller_than_a_millilitre_counts_as_one():
    assert packing(SHOP, [{"dust": 1}]).product_volume_ml[5] == 1


def test_cartons_of_one_volume_are_tried_cheapest_first():
    cartons = table(
        "carton_id length_mm width_mm height_mm max_weight_g tare_g cost_minor",
        ("dear", 200, 100, 100, 2_000, 50, 30),
        ("cheap", 100, 100, 200, 2_000, 50, 10),
    )
    shop = goods(cartons=cartons)
    assert parcels_of(shop, pack_parcels(packing(shop, [{"book": 1}]))) == [("cheap", {"book": 1})]


def test_nothing_to_pack_makes_no_parcels():
    plan = pack_parcels(packing(SHOP, []))
    assert (plan.carton.size, plan.content_parcel.size) == (0, 0)


def test_packages_that_do_not_cover_the_lines_are_refused():
    good = packing(SHOP, [{"book": 1}])
    values = {name: getattr(good, name) for name in PackingProblem.__dataclass_fields__}
    with pytest.raises(InputError, match="packages end at line 2 of 1"):
        PackingProblem(**values | {"package_start": np.array([0, 2])})


@pytest.mark.parametrize("way", [smallest_carton, smallest_carton.py_func], ids=["compiled", "python"])
@pytest.mark.parametrize(
    ("sides", "weight_g", "volume_ml", "carton"),
    [
        ((200, 100, 100), 2_000, 1_600, 0),
        ((201, 100, 100), 2_000, 1_600, 1),
        ((200, 100, 100), 2_001, 1_600, 1),
        ((200, 100, 100), 2_000, 1_601, 1),
        ((400, 300, 200), 15_000, 19_200, 2),
        ((400, 300, 200), 15_001, 1, -1),
        ((300, 300, 201), 1, 1, -1),
    ],
)
def test_the_smallest_carton_at_its_bounds(way, sides, weight_g, volume_ml, carton):
    p = packing(SHOP, [{"book": 1}])
    boxes = [one_layout(a) for a in (p.carton_sides_mm, p.carton_usable_ml, p.carton_max_g)]
    assert way(np.array(sides), weight_g, volume_ml, *boxes) == carton


quantities = st.dictionaries(st.sampled_from(SHOP.products["product_id"].to_list()), st.integers(1, 6), min_size=1)


@given(st.lists(quantities, min_size=1, max_size=4))
@settings(max_examples=trials(25))
def test_every_unit_is_packed_once_and_the_checker_finds_nothing(packages):
    plan = pack_parcels(packing(SHOP, packages))
    found: list[dict[str, int]] = [{} for _ in packages]
    for package, (_, inside) in zip(plan.package.tolist(), parcels_of(SHOP, plan), strict=True):
        for product, quantity in inside.items():
            found[package][product] = found[package].get(product, 0) + quantity
    assert found == packages
    assert check_parcels(SHOP.products, SHOP.cartons, *as_tables(SHOP, packages, plan), fill_pct=FILL_PCT) == []


sides = st.integers(1, 450)
product = st.tuples(sides, sides, sides, st.integers(0, 16_000))


@given(st.lists(product, min_size=1, max_size=4), st.data())
@settings(max_examples=trials(25))
def test_goods_of_any_size_are_packed_soundly(sizes, data):
    rows = [(f"p{n}", *size, 1, 0, "") for n, size in enumerate(sizes)]
    header = "product_id length_mm width_mm height_mm weight_g price_minor margin_minor flags"
    shop = goods(table(header, *rows))
    package = {row[0]: data.draw(st.integers(1, 3)) for row in rows}
    plan = pack_parcels(packing(shop, [package]))
    assert check_parcels(shop.products, shop.cartons, *as_tables(shop, [package], plan), fill_pct=FILL_PCT) == []


@given(st.lists(quantities, min_size=1, max_size=3))
@settings(max_examples=10)
def test_the_kernels_do_as_plain_python_what_they_do_compiled(packages):
    p = packing(SHOP, packages)
    units = np.repeat(p.line_product, p.line_quantity)
    packages_of = np.repeat(np.repeat(np.arange(len(packages)), np.diff(p.package_start)), p.line_quantity)
    start = np.searchsorted(packages_of, np.arange(len(packages) + 1)).astype(np.int64)
    fixed = [one_layout(a) for a in (p.product_sides_mm, p.product_weight_g, p.product_volume_ml)]
    boxes = [one_layout(a) for a in (p.carton_sides_mm, p.carton_usable_ml, p.carton_max_g)]
    compiled = pack_all(start, units, *fixed, *boxes)
    plain = pack_all.py_func(start, units, *fixed, *boxes)
    assert [column.tolist() for column in compiled] == [column.tolist() for column in plain]
    own = [np.zeros(units.size, np.int64), np.zeros((units.size, 3), np.int64), *np.zeros((2, units.size), np.int64)]
    opened = pack_package.py_func(units[: start[1]], *fixed, *boxes, *own)
    assert opened == (compiled[1] == 0).sum()
    assert own[0][: start[1]].tolist() == compiled[0][: start[1]].tolist()


def test_one_parcel_is_never_more_than_the_sum_of_its_units():
    parcels = as_tables(SHOP, [{"book": 5, "milk": 2}], pack_parcels(packing(SHOP, [{"book": 5, "milk": 2}])))[1]
    assert parcels["weight_g"].sum() == 5 * 400 + 2 * 1_000 + parcels.height * 150
    assert parcels["carton_id"].to_list() == ["M"]
    assert parcels.schema["weight_g"] == pl.Int64
