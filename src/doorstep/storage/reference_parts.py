"""Rows of a reference table that are of one thing, such as the rate card of a carrier: read and replaced together."""

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, func, insert, select

from doorstep.domain.tables import RETAILER_TABLES
from doorstep.storage.connection import Connection
from doorstep.storage.reference_faults import BrokenRowError, RowFault, sound_row
from doorstep.storage.retailers import count_change
from doorstep.storage.schema.reference import REFERENCE


class BrokenRowsError(BrokenRowError):
    """Rows that cannot be taken; ``by_row`` has what is wrong with each, by its place from 0."""

    def __init__(self, table: str, by_row: Mapping[int, BrokenRowError]) -> None:
        super().__init__(table, [fault for broken in by_row.values() for fault in broken.faults])
        self.by_row = {number: broken.faults for number, broken in by_row.items()}


def part_of(connection: Connection, tenant_id: str, table: str, **of: str) -> list[dict[str, object]]:
    """Return the rows in which a column has a value, for example ``carrier_id="swift"``, without that column."""
    rows = REFERENCE[table]
    columns = [rows.c[name] for name in RETAILER_TABLES[table].schema.columns() if name not in of]
    mine = [rows.c.tenant_id == tenant_id, *(rows.c[name] == value for name, value in of.items())]
    found = connection.execute(select(*columns).where(*mine).order_by(rows.c.row_no))
    return [dict(row._mapping) for row in found]


def replace_part(
    connection: Connection, tenant_id: str, table: str, given: Sequence[Mapping[str, object]], **of: str
) -> None:
    """Put rows in place of all in which a column has a value.

    Parameters
    ----------
    given
        Cells by column; what is absent takes its default, and the column that they have in common its value.

    Raises
    ------
    BrokenRowsError
        If anything is wrong with any row, with all that is wrong; nothing is replaced then.
    """
    rows = REFERENCE[table]
    sound: list[dict[str, object]] = []
    broken: dict[int, BrokenRowError] = {}
    for number, row in enumerate(given):
        try:
            sound.append(sound_row(connection, tenant_id, table, {**row, **of}))
        except BrokenRowError as fault:
            broken[number] = fault
    broken = broken or _doubles(table, sound)
    if broken:
        raise BrokenRowsError(table, broken)
    count_change(connection, tenant_id)
    mine = rows.c.tenant_id == tenant_id
    connection.execute(delete(rows).where(mine, *(rows.c[name] == value for name, value in of.items())))
    last = connection.execute(select(func.max(rows.c.row_no)).where(mine)).scalar() or 0
    if sound:
        numbered = [
            {"tenant_id": tenant_id, "row_no": last + 1 + number, "version": 1, **row}
            for number, row in enumerate(sound)
        ]
        connection.execute(insert(rows), numbered)


def _doubles(table: str, rows: Sequence[Mapping[str, object]]) -> dict[int, BrokenRowError]:
    """Return what is wrong with rows whose key one before them has."""
    keys = RETAILER_TABLES[table].schema.primary_key()
    seen: set[tuple[object, ...]] = set()
    broken = {}
    for number, row in enumerate(rows):
        key = tuple(row[name] for name in keys)
        if keys and key in seen:
            told = "/".join(str(part) for part in key)
            broken[number] = BrokenRowError(table, [RowFault(", ".join(keys), told, "must not come twice")])
        seen.add(key)
    return broken
