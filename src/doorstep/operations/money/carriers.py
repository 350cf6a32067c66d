"""What carriers are owed: by what they asked when a delivery has ended, by what was approved once they billed it."""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import func, select

from doorstep.operations.fulfil.parts import DROPPED, pieces
from doorstep.operations.money.accounts import Account, Standing, owing, together
from doorstep.operations.money.deliveries import last_mile_of
from doorstep.operations.money.reading import rows_of
from doorstep.storage import Connection
from doorstep.storage.schema.carriers import carrier_bookings
from doorstep.storage.schema.fulfilment import deliveries
from doorstep.storage.schema.money import carrier_invoice_lines

BROUGHT = ("delivered", "attempted", "rescheduled", "redirected")
BROUGHT_BACK = ("returning", "at_return", "returned")
BILLED_KINDS = ("delivery", "cancellation", "return", "adjustment")
"""What a line of a carrier's invoice may be for."""
BY_PHONE = "by_phone"
"""Stands for the state of a booking that people made with a carrier that is not connected."""


class CarrierJob(NamedTuple):
    """A delivery in the hands of a carrier: a booking, or the delivery itself where people booked it.

    ``delivery_state`` is that of the delivery, ``quoted_minor`` what was asked at first, ``price_minor`` by now;
    ``contractor_id`` is who accepted it, where the carrier is a market of contractors: they are owed the money.
    """

    job_id: str
    delivery_id: str
    order_id: str
    carrier_id: str
    state: str
    delivery_state: str
    quoted_minor: int
    price_minor: int
    contractor_id: str = ""


def accrued(job: CarrierJob) -> dict[str, int]:
    """Return what a carrier has earned with a job by what it asked, by kind of line in an invoice.

    Nothing until it has been at the door, or was called off; nothing for what was refused, given back or lost.
    """
    if job.state == "called_off" or (job.state == "ended" and job.delivery_state in DROPPED):
        return {"cancellation": job.price_minor}
    if job.state in ("confirmed", "ended", BY_PHONE):
        if job.delivery_state in BROUGHT:
            return {"delivery": job.price_minor}
        if job.delivery_state in BROUGHT_BACK:
            quoted = min(job.quoted_minor or job.price_minor, job.price_minor)
            return {"delivery": quoted, "return": job.price_minor - quoted}
    return {}


def job_standings(connection: Connection, tenant_id: str, jobs: Collection[CarrierJob]) -> dict[str, Standing]:
    """Return what should stand in the books of carriers' jobs, by kind: what was approved, else what is accrued."""
    approved = approved_minor(connection, tenant_id, [job.job_id for job in jobs])
    return {job.job_id: _standing(job, {**accrued(job), **approved[job.job_id]}) for job in jobs}


def jobs_of(connection: Connection, tenant_id: str, delivery_ids: Collection[str]) -> list[CarrierJob]:
    """Return the jobs of carriers with deliveries: every booking, and what people booked with whoever has it."""
    rows = {
        row.delivery_id: row
        for row in rows_of(connection, deliveries, deliveries.c.delivery_id, delivery_ids)
        if row.tenant_id == tenant_id
    }
    found, booked = [], set()
    for row in rows_of(connection, carrier_bookings, carrier_bookings.c.delivery_id, rows):
        of = rows[row.delivery_id]
        booked.add((row.delivery_id, row.carrier_id))
        held = row.state != "confirmed" or of.carrier_id == row.carrier_id  # else it is to be called off
        state = of.state if held else ""
        found.append(
            CarrierJob(row.booking_id, of.delivery_id, of.order_id, row.carrier_id, row.state, state, row.quoted_minor,
                       row.price_minor, row.contractor_id)
        )  # fmt: skip
    for name, row in rows.items():
        if row.carrier_id and (name, row.carrier_id) not in booked:
            fee = json.loads(row.cost_parts).get("carrier_fee", 0)
            found.append(CarrierJob(name, name, row.order_id, row.carrier_id, BY_PHONE, row.state, fee, fee))
    return found


def approved_minor(connection: Connection, tenant_id: str, job_ids: Collection[str]) -> Mapping[str, Counter[str]]:
    """Return what was approved of carriers' invoices, by job and kind."""
    of = carrier_invoice_lines.c
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for piece in pieces(sorted(set(job_ids))):
        query = select(of.job_id, of.kind, func.sum(of.amount_minor).label("minor")).where(
            of.tenant_id == tenant_id, of.job_id.in_(piece), of.state == "approved"
        )
        for row in connection.execute(query.group_by(of.job_id, of.kind)):
            found[row.job_id][row.kind] = int(row.minor)
    return found


def unknown_standing(carrier_id: str, line: "sa.Row[Any]") -> Standing:
    """Return what should stand in the books of a line of an invoice that is about nothing of ours."""
    amount = line.amount_minor if line.state == "approved" and not line.job_id else 0
    return owing(amount, bears=Account("last_mile"), owed=Account("carrier", carrier_id))


def _standing(job: CarrierJob, owed: Mapping[str, int]) -> Standing:
    about = (job.order_id, job.delivery_id)
    owed_to = ("contractor", job.contractor_id) if job.contractor_id else ("carrier", job.carrier_id)
    to = Account(*owed_to, *about)
    return together(
        owing(
            minor,
            bears=Account(
                "failure" if kind in ("cancellation", "return") else last_mile_of(job.delivery_state), "", *about
            ),
            owed=to,
        )
        for kind, minor in owed.items()
    )
