"""The report's view of coverage: what share of the demand lies near sites that send vans, today and by the plan."""

import polars as pl

from doorstep.console import words as w
from doorstep.console.report.tables import Entry, Heading, Table, table_of
from doorstep.foundation.units import METRES_PER_MILE
from doorstep.operations.planning.coverage import NEAR_M, WHOLE

NAMELESS = "no group given"


def coverage_note(coverage: pl.DataFrame) -> str:
    """Return in words what share of all parcels lies near a site that sends vans."""
    near = coverage.filter((pl.col("by") == WHOLE) & (pl.col("within_m") == NEAR_M))
    share = dict(near.select("sites", "share").iter_rows())
    return (
        f"{w.share(share['plan'])} of all parcels lie within {w.distance(NEAR_M)} of a site that sends vans, "
        f"{w.share(share['today'])} today, as the crow flies. Each cell says today's share, then the plan's."
    )


def coverage_view(coverage: pl.DataFrame) -> Table:
    """Return the groups with their shares within each distance, today's and the plan's in one cell."""
    within = coverage["within_m"].unique().sort().to_list()
    headings = (
        Heading(text="Parcels of", number=False),
        Heading(text="Parcels a day"),
        *(Heading(text=w.distance(metres), definition=f"{metres / METRES_PER_MILE:.0f} miles") for metres in within),
    )
    rows = []
    for (by, group), mine in coverage.group_by("by", "group", maintain_order=True):
        share = {(sites, metres): value for sites, metres, value in mine.select("sites", "within_m", "share").rows()}
        name = {"all": "all", "region": f"region {group}"}.get(str(by), str(group) or NAMELESS)
        a_day = float(mine["parcels_per_day"][0])
        rows.append(
            (
                Entry(text=name, key=name),
                Entry(text=w.count(round(a_day)), key=a_day),
                *(_pair(share["today", metres], share["plan", metres]) for metres in within),
            )
        )
    return table_of(w.many(len(rows), "group"), headings, rows, "coverage.csv")


def _pair(today: float, plan: float) -> Entry:
    return Entry(text=f"{w.share(today)} → {w.share(plan)}", key=plan)
