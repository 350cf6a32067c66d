"""The routes of a site as they run at this moment: what their vans have ahead, have on board, and are on their way to.

Only what is still to be done is in it. A van that is out begins with the stop that it is at or on its way to, which is
settled; when it will be there is what tracking says. Where tracking expects more than the roads say (this driver is
slow, this hour is), the promise ends as much earlier, so that both speak of the same delay.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from sqlalchemy import ColumnElement, Row, exists, or_, select

from doorstep.dispatch import Seen, present
from doorstep.dispatch.lateness import expected_times
from doorstep.dispatch.present import NOTHING
from doorstep.domain import Retailer
from doorstep.domain.lifecycles.delivery import BEFORE_PICKUP, ON_THE_ROAD
from doorstep.domain.lifecycles.route import BOOKED, OUT
from doorstep.domain.requirements import Vocabulary
from doorstep.foundation.arrays import Ints, ints, ints_or
from doorstep.geography import Places, TravelTimes
from doorstep.operations.bring.join import Joining
from doorstep.operations.bring.problem import vehicles_taken
from doorstep.operations.bring.standing import Door, door_stops
from doorstep.operations.bring.timing import NO_LIMIT, shift_of
from doorstep.operations.fulfil.known import without_unknown
from doorstep.operations.fulfil.parts import LEFT, DeliveryNow
from doorstep.operations.roads import travel_now
from doorstep.operations.tracking.runs import Call, Reader, Run
from doorstep.storage import Connection
from doorstep.storage.open_orders import live_retailer
from doorstep.storage.retailers import load_reference
from doorstep.storage.schema.access import tenants
from doorstep.storage.schema.dispatching import dispatch_proposals, vehicle_outages
from doorstep.storage.schema.etas import etas
from doorstep.storage.schema.fulfilment import deliveries, routes, shipments
from doorstep.vehicle_routing import RoutePlan, RoutingProblem, VehicleRoute, VehicleTypes
from doorstep.vehicle_routing.problem import REQUIRED, Depots
from doorstep.vehicle_routing.roads import AskedRoads
from doorstep.vehicle_routing.running import RunningPlan

AHEAD_S = 12 * 3_600
"""Routes that begin later are not looked at yet."""
OWN = "own_fleet"
Trips = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingRoute:
    """A route with the deliveries that it has ahead, trip by trip, the current one first."""

    route_id: str
    vehicle_id: str
    state: str
    trips: Trips


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRun:
    """The running plan of a site and what its numbers stand for.

    Route r of the plan is ``routes[r]``, whose vehicle is of type r; behind those are the types ``at_home``, of which
    some vehicles may be free. Stop n is the delivery ``names[n]`` of order ``order_ids[n]``; ``aboard`` stops have left
    the site, and ``due_at`` (N,) is when their promises end [epoch s], which the windows of the plan may end before.
    ``left_behind`` are route and delivery of what lies at the site although its van has set out; it is not in the plan.
    """

    tenant_id: str
    site_id: str
    retailer: Retailer
    routes: tuple[StandingRoute, ...]
    at_home: tuple[str, ...]
    names: tuple[str, ...]
    order_ids: tuple[str, ...]
    aboard: frozenset[int]
    due_at: Ints
    running: RunningPlan
    left_behind: tuple[tuple[str, str], ...]
    now: int

    @property
    def open(self) -> frozenset[int]:
        """The stops that are on no route."""
        return frozenset(range(len(self.names))) - self.running.plan.served()

    def way_s(self, stop: int) -> int:
        """Return the drive from the site to a stop [s]."""
        roads = self.running.problem.roads
        return int(roads.along(0, np.array([0]), np.array([self.running.problem.place(stop)]))[1][0])


class _Moving(NamedTuple):
    """A route with where it is in its day."""

    route: StandingRoute
    run: Run
    calls: Mapping[str, Call]
    load_at: tuple[int, ...]
    ends_at: int
    loads_begun: int
    left_behind: tuple[str, ...]


def sites_with_routes(connection: Connection, tenant_id: str, *, now: int) -> list[str]:
    """Return the sites that have routes under way or soon to begin, or something that rides with nobody."""
    queries = [select(routes.c.site_id).where(running) for running in _running(tenant_id, now)]
    queries.append(select(deliveries.c.site_id).where(_lost(tenant_id)))
    return sorted({site_id for query in queries for site_id in connection.execute(query.distinct()).scalars()})


def tenants_dispatching(connection: Connection, *, now: int) -> list[str]:
    """Return the tenants that have routes under way or soon to begin, what rides with nobody, or open proposals."""
    mine = tenants.c.tenant_id
    told = (dispatch_proposals.c.tenant_id == mine) & (dispatch_proposals.c.state == "proposed")
    wanted = [exists().where(one) for one in (*_running(mine, now), _lost(mine), told)]
    query = select(mine).where(or_(*wanted)).order_by(mine)
    return list(connection.execute(query).scalars())


def load_run(connection: Connection, tenant_id: str, site_id: str, *, now: int) -> SiteRun | None:
    """Return the routes of a site as they run, None if there is nothing ahead of any."""
    reference = load_reference(connection, tenant_id)
    names = (routes.c.route_id, routes.c.vehicle_id, routes.c.ends_at, routes.c.created_at)
    asked = [select(*names).where(running, routes.c.site_id == site_id) for running in _running(tenant_id, now)]
    rows = {row.route_id: row for query in asked for row in connection.execute(query)}
    vans = reference["vehicles"].filter(pl.col("site_id") == site_id)
    if not vans.height:
        return None
    here = [
        run
        for run in Reader(connection, tenant_id, reference).runs(sorted(rows))
        if run.vehicle_id in vans["vehicle_id"]
    ]
    on_them = _deliveries(connection, tenant_id, [run.route_id for run in here], site_id)
    left = _left(connection, [delivery.delivery_id for delivery in on_them])
    retailer, unknown = without_unknown(live_retailer(connection, tenant_id, sorted({d.order_id for d in on_them})))
    strange = {delivery.route_id for delivery in on_them if delivery.order_id in unknown}
    known = [d for d in on_them if d.order_id not in unknown and (d.route_id is None or d.route_id not in strange)]
    on = {delivery.delivery_id for delivery in known}
    moving = [_moving(run, rows[run.route_id], left, on) for run in here if run.route_id not in strange]
    moving = [one for one in moving if any(one.route.trips) or one.left_behind]
    if not known:
        return None
    joining = Joining.of(connection, retailer, known, vans["vehicle_id"][0])
    expected = _expected(connection, [one.route.route_id for one in moving])
    taken = vehicles_running(connection, tenant_id, now=now)
    travel = travel_now(connection, tenant_id, retailer.tables(), now=now)
    return _Site(tenant_id, site_id, retailer, vans, joining, expected, taken, travel, now).run(moving, known, left)


def vehicles_running(connection: Connection, tenant_id: str, *, now: int) -> Counter[str]:
    """Return how many vehicles of each kind have something to do, or are out of service, also those late to leave."""
    rows = [
        vehicle_id
        for running in _running(tenant_id, now)
        for vehicle_id in connection.execute(select(routes.c.vehicle_id).where(running)).scalars()
    ]
    broken = (vehicle_outages.c.tenant_id == tenant_id) & (vehicle_outages.c.until_at > now)
    rows += connection.execute(select(vehicle_outages.c.vehicle_id).where(broken)).scalars().all()
    found: Counter[str] = Counter(rows)
    found |= vehicles_taken(connection, tenant_id, now)  # the larger number of each
    return found


def _running(tenant_id: str | ColumnElement[str], now: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return what routes are soon to begin or late to, and what routes are out; apart, as each has its index."""
    of = routes.c
    soon = of.state.in_(BOOKED) & (of.starts_at < now + AHEAD_S) & (of.starts_at > now - AHEAD_S)
    return (of.tenant_id == tenant_id) & soon, (of.tenant_id == tenant_id) & of.state.in_(OUT)


def _lost(tenant_id: str | ColumnElement[str]) -> ColumnElement[bool]:
    """Return what deliveries are for own vans and on no route: their van goes no further."""
    of = deliveries.c
    states = of.state.in_((*BEFORE_PICKUP, *ON_THE_ROAD))
    return (of.tenant_id == tenant_id) & states & of.route_id.is_(None) & (of.mode == OWN)


def _deliveries(connection: Connection, tenant_id: str, route_ids: Sequence[str], site_id: str) -> list[DeliveryNow]:
    """Return the deliveries of routes, and those that own vans are to bring from a site and that are on no route."""
    query = select(*(deliveries.c[name] for name in DeliveryNow._fields)).order_by(deliveries.c.delivery_id)
    wanted = (deliveries.c.route_id.in_(route_ids), _lost(tenant_id) & (deliveries.c.site_id == site_id))
    return [DeliveryNow._make(row) for rows in wanted for row in connection.execute(query.where(rows))]


def _left(connection: Connection, names: Sequence[str]) -> set[str]:
    """Return the deliveries of which something has left the site that packed it."""
    query = select(shipments.c.delivery_id).where(shipments.c.delivery_id.in_(names), shipments.c.state.in_(LEFT))
    return set(connection.execute(query).scalars())


def _expected(connection: Connection, route_ids: Sequence[str]) -> dict[str, int]:
    query = select(etas.c.delivery_id, etas.c.expected_at).where(etas.c.route_id.in_(route_ids))
    return {row.delivery_id: row.expected_at for row in connection.execute(query)}


def _moving(run: Run, row: "Row[Any]", left: set[str], known: set[str]) -> _Moving:
    """Return a route from its current trip on; what lies at the site although its van has set out is not on it.

    What was reported of its doors before it was made is another route's.
    """
    run = replace(run, trips=tuple(tuple(_of_route(call, row.created_at) for call in trip) for trip in run.trips))
    begun = max((n for n, trip in enumerate(run.trips) if any(c.left_at or c.came_at or c.left_for_at for c in trip)),
                default=0)  # fmt: skip
    calls = [[c for c in trip if c.delivery_id in known and not c.done] for trip in run.trips]
    gone = any(c.left_at or c.came_at or c.left_for_at for trip in run.trips[: begun + 1] for c in trip)
    mine = [c for trip in calls[: begun + 1] for c in trip]
    current = [c for c in mine if not gone or c.delivery_id in left]
    current.sort(key=lambda c: (c.came_at is None, -(c.left_for_at or 0)))  # where the van is, or goes, comes first
    later = [(n, trip) for n, trip in enumerate(calls) if n > begun and trip]
    trips = tuple(tuple(c.delivery_id for c in trip) for trip in (current, *(trip for _, trip in later)) if trip)
    loads = [run.trips[n][0].planned_at for n, _ in later]
    return _Moving(
        route=StandingRoute(route_id=run.route_id, vehicle_id=run.vehicle_id, state=run.state, trips=trips),
        run=run,
        calls={c.delivery_id: c for trip in calls for c in trip},
        load_at=tuple([run.leaves_at] * bool(current) + loads),
        ends_at=row.ends_at,
        loads_begun=begun + 1 if current else begun,
        left_behind=tuple(c.delivery_id for c in mine if c not in current),
    )


def _of_route(call: Call, made_at: int) -> Call:
    """Return a call with what was reported of it since its route was made."""

    def since(at: int | None) -> int | None:
        return at if at is not None and at >= made_at else None

    return replace(call, left_for_at=since(call.left_for_at), came_at=since(call.came_at), left_at=since(call.left_at))


@dataclass(frozen=True, slots=True)
class _Site:
    tenant_id: str
    site_id: str
    retailer: Retailer
    vans: pl.DataFrame
    joining: Joining
    expected: Mapping[str, int]
    taken: Mapping[str, int]
    travel: TravelTimes
    now: int

    def run(self, moving: Sequence[_Moving], known: Sequence[DeliveryNow], left: set[str]) -> SiteRun:
        """Return the site's run; deliveries of routes that wait for nothing are done and not in it."""
        behind = tuple((one.route.route_id, name) for one in moving for name in one.left_behind)
        moving = [one for one in moving if any(one.route.trips)]
        on_route = [name for one in moving for trip in one.route.trips for name in trip]
        free = [d.delivery_id for d in known if d.route_id is None]
        names = (*on_route, *free)
        number = {name: n for n, name in enumerate(names)}
        of = {delivery.delivery_id: delivery.order_id for delivery in known}
        at_home = tuple(self.vans["vehicle_id"].to_list())
        problem = self._problem(moving, names, at_home)
        plan = RoutePlan(routes=tuple(self._route(r, one, number) for r, one in enumerate(moving)))
        seen = [self._seen(problem, one, number) for one in moving]
        aboard = frozenset(number[name] for name in names if name in left)
        problem = _bound(problem, moving, number, aboard)
        running = present(problem, plan, seen, self.now)
        due_at = problem.stops.end_at.copy()
        return SiteRun(
            tenant_id=self.tenant_id, site_id=self.site_id, retailer=self.retailer,
            routes=tuple(one.route for one in moving), at_home=at_home, names=names,
            order_ids=tuple(of[name] for name in names), aboard=aboard, due_at=due_at,
            running=self._as_tracked(running, number), left_behind=behind, now=self.now,
        )  # fmt: skip

    def _problem(self, moving: Sequence[_Moving], names: Sequence[str], at_home: Sequence[str]) -> RoutingProblem:
        visits, loads = self.joining.visits, self.joining.loads
        doors = [
            Door(v.lat, v.lon, v.start_at, v.end_at, v.release_at, v.service_s, n.weight_g, n.volume_ml, n.parcels,
                 ";".join(sorted(n.needs)))
            for v, n in ((visits[name], loads[name]) for name in names)
        ]  # fmt: skip
        site = self.retailer.sites.filter(pl.col("site_id") == self.site_id).row(0, named=True)
        vocabulary = Vocabulary.of_network(self.retailer.tables())
        stops = door_stops(doors, vocabulary)
        kinds = self._vehicles(moving, at_home, vocabulary, site["time_zone"])
        places = Places(
            lat=np.array([site["lat"], *(door.lat for door in doors)], dtype=np.float64),
            lon=np.array([site["lon"], *(door.lon for door in doors)], dtype=np.float64),
        )
        return RoutingProblem(
            stops=replace(stops, prize_minor=np.full(len(names), REQUIRED)),
            vehicles=kinds,
            depots=Depots(
                open_at=np.array([int(kinds.shift_start_at.min())]),
                close_at=np.array([int(kinds.shift_end_at.max())]),
                loading_s=np.array([int(site["loading_s"])]),
            ),
            roads=AskedRoads(places=places, travel=(self.travel,)),
        )

    def _vehicles(
        self, moving: Sequence[_Moving], at_home: Sequence[str], vocabulary: Vocabulary, zone: str
    ) -> VehicleTypes:
        """Return a type for each route, less what it has used of its reloads, and behind those the vehicles at home."""
        row = {name: n for n, name in enumerate(at_home)}
        rows = [*(row[one.route.vehicle_id] for one in moving), *range(len(at_home))]
        days = [*(one.run.leaves_at for one in moving), *([self.now] * len(at_home))]
        table = self.vans[rows]
        shifts = [
            shift_of(zone, starts, ends, day)
            for (starts, ends), day in zip(table.select("shift_starts", "shift_ends").rows(), days, strict=True)
        ]
        starts_at, ends_at = (np.array(column, dtype=np.int64) for column in zip(*shifts, strict=True))
        out = len(moving)
        free = np.maximum(ints(table["count"])[out:] - [self.taken.get(name, 0) for name in at_home], 0)
        begins = [min(one.load_at[0], self.now) - AHEAD_S for one in moving]
        starts_at[:out] = np.where([one.run.state in OUT for one in moving], begins, starts_at[:out])
        late = [max(one.ends_at, self.now) + AHEAD_S * (one.run.state in OUT) for one in moving]
        ends_at[:out] = np.maximum(ends_at[:out], late)  # who is out comes home, however late
        reloads = ints(table["max_reloads"]).copy()
        reloads[:out] = [max(most - one.loads_begun + 1, len(one.route.trips) - 1)
                         for most, one in zip(reloads[:out].tolist(), moving, strict=True)]  # fmt: skip
        return VehicleTypes(
            count=np.concatenate([np.ones(out, dtype=np.int64), free]),
            capacity=np.column_stack(
                [ints_or(table[n], NO_LIMIT) for n in ("max_weight_g", "max_volume_ml", "max_parcels")]
            ),
            skills=vocabulary.bits(table["skills"]),
            shift_start_at=starts_at,
            shift_end_at=np.maximum(ends_at, starts_at),
            max_distance_m=ints_or(table["max_distance_m"], NO_LIMIT),
            max_reloads=reloads,
            fixed_minor=ints(table["fixed_cost_minor"]),
            per_km_minor=ints(table["cost_per_km_minor"]),
            per_hour_minor=ints(table["cost_per_hour_minor"]),
        )

    def _route(self, r: int, one: _Moving, number: Mapping[str, int]) -> VehicleRoute:
        """Return a route with the times that people know."""
        at = [tuple(self.expected.get(name, one.calls[name].planned_at) for name in trip) for trip in one.route.trips]
        return VehicleRoute(
            vehicle=r,
            trips=tuple(tuple(number[name] for name in trip) for trip in one.route.trips),
            load_at=one.load_at,
            arrive_at=tuple(at),
            service_at=tuple(at),
            end_at=one.ends_at,
        )

    def _seen(self, problem: RoutingProblem, one: _Moving, number: Mapping[str, int]) -> Seen:
        """Return what was seen of a van, as if it had driven from its site to where it is now."""
        if one.run.state not in OUT:
            return NOTHING
        first = one.route.trips[0][0]
        call, loading_s = one.calls[first], int(problem.depots.loading_s[0])
        if one.run.state == "dispatched" or one.loads_begun == 0:
            return Seen(begins=(min(one.load_at[0] - loading_s, self.now - 1),))
        way_s = int(problem.roads.along(0, np.array([0]), np.array([number[first] + 1]))[1][0])
        at = call.came_at if call.came_at else max(self.expected.get(first, self.now), self.now)
        load_at = min(at - way_s - loading_s, self.now - loading_s) - 1
        if call.came_at:
            return Seen(begins=(load_at, at))
        return Seen(begins=(load_at,), left_at=load_at + loading_s, due_at=at)

    def _as_tracked(self, running: RunningPlan, number: Mapping[str, int]) -> RunningPlan:
        """Return the running plan whose windows end earlier by what tracking expects more than the roads."""
        end_at, model = running.problem.stops.end_at.copy(), expected_times(running)
        for name, at in self.expected.items():
            stop = number.get(name, -1)
            if stop in model:
                end_at[stop] = max(int(running.problem.stops.start_at[stop]), end_at[stop] - max(0, at - model[stop]))
        return replace(running, problem=replace(running.problem, stops=replace(running.problem.stops, end_at=end_at)))


def _bound(
    problem: RoutingProblem, moving: Sequence[_Moving], number: Mapping[str, int], aboard: frozenset[int]
) -> RoutingProblem:
    """Return the problem in which what has left the site stays with its vehicle; a begun trip's stops do anyway."""
    vehicle = np.full(len(problem.stops), -1, dtype=np.int64)
    for r, one in enumerate(moving):
        for trip in one.route.trips[one.run.state in OUT :]:
            rows = [number[name] for name in trip if number[name] in aboard]
            vehicle[rows] = r
    return replace(problem, stops=replace(problem.stops, vehicle=vehicle))
