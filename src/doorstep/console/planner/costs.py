"""What a parcel cost, day by day."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import func, select

from doorstep.console import words
from doorstep.operations.bring.timing import shift_of
from doorstep.operations.fulfil.parts import DROPPED
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import deliveries

DAY_S, DAYS = 86_400, 14


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCost:
    """A local day: its name, parcels, and what they cost together; ``own`` of them rode with own vans."""

    name: str
    begins_at: int
    parcels: int
    own: int
    cost_minor: int

    @property
    def per_parcel_minor(self) -> int | None:
        """What a parcel cost, None if there was none."""
        return round(self.cost_minor / self.parcels) if self.parcels else None


def cost_by_day(connection: Connection, tenant_id: str, zone: str, *, now: int) -> list[DayCost]:
    """Return the last days, today first; a delivery counts on the day on which it was planned."""
    begins = [shift_of(zone, "00:00", "24:00", now - back * DAY_S)[0] for back in range(DAYS)]
    of = deliveries.c
    day = sa.case(*((of.created_at >= begins_at, n) for n, begins_at in enumerate(begins))).label("day")
    own_parcels = sa.case((of.mode == "own_fleet", of.parcels), else_=0)
    sums = (func.sum(of.parcels).label("parcels"), func.sum(own_parcels).label("own"),
            func.sum(of.cost_minor).label("cost_minor"))  # fmt: skip
    query = select(day, *sums).where(of.tenant_id == tenant_id, of.created_at >= begins[-1], of.state.not_in(DROPPED))
    parcels, own, cost = ([0] * DAYS for _ in range(3))
    for row in connection.execute(query.group_by(day)):
        parcels[row.day], own[row.day], cost[row.day] = int(row.parcels), int(row.own), int(row.cost_minor)
    return [
        DayCost(name=words.day(words.local(begins_at + DAY_S // 2, zone)), begins_at=begins_at, parcels=parcels[n],
                own=own[n], cost_minor=cost[n])
        for n, begins_at in enumerate(begins)
    ]  # fmt: skip
