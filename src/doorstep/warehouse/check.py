"""Checks parcels against products and cartons, row by row, sharing nothing with the packing code."""

from collections import defaultdict

import polars as pl


def check_parcels(
    products: pl.DataFrame,
    cartons: pl.DataFrame,
    allocations: pl.DataFrame,
    parcels: pl.DataFrame,
    parcel_lines: pl.DataFrame,
    *,
    fill_pct: int,
) -> list[str]:
    """Return one sentence for each broken rule: every allocated unit in exactly one parcel, every parcel within its carton.

    Raises nothing: an unknown product or carton is a fault as well.
    """
    faults = _contents_match(allocations, parcels, parcel_lines)
    product = {row["product_id"]: row for row in products.iter_rows(named=True)}
    box = {row["carton_id"]: row for row in cartons.iter_rows(named=True)}
    contents: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for row in parcel_lines.iter_rows(named=True):
        contents[row["parcel_id"]].append((row["product_id"], row["quantity"]))
    for parcel in parcels.iter_rows(named=True):
        inside = [(product[p], q) for p, q in contents[parcel["parcel_id"]]]
        faults += _parcel_faults(parcel, inside, box, fill_pct)
    return faults


def _contents_match(allocations: pl.DataFrame, parcels: pl.DataFrame, parcel_lines: pl.DataFrame) -> list[str]:
    keys = ["order_id", "product_id", "site_id"]
    packed = parcel_lines.join(parcels.select("parcel_id", "order_id", "site_id"), on="parcel_id", how="left")
    packed = packed.group_by(keys).agg(packed=pl.col("quantity").sum())
    both = allocations.join(packed, on=keys, how="full", coalesce=True).with_columns(
        pl.col("quantity").fill_null(0), pl.col("packed").fill_null(0)
    )
    wrong = both.filter(pl.col("quantity") != pl.col("packed"))
    return [
        f"order {row['order_id']}, product {row['product_id']} at site {row['site_id']}: "
        f"{row['quantity']} allocated, {row['packed']} packed."
        for row in wrong.iter_rows(named=True)
    ]


def _parcel_faults(
    parcel: dict[str, object], inside: list[tuple[dict[str, int], int]], box: dict[str, dict[str, int]], fill_pct: int
) -> list[str]:
    name = f"parcel {parcel['parcel_id']}"
    units = sum(quantity for _, quantity in inside)
    goods_g = sum(product["weight_g"] * quantity for product, quantity in inside)
    if not parcel["carton_id"]:
        alone = units == 1
        fits = [b["carton_id"] for b in box.values() if alone and _fits(inside, b, fill_pct)]
        faults = [] if alone else [f"{name}: {units} units travel without a carton."]
        faults += [f"{name}: travels without a carton though {fits[0]} would hold it."] if fits else []
        tare, cost = 0, 0
    else:
        carton = box[str(parcel["carton_id"])]
        faults = [] if _fits(inside, carton, fill_pct) else [f"{name}: does not fit carton {parcel['carton_id']}."]
        tare, cost = carton["tare_g"], carton["cost_minor"]
    if parcel["weight_g"] != goods_g + tare:
        faults.append(f"{name}: weight {parcel['weight_g']} g is not {goods_g} g of goods plus {tare} g of carton.")
    if parcel["carton_minor"] != cost:
        faults.append(f"{name}: carton cost {parcel['carton_minor']} is not {cost}.")
    return faults


def _fits(inside: list[tuple[dict[str, int], int]], carton: dict[str, int], fill_pct: int) -> bool:
    inner = sorted((carton["length_mm"], carton["width_mm"], carton["height_mm"]))
    usable_ml = inner[0] * inner[1] * inner[2] // 1000 * fill_pct // 100
    volume = weight = 0
    for product, quantity in inside:
        sides = sorted((product["length_mm"], product["width_mm"], product["height_mm"]))
        if any(side > room for side, room in zip(sides, inner, strict=True)):
            return False
        volume += -(-sides[0] * sides[1] * sides[2] // 1000) * quantity
        weight += product["weight_g"] * quantity
    return volume <= usable_ml and weight <= carton["max_weight_g"]
