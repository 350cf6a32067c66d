"""Views of the charts: what each bar stands for, before anything is drawn."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from doorstep.console import words as w
from doorstep.console.report.bins import Bins
from doorstep.console.report.deliveries import placed_deliveries, placed_routes
from doorstep.console.report.scoreboard import Scores
from doorstep.domain import DayPlan, Retailer
from doorstep.domain.tables import COST_PARTS
from doorstep.foundation.arrays import Floats, floats

TIMED_MODES = ("own_fleet", "on_demand", "pickup")
"""Modes that have an hour; a parcel carrier promises only the end of its day."""
MOST_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A part of a stacked bar."""

    code: str
    name: str
    value: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A horizontal bar made of segments."""

    name: str
    total: str
    segments: tuple[Segment, ...]

    @property
    def length(self) -> float:
        """Sum of the segments."""
        return sum(segment.value for segment in self.segments)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a chart: one value a series, from the bottom up."""

    name: str
    tick: str
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line across the columns at a place counted in columns from the left."""

    at: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnChart:
    """Columns side by side; ``series`` gives code and name of each stacked value."""

    title: str
    summary: str
    column_title: str
    value_title: str
    series: tuple[tuple[str, str], ...]
    columns: tuple[Column, ...]
    lines: tuple[Line, ...] = ()
    note: str = ""
    peak: int = 0
    edges: bool = False
    """True where a tick stands at the left edge of its column, False where in its middle."""


def cost_bars(scores: Scores, currency: str) -> tuple[Bar, ...]:
    """Return one bar a plan: cost per order by part; plans without parts are left out."""
    bars = []
    for plan, name in zip(scores.plans, scores.plan_names, strict=True):
        segments = []
        for part in COST_PARTS:
            value = scores.value(f"{part}_per_order_minor", plan)
            if value:
                text = w.money(value, currency)
                segments.append(Segment(code=part, name=w.PART_NAMES[part], value=value, text=text))
        if segments:
            total = scores.value("cost_per_order_minor", plan)
            shown = sum(s.value for s in segments) if total is None else total
            bars.append(Bar(name=name, total=w.money(shown, currency), segments=tuple(segments)))
    return tuple(bars)


def order_costs(plan: DayPlan, currency: str) -> ColumnChart:
    """Return how many orders cost how much."""
    costs = floats(plan.order_outcomes.filter(pl.col("status").cast(pl.String) == "served")["cost_minor"])
    unit = 10 ** w.DIGITS.get(currency, 2)
    return histogram(
        costs / unit,
        title="Cost of an order",
        column_title=f"cost of an order [{currency}]",
        series=("orders", "orders"),
        show=lambda value: w.money(value * unit, currency),
    )


def route_parcels(plan: DayPlan) -> ColumnChart:
    """Return how many routes carry how many parcels."""
    return histogram(
        floats(plan.routes["parcels"]),
        title="Parcels per route",
        column_title="parcels on a route",
        series=("own_fleet", "routes"),
        show=w.count,
        whole=True,
    )


def route_loads(retailer: Retailer, plan: DayPlan) -> ColumnChart:
    """Return how full own vehicles leave: tightest of weight, volume and parcels, mean over the trips of a route."""
    loads = plan.deliveries.group_by("route_id").agg(
        pl.col("weight_g", "volume_ml", "parcels").sum().name.suffix("_on")
    )
    limits = {"weight_g_on": "max_weight_g", "volume_ml_on": "max_volume_ml", "parcels_on": "max_parcels"}
    shares = [pl.col(load) / (pl.col(limit) * pl.col("trips")) for load, limit in limits.items()]
    rows = placed_routes(retailer, plan).join(loads, on="route_id", how="inner", maintain_order="left")
    full = rows.select(pl.max_horizontal(shares).alias("full"))["full"].drop_nulls()
    return histogram(
        100 * floats(full),
        title="Load of own vehicles",
        column_title="capacity used, mean over trips [%]",
        series=("own_fleet", "routes"),
        show=lambda value: f"{value:.0f}{w.NBSP}%",
        whole=True,
    )


def histogram(
    values: Floats,
    *,
    title: str,
    column_title: str,
    series: tuple[str, str],
    show: Callable[[float], str],
    whole: bool = False,
) -> ColumnChart:
    """Return the distribution of values in round bins; the last one is open where it takes the highest 0.5 %.

    Parameters
    ----------
    series
        Code of the colour, and what is counted.
    show
        Writes a value with its unit.
    whole
        True where values between whole numbers do not matter: bins begin at whole numbers.
    """
    noun = series[1]
    if not values.size:
        return ColumnChart(
            title=title,
            summary=f"No {noun} to show.",
            column_title=column_title,
            value_title=noun,
            series=(series,),
            columns=(),
        )
    bins = Bins.over(values, whole=whole)
    counts = bins.counts(values)
    columns = tuple(
        Column(name=bins.name(k), tick=bins.text(k), values=(int(number),)) for k, number in enumerate(counts)
    )
    low, high, middle, mean = (float(f(values)) for f in (np.min, np.max, np.median, np.mean))
    return ColumnChart(
        title=title,
        summary=(
            f"{w.count(values.size)} {noun}: {show(low)} to {show(high)}, median {show(middle)}, mean {show(mean)}."
        ),
        column_title=column_title,
        value_title=noun,
        series=(series,),
        columns=columns,
        lines=(
            Line(at=bins.place(middle), text=f"median {show(middle)}"),
            Line(at=bins.place(mean), text=f"mean {show(mean)}"),
        ),
        edges=not bins.single,
    )


def delivery_hours(retailer: Retailer, plan: DayPlan) -> tuple[ColumnChart, ...]:
    """Return one chart a day: deliveries by hour and mode, on the local clock of the dispatching site.

    A day on which only parcel carriers deliver has no columns, only a note; the first ``MOST_DAYS`` days are shown.
    """
    deliveries = placed_deliveries(retailer, plan).drop_nulls("day")
    hour = pl.col("arrival").dt.hour().cast(pl.Int64).alias("hour")
    counts = {(day, at, mode): n for day, at, mode, n in deliveries.group_by("day", hour, "mode").len().iter_rows()}
    timed = {(day, at) for day, at, mode in counts if mode in TIMED_MODES}
    if not timed:
        return ()
    hours = range(min(at for _, at in timed), max(at for _, at in timed) + 1)
    series = tuple((mode, w.MODE_NAMES[mode]) for mode in TIMED_MODES if any(m == mode for _, _, m in counts))
    peak = max(sum(counts.get((day, at, code), 0) for code, _ in series) for day, at in timed)
    charts = []
    for day in sorted(deliveries["day"].unique())[:MOST_DAYS]:
        columns = tuple(
            Column(
                name=f"{at:02d}:00 to {at + 1:02d}:00",
                tick=f"{at:02d}",
                values=tuple(counts.get((day, at, code), 0) for code, _ in series),
            )
            for at in hours
        )
        total = sum(sum(column.values) for column in columns)
        carried = sum(n for (d, _, mode), n in counts.items() if d == day and mode == "parcel_carrier")
        charts.append(
            ColumnChart(
                title=w.day(day),
                summary=f"{w.many(total, 'delivery', 'deliveries')} with an hour.",
                column_title="local hour of arrival",
                value_title="deliveries",
                series=series,
                columns=columns if total else (),
                note=f"{w.count(carried)} by parcel carriers in the course of the day" if carried else "",
                peak=peak,
                edges=True,
            )
        )
    return tuple(sorted(charts, key=lambda chart: not chart.columns))
