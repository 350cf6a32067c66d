"""Recomputes promises from the tables with wall clocks, sharing nothing with the windows module."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl


def check_promises(
    orders: pl.DataFrame, service_levels: pl.DataFrame, outcomes: pl.DataFrame, zone_of_order: list[str]
) -> list[str]:
    """Return one sentence for each order whose planned window is not the promised one.

    Parameters
    ----------
    orders, service_levels
        Tables of the retailer folder.
    outcomes
        The plan's ``order_outcomes``.
    zone_of_order : (O,)
        IANA zone of each order's place, in the order of ``orders``.
    """
    levels = {row["service_level_id"]: row for row in service_levels.iter_rows(named=True)}
    planned = {
        row["order_id"]: (row["window_start_at"], row["window_end_at"])
        for row in outcomes.select("order_id", "window_start_at", "window_end_at").iter_rows(named=True)
    }
    doubled = outcomes["order_id"].filter(outcomes["order_id"].is_duplicated()).unique().sort()
    faults = [f"order {name} has more than one outcome." for name in doubled]
    soon = {
        row["order_id"]: (row["delivered_at"], row["same_or_next_day"])
        for row in outcomes.select("order_id", "delivered_at", "same_or_next_day").iter_rows(named=True)
    }
    for order, zone in zip(orders.iter_rows(named=True), zone_of_order, strict=True):
        expected = _window(order, levels[order["service_level_id"]], ZoneInfo(zone))
        got = planned.get(order["order_id"])
        delivered_at, said = soon.get(order["order_id"], (None, False))
        if said != (delivered_at is not None and delivered_at < _day_after_next(order, ZoneInfo(zone))):
            faults.append(f"order {order['order_id']}: same_or_next_day is {said}, delivered at {delivered_at}.")
        if got != expected:
            faults.append(f"order {order['order_id']}: planned window {got} is not the promised {expected}.")
    return faults


def _window(order: dict[str, object], level: dict[str, object], zone: ZoneInfo) -> tuple[int, int]:
    if order["window_start_at"] is not None:
        return int(str(order["window_start_at"])), int(str(order["window_end_at"]))
    placed = datetime.fromtimestamp(int(str(order["placed_at"])), UTC).astimezone(zone)
    cutoff = _clock(placed, 0, str(level["cutoff"]), zone)
    days = int(str(level["promise_days"])) + (1 if placed.timestamp() > cutoff else 0)
    return _clock(placed, days, str(level["window_starts"]), zone), _clock(
        placed, days, str(level["window_ends"]), zone
    )


def _day_after_next(order: dict[str, object], zone: ZoneInfo) -> int:
    """Return the midnight that ends the day after the one of placing."""
    placed = datetime.fromtimestamp(int(str(order["placed_at"])), UTC).astimezone(zone)
    return _clock(placed, 2, "00:00", zone)


def _clock(day_of: datetime, days: int, text: str, zone: ZoneInfo) -> int:
    day = (day_of + timedelta(days=days)).date()
    if text == "24:00":
        return int(datetime.combine(day + timedelta(days=1), time(0), zone).timestamp())
    return int(datetime.combine(day, time.fromisoformat(text), zone).timestamp())
