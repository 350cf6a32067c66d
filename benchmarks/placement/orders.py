"""Order replay on real baskets: assortments chosen on half a year, judged on the four weeks after it."""

import datetime as dt
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.table import Row
from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.placement import Baskets, choose_assortment
from doorstep.placement.assortment import most_popular, peel
from doorstep.placement.baskets import basket_weights

TRAINING_DAYS, LATER_DAYS = 182, 28
SHARES = (0.05, 0.1, 0.2)
SPLITS = ("2017-10-08", "2017-11-05")
"""Last days of training. The method was developed on zones 0 to 6 and days up to 2017-10-29."""
KINDS = {"orders of at most 5": 5, "all orders": 1_000_000}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Past orders of all zones and later orders of one.

    ``past`` are all orders; ``age_days``, ``own`` and ``kept`` (O,) say which are the zone's, and of the kind judged.
    """

    past: Baskets
    age_days: Floats
    own: Bools
    kept: Bools
    later: Baskets
    group: Ints


def order_rows(data: Path, *, peers: bool) -> list[Row]:
    """Return a row for each kind of orders, split and share of products, over all zones and for zone 7 alone."""
    lines = pl.read_parquet(data / "cj_lines.parquet")
    products = pl.read_parquet(data / "cj_products.parquet")
    zones = sorted(lines["zone"].unique().to_list())
    rows: list[Row] = []
    for split in SPLITS:
        part = _window(lines, split)
        for kind, largest in KINDS.items():
            cases = {zone: _case(part, products, zone, largest) for zone in zones}
            for share in SHARES:
                found = [_replayed(cases[zone], share, peers=peers) for zone in zones]
                instance = f"{kind}, until {split}, {share:.0%} of products"
                rows.append({"instance": instance, **_together(found)})
                rows.append({"instance": f"{instance}, zone {zones[-1]} only", **_together(found[-1:])})
    return rows


def _window(lines: pl.DataFrame, split: str) -> pl.DataFrame:
    """Return distinct products of orders with their age [days] at the end of training, and the sizes of orders."""
    end = dt.datetime.fromisoformat(split) + dt.timedelta(days=1)
    aged = lines.with_columns(age=-(pl.col("ts").cast(pl.Datetime("us")) - end).dt.total_seconds() / 86_400)
    aged = aged.filter((pl.col("age") <= TRAINING_DAYS) & (pl.col("age") > -LATER_DAYS))
    aged = aged.unique(["basket_id", "product_id"])
    return aged.with_columns(size=pl.len().over("basket_id"))


def _case(part: pl.DataFrame, products: pl.DataFrame, zone: int, largest: int) -> Case:
    past = part.filter(pl.col("age") > 0).sort("basket_id", "product_id")
    later = part.filter((pl.col("age") <= 0) & (pl.col("zone") == zone) & (pl.col("size") <= largest))
    known = past.select("product_id").unique().sort("product_id").with_row_index("item")
    group = known.join(products, on="product_id", how="left", maintain_order="left")["product_category"]
    old = _baskets(past, known)
    first = past.group_by("basket_id", maintain_order=True).first()
    return Case(
        past=old,
        age_days=first["age"].to_numpy(),
        own=(first["zone"] == zone).to_numpy(),
        kept=(first["size"] <= largest).to_numpy(),
        later=_baskets(later.sort("basket_id", "product_id"), known),
        group=group.fill_null("").rank("dense").cast(pl.Int64).to_numpy() - 1,
    )


def _baskets(lines: pl.DataFrame, known: pl.DataFrame) -> Baskets:
    numbered = lines.join(known, on="product_id", how="left", maintain_order="left")
    order = numbered["basket_id"].rank("dense").cast(pl.Int64).to_numpy() - 1
    orders = int(order.max()) + 1
    return Baskets(
        start=np.searchsorted(order, np.arange(orders + 1)).astype(np.int64),
        item=numbered["item"].cast(pl.Int64).fill_null(-1).to_numpy().astype(np.int64),
        weight=np.ones(orders),
        products=known.height,
    )


def _part(baskets: Baskets, keep: Bools, weight: Floats) -> Baskets:
    size = baskets.size
    return Baskets(
        start=np.concatenate([[0], np.cumsum(size[keep])]).astype(np.int64),
        item=baskets.item[np.repeat(keep, size)],
        weight=weight[keep],
        products=baskets.products,
    )


def _replayed(case: Case, share: float, *, peers: bool) -> dict[str, float]:
    ones = np.ones(case.own.size)
    mine = _part(case.past, case.own & case.kept, ones)
    sold = np.bincount(mine.item, minlength=mine.products).astype(np.float64)
    count = int(share * (sold > 0).sum())
    weight = basket_weights(case.age_days, case.own)
    everything = _part(case.past, case.own | ~case.own, weight)
    began = time.process_time()
    plan = choose_assortment(
        _part(case.past, case.kept, weight), count, group=case.group, popularity=everything.popularity()
    )
    cpu_s = time.process_time() - began
    alone = choose_assortment(mine, count, group=case.group, popularity=_part(case.past, case.own, ones).popularity())
    found = {
        "orders": float(case.later.weight.size),
        "complete_share": case.later.complete_share(plan.chosen),
        "own_orders_only": case.later.complete_share(alone.chosen),
        "top_k": case.later.complete_share(most_popular(sold, count)),
        "past_share": mine.complete_share(plan.chosen),
        "past_bound": alone.bound,
        "cpu_s": cpu_s,
        "violations": float(int(plan.chosen.sum() != count) + int(plan.complete > plan.bound + 1e-9)),
    }
    if peers:
        found["peeling"] = case.later.complete_share(peel(mine, count))
    return found


def _together(found: list[dict[str, float]]) -> dict[str, object]:
    orders = np.array([each["orders"] for each in found])
    means = {
        key: float(np.average([each[key] for each in found], weights=orders))
        for key in found[0]
        if key not in ("orders", "cpu_s", "violations")
    }
    return {
        "solver": "doorstep",
        "orders": int(orders.sum()),
        **means,
        "over_top_k_pct": 100 * (means["complete_share"] / means["top_k"] - 1),
        "cpu_s": round(max(each["cpu_s"] for each in found), 2),
        "violations": int(sum(each["violations"] for each in found)),
    }
