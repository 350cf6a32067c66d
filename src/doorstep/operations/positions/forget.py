"""Old positions become counts by day and cell: how dense the traffic was stays known, who drove where does not."""

import numpy as np
import sqlalchemy as sa
from sqlalchemy import delete, select

from doorstep.geography import Places
from doorstep.operations.positions.take import E7
from doorstep.storage import Connection
from doorstep.storage.position_statements import COUNT
from doorstep.storage.schema.tracking import device_positions, devices, last_positions
from doorstep.tracking import coarsen
from doorstep.tracking.screening import Verdict

BELIEVED = (int(Verdict.GOOD), int(Verdict.LATE))


def forget_positions(connection: Connection, *, before: int, limit: int) -> int:
    """Forget where devices were before a moment [epoch s], at most ``limit`` positions, and return how many.

    Where a device was heard last is forgotten with them. Jumps and positions from the future are not counted.
    """
    of = device_positions.c
    connection.execute(delete(last_positions).where(last_positions.c.at < before))
    mine = (of.device_no == devices.c.device_no) & (of.at < before)
    old = select(devices.c.device_no, devices.c.tenant_id).where(sa.exists().where(mine)).order_by(devices.c.device_no)
    forgotten = 0
    for device in connection.execute(old.limit(limit)).all():
        query = select(of.at, of.source, of.lat_e7, of.lon_e7, of.verdict)
        query = query.where(of.device_no == device.device_no, of.at < before).order_by(of.at, of.source)
        rows = connection.execute(query.limit(limit - forgotten)).all()
        _count(connection, device.tenant_id, [row for row in rows if row.verdict in BELIEVED])
        last = rows[-1]
        up_to = (of.at < last.at) | ((of.at == last.at) & (of.source <= last.source))
        connection.execute(delete(device_positions).where(of.device_no == device.device_no, up_to))
        forgotten += len(rows)
        if forgotten == limit:
            break
    return forgotten


def _count(connection: Connection, tenant_id: str, rows: "list[sa.Row[tuple[int, int, int, int, int]]]") -> None:
    if not rows:
        return
    at, _, lat_e7, lon_e7, _ = np.array(rows, dtype=np.int64).T
    counts = coarsen(at, Places(lat=lat_e7 / E7, lon=lon_e7 / E7))
    connection.run(
        COUNT,
        [
            {"tenant_id": tenant_id, "day_at": each.day_at, "cell": each.cell, "positions": each.positions}
            for each in counts
        ],
    )
