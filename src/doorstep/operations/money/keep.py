"""The books kept: whatever happened that moves money is posted, from the journal of events.

Events are numbered in the order of commits, without gaps, and the mark of how far they have been gone through moves in
the transaction that posts: none can be lost. What is posted is not what an event says but what the books lack of what
the order, delivery, booking or route says by now: none can count twice, and it does not matter in which order events
come, or how often they are gone through. So what changes states knows nothing of money, and nobody waits for it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy import select

from doorstep.operations.event_stream import (
    StreamEvent,
    latest_event_no,
    of_types,
    read_events,
    relay_moved,
    relayed_up_to,
)
from doorstep.operations.money.accounts import Standing, together
from doorstep.operations.money.carriers import job_standings, jobs_of, unknown_standing
from doorstep.operations.money.deliveries import delivery_standings, route_standings
from doorstep.operations.money.orders import order_standings
from doorstep.operations.money.posting import Cause, post
from doorstep.operations.money.reading import rows_of
from doorstep.storage import Connection
from doorstep.storage.schema.carriers import carrier_bookings
from doorstep.storage.schema.fulfilment import deliveries, routes
from doorstep.storage.schema.journal import events
from doorstep.storage.schema.money import carrier_invoice_lines, carrier_invoices
from doorstep.storage.schema.orders import orders, returns

RELAY = "money"
"""The relay that remembers how far the books are kept."""
BATCH = 100
TYPES = (
    "order.created", "order.placed", "order.completed", "order.completed_short", "order.cancelled", "order.expired",
    "order.return_closed", "order.returned", "order.refunded", "return.closed",
    "delivery.attempted", "delivery.returning", "delivery.delivered", "delivery.returned", "delivery.abandoned",
    "collection.handed_over", "collection.collected", "collection.uncollected", "collection.restocked",
    "carrier_booking.ended", "carrier_booking.called_off", "carrier_booking.price_changed",
    "route.completed", "carrier_invoice.updated", "carrier_invoice.closed",
)  # fmt: skip
"""Events after which something may have to be posted."""


def keep_books(connection: Connection, *, now: int, limit: int = BATCH) -> int:
    """Post what followed from the events after the mark, and return how many events were gone through.

    As long as that is ``limit`` there may be more.
    """
    cursor = relayed_up_to(connection, RELAY, lock=True)
    last = latest_event_no(connection)
    after = (events.c.event_no > cursor) & (events.c.event_no <= last) & of_types(TYPES)
    found = read_events(connection, select(events).where(after).order_by(events.c.event_no).limit(limit))
    by_tenant: dict[str, list[StreamEvent]] = defaultdict(list)
    for event in found:
        by_tenant[event.tenant_id].append(event)
    for tenant_id, mine in by_tenant.items():
        post_events(connection, tenant_id, mine, now=now)
    relay_moved(connection, RELAY, found[-1].event_no if len(found) == limit else last)
    return len(found)


def post_events(connection: Connection, tenant_id: str, found: Sequence[StreamEvent], *, now: int) -> int:
    """Post what events of one tenant, in any order and however often, have made of the books; return the postings."""
    causes: dict[str, dict[str, Cause]] = defaultdict(dict)
    for event in found:
        occurred_at = event.data.get("occurred_at")
        at = min(occurred_at, event.at) if isinstance(occurred_at, int) else event.at
        causes[event.kind][event.object_id] = Cause(event.type, at)
    of_orders = _dated(connection, orders, "order_id", _of_orders(connection, causes["return"]) | causes["order"])
    of_deliveries = causes["delivery"] | causes["collection"] | _of_bookings(connection, causes["carrier_booking"])
    of_jobs, of_lines, unknown = _of_invoices(connection, tenant_id, causes["carrier_invoice"])
    of_deliveries = _dated(connection, deliveries, "delivery_id", of_deliveries | of_jobs)
    rows = [
        row
        for row in rows_of(connection, deliveries, deliveries.c.delivery_id, of_deliveries)
        if row.tenant_id == tenant_id
    ]
    of_routes = {row.route_id: of_deliveries[row.delivery_id] for row in rows if row.route_id}
    of_routes = _dated(connection, routes, "route_id", of_routes | causes["route"])
    jobs = jobs_of(connection, tenant_id, of_deliveries)
    of_jobs = {job.job_id: of_deliveries[job.delivery_id] for job in jobs}
    wanted = _added(
        order_standings(connection, tenant_id, of_orders),
        delivery_standings(connection, rows),
        job_standings(connection, tenant_id, jobs),
        route_standings(connection, tenant_id, of_routes),
        unknown,
    )
    return post(connection, tenant_id, wanted, of_orders | of_deliveries | of_jobs | of_routes | of_lines, now=now)


def _added(*parts: Mapping[str, Standing]) -> dict[str, Standing]:
    """Return standings by subject; a delivery that people booked with a carrier has two."""
    found: dict[str, list[Standing]] = defaultdict(list)
    for part in parts:
        for subject_id, standing in part.items():
            found[subject_id].append(standing)
    return {subject_id: together(standings) for subject_id, standings in found.items()}


def _dated(connection: Connection, table: sa.Table, key: str, causes: Mapping[str, Cause]) -> dict[str, Cause]:
    """Return causes not earlier than the last step of what they are about: its present state is what is posted."""
    last = {getattr(row, key): row.event_at or 0 for row in rows_of(connection, table, table.c[key], causes)}
    return {
        name: cause._replace(occurred_at=max(cause.occurred_at, last.get(name, 0))) for name, cause in causes.items()
    }


def _of_orders(connection: Connection, of_returns: Mapping[str, Cause]) -> dict[str, Cause]:
    return {
        row.order_id: of_returns[row.return_id] for row in rows_of(connection, returns, returns.c.return_id, of_returns)
    }


def _of_bookings(connection: Connection, of_bookings: Mapping[str, Cause]) -> dict[str, Cause]:
    rows = rows_of(connection, carrier_bookings, carrier_bookings.c.booking_id, of_bookings)
    return {row.delivery_id: of_bookings[row.booking_id] for row in rows}


def _of_invoices(
    connection: Connection, tenant_id: str, of_invoices: Mapping[str, Cause]
) -> tuple[dict[str, Cause], dict[str, Cause], dict[str, Standing]]:
    """Return why deliveries are posted, and lines about nothing of ours, with what should stand there of the latter."""
    carrier = {
        row.invoice_id: row.carrier_id
        for row in rows_of(connection, carrier_invoices, carrier_invoices.c.invoice_id, of_invoices)
    }
    lines = [
        row
        for row in rows_of(connection, carrier_invoice_lines, carrier_invoice_lines.c.invoice_id, of_invoices)
        if row.tenant_id == tenant_id
    ]
    known = {row.delivery_id: of_invoices[row.invoice_id] for row in lines if row.delivery_id}
    rest = {f"{row.invoice_id}/{row.line_no}": row for row in lines if not row.delivery_id}
    causes = {name: of_invoices[row.invoice_id] for name, row in rest.items()}
    return known, causes, {name: unknown_standing(carrier[row.invoice_id], row) for name, row in rest.items()}


def kept_up(connection: Connection) -> bool:
    """Return whether nothing has happened since the mark."""
    return latest_event_no(connection) <= relayed_up_to(connection, RELAY)
