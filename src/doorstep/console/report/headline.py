"""The headline of a report: the plan in plain words and in a few numbers."""

from dataclasses import dataclass

import polars as pl

from doorstep.console import words as w
from doorstep.console.report.measures import measure_of, value_text
from doorstep.console.report.scoreboard import OURS, Scores


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A headline number with what it means and a line below it."""

    label: str
    value: str
    note: str
    definition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """The plan in plain words and in a few numbers."""

    sentences: tuple[str, ...]
    tiles: tuple[Tile, ...]


def read_headline(scores: Scores, outcomes: pl.DataFrame, currency: str) -> Headline:
    """Return the headline; what the scoreboard lacks is taken from the outcomes of the orders."""
    orders = outcomes.height
    served = outcomes.filter(pl.col("status").cast(pl.String) == "served")
    cost, on_time = scores.value("cost_per_order_minor"), scores.value("on_time_share")
    if cost is None:
        cost = int(served["cost_minor"].sum()) / max(served.height, 1)
    if on_time is None:
        on_time = int(outcomes["on_time"].sum()) / max(orders, 1)
    lines = [_served_sentence(orders, served.height, cost, currency)]
    lines.append(_saving_sentence(scores, cost, currency))
    late = served.height - int(served["on_time"].sum())
    tail = f"; {w.many(late, 'order')} {'arrives' if late == 1 else 'arrive'} outside it." if late else "."
    lines.append(f"{w.share(on_time)} of all orders are served inside their promise{tail}" if orders else "")
    tiles = _tiles(scores, orders, served.height, cost, on_time, currency)
    return Headline(sentences=tuple(line for line in lines if line), tiles=tiles)


def _served_sentence(orders: int, served: int, cost: float, currency: str) -> str:
    if not orders:
        return "There are no orders to plan."
    all_of_them = w.many(orders, "order")
    which = f"All {all_of_them}" if served == orders else f"{w.count(served)} of {all_of_them}"
    return f"{which} are served, at {w.money(cost, currency)} an order."


def _saving_sentence(scores: Scores, cost: float, currency: str) -> str:
    """Return how the cost stands to that of each baseline, in one sentence."""
    against = []
    for plan, name in zip(scores.plans, scores.plan_names, strict=True):
        theirs = scores.value("cost_per_order_minor", plan)
        if plan == OURS or not theirs:
            continue
        gap = (theirs - cost) / theirs
        word = "less" if gap > 0 else "more"
        size = "as much as" if abs(gap) < 0.0005 else f"{w.share(abs(gap))} {word} than"
        against.append(f"{size} the baseline \u201c{name}\u201d ({w.money(theirs, currency)})")
    return w.sentence(f"That is {w.listed(against)}") if against else ""


def _tiles(scores: Scores, orders: int, served: int, cost: float, on_time: float, currency: str) -> tuple[Tile, ...]:
    savings = []
    for plan, name in zip(scores.plans, scores.plan_names, strict=True):
        theirs = scores.value("cost_per_order_minor", plan)
        if plan != OURS and theirs:
            savings.append((name, (theirs - cost) / theirs))
    best = [f"{w.MINUS if gap > 0 else '+'}{w.share(abs(gap))} against {name}" for name, gap in savings]
    tiles = [
        _tile("served", f"{w.count(served)}", f"of {w.many(orders, 'order')}", "Orders served"),
        _tile("cost_per_order_minor", w.money(cost, currency), best[0] if best else ""),
        _tile("on_time_share", w.share(on_time), "of all orders"),
    ]
    notes = {
        "same_or_next_day_share": "of all orders, by the day after placing",
        "parcels_per_route": "on own vehicles",
        "split_rate": "picked at several sites",
    }
    for name, note in notes.items():
        value = scores.value(name)
        if value is not None:
            tiles.append(_tile(name, value_text(name, value, currency), note))
    return tuple(tiles)


def _tile(name: str, value: str, note: str, label: str = "") -> Tile:
    measure = measure_of(name)
    return Tile(label=label or measure.label, value=value, note=note, definition=measure.definition)
