"""The books of money and carriers' invoices as they stand."""

from collections import defaultdict
from collections.abc import Sequence
from typing import cast

import sqlalchemy as sa
from sqlalchemy import func, select

from doorstep.api.conventions.csv_cells import Cell
from doorstep.api.conventions.moments import to_full_date
from doorstep.api.models.money import (
    Balance,
    BilledKind,
    CarrierInvoice,
    InvoiceLine,
    InvoiceTotal,
    LineState,
    Margin,
    MoneyEntry,
    Outcome,
)
from doorstep.api.models.parts import Money
from doorstep.api.views.matching import matching
from doorstep.foundation import NotFoundError
from doorstep.operations.money.accounts import PARTIES, RESULT
from doorstep.operations.money.invoices import OPEN
from doorstep.operations.money.judging import MATCHED
from doorstep.operations.money.margins import Margin as Left
from doorstep.storage import Connection
from doorstep.storage.schema.money import carrier_invoice_lines, carrier_invoices, money_entries

MARGIN_COLUMNS = ("key", "orders", "currency", *RESULT, "margin")


def list_entries(
    connection: Connection, tenant_id: str, *, limit: int, before: str = "", **wanted: str | None
) -> list[MoneyEntry]:
    """Return entries of the books, the newest first; ``before`` is the id of the last one seen."""
    of = money_entries.c
    query = matching(select(money_entries).where(of.tenant_id == tenant_id), {of[n]: v for n, v in wanted.items()})
    if before:
        query = query.where(of.entry_id < before)
    return [
        MoneyEntry(
            id=row.entry_id,
            amount=Money(amount=row.amount_minor, currency=row.currency),
            day=to_full_date(row.day),
            **{name: getattr(row, name) for name in _AS_STORED},
        )
        for row in connection.execute(query.order_by(of.entry_id.desc()).limit(limit))
    ]


_AS_STORED = (
    "subject_id", "posting_no", "account", "party_id", "order_id", "delivery_id", "zone", "mode", "carrier_id",
    "reason", "occurred_at", "posted_at",
)  # fmt: skip


def list_balances(
    connection: Connection, tenant_id: str, *, limit: int, after: str = "", account: str | None = None
) -> list[Balance]:
    """Return what is open with parties, by account and party; ``after`` is the last one seen, ``account/party``."""
    of = money_entries.c
    total = func.sum(of.amount_minor)
    query = matching(select(of.account, of.party_id, of.currency, total.label("minor")), {of.account: account})
    query = query.where(of.tenant_id == tenant_id, of.account.in_(PARTIES))
    if after:
        seen, _, party_id = after.partition("/")
        query = query.where((of.account > seen) | ((of.account == seen) & (of.party_id > party_id)))
    query = query.group_by(of.account, of.party_id, of.currency).having(total != 0)
    return [
        Balance(
            account=row.account, party_id=row.party_id, owed=Money(amount=int(row.minor), currency=row.currency)
        )
        for row in connection.execute(query.order_by(of.account, of.party_id).limit(limit))
    ]  # fmt: skip


def show_margin(left: Left, currency: str) -> Margin:
    """Return what a group left, as the API tells it; days are written out."""
    columns = dict(zip(MARGIN_COLUMNS, margin_row(left, currency), strict=True))
    return Margin.model_validate(columns)


def margin_row(left: Left, currency: str) -> Sequence[Cell]:
    """Return what a group left as cells under ``MARGIN_COLUMNS``."""
    key = to_full_date(left.key) if isinstance(left.key, int) else left.key
    amounts = [left.amounts.get(account, 0) for account in RESULT]
    return key, left.orders, currency, *amounts, left.margin_minor


def find_invoice(connection: Connection, tenant_id: str, invoice_id: str, *, currency: str) -> CarrierInvoice:
    """Return a carrier's invoice.

    Raises
    ------
    NotFoundError
        If the tenant has no such invoice.
    """
    found = _invoices(connection, _mine(tenant_id).where(carrier_invoices.c.invoice_id == invoice_id), currency)
    if not found:
        raise NotFoundError(f"carrier invoice {invoice_id} does not exist.")
    return found[0]


def list_invoices(
    connection: Connection,
    tenant_id: str,
    *,
    currency: str,
    limit: int,
    before: str = "",
    carrier_id: str | None = None,
    state: str | None = None,
) -> list[CarrierInvoice]:
    """Return carriers' invoices, the newest first; ``before`` is the id of the last one seen."""
    of = carrier_invoices.c
    query = matching(_mine(tenant_id), {of.carrier_id: carrier_id, of.state: state})
    if before:
        query = query.where(of.invoice_id < before)
    return _invoices(connection, query.order_by(of.invoice_id.desc()).limit(limit), currency)


def list_lines(
    connection: Connection,
    tenant_id: str,
    invoice_id: str,
    *,
    currency: str,
    limit: int,
    after: int = 0,
    outcome: str | None = None,
    state: str | None = None,
) -> list[InvoiceLine]:
    """Return the lines of an invoice in their order, after a number.

    Raises
    ------
    NotFoundError
        If the tenant has no such invoice.
    """
    find_invoice(connection, tenant_id, invoice_id, currency=currency)
    of = carrier_invoice_lines.c
    query = matching(select(carrier_invoice_lines), {of.outcome: outcome, of.state: state})
    query = query.where(of.invoice_id == invoice_id, of.line_no > after)
    return [
        InvoiceLine(
            line_no=row.line_no,
            reference=row.reference,
            kind=cast("BilledKind", row.kind),
            day=to_full_date(row.day),
            billed=Money(amount=row.amount_minor, currency=currency),
            expected=Money(amount=row.expected_minor, currency=currency),
            outcome=cast("Outcome", row.outcome),
            state=cast("LineState", row.state),
            reason=row.reason,
            delivery_id=row.delivery_id,
        )
        for row in connection.execute(query.order_by(of.line_no).limit(limit))
    ]


def _mine(tenant_id: str) -> "sa.Select[tuple[object, ...]]":
    return select(carrier_invoices).where(carrier_invoices.c.tenant_id == tenant_id)


def _invoices(connection: Connection, query: "sa.Select[tuple[object, ...]]", currency: str) -> list[CarrierInvoice]:
    rows = connection.execute(query).all()
    of = carrier_invoice_lines.c
    grouped = select(
        of.invoice_id, of.state, of.outcome, func.count().label("lines"), func.sum(of.amount_minor).label("billed"),
        func.sum(of.expected_minor).label("expected"),
    ).where(of.invoice_id.in_([row.invoice_id for row in rows]))  # fmt: skip
    totals: dict[str, list[InvoiceTotal]] = defaultdict(list)
    disputed: dict[str, int] = defaultdict(int)
    groups = connection.execute(grouped.group_by(of.invoice_id, of.state, of.outcome).order_by(of.state, of.outcome))
    for row in groups:
        billed, expected = int(row.billed), int(row.expected)
        totals[row.invoice_id].append(
            InvoiceTotal(
                state=row.state, outcome=row.outcome, lines=row.lines, billed=Money(amount=billed, currency=currency),
                expected=Money(amount=expected, currency=currency),
            )
        )  # fmt: skip
        if row.state in OPEN and row.outcome != MATCHED:
            disputed[row.invoice_id] += billed - expected
    return [
        CarrierInvoice(
            id=row.invoice_id,
            carrier_id=row.carrier_id,
            number=row.number,
            state=row.state,
            version=row.version,
            created_at=row.created_at,
            totals=totals[row.invoice_id],
            to_dispute=Money(amount=disputed[row.invoice_id], currency=currency),
        )
        for row in rows
    ]
