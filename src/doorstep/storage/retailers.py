"""The retailer of a tenant: its reference tables saved whole, and loaded as the domain wants them.

Every change counts up the tenant's ``reference_version``, so that what was built from the tables can be kept by it.
"""

import polars as pl
from sqlalchemy import bindparam, delete, select, update

from doorstep.domain import Retailer
from doorstep.domain.retailer import completed
from doorstep.domain.tables import RETAILER_TABLES
from doorstep.foundation import NotFoundError
from doorstep.storage.connection import Connection
from doorstep.storage.prepared import Prepared, inserting
from doorstep.storage.schema.access import tenants
from doorstep.storage.schema.reference import REFERENCE

_VERSION = Prepared(select(tenants.c.reference_version).where(tenants.c.tenant_id == bindparam("tenant_id")))


def save_reference(connection: Connection, tenant_id: str, retailer: Retailer) -> None:
    """Replace all reference tables of a tenant by the retailer's; its orders, stock and receipts are left aside.

    Raises
    ------
    NotFoundError
        If there is no such tenant.
    """
    count_change(connection, tenant_id)
    tables = retailer.tables()
    for name, table in REFERENCE.items():
        connection.execute(delete(table).where(table.c.tenant_id == tenant_id))
        numbered = tables[name].with_columns(
            tenant_id=pl.lit(tenant_id), version=pl.lit(1), row_no=pl.int_range(1, pl.len() + 1, dtype=pl.Int64)
        )
        connection.run(inserting(table), numbered.to_dicts())


def load_reference(connection: Connection, tenant_id: str) -> dict[str, pl.DataFrame]:
    """Return the reference tables of a tenant, complete and typed, rows in the order in which they were given.

    Raises
    ------
    NotFoundError
        If there is no such tenant.
    """
    version = reference_version(connection, tenant_id)

    def build() -> dict[str, pl.DataFrame]:
        nothing = {"receipts": completed("receipts", None)}  # decisions are on units that are there
        return nothing | {name: _load(connection, tenant_id, name) for name in REFERENCE}

    return dict(connection.memo(("reference", tenant_id, version), build))


def reference_version(connection: Connection, tenant_id: str) -> int:
    """Return how often the reference tables of a tenant have been changed.

    Raises
    ------
    NotFoundError
        If there is no such tenant.
    """
    rows = connection.fetch(_VERSION, {"tenant_id": tenant_id})
    if not rows:
        raise NotFoundError(f"tenant {tenant_id!r} does not exist.")
    return int(rows[0][0])


def count_change(connection: Connection, tenant_id: str) -> None:
    """Count one more change of a tenant's reference tables; changes of one tenant wait for each other here.

    Raises
    ------
    NotFoundError
        If there is no such tenant.
    """
    counted = update(tenants).where(tenants.c.tenant_id == tenant_id)
    if not connection.execute(counted.values(reference_version=tenants.c.reference_version + 1)).rowcount:
        raise NotFoundError(f"tenant {tenant_id!r} does not exist.")
    connection.memorable = False


def _load(connection: Connection, tenant_id: str, name: str) -> pl.DataFrame:
    table, kinds = REFERENCE[name], RETAILER_TABLES[name].schema.columns()
    query = (
        select(*(table.c[column] for column in kinds)).where(table.c.tenant_id == tenant_id).order_by(table.c.row_no)
    )
    rows = connection.execute(query).all()
    if name == "policy" and not rows:
        return completed(name, None)
    cells = list(zip(*rows, strict=True)) if rows else [()] * len(kinds)
    return pl.DataFrame(
        [
            pl.Series(column, values, dtype=kind.dtype)
            for (column, kind), values in zip(kinds.items(), cells, strict=True)
        ]
    )
