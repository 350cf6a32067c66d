"""Checks allocations against the retailer's tables, sharing nothing with the routing code."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl

_LINE = ["order_id", "product_id"]


def check_allocations(tables: dict[str, pl.DataFrame], allocations: pl.DataFrame, outcomes: pl.DataFrame) -> list[str]:
    """Return one sentence for each broken rule.

    Stock is never oversold, every unit of a served order is allocated once and none of an unserved one, and no site
    picks more lines on a day than it can.

    Parameters
    ----------
    tables
        The retailer's tables by name.
    """
    return [
        *_oversold(tables["stock"], allocations),
        *_wrong_quantities(tables["order_lines"], allocations, outcomes),
        *_overloaded(tables["sites"], tables["orders"], allocations),
    ]


def _oversold(stock: pl.DataFrame, allocations: pl.DataFrame) -> list[str]:
    free = stock.select("site_id", "product_id", free=(pl.col("on_hand") - pl.col("safety_stock")).clip(lower_bound=0))
    taken = allocations.group_by("site_id", "product_id").agg(taken=pl.col("quantity").sum())
    over = taken.join(free, on=["site_id", "product_id"], how="left").with_columns(pl.col("free").fill_null(0))
    return [
        f"site {row['site_id']}, product {row['product_id']}: {row['taken']} units allocated, {row['free']} free."
        for row in over.filter(pl.col("taken") > pl.col("free")).iter_rows(named=True)
    ]


def _wrong_quantities(order_lines: pl.DataFrame, allocations: pl.DataFrame, outcomes: pl.DataFrame) -> list[str]:
    served = outcomes.filter(pl.col("status").cast(pl.String) == "served").select("order_id")
    wanted = order_lines.join(served, on="order_id", how="semi").group_by(_LINE).agg(wanted=pl.col("quantity").sum())
    given = allocations.group_by(_LINE).agg(given=pl.col("quantity").sum())
    both = wanted.join(given, on=_LINE, how="full", coalesce=True).with_columns(
        pl.col("wanted").fill_null(0), pl.col("given").fill_null(0)
    )
    return [
        f"order {row['order_id']}, product {row['product_id']}: {row['wanted']} to serve, {row['given']} allocated."
        for row in both.filter(pl.col("wanted") != pl.col("given")).iter_rows(named=True)
    ]


def _overloaded(sites: pl.DataFrame, orders: pl.DataFrame, allocations: pl.DataFrame) -> list[str]:
    limited = {row["site_id"]: row for row in sites.filter(pl.col("pick_lines_per_day").is_not_null()).to_dicts()}
    placed = dict(zip(orders["order_id"], orders["placed_at"], strict=True))
    picked: dict[tuple[str, object], int] = {}
    for row in allocations.filter(pl.col("site_id").is_in(list(limited))).iter_rows(named=True):
        key = (row["site_id"], _pick_day(limited[row["site_id"]], placed[row["order_id"]]))
        picked[key] = picked.get(key, 0) + 1
    return [
        f"site {site} picks {lines} lines on {day}, more than {limited[site]['pick_lines_per_day']}."
        for (site, day), lines in picked.items()
        if lines > limited[site]["pick_lines_per_day"]
    ]


def _pick_day(site: dict[str, object], placed_at: int) -> object:
    zone = ZoneInfo(str(site["time_zone"]))
    placed = datetime.fromtimestamp(placed_at, UTC).astimezone(zone)
    start = max(placed.timestamp(), _at(placed, str(site["opens"]), zone))
    late = placed.timestamp() > _at(placed, str(site["order_cutoff"]), zone)
    if late or start + int(str(site["preparation_s"])) > _at(placed, str(site["closes"]), zone):
        return placed.date() + timedelta(days=1)
    return placed.date()


def _at(moment: datetime, text: str, zone: ZoneInfo) -> float:
    if text == "24:00":
        return datetime.combine(moment.date() + timedelta(days=1), time(0), zone).timestamp()
    return datetime.combine(moment.date(), time.fromisoformat(text), zone).timestamp()
