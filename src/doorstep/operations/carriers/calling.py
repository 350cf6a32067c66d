"""Deliveries booked with connected carriers: which are due, what is asked, and what came of it."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import polars as pl
from sqlalchemy import ColumnElement, Row, Select, and_, case, select, update

from doorstep.operations.caller import Caller
from doorstep.operations.carriers.fallback import DEARER, give_to_next
from doorstep.operations.carriers.prices import take_price
from doorstep.operations.fulfil.hand_over import lock_delivery
from doorstep.operations.transitions import advance, tell_created
from doorstep.ports import CarrierDelivery, Contact, Item, Shipping
from doorstep.storage import Connection
from doorstep.storage.prepared import inserting
from doorstep.storage.retailers import load_reference
from doorstep.storage.schema.access import tenants
from doorstep.storage.schema.carriers import carrier_bookings
from doorstep.storage.schema.fulfilment import deliveries, parcel_lines, parcels, shipments
from doorstep.storage.schema.orders import contacts, orders

CALL_AHEAD_S = 1_800
"""How long before it should come a carrier is called."""
WAY_S = 3_600
"""How long before the window opens an on-demand courier should come; a parcel carrier comes when parcels are ready."""
PICKUP_S = 3_600
"""How long a carrier has to come."""
AT_ONCE = 200
OPEN = ("asked", "confirmed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What a carrier is to be asked: to bring a delivery for about ``expected_minor``."""

    booking_id: str
    delivery_id: str
    carrier_id: str
    expected_minor: int
    asked_at: int
    shipping: Shipping


def calls_due(connection: Connection, caller: Caller, connected: Collection[str], *, now: int) -> tuple[Call, ...]:
    """Return what connected carriers are to be asked now; each call is on record, those of before a crash too.

    A delivery is due half an hour before the carrier should come: when its parcels are ready, and an on-demand courier
    no more than an hour before the window opens. One that is not booked any more is not asked for.
    """
    record_due(connection, caller, connected, now=now)
    mine = carrier_bookings.c
    asked = (
        select(*_WANTED, _comes_at().label("comes_at"), mine.booking_id, mine.expected_minor, mine.asked_at)
        .join(carrier_bookings, mine.delivery_id == deliveries.c.delivery_id)
        .join(orders, orders.c.order_id == deliveries.c.order_id)
        .outerjoin(contacts, contacts.c.contact_id == orders.c.contact_id)
        .where(mine.tenant_id == caller.tenant_id, mine.state == "asked", mine.carrier_id.in_(connected))
        .where(mine.carrier_id == deliveries.c.carrier_id, deliveries.c.state == "booked")
        .order_by(mine.booking_id)
        .limit(AT_ONCE)
    )
    rows = connection.execute(asked).all()
    if not rows:
        return ()
    tables = load_reference(connection, caller.tenant_id)
    products = {each["product_id"]: each for each in tables["products"].iter_rows(named=True)}
    return tuple(_call(connection, tables, products, row) for row in rows)


def record_due(connection: Connection, caller: Caller, carrier_ids: Collection[str], *, now: int) -> None:
    """Put on record what carriers are to be asked by now, each delivery once for each of them."""
    for row in connection.execute(_due(caller.tenant_id, carrier_ids, now)).all():
        put_on_record(connection, caller, row, now=now)


def tenants_calling(connection: Connection, connected: Collection[str], *, now: int) -> list[str]:
    """Return the tenants with a delivery to be booked with a connected carrier, or with an open booking."""
    mine = carrier_bookings.c
    due = (
        select(deliveries.c.delivery_id)
        .join(orders, orders.c.order_id == deliveries.c.order_id)
        .where(deliveries.c.tenant_id == tenants.c.tenant_id, deliveries.c.state == "booked")
        .where(deliveries.c.carrier_id.in_(connected), _comes_at() <= now + CALL_AHEAD_S)
    )
    open_ = select(mine.booking_id).where(
        mine.tenant_id == tenants.c.tenant_id, mine.state.in_(OPEN), mine.carrier_id.in_(connected)
    )
    query = select(tenants.c.tenant_id).where(due.exists() | open_.exists()).order_by(tenants.c.tenant_id)
    return list(connection.execute(query).scalars())


def store_booking(connection: Connection, caller: Caller, call: Call, found: CarrierDelivery, *, now: int) -> str:
    """Keep what a carrier confirmed, and return the booking's state; one that was called off meanwhile stays so."""
    lock_delivery(connection, caller, call.delivery_id)
    state = state_of(connection, call.booking_id)
    known = {"delivery_id": call.delivery_id, "carrier_id": call.carrier_id, "price_minor": found.price_minor}
    changes: dict[str, object] = {
        "carrier_ref": found.carrier_ref,
        "quoted_minor": found.price_minor,
        "price_minor": found.price_minor,
        "currency": found.currency,
        "tracking_url": found.tracking_url,
        "courier": found.courier,
        "dropoff_at": found.dropoff_at or None,
        "heard_at": now,
    }
    if state == "confirmed":  # a webhook was faster than the answer, which says more
        take_price(connection, caller, call.booking_id, found.price_minor, now=now)
        mine = carrier_bookings.c.booking_id == call.booking_id
        connection.execute(update(carrier_bookings).where(mine).values(changes))
    if state != "asked":
        return state
    done = advance(
        connection, caller, "carrier_booking", call.booking_id, "confirm", now=now, changes=changes, data=known
    )
    return done.to_state


def store_refusal(connection: Connection, caller: Caller, call: Call, reason: str, *, now: int) -> str:
    """Keep that a carrier refused, and give the delivery to the next one; return the carrier that has it now.

    Nobody has it ("") if all that the plan weighed were tried: then its order waits for somebody to decide.
    """
    lock_delivery(connection, caller, call.delivery_id)
    if state_of(connection, call.booking_id) != "asked":
        return call.carrier_id
    known = {"delivery_id": call.delivery_id, "carrier_id": call.carrier_id}
    advance(connection, caller, "carrier_booking", call.booking_id, "refuse", now=now, reason=reason,
            changes={"reason": reason}, data=known)  # fmt: skip
    return give_to_next(connection, caller, call.delivery_id, f"{call.carrier_id} refused: {reason}", now=now)


def store_silence(connection: Connection, caller: Caller, call: Call, *, now: int) -> str:
    """Give a delivery to the next carrier because one never answered; return the carrier that has it now.

    Nobody knows whether the booking was made: it stays open until the carrier can be asked and it is called off.
    """
    lock_delivery(connection, caller, call.delivery_id)
    if state_of(connection, call.booking_id) != "asked":
        return call.carrier_id
    return give_to_next(connection, caller, call.delivery_id, f"{call.carrier_id} does not answer", now=now)


def state_of(connection: Connection, booking_id: str) -> str:
    """Return the state of a booking."""
    query = select(carrier_bookings.c.state).where(carrier_bookings.c.booking_id == booking_id)
    return str(connection.execute(query).scalar_one())


_WANTED = (
    deliveries.c.delivery_id, deliveries.c.carrier_id, deliveries.c.site_id, deliveries.c.ready_at, orders.c.code,
    deliveries.c.cost_parts, orders.c.order_id, orders.c.lat, orders.c.lon, orders.c.postal_code,
    orders.c.requirements, orders.c.window_start_at, orders.c.window_end_at, contacts.c.name, contacts.c.phone,
    contacts.c.address, contacts.c.note,
)  # fmt: skip


def _due(tenant_id: str, connected: Collection[str], now: int) -> Select[tuple[str, str, str]]:
    """Return the query of deliveries that no open booking stands for."""
    there = select(carrier_bookings.c.booking_id).where(
        carrier_bookings.c.delivery_id == deliveries.c.delivery_id,
        carrier_bookings.c.carrier_id == deliveries.c.carrier_id,
        carrier_bookings.c.reason != DEARER,
    )
    mine = and_(
        deliveries.c.tenant_id == tenant_id,
        deliveries.c.kind == "door",
        deliveries.c.state == "booked",
        deliveries.c.carrier_id.in_(connected),
        _comes_at() <= now + CALL_AHEAD_S,
        ~there.exists(),
    )
    columns = deliveries.c.delivery_id, deliveries.c.carrier_id, deliveries.c.cost_parts
    return select(*columns).join(orders, orders.c.order_id == deliveries.c.order_id).where(mine).limit(AT_ONCE)


def _comes_at() -> ColumnElement[int]:
    """Return the expression of when the carrier of a delivery should come [epoch s]."""
    before = orders.c.window_start_at - WAY_S
    early = (deliveries.c.mode == "parcel") | (deliveries.c.ready_at >= before)
    return case((early, deliveries.c.ready_at), else_=before)


def put_on_record(connection: Connection, caller: Caller, row: Row, *, now: int) -> str:  # type: ignore[type-arg]
    """Store that the carrier of a delivery is asked, and return the booking's id; ``row`` has a delivery's columns."""
    booking_id = connection.new_id("bkg", now)
    expected = int(json.loads(row.cost_parts).get("carrier_fee", 0))
    connection.run(inserting(carrier_bookings), [{
        "booking_id": booking_id, "tenant_id": caller.tenant_id, "delivery_id": row.delivery_id,
        "carrier_id": row.carrier_id, "carrier_ref": "", "state": "asked", "version": 1, "reason": "",
        "expected_minor": expected, "quoted_minor": 0, "price_minor": 0, "currency": "",
        "tracking_url": "", "courier": "", "contractor_id": "", "dropoff_at": None, "heard_at": None, "asked_at": now,
    }])  # fmt: skip
    known = {"delivery_id": row.delivery_id, "carrier_id": row.carrier_id, "expected_minor": expected}
    tell_created(connection, caller, "carrier_booking", booking_id, "asked", now=now, data=known)
    return booking_id


def _call(
    connection: Connection,
    tables: Mapping[str, pl.DataFrame],
    products: Mapping[str, Mapping[str, object]],
    row: Row,  # type: ignore[type-arg]
) -> Call:
    site = next(each for each in tables["sites"].iter_rows(named=True) if each["site_id"] == row.site_id)
    asked = (
        select(parcel_lines.c.product_id, parcel_lines.c.quantity)
        .join(parcels, parcels.c.parcel_id == parcel_lines.c.parcel_id)
        .join(shipments, shipments.c.shipment_id == parcels.c.shipment_id)
        .where(shipments.c.delivery_id == row.delivery_id)
        .order_by(parcel_lines.c.product_id)
    )
    items = tuple(_item(products[each.product_id], each.quantity) for each in connection.execute(asked).all())
    address = json.loads(row.address or "{}")
    shipping = Shipping(
        delivery_id=row.booking_id,
        pickup=Contact(
            name=site["name"] or row.site_id, phone=site["phone"], street=site["address"], city="", state="",
            postal_code="", country="", lat=site["lat"], lon=site["lon"], business=site["name"] or row.site_id,
        ),
        dropoff=Contact(
            name=row.name or f"Order {row.code}", phone=row.phone or site["phone"],
            street=", ".join(address.get("lines", [])), city="", state="",
            postal_code=row.postal_code, country=address.get("country", ""), lat=row.lat, lon=row.lon,
            instructions=row.note or "",
        ),
        ready_at=row.comes_at,
        pickup_by=row.comes_at + PICKUP_S,
        arrive_from=row.window_start_at,
        arrive_by=row.window_end_at,
        items=items,
        value_minor=sum(item.price_minor * item.quantity for item in items),
        currency=str(tables["policy"]["currency"][0]),
        requirements=tuple(word for word in row.requirements.split(";") if word),
    )  # fmt: skip
    return Call(
        booking_id=row.booking_id,
        delivery_id=row.delivery_id,
        carrier_id=row.carrier_id,
        expected_minor=row.expected_minor,
        asked_at=row.asked_at,
        shipping=shipping,
    )


def _item(product: Mapping[str, object], quantity: int) -> Item:
    length, width, height = (int(str(product[side])) for side in ("length_mm", "width_mm", "height_mm"))
    return Item(
        name=str(product["name"] or product["product_id"]),
        quantity=quantity,
        weight_g=int(str(product["weight_g"])),
        volume_ml=max(1, length * width * height // 1_000),
        price_minor=int(str(product["price_minor"])),
    )
