"""The report of a forecast: days sold and expected, zones, products, and why the largest are what they are."""

from datetime import date

import numpy as np
import polars as pl

from doorstep import __version__
from doorstep.console import words as w
from doorstep.console.report.charts import Column, ColumnChart, Line
from doorstep.console.report.headline import Tile
from doorstep.console.report.page import embedded_json, environment, own_files
from doorstep.console.report.tables import Entry, Heading, Table, table_of
from doorstep.demand.explain import explain
from doorstep.operations.planning.forecasting import SHOWN_DAYS, ForecastStudy, figures, forecast_tables

EXPLAINED = 20
"""Products in zones whose forecast is explained: those that are expected to sell most."""
MOST_FACTORS = 4
METHODS = {"learnt": "learnt from past origins", "window": "window averages times the calendar"}


def render_forecast(study: ForecastStudy, *, title: str) -> str:
    """Return the report of a forecast as one HTML file that loads nothing from anywhere."""
    tables = forecast_tables(study)
    size = (w.many(len(study.plan.product_ids), "product"), w.many(len(study.plan.zone_ids), "zone"),
            w.many(study.history.days, "day") + " of sales")  # fmt: skip
    return environment().get_template("forecast.html.j2").render(
        title=title,
        version=__version__,
        subtitle=" · ".join(size),
        sentences=forecast_headline(study),
        tiles=_tiles(study),
        chart=_chart(study, tables["days"]),
        zones=_sums(tables["zones"], "zone_id", "Zone", "zones.csv"),
        products=_sums(tables["products"], "product_id", "Product", "products.csv"),
        reasons=_reasons(study),
        stock=_stock(study, tables["forecast"]),
        notes=study.notes or ("Nothing out of the ordinary was noticed in the sales.",),
        map_json=embedded_json(None),
        **own_files(),
    )  # fmt: skip


def forecast_headline(study: ForecastStudy) -> tuple[str, ...]:
    """Return the forecast in sentences: how much beside how much before, and how good it was where that is known."""
    told = figures(study)
    expected, sold = float(str(told["expected_per_day"])), float(str(told["sold_per_day"]))
    change, ahead = (expected / sold - 1 if sold else 0.0), study.plan.horizon_days
    from_day = study.first_day
    lines = [
        f"{w.count(round(expected))} units a day are expected in the {ahead} days from {from_day} on.",
        f"In as many days before, {w.count(round(sold))} were sold a day ({100 * change:+.1f}{w.NBSP}%).",
    ]
    judged = told.get("judged")
    if isinstance(judged, dict):
        off, covered = f"{judged['bias_pct']:+.1f}{w.NBSP}%", judged["covered_95_share"]
        lines.append(f"In the {judged['days']} days that are known by now, the sum was off by {off}.")
        if covered is not None:
            lines.append(f"Stock for 95{w.NBSP}% of cases covered {w.share(covered)} of them.")
    return tuple(lines)


def _tiles(study: ForecastStudy) -> tuple[Tile, ...]:
    told = figures(study)
    stock = study.plan.stock(0.95, study.cover_days)
    mean = float(study.plan.lead_time(study.cover_days).mean.sum())
    times = f"units, {stock.sum() / max(mean, 1e-9):.2f} times what is expected"
    rows = (
        ("Expected a day", w.count(round(float(str(told["expected_per_day"])))), "units", "Mean of the days ahead."),
        ("Series", w.count(int(study.plan.product.size)), "products in zones", "Each has its own distribution."),
        (f"To cover {study.cover_days} days", w.count(int(stock.sum())), times,
         "Units that are enough in 95 of 100 cases, summed over all series."),
        ("Made by", study.plan.method, METHODS[study.plan.method], "How the means were made."),
    )  # fmt: skip
    return tuple(Tile(label=label, value=value, note=note, definition=text) for label, value, note, text in rows)


def _chart(study: ForecastStudy, days: pl.DataFrame) -> ColumnChart:
    """Return the units of each day: sold before the forecast, expected from then on."""
    known = study.plan.first_day - study.history.first_day
    first = max(0, known - SHOWN_DAYS)
    rows = days[first : known + study.plan.horizon_days]
    columns = []
    for number, (day, sold, expected) in enumerate(rows.iter_rows(), start=first):
        values = (round(sold or 0.0), 0) if number < known else (0, round(expected or 0.0))
        columns.append(Column(name=day.isoformat(), tick=_tick(day), values=values))
    return ColumnChart(
        title="Units a day",
        summary=f"Units sold on each of {known - first} days and expected on the {study.plan.horizon_days} after them.",
        column_title="day",
        value_title="units",
        series=(("orders", "sold"), ("own_fleet", "expected")),
        columns=tuple(columns),
        lines=(Line(at=float(known - first), text="forecast"),),
    )


def _tick(day: date) -> str:
    return f"{day.day} {day.strftime('%b')}"


def _sums(table: pl.DataFrame, key: str, name: str, source: str) -> Table:
    headings = (
        Heading(text=name, number=False),
        Heading(text="Expected a day"),
        Heading(text="Sold a day", definition="In as many days before the forecast."),
        Heading(text="Change"),
    )
    rows = []
    for row in table.iter_rows(named=True):
        before, then = row["sold_per_day"], row["expected_per_day"]
        change = then / before - 1 if before else 0.0
        rows.append((
            Entry(text=row[key], key=row[key]),
            Entry(text=f"{then:,.1f}", key=then),
            Entry(text=f"{before:,.1f}", key=before),
            Entry(text=f"{100 * change:+.0f}{w.NBSP}%" if before else "new", key=change),
        ))  # fmt: skip
    return table_of(w.many(len(rows), name.lower()), headings, rows, source)


def _stock(study: ForecastStudy, table: pl.DataFrame) -> Table:
    """Return what stock covers the series that are expected to sell most."""
    headings = (
        Heading(text="Product", number=False),
        Heading(text="Zone", number=False),
        Heading(text="Expected", definition=f"Units in {study.cover_days} days."),
        Heading(text="Half of cases"),
        Heading(text="80 of 100"),
        Heading(text="95 of 100"),
        Heading(text="98 of 100"),
    )
    rows = [
        (
            Entry(text=row["product_id"], key=row["product_id"]),
            Entry(text=row["zone_id"], key=row["zone_id"]),
            Entry(text=f"{row['expected']:,.1f}", key=row["expected"]),
            *(Entry(text=w.count(row[name]), key=row[name])
              for name in ("covers_50", "covers_80", "covers_95", "covers_98")),
        )
        for row in table.sort("expected", descending=True).iter_rows(named=True)
    ]  # fmt: skip
    return table_of(w.many(len(rows), "series", "series"), headings, rows, "forecast.csv")


def _reasons(study: ForecastStudy) -> Table:
    """Return why the first day of the largest series is what it is."""
    plan = study.plan
    headings = (
        Heading(text="Product", number=False),
        Heading(text="Zone", number=False),
        Heading(text="First day"),
        Heading(text="Usual day"),
        Heading(text="Why", number=False, definition="Factors that multiply the usual day to the first day."),
    )
    rows = []
    for series in np.argsort(-plan.mean.sum(axis=1), kind="stable")[:EXPLAINED].tolist():
        level, reasons = explain(plan.factors, series, 0)
        told = ", ".join(f"{each.about} x{w.NBSP}{each.factor:.2f}" for each in reasons[:MOST_FACTORS])
        mean = float(plan.mean[series, 0])
        rows.append((
            Entry(text=plan.product_ids[int(plan.product[series])], key=plan.product_ids[int(plan.product[series])]),
            Entry(text=plan.zone_ids[int(plan.zone[series])], key=plan.zone_ids[int(plan.zone[series])]),
            Entry(text=f"{mean:.2f}", key=mean),
            Entry(text=f"{level:.2f}", key=level),
            Entry(text=told or "as usual", key=told),
        ))  # fmt: skip
    return table_of(w.many(len(rows), "forecast"), headings, rows, "forecast.csv")
