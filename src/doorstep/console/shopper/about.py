"""What the page knows of its delivery; nothing of it says who the shopper is, or at which number they live."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import func, select

from doorstep.api.models.collections import ShopperCollection
from doorstep.api.views.collections import show_to_shopper
from doorstep.domain.lifecycles import LIFECYCLES
from doorstep.foundation import ConflictError
from doorstep.operations.bring.at_the_door import check_not_in_person
from doorstep.operations.bring.follow_up import BEEN_THERE
from doorstep.operations.bring.pins import pin_of
from doorstep.operations.intake.network import LiveNetwork, live_network
from doorstep.operations.shoppers.links import Link
from doorstep.operations.shoppers.remarks import remarks_of
from doorstep.storage import Connection
from doorstep.storage.schema.access import tenants
from doorstep.storage.schema.etas import etas
from doorstep.storage.schema.fulfilment import deliveries, proofs, stops, tracking_events
from doorstep.storage.schema.orders import contacts, orders

NEAR_STOPS = 3
"""So many stops before ours or fewer, the van is near, and shown on a map."""
UTC_ZONE = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """A delivery as its shopper sees it.

    ``window`` is when it comes, ``expected`` from when until when while its van is out [epoch s]; ``before`` counts the
    stops before ours, None while nobody drives. ``facts`` are the newest report of each event with what was told,
    ``said`` the newest remark of each kind. ``alone`` says that nobody but the shopper may take it, ``pin`` what they
    have to say at the door, empty if nothing, ``photos`` the ids of those that were taken when it was delivered.
    """

    shop: str
    code: str
    kind: str
    state: str
    zone: str
    area: str
    lat: float
    lon: float
    window: tuple[int, int]
    expected: tuple[int, int] | None
    before: int | None
    route_id: str
    parcels: int
    ended_at: int
    neighbour_ok: bool
    alone: bool
    facts: Mapping[str, Mapping[str, Any]]
    said: Mapping[str, "sa.Row[Any]"]
    waiting: ShopperCollection | None
    redirected_to: str
    pin: str
    photos: tuple[str, ...]

    @property
    def live(self) -> bool:
        """Whether its van is out with it and near: only then is it on a map."""
        return self.before is not None and self.before <= NEAR_STOPS

    @property
    def over(self) -> bool:
        """Whether nothing more happens to it."""
        lifecycle = "collection" if self.kind == "collection" else "delivery"
        return self.state in LIFECYCLES[lifecycle].terminal


def about(connection: Connection, link: Link) -> About:
    """Return what the page of a link shows."""
    tenant_id, row = link.caller.tenant_id, _row(connection, link)
    network, facts = live_network(connection, tenant_id), _facts(connection, link)
    again = facts.get("reschedule", {}) if row.state not in ("attempted", "redirected") else {}
    site = network.site_rows.get(facts.get("redirect", {}).get("site_id", ""))
    out = row.expected_at is not None and row.state not in BEEN_THERE
    return About(
        shop=row.shop,
        code=row.code,
        kind=link.kind,
        state=row.state,
        zone=_zone(network, link.site_id),
        area=_area(row.address),
        lat=row.lat,
        lon=row.lon,
        window=(again.get("window_start_at", row.window_start_at), again.get("window_end_at", row.window_end_at)),
        expected=(row.from_at, row.until_at) if out else None,
        before=_stops_before(connection, row.route_id, link.delivery_id) if out else None,
        route_id=row.route_id or "",
        parcels=row.parcels,
        ended_at=row.event_at or 0,
        neighbour_ok=bool(row.neighbour_ok),
        alone=_only_themself(connection, link.order_id),
        facts=facts,
        said={one.kind: one for one in reversed(remarks_of(connection, tenant_id, link.delivery_id))},
        waiting=show_to_shopper(connection, link) if link.kind == "collection" else None,
        redirected_to="" if site is None else str(network.tables["sites"]["name"][site] or ""),
        photos=_photos(connection, link, facts) if row.state == "delivered" else (),
        pin="" if row.state in BEEN_THERE else pin_of(connection, tenant_id, link.delivery_id),
    )


def _row(connection: Connection, link: Link) -> "sa.Row[Any]":
    query = (
        select(deliveries.c.state, deliveries.c.event_at, deliveries.c.route_id, deliveries.c.parcels, orders.c.code,
               orders.c.lat, orders.c.lon, orders.c.window_start_at, orders.c.window_end_at, orders.c.neighbour_ok,
               contacts.c.address, tenants.c.name.label("shop"), etas.c.expected_at, etas.c.from_at, etas.c.until_at)
        .join(orders, orders.c.order_id == deliveries.c.order_id)
        .join(tenants, tenants.c.tenant_id == deliveries.c.tenant_id)
        .outerjoin(contacts, contacts.c.contact_id == orders.c.contact_id)
        .outerjoin(etas, etas.c.delivery_id == deliveries.c.delivery_id)
    )  # fmt: skip
    return connection.execute(query.where(deliveries.c.delivery_id == link.delivery_id)).one()


def _facts(connection: Connection, link: Link) -> dict[str, dict[str, Any]]:
    """Return the newest fact of each event that moved the delivery: what was told, when (``at``) and why."""
    of = tracking_events.c
    query = select(of.event, of.occurred_at, of.reason, of.details).where(
        of.tenant_id == link.caller.tenant_id, of.object_id == link.delivery_id, of.outcome == "applied"
    )
    rows = connection.execute(query.order_by(of.occurred_at)).all()
    return {row.event: json.loads(row.details) | {"at": row.occurred_at, "reason": row.reason} for row in rows}


def _photos(connection: Connection, link: Link, facts: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the photos that the report of a delivery names and that are still kept."""
    named = [one["proof_id"] for one in facts.get("deliver", {}).get("proofs", ()) if one["kind"] == "photo"]
    query = select(proofs.c.proof_id).where(
        proofs.c.tenant_id == link.caller.tenant_id, proofs.c.delivery_id == link.delivery_id,
        proofs.c.proof_id.in_(named), proofs.c.media_type.startswith("image/"),
    )  # fmt: skip
    return tuple(connection.execute(query.order_by(proofs.c.created_at, proofs.c.proof_id)).scalars())


def _stops_before(connection: Connection, route_id: str | None, delivery_id: str) -> int | None:
    """Return how many doors a van still goes to before ours, None if it does not come to ours."""
    of = stops.c
    mine = select(of.sequence).where(of.route_id == route_id, of.delivery_id == delivery_id)
    sequence = connection.execute(mine).scalars().first()
    if sequence is None:
        return None
    ahead = (
        select(func.count())
        .select_from(stops.join(deliveries, deliveries.c.delivery_id == of.delivery_id))
        .where(of.route_id == route_id, of.sequence < sequence, deliveries.c.state.not_in(BEEN_THERE))
    )
    return int(connection.execute(ahead).scalar_one())


def _only_themself(connection: Connection, order_id: str) -> bool:
    try:
        check_not_in_person(connection, order_id)
    except ConflictError:
        return True
    return False


def _zone(network: LiveNetwork, site_id: str) -> str:
    row = network.site_rows.get(site_id)
    return UTC_ZONE if row is None else network.time_zones[row]


def _area(address: str | None) -> str:
    """Return the town of an address without numbers: the last of its lines."""
    lines = json.loads(address).get("lines", []) if address else []
    words = lines[-1].split() if len(lines) > 1 else []
    return " ".join(word for word in words if not any(letter.isdigit() for letter in word))
