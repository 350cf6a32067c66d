"""Notices made of events: each event once, whoever else is at it, and few."""

from collections.abc import Collection
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy import func, select

from doorstep.domain.calendar import local_seconds
from doorstep.geography.distance import great_circle_m
from doorstep.operations.event_stream import StreamEvent, latest_event_no, read_events, relay_moved, relayed_up_to
from doorstep.operations.notices.rules import load_rules
from doorstep.operations.notices.wishes import addresses, unwanted
from doorstep.storage import Connection
from doorstep.storage.journal import canonical
from doorstep.storage.prepared import inserting
from doorstep.storage.retailers import load_reference
from doorstep.storage.schema.fulfilment import deliveries
from doorstep.storage.schema.journal import events
from doorstep.storage.schema.notices import notices
from doorstep.storage.schema.orders import contacts, orders
from doorstep.tracking.notices import EVENTS, TOPICS, Kept, Send, decide

RELAY = "notices"
BATCH = 200
ONCE = ("confirmed", "out_for_delivery", "arriving", "ready_for_collection")
"""Topics that are told once of a delivery or an order, however many events say them."""
TOLD = ("expected_at", "from_at", "until_at", "late", "occurred_at", "reason", "left_with")
"""Parts of events that texts are made of."""


def has_news(connection: Connection) -> bool:
    """Return whether there are events that nobody has made notices of."""
    return latest_event_no(connection) > relayed_up_to(connection, RELAY)


def make_notices(connection: Connection, *, reachable: Collection[str], now: int, limit: int = BATCH) -> int:
    """Make notices of the events after the cursor and return how many events were gone through.

    As long as that is ``limit`` there may be more. What is not sent is kept with its reason, so that people can see why
    somebody was not told.

    Parameters
    ----------
    reachable
        Channels that are connected.
    """
    cursor = relayed_up_to(connection, RELAY, lock=True)
    last = latest_event_no(connection)
    news = select(events).where(events.c.event_no > cursor, events.c.event_no <= last, events.c.type.in_(EVENTS))
    found = read_events(connection, news.order_by(events.c.event_no).limit(limit))
    for event in found:
        if event.type != "order.created" or event.data.get("state") == "placed":
            _make(connection, event, reachable, now)
    relay_moved(connection, RELAY, found[-1].event_no if len(found) == limit else last)
    return len(found)


def _make(connection: Connection, event: StreamEvent, reachable: Collection[str], now: int) -> None:
    topic = EVENTS[event.type]
    whom = _recipient(connection, event)
    if whom is None or event.at + TOPICS[topic].useful_s < now:
        return
    of = notices.c
    about = of.delivery_id == whom.delivery_id if whom.delivery_id else of.order_id == whom.order_id
    before = connection.execute(
        select(of.topic, func.count().label("n")).where(about, of.state != "dropped").group_by(of.topic)
    ).all()
    if topic in ONCE and any(row.topic == topic for row in before):
        return
    known = addresses(whom.email, whom.phone)
    zone = _zone(connection, event.tenant_id, whom.lat, whom.lon)
    outcome = decide(
        topic,
        load_rules(connection, event.tenant_id).rules,
        happened_at=event.at,
        now=now,
        local_s=local_seconds(zone, now),
        told=sum(row.n for row in before),
        reachable=known.keys() & set(reachable),
        opted_out=unwanted(connection, event.tenant_id, known),
    )
    facts = {name: event.data[name] for name in TOLD if name in event.data}
    row = {"notice_id": connection.new_id("ntc", now), "tenant_id": event.tenant_id, "event_id": event.event_id,
           "topic": topic, "order_id": whom.order_id, "delivery_id": whom.delivery_id,
           "contact_id": whom.contact_id, "facts": canonical({"at": event.at} | facts), "time_zone": zone,
           "attempts": 0, "reference": "", "created_at": now, "sent_at": None}  # fmt: skip
    connection.run(inserting(notices, ignore=True), [row | _outcome(outcome, now)])


def _outcome(outcome: Send | Kept, now: int) -> dict[str, object]:
    if isinstance(outcome, Kept):
        return {"state": "dropped", "reason": outcome.reason, "channel": "", "until_at": now, "next_at": None}
    return {"state": "waiting", "reason": "", "channel": outcome.channel, "until_at": outcome.until_at,
            "next_at": outcome.at}  # fmt: skip


def _recipient(connection: Connection, event: StreamEvent) -> "sa.Row[Any] | None":
    """Return whom an event is told, None if nobody is known."""
    of = orders.c
    delivery = deliveries.c.delivery_id if event.kind != "order" else sa.literal("").label("delivery_id")
    query = select(of.order_id, of.lat, of.lon, delivery, contacts.c.contact_id, contacts.c.email, contacts.c.phone)
    query = query.join(contacts, contacts.c.contact_id == of.contact_id).where(of.tenant_id == event.tenant_id)
    if event.kind == "order":
        return connection.execute(query.where(of.order_id == event.object_id)).one_or_none()
    query = query.join(deliveries, deliveries.c.order_id == of.order_id)
    return connection.execute(query.where(deliveries.c.delivery_id == event.object_id)).one_or_none()


def _zone(connection: Connection, tenant_id: str, lat: float, lon: float) -> str:
    """Return the time zone of the site that is nearest to a door."""
    sites = load_reference(connection, tenant_id)["sites"]
    far = great_circle_m(lat_a=sites["lat"].to_numpy(), lon_a=sites["lon"].to_numpy(), lat_b=np.array(lat),
                         lon_b=np.array(lon))  # fmt: skip
    return str(sites["time_zone"][int(far.argmin())])
