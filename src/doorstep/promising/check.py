"""Recomputes promises and prices from the tables, with wall clocks and row by row, sharing nothing with the room."""

from collections.abc import Container, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import polars as pl


def check_promises(
    orders: pl.DataFrame,
    service_levels: pl.DataFrame,
    outcomes: pl.DataFrame,
    zone_of_order: list[str],
    *,
    later_of_order: list[str] | None = None,
    closed_of_order: Sequence[Container[str]] | None = None,
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
    later_of_order : (O,)
        Cut-off for later days of the site at its place, local HH:MM; None: no site has one.
    closed_of_order : (O,)
        Days on which that site is closed, YYYY-MM-DD; None: it never is.
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
    later = later_of_order or ["00:00"] * len(zone_of_order)
    closed = closed_of_order or [()] * len(zone_of_order)
    for order, zone, until, shut in zip(orders.iter_rows(named=True), zone_of_order, later, closed, strict=True):
        expected = _window(order, levels[order["service_level_id"]], ZoneInfo(zone), until, shut)
        got = planned.get(order["order_id"])
        delivered_at, said = soon.get(order["order_id"], (None, False))
        if said != (delivered_at is not None and delivered_at < _day_after_next(order, ZoneInfo(zone))):
            faults.append(f"order {order['order_id']}: same_or_next_day is {said}, delivered at {delivered_at}.")
        if got != expected:
            faults.append(f"order {order['order_id']}: planned window {got} is not the promised {expected}.")
    return faults


class _Rule(NamedTuple):
    rule_id: str
    service_level_id: str
    postal_prefix: str
    basket_from_minor: int
    basket_below_minor: int | None
    membership: str
    slot_load_from_pct: int
    fee_minor: int | None
    percent_bp: int
    amount_minor: int
    priority: int

    @property
    def rank(self) -> tuple[int, ...]:
        """The larger, the sooner it applies."""
        given = (self.service_level_id, self.postal_prefix, self.membership, self.slot_load_from_pct)
        band = self.basket_from_minor > 0 or self.basket_below_minor is not None
        conditions = sum(map(bool, given)) + band
        return self.priority, conditions, len(self.postal_prefix), self.slot_load_from_pct, self.basket_from_minor


class _Option(NamedTuple):
    service_level_id: str
    own_fee_minor: int
    load_pct: int
    basket_minor: int
    postal_code: str
    membership: str
    fee_minor: int
    rule_id: str


def check_fees(price_rules: pl.DataFrame, options: pl.DataFrame) -> list[str]:
    """Return one sentence for each option whose fee or rule is not the one that the price rules give.

    Parameters
    ----------
    price_rules
        Table of the retailer folder.
    options
        ``service_level_id``, ``own_fee_minor``, ``load_pct``, ``basket_minor``, ``postal_code``, ``membership``, and
        what was said: ``fee_minor`` and ``rule_id``, empty for none.
    """
    rules = [_Rule(*row) for row in price_rules.select(_Rule._fields).iter_rows()]
    faults = []
    for number, option in enumerate(_Option(*row) for row in options.select(_Option._fields).iter_rows()):
        holding = [(rule.rank, -row, rule) for row, rule in enumerate(rules) if _holds(rule, option)]
        expected = (option.own_fee_minor, "")
        if holding:
            rule = max(holding)[2]
            share = (2 * option.own_fee_minor * rule.percent_bp + 10_000) // 20_000
            changed = max(0, share + rule.amount_minor)
            expected = (changed if rule.fee_minor is None else rule.fee_minor, rule.rule_id)
        if (option.fee_minor, option.rule_id) != expected:
            faults.append(f"option {number}: {option.fee_minor} by {option.rule_id!r} is not {expected}.")
    return faults


def _holds(rule: _Rule, option: _Option) -> bool:
    below = rule.basket_below_minor
    return (
        rule.service_level_id in ("", option.service_level_id)
        and rule.membership in ("", option.membership)
        and option.postal_code.startswith(rule.postal_prefix)
        and rule.basket_from_minor <= option.basket_minor
        and (below is None or option.basket_minor < below)
        and option.load_pct >= rule.slot_load_from_pct
    )


def _window(
    order: dict[str, object], level: dict[str, object], zone: ZoneInfo, later: str, closed: Container[str]
) -> tuple[int, int]:
    if order["window_start_at"] is not None:
        return int(str(order["window_start_at"])), int(str(order["window_end_at"]))
    placed = datetime.fromtimestamp(int(str(order["placed_at"])), UTC).astimezone(zone)
    cutoff = _clock(placed, 0, str(level["cutoff"]), zone)
    days = int(str(level["promise_days"]))
    if days:
        cutoff = max(cutoff, _clock(placed, 0, later, zone))
    days += 1 if placed.timestamp() > cutoff else 0
    while (placed + timedelta(days=days)).date().isoformat() in closed:
        days += 1
    starts, ends = (_clock(placed, days, str(level[name]), zone) for name in ("window_starts", "window_ends"))
    if level["within_minutes"] is None:
        return starts, ends
    moment = int(str(order["placed_at"]))
    starts = min(ends, max(starts, int(placed.replace(second=0).timestamp())))
    quarter = max(starts, moment) + 60 * int(str(level["within_minutes"]))
    while quarter % 900:
        quarter += 1
    return starts, min(ends, quarter)


def _day_after_next(order: dict[str, object], zone: ZoneInfo) -> int:
    """Return the midnight that ends the day after the one of placing."""
    placed = datetime.fromtimestamp(int(str(order["placed_at"])), UTC).astimezone(zone)
    return _clock(placed, 2, "00:00", zone)


def _clock(day_of: datetime, days: int, text: str, zone: ZoneInfo) -> int:
    day = (day_of + timedelta(days=days)).date()
    if text == "24:00":
        return int(datetime.combine(day + timedelta(days=1), time(0), zone).timestamp())
    return int(datetime.combine(day, time.fromisoformat(text), zone).timestamp())
