"""Reference tables row by row: for tables whose rows have a key, so all but the policy and the rate cards."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, Table, delete, func, insert, select, update

from doorstep.domain.lifecycles.receipt import OPEN
from doorstep.domain.tables import RETAILER_TABLES
from doorstep.foundation import ConflictError, InputError, NotFoundError
from doorstep.storage.connection import Connection
from doorstep.storage.reference_faults import sound_row
from doorstep.storage.retailers import count_change
from doorstep.storage.schema.ledger import STOCK, positions
from doorstep.storage.schema.orders import order_lines, orders
from doorstep.storage.schema.receipts import receipts
from doorstep.storage.schema.reference import REFERENCE

ENDED = ("completed", "cancelled", "returned")
"""States of orders that need no reference rows any more."""
MOST_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceRow:
    """A row, its place in the table and how often it was written."""

    row_no: int
    version: int
    values: dict[str, object]


def upsert_row(
    connection: Connection, tenant_id: str, table: str, values: Mapping[str, object], *, version: int | None = None
) -> ReferenceRow:
    """Write a whole row, in place of the one with its key if there is one, and return it.

    Parameters
    ----------
    values
        Cells by column; what is absent takes its default.
    version
        The version that the caller saw: another one there, or none, is a conflict.

    Raises
    ------
    BrokenRowError
        If anything is wrong with the row; it lists every fault.
    ConflictError
        If the row has changed since the caller saw it.
    NotFoundError
        If there is no such table or tenant.
    """
    keys, rows = _key_columns(table), REFERENCE[table]
    row = sound_row(connection, tenant_id, table, values)
    count_change(connection, tenant_id)
    key = [str(row[name]) for name in keys]
    old = _one(connection, tenant_id, table, key)
    _compare(table, key, version, old)
    if old:
        mine = (rows.c.tenant_id == tenant_id, rows.c.row_no == old.row_no)
        connection.execute(update(rows).where(*mine).values(version=old.version + 1, **row))
        return ReferenceRow(row_no=old.row_no, version=old.version + 1, values=row)
    last = connection.execute(select(func.max(rows.c.row_no)).where(rows.c.tenant_id == tenant_id)).scalar() or 0
    connection.execute(insert(rows).values(tenant_id=tenant_id, row_no=last + 1, version=1, **row))
    return ReferenceRow(row_no=last + 1, version=1, values=row)


def delete_row(
    connection: Connection, tenant_id: str, table: str, key: Sequence[str], *, version: int | None = None
) -> None:
    """Delete the row of a key.

    Raises
    ------
    ConflictError
        If other rows, stock on hand or open orders point to it, naming them, or it has changed since the caller saw it.
    NotFoundError
        If there is no such row.
    """
    count_change(connection, tenant_id)
    old = find_row(connection, tenant_id, table, key)
    _compare(table, key, version, old)
    named = [f"{who} {_listed(ids)}" for who, ids in _pointers(connection, tenant_id, table, old.values)]
    if named:
        raise ConflictError(
            f"{table} {'/'.join(key)} cannot be deleted: {'; '.join(named)} point to it.",
            hint="Maybe change or delete those first.",
        )
    rows = REFERENCE[table]
    connection.execute(delete(rows).where(rows.c.tenant_id == tenant_id, rows.c.row_no == old.row_no))


def find_row(connection: Connection, tenant_id: str, table: str, key: Sequence[str]) -> ReferenceRow:
    """Return the row of a key.

    Raises
    ------
    NotFoundError
        If there is no such row.
    """
    found = _one(connection, tenant_id, table, key)
    if found is None:
        raise NotFoundError(f"{table} {'/'.join(key)} does not exist.")
    return found


def list_rows(
    connection: Connection, tenant_id: str, table: str, *, after: int = 0, limit: int = 100
) -> list[ReferenceRow]:
    """Return up to ``limit`` rows whose place in the table comes after ``after``, in order.

    Raises
    ------
    NotFoundError
        If there is no such table.
    """
    _key_columns(table)
    query = _rows_of(tenant_id, table).where(REFERENCE[table].c.row_no > after)
    return _read(connection, table, query.order_by(REFERENCE[table].c.row_no).limit(limit))


def _key_columns(table: str) -> list[str]:
    if table not in REFERENCE:
        raise NotFoundError(f"table {table!r} is none of {', '.join(REFERENCE)}.")
    keys = RETAILER_TABLES[table].schema.primary_key()
    if not keys:
        raise InputError(f"rows of {table} have no key; the table can only be replaced as a whole.")
    return keys


def _rows_of(tenant_id: str, table: str) -> "Select[tuple[object, ...]]":
    rows = REFERENCE[table]
    columns = [rows.c[name] for name in RETAILER_TABLES[table].schema.columns()]
    return select(rows.c.row_no, rows.c.version, *columns).where(rows.c.tenant_id == tenant_id)


def _read(connection: Connection, table: str, query: "Select[tuple[object, ...]]") -> list[ReferenceRow]:
    names = list(RETAILER_TABLES[table].schema.columns())
    return [
        ReferenceRow(row_no=row[0], version=row[1], values=dict(zip(names, row[2:], strict=True)))
        for row in map(tuple, connection.execute(query))
    ]


def _one(connection: Connection, tenant_id: str, table: str, key: Sequence[str]) -> ReferenceRow | None:
    names = _key_columns(table)
    if len(key) != len(names):
        raise InputError(f"the key of {table} has {len(names)} parts ({', '.join(names)}), not {len(key)}.")
    mine = [REFERENCE[table].c[name] == part for name, part in zip(names, key, strict=True)]
    return next(iter(_read(connection, table, _rows_of(tenant_id, table).where(*mine))), None)


def _compare(table: str, key: Sequence[str], seen: int | None, old: ReferenceRow | None) -> None:
    """Refuse a change by somebody who saw another version of the row."""
    if seen is not None and seen != (old.version if old else 0):
        there = f"is at version {old.version}" if old else "does not exist"
        raise ConflictError(
            f"{table} {'/'.join(key)} {there}, not at version {seen}.",
            hint="Maybe read it again and repeat the change.",
        )


def _listed(ids: list[str]) -> str:
    return ", ".join(ids[:MOST_NAMED]) + (" and others" if len(ids) > MOST_NAMED else "")


def _pointers(
    connection: Connection, tenant_id: str, table: str, values: Mapping[str, object]
) -> Iterator[tuple[str, list[str]]]:
    """Yield each table and column that points to a row, with ids of a few of the rows that do."""
    for name, spec in RETAILER_TABLES.items():
        for reference in spec.references:
            if reference.table == table:
                ids, column, alive = _pointing(name, reference.column)
                query = select(*ids).where(column.table.c.tenant_id == tenant_id, column == values[reference.target])
                found = connection.execute(query.where(*alive).order_by(*ids).limit(MOST_NAMED + 1)).all()
                if found:
                    yield f"{reference.column} of {name}", ["/".join(map(str, row)) for row in found]


def _pointing(
    name: str, column: str
) -> "tuple[list[ColumnElement[object]], ColumnElement[object], list[ColumnElement[bool]]]":
    """Return what names the rows of a table, its pointing column, and which of its rows still count."""
    open_order = orders.c.state.not_in(ENDED)
    if name == "orders":
        return [orders.c.order_id], orders.c[column], [open_order]
    if name == "order_lines":
        mine = orders.c.order_id == order_lines.c.order_id
        return [order_lines.c.order_id, order_lines.c.line_no], order_lines.c[column], [mine, open_order]
    if name == "stock":
        there = positions.c["item" if column == "product_id" else column]
        return [positions.c.site_id, positions.c.item], there, [positions.c.kind == STOCK, positions.c.on_hand > 0]
    if name == "receipts":
        return [receipts.c.receipt_id], receipts.c[column], [receipts.c.state.in_(OPEN)]
    rows: Table = REFERENCE[name]
    keys = RETAILER_TABLES[name].schema.primary_key() or [column, "row_no"]
    return [rows.c[key] for key in keys], rows.c[column], []
