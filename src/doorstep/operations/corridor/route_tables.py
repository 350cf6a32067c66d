"""Routes and stops as tables, and each route's cost shared among its drops."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from doorstep.domain.tables import PLAN_TABLES
from doorstep.foundation.arrays import Ints, share_exactly
from doorstep.foundation.units import distance_cost_minor, time_cost_minor
from doorstep.operations.corridor.deliver import Draft, SiteDay
from doorstep.operations.corridor.world import World
from doorstep.vehicle_routing import RoutingProblem, VehicleRoute


@dataclass(slots=True, kw_only=True)
class RouteShares:
    """Of N drops: number of the route (-1 none), its id, start of service, and shares of stem and drop cost."""

    route: Ints
    route_ids: list[str]
    service_at: Ints
    stem_minor: Ints
    drop_minor: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class _Roads:
    """Metres and seconds of a route's arcs, for each trip from the site over its stops back to the site."""

    metres: list[list[int]]
    seconds: list[list[int]]
    loading_s: int

    @classmethod
    def of(cls, problem: RoutingProblem, route: VehicleRoute) -> "_Roads":
        v = route.vehicle
        metres, seconds = problem.roads.along(int(problem.vehicles.profile[v]), *route.arcs(problem))
        ends = np.cumsum([len(trip) + 1 for trip in route.trips])[:-1]
        return cls(
            metres=[arcs.tolist() for arcs in np.split(metres, ends)],
            seconds=[arcs.tolist() for arcs in np.split(seconds, ends)],
            loading_s=int(problem.depots.loading_s[problem.vehicles.start[v]]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _RouteCost:
    metres: int
    stem_m: int
    fixed: int
    distance: int
    time: int
    stem: int

    @property
    def total(self) -> int:
        return self.fixed + self.distance + self.time


def route_tables(world: World, draft: Draft) -> tuple[pl.DataFrame, pl.DataFrame, RouteShares]:
    """Return the routes, their stops, and the shares of each drop.

    A route's stem cost is its fixed cost, its loading, and its driving between the site and the first or last stop of
    each trip; stops share it equally. The rest is the cost of the drops, shared by the time that each adds: drive from
    the stop before, wait and service.
    """
    count = draft.shipment.collected.size
    shares = RouteShares(
        route=np.full(count, -1, dtype=np.int64),
        route_ids=[""] * count,
        service_at=np.zeros(count, dtype=np.int64),
        stem_minor=np.zeros(count, dtype=np.int64),
        drop_minor=np.zeros(count, dtype=np.int64),
    )
    route_rows: list[dict[str, object]] = []
    stop_rows: list[dict[str, object]] = []
    for here in draft.site_days:
        for route in here.plan.routes:
            route_id = f"R{len(route_rows) + 1:05d}"
            roads = _Roads.of(here.problem, route)
            cost = _cost(here, route, roads)
            effort = _effort(here, route, roads)
            _share(here, route, cost, effort, route_id, len(route_rows), shares)
            route_rows.append(_route_row(world, draft, here, route, cost, route_id))
            stop_rows += _stop_rows(world, here, route, roads, route_id)
    frames = [_frame("routes", route_rows), _frame("stops", stop_rows)]
    return frames[0], frames[1], shares


def delivery_ids(count: int) -> pl.Series:
    """Return the ids of drops in order."""
    return pl.Series([f"D{n + 1:06d}" for n in range(count)], dtype=pl.String)


def _frame(name: str, rows: list[dict[str, object]]) -> pl.DataFrame:
    empty = PLAN_TABLES[name].create_empty()
    return pl.DataFrame(rows, schema=empty.schema, strict=False) if rows else empty


def _cost(here: SiteDay, route: VehicleRoute, roads: _Roads) -> _RouteCost:
    kinds, v = here.problem.vehicles, route.vehicle
    stem_m = sum(arcs[0] + arcs[-1] for arcs in roads.metres)
    stem_s = sum(arcs[0] + arcs[-1] + roads.loading_s for arcs in roads.seconds)
    metres, per_km, per_hour = sum(map(sum, roads.metres)), int(kinds.per_km_minor[v]), int(kinds.per_hour_minor[v])
    fixed, distance = int(kinds.fixed_minor[v]), distance_cost_minor(metres, per_km)
    time = time_cost_minor(route.end_at - route.start_at, per_hour)
    stem = fixed + min(distance, distance_cost_minor(stem_m, per_km)) + min(time, time_cost_minor(stem_s, per_hour))
    return _RouteCost(metres=metres, stem_m=stem_m, fixed=fixed, distance=distance, time=time, stem=stem)


def _share(
    here: SiteDay,
    route: VehicleRoute,
    cost: _RouteCost,
    effort: list[int],
    route_id: str,
    number: int,
    shares: RouteShares,
) -> None:
    drops = here.drops[list(route.stops)]
    shares.route[drops] = number
    for drop in drops.tolist():
        shares.route_ids[drop] = route_id
    shares.service_at[drops] = [at for trip in route.service_at for at in trip]
    shares.stem_minor[drops] = share_exactly(cost.stem, [1] * drops.size)
    shares.drop_minor[drops] = share_exactly(cost.total - cost.stem, effort)


def _effort(here: SiteDay, route: VehicleRoute, roads: _Roads) -> list[int]:
    """Return the seconds that each stop adds after the one before: drive (not the stem), wait and service."""
    service_s, seconds = here.problem.stops.service_s, []
    for trip, drives, arrive, service in zip(
        route.trips, roads.seconds, route.arrive_at, route.service_at, strict=True
    ):
        after_another = [0, *drives[1:-1]]
        for stop, drive, came, served in zip(trip, after_another, arrive, service, strict=True):
            seconds.append(drive + served - came + int(service_s[stop]))
    return seconds


def _route_row(
    world: World, draft: Draft, here: SiteDay, route: VehicleRoute, cost: _RouteCost, route_id: str
) -> dict[str, object]:
    drops = here.drops[list(route.stops)]
    return {
        "route_id": route_id,
        "vehicle_id": world.tables["vehicles"]["vehicle_id"][int(here.vehicle_rows[route.vehicle])],
        "site_id": world.tables["sites"]["site_id"][here.site],
        "starts_at": route.start_at,
        "ends_at": route.end_at,
        "distance_m": cost.metres,
        "stem_m": cost.stem_m,
        "stops": len(route.stops),
        "parcels": int(np.diff(draft.shipment.drops.parcel_start)[drops].sum()),
        "trips": len(route.trips),
        "fixed_minor": cost.fixed,
        "distance_minor": cost.distance,
        "time_minor": cost.time,
        "stem_minor": cost.stem,
        "cost_minor": cost.total,
    }


def _stop_rows(
    world: World, here: SiteDay, route: VehicleRoute, roads: _Roads, route_id: str
) -> list[dict[str, object]]:
    dock = {
        "kind": "start",
        "delivery_id": "",
        "lat": float(world.sites.lat[here.site]),
        "lon": float(world.sites.lon[here.site]),
    }
    rows: list[dict[str, object]] = []
    came, back_m = route.start_at, 0
    for number, trip in enumerate(route.trips):
        load, metres = route.load_at[number], roads.metres[number]
        now = load + roads.loading_s
        rows.append(dock | {"arrive_at": came, "service_at": load, "leave_at": now, "distance_m": back_m})
        dock["kind"] = "reload"
        for stop, arrive, service, drive_m in zip(
            trip, route.arrive_at[number], route.service_at[number], metres[:-1], strict=True
        ):
            now = service + int(here.problem.stops.service_s[stop])
            clock = {"arrive_at": arrive, "service_at": service, "leave_at": now}
            rows.append(_door(world, here, stop) | clock | {"distance_m": drive_m})
        came, back_m = now + roads.seconds[number][-1], metres[-1]
    rows.append(dock | {"kind": "end", "arrive_at": came, "service_at": came, "leave_at": came, "distance_m": back_m})
    return [{"route_id": route_id, "sequence": sequence} | row for sequence, row in enumerate(rows)]


def _door(world: World, here: SiteDay, stop: int) -> dict[str, object]:
    order = int(here.orders[stop])
    return {
        "kind": "delivery",
        "delivery_id": f"D{int(here.drops[stop]) + 1:06d}",
        "lat": float(world.doors.lat[order]),
        "lon": float(world.doors.lon[order]),
    }
