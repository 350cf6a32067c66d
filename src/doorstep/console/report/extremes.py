"""The dearest and the slowest orders, each with its story."""

from dataclasses import dataclass

import polars as pl

from doorstep.console import words as w
from doorstep.console.story import OrderStory, order_story
from doorstep.domain import DayPlan, Retailer
from doorstep.domain.tables import COST_PARTS

HOW_MANY = 10
MOST_ALTERNATIVES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A cost part of an order, as a share of its cost in percent."""

    code: str
    name: str
    text: str
    percent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Extreme:
    """An order worth reading: its number, what is special about it, and its story."""

    order_id: str
    figure: str
    gist: str
    parts: tuple[Share, ...]
    story: OrderStory


def dearest_orders(retailer: Retailer, plan: DayPlan) -> tuple[Extreme, ...]:
    """Return the orders that cost most."""
    rows = _served(retailer, plan).sort("cost_minor", "order_id", descending=[True, False]).head(HOW_MANY)
    return tuple(
        _extreme(retailer, plan, row, figure=w.money(row["cost_minor"], retailer.currency))
        for row in rows.iter_rows(named=True)
    )


def slowest_orders(retailer: Retailer, plan: DayPlan) -> tuple[Extreme, ...]:
    """Return the orders with the longest time from placing to the door: late ones first, as they matter most."""
    rows = (
        _served(retailer, plan)
        .filter(pl.col("delivered_at").is_not_null())
        .with_columns((pl.col("delivered_at") - pl.col("placed_at")).alias("took_s"))
        .sort("on_time", "took_s", "order_id", descending=[False, True, False])
        .head(HOW_MANY)
    )
    return tuple(_extreme(retailer, plan, row, figure=w.duration(row["took_s"])) for row in rows.iter_rows(named=True))


def _served(retailer: Retailer, plan: DayPlan) -> pl.DataFrame:
    return plan.order_outcomes.filter(pl.col("status").cast(pl.String) == "served").join(
        retailer.orders.select("order_id", "placed_at"), on="order_id", how="inner", maintain_order="left"
    )


def _extreme(retailer: Retailer, plan: DayPlan, row: dict[str, object], *, figure: str) -> Extreme:
    amounts = {part: int(str(row[f"{part}_minor"])) for part in COST_PARTS}
    total = sum(amounts.values()) or 1
    parts = tuple(
        Share(code=part, name=w.PART_NAMES[part], text=w.money(amount, retailer.currency), percent=100 * amount / total)
        for part, amount in amounts.items()
        if amount
    )
    largest = max(parts, key=lambda each: each.percent, default=None)
    modes = plan.deliveries.filter(pl.col("order_id") == row["order_id"])["mode"].cast(pl.String).unique().sort()
    by = w.listed([w.MODE_NAMES.get(mode, mode) for mode in modes]) if modes.len() else "nobody"
    late = "" if row["on_time"] else ", outside its promise"
    mostly = f", mostly {largest.name} ({largest.percent:.0f}{w.NBSP}%)" if largest else ""
    gist = (
        f"{w.many(int(str(row['parcels'])), 'parcel')} from {w.many(int(str(row['sites'])), 'site')} by {by}{late};"
        f" {w.plain(str(row['method']))}{mostly}"
    )
    order_id = str(row["order_id"])
    story = order_story(retailer, plan, order_id, most_alternatives=MOST_ALTERNATIVES)
    return Extreme(order_id=order_id, figure=figure, gist=w.sentence(gist), parts=parts, story=story)
