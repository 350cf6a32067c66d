"""Orders that are still to be decided or brought, as a retailer that rooms can plan for."""

from collections.abc import Iterator, Sequence

import polars as pl
from sqlalchemy import select

from doorstep.domain import Retailer
from doorstep.domain.tables import RETAILER_TABLES
from doorstep.foundation import NotFoundError
from doorstep.storage.connection import Connection
from doorstep.storage.retailers import load_reference
from doorstep.storage.schema.ledger import STOCK, positions, reservations
from doorstep.storage.schema.orders import order_lines, orders

PIECE = 900
"""Ids asked for at a time: below the least number of parameters that an SQLite may have been built with."""
HELD = "held"


def live_retailer(connection: Connection, tenant_id: str, order_ids: Sequence[str]) -> Retailer:
    """Return the tenant's retailer with these orders only, each promised what was promised when it was placed.

    Its stock is what these orders could have: all that nobody has reserved, and what they hold themselves. So they can
    be decided again together without taking anything from others. Only products that they want are in it.

    Raises
    ------
    NotFoundError
        If the tenant or one of the orders does not exist.
    """
    wanted = list(dict.fromkeys(order_ids))
    tables = load_reference(connection, tenant_id)
    placed = _orders(connection, tenant_id, wanted)
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
    """Return what is free of the products, and what the orders hold themselves."""
    item = (positions.c.tenant_id == tenant_id) & (positions.c.kind == STOCK)
    free = select(positions.c.site_id, positions.c.item, positions.c.on_hand - positions.c.reserved).where(item)
    rows = [
        tuple(row) for piece in _pieces(products) for row in connection.execute(free.where(positions.c.item.in_(piece)))
    ]
    held = (
        select(positions.c.site_id, positions.c.item, reservations.c.quantity)
        .join(reservations, reservations.c.position_id == positions.c.position_id)
        .where(item, reservations.c.state == HELD)
    )
    rows += [
        tuple(row)
        for piece in _pieces(wanted)
        for row in connection.execute(held.where(reservations.c.holder_id.in_(piece)))
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
