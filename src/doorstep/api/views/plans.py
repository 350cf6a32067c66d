"""Plans that a worker works out, as they stand: found, listed, and their tables; of the network and of the stock."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy import select

from doorstep.api.conventions.csv_cells import Cell
from doorstep.api.views.matching import matching
from doorstep.foundation import NotFoundError
from doorstep.operations.planning.kept_tables import kept_tables, names_of_tables
from doorstep.storage import Connection
from doorstep.storage.schema.journal import jobs

Plan = TypeVar("Plan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plans(Generic[Plan]):
    """A kind of plan: what people call it, its table and key, and how its own part of a row is shown.

    ``shown`` gets the row and what all plans have in common, as fields of the model.
    """

    what: str
    table: sa.Table
    key: str
    shown: Callable[["sa.Row[Any]", dict[str, object]], Plan]

    def find(self, connection: Connection, tenant_id: str, plan_id: str) -> Plan:
        """Return a plan.

        Raises
        ------
        NotFoundError
            If the tenant has no such plan.
        """
        found = self._all(connection, self._mine(tenant_id).where(self.table.c[self.key] == plan_id))
        if not found:
            raise NotFoundError(f"{self.what} {plan_id} does not exist.")
        return found[0]

    def page(
        self, connection: Connection, tenant_id: str, *, limit: int, before: str = "", state: str | None = None
    ) -> list[Plan]:
        """Return plans, the newest first; ``before`` is the id of the last one seen."""
        query = matching(self._mine(tenant_id), {self.table.c.state: state})
        if before:
            query = query.where(self.table.c[self.key] < before)
        return self._all(connection, query.order_by(self.table.c[self.key].desc()).limit(limit))

    def table_of(
        self, connection: Connection, tenant_id: str, plan_id: str, name: str
    ) -> tuple[list[str], Iterable[tuple[Cell, ...]]]:
        """Return the columns and the rows of a table of a plan.

        Raises
        ------
        NotFoundError
            If the tenant has no such plan, or that no such table.
        """
        self.find(connection, tenant_id, plan_id)
        columns = kept_tables(connection, tenant_id, plan_id, (name,)).get(name)
        if columns is None:
            raise NotFoundError(
                f"{self.what} {plan_id} has no table {name}.", hint="Maybe it is not done yet, or was not asked for it."
            )
        return [*columns], zip(*columns.values(), strict=True)

    def _mine(self, tenant_id: str) -> "sa.Select[Any]":
        query = select(*self.table.c, jobs.c.checkpoint, jobs.c.error.label("job_error"))
        query = query.outerjoin(jobs, jobs.c.job_id == self.table.c.job_id)
        return query.where(self.table.c.tenant_id == tenant_id)

    def _all(self, connection: Connection, query: "sa.Select[Any]") -> list[Plan]:
        rows = connection.execute(query).all()
        tables = names_of_tables(connection, [row._mapping[self.key] for row in rows])
        return [self.shown(row, self._common(row, tables[row._mapping[self.key]])) for row in rows]

    def _common(self, row: "sa.Row[Any]", tables: list[str]) -> dict[str, object]:
        asked = row.state == "asked"
        return {
            "id": row._mapping[self.key],
            "state": row.state,
            "version": row.version,
            "job_id": row.job_id,
            "stage": json.loads(row.checkpoint or "{}").get("stage", "") if asked else "",
            "created_at": row.created_at,
            "ended_at": row.ended_at,
            "tables": tables,
            "error": row.error or (row.job_error or "" if asked else ""),
        }
