"""Sales of the live system, day by day and zone by zone: from its own orders, or given by the retailer.

A zone is the surroundings of a site. Days that have ended are added up from the orders; a day that the retailer gives,
with what its tills sold, stands in place of them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import polars as pl
from sqlalchemy import func, select

from doorstep.domain.calendar import Calendar
from doorstep.foundation import InputError
from doorstep.foundation.arrays import Ints, ints
from doorstep.foundation.units import SECONDS_PER_DAY
from doorstep.operations.caller import Caller
from doorstep.operations.planning.availability import shares_in_stock
from doorstep.operations.planning.site_demand import home_sites
from doorstep.storage import Connection
from doorstep.storage.prepared import inserting
from doorstep.storage.retailers import load_reference
from doorstep.storage.schema.orders import order_lines, orders
from doorstep.storage.schema.planning import sales

Rows = Sequence[Mapping[str, object]]
NEVER_ASKED = ("draft", "cancelled")
"""Orders of these states are no demand."""
LOOKED_BACK = 400
"""Days before today that are learnt from, and that orders are added up of."""
SHOWN = 20
"""Faults that are told one by one."""
KEYS = ("product_id", "zone_id", "day")
HISTORY = {"product_id": pl.String, "zone_id": pl.String, "day": pl.Int32, "units": pl.Int64, "price_minor": pl.Int64,
           "promotion": pl.Float64, "display": pl.Float64, "in_stock_share": pl.Float64}  # fmt: skip
ORDERED = {"placed_at": pl.Int64, "lat": pl.Float64, "lon": pl.Float64, "pickup_site_id": pl.String,
           "product_id": pl.String, "units": pl.Int64}  # fmt: skip


def give_sales(connection: Connection, caller: Caller, rows: Rows, *, now: int) -> int:
    """Replace whole days of sales by what the retailer says was sold, and return how many days.

    Each row has the columns of the table sales; ``day`` is a number [days since 1970-01-01].

    Raises
    ------
    InputError
        If a row names a product or a site that there is not, stands twice, or its day has not ended; it lists them.
    """
    check_sales(rows, load_reference(connection, caller.tenant_id), now=now)
    days = {row["day"] for row in rows}
    for day in days:
        connection.execute(sales.delete().where(sales.c.tenant_id == caller.tenant_id, sales.c.day == day))
    connection.run(inserting(sales), [{**row, "tenant_id": caller.tenant_id, "given": True} for row in rows])
    return len(days)


def rows_of(sales_table: pl.DataFrame) -> Rows:
    """Return a table of sales as rows whose days are numbers [days since 1970-01-01]."""
    return sales_table.with_columns(pl.col("day").cast(pl.Int32)).sort("day", "product_id", "zone_id").to_dicts()


def by_days(rows: Rows, size: int) -> Iterator[Rows]:
    """Yield rows that are sorted by day in pieces of whole days, of about as many rows."""
    low = 0
    while low < len(rows):
        high = min(low + size, len(rows))
        while high < len(rows) and rows[high]["day"] == rows[high - 1]["day"]:
            high += 1
        yield rows[low:high]
        low = high


def check_sales(rows: Rows, tables: Mapping[str, pl.DataFrame], *, now: int) -> None:
    """Check rows of sales against the tables of their retailer.

    Raises
    ------
    InputError
        If a row names a product or a site that there is not, stands twice, or its day has not ended; it lists them.
    """
    today = now // SECONDS_PER_DAY
    products, sites = set(tables["products"]["product_id"]), set(tables["sites"]["site_id"])
    counts = Counter(tuple(row[name] for name in KEYS) for row in rows)
    faults = []
    for number, row in enumerate(rows):
        rules = (
            (row["product_id"] in products, f"there is no product {row['product_id']}."),
            (row["zone_id"] in sites, f"zone_id {row['zone_id']} is no site."),
            (int(str(row["day"])) < today, f"day {np.datetime64(int(str(row['day'])), 'D')} has not ended."),
            (counts[row["product_id"], row["zone_id"], row["day"]] == 1, "its product, zone and day stand twice."),
        )
        faults += [f"rows[{number}]: {told}" for holds, told in rules if not holds]
    if faults:
        more = f" There are {len(faults) - SHOWN} more." if len(faults) > SHOWN else ""
        raise InputError(" ".join(faults[:SHOWN]) + more)


def roll_up(connection: Connection, caller: Caller, *, now: int) -> int:
    """Add up the orders of the days that have ended since the last day known, and return how many rows that made.

    A product that no site had to promise for a part of a day could not be bought anywhere then: zones that it has been
    sold in get a row that says so.
    """
    tenant_id, tables = caller.tenant_id, load_reference(connection, caller.tenant_id)
    since_at = _unknown_since(connection, tenant_id, now)
    if since_at is None or not tables["sites"].height:
        return 0
    days = Calendar.spanning(tables["sites"]["time_zone"].to_list(), since_at, now, further_days=1)
    first = since_at // SECONDS_PER_DAY - _number(days)
    here = np.arange(len(days.zones))
    after = int(days.day_of(here, np.full(here.size, now)).min())
    if after <= first:
        return 0
    began_at, ended_at = int(days.midnight_at[:, first].min()), int(days.midnight_at[:, after].max())
    sold = _sold(connection, tenant_id, tables["sites"], days, began_at, ended_at)
    sold = sold.filter(pl.col("day").is_between(first, after, closed="left"))
    there = shares_in_stock(connection, tenant_id, _clock(days)[first : after + 1])
    there = there.with_columns(pl.col("day") + first).join(_zones_of(connection, tenant_id, sold), on="product_id")
    rows = sold.join(there, on=KEYS, how="full", coalesce=True)
    rows = rows.join(tables["products"].select("product_id", "price_minor"), on="product_id", how="left").sort(KEYS)
    told = rows.with_columns(
        pl.col("day") + _number(days),
        pl.col("units").fill_null(0),
        pl.col("in_stock_share").fill_null(1.0),
        tenant_id=pl.lit(tenant_id),
        given=pl.lit(value=False),
        promotion=pl.lit(0.0),
        display=pl.lit(0.0),
    )
    connection.run(inserting(sales), told.to_dicts())
    return told.height


def load_sales(connection: Connection, tenant_id: str, *, now: int) -> pl.DataFrame:
    """Return what was sold of today's products near today's sites, as a forecast reads it; perhaps no row."""
    mine = (sales.c.tenant_id == tenant_id) & (sales.c.day >= now // SECONDS_PER_DAY - LOOKED_BACK)
    query = select(*(sales.c[name] for name in HISTORY)).where(mine)
    found = pl.DataFrame([tuple(row) for row in connection.execute(query)], schema=HISTORY, orient="row")
    tables = load_reference(connection, tenant_id)
    found = found.join(tables["products"], on="product_id", how="semi")
    found = found.join(tables["sites"], left_on="zone_id", right_on="site_id", how="semi")
    return found.sort(KEYS).with_columns(pl.col("day").cast(pl.Date))


def _unknown_since(connection: Connection, tenant_id: str, now: int) -> int | None:
    """Return from which moment on no day of sales is known, None if there never was an order."""
    last = connection.execute(select(func.max(sales.c.day)).where(sales.c.tenant_id == tenant_id)).scalar()
    asked = (orders.c.tenant_id == tenant_id) & orders.c.state.not_in(NEVER_ASKED)
    begun = connection.execute(select(func.min(orders.c.placed_at)).where(asked)).scalar()
    if begun is None:
        return None
    day = max(begun // SECONDS_PER_DAY - 1, now // SECONDS_PER_DAY - LOOKED_BACK, 0 if last is None else last + 1)
    return int(day) * SECONDS_PER_DAY


def _sold(
    connection: Connection, tenant_id: str, sites: pl.DataFrame, days: Calendar, began_at: int, ended_at: int
) -> pl.DataFrame:
    """Return the units ordered in some time by product, zone and local day of the calendar."""
    mine = (orders.c.tenant_id == tenant_id) & orders.c.state.not_in(NEVER_ASKED)
    mine &= (orders.c.placed_at >= began_at) & (orders.c.placed_at < ended_at)
    query = select(
        orders.c.placed_at,
        orders.c.lat,
        orders.c.lon,
        orders.c.pickup_site_id,
        order_lines.c.product_id,
        order_lines.c.quantity,
    ).join(order_lines, order_lines.c.order_id == orders.c.order_id)
    rows = [tuple(row) for row in connection.execute(query.where(mine))]
    table = pl.DataFrame(rows, schema=ORDERED, orient="row")
    known = pl.when(pl.col("pickup_site_id").is_in(sites["site_id"].implode())).then(pl.col("pickup_site_id"))
    home = home_sites(table.with_columns(known.otherwise(pl.lit("")).alias("pickup_site_id")), sites)
    day = days.day_of(home, ints(table["placed_at"]))
    table = table.with_columns(zone_id=sites["site_id"].gather(home), day=pl.Series(day, dtype=pl.Int64))
    return table.group_by(KEYS).agg(pl.col("units").sum())


def _zones_of(connection: Connection, tenant_id: str, sold: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs of product and zone in which anything was ever sold."""
    pair = ("product_id", "zone_id")
    query = select(*(sales.c[name] for name in pair)).where(sales.c.tenant_id == tenant_id).distinct()
    rows = [tuple(row) for row in connection.execute(query)]
    known = pl.DataFrame(rows, schema=dict.fromkeys(pair, pl.String), orient="row")
    return pl.concat([known, sold.select(pair)]).unique()


def _clock(days: Calendar) -> Ints:
    """Return the midnights of the time zone that most sites are in."""
    most = Counter(days.zones).most_common(1)[0][0]
    midnights: Ints = days.midnight_at[days.zones.index(most)]
    return midnights


def _number(days: Calendar) -> int:
    """Return the first day of a calendar [days since 1970-01-01]."""
    return int(np.datetime64(days.first_day, "D").astype(np.int64))
