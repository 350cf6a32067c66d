"""When vans that are out are likely to be at doors."""

import sqlalchemy as sa

from doorstep.api.models.parts import Eta
from doorstep.storage.schema.etas import etas

ETA_COLUMNS = (etas.c.expected_at, etas.c.from_at, etas.c.until_at, etas.c.made_at)


def eta_of(row: "sa.Row[tuple[object, ...]]") -> Eta | None:
    """Return what is expected, None where the row has nothing of it."""
    if row.made_at is None:
        return None
    return Eta(expected_at=row.expected_at, from_at=row.from_at, until_at=row.until_at, made_at=row.made_at)
