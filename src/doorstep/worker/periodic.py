"""What has to be done again and again: one row of the queue for each, so that it is done once however many workers.

A row stands for ever; its next moment is the beginning of the next period. Where there is nothing to do, the row waits
without being touched, and an idle server writes nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy import select

from doorstep.domain.lifecycles.membership import HOLDING
from doorstep.operations.carriers.calling import tenants_calling
from doorstep.operations.collect.lockers import overdue
from doorstep.operations.contractors import tenants_offering
from doorstep.operations.dispatching.running import tenants_dispatching
from doorstep.operations.event_stream import latest_event_no, relayed_up_to
from doorstep.operations.fulfil.foreseen import FORESEE, REFRESHED_S
from doorstep.operations.fulfil.parts import TO_BRING
from doorstep.operations.fulfil.reoptimising import unreleased
from doorstep.operations.housekeeping import has_overdue
from doorstep.operations.intake.expected import awaits_receipt
from doorstep.operations.money.keep import kept_up
from doorstep.operations.planning.asked import PLANS, forsaken
from doorstep.operations.receipts import overdue_receipts
from doorstep.operations.stations.overdue import overdue_units
from doorstep.operations.tracking.follow import tenants_with_routes
from doorstep.storage import Connection, jobs
from doorstep.storage.jobs import NewJob
from doorstep.storage.schema.access import tenants
from doorstep.storage.schema.fulfilment import deliveries, shipments
from doorstep.storage.schema.journal import jobs as rows
from doorstep.storage.schema.orders import memberships, orders, subscriptions
from doorstep.storage.schema.planning import stock_proposals
from doorstep.worker.carriers import CALL_CARRIERS
from doorstep.worker.contractors import AT_ONCE, OFFER, OFFER_S
from doorstep.worker.dispatching import DISPATCH
from doorstep.worker.handlers import ASK_STOCK_PLAN, DAYS, KEEP_BOOKS, NEXT_S, THRESHOLD_MINOR, WITHIN_S
from doorstep.worker.task import AT_S, PERIOD_S, next_period_at
from doorstep.worker.tracking import FOLLOW, LEARN, LEARN_STREETS

EVERYONE = ""
"""The tenant of jobs that are about all of them."""
NATS_RELAY = "nats"
SHORT_S, MINUTE_S, HOUR_S = 10, 60, 3_600
STREETS_HOUR, LEARNT_HOUR = 1, 2
"""At night (UTC), when how long streets take is learnt anew, and then how much longer drives and services do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Periodic:
    """Work that comes again at least ``period_s`` apart, for each tenant that ``wanted`` finds something to do for.

    With ``at_s`` it waits for its hour: so many seconds after a period begins, which for days is midnight UTC.
    """

    kind: str
    period_s: int
    wanted: Callable[[Connection, int], list[str]]
    payload: Mapping[str, object] = field(default_factory=dict)
    at_s: int | None = None

    @property
    def told(self) -> dict[str, object]:
        """What its handler is told."""
        return {PERIOD_S: self.period_s, AT_S: self.at_s or 0, **self.payload}

    def job(self, tenant_id: str, now: int) -> NewJob:
        """Return its row for a tenant."""
        return NewJob(
            tenant_id=tenant_id,
            kind=self.kind,
            run_at=now if self.at_s is None else next_period_at(now, self.period_s, self.at_s),
            payload=self.told,
            dedup_key=jobs.standing_key(self.kind, tenant_id),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Periodic work to be done: rows that are due, and those that are not there yet."""

    job_ids: list[str] = field(default_factory=list)
    missing: list[NewJob] = field(default_factory=list)


def _always(_connection: Connection, _now: int) -> list[str]:
    return [EVERYONE]


def _overdue(connection: Connection, now: int) -> list[str]:
    return [EVERYONE] if has_overdue(connection, now=now) else []


def _uncollected(connection: Connection, now: int) -> list[str]:
    found = overdue(now).with_only_columns(deliveries.c.tenant_id).distinct()
    return sorted(connection.execute(found).scalars())


def _not_copied(connection: Connection, _now: int) -> list[str]:
    return [EVERYONE] if latest_event_no(connection) > relayed_up_to(connection, NATS_RELAY) else []


def _not_posted(connection: Connection, _now: int) -> list[str]:
    return [] if kept_up(connection) else [EVERYONE]


def _late(connection: Connection, now: int) -> list[str]:
    return [EVERYONE] if connection.execute(overdue_receipts(now).limit(1)).first() else []


def _overdue_units(connection: Connection, now: int) -> list[str]:
    return sorted({row.tenant_id for row in connection.execute(overdue_units(now))})


def _outdated(connection: Connection, now: int) -> list[str]:
    late = (stock_proposals.c.state == "proposed") & (stock_proposals.c.deadline_at < now)
    return sorted(connection.execute(select(stock_proposals.c.tenant_id).where(late).distinct()).scalars())


def _with_orders(*states: str, waiting: bool = True) -> Callable[[Connection, int], list[str]]:
    """Return what finds tenants with orders in some states; those that wait for a receipt count if ``waiting``."""
    mine = (orders.c.tenant_id == tenants.c.tenant_id) & orders.c.state.in_(states)
    mine = mine if waiting else mine & ~awaits_receipt()
    query = select(tenants.c.tenant_id).where(sa.exists().where(mine)).order_by(tenants.c.tenant_id)

    def wanted(connection: Connection, _now: int) -> list[str]:
        return list(connection.execute(query).scalars())

    return wanted


def _to_renew(connection: Connection, now: int) -> list[str]:
    due = (subscriptions.c.state == "active") & (subscriptions.c.next_at <= now)
    return sorted(connection.execute(select(subscriptions.c.tenant_id).where(due).distinct()).scalars())


def _ended(connection: Connection, now: int) -> list[str]:
    over = memberships.c.state.in_(HOLDING) & (memberships.c.ends_at <= now)
    return sorted(connection.execute(select(memberships.c.tenant_id).where(over).distinct()).scalars())


def _to_bring(connection: Connection, _now: int) -> list[str]:
    waiting = shipments.c.state.in_(TO_BRING) & shipments.c.delivery_id.is_(None)
    mine = (shipments.c.tenant_id == tenants.c.tenant_id) & waiting
    query = select(tenants.c.tenant_id).where(sa.exists().where(mine))
    return list(connection.execute(query.order_by(tenants.c.tenant_id)).scalars())


def _forsaken(connection: Connection, _now: int) -> list[str]:
    return sorted({row.tenant_id for kind in PLANS for row in connection.execute(forsaken(kind))})


def _with_any_order(connection: Connection, _now: int) -> list[str]:
    mine = orders.c.tenant_id == tenants.c.tenant_id
    query = select(tenants.c.tenant_id).where(sa.exists().where(mine))
    return list(connection.execute(query.order_by(tenants.c.tenant_id)).scalars())


def _with_streets(connection: Connection, now: int) -> list[str]:
    return [] if connection.streets is None else _with_any_order(connection, now)


def _unreleased(connection: Connection, now: int) -> list[str]:
    mine = (orders.c.tenant_id == tenants.c.tenant_id) & unreleased() & (orders.c.window_end_at > now)
    query = select(tenants.c.tenant_id).where(sa.exists().where(mine))
    return list(connection.execute(query.order_by(tenants.c.tenant_id)).scalars())


def _with_routes(connection: Connection, now: int) -> list[str]:
    return tenants_dispatching(connection, now=now)


PERIODIC: tuple[Periodic, ...] = (
    Periodic(kind="route_orders", period_s=1, wanted=_with_orders("placed", waiting=False)),
    Periodic(kind="route_backorders", period_s=MINUTE_S, wanted=_with_orders("backordered")),
    Periodic(kind="release_wave", period_s=SHORT_S, wanted=_with_orders("allocated", "preparing")),
    Periodic(kind=FORESEE, period_s=REFRESHED_S, wanted=_with_orders("placed", "allocated", "preparing")),
    Periodic(kind="expire_overdue", period_s=SHORT_S, wanted=_overdue),
    Periodic(kind="lapse_uncollected", period_s=MINUTE_S, wanted=_uncollected),
    Periodic(kind="note_overdue_units", period_s=MINUTE_S, wanted=_overdue_units),
    Periodic(kind="note_late", period_s=MINUTE_S, wanted=_late),
    Periodic(kind="expire_proposals", period_s=MINUTE_S, wanted=_outdated),
    Periodic(kind="give_up_plans", period_s=MINUTE_S, wanted=_forsaken),
    Periodic(kind="renew_subscriptions", period_s=MINUTE_S, wanted=_to_renew),
    Periodic(kind="end_periods", period_s=MINUTE_S, wanted=_ended),
    Periodic(kind="relay_events", period_s=1, wanted=_not_copied),
    Periodic(kind=KEEP_BOOKS, period_s=SHORT_S, wanted=_not_posted),
    Periodic(kind=FOLLOW, period_s=MINUTE_S, wanted=lambda connection, _now: tenants_with_routes(connection)),
    Periodic(kind=DISPATCH, period_s=MINUTE_S, wanted=_with_routes),
    Periodic(kind=LEARN_STREETS, period_s=24 * HOUR_S, at_s=STREETS_HOUR * HOUR_S, wanted=_with_streets),
    Periodic(kind=LEARN, period_s=24 * HOUR_S, at_s=LEARNT_HOUR * HOUR_S, wanted=_with_any_order),
    Periodic(kind="purge", period_s=HOUR_S, wanted=_always),
)
"""Everything that comes again, whatever the settings."""


def planning(*, period_s: int, within_s: int, may_wait: bool) -> Periodic:
    """Return the planning of routes: those that start within ``within_s`` are kept, later ones may still grow.

    Orders ``may_wait`` for the next plan where that makes routes denser.
    """
    payload = {WITHIN_S: within_s} | ({NEXT_S: period_s} if may_wait else {})
    return Periodic(kind="plan_due_routes", period_s=period_s, wanted=_to_bring, payload=payload)


def reoptimising(*, period_s: int, threshold_minor: int) -> Periodic:
    """Return the second look at orders not yet released, which move if that saves so much for each of them."""
    payload = {THRESHOLD_MINOR: threshold_minor}
    return Periodic(kind="reoptimise_orders", period_s=period_s, wanted=_unreleased, payload=payload)


def calling_carriers(connected: tuple[str, ...]) -> Periodic:
    """Return the calling of connected carriers, for each tenant with something at one of them or for one."""

    def wanted(connection: Connection, now: int) -> list[str]:
        return tenants_calling(connection, connected, now=now)

    return Periodic(kind=CALL_CARRIERS, period_s=SHORT_S, wanted=wanted)


def offering(*, offer_s: int, at_once: int) -> Periodic:
    """Return the offering of deliveries to contractors, for so long and to so many at once."""

    def wanted(connection: Connection, now: int) -> list[str]:
        return tenants_offering(connection, now=now)

    return Periodic(kind=OFFER, period_s=SHORT_S, wanted=wanted, payload={OFFER_S: offer_s, AT_ONCE: at_once})


def stock_planning(*, hour: int, days: int) -> Periodic:
    """Return the planning of the stock, each night at an hour (UTC), for some days to come."""
    return Periodic(
        kind=ASK_STOCK_PLAN, period_s=24 * HOUR_S, at_s=hour * HOUR_S, wanted=_with_any_order, payload={DAYS: days}
    )


def look(connection: Connection, table: tuple[Periodic, ...], *, now: int) -> Due:
    """Return what periodic work there is to do now; reads only."""
    wanted = {
        (job.dedup_key or ""): job
        for periodic in table
        for job in (periodic.job(tenant_id, now) for tenant_id in periodic.wanted(connection, now))
    }
    due = Due()
    keys = sorted(wanted)
    there: set[str] = set()
    for low in range(0, len(keys), 500):
        query = select(rows.c.dedup_key, rows.c.job_id, rows.c.state, rows.c.run_at, rows.c.lease_until)
        for row in connection.execute(query.where(rows.c.dedup_key.in_(keys[low : low + 500]))):
            there.add(row.dedup_key)
            begins_at = row.run_at if row.state == jobs.QUEUED else row.lease_until
            if begins_at is not None and begins_at <= now:
                due.job_ids.append(row.job_id)
    due.missing.extend(job for key, job in wanted.items() if key not in there)
    return due
