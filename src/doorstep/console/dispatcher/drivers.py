"""Who may be given a route."""

from sqlalchemy import select

from doorstep.storage import Connection
from doorstep.storage.schema.access import people


def drivers_of(connection: Connection, tenant_id: str) -> list[tuple[str, str]]:
    """Return id and name of the drivers of a tenant, by name."""
    of = people.c
    mine = (of.tenant_id == tenant_id) & (of.role == "driver") & of.disabled_at.is_(None)
    return [tuple(row) for row in connection.execute(select(of.person_id, of.name).where(mine).order_by(of.name))]
