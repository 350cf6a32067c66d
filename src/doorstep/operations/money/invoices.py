"""Carriers' invoices: held against the books when they come, then approved or disputed line by line."""

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import select, update

from doorstep.foundation import ConflictError, InputError, NotFoundError
from doorstep.operations.caller import Caller
from doorstep.operations.money.judging import MATCHED, Billed, judge
from doorstep.operations.transitions import advance, tell_created
from doorstep.storage import Connection
from doorstep.storage.journal import canonical
from doorstep.storage.prepared import inserting
from doorstep.storage.retailers import load_reference
from doorstep.storage.schema.money import carrier_invoice_lines, carrier_invoices

Step = Literal["approve", "dispute", "withdraw", "review"]
FROM: dict[str, tuple[str, ...]] = {
    "approve": ("open", "disputed"), "dispute": ("open",), "withdraw": ("open", "disputed")
}  # fmt: skip
TO = {"approve": "approved", "dispute": "disputed", "withdraw": "withdrawn"}
OPEN = ("open", "disputed")
"""States of lines that are not decided for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLine:
    """A line of an invoice: ``day`` counts from 1970-01-01; credits are negative."""

    reference: str
    kind: str
    amount_minor: int
    day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is decided about lines of an invoice, by default all that the step is meant for, and why."""

    step: Step
    line_nos: Collection[int] | None = None
    reason: str = ""


def take_invoice(
    connection: Connection,
    caller: Caller,
    carrier_id: str,
    number: str,
    lines: Sequence[NewLine],
    *,
    tolerance_minor: int,
    now: int,
) -> str:
    """Store a carrier's invoice with what becomes of each of its lines, and return its id; the same one comes once.

    Raises
    ------
    InputError
        If there is no such carrier, or no line.
    ConflictError
        If the carrier has sent another invoice with this number.
    """
    if carrier_id not in load_reference(connection, caller.tenant_id)["carriers"]["carrier_id"]:
        raise InputError(f"carrier_id {carrier_id} is not a carrier.")
    if not lines:
        raise InputError("lines must be one or more.")
    told = [[line.reference, line.kind, line.amount_minor, line.day] for line in lines]
    fingerprint = hashlib.sha256(canonical(told).encode()).hexdigest()
    of = carrier_invoices.c
    mine = (of.tenant_id == caller.tenant_id) & (of.carrier_id == carrier_id) & (of.number == number)
    known = connection.execute(select(carrier_invoices).where(mine)).one_or_none()
    if known is not None and known.fingerprint != fingerprint:
        raise ConflictError(
            f"number {number} of carrier {carrier_id} was another invoice, {known.invoice_id}.",
            hint="Maybe it is a correction: withdraw the lines that it replaces, and give it a number of its own.",
        )
    if known is not None:
        return str(known.invoice_id)
    invoice_id = connection.new_id("inv", now)
    row = {"invoice_id": invoice_id, "tenant_id": caller.tenant_id, "carrier_id": carrier_id, "number": number,
           "state": "open", "version": 1, "fingerprint": fingerprint, "created_at": now}  # fmt: skip
    connection.run(inserting(carrier_invoices), [row])
    billed = [
        Billed(invoice_id, at, line.reference, line.kind, line.amount_minor, line.day)
        for at, line in enumerate(lines, 1)
    ]
    judged = judge(connection, caller.tenant_id, carrier_id, billed, tolerance_minor=tolerance_minor)
    rows = [
        line._asdict() | result._asdict() | {"tenant_id": caller.tenant_id, "state": "open", "reason": ""}
        for line, result in zip(billed, judged, strict=True)
    ]
    connection.run(inserting(carrier_invoice_lines), rows)
    counts = dict(Counter(result.outcome for result in judged))
    tell_created(connection, caller, "carrier_invoice", invoice_id, "open", now=now,
                 data={"carrier_id": carrier_id, "number": number, "outcomes": counts})  # fmt: skip
    return invoice_id


def decide_lines(
    connection: Connection, caller: Caller, invoice_id: str, decided: Decision, *, tolerance_minor: int, now: int
) -> None:
    """Look again at the lines that are open, and approve, dispute or withdraw those that are named.

    Without names all that are open and ``matched`` are approved, all others that are open are disputed, all that are
    disputed are withdrawn: the carrier takes them back. What is approved takes the place of what was expected.

    Raises
    ------
    NotFoundError
        If the tenant has no such invoice.
    ConflictError
        If a line is not there, or was decided before; it lists them.
    """
    of = carrier_invoices.c
    mine = (of.invoice_id == invoice_id) & (of.tenant_id == caller.tenant_id)
    invoice = connection.execute(select(carrier_invoices).where(mine).with_for_update()).one_or_none()
    if invoice is None:
        raise NotFoundError(f"carrier invoice {invoice_id} does not exist.")
    reviewed = _review(connection, invoice, tolerance_minor)
    query = select(carrier_invoice_lines).where(carrier_invoice_lines.c.invoice_id == invoice_id)
    lines = {row.line_no: row for row in connection.execute(query.order_by(carrier_invoice_lines.c.line_no))}
    chosen = _chosen(lines, decided)
    for line_no in chosen:
        _change(connection, invoice_id, line_no, state=TO[decided.step], reason=decided.reason)
    if not (reviewed or chosen):
        return
    still = any(row.state in OPEN for row in lines.values() if row.line_no not in chosen)
    open_after = still or (bool(chosen) and TO[decided.step] in OPEN)
    known = {"carrier_id": invoice.carrier_id, "step": decided.step, "lines": chosen}
    event = "decide" if open_after else "close"
    advance(connection, caller, "carrier_invoice", invoice_id, event, now=now, reason=decided.reason, data=known)


def _review(connection: Connection, invoice: "sa.Row[Any]", tolerance_minor: int) -> int:
    """Judge the lines of an invoice that are not decided for good again, and return how many changed."""
    of = carrier_invoice_lines.c
    query = select(carrier_invoice_lines).where(of.invoice_id == invoice.invoice_id, of.state.in_(OPEN))
    rows = connection.execute(query.order_by(of.line_no)).all()
    billed = [Billed(*(getattr(row, name) for name in Billed._fields)) for row in rows]
    judged = judge(connection, invoice.tenant_id, invoice.carrier_id, billed, tolerance_minor=tolerance_minor)
    changed = 0
    for row, result in zip(rows, judged, strict=True):
        if tuple(result) != (row.job_id, row.delivery_id, row.expected_minor, row.outcome):
            _change(connection, row.invoice_id, row.line_no, **result._asdict())
            changed += 1
    return changed


def _chosen(lines: "dict[int, sa.Row[Any]]", decided: Decision) -> list[int]:
    if decided.step == "review":
        return []
    if decided.line_nos is not None:
        allowed = FROM[decided.step]
        wrong = [
            f"{name} is {lines[name].state}" if name in lines else f"{name} does not exist"
            for name in sorted(set(decided.line_nos))
            if name not in lines or lines[name].state not in allowed
        ]
        if wrong:
            raise ConflictError(f"lines: {', '.join(wrong)}; one must be {' or '.join(allowed)} to {decided.step} it.")
        return sorted(set(decided.line_nos))
    wanted = "disputed" if decided.step == "withdraw" else "open"
    found = [row for row in lines.values() if row.state == wanted]
    if decided.step != "withdraw":
        found = [row for row in found if (row.outcome == MATCHED) == (decided.step == "approve")]
    return [row.line_no for row in found]


def _change(connection: Connection, invoice_id: str, line_no: int, **values: object) -> None:
    of = carrier_invoice_lines.c
    mine = (of.invoice_id == invoice_id) & (of.line_no == line_no)
    connection.execute(update(carrier_invoice_lines).where(mine).values(values))
