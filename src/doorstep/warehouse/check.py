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
    """Return one sentence for each broken rule of parcels.

    Every allocated unit is in exactly one parcel, every parcel within its carton and as products and carton say.

    Raises nothing: an unknown product or carton is a fault as well.
    """
    faults = _contents_match(allocations, parcels, parcel_lines)
    product = {row["product_id"]: row for row in products.iter_rows(named=True)}
    flags = {row["product_id"]: set(row["flags"].split(";")) - {""} for row in products.iter_rows(named=True)}
    box = {row["carton_id"]: row for row in cartons.iter_rows(named=True)}
    contents: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for row in parcel_lines.iter_rows(named=True):
        contents[row["parcel_id"]].append((row["product_id"], row["quantity"]))
    for parcel in parcels.iter_rows(named=True):
        name, carton = f"parcel {parcel['parcel_id']}", parcel["carton_id"]
        inside = contents[parcel["parcel_id"]]
        unknown = [f"{name}: product {p} does not exist." for p, _ in inside if p not in product]
        unknown += [f"{name}: carton {carton} does not exist."] if carton and carton not in box else []
        unknown += [] if inside else [f"{name}: is empty."]
        faults += unknown or _parcel_faults(parcel, [(product[p], q) for p, q in inside], box, fill_pct)
        needs = ";".join(sorted(set().union(*(flags.get(p, set()) for p, _ in inside))))
        if parcel["requirements"] != needs and not unknown:
            faults.append(f"{name}: requirements {parcel['requirements']!r} are not {needs!r}.")
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
        tare, cost, side = 0, 0, max(max(_sides(product)) for product, _ in inside)
        volume = sum(-(-_cubic_mm(product) // 1000) * quantity for product, quantity in inside)
    else:
        carton = box[str(parcel["carton_id"])]
        faults = [] if _fits(inside, carton, fill_pct) else [f"{name}: does not fit carton {parcel['carton_id']}."]
        tare, cost, side, volume = (
            carton["tare_g"],
            carton["cost_minor"],
            max(_sides(carton)),
            _cubic_mm(carton) // 1000,
        )
    if parcel["weight_g"] != goods_g + tare:
        faults.append(f"{name}: weight {parcel['weight_g']} g is not {goods_g} g of goods plus {tare} g of carton.")
    if parcel["carton_minor"] != cost:
        faults.append(f"{name}: carton cost {parcel['carton_minor']} is not {cost}.")
    if parcel["volume_ml"] != volume:
        faults.append(f"{name}: volume {parcel['volume_ml']} ml is not {volume}.")
    if parcel["longest_side_mm"] != side:
        faults.append(f"{name}: longest side {parcel['longest_side_mm']} mm is not {side}.")
    return faults


def _fits(inside: list[tuple[dict[str, int], int]], carton: dict[str, int], fill_pct: int) -> bool:
    inner = sorted(_sides(carton))
    if any(side > room for product, _ in inside for side, room in zip(sorted(_sides(product)), inner, strict=True)):
        return False
    volume = sum(-(-_cubic_mm(product) // 1000) * quantity for product, quantity in inside)
    weight = sum(product["weight_g"] * quantity for product, quantity in inside)
    return volume <= _cubic_mm(carton) // 1000 * fill_pct // 100 and weight <= carton["max_weight_g"]


def _sides(thing: dict[str, int]) -> tuple[int, int, int]:
    return thing["length_mm"], thing["width_mm"], thing["height_mm"]


def _cubic_mm(thing: dict[str, int]) -> int:
    length, width, height = _sides(thing)
    return length * width * height
