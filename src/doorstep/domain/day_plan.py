"""The plan of one day (or of the days that the orders span): its tables, complete."""

from dataclasses import dataclass, fields

import polars as pl


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPlan:
    """The tables of a plan, one field each; the columns are those of ``PLAN_TABLES``, the scoreboard apart."""

    order_outcomes: pl.DataFrame
    allocations: pl.DataFrame
    parcels: pl.DataFrame
    parcel_lines: pl.DataFrame
    deliveries: pl.DataFrame
    routes: pl.DataFrame
    stops: pl.DataFrame
    drop_costs: pl.DataFrame
    decisions: pl.DataFrame

    def tables(self) -> dict[str, pl.DataFrame]:
        """Return the tables by name."""
        return {f.name: getattr(self, f.name) for f in fields(self)}
