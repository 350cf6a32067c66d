"""Views of the report's tables: routes, carriers, sites and unserved orders, a cell with its sort key."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from doorstep.console import words as w
from doorstep.console.report.deliveries import placed_deliveries, placed_routes, unserved_orders
from doorstep.domain import DayPlan, Retailer

MOST_ROWS = 2_500
"""Rows of a table in the report; the files of the plan hold them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A column's heading; numbers are set to the right."""

    text: str
    number: bool = True
    definition: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A cell: what it shows, and what it is sorted by."""

    text: str
    key: float | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table; ``left_out`` rows are not shown, ``source`` is the file that holds them all."""

    caption: str
    headings: tuple[Heading, ...]
    rows: tuple[tuple[Entry, ...], ...]
    source: str
    left_out: int = 0
    links_routes: bool = False


def _text(value: str) -> Entry:
    return Entry(text=value, key=value)


def _number(value: float) -> Entry:
    return Entry(text=w.count(value), key=value)


def table_of(caption: str, headings: tuple[Heading, ...], rows: Sequence[tuple[Entry, ...]], source: str) -> Table:
    """Return a table of the rows that there is room for."""
    shown = tuple(rows[:MOST_ROWS])
    return Table(caption=caption, headings=headings, rows=shown, source=source, left_out=max(len(rows) - MOST_ROWS, 0))


def route_table(retailer: Retailer, plan: DayPlan) -> Table:
    """Return the routes in order of site and departure."""
    several = placed_routes(retailer, plan)["day"].n_unique() > 1
    headings = (
        Heading(text="Route", number=False),
        Heading(text="Site", number=False),
        Heading(text="Vehicle", number=False),
        Heading(text="Leaves", definition="Departure, on the site's clock."),
        Heading(text="Back", definition="Return, on the site's clock."),
        Heading(text="Doors", definition="Stops at which parcels are handed over."),
        Heading(text="Parcels"),
        Heading(text="Trips", definition="Times the vehicle leaves its site."),
        Heading(text="Driven", definition="Road distance, estimated."),
        Heading(text="Stem", definition="Share driven between the site and the first or last door of a trip."),
        Heading(text="Cost", definition="Cost of the day, the kilometres and the hours."),
        Heading(text="Per parcel", definition="Cost of the route divided by its parcels."),
    )
    rows = []
    for row in placed_routes(retailer, plan).sort("site_id", "starts_at", "route_id").iter_rows(named=True):
        stem = row["stem_m"] / row["distance_m"] if row["distance_m"] else 0.0
        each = row["cost_minor"] / row["parcels"]
        vehicle = row["vehicle_type"] or row["vehicle_id"]
        leaves = f"{w.day(row['start'])} {row['start']:%H:%M}" if several else f"{row['start']:%H:%M}"
        rows.append(
            (
                _text(row["route_id"]),
                _text(row["site_name"] or row["site_id"]),
                _text(vehicle),
                Entry(text=leaves, key=row["starts_at"]),
                Entry(text=f"{row['end']:%H:%M}", key=row["ends_at"]),
                _number(row["stops"]),
                _number(row["parcels"]),
                _number(row["trips"]),
                Entry(text=w.distance(row["distance_m"]), key=row["distance_m"]),
                Entry(text=w.share(stem), key=round(stem, 4)),
                Entry(text=w.money(row["cost_minor"], retailer.currency), key=row["cost_minor"]),
                Entry(text=w.money(each, retailer.currency), key=round(each, 2)),
            )
        )
    made = table_of(f"{w.many(len(rows), 'route')} of own vehicles", headings, rows, "tables/routes.csv")
    return replace(made, links_routes=True)


def carrier_table(retailer: Retailer, plan: DayPlan) -> Table:
    """Return the carriers used, most drops first."""
    names = retailer.carriers.select("carrier_id", pl.col("name").alias("carrier_name"))
    used = (
        plan.deliveries.filter(pl.col("carrier_id") != "")
        .group_by("carrier_id", pl.col("mode").cast(pl.String))
        .agg(pl.len().alias("drops"), pl.col("parcels", "carrier_fee_minor", "failure_risk_minor").sum())
        .join(names, on="carrier_id", how="left")
        .sort("drops", "carrier_id", descending=[True, False])
    )
    headings = (
        Heading(text="Carrier", number=False),
        Heading(text="Mode", number=False),
        Heading(text="Drops", definition="Deliveries: the parcels of one order from one site."),
        Heading(text="Parcels"),
        Heading(text="Spend", definition="What the carrier charges by its rate card, surcharges included."),
        Heading(text="Per drop", definition="Spend divided by drops."),
        Heading(text="Failure risk", definition="Expected cost of its failed deliveries."),
    )
    rows = [
        (
            _text(row["carrier_name"] or row["carrier_id"]),
            _text(w.MODE_NAMES.get(row["mode"], row["mode"])),
            _number(row["drops"]),
            _number(row["parcels"]),
            Entry(text=w.money(row["carrier_fee_minor"], retailer.currency), key=row["carrier_fee_minor"]),
            Entry(
                text=w.money(row["carrier_fee_minor"] / row["drops"], retailer.currency),
                key=round(row["carrier_fee_minor"] / row["drops"], 2),
            ),
            Entry(text=w.money(row["failure_risk_minor"], retailer.currency), key=row["failure_risk_minor"]),
        )
        for row in used.iter_rows(named=True)
    ]
    return table_of(f"{w.many(len(rows), 'carrier')} in use", headings, rows, "tables/deliveries.csv")


def site_table(retailer: Retailer, plan: DayPlan) -> Table:
    """Return the sites with what they pick, pack and send."""
    picks = plan.allocations.group_by("site_id").agg(
        pl.col("order_id").n_unique().alias("orders"), pl.len().alias("lines"), pl.col("quantity").sum().alias("units")
    )
    packs = plan.parcels.group_by("site_id").agg(pl.len().alias("parcels"))
    sends = (
        placed_deliveries(retailer, plan)
        .group_by("dispatch_site_id")
        .agg(pl.len().alias("dispatched"), (pl.col("mode") == "pickup").sum().alias("collected"))
        .rename({"dispatch_site_id": "site_id"})
    )
    vans = plan.routes.group_by("site_id").agg(pl.len().alias("routes"))
    rows = retailer.sites.select("site_id", pl.col("kind").cast(pl.String), "name", "pick_lines_per_day")
    for part in (picks, packs, sends, vans):
        rows = rows.join(part, on="site_id", how="left", maintain_order="left")
    counts = ("orders", "lines", "units", "parcels", "dispatched", "collected", "routes")
    rows = rows.with_columns(pl.col(counts).fill_null(0))
    headings = (
        Heading(text="Site", number=False),
        Heading(text="Kind", number=False),
        Heading(text="Orders", definition="Orders for which the site picks something."),
        Heading(text="Lines picked", definition="Different products picked, counted once an order."),
        Heading(text="Capacity", definition="Lines that can be picked on one day; a dash where there is no limit."),
        Heading(text="Units picked"),
        Heading(text="Parcels packed"),
        Heading(text="Drops sent", definition="Deliveries that leave the site or are collected there."),
        Heading(text="Collected", definition="Drops that shoppers collect there."),
        Heading(text="Routes", definition="Shifts of own vehicles used."),
    )
    table = [
        (
            _text(row["name"] or row["site_id"]),
            _text(w.KIND_NAMES.get(row["kind"], row["kind"])),
            _number(row["orders"]),
            _number(row["lines"]),
            Entry(text="–", key=-1) if row["pick_lines_per_day"] is None else _number(row["pick_lines_per_day"]),
            *(_number(row[name]) for name in ("units", "parcels", "dispatched", "collected", "routes")),
        )
        for row in rows.sort("lines", "site_id", descending=[True, False]).iter_rows(named=True)
    ]
    return table_of(f"{w.many(len(table), 'site')}", headings, table, "tables/allocations.csv")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A reason for not serving orders, and how many orders have it."""

    name: str
    count: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Unserved:
    """Unserved orders: by reason, and one by one."""

    reasons: tuple[Reason, ...]
    table: Table

    @property
    def count(self) -> int:
        """Orders that are not served."""
        return sum(reason.count for reason in self.reasons)


def unserved_view(retailer: Retailer, plan: DayPlan) -> Unserved:
    """Return the unserved orders, the most frequent reason first."""
    missed = unserved_orders(retailer, plan)
    counts = missed.group_by("reason").len().sort("len", "reason", descending=[True, False])
    reasons = tuple(
        Reason(name=w.REASON_NAMES.get(reason, w.plain(reason)), count=number, share=number / missed.height)
        for reason, number in counts.iter_rows()
    )
    headings = (
        Heading(text="Order", number=False),
        Heading(text="Reason", number=False),
        Heading(text="In words", number=False),
        Heading(text="Option", number=False),
        Heading(text="Postal code", number=False),
    )
    rows = [
        (
            _text(row["order_id"]),
            _text(w.REASON_NAMES.get(row["reason"], w.plain(row["reason"]))),
            _text(row["detail"]),
            _text(w.plain(row["method"])),
            _text(row["postal_code"]),
        )
        for row in missed.sort("reason", "order_id").iter_rows(named=True)
    ]
    caption = f"{w.many(len(rows), 'unserved order')}"
    return Unserved(reasons=reasons, table=table_of(caption, headings, rows, "tables/order_outcomes.csv"))
