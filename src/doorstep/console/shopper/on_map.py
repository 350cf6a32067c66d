"""The map of the page: the van, roughly until ours is the next stop, and the street that it comes to."""

from doorstep.console.shopper.about import About
from doorstep.operations.tracking.seen import seen_of
from doorstep.storage import Connection

ROUGH_DECIMALS, STREET_DECIMALS = 2, 3
"""Of degrees: about a kilometre, and about a hundred metres."""
MARGIN_DEG = 0.004
Feature = dict[str, object]
Layers = dict[str, object]


def layers(connection: Connection, tenant_id: str, of: About, *, now: int) -> Layers:
    """Return the layers of the map; nothing is in them unless the van is out and near."""
    seen = seen_of(connection, tenant_id, of.route_id, now=now) if of.live and of.route_id else []
    if not seen:
        return {"vehicles": _collection([]), "stops": _collection([])}
    rough = bool(of.before)
    decimals = ROUGH_DECIMALS if rough else 5
    van = (round(seen[-1].lon, decimals), round(seen[-1].lat, decimals))
    door = (round(of.lon, STREET_DECIMALS), round(of.lat, STREET_DECIMALS))
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
