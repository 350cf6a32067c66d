"""Routes as a map file: RFC 7946 where places lie on the earth, the same form with the file's x and y elsewhere."""

from collections.abc import Iterator
from typing import TypeAlias

from doorstep.connectors.routes_folder.solved import SolvedRoutes
from doorstep.vehicle_routing.plan import VehicleRoute

Json: TypeAlias = "str | int | float | bool | None | list[Json] | dict[str, Json]"

DECIMALS = 6
"""Digits after the point of a coordinate: a tenth of a metre."""


def route_collection(solved: SolvedRoutes) -> dict[str, Json]:
    """Return depots and stops as points and routes as lines, straight between stops; nothing if no place is known."""
    there: list[Json] = list(_features(solved)) if solved.file.points.shape[0] else []
    kind = "longitude, latitude" if solved.file.on_earth else "x, y as in the file, not degrees"
    return {"type": "FeatureCollection", "coordinates": kind, "features": there}


def _features(solved: SolvedRoutes) -> Iterator[Json]:
    file = solved.file
    depots = len(file.depot_ids)
    for depot, name in enumerate(file.depot_ids):
        yield _feature(f"depot/{name}", "Point", _position(solved, depot), {"layer": "depot", "id": name})
    for number, route in enumerate(solved.plan.routes, start=1):
        yield _line(solved, number, route)
    for number, route in enumerate(solved.plan.routes, start=1):
        moments = zip(route.stops, (at for times in route.service_at for at in times), strict=True)
        for place, (stop, at) in enumerate(moments, start=1):
            told: dict[str, Json] = {"layer": "stop", "id": file.stop_ids[stop], "route": number, "sequence": place,
                                     "service_at": at}  # fmt: skip
            yield _feature(f"stop/{file.stop_ids[stop]}", "Point", _position(solved, depots + stop), told)
    for left in solved.unserved:
        told = {"layer": "unserved", "id": file.stop_ids[left.stop], "reason": left.reason, "text": left.text}
        yield _feature(f"stop/{file.stop_ids[left.stop]}", "Point", _position(solved, depots + left.stop), told)


def _line(solved: SolvedRoutes, number: int, route: VehicleRoute) -> Json:
    problem = solved.file.problem
    leaves, reaches = route.arcs(problem)
    path: list[Json] = [_position(solved, place) for place in [int(leaves[0]), *reaches.tolist()]]
    told: dict[str, Json] = {
        "layer": "route",
        "route": number,
        "vehicle_type": route.vehicle,
        "stops": len(route.stops),
        "trips": len(route.trips),
        "start_at": route.start_at,
        "end_at": route.end_at,
        "distance": route.metres(problem),
        "cost": route.cost_minor(problem),
    }
    return _feature(f"route/{number}", "LineString", path, told)


def _position(solved: SolvedRoutes, place: int) -> Json:
    x, y = solved.file.points[place].tolist()
    return [round(x, DECIMALS), round(y, DECIMALS)]


def _feature(name: str, kind: str, coordinates: Json, properties: dict[str, Json]) -> Json:
    return {
        "type": "Feature",
        "id": name,
        "geometry": {"type": kind, "coordinates": coordinates},
        "properties": properties,
    }
