"""View of what own drops cost by the density around their doors, beside what had been expected."""

import polars as pl

from doorstep.console import words as w
from doorstep.console.report.tables import Entry, Heading, Table, table_of
from doorstep.domain import DayPlan, Retailer

SOURCE = "tables/drop_costs.csv"
LEAST_PER_KM2 = 0.125


def drop_table(retailer: Retailer, plan: DayPlan) -> Table:
    """Return own drops by the doors around theirs, the sparsest first; each row has twice the density."""
    headings = (
        Heading(text="Doors per km²", definition="Doors to be served on a day in the 14 km² around."),
        Heading(text="Drops", definition="Own drops whose doors have so many around them."),
        Heading(text="Expected", definition="Price of a drop before routes exist, fitted to other sites' routes."),
        Heading(text="Realised", definition="Share of its route's cost that a drop bears, on average."),
        Heading(text="Error of the sum", definition="Expected less realised, of all these drops together."),
        Heading(text="Error of a drop", definition="Size of the error of a drop by what it cost, on average."),
    )
    power = pl.max_horizontal(pl.col("density_per_km2"), LEAST_PER_KM2).log(2).floor().cast(pl.Int64)
    bands = plan.drop_costs.group_by(power.alias("power")).agg(*_SUMS).sort("power")
    rows = [
        (
            Entry(text=f"{2.0**power:g} to {2.0 ** (power + 1):g}", key=float(power)),
            Entry(text=w.count(drops), key=float(drops)),
            _money(expected / drops, retailer.currency),
            _money(realised / drops, retailer.currency),
            _share(expected / max(realised, 1) - 1),
            _share(off / drops / 100),
        )
        for power, drops, expected, realised, off in bands.iter_rows()
    ]
    return table_of(f"{w.many(len(rows), 'class', 'classes')} of density", headings, rows, SOURCE)


def drop_errors(plan: DayPlan) -> str:
    """Return in one sentence how far expected costs were off, nothing if there are no own drops."""
    drops, expected, realised, off = plan.drop_costs.select(*_SUMS).row(0)
    if not drops:
        return ""
    total = f"{100 * (expected / max(realised, 1) - 1):+.1f}{w.NBSP}%"
    return f"Expected costs were off by {w.share(off / drops / 100)} a drop on average, and by {total} in total."


_SUMS = (
    pl.col("drops").sum(),
    pl.col("expected_minor").sum(),
    pl.col("realised_minor").sum(),
    (pl.col("error_pct") * pl.col("drops")).sum().alias("off"),
)


def _money(value: float, currency: str) -> Entry:
    return Entry(text=w.money(value, currency), key=round(value, 2))


def _share(value: float) -> Entry:
    return Entry(text=w.share(value), key=round(value, 4))
