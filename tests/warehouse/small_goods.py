"""Three cartons and six products to pack by hand, and packing as the corridor asks for it."""

import numpy as np
import polars as pl

from doorstep.domain import Retailer
from doorstep.domain.requirements import Vocabulary
from doorstep.warehouse import PackingProblem, ParcelPlan
from doorstep.warehouse.problem import cartons_by_volume
from tests.small import CHICAGO, at, retailer, table

FILL_PCT = 80
CARTONS = table(
    "carton_id length_mm width_mm height_mm max_weight_g tare_g cost_minor",
    ("L", 400, 300, 200, 15_000, 300, 90),  # 24,000 ml, usable 19,200
    ("S", 100, 200, 100, 2_000, 50, 20),  # 2,000 ml, usable 1,600; its sides are not sorted
    ("M", 300, 200, 150, 6_000, 150, 50),  # 9,000 ml, usable 7,200
)
PRODUCTS = table(
    "product_id length_mm width_mm height_mm weight_g price_minor margin_minor flags",
    ("book", 30, 150, 100, 400, 1, 0, ""),  # 450 ml
    ("milk", 90, 90, 160, 1_000, 1, 0, "chilled"),  # 1,296 ml
    ("iron", 100, 100, 50, 5_500, 1, 0, ""),  # 500 ml, heavy
    ("pole", 1_500, 40, 40, 900, 1, 0, "long"),  # 2,400 ml, fits nowhere
    ("pack", 290, 190, 140, 2_000, 1, 0, "adult;chilled"),  # 7,714 ml, too much for M's 7,200
    ("dust", 1, 1, 1, 1, 1, 0, ""),  # 0.001 ml, counted as 1
)


def goods(products: pl.DataFrame = PRODUCTS, cartons: pl.DataFrame = CARTONS) -> Retailer:
    """Return a retailer with these products and cartons and nothing else of interest."""
    first = products["product_id"][0]
    return retailer(
        products=products,
        cartons=cartons,
        stock=table("site_id product_id on_hand", ("S1", first, 1)),
        order_lines=table("order_id line_no product_id quantity", ("O1", 1, first, 1)),
        orders=table("order_id placed_at lat lon service_level_id", ("O1", at("08:00"), 41.0, -87.0, "same_day")),
        sites=table("site_id kind lat lon time_zone", ("S1", "store", 41.0, -87.0, CHICAGO)),
    )


def vocabulary(shop: Retailer) -> Vocabulary:
    """Return the words of the products' flags."""
    return Vocabulary.of([shop.products["flags"]])


def packing(shop: Retailer, packages: list[dict[str, int]], fill_pct: int = FILL_PCT) -> PackingProblem:
    """Return the problem of packing packages given as units by product."""
    number = {product: n for n, product in enumerate(shop.products["product_id"])}
    lines = [(number[product], quantity) for package in packages for product, quantity in package.items()]
    return PackingProblem.from_tables(
        shop.products,
        shop.cartons,
        product_flags=vocabulary(shop).bits(shop.products["flags"]),
        package_start=np.cumsum([0, *(len(package) for package in packages)]).astype(np.int64),
        line_product=np.array([line[0] for line in lines], dtype=np.int64),
        line_quantity=np.array([line[1] for line in lines], dtype=np.int64),
        fill_pct=fill_pct,
    )


def parcels_of(shop: Retailer, plan: ParcelPlan) -> list[tuple[str, dict[str, int]]]:
    """Return carton and contents of every parcel."""
    names = [*cartons_by_volume(shop.cartons), ""]
    ids = shop.products["product_id"].to_list()
    contents: list[dict[str, int]] = [{} for _ in plan.carton]
    for parcel, product, quantity in zip(plan.content_parcel, plan.content_product, plan.content_quantity, strict=True):
        contents[parcel][ids[product]] = int(quantity)
    return [(names[carton], inside) for carton, inside in zip(plan.carton, contents, strict=True)]


def as_tables(
    shop: Retailer, packages: list[dict[str, int]], plan: ParcelPlan
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return allocations, parcels and parcel lines; package p belongs to order p, all at one site."""
    allocations = [(f"O{p}", product, "S1", q) for p, package in enumerate(packages) for product, q in package.items()]
    words = vocabulary(shop)
    parcels = [
        (f"P{n}", f"O{plan.package[n]}", "S1", carton, int(plan.weight_g[n]), int(plan.volume_ml[n]),
         int(plan.longest_side_mm[n]), words.text(int(plan.requirements[n])), int(plan.carton_minor[n]))
        for n, (carton, _) in enumerate(parcels_of(shop, plan))
    ]  # fmt: skip
    lines = [(f"P{n}", p, q) for n, (_, inside) in enumerate(parcels_of(shop, plan)) for p, q in inside.items()]
    return (
        table("order_id product_id site_id quantity", *allocations),
        table(
            "parcel_id order_id site_id carton_id weight_g volume_ml longest_side_mm requirements carton_minor",
            *parcels,
        ),
        table("parcel_id product_id quantity", *lines),
    )
