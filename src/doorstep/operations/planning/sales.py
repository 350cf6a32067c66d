"""Sales of the live system, day by day and zone by zone: from its own orders, or given by the retailer.

A zone is the surroundings of a site. Days that have ended are added up from the orders; a day that the retailer gives,
with what its tills sold, stands in place of them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

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
STILL_WANTED = 60
"""Days after which what no longer sells in a zone is no longer missed there."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class SoldLately:
    """Sales of the days that have ended since the last one added up, which is before ``since_at`` [epoch s]."""

    since_at: int
    rows: pl.DataFrame


def add_up(connection: Connection, tenant_id: str, *, now: int) -> SoldLately | None:
    """Return what the orders of the days that have ended since the last time add up to; None if none has.

    A product that no site had to promise for a part of a day could not be bought anywhere then: zones that it has been
    sold in get a row that says so. Takes seconds on a large shop, and only reads.
    """
    tables = load_reference(connection, tenant_id)
    since_at = _unknown_since(connection, tenant_id, now)
    if since_at is None or not tables["sites"].height:
        return None
    first_time = _added_up(connection, tenant_id) is None
    days = Calendar.spanning(tables["sites"]["time_zone"].to_list(), since_at, now, further_days=1)
    first = since_at // SECONDS_PER_DAY - _number(days)
    here = np.arange(len(days.zones))
    after = int(days.day_of(here, np.full(here.size, now)).min())
    if after <= first:
        return None
    began_at, ended_at = int(days.midnight_at[:, first].min()), int(days.midnight_at[:, after].max())
    sold = _sold(connection, tenant_id, tables["sites"], days, began_at, ended_at)
    sold = sold.filter(pl.col("day").is_between(first, after, closed="left"))
    there = shares_in_stock(connection, tenant_id, _clock(days)[first : after + 1])
    pairs = _zones_of(connection, tenant_id, sold, since=first + _number(days) - STILL_WANTED)
    there = there.with_columns(pl.col("day") + first).join(pairs, on="product_id")
    rows = sold.join(there, on=KEYS, how="full", coalesce=True)
    begun = min((day for day in sold["day"]), default=after) if first_time else first
    rows = _with_quiet_days(rows, pairs, range(begun, after))
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
    return SoldLately(since_at=since_at, rows=told)


def _with_quiet_days(rows: pl.DataFrame, pairs: pl.DataFrame, days: range) -> pl.DataFrame:
    """Return the rows with one of no units for each day without any: a day without a row counts as closed."""
    quiet = sorted(set(days) - set(rows["day"]))
    if not quiet or not pairs.height:
        return rows
    one = pairs.sort("product_id", "zone_id").head(1).join(pl.DataFrame({"day": quiet}), how="cross")
    return pl.concat([rows, one], how="diagonal")


def put_on_record(connection: Connection, tenant_id: str, lately: SoldLately, *, now: int) -> int:
    """Keep what was added up, and return how many rows; none if others have added up meanwhile.

    Days that were given stay as they are; those too old to be learnt from go.
    """
    if _unknown_since(connection, tenant_id, now) != lately.since_at:
        return 0
    given = pl.Series(sorted(_given_days(connection, tenant_id)), dtype=pl.Int64)
    rows = lately.rows.filter(~pl.col("day").is_in(given.implode()))
    connection.run(inserting(sales, ignore=True), rows.to_dicts())
    connection.execute(
        sales.delete().where(sales.c.tenant_id == tenant_id, sales.c.day < now // SECONDS_PER_DAY - LOOKED_BACK)
    )
    return rows.height


def load_sales(connection: Connection, tenant_id: str, *, now: int) -> pl.DataFrame:
    """Return what was sold of today's products near today's sites, as a forecast reads it; perhaps no row."""
    mine = (sales.c.tenant_id == tenant_id) & (sales.c.day >= now // SECONDS_PER_DAY - LOOKED_BACK)
    query = select(*(sales.c[name] for name in HISTORY)).where(mine)
    found = pl.DataFrame([tuple(row) for row in connection.execute(query)], schema=HISTORY, orient="row")
    tables = load_reference(connection, tenant_id)
    found = found.join(tables["products"], on="product_id", how="semi")
    found = found.join(tables["sites"], left_on="zone_id", right_on="site_id", how="semi")
    return found.sort(KEYS).with_columns(pl.col("day").cast(pl.Date))


def _added_up(connection: Connection, tenant_id: str) -> int | None:
    """Return the last day that was added up, None if none ever was."""
    mine = (sales.c.tenant_id == tenant_id) & sales.c.given.is_(False)
    return connection.execute(select(func.max(sales.c.day)).where(mine)).scalar()


def _unknown_since(connection: Connection, tenant_id: str, now: int) -> int | None:
    """Return from which moment on a day has been neither added up nor given, None if there never was an order."""
    last = _added_up(connection, tenant_id)
    asked = (orders.c.tenant_id == tenant_id) & orders.c.state.not_in(NEVER_ASKED)
    begun = connection.execute(select(func.min(orders.c.placed_at)).where(asked)).scalar()
    if begun is None:
        return None
    given = _given_days(connection, tenant_id)
    day = int(max(begun // SECONDS_PER_DAY - 1, now // SECONDS_PER_DAY - LOOKED_BACK, 0 if last is None else last + 1))
    while day in given:
        day += 1
    return day * SECONDS_PER_DAY


def _given_days(connection: Connection, tenant_id: str) -> set[int]:
    mine = (sales.c.tenant_id == tenant_id) & sales.c.given
    return set(connection.execute(select(sales.c.day).where(mine).distinct()).scalars())


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


def _zones_of(connection: Connection, tenant_id: str, sold: pl.DataFrame, *, since: int) -> pl.DataFrame:
    """Return the pairs of product and zone in which anything was sold since a day."""
    pair = ("product_id", "zone_id")
    query = select(*(sales.c[name] for name in pair)).where(
        sales.c.tenant_id == tenant_id, sales.c.day >= since, sales.c.units > 0
    )
    query = query.distinct()
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
