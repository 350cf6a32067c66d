"""What a driver sees of today: their routes, and stop by stop what is needed at the door and no more.

Where a van has been, whose door it is is left out: the phone need not keep it.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import select

from doorstep.api.models.parts import Window
from doorstep.console import words as w
from doorstep.domain.requirements import words_of
from doorstep.operations.bring.drive import driven_by
from doorstep.operations.caller import Caller
from doorstep.operations.shoppers.remarks import BEFOREHAND
from doorstep.storage import Connection
from doorstep.storage.schema.errands import errands
from doorstep.storage.schema.etas import etas
from doorstep.storage.schema.fulfilment import deliveries, parcels, routes, shipments, stops
from doorstep.storage.schema.orders import contacts, orders
from doorstep.storage.schema.reference import REFERENCE
from doorstep.storage.schema.shoppers import remarks

WAY_BACK = ("returning", "at_return")
PHASES = {
    "en_route_to_dropoff": "on_the_way",
    "at_dropoff": "there",
    "delivered": "done",
    **dict.fromkeys(("attempted", "rescheduled", "redirected"), "not_done"),
    **dict.fromkeys(WAY_BACK, "returning"),
    "returned": "returned",
    "abandoned": "lost",
    **dict.fromkeys(("cancelled", "rejected", "expired"), "off"),
}
"""How far a stop is, by the state of its delivery; all others lie ahead."""
TO_DO = ("ahead", "on_the_way", "there")
TO_BRING_BACK = ("not_done", "returning")
KEPT_S = 86_400
"""How long after the end of its routes a phone may keep a day, if it hears nothing new."""
UTC = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A parcel to take to the door."""

    sscc: str
    weight: str
    requires: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A door: ``call`` says that the shopper is to be called before, ``wants`` what is asked of the hand-over."""

    id: str
    route: str
    number: int
    code: str
    phase: str
    lat: float
    lon: float
    arrive: str
    window: str
    name: str
    phone: str
    lines: tuple[str, ...]
    access: tuple[tuple[str, str], ...]
    note: str
    wishes: tuple[str, ...]
    call: bool
    wants: tuple[str, ...]
    neighbour_ok: bool
    parcels: tuple[Box, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tour:
    """A route: where and when it starts, and with what; what could not be delivered goes back to its site."""

    id: str
    vehicle: str
    site: str
    lat: float | None
    lon: float | None
    starts: str
    state: str
    stops: int
    parcels: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The routes of a person's day, and all their stops in the order in which they are driven to.

    ``kept_until`` is when a phone forgets them [epoch s].
    """

    tours: tuple[Tour, ...]
    stops: tuple[Stop, ...]
    kept_until: int


def day_of(connection: Connection, caller: Caller, *, now: int) -> Day:
    """Return what a person drives today."""
    ids = driven_by(connection, caller, now=now)
    if not ids:
        return Day(tours=(), stops=(), kept_until=now)
    rows = connection.execute(_ROUTES.where(routes.c.route_id.in_(ids))).all()
    by_id = {row.route_id: row for row in rows}
    tours = tuple(_tour(by_id[name]) for name in ids)
    doors = connection.execute(_DOORS.where(deliveries.c.route_id.in_(ids))).all()
    doors = sorted(doors, key=lambda row: (ids.index(row.route_id), row.sequence is None, row.sequence or 0))
    boxes = _boxes(connection, [row.delivery_id for row in doors])
    wishes = _wishes(connection, [row.order_id for row in doors])
    said = _said(connection, [row.delivery_id for row in doors])
    number: dict[str, int] = defaultdict(int)
    found = []
    for row in doors:
        number[row.route_id] += 1
        zone = by_id[row.route_id].time_zone or UTC
        found.append(_stop(row, number[row.route_id], zone, boxes[row.delivery_id],
                           [*wishes[row.order_id], *said[row.delivery_id]]))  # fmt: skip
    ends_at = max(row.ends_at for row in rows)
    return Day(tours=tours, stops=tuple(found), kept_until=max(now, ends_at) + KEPT_S)


_sites, _levels = REFERENCE["sites"], REFERENCE["service_levels"]
_ROUTES = select(routes, _sites.c.name, _sites.c.time_zone, _sites.c.lat, _sites.c.lon).outerjoin(
    _sites, (_sites.c.tenant_id == routes.c.tenant_id) & (_sites.c.site_id == routes.c.site_id)
)
_DOORS = (
    select(
        deliveries.c.route_id, stops.c.sequence, stops.c.arrive_at, deliveries.c.delivery_id, deliveries.c.order_id,
        deliveries.c.state, orders.c.code, orders.c.lat, orders.c.lon, orders.c.postal_code, orders.c.requirements,
        orders.c.neighbour_ok, orders.c.window_start_at, orders.c.window_end_at, contacts.c.name, contacts.c.phone,
        contacts.c.address, contacts.c.note, etas.c.expected_at, _levels.c.requirements.label("of_level"),
    )
    .outerjoin_from(
        deliveries, stops,
        (deliveries.c.delivery_id == stops.c.delivery_id) & (deliveries.c.route_id == stops.c.route_id),
    )
    .join(orders, orders.c.order_id == deliveries.c.order_id)
    .outerjoin(contacts, contacts.c.contact_id == orders.c.contact_id)
    .outerjoin(etas, etas.c.delivery_id == deliveries.c.delivery_id)
    .outerjoin(
        _levels,
        (_levels.c.tenant_id == orders.c.tenant_id) & (_levels.c.service_level_id == orders.c.service_level_id),
    )
    .where(stops.c.route_id.is_not(None) | deliveries.c.state.in_((*WAY_BACK, "returned")))  # halted: no stop is left
)  # fmt: skip


def _tour(row: "sa.Row[Any]") -> Tour:
    return Tour(
        id=row.route_id,
        vehicle=row.vehicle_id,
        site=row.name or row.site_id,
        lat=row.lat,
        lon=row.lon,
        starts=w.clock(row.starts_at, row.time_zone or UTC),
        state=row.state,
        stops=row.stops,
        parcels=row.parcels,
    )


def _stop(row: "sa.Row[Any]", number: int, zone: str, boxes: Sequence[Box], wishes: Sequence[tuple[str, str]]) -> Stop:
    phase = PHASES.get(row.state, "ahead")
    open_ = phase in TO_DO
    window = Window.of_closed(row.window_start_at, row.window_end_at)
    address = json.loads(row.address or "{}") if open_ else {}
    wants = {word for tags in (row.requirements, row.of_level) for word in words_of(tags or "")}
    return Stop(
        id=row.delivery_id,
        route=row.route_id,
        number=number,
        code=row.code,
        phase=phase,
        lat=row.lat,
        lon=row.lon,
        arrive=w.clock(row.expected_at or row.arrive_at or row.window_end_at, zone),
        window=f"{w.clock(window.start, zone)} to {w.clock(window.end, zone)}",
        name=(row.name or "") if open_ else "",
        phone=(row.phone or "") if open_ else "",
        lines=tuple(address.get("lines", ())) or ((row.postal_code,) if open_ and row.postal_code else ()),
        access=tuple((name, w.plain(str(value))) for name, value in (address.get("access") or {}).items() if value),
        note=(row.note or "") if open_ else "",
        wishes=tuple(text for kind, text in wishes if open_ and kind == "request" and text),
        call=open_ and any(kind == "call_ahead" for kind, _ in wishes),
        wants=tuple(sorted(wants | {word for box in boxes for word in box.requires})),
        neighbour_ok=bool(row.neighbour_ok),
        parcels=tuple(boxes),
    )


def _boxes(connection: Connection, delivery_ids: Sequence[str]) -> defaultdict[str, list[Box]]:
    """Return the parcels of deliveries."""
    query = select(shipments.c.delivery_id, parcels.c.sscc, parcels.c.weight_g, parcels.c.requirements).join(
        shipments, shipments.c.shipment_id == parcels.c.shipment_id
    )
    found: defaultdict[str, list[Box]] = defaultdict(list)
    for row in connection.execute(query.where(shipments.c.delivery_id.in_(delivery_ids)).order_by(parcels.c.parcel_id)):
        requires = tuple(words_of(row.requirements))
        found[row.delivery_id].append(Box(sscc=row.sscc or "", weight=w.weight(row.weight_g), requires=requires))
    return found


def _wishes(connection: Connection, order_ids: Sequence[str]) -> defaultdict[str, list[tuple[str, str]]]:
    """Return kind and words of what is to be seen to at doors."""
    query = select(errands.c.order_id, errands.c.kind, errands.c.text).where(errands.c.state == "open")
    found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in connection.execute(query.where(errands.c.order_id.in_(order_ids)).order_by(errands.c.sequence)):
        found[row.order_id].append((row.kind, row.text))
    return found


def _said(connection: Connection, delivery_ids: Sequence[str]) -> defaultdict[str, list[tuple[str, str]]]:
    """Return what shoppers told the driver, as wishes: of each kind what they said last."""
    of = remarks.c
    query = select(of.delivery_id, of.kind, of.text).where(of.delivery_id.in_(delivery_ids), of.kind.in_(BEFOREHAND))
    last = {(row.delivery_id, row.kind): row.text for row in connection.execute(query.order_by(of.at, of.remark_id))}
    found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for (delivery_id, kind), text in last.items():
        if text:
            found[delivery_id].append(("request", f"Leave it here: {text}" if kind == "safe_place" else text))
    return found
