"""Handing over: to the shopper at the counter or the kerb, to a carrier's driver, to one's own van."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import select
from starlette.responses import Response

from doorstep.api.views.collections import find_collection
from doorstep.console import words
from doorstep.console.shell.forms import form_of
from doorstep.console.shell.said import go
from doorstep.console.store.departures import Departure, departures, jobs_at, when_it_leaves
from doorstep.console.store.face import Here, Looking, Site, refusal, router, show
from doorstep.console.store.shelves import parcels_in
from doorstep.foundation import ConflictError, DoorstepError, NotFoundError
from doorstep.operations.collect.codes import check_code
from doorstep.operations.fulfil.hand_over import hand_over_delivery
from doorstep.operations.fulfil.parts import PACKED
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import deliveries, parcels, shipments
from doorstep.storage.schema.orders import contacts, orders

WAITING = ("ready_for_collection", "customer_on_the_way", "customer_arrived", "bay_assigned", "deposited")
OVER = ("handed_over", "collected", "picked_up", "in_transit", "delivered")
MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A delivery that can be handed over, as a line of a list."""

    delivery_id: str
    code: str
    who: str
    state: str
    parcels: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Handing:
    """A delivery on its page; ``lacks`` says why it cannot be handed over yet, empty if it can."""

    delivery_id: str
    code: str
    who: str
    is_collection: bool
    is_over: bool
    needs_code: bool
    is_age_restricted: bool
    car: str
    lacks: str
    shipment_ids: Sequence[str]


@router.get("/{site_id}/hand")
async def show_waiting(site: Here, at: Looking) -> Response:
    """Show what lies ready, by who takes it."""

    def read(connection: Connection) -> tuple[list[Departure], list[Waiting]]:
        jobs = jobs_at(connection, at.tenant_id, site.site_id)
        return departures(jobs), _for_shoppers(connection, at.tenant_id, site)

    ways, shoppers = await at.read(read)
    leaving = [way for way in ways if way.kind in ("van", "carrier", "truck") and way.packed]
    when = {way.way: when_it_leaves(way, at.now, site.zone) for way in leaving}
    nobody = sum(way.packed for way in ways if way.kind == "nobody")
    return await show(at, "hand.html", "Hand over", site, leaving=leaving, shoppers=shoppers, when=when, nobody=nobody)


@router.post("/{site_id}/hand")
async def hand_over_all(site: Here, at: Looking) -> Response:
    """Hand over all that is packed for a van or a carrier; what is stopped or refused stays, and is named."""
    form = await form_of(at.request)
    kind, way = form.get("kind", ""), form.get("way", "")

    def act(connection: Connection) -> int:
        found = departures(jobs_at(connection, at.tenant_id, site.site_id))
        mine = next((each for each in found if (each.kind, each.way) == (kind, way)), None)
        if mine is None or kind not in ("van", "carrier"):
            raise NotFoundError("nothing lies ready for it any more.")
        ids = {job.delivery_id for job in mine.jobs if job.delivery_id and job.is_packed}
        ids -= {job.delivery_id for job in mine.jobs if not job.is_packed}
        if not ids:
            raise ConflictError("nothing that goes with it is packed whole.")
        for delivery_id in sorted(ids):
            hand_over_delivery(connection, at.caller, delivery_id, now=at.now)
        return len(ids)

    path = f"{site.path}/hand"
    try:
        count = await at.write(act)
    except DoorstepError as error:
        return go(at.request, path, refused=f"{refusal(error)} Nothing was handed over.")
    return go(at.request, path, done=f"Handed over: {words.many(count, 'delivery', 'deliveries')}.")


@router.get("/{site_id}/hand/{delivery_id}")
async def show_hand_over(site: Here, delivery_id: str, at: Looking) -> Response:
    """Show one delivery with its parcels, and what is asked for at hand-over."""

    def read(connection: Connection) -> tuple[Handing, object]:
        one = _handing(connection, at.tenant_id, site, delivery_id)
        return one, parcels_in(connection, at.tenant_id, one.shipment_ids)

    one, found = await at.read(read)
    return await show(at, "hand_over.html", f"Order {one.code}", site, one=one, parcels=found)


@router.post("/{site_id}/hand/{delivery_id}")
async def hand_over(site: Here, delivery_id: str, at: Looking) -> Response:
    """Hand a delivery over; where it has a code, only to whoever says it. A wrong one counts."""
    form = await form_of(at.request)
    page, code = f"{site.path}/hand/{delivery_id}", form.get("code", "")[:4]
    try:
        one = await at.read(lambda c: _handing(c, at.tenant_id, site, delivery_id))
        if one.is_age_restricted and form.get("of_age") != "yes":
            return go(at.request, page, refused="Look at a document first: this must not go to somebody too young.")
        verdict = await at.write(lambda c: check_code(c, at.caller, delivery_id, code, now=at.now))
        if verdict != "right":
            text = "Five wrong codes: the shopper needs a new one." if verdict == "locked" else "That is not the code."
            return go(at.request, page, refused=text)
        await at.write(lambda c: hand_over_delivery(c, at.caller, delivery_id, now=at.now))
    except DoorstepError as error:
        return go(at.request, page, refused=refusal(error))
    to = f"{site.path}/{'kerb' if one.car else 'hand'}"
    return go(at.request, to, done=f"Order {one.code} is handed over.")


def _for_shoppers(connection: Connection, tenant_id: str, site: Site) -> list[Waiting]:
    mine = (deliveries.c.site_id == site.site_id) & (deliveries.c.kind == "collection")
    query = _deliveries(tenant_id).where(mine, deliveries.c.state.in_(WAITING)).order_by(deliveries.c.ready_at)
    return [
        Waiting(delivery_id=row.delivery_id, code=row.code, who=row.name or "", state=words.plain(row.state),
                parcels=row.parcels)
        for row in connection.execute(query.limit(MOST)).all()
    ]  # fmt: skip


def _handing(connection: Connection, tenant_id: str, site: Site, delivery_id: str) -> Handing:
    mine = (deliveries.c.delivery_id == delivery_id) & (deliveries.c.site_id == site.site_id)
    row = connection.execute(_deliveries(tenant_id).where(mine)).one_or_none()
    if row is None:
        raise NotFoundError(f"delivery {delivery_id} does not leave from {site.title}.")
    collected = row.kind == "collection"
    shopper = find_collection(connection, tenant_id, delivery_id) if collected else None
    of = select(shipments.c.shipment_id, shipments.c.state).where(
        shipments.c.delivery_id == delivery_id, shipments.c.state != "cancelled"
    )  # fmt: skip
    parts = connection.execute(of.order_by(shipments.c.shipment_id)).all()
    car = ": ".join(filter(None, (f"Bay {shopper.bay}" if shopper.bay else "", shopper.vehicle))) if shopper else ""
    there = shopper is not None and shopper.state in ("customer_arrived", "bay_assigned")
    return Handing(
        delivery_id=delivery_id, code=row.code, is_collection=collected, is_over=row.state in OVER,
        who=row.name or "" if collected else f"{words.plain(row.mode)} {row.carrier_id or ''}".strip(),
        needs_code=bool(shopper and shopper.needs_code), car=car or ("At the kerb" if there else ""),
        is_age_restricted=collected and _is_age_restricted(connection, [part.shipment_id for part in parts]),
        lacks=_lacks(row, parts), shipment_ids=[part.shipment_id for part in parts],
    )  # fmt: skip


def _is_age_restricted(connection: Connection, shipment_ids: Sequence[str]) -> bool:
    query = select(parcels.c.requirements).where(parcels.c.shipment_id.in_(shipment_ids))
    return any("age_restricted" in text.split(";") for text in connection.execute(query).scalars())


def _lacks(row: "sa.Row[Any]", parts: "Sequence[sa.Row[Any]]") -> str:
    if row.order_state in ("on_hold", "cancelled"):
        return f"The order is {words.plain(row.order_state)}: its parcels stay."
    unpacked = sum(part.state not in PACKED for part in parts)
    return f"{words.many(unpacked, 'part')} of it not packed yet." if unpacked else ""


def _deliveries(tenant_id: str) -> "sa.Select[tuple[Any, ...]]":
    named = deliveries.join(orders, orders.c.order_id == deliveries.c.order_id)
    named = named.outerjoin(contacts, contacts.c.contact_id == orders.c.contact_id)
    columns = (*deliveries.c, orders.c.code, orders.c.state.label("order_state"), contacts.c.name)
    return select(*columns).select_from(named).where(deliveries.c.tenant_id == tenant_id)
