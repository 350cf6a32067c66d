"""The rows of accepted orders, and those of orders accepted before."""

from collections.abc import Sequence
from typing import NamedTuple

from doorstep.domain.new_order import Contact, TakenOrder
from doorstep.operations.intake.draft import Draft
from doorstep.operations.intake.network import LiveNetwork
from doorstep.operations.transitions import tell_created
from doorstep.storage import Connection
from doorstep.storage.journal import canonical
from doorstep.storage.prepared import Prepared, inserting
from doorstep.storage.schema.access import replies
from doorstep.storage.schema.orders import contacts, order_lines, orders

_TAKEN = (
    "order_id", "code", "state", "version", "placed_at", "window_start_at", "window_end_at", "fee_minor",
    "membership", "membership_discount_minor",
)  # fmt: skip
_COLUMNS = ", ".join(f"o.{name}" for name in ("external_id", "fingerprint", *_TAKEN))
_BY_EXTERNAL_ID = Prepared.of_words(
    sqlite=f"""SELECT {_COLUMNS} FROM json_each(:names) AS asked CROSS JOIN orders AS o
    ON o.tenant_id = :tenant_id AND o.external_id = asked.value""",
    postgresql=f"""SELECT {_COLUMNS}
    FROM jsonb_array_elements_text(CAST(%(names)s AS jsonb)) AS asked CROSS JOIN LATERAL
    (SELECT * FROM orders WHERE tenant_id = %(tenant_id)s AND external_id = asked LIMIT 1) AS o""",
)

_REPLIES = Prepared.of_words(
    sqlite="""SELECT r.request_key, r.fingerprint, r.status, r.body FROM json_each(:names) AS asked
    CROSS JOIN replies AS r ON r.tenant_id = :tenant_id AND r.request_key = asked.value""",
    postgresql="""SELECT r.request_key, r.fingerprint, r.status, r.body
    FROM jsonb_array_elements_text(CAST(%(names)s AS jsonb)) AS asked CROSS JOIN LATERAL
    (SELECT * FROM replies WHERE tenant_id = %(tenant_id)s AND request_key = asked LIMIT 1) AS r""",
)


class Reply(NamedTuple):
    """What a request was answered, and what it had asked."""

    fingerprint: str
    status: int
    body: str


class KnownOrder(NamedTuple):
    """An order that the shop had named before."""

    order_id: str
    fingerprint: str
    taken: TakenOrder


def find_replies(connection: Connection, tenant_id: str, keys: Sequence[str]) -> dict[str, Reply]:
    """Return the replies kept for requests, by key."""
    if not keys:
        return {}
    rows = connection.fetch(_REPLIES, {"tenant_id": tenant_id, "names": canonical(sorted(set(keys)))})
    return {row[0]: Reply(*row[1:]) for row in rows}


def find_by_external_id(connection: Connection, tenant_id: str, names: Sequence[str]) -> dict[str, KnownOrder]:
    """Return the orders that the shop gave these names, as they stand now."""
    if not names:
        return {}
    rows = connection.fetch(_BY_EXTERNAL_ID, {"tenant_id": tenant_id, "names": canonical(sorted(set(names)))})
    known = {}
    for external_id, fingerprint, *fields in rows:
        taken = TakenOrder(**dict(zip(_TAKEN, fields, strict=True)), repeated=True)
        known[external_id] = KnownOrder(taken.order_id, fingerprint, taken)
    return known


def store_orders(
    connection: Connection, tenant_id: str, network: LiveNetwork, drafts: Sequence[Draft], now: int
) -> None:
    """Store accepted drafts with their lines at today's prices, contacts, replies and journal, and answer them."""
    order_rows, line_rows, contact_rows, reply_rows = [], [], [], []
    for draft in drafts:
        order, contact_id = draft.intake.order, None
        if order.contact is not None:
            contact_id = connection.new_id("con", now)
            contact_rows.append(_contact_row(tenant_id, contact_id, order.contact, now))
        order_rows.append(_order_row(tenant_id, draft, contact_id, now))
        line_rows += [
            {"order_id": draft.order_id, "line_no": number, "tenant_id": tenant_id, "product_id": line.product_id,
             "quantity": line.quantity, "price_minor": network.price_minor[line.product_id],
             "margin_minor": network.margin_minor[line.product_id]}
            for number, line in enumerate(order.lines, 1)
        ]  # fmt: skip
        draft.answer = taken = _taken(draft, now)
        if draft.intake.key:
            reply_rows.append(
                {"tenant_id": tenant_id, "request_key": draft.intake.key, "fingerprint": draft.fingerprint,
                 "status": 201, "body": canonical(_fields(taken)), "created_at": now}
            )  # fmt: skip
        known = {"external_id": order.external_id, "code": draft.code, "service_level_id": order.service_level_id}
        tell_created(connection, draft.intake.caller, "order", draft.order_id, draft.state, now=now, data=known)
    connection.run(inserting(contacts), contact_rows)
    connection.run(inserting(orders), order_rows)
    connection.run(inserting(order_lines), line_rows)
    connection.run(inserting(replies), reply_rows)


def _taken(draft: Draft, now: int) -> TakenOrder:
    return TakenOrder(
        order_id=draft.order_id,
        code=draft.code,
        state=draft.state,
        version=1,
        placed_at=now,
        window_start_at=draft.start_at,
        window_end_at=draft.end_at,
        fee_minor=draft.fee_minor,
        membership=draft.intake.order.membership,
        membership_discount_minor=draft.discount_minor,
        held=tuple((p.line_no, p.site_id, p.quantity) for p in draft.pieces if not p.receipt_id),
        coming=tuple((p.line_no, p.site_id, p.quantity, p.receipt_id) for p in draft.pieces if p.receipt_id),
    )


def _order_row(tenant_id: str, draft: Draft, contact_id: str | None, now: int) -> dict[str, object]:
    order = draft.intake.order
    return {
        "order_id": draft.order_id,
        "tenant_id": tenant_id,
        "external_id": order.external_id,
        "code": draft.code,
        "state": draft.state,
        "version": 1,
        "event_at": None,
        "placed_at": now,
        "lat": order.lat,
        "lon": order.lon,
        "postal_code": order.postal_code,
        "service_level_id": order.service_level_id,
        "pickup_site_id": order.pickup_site_id,
        "requirements": draft.requirements,
        "extras": order.extras,
        "service_s": draft.service_s,
        "landing_site": order.landing_site,
        "window_start_at": draft.start_at,
        "window_end_at": draft.end_at,
        "fee_minor": draft.fee_minor,
        "payment": order.payment,
        "if_short": order.if_short,
        "contact_id": contact_id,
        "hold_id": order.hold_id,
        "subscription_id": order.subscription_id,
        "member_id": order.member_id,
        "membership": order.membership,
        "neighbour_ok": int(order.neighbour_ok),
        "membership_discount_minor": draft.discount_minor,
        "promised_sites": len({piece.site_id for piece in draft.pieces}),
        "promised_ready_at": draft.ready_at,
        "fingerprint": draft.fingerprint,
    }


def _contact_row(tenant_id: str, contact_id: str, contact: Contact, now: int) -> dict[str, object]:
    return _fields(contact) | {
        "contact_id": contact_id,
        "tenant_id": tenant_id,
        "created_at": now,
        "last_order_at": now,
    }


def _fields(noun: TakenOrder | Contact) -> dict[str, object]:
    return {name: getattr(noun, name) for name in noun.__dataclass_fields__}
