"""Orders that are still to be decided or brought, as a retailer that rooms can plan for."""

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl
from sqlalchemy import select

from doorstep.domain import Retailer
from doorstep.domain.calendar import Calendar
from doorstep.domain.closed_days import closed_days
from doorstep.domain.tables import RETAILER_TABLES
from doorstep.foundation import NotFoundError
from doorstep.foundation.arrays import Ints, index_of, ints
from doorstep.geography import Places, nearest_places
from doorstep.promising import promised_windows
from doorstep.storage.connection import Connection
from doorstep.storage.retailers import load_reference
from doorstep.storage.schema.ledger import FREE, STOCK, positions, reservations
from doorstep.storage.schema.orders import order_lines, orders

PIECE = 900
"""Ids asked for at a time: below the least number of parameters that an SQLite may have been built with."""
HELD = "held"
FURTHER_DAYS = 4


def live_retailer(connection: Connection, tenant_id: str, order_ids: Sequence[str]) -> Retailer:
    """Return the tenant's retailer with these orders only, each promised what was promised when it was placed.

    A window that comes from a service level which may deliver early starts when the order was placed: only a window of
    the order's own, or of its slot, is waited for.

    Its stock is what these orders could have: what may still be promised, and what they hold themselves. So they can
    be decided again together without taking anything from others. Only products that they want are in it.

    Raises
    ------
    NotFoundError
        If the tenant or one of the orders does not exist.
    """
    wanted = list(dict.fromkeys(order_ids))
    tables = load_reference(connection, tenant_id)
    placed = _open_early(_orders(connection, tenant_id, wanted), tables, _of_slots(connection, wanted))
    lines = _lines(connection, wanted)
    touched = lines["product_id"].unique().sort().to_list()
    stock = _stock(connection, tenant_id, wanted, touched)
    known = stock.join(tables["sites"].select("site_id"), on="site_id", how="semi")
    known = known.join(tables["products"].select("product_id"), on="product_id", how="semi")
    return Retailer(**tables, orders=placed, order_lines=lines, stock=known.sort("site_id", "product_id"))


def _orders(connection: Connection, tenant_id: str, wanted: list[str]) -> pl.DataFrame:
    """Return the orders in the order asked for."""
    names = list(RETAILER_TABLES["orders"].schema.columns())
    query = select(*(orders.c[name] for name in names)).where(orders.c.tenant_id == tenant_id)
    rows = [
        tuple(row) for piece in _pieces(wanted) for row in connection.execute(query.where(orders.c.order_id.in_(piece)))
    ]
    found = {row[0]: row for row in rows}
    missing = [order for order in wanted if order not in found]
    if missing:
        listed = ", ".join(missing[:5]) + (" and others" if len(missing) > 5 else "")
        raise NotFoundError(f"orders {listed} do not exist.")
    return _framed("orders", [found[order] for order in wanted])


def _of_slots(connection: Connection, wanted: list[str]) -> list[str]:
    """Return the orders that came with a place of a slot."""
    query = select(orders.c.order_id).where(orders.c.hold_id.is_not(None))
    return [
        order
        for piece in _pieces(wanted)
        for order in connection.execute(query.where(orders.c.order_id.in_(piece))).scalars()
    ]


def _open_early(placed: pl.DataFrame, tables: dict[str, pl.DataFrame], of_slots: list[str]) -> pl.DataFrame:
    """Return the orders, those that may come early with a window from their placing on.

    Their window is the one that their service level promises for the moment at which they were placed. Orders whose
    service level or place of collection is gone keep what they have.
    """
    levels, sites = tables["service_levels"], tables["sites"]
    known = placed.filter(~pl.col("order_id").is_in(of_slots), pl.col("pickup_site_id").is_in(["", *sites["site_id"]]))
    known = known.join(levels, on="service_level_id", how="semi", maintain_order="left")
    if not known.height:
        return placed
    placed_at, further = ints(known["placed_at"]), int(ints(levels["promise_days"]).max()) + FURTHER_DAYS
    calendar = Calendar.spanning(
        sites["time_zone"].to_list(),
        int(placed_at.min()),
        int(placed_at.max()),
        further_days=further,
        closed=closed_days(tables),
    )
    asked = known.with_columns(window_start_at=pl.lit(None, pl.Int64), window_end_at=pl.lit(None, pl.Int64))
    promise = promised_windows(
        asked, levels, calendar, _clock_sites(known, sites), next_day_cutoff=sites["next_day_cutoff"].to_list()
    )
    as_promised = (known["window_start_at"].to_numpy() == promise.start_at) & (
        known["window_end_at"].to_numpy() == promise.end_at
    )
    early = known.filter(pl.Series(as_promised & promise.early_allowed))["order_id"]
    opens = pl.min_horizontal("placed_at", "window_end_at")
    start = pl.when(pl.col("order_id").is_in(early.to_list())).then(opens).otherwise(pl.col("window_start_at"))
    return placed.with_columns(window_start_at=start)


def _clock_sites(placed: pl.DataFrame, sites: pl.DataFrame) -> Ints:
    """Return the row of the site whose clock each order goes by: where it is collected, else the nearest."""
    nearest = nearest_places(Places.from_table(placed), Places.from_table(sites), count=1)[:, 0]
    come = np.flatnonzero((placed["pickup_site_id"] != "").to_numpy())
    nearest[come] = index_of(placed["pickup_site_id"][come], sites["site_id"], what="pickup_site_id")
    return nearest


def _lines(connection: Connection, wanted: list[str]) -> pl.DataFrame:
    names = list(RETAILER_TABLES["order_lines"].schema.columns())
    query = select(*(order_lines.c[name] for name in names))
    rows = [
        tuple(row)
        for piece in _pieces(wanted)
        for row in connection.execute(query.where(order_lines.c.order_id.in_(piece)))
    ]
    place = {order: n for n, order in enumerate(wanted)}
    rows.sort(key=lambda row: (place[row[0]], row[1]))
    return _framed("order_lines", rows)


def _stock(connection: Connection, tenant_id: str, wanted: list[str], products: list[str]) -> pl.DataFrame:
    """Return what is free of the products, less what is kept back, and what the orders hold themselves."""
    item = (positions.c.tenant_id == tenant_id) & (positions.c.kind == STOCK)
    free = select(positions.c.site_id, positions.c.item, FREE).where(item)
    rows = [
        tuple(row) for piece in _pieces(products) for row in connection.execute(free.where(positions.c.item.in_(piece)))
    ]
    held = (  # nothing is asked of positions: a server that knows few of them yet would begin with those
        select(positions.c.kind, positions.c.site_id, positions.c.item, reservations.c.quantity)
        .join(reservations, reservations.c.position_id == positions.c.position_id)
        .where(reservations.c.state == HELD)
    )
    rows += [
        tuple(row)[1:]
        for piece in _pieces(wanted)
        for row in connection.execute(held.where(reservations.c.holder_id.in_(piece)))
        if row.kind == STOCK
    ]
    schema = {"site_id": pl.String, "product_id": pl.String, "on_hand": pl.Int64}
    units = (
        pl.DataFrame(rows, schema=schema, orient="row").group_by("site_id", "product_id").agg(pl.col("on_hand").sum())
    )
    return units.filter(pl.col("on_hand") > 0).with_columns(safety_stock=pl.lit(0, dtype=pl.Int64))


def _pieces(ids: list[str]) -> Iterator[list[str]]:
    for low in range(0, len(ids), PIECE):
        yield ids[low : low + PIECE]


def _framed(name: str, rows: Sequence[tuple[object, ...]]) -> pl.DataFrame:
    kinds = RETAILER_TABLES[name].schema.columns()
    return pl.DataFrame(rows, schema={column: kind.dtype for column, kind in kinds.items()}, orient="row")
