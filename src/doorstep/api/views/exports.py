"""Tables as they leave: every table of a tenant, without its secrets."""

import json
from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy import select

from doorstep.api.conventions.csv_cells import Cell, csv_lines
from doorstep.api.dependencies import Platform
from doorstep.foundation import NotFoundError
from doorstep.storage.schema import access, metadata

NEVER = frozenset({"sessions", "replies"})
"""Tables of secrets, or of what may hold one."""
SECRETS = {"api_keys": {"secret_hash"}, "people": {"password_hash"}, "webhook_endpoints": {"secrets"},
           "tenants": {"offer_secret"}, "collections": {"code_hash"}, "delivery_links": {"link_hash"},
           "contractors": {"link_hash"}, "devices": {"token_hash"}}  # fmt: skip
PIECE = 1_000


def exported_tables() -> tuple[str, ...]:
    """Return the names of the tables that can be exported."""
    return tuple(
        name for name, table in sorted(metadata.tables.items()) if "tenant_id" in table.c and name not in NEVER
    )


def export_lines(platform: Platform, tenant_id: str, name: str, *, as_csv: bool) -> Iterator[str]:
    """Yield a tenant's rows of a table as lines of CSV or JSON, as of one moment.

    Raises
    ------
    NotFoundError
        If there is no such table, before the first line.
    """
    if name not in exported_tables():
        raise NotFoundError(f"table {name} is none of {', '.join(exported_tables())}.")
    columns = columns_of(metadata.tables[name])
    rows = _rows(platform, tenant_id, columns)
    names = [column.name for column in columns]
    if as_csv:
        return csv_lines(names, rows)
    return (json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) + "\n" for row in rows)


def columns_of(table: sa.Table) -> "list[sa.Column[object]]":
    """Return the columns that may leave: no secrets, no pictures, no packed arrays."""
    hidden = SECRETS.get(table.name, set()) | ({"tenant_id"} if table is not access.tenants else set())
    hidden |= {column.name for column in table.c if isinstance(column.type, sa.LargeBinary)}
    return [column for column in table.c if column.name not in hidden]


def _rows(platform: Platform, tenant_id: str, columns: "list[sa.Column[object]]") -> Iterator[Sequence[Cell]]:
    table = columns[0].table
    assert isinstance(table, sa.Table)
    query = select(*columns).where(table.c.tenant_id == tenant_id).order_by(*table.primary_key.columns)
    with platform.database.reading() as connection:
        for row in connection.execute(query.execution_options(yield_per=PIECE)):
            yield tuple(row)
