"""From a plan to the day: the reference rows that a study changes, and their change in the live system."""

import json
from collections.abc import Mapping
from typing import TypeAlias

import polars as pl
from sqlalchemy import select

from doorstep.domain import Retailer
from doorstep.domain.tables import RETAILER_TABLES
from doorstep.foundation import NotFoundError
from doorstep.operations.caller import Caller
from doorstep.operations.transitions import advance
from doorstep.storage import Connection
from doorstep.storage.reference_rows import delete_row, find_row, upsert_row
from doorstep.storage.retailers import count_change
from doorstep.storage.schema.planning import network_studies

TABLES = ("sites", "vehicles", "lanes")
Changes: TypeAlias = dict[str, dict[str, list[dict[str, object]]]]
"""By table, ``new``: whole rows; ``change``: keys and changed cells of rows; ``delete``: keys of rows that go."""


def changes_between(before: Retailer, after: Retailer) -> Changes:
    """Return what makes the network of one retailer that of another; cells that stay as they are are not named."""
    return {name: _changes(name, before.tables()[name], after.tables()[name]) for name in TABLES}


def adopt_study(connection: Connection, caller: Caller, study_id: str, *, now: int) -> None:
    """Make the network of a study the retailer's: sites, vehicles, lanes and regions, in one transaction.

    Rows that were changed since keep what the study says nothing of; those that are gone already stay gone.

    Raises
    ------
    NotFoundError
        If the tenant has no such study.
    IllegalTransitionError
        If it is not done, or adopted already.
    BrokenRowError
        If a row is no longer sound beside the others.
    """
    advance(connection, caller, "network_study", study_id, "adopt", now=now)
    count_change(connection, caller.tenant_id)  # nobody else changes a row from here on, between read and write
    kept = connection.execute(select(network_studies.c.changes).where(network_studies.c.study_id == study_id))
    changes: Changes = json.loads(kept.scalar_one())
    for table in TABLES:
        _apply(connection, caller.tenant_id, table, changes[table])


def _apply(connection: Connection, tenant_id: str, table: str, changes: dict[str, list[dict[str, object]]]) -> None:
    for row in changes["new"]:
        if not _row_there(connection, tenant_id, table, row):  # else an earlier study made it, and people its cells
            upsert_row(connection, tenant_id, table, row)
    for row in changes["change"]:
        there = _row_there(connection, tenant_id, table, row)
        if there:
            upsert_row(connection, tenant_id, table, {**there, **row})
    for row in changes["delete"]:
        if _row_there(connection, tenant_id, table, row):
            delete_row(connection, tenant_id, table, _key(table, row))


def _changes(name: str, before: pl.DataFrame, after: pl.DataFrame) -> dict[str, list[dict[str, object]]]:
    old, new = ({tuple(_key(name, row)): row for row in table.to_dicts()} for table in (before, after))
    keys = RETAILER_TABLES[name].schema.primary_key()
    return {
        "new": [row for key, row in new.items() if key not in old],
        "change": [
            {column: cell for column, cell in row.items() if column in keys or cell != old[key][column]}
            for key, row in new.items()
            if key in old and row != old[key]
        ],
        "delete": [{column: row[column] for column in keys} for key, row in old.items() if key not in new],
    }


def _key(table: str, row: Mapping[str, object]) -> list[str]:
    return [str(row[column]) for column in RETAILER_TABLES[table].schema.primary_key()]


def _row_there(connection: Connection, tenant_id: str, table: str, row: Mapping[str, object]) -> Mapping[str, object]:
    """Return the row of the same key as it stands, empty if it is gone."""
    try:
        return find_row(connection, tenant_id, table, _key(table, row)).values
    except NotFoundError:
        return {}
