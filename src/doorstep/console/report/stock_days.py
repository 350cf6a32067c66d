"""The replay in the report of a stock: figures of today's stock and of the plan's, and their days."""

from collections.abc import Callable

from doorstep.console import words as w
from doorstep.console.report.lines import LineChart, Series, round_ticks
from doorstep.console.report.tables import Entry, Heading, Table, table_of
from doorstep.operations.planning.stock_outcome import StockDay, StockOutcome

NAMES = (("today", "as today"), ("plan", "by the plan"))
"""Colour and name of each line."""


def replay_table(today: StockOutcome, plan: StockOutcome, currency: str) -> Table:
    """Return the figures of a replay, one a row."""

    def money(minor: float) -> str:
        return w.money(minor, currency)

    def short(value: float) -> str:
        return f"{value:,.2f}"

    rows: tuple[tuple[str, str, Callable[[float], str]], ...] = (
        ("Orders lost", "orders_lost", w.count),
        ("Units lost", "lost_share", w.share),
        ("Margin lost", "lost_margin_minor", money),
        ("Shelves that held less than was wanted of them", "short_share", w.share),
        ("Units from the site nearest to the door", "own_zone_share", w.share),
        ("Units from the door's region", "in_region_share", w.share),
        ("Orders served whole from one site", "one_site_share", w.share),
        ("Kilometres from site to door, of a unit", "km_per_unit", short),
        ("Hand-offs of a parcel", "hand_offs_per_parcel", short),
        ("Units on the shelves in the morning, on average", "stock_units", w.count),
        ("Bound in them, at price less margin", "stock_value_minor", money),
        ("Units bought", "bought_units", w.count),
        ("Units moved between sites", "moved_units", w.count),
    )
    before, after = (
        {**each.figures(), "orders_lost": each.total("orders") - each.total("served")} for each in (today, plan)
    )
    headings = (Heading(text="Measure", number=False), Heading(text="As today"), Heading(text="By the plan"))
    cells = [
        (
            Entry(text=text, key=text),
            *(Entry(text=show(figures[name]), key=figures[name]) for figures in (before, after)),
        )
        for text, name, show in rows
    ]
    caption = f"{w.many(len(today.days), 'day')}, {w.count(today.total('orders'))} orders"
    return table_of(caption, headings, cells, "replay.csv")


def replay_charts(today: StockOutcome, plan: StockOutcome, currency: str) -> tuple[LineChart, ...]:
    """Return the share served and the value of the stock by day; nothing of a single day."""
    if len(today.days) < 2:
        return ()

    def served(day: StockDay) -> float:
        return 1.0 - day.lost_share

    def value(day: StockDay) -> float:
        return float(day.stock_value_minor)

    def thousands(minor: float) -> str:
        return w.count(round(minor / thousand, 1))

    thousand = 1_000 * 10 ** w.DIGITS.get(currency, 2)
    bound = f"Thousands of {currency}, at price less margin, in the morning."
    return (
        _chart("Units served, by day", "Share of the units wanted.", today, plan, served, w.share, from_zero=False),
        _chart("Money bound in stock, by day", bound, today, plan, value, thousands),
    )


def _chart(
    title: str,
    summary: str,
    today: StockOutcome,
    plan: StockOutcome,
    of: Callable[[StockDay], float],
    show: Callable[[float], str],
    *,
    from_zero: bool = True,
) -> LineChart:
    values = [tuple(of(day) for day in each.days) for each in (today, plan)]
    low, high = min(map(min, values)), max(map(max, values))
    ticks = round_ticks(0.0 if from_zero else low, high)
    return LineChart(
        title=title,
        summary=summary,
        column_title="day",
        columns=tuple(str(number + 1) for number in range(len(today.days))),
        series=tuple(
            Series(code=code, name=name, values=line, texts=tuple(show(value) for value in line))
            for (code, name), line in zip(NAMES, values, strict=True)
        ),
        ticks=tuple((tick, show(tick)) for tick in ticks),
    )
