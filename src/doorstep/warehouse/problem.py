"""What packing needs: packages with their units, products' sizes, cartons."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Ints, ints


@dataclass(frozen=True, slots=True, kw_only=True)
class PackingProblem:
    """P packages with L lines, sorted by package, to be packed in K cartons, sorted by inner volume.

    ``package_start`` (P + 1,), ``line_product``, ``line_quantity`` (L,); products: ``product_sides_mm`` (N, 3) from
    longest to shortest, ``product_weight_g``, ``product_volume_ml``, ``product_flags`` (N,) bit sets; cartons:
    ``carton_sides_mm`` (K, 3) sorted alike, ``carton_usable_ml``, ``carton_outer_ml``, ``carton_max_g``,
    ``carton_tare_g``, ``carton_cost_minor`` (K,).
    """

    package_start: Ints
    line_product: Ints
    line_quantity: Ints
    product_sides_mm: Ints
    product_weight_g: Ints
    product_volume_ml: Ints
    product_flags: Ints
    carton_sides_mm: Ints
    carton_usable_ml: Ints
    carton_outer_ml: Ints
    carton_max_g: Ints
    carton_tare_g: Ints
    carton_cost_minor: Ints

    def __post_init__(self) -> None:
        if self.package_start[-1] != self.line_product.size or self.line_product.size != self.line_quantity.size:
            raise InputError(f"packages end at line {self.package_start[-1]} of {self.line_product.size}.")

    @classmethod
    def from_tables(
        cls,
        products: pl.DataFrame,
        cartons: pl.DataFrame,
        *,
        product_flags: Ints,
        package_start: Ints,
        line_product: Ints,
        line_quantity: Ints,
        fill_pct: int,
    ) -> "PackingProblem":
        """Return the problem of packing lines that are already grouped by package."""
        boxes = cartons.with_columns(volume=_volume_expression()).sort("volume", "cost_minor", "carton_id")
        inner_ml = ints(boxes["volume"] // 1000)
        return cls(
            package_start=package_start,
            line_product=line_product,
            line_quantity=line_quantity,
            product_sides_mm=_sorted_sides(products),
            product_weight_g=ints(products["weight_g"]),
            product_volume_ml=product_volume_ml(products),
            product_flags=product_flags,
            carton_sides_mm=_sorted_sides(boxes),
            carton_usable_ml=inner_ml * fill_pct // 100,
            carton_outer_ml=inner_ml,
            carton_max_g=ints(boxes["max_weight_g"]),
            carton_tare_g=ints(boxes["tare_g"]),
            carton_cost_minor=ints(boxes["cost_minor"]),
        )


def product_volume_ml(products: pl.DataFrame) -> Ints:
    """Return the volume of each product's bounding box, rounded up to whole millilitres, (N,)."""
    return ints(products.select(volume=(_volume_expression() + 999) // 1000)["volume"])


def cartons_by_volume(cartons: pl.DataFrame) -> list[str]:
    """Return the carton ids in the order in which packing numbers them."""
    boxes = cartons.with_columns(volume=_volume_expression()).sort("volume", "cost_minor", "carton_id")
    return boxes["carton_id"].to_list()


def _volume_expression() -> pl.Expr:
    return pl.col("length_mm") * pl.col("width_mm") * pl.col("height_mm")


def _sorted_sides(table: pl.DataFrame) -> Ints:
    sides = table.select("length_mm", "width_mm", "height_mm").to_numpy().astype(np.int64)
    return -np.sort(-sides, axis=1)
