"""Whether the books of money agree with bookings, invoices, orders and refunds, recomputed from their rows."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator

import sqlalchemy as sa

from doorstep.storage.connection import Connection

UNEVEN = """
SELECT subject_id, posting_no, SUM(amount_minor) AS minor FROM money_entries
GROUP BY tenant_id, subject_id, posting_no HAVING SUM(amount_minor) <> 0"""


AHEAD = """
SELECT object_id FROM events
WHERE event_no > COALESCE((SELECT event_no FROM relays WHERE name = 'money'), 0)"""
"""What has changed since the books were kept: nothing can be said of it yet."""


BOOKINGS = """
SELECT b.tenant_id, b.booking_id, b.delivery_id, b.carrier_id, b.contractor_id, b.state, b.quoted_minor, b.price_minor,
  d.state AS there, d.carrier_id AS has_it
FROM carrier_bookings b JOIN deliveries d ON d.delivery_id = b.delivery_id"""


BY_PHONE = """
SELECT d.tenant_id, d.delivery_id, d.carrier_id, '' AS contractor_id, d.state AS there, d.cost_parts FROM deliveries d
LEFT JOIN carrier_bookings b ON b.delivery_id = d.delivery_id AND b.carrier_id = d.carrier_id
WHERE d.carrier_id <> '' AND b.booking_id IS NULL"""


APPROVED = """
SELECT l.tenant_id, l.invoice_id, l.line_no, l.job_id, l.delivery_id, i.carrier_id, l.kind, l.amount_minor
FROM carrier_invoice_lines l JOIN carrier_invoices i ON i.invoice_id = l.invoice_id WHERE l.state = 'approved'"""


OWED = """
SELECT tenant_id, party_id, subject_id, delivery_id, SUM(amount_minor) AS minor FROM money_entries
WHERE account IN ('carrier', 'contractor') GROUP BY tenant_id, party_id, subject_id, delivery_id"""


PAYMENTS = """
SELECT o.order_id, o.fee_minor, o.payment, COALESCE(l.goods, 0) AS goods, COALESCE(r.back, 0) AS back,
  COALESCE(e.minor, 0) AS minor
FROM orders o
LEFT JOIN (SELECT order_id, SUM(quantity * price_minor) AS goods FROM order_lines GROUP BY order_id) l
  ON l.order_id = o.order_id
LEFT JOIN (SELECT order_id, SUM(amount_minor) AS back FROM refunds GROUP BY order_id) r ON r.order_id = o.order_id
LEFT JOIN (SELECT order_id, SUM(amount_minor) AS minor FROM money_entries WHERE account = 'payment'
           GROUP BY order_id) e ON e.order_id = o.order_id"""


def check_money(connection: Connection) -> Iterator[str]:
    """Yield what is wrong with the books of money, a sentence each."""
    for row in connection.execute(sa.text(UNEVEN)):
        yield f"posting {row.posting_no} about {row.subject_id} sums to {row.minor}, not to zero."
    ahead = set(connection.execute(sa.text(AHEAD)).scalars())
    yield from _carriers(connection, ahead)
    for row in connection.execute(sa.text(PAYMENTS)):
        paid = row.fee_minor + row.goods if row.payment == "settled" else 0
        if row.order_id not in ahead and row.minor != row.back - paid:
            yield f"order {row.order_id}: {paid} was paid and {row.back} given back, the books say {-row.minor}."
        if row.back > paid:
            yield f"order {row.order_id}: {row.back} was given back of {paid} paid."


def _carriers(connection: Connection, ahead: set[str]) -> Iterator[str]:
    """Every carrier and contractor is owed what was approved of invoices, and what other deliveries were to cost."""
    due: Counter[tuple[str, str]] = Counter()
    said: Counter[tuple[str, str]] = Counter()
    approved: defaultdict[str, Counter[str]] = defaultdict(Counter)
    unsure: set[str] = set()
    for row in connection.execute(sa.text(APPROVED)):
        if row.invoice_id in ahead:
            unsure |= {row.job_id, row.delivery_id, f"{row.invoice_id}/{row.line_no}"} - {""}
        elif row.job_id:
            approved[row.job_id][row.kind] += row.amount_minor
        else:
            due[row.tenant_id, row.carrier_id] += row.amount_minor
    for job_id, row, earned in _earned(connection):
        billed = dict(approved[job_id])
        if not {job_id, row.delivery_id} & (ahead | unsure):
            due[row.tenant_id, row.contractor_id or row.carrier_id] += sum((earned | billed).values())
        else:
            unsure |= {job_id, row.delivery_id}
    for row in connection.execute(sa.text(OWED)):
        if not {row.subject_id, row.delivery_id} & (ahead | unsure):
            said[row.tenant_id, row.party_id] += row.minor
    for key in sorted(due.keys() | said.keys()):
        if due[key] != said[key]:
            yield f"party {key[1]}: bookings and invoices come to {due[key]}, the books say {said[key]}."


def _earned(connection: Connection) -> "Iterator[tuple[str, sa.Row[tuple[object, ...]], dict[str, int]]]":
    """Yield every job of a carrier with what it has earned by kind of work."""
    for row in connection.execute(sa.text(BOOKINGS)).all():
        void = row.there in ("cancelled", "rejected", "expired")
        if row.state == "called_off" or (row.state == "ended" and void):
            yield row.booking_id, row, {"cancellation": row.price_minor}
        elif row.state == "ended" or (row.state == "confirmed" and row.has_it == row.carrier_id):
            yield row.booking_id, row, _at_the_door(row.there, row.quoted_minor, row.price_minor)
        else:
            yield row.booking_id, row, {}
    for row in connection.execute(sa.text(BY_PHONE)).all():
        fee = json.loads(row.cost_parts).get("carrier_fee", 0)
        yield row.delivery_id, row, _at_the_door(row.there, fee, fee)


def _at_the_door(there: str, quoted: int, price: int) -> dict[str, int]:
    if there in ("delivered", "attempted", "rescheduled", "redirected"):
        return {"delivery": price}
    if there in ("returning", "at_return", "returned"):
        there_minor = quoted if 0 < quoted < price else price
        return {"delivery": there_minor, "return": price - there_minor}
    return {}
