"""Whom orders were for, forgotten: on request, and when the time is over.

What is erased: contacts, what drivers, people and the shopper wrote about a delivery, its proofs, who brought it for a
carrier, what car came for it, where exactly it went, and what was wanted of a concierge. What stays: what was ordered,
what it cost, and the neighbourhood (two decimals of a degree, three characters of the postal code). A van that is under
way still has to find the door, so the place goes when the order has ended, and the errands with it.
"""

import json
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import delete, func, select, update

from doorstep.foundation import NotFoundError
from doorstep.operations.caller import Caller
from doorstep.operations.subscriptions import step_subscription
from doorstep.storage import Connection
from doorstep.storage.journal import canonical
from doorstep.storage.reference_rows import ENDED
from doorstep.storage.schema.carriers import carrier_bookings
from doorstep.storage.schema.collections import collections
from doorstep.storage.schema.errands import errands
from doorstep.storage.schema.fulfilment import deliveries, proofs, shipments, stops, tracking_events
from doorstep.storage.schema.notices import notice_links
from doorstep.storage.schema.orders import contacts, orders, subscriptions
from doorstep.storage.schema.shoppers import remarks

WORKER = "worker"
FORGOTTEN = "forgotten"
"""Stands where an order names its contact until its place is coarse too."""
DECIMALS, POSTAL_CHARACTERS = 2, 3
NOTHING = "{}"
AT_ONCE = 200


def erase_contact(connection: Connection, caller: Caller, order_id: str, *, now: int) -> bool:
    """Forget who an order was for, on request, and return whether there was anything to forget; counts and money stay.

    The subscription that placed it is paused and forgets the person too; its other orders are erased each by its own
    request. The place of an order under way becomes coarse once it has ended.

    Raises
    ------
    NotFoundError
        If the tenant has no such order.
    """
    mine = (orders.c.order_id == order_id) & (orders.c.tenant_id == caller.tenant_id)
    columns = (orders.c.contact_id, orders.c.subscription_id)
    row = connection.execute(select(*columns).where(mine).with_for_update()).one_or_none()
    if row is None:
        raise NotFoundError(f"order {order_id} does not exist.")
    parts = sa.union_all(
        select(deliveries.c.delivery_id).where(deliveries.c.order_id == order_id),
        select(shipments.c.shipment_id).where(shipments.c.order_id == order_id),
    )
    about = tracking_events.c.object_id.in_([order_id, *connection.execute(parts).scalars()])
    written = about & (tracking_events.c.tenant_id == caller.tenant_id) & (tracking_events.c.details != NOTHING)
    found = connection.execute(update(tracking_events).where(written).values(details=NOTHING)).rowcount > 0
    brought = select(deliveries.c.delivery_id).where(deliveries.c.order_id == order_id)
    found |= blank_bookings(connection, carrier_bookings.c.delivery_id.in_(brought)) > 0
    found |= connection.execute(delete(proofs).where(proofs.c.delivery_id.in_(brought))).rowcount > 0
    coming = collections.c.delivery_id.in_(brought) & (collections.c.vehicle != "")
    found |= connection.execute(update(collections).where(coming).values(vehicle="")).rowcount > 0
    found |= blank_remarks(connection, remarks.c.delivery_id.in_(brought)) > 0
    connection.execute(delete(notice_links).where(notice_links.c.contact_id == row.contact_id))
    found |= _forget_subscription(connection, caller, row.subscription_id, now)
    exact = mine & _is_exact(orders) & (orders.c.contact_id.is_distinct_from(FORGOTTEN))
    found |= connection.execute(select(orders.c.order_id).where(exact)).first() is not None
    found |= row.contact_id not in (None, FORGOTTEN)
    connection.execute(update(orders).where(mine).values(contact_id=FORGOTTEN))
    connection.execute(delete(contacts).where(contacts.c.contact_id == row.contact_id))
    _coarsen(connection, connection.execute(select(orders.c.order_id).where(mine, _over)).scalars().all())
    if found:
        _audit(connection, caller, order_id, "erase_of_order", now, "requested")
    return found


def blank_bookings(connection: Connection, condition: "sa.ColumnElement[bool]") -> int:
    """Forget who brought what carriers were booked for, and where one could watch; return how many bookings did."""
    of = carrier_bookings.c
    told = condition & ((of.courier != "") | (of.tracking_url != ""))
    return connection.execute(update(carrier_bookings).where(told).values(courier="", tracking_url="")).rowcount


def blank_remarks(connection: Connection, condition: "sa.ColumnElement[bool]") -> int:
    """Forget the words of what shoppers said, and return of how many remarks; stars and reasons stay."""
    return connection.execute(update(remarks).where(condition, remarks.c.text != "").values(text="")).rowcount


def forget_contacts(connection: Connection, *, before: int, now: int, limit: int) -> int:
    """Remove contacts whose last order came before a moment [epoch s], and return how many.

    That of a subscription is kept while it runs.
    """
    running = select(subscriptions.c.contact_id).where(
        subscriptions.c.contact_id.is_not(None), subscriptions.c.state.not_in(("cancelled", "ended"))
    )
    due = select(contacts.c.contact_id, contacts.c.tenant_id).where(
        contacts.c.last_order_at < before, contacts.c.contact_id.not_in(running)
    )
    rows = connection.execute(due.order_by(contacts.c.last_order_at).limit(limit)).all()
    for low in range(0, len(rows), AT_ONCE):
        names = [row.contact_id for row in rows[low : low + AT_ONCE]]
        connection.execute(update(orders).where(orders.c.contact_id.in_(names)).values(contact_id=FORGOTTEN))
        repeated = select(subscriptions.c.subscription_id).where(subscriptions.c.contact_id.in_(names))
        for name in connection.execute(repeated).scalars().all():
            _blank_subscription(connection, name)
        connection.execute(delete(contacts).where(contacts.c.contact_id.in_(names)))
        connection.execute(delete(notice_links).where(notice_links.c.contact_id.in_(names)))
    for row in rows:
        _audit(connection, Caller(row.tenant_id, WORKER), row.contact_id, "erase", now, "retention")
    return len(rows)


def coarsen_places(connection: Connection, *, limit: int) -> int:
    """Make the places coarse of orders that are forgotten and have ended since, and return how many there were."""
    ended = select(orders.c.order_id).where(orders.c.contact_id == FORGOTTEN, _over).limit(limit)
    names = connection.execute(ended).scalars().all()
    _coarsen(connection, names)
    return len(names)


_over = orders.c.state.in_(ENDED)


def _rounded(column: "sa.Column[float]") -> "sa.ColumnElement[float]":
    wide: sa.ColumnElement[float] = func.round(column * 10**DECIMALS, type_=sa.Float)
    return sa.type_coerce(wide / float(10**DECIMALS), sa.Float(asdecimal=False))


def _is_exact(table: sa.Table) -> "sa.ColumnElement[bool]":
    return (
        (table.c.lat != _rounded(table.c.lat))
        | (table.c.lon != _rounded(table.c.lon))
        | (func.length(table.c.postal_code) > POSTAL_CHARACTERS)
    )


def _coarsen(connection: Connection, order_ids: Sequence[str]) -> None:
    """Make the places of orders coarse, also those of the stops that their deliveries had, and let go of the mark."""
    for low in range(0, len(order_ids), AT_ONCE):
        names = order_ids[low : low + AT_ONCE]
        brought = select(deliveries.c.delivery_id, deliveries.c.route_id).where(deliveries.c.order_id.in_(names))
        doors = connection.execute(brought).all()
        there = stops.c.route_id.in_([row.route_id for row in doors]) & stops.c.delivery_id.in_(
            [row.delivery_id for row in doors]
        )
        connection.execute(update(stops).where(there).values(lat=_rounded(stops.c.lat), lon=_rounded(stops.c.lon)))
        coarse = {
            "lat": _rounded(orders.c.lat),
            "lon": _rounded(orders.c.lon),
            "postal_code": func.substr(orders.c.postal_code, 1, POSTAL_CHARACTERS),
            "contact_id": None,
        }
        connection.execute(update(orders).where(orders.c.order_id.in_(names)).values(coarse))
        connection.execute(update(errands).where(errands.c.order_id.in_(names)).values(text="", place=""))


def _forget_subscription(connection: Connection, caller: Caller, subscription_id: str | None, now: int) -> bool:
    """Forget whom a subscription is for, pause it if it runs, and return whether there was anything to forget."""
    columns = (subscriptions.c.state, subscriptions.c.contact_id)
    mine = (subscriptions.c.subscription_id == subscription_id) & (subscriptions.c.tenant_id == caller.tenant_id)
    row = connection.execute(select(*columns).where(mine).with_for_update()).one_or_none()
    if row is None:
        return False
    if row.state == "active":
        step_subscription(connection, caller, str(subscription_id), "pause", now=now, reason="person_erased")
    coarsened = _blank_subscription(connection, str(subscription_id))
    connection.execute(delete(contacts).where(contacts.c.contact_id == row.contact_id))
    connection.execute(delete(notice_links).where(notice_links.c.contact_id == row.contact_id))
    if row.contact_id is None and not coarsened:
        return False
    _audit(connection, caller, str(subscription_id), "erase_of_subscription", now, "requested")
    return True


def _blank_subscription(connection: Connection, subscription_id: str) -> bool:
    """Take the contact and the exact place from the order that a subscription repeats; return if it was exact."""
    mine = subscriptions.c.subscription_id == subscription_id
    before = connection.execute(select(subscriptions.c.template).where(mine)).scalar_one()
    order = json.loads(before)
    coarse = {name: round(order[name], DECIMALS) for name in ("lat", "lon") if name in order}
    coarse |= {"postal_code": str(order.get("postal_code", ""))[:POSTAL_CHARACTERS]}
    after = canonical(order | coarse) if order else before
    connection.execute(update(subscriptions).where(mine).values(contact_id=None, template=after))
    return bool(after != before)


def _audit(connection: Connection, caller: Caller, object_id: str, event: str, now: int, reason: str) -> None:
    connection.journal.audit(
        tenant_id=caller.tenant_id,
        at=now,
        actor=caller.actor,
        kind="contact",
        object_id=object_id,
        event=event,
        reason=reason,
    )
