"""Tables of plans, kept with them: a column of cells for each of their columns."""

import json
import math
from collections.abc import Iterable, Mapping

import polars as pl
from sqlalchemy import select

from doorstep.storage import Connection
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.planning import plan_tables

Cell = str | int | float | bool | None
Cells = dict[str, list[Cell]]


def said(tables: Mapping[str, pl.DataFrame]) -> dict[str, str]:
    """Return tables as they are kept; days become text, and what is endless or no number is null.

    This takes seconds for long tables: it is done before the transaction that keeps them.
    """
    return {name: json.dumps(_cells(table), ensure_ascii=False) for name, table in tables.items()}


def keep_tables(connection: Connection, tenant_id: str, plan_id: str, tables: Mapping[str, str]) -> None:
    """Keep tables, as they are ``said``, with a plan."""
    rows = [{"plan_id": plan_id, "tenant_id": tenant_id, "name": name, "rows": text} for name, text in tables.items()]
    connection.run(inserting(plan_tables), rows)


def kept_tables(connection: Connection, tenant_id: str, plan_id: str, names: Iterable[str]) -> dict[str, Cells]:
    """Return those of some tables that a plan has, by name."""
    mine = (plan_tables.c.plan_id == plan_id) & (plan_tables.c.tenant_id == tenant_id)
    query = select(plan_tables.c.name, plan_tables.c.rows).where(mine, plan_tables.c.name.in_(list(names)))
    return {row.name: json.loads(row.rows) for row in connection.execute(query)}


def names_of_tables(connection: Connection, plan_ids: list[str]) -> dict[str, list[str]]:
    """Return the names of the tables of some plans, in order."""
    found: dict[str, list[str]] = {plan_id: [] for plan_id in plan_ids}
    query = select(plan_tables.c.plan_id, plan_tables.c.name).where(plan_tables.c.plan_id.in_(plan_ids))
    for row in connection.execute(query.order_by(plan_tables.c.name)):
        found[row.plan_id].append(row.name)
    return found


def _cells(table: pl.DataFrame) -> Cells:
    said = table.with_columns(pl.col(pl.Date).cast(pl.String))
    return {
        name: [None if isinstance(cell, float) and not math.isfinite(cell) else cell for cell in said[name].to_list()]
        for name in said.columns
    }
