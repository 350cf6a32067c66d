"""The statements by which positions are taken, compiled once; column names in one place for those who make the rows."""

from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import insert

from doorstep.storage.prepared import Bulk, Prepared
from doorstep.storage.schema.tracking import device_positions, last_positions, position_cells

KEEP = Bulk(device_positions, "ON CONFLICT DO NOTHING")
"""Keeps positions; one of a device, time and source that is there already stays as it is."""

LAST_COLUMNS = tuple(column.name for column in last_positions.columns)
_last = ", ".join(f"l.{name}" for name in LAST_COLUMNS[1:])
STANDING = Prepared.of_words(
    sqlite=f"""
    SELECT d.device_id, d.device_no, d.token_hash, {_last} FROM json_each(:ids) AS asked
    CROSS JOIN devices AS d ON d.device_id = asked.value AND d.revoked_at IS NULL
    LEFT JOIN last_positions AS l ON l.device_no = d.device_no""",
    postgresql=f"""
    SELECT d.device_id, d.device_no, d.token_hash, {_last}
    FROM devices AS d LEFT JOIN last_positions AS l ON l.device_no = d.device_no
    WHERE d.revoked_at IS NULL AND d.device_id IN (SELECT jsonb_array_elements_text(CAST(%(ids)s AS jsonb)))""",
)
"""Devices that may speak, with where they are; those are empty of whom nothing is known."""

_changed = ", ".join(f'"{name}" = excluded."{name}"' for name in LAST_COLUMNS[1:])
MOVE = Bulk(last_positions, f"ON CONFLICT (device_no) DO UPDATE SET {_changed} WHERE excluded.at >= last_positions.at")
"""Says where devices are by now, never an earlier moment than is known."""

_counting = insert(position_cells).values({c.name: bindparam(c.name, type_=c.type) for c in position_cells.columns})
COUNT = Prepared(
    _counting.on_conflict_do_update(
        index_elements=["tenant_id", "day_at", "cell"],
        set_={"positions": position_cells.c.positions + _counting.excluded.positions},
    )
)
"""Adds to how many positions there were in a cell on a day."""
