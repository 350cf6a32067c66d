"""Lines of carriers' invoices held against what their deliveries were to cost."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import select

from doorstep.operations.fulfil.parts import pieces
from doorstep.operations.money.carriers import CarrierJob, accrued, jobs_of
from doorstep.storage import Connection
from doorstep.storage.schema.carriers import carrier_bookings
from doorstep.storage.schema.fulfilment import deliveries
from doorstep.storage.schema.money import carrier_invoice_lines

MATCHED, PRICE_DIFFERS = "matched", "price_differs"
UNKNOWN, DUPLICATE, NOT_DELIVERED = "unknown_delivery", "duplicate", "not_delivered"
OUTCOMES = (MATCHED, PRICE_DIFFERS, UNKNOWN, DUPLICATE, NOT_DELIVERED)
"""What may come of holding a line of an invoice against the books."""


class Billed(NamedTuple):
    """A line of an invoice: what for, under our id or the carrier's, how much, for which day since 1970-01-01."""

    invoice_id: str
    line_no: int
    reference: str
    kind: str
    amount_minor: int
    day: int


class Judged(NamedTuple):
    """What became of a line: whose delivery it is about, what was expected, and whether that agrees."""

    job_id: str
    delivery_id: str
    expected_minor: int
    outcome: str


def judge(
    connection: Connection, tenant_id: str, carrier_id: str, lines: Sequence[Billed], *, tolerance_minor: int
) -> list[Judged]:
    """Return what becomes of each line of a carrier's invoices; lines billed before are among those stored or given."""
    jobs = _jobs(connection, tenant_id, carrier_id, {line.reference for line in lines})
    first = _billed_first(connection, tenant_id, jobs, lines)
    found = []
    for line in lines:
        job = jobs.get(line.reference)
        if job is None:
            found.append(Judged("", "", 0, UNKNOWN))
            continue
        earned = accrued(job)
        expected = earned.get(line.kind, 0)
        if first[_same(job.job_id, line)] != (line.invoice_id, line.line_no):
            expected, outcome = 0, DUPLICATE
        elif line.kind == "delivery" and line.kind not in earned:
            outcome = NOT_DELIVERED
        else:
            outcome = MATCHED if abs(line.amount_minor - expected) <= tolerance_minor else PRICE_DIFFERS
        found.append(Judged(job.job_id, job.delivery_id, expected, outcome))
    return found


def _same(job_id: str, line: "Billed | sa.Row[Any]") -> tuple[object, ...]:
    """Return what two lines share of which one is billed twice; adjustments may be many."""
    return (job_id, line.kind, *((line.amount_minor, line.day) if line.kind == "adjustment" else ()))


def _billed_first(
    connection: Connection, tenant_id: str, jobs: Mapping[str, CarrierJob], lines: Collection[Billed]
) -> dict[tuple[object, ...], tuple[str, int]]:
    """Return the first line for each kind of work with each job; lines that were withdrawn do not count."""
    of = carrier_invoice_lines.c
    known: dict[tuple[object, ...], set[tuple[str, int]]] = defaultdict(set)
    for line in lines:
        if line.reference in jobs:
            known[_same(jobs[line.reference].job_id, line)].add((line.invoice_id, line.line_no))
    for piece in pieces(sorted({job.job_id for job in jobs.values()})):
        query = select(of.job_id, *(of[name] for name in Billed._fields)).where(
            of.tenant_id == tenant_id, of.job_id.in_(piece), of.state != "withdrawn"
        )
        for row in connection.execute(query):
            known[_same(row.job_id, row)].add((row.invoice_id, row.line_no))
    return {same: min(there) for same, there in known.items()}


def _jobs(
    connection: Connection, tenant_id: str, carrier_id: str, references: Collection[str]
) -> dict[str, CarrierJob]:
    """Return the jobs of a carrier by what an invoice may call them: the booking, its own id, or the delivery."""
    named: dict[str, str] = {}
    booking = carrier_bookings.c
    mine = (booking.tenant_id == tenant_id) & (booking.carrier_id == carrier_id)
    for column in (booking.booking_id, booking.carrier_ref):
        named |= _named(connection, column, booking.delivery_id, mine, references)
    theirs = deliveries.c.tenant_id == tenant_id
    named |= _named(connection, deliveries.c.delivery_id, deliveries.c.delivery_id, theirs, references)
    jobs = jobs_of(connection, tenant_id, set(named.values()))
    by_delivery = {job.delivery_id: job for job in jobs if job.carrier_id == carrier_id}
    return {name: by_delivery[delivery_id] for name, delivery_id in named.items() if delivery_id in by_delivery}


def _named(
    connection: Connection,
    column: "sa.Column[str]",
    delivery: "sa.Column[str]",
    mine: "sa.ColumnElement[bool]",
    references: Collection[str],
) -> dict[str, str]:
    found: dict[str, str] = {}
    for piece in pieces(sorted(references)):
        query = select(column.label("name"), delivery.label("delivery_id")).where(mine, column.in_(piece))
        found |= {row.name: row.delivery_id for row in connection.execute(query)}
    return found
