"""The map of the page: the van, roughly until ours is the next stop, and the street that it comes to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from doorstep.console.shopper.about import NEAR_STOPS
from doorstep.foundation import NotFoundError
from doorstep.operations.access import hash_secret
from doorstep.operations.bring.follow_up import BEEN_THERE
from doorstep.operations.shoppers.links import LinkGoneError
from doorstep.operations.tracking.seen import Rider
from doorstep.storage import Connection
from doorstep.storage.schema.etas import etas
from doorstep.storage.schema.fulfilment import deliveries, routes, stops
from doorstep.storage.schema.orders import orders
from doorstep.storage.schema.shoppers import delivery_links
from doorstep.tracking.events import Seen

ROUGH_DECIMALS, STREET_DECIMALS = 2, 3
"""Of degrees: about a kilometre, and about a hundred metres."""
MARGIN_DEG = 0.004
Feature = dict[str, object]
Layers = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """What a link tells the map: which van comes to which door, and whether it is out and near (``live``)."""

    tenant_id: str
    rider: Rider
    expires_at: int
    before: int
    live: bool
    lat: float
    lon: float


def find_coming(connection: Connection, tokens: Sequence[str]) -> dict[str, Coming]:
    """Return what several links tell, by token, in one query; those that lead nowhere are left out."""
    link, of = delivery_links.c, deliveries.c
    mine, ahead, theirs = stops.alias("mine"), stops.alias("ahead"), deliveries.alias("theirs")
    before = (
        select(func.count())
        .select_from(ahead.join(theirs, theirs.c.delivery_id == ahead.c.delivery_id))
        .where(ahead.c.route_id == mine.c.route_id, ahead.c.sequence < mine.c.sequence)
        .where(theirs.c.state.not_in(BEEN_THERE))
        .correlate(mine)
        .scalar_subquery()
    )
    joined = (
        delivery_links.join(deliveries, of.delivery_id == link.delivery_id)
        .join(orders, orders.c.order_id == of.order_id)
        .outerjoin(routes, routes.c.route_id == of.route_id)
        .outerjoin(mine, (mine.c.route_id == of.route_id) & (mine.c.delivery_id == of.delivery_id))
        .outerjoin(etas, etas.c.delivery_id == of.delivery_id)
    )
    columns = (link.link_hash, link.expires_at, of.tenant_id, of.state, of.route_id, routes.c.driver, orders.c.lat,
               orders.c.lon, mine.c.sequence, etas.c.expected_at, before.label("before"))  # fmt: skip
    by_hash = {hash_secret(token): token for token in tokens}
    query = select(*columns).select_from(joined).where(link.link_hash.in_(list(by_hash)))
    return {
        by_hash[row.link_hash]: Coming(
            tenant_id=row.tenant_id, rider=Rider(route_id=row.route_id or "", driver=row.driver or ""),
            expires_at=row.expires_at, before=row.before, lat=row.lat, lon=row.lon,
            live=row.sequence is not None and row.expected_at is not None and row.state not in BEEN_THERE
            and row.before <= NEAR_STOPS,
        )
        for row in connection.execute(query)
    }  # fmt: skip


def good(coming: Coming | None, now: int) -> Coming:
    """Return what a link tells; raises ``NotFoundError`` if it leads nowhere, ``LinkGoneError`` if no longer."""
    if coming is None:
        raise NotFoundError("this link leads nowhere.", hint="Maybe it was not copied whole.")
    if coming.expires_at <= now:
        raise LinkGoneError
    return coming


def layers(coming: Coming, vans: Mapping[Rider, Seen]) -> Layers:
    """Return the layers of the map; nothing is in them unless the van is out and near."""
    seen = coming.rider.newest(vans) if coming.live else None
    if seen is None:
        return {"vehicles": _collection([]), "stops": _collection([])}
    rough = bool(coming.before)
    decimals = ROUGH_DECIMALS if rough else 5
    van = (round(seen.lon, decimals), round(seen.lat, decimals))
    door = (round(coming.lon, STREET_DECIMALS), round(coming.lat, STREET_DECIMALS))
    told = {"state": "on_time", "mode": "own_fleet", "label": "The van is about here" if rough else "The van"}
    bounds = [min(van[0], door[0]) - MARGIN_DEG, min(van[1], door[1]) - MARGIN_DEG,
              max(van[0], door[0]) + MARGIN_DEG, max(van[1], door[1]) + MARGIN_DEG]  # fmt: skip
    return {
        "bounds": bounds,
        "vehicles": _collection([_point(van, told)]),
        "stops": _collection([_point(door, {"state": "on_time", "number": "", "label": "Your street"})]),
    }


def _point(at: tuple[float, float], properties: dict[str, str]) -> Feature:
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": list(at)}, "properties": properties}


def _collection(features: list[Feature]) -> Feature:
    return {"type": "FeatureCollection", "features": features}
