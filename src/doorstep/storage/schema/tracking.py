"""Devices that say where they are, and where they were: every position once, the current one apart.

Degrees are kept as whole ten-millionths, other figures as the whole numbers in their names, so that a position takes
about fifty bytes. Positions have no tenant of their own; their device has.
"""

from sqlalchemy import Column, Index, PrimaryKeyConstraint, Table, UniqueConstraint

from doorstep.storage.schema.base import Serial, key, maybe_moment, maybe_whole, metadata, moment, tenant, text, whole

devices = Table(
    "devices",
    metadata,
    Column("device_no", Serial, primary_key=True, autoincrement=True),
    key("device_id", primary=False),
    tenant(),
    text("name"),
    text("app"),
    text("token_hash"),
    text("vehicle_id"),  # what it rides with; empty: none
    text("driver"),
    text("route_id"),
    whole("version", 1),
    moment("created_at"),
    maybe_moment("revoked_at"),
    UniqueConstraint("device_id"),
    UniqueConstraint("token_hash"),
    Index(None, "tenant_id", "device_id"),
)


def _figures() -> "tuple[Column[int], ...]":
    """Return the columns of what a device says beside when and where; null: it does not say."""
    return (
        maybe_whole("speed_cmps"),  # centimetres a second
        maybe_whole("course_deg"),
        maybe_whole("accuracy_m"),
        maybe_whole("battery_pct"),
        maybe_whole("moving"),  # 0 or 1
        moment("received_at"),
    )


device_positions = Table(
    "device_positions",
    metadata,
    whole("device_no"),
    moment("at"),
    whole("source"),
    whole("lat_e7"),
    whole("lon_e7"),
    *_figures(),
    whole("verdict"),
    PrimaryKeyConstraint("device_no", "at", "source"),
    sqlite_with_rowid=False,
)

last_positions = Table(
    "last_positions",
    metadata,
    Column("device_no", Serial, primary_key=True, autoincrement=False),
    moment("at"),
    whole("source"),
    whole("lat_e7"),
    whole("lon_e7"),
    *_figures(),
    whole("doubts"),  # jumps in a row that agree with one another, and the last of them
    whole("doubted_at"),
    whole("doubted_lat_e7"),
    whole("doubted_lon_e7"),
)

position_cells = Table(
    "position_cells",
    metadata,
    tenant(),
    moment("day_at"),
    whole("cell"),
    whole("positions"),
    PrimaryKeyConstraint("tenant_id", "day_at", "cell"),
    sqlite_with_rowid=False,
)
