"""What a site prepares, by what takes it away: vans, trucks of lanes, carriers, and shoppers themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import select

from doorstep.console import words
from doorstep.operations.fulfil.parts import PACKED, TO_BRING
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import deliveries, routes, shipments
from doorstep.storage.schema.orders import orders
from doorstep.storage.schema.reference import REFERENCE

STOPPED = ("on_hold", "cancelled")
Kind = Literal["van", "truck", "carrier", "shopper", "nobody"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A shipment that a site has to pick, pack and hand over, and what takes it away.

    ``way`` is the route, carrier or site that it goes to; ``leaves_at`` is when it has to be packed [epoch s]:
    by its departure, or, where none is known, by the end of its promise.
    """

    shipment_id: str
    order_id: str
    code: str
    state: str
    is_stopped: bool
    delivery_id: str | None
    kind: Kind
    way: str
    says: str
    leaves_at: int
    departs: bool

    @property
    def is_packed(self) -> bool:
        """Whether it lies ready in parcels."""
        return self.state in PACKED


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """All that leaves a site by the same way, in the order in which it is promised."""

    kind: Kind
    way: str
    says: str
    leaves_at: int
    departs: bool
    jobs: Sequence[Job]

    @property
    def packed(self) -> int:
        """How many of its shipments lie ready."""
        return sum(job.is_packed for job in self.jobs)

    @property
    def staged(self) -> int:
        """How many of its shipments lie where they leave from."""
        return sum(job.state == "staged" for job in self.jobs)


def jobs_at(
    connection: Connection, tenant_id: str, site_id: str, *, states: Sequence[str] = TO_BRING, shipment_id: str = ""
) -> list[Job]:
    """Return what a site has and has not yet handed over, by when it must be ready, in one query.

    Parameters
    ----------
    states
        Only shipments in these.
    shipment_id
        Only this one; empty: all.
    """
    names = REFERENCE["carriers"]
    columns = (
        shipments.c.shipment_id, shipments.c.order_id, shipments.c.state, shipments.c.delivery_id,
        shipments.c.lane_departs_at, orders.c.code, orders.c.state.label("order_state"), orders.c.window_end_at,
        orders.c.pickup_site_id, deliveries.c.kind, deliveries.c.site_id.label("from_site"), deliveries.c.carrier_id,
        names.c.name.label("carrier"), routes.c.route_id, routes.c.vehicle_id, routes.c.driver, routes.c.starts_at,
    )  # fmt: skip
    joined = (
        shipments.join(orders, orders.c.order_id == shipments.c.order_id)
        .outerjoin(deliveries, deliveries.c.delivery_id == shipments.c.delivery_id)
        .outerjoin(routes, routes.c.route_id == deliveries.c.route_id)
        .outerjoin(names, (names.c.carrier_id == deliveries.c.carrier_id) & (names.c.tenant_id == tenant_id))
    )
    mine = (shipments.c.tenant_id == tenant_id) & (shipments.c.site_id == site_id) & shipments.c.state.in_(states)
    mine = mine & (shipments.c.shipment_id == shipment_id) if shipment_id else mine
    query = select(*columns).select_from(joined).where(mine).order_by(orders.c.window_end_at, shipments.c.shipment_id)
    jobs = [_job(row, site_id) for row in connection.execute(query).all()]
    return sorted(jobs, key=lambda job: job.leaves_at)


def departures(jobs: Sequence[Job]) -> list[Departure]:
    """Return the ways on which jobs leave, the next first; stopped orders leave on none."""
    by_way: dict[tuple[Kind, str], list[Job]] = {}
    for job in jobs:
        if not job.is_stopped:
            by_way.setdefault((job.kind, job.way), []).append(job)
    found = [
        Departure(kind=kind, way=way, says=mine[0].says, departs=mine[0].departs, jobs=mine,
                  leaves_at=min(job.leaves_at for job in mine))
        for (kind, way), mine in by_way.items()
    ]  # fmt: skip
    return sorted(found, key=lambda departure: (not departure.departs, departure.leaves_at))


def when_it_leaves(what: Job | Departure, now: int, zone: str) -> str:
    """Return how long there is, for example: leaves in 18 min (14:30)."""
    left, verb = what.leaves_at - now, "leaves" if what.departs else "due"
    clock = words.clock(what.leaves_at, zone)
    if abs(left) >= 86_400:
        return f"{verb} {words.day(words.local(what.leaves_at, zone))}, {clock}"
    if left < 0:
        return f"{'should have left' if what.departs else 'was due'} {words.duration(-left)} ago ({clock})"
    return f"{verb} in {words.duration(left)} ({clock})"


def _job(row: "sa.Row[Any]", site_id: str) -> Job:
    kind, way, says, departs_at = _way(row, site_id)
    return Job(
        shipment_id=row.shipment_id, order_id=row.order_id, code=row.code, state=row.state,
        is_stopped=row.order_state in STOPPED, delivery_id=row.delivery_id, kind=kind, way=way, says=says,
        leaves_at=departs_at or row.window_end_at, departs=departs_at is not None,
    )  # fmt: skip


def _way(row: "sa.Row[Any]", site_id: str) -> tuple[Kind, str, str, int | None]:
    if row.from_site and row.from_site != site_id:
        return "truck", row.from_site, f"Truck to {row.from_site}", row.lane_departs_at
    if row.kind == "collection" or (not row.kind and row.pickup_site_id == site_id):
        return "shopper", "", "Shoppers, collected here", None
    if row.route_id:
        driver = f", {row.driver}" if row.driver else ""
        return "van", row.route_id, f"Van {row.vehicle_id}{driver}", row.starts_at
    if row.carrier_id:
        return "carrier", row.carrier_id, row.carrier or row.carrier_id, None
    return "nobody", "", "No van or carrier yet", None
