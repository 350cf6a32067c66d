"""Whether the books agree: every invariant of the system of record, recomputed from its rows.

Shares no code with what writes them. An empty answer means that the database can be trusted.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from doorstep.domain.lifecycles import LIFECYCLES
from doorstep.storage.connection import Connection
from doorstep.storage.money_check import check_money

SUMS = """
SELECT p.kind, p.site_id, p.item, p.on_hand, p.reserved, p.safety, COALESCE(e.there, 0) AS entered,
  COALESCE(e.spoken, 0) AS spoken, COALESCE(r.held, 0) AS held,
  COALESCE(e.kept, 0) AS kept
FROM positions p
LEFT JOIN (SELECT position_id, SUM(on_hand_delta) AS there, SUM(reserved_delta) AS spoken,
                  SUM(safety_delta) AS kept
           FROM ledger_entries GROUP BY position_id) e ON e.position_id = p.position_id
LEFT JOIN (SELECT position_id, SUM(quantity) AS held
           FROM reservations WHERE state = 'held' GROUP BY position_id) r ON r.position_id = p.position_id"""
OBJECTS = (
    ("order", "orders", "order_id", "order"),
    ("slot_hold", "slot_holds", "hold_id", "slot_hold"),
    ("subscription", "subscriptions", "subscription_id", "subscription"),
    ("membership", "memberships", "membership_id", "membership"),
    ("return", "returns", "return_id", "return"),
    ("receipt", "receipts", "receipt_id", "receipt"),
    ("network_study", "network_studies", "study_id", "network_study"),
    ("stock_plan", "stock_plans", "plan_id", "stock_plan"),
    ("stock_proposal", "stock_proposals", "proposal_id", "stock_proposal"),
    ("dispatch_proposal", "dispatch_proposals", "proposal_id", "dispatch_proposal"),
    ("shipment", "shipments", "shipment_id", "shipment"),
    ("route", "routes", "route_id", "route"),
    ("station_unit", "station_units", "unit_id", "station_unit"),
    ("errand", "errands", "errand_id", "errand"),
    ("exception", "exceptions", "exception_id", "exception"),
    ("carrier_booking", "carrier_bookings", "booking_id", "carrier_booking"),
    ("contractor", "contractors", "contractor_id", "contractor"),
    ("contractor_offer", "contractor_offers", "offer_id", "contractor_offer"),
    ("carrier_invoice", "carrier_invoices", "invoice_id", "carrier_invoice"),
    ("delivery", "deliveries", "delivery_id", "delivery"),
)
OVERBOOKED = """
SELECT l.order_id, l.line_no, l.quantity, SUM(r.quantity) AS has FROM order_lines l
JOIN reservations r ON r.holder_id = l.order_id AND r.line_no = l.line_no
GROUP BY l.order_id, l.line_no, l.quantity HAVING SUM(r.quantity) > l.quantity"""


EMPTY_HANDED = """
SELECT o.order_id, o.state, l.line_no, l.quantity, COALESCE(SUM(r.quantity), 0) AS has FROM orders o
JOIN order_lines l ON l.order_id = o.order_id
LEFT JOIN reservations r ON r.holder_id = l.order_id AND r.line_no = l.line_no
WHERE o.state IN ('allocated', 'preparing', 'ready')
GROUP BY o.order_id, o.state, l.line_no, l.quantity HAVING COALESCE(SUM(r.quantity), 0) < l.quantity"""


EXPECTED = """
SELECT r.receipt_id, r.state, CASE WHEN r.state IN ('expected', 'late') THEN r.units ELSE 0 END AS open,
  COALESCE(p.on_hand, 0) AS booked
FROM receipts r LEFT JOIN positions p ON p.tenant_id = r.tenant_id AND p.kind = 'receipt' AND p.site_id = r.site_id
  AND p.item = r.receipt_id"""


TOO_EARLY = """
SELECT DISTINCT o.order_id, o.state FROM orders o JOIN reservations r ON r.holder_id = o.order_id
JOIN positions p ON p.position_id = r.position_id
WHERE p.kind = 'receipt' AND o.state NOT IN ('draft', 'placed', 'on_hold')"""


MISPLACED = """
SELECT t.compartment_id, t.number, t.parcel_id, d.state FROM deposits t
LEFT JOIN deliveries d ON d.delivery_id = t.delivery_id
WHERE d.state IS NULL OR d.state NOT IN ('deposited', 'uncollected')"""


OVERFULL = """
SELECT t.compartment_id, COUNT(*) AS lie, COALESCE(MAX(p.reserved), 0) AS kept FROM deposits t
LEFT JOIN positions p ON p.tenant_id = t.tenant_id AND p.kind = 'compartment' AND p.item = t.compartment_id
GROUP BY t.tenant_id, t.compartment_id HAVING COUNT(*) > COALESCE(MAX(p.reserved), 0)"""


ERRANDS = """
SELECT e.errand_id, e.state, e.spent_minor, e.limit_minor, o.state AS of_order FROM errands e
LEFT JOIN orders o ON o.order_id = e.order_id AND o.tenant_id = e.tenant_id
WHERE o.state IS NULL OR e.spent_minor > e.limit_minor
  OR (e.state = 'open' AND o.state IN ('completed', 'return_open', 'returned', 'cancelled'))"""


def check_books(connection: Connection) -> list[str]:
    """Return what is wrong with the books, a sentence each; nothing if they agree."""
    checks = (_positions, _lines, _receipts, _compartments, _errands, _audit_chain, _events, _objects, check_money)
    return [fault for check in checks for fault in check(connection)]


def _positions(connection: Connection) -> Iterator[str]:
    for row in connection.execute(sa.text(SUMS)):
        name = f"{row.kind} {row.item} at {row.site_id}"
        if row.on_hand != row.entered or row.reserved != row.spoken:
            yield (
                f"{name}: {row.on_hand} on hand and {row.reserved} reserved, but the ledger adds up to "
                f"{row.entered} and {row.spoken}."
            )
        if row.safety != row.kept or row.safety < 0:
            yield f"{name}: {row.safety} kept back, but the ledger adds up to {row.kept}."
        if row.reserved != row.held:
            yield f"{name}: {row.reserved} reserved, but its reservations add up to {row.held}."
        if not 0 <= row.reserved <= row.on_hand:
            yield f"{name}: {row.reserved} reserved of {row.on_hand} on hand."


def _lines(connection: Connection) -> Iterator[str]:
    for row in connection.execute(sa.text(OVERBOOKED)):
        yield f"order {row.order_id} line {row.line_no}: {row.has} units reserved or taken for {row.quantity} ordered."
    for row in connection.execute(sa.text(EMPTY_HANDED)):
        yield f"order {row.order_id} is {row.state}, but line {row.line_no} has {row.has} units of {row.quantity}."


def _receipts(connection: Connection) -> Iterator[str]:
    for row in connection.execute(sa.text(EXPECTED)):
        if row.open != row.booked:
            yield f"receipt {row.receipt_id} is {row.state} with {row.open} units to come, the ledger has {row.booked}."
    for row in connection.execute(sa.text(TOO_EARLY)):
        yield f"order {row.order_id} is {row.state}, and holds units of a receipt that has not come."


def _compartments(connection: Connection) -> Iterator[str]:
    for row in connection.execute(sa.text(MISPLACED)):
        yield f"parcel {row.parcel_id} lies in {row.compartment_id} {row.number}, but its delivery is {row.state}."
    for row in connection.execute(sa.text(OVERFULL)):
        yield f"{row.lie} parcels lie in compartments {row.compartment_id}, of which {row.kept} are reserved."


def _errands(connection: Connection) -> Iterator[str]:
    for row in connection.execute(sa.text(ERRANDS)):
        yield (
            f"errand {row.errand_id} is {row.state} with {row.spent_minor} spent of {row.limit_minor}, "
            f"its order is {row.of_order}."
        )


def _audit_chain(connection: Connection) -> Iterator[str]:
    columns = "audit_no, tenant_id, at, actor, kind, object_id, event, from_state, to_state, reason"
    previous, expected = "0" * 64, 0
    for row in connection.execute(sa.text(f"SELECT {columns}, hash FROM audit ORDER BY audit_no")):
        words: list[Any] = list(row)
        stored = words.pop()
        expected += 1
        text = json.dumps([previous, *words], separators=(",", ":"), ensure_ascii=False)
        if words[0] != expected:
            yield f"audit row {expected} is missing."
            expected = words[0]
        if hashlib.sha256(text.encode()).hexdigest() != stored:
            yield f"audit row {words[0]} was changed after it was written, or one before it was."
        previous = stored
    head = connection.execute(sa.text("SELECT audit_no, hash FROM journal_head")).one()
    if (head.audit_no, head.hash) != (expected, previous):
        yield f"the journal's head says {head.audit_no} audit rows, there are {expected}."


def _events(connection: Connection) -> Iterator[str]:
    there = connection.execute(sa.text("SELECT COUNT(*) AS n, COALESCE(MAX(event_no), 0) AS last FROM events")).one()
    head = connection.execute(sa.text("SELECT event_no FROM journal_head")).scalar_one()
    if not there.n == there.last == head:
        yield f"the journal's head says {head} events, there are {there.n}, the last with number {there.last}."


def _objects(connection: Connection) -> Iterator[str]:
    """Every version of every object has one audit row and one event, and the last row says its state; none is lost."""
    for kind, table, key, lifecycle in OBJECTS:
        kinds = "('delivery', 'collection')" if kind == "delivery" else f"('{kind}')"
        query = f"""
        SELECT o.{key} AS name, o.state, o.version, COALESCE(a.n, 0) AS rows, last.to_state AS said,
          COALESCE(e.n, 0) AS told
        FROM {table} o
        LEFT JOIN (SELECT object_id, COUNT(*) AS n, MAX(audit_no) AS last_no FROM audit
                   WHERE kind IN {kinds} GROUP BY object_id) a ON a.object_id = o.{key}
        LEFT JOIN audit last ON last.audit_no = a.last_no
        LEFT JOIN (SELECT object_id, COUNT(DISTINCT sequence) AS n FROM events
                   WHERE kind IN {kinds} GROUP BY object_id) e ON e.object_id = o.{key}"""
        states = set(LIFECYCLES[lifecycle].states) | (
            set(LIFECYCLES["collection"].states) if kind == "delivery" else set()
        )
        gone = f"""
        SELECT DISTINCT a.object_id AS name FROM audit a LEFT JOIN {table} o ON o.{key} = a.object_id
        WHERE a.kind IN {kinds} AND o.{key} IS NULL"""
        for row in connection.execute(sa.text(gone)):
            yield f"{kind} {row.name} has audit rows, but is not there."
        for row in connection.execute(sa.text(query)):
            if not row.version == row.rows == row.told:
                yield f"{kind} {row.name}: version {row.version}, {row.rows} audit rows, {row.told} events."
            if row.state != row.said or row.state not in states:
                yield f"{kind} {row.name} is {row.state}, its last audit row says {row.said}."
