"""Routes that stand and have not left yet, as plans that are asked what one more door would cost."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
from zlib import crc32

import numpy as np
import polars as pl
from sqlalchemy import select

from doorstep.domain import Retailer
from doorstep.domain.lifecycles.route import BOOKED, OUT
from doorstep.domain.requirements import Vocabulary
from doorstep.foundation.arrays import Ints, ints, ints_or
from doorstep.geography import Places, TravelTimes
from doorstep.operations.bring.join import Joining
from doorstep.operations.bring.timing import NO_LIMIT, shift_of
from doorstep.operations.fulfil.known import without_unknown
from doorstep.operations.fulfil.parts import DeliveryNow
from doorstep.operations.roads import roads_now, travel_now
from doorstep.storage import Connection
from doorstep.storage.open_orders import live_retailer
from doorstep.storage.retailers import reference_version
from doorstep.storage.schema.fulfilment import deliveries, routes, stops
from doorstep.vehicle_routing import RoutePlan, RoutingProblem, Stops, VehicleTypes, schedule_route
from doorstep.vehicle_routing.problem import Depots
from doorstep.vehicle_routing.quotes import LivePlan, Offer, Refusal
from doorstep.vehicle_routing.roads import AskedRoads

KEPT_S = 300
"""How long a plan that is asked for prices is kept while its routes stay as they are; its present is that coarse."""


class Door(NamedTuple):
    """A door that may join a route, at which service begins within [``start_at``, ``end_at``]."""

    lat: float
    lon: float
    start_at: int
    end_at: int
    release_at: int
    service_s: int
    weight_g: int
    volume_ml: int
    parcels: int
    needs: str


class _Row(NamedTuple):
    route_id: str
    vehicle_id: str
    state: str
    version: int
    starts_at: int
    ends_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The standing routes of one site on one day, and the vehicles that it has left on it.

    ``route_ids`` and ``versions`` are those of the plan's routes; ``from_at`` and ``to_at`` are when the first shift
    begins and the last one ends [epoch s].
    """

    live: LivePlan
    route_ids: tuple[str, ...]
    versions: tuple[int, ...]
    places: Places
    travel: TravelTimes
    vocabulary: Vocabulary
    from_at: int
    to_at: int

    def quote(self, door: Door) -> tuple[Offer | Refusal, str]:
        """Return what a door more would cost, or why there is no place for it, and the route, empty if a new one."""
        asked = self.with_door(door)
        (found,) = asked.live.quote(len(asked.live.problem.stops) - 1)
        return found, "" if found.route is None else self.route_ids[found.route]

    def with_door(self, door: Door) -> "Standing":
        """Return the same with a door more, the last stop of its problem, that is on no route yet."""
        places = Places(lat=np.append(self.places.lat, door.lat), lon=np.append(self.places.lon, door.lon))
        more = door_stops([door], self.vocabulary)
        problem = self.live.problem.with_stops(more, AskedRoads(places=places, travel=(self.travel,)))
        return replace(self, live=self.live.over(problem), places=places)

    def with_offer(self, offer: Offer) -> "Standing":
        """Return the same with an offer of a standing route taken."""
        return replace(self, live=self.live.with_offer(offer))

    def without_more_vans(self) -> "Standing":
        """Return the same without the vehicles that have no route yet."""
        vehicles, plan = self.live.problem.vehicles, self.live.plan
        count = np.bincount([route.vehicle for route in plan.routes], minlength=len(vehicles))
        problem = replace(self.live.problem, vehicles=replace(vehicles, count=count))
        return replace(self, live=LivePlan.of(problem, plan))


def standing_routes(connection: Connection, tenant_id: str, site_id: str, *, now: int) -> tuple[Standing, ...]:
    """Return the plans of a site's routes that have not left yet, one for each day of a shift, the first day first.

    One that is late to leave begins now; one that should have been back by now does not count. They are read anew when
    one of the site's routes changes, so that a quote costs no more than itself.
    """
    names = (routes.c[name] for name in _Row._fields)
    asked = select(*names).where(
        routes.c.tenant_id == tenant_id, routes.c.site_id == site_id, routes.c.state.in_((*BOOKED, *OUT))
    )
    rows = list(map(_Row._make, connection.execute(asked.order_by(routes.c.route_id))))
    planned = [row for row in rows if row.state in BOOKED and row.ends_at > now]
    if not planned:
        return ()
    gone = [row for row in rows if row.state in OUT]
    state = crc32(repr((site_id, planned, gone, now // KEPT_S, roads_now(connection, tenant_id, now=now))).encode())
    key = ("standing", tenant_id, reference_version(connection, tenant_id), state)
    return connection.memo(key, lambda: _loaded(connection, tenant_id, site_id, planned, gone, now))


def _loaded(
    connection: Connection, tenant_id: str, site_id: str, planned: Sequence[_Row], gone: Sequence[_Row], now: int
) -> tuple[Standing, ...]:
    on_them = _deliveries(connection, [row.route_id for row in planned])
    orders = sorted({delivery.order_id for delivery in on_them})
    retailer, unknown = without_unknown(live_retailer(connection, tenant_id, orders))
    vans = retailer.vehicles.filter(pl.col("site_id") == site_id)
    known = [d for d in on_them if d.order_id not in unknown]
    sound = [
        row
        for row in planned
        if row.vehicle_id in vans["vehicle_id"]
        and not any(d.route_id == row.route_id and d.order_id in unknown for d in on_them)
    ]
    if not sound:
        return ()
    joining = Joining.of(connection, retailer, known, sound[0].vehicle_id)
    trips = _trips(connection, [row.route_id for row in sound])
    starts_at = int(np.median([row.starts_at for row in sound]))
    travel = travel_now(connection, tenant_id, retailer.tables(), now=now, sets_out_at=starts_at)
    zone = retailer.sites.filter(pl.col("site_id") == site_id)["time_zone"][0]
    by_day: dict[int, list[_Row]] = defaultdict(list)
    for row in sound:
        by_day[shift_of(zone, "00:00", "24:00", row.starts_at)[0]].append(row)
    site, from_at = _Site(retailer, site_id, zone, vans, travel), now - now % KEPT_S
    return tuple(_of_day(site, day_at, by_day[day_at], gone, joining, trips, from_at) for day_at in sorted(by_day))


class _Site(NamedTuple):
    retailer: Retailer
    site_id: str
    zone: str
    vans: pl.DataFrame
    travel: TravelTimes


def _of_day(
    site: _Site,
    day_at: int,
    rows: Sequence[_Row],
    gone: Sequence[_Row],
    joining: Joining,
    trips: dict[str, list[list[str]]],
    now: int,
) -> Standing:
    """Return the plan of the routes of one day; a route that no clock allows any more takes nothing."""
    vocabulary = Vocabulary.of_network(site.retailer.tables())
    here = site.retailer.sites.filter(pl.col("site_id") == site.site_id).row(0, named=True)
    names = [name for row in rows for trip in trips[row.route_id] for name in trip]
    visits = [(joining.visits[name], joining.loads[name]) for name in names]
    doors = [
        Door(v.lat, v.lon, v.start_at, v.end_at, v.release_at, v.service_s, n.weight_g, n.volume_ml, n.parcels,
             ";".join(sorted(n.needs)))
        for v, n in visits
    ]  # fmt: skip
    kinds = _vehicles(site, vocabulary, day_at, [*rows, *gone], rows, now)
    from_at, to_at = int(kinds.shift_start_at.min()), int(kinds.shift_end_at.max())
    places = Places(
        lat=np.array([here["lat"], *(door.lat for door in doors)], dtype=np.float64),
        lon=np.array([here["lon"], *(door.lon for door in doors)], dtype=np.float64),
    )
    depots = Depots(
        open_at=np.array([from_at]), close_at=np.array([to_at]), loading_s=np.array([int(here["loading_s"])])
    )
    problem = RoutingProblem(
        stops=door_stops(doors, vocabulary),
        vehicles=kinds,
        depots=depots,
        roads=AskedRoads(places=places, travel=(site.travel,)),
    )
    number = {name: n for n, name in enumerate(names)}
    kind = {name: n for n, name in enumerate(site.vans["vehicle_id"].to_list())}
    found = [
        (row, schedule_route(problem, kind[row.vehicle_id],
                             [[number[name] for name in trip] for trip in trips[row.route_id]]))
        for row in rows
    ]  # fmt: skip
    kept = [(row, route) for row, route in found if route is not None]
    lost = Counter(kind[row.vehicle_id] for row, route in found if route is None)
    count = kinds.count - np.array([lost[n] for n in range(len(kinds))], dtype=np.int64)
    live = LivePlan.of(
        replace(problem, vehicles=replace(kinds, count=count)), RoutePlan(routes=tuple(route for _, route in kept))
    )
    return Standing(
        live=live, route_ids=tuple(row.route_id for row, _ in kept), versions=tuple(row.version for row, _ in kept),
        places=places, travel=site.travel, vocabulary=vocabulary, from_at=from_at, to_at=to_at,
    )  # fmt: skip


def _vehicles(
    site: _Site, vocabulary: Vocabulary, day_at: int, taken: Sequence[_Row], rows: Sequence[_Row], now: int
) -> VehicleTypes:
    """Return the site's vehicles of a day; those that are out on it are not there, those of its routes always are."""
    vans = site.vans
    shifts = [
        shift_of(site.zone, starts, ends, day_at) for starts, ends in vans.select("shift_starts", "shift_ends").rows()
    ]
    starts_at = np.array([max(start, now) for start, _ in shifts], dtype=np.int64)
    ends_at = np.maximum(np.array([end for _, end in shifts], dtype=np.int64), starts_at)
    low, high = int(starts_at.min()), int(ends_at.max())
    mine = Counter(row.vehicle_id for row in rows)
    out = Counter(row.vehicle_id for row in taken if row.starts_at < high and row.ends_at > low) - mine
    return VehicleTypes(
        count=np.array(
            [max(count - out[name], mine[name]) for name, count in vans.select("vehicle_id", "count").rows()],
            dtype=np.int64,
        ),
        capacity=np.column_stack(
            [ints_or(vans[n], NO_LIMIT) for n in ("max_weight_g", "max_volume_ml", "max_parcels")]
        ),
        skills=vocabulary.bits(vans["skills"]),
        shift_start_at=starts_at,
        shift_end_at=ends_at,
        max_distance_m=ints_or(vans["max_distance_m"], NO_LIMIT),
        max_reloads=ints(vans["max_reloads"]),
        fixed_minor=ints(vans["fixed_cost_minor"]),
        per_km_minor=ints(vans["cost_per_km_minor"]),
        per_hour_minor=ints(vans["cost_per_hour_minor"]),
    )


def door_stops(doors: Sequence[Door], vocabulary: Vocabulary) -> Stops:
    """Return doors as stops that need not be served."""

    def column(name: str) -> Ints:
        return np.array([getattr(door, name) for door in doors], dtype=np.int64)

    return Stops(
        start_at=column("start_at"),
        end_at=column("end_at"),
        release_at=column("release_at"),
        service_s=column("service_s"),
        load=np.column_stack([column(name) for name in ("weight_g", "volume_ml", "parcels")]),
        prize_minor=np.zeros(len(doors), dtype=np.int64),
        requirements=vocabulary.bits(pl.Series([door.needs for door in doors], dtype=pl.String)),
    )


def _deliveries(connection: Connection, route_ids: Sequence[str]) -> list[DeliveryNow]:
    names = (deliveries.c[name] for name in DeliveryNow._fields)
    query = select(*names).where(deliveries.c.route_id.in_(route_ids)).order_by(deliveries.c.delivery_id)
    return list(map(DeliveryNow._make, connection.execute(query)))


def _trips(connection: Connection, route_ids: Sequence[str]) -> dict[str, list[list[str]]]:
    """Return the deliveries of each route, trip by trip."""
    columns = (stops.c.route_id, stops.c.kind, stops.c.delivery_id)
    query = select(*columns).where(stops.c.route_id.in_(route_ids)).order_by(stops.c.route_id, stops.c.sequence)
    found: dict[str, list[list[str]]] = defaultdict(list)
    for row in connection.execute(query).all():
        if row.kind in ("start", "reload"):
            found[row.route_id].append([])
        elif row.kind == "delivery":
            found[row.route_id][-1].append(row.delivery_id)
    return found
