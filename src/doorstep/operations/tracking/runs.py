"""Routes with what was reported of them: where their vans have been, when, and what is still ahead."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import NamedTuple

import numpy as np
import polars as pl
from sqlalchemy import select

from doorstep.domain.calendar import local_seconds
from doorstep.geography import GreatCircleTimes, Places, TravelTimes
from doorstep.geography.cells import cell_numbers
from doorstep.operations.bring.follow_up import BEEN_THERE
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import deliveries, routes, stops, tracking_events
from doorstep.storage.schema.orders import orders
from doorstep.tracking.eta_learning import Spans
from doorstep.tracking.events import Seen

AT_ONCE = 200
HOUR_S = 3_600
PLACE_RESOLUTION = 7
"""Cells of about five square kilometres share a pace."""
BEFORE_S, AFTER_S = 2 * HOUR_S, 24 * HOUR_S
"""What is reported from so long before a route starts to so long after is about it."""
LEFT_FOR, ARRIVED, LEFT = ("start_to_dropoff",), ("arrive_at_dropoff",), ("deliver", "attempt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A stop of a run: a door, or its site where it loads; ``came_at`` and ``left_at`` are None until they are told.

    ``left_for_at`` is when the van set out for it, if that was told. ``done`` means that nobody will go there any more.
    """

    delivery_id: str
    lat: float
    lon: float
    planned_at: int
    service_s: int
    not_before_at: int
    due_at: int
    version: int
    level: str
    done: bool
    left_for_at: int | None
    came_at: int | None
    left_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A route: its site, where it is loaded first, and trip by trip its stops in their planned order.

    Trips after the first begin with a loading at the site. It is to leave at ``leaves_at``; that it started was told
    for ``started_at``.
    """

    route_id: str
    state: str
    version: int
    site_id: str
    driver: str
    vehicle_id: str
    zone: str
    lat: float
    lon: float
    leaves_at: int
    started_at: int | None
    trips: tuple[tuple[Call, ...], ...]
    seen: tuple[Seen, ...]

    def keys(self, calls: Sequence[Call]) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
        """Return what drives to stops and services at them are told apart by."""
        n = len(calls)
        hours = tuple(str(local_seconds(self.zone, call.planned_at) // HOUR_S) for call in calls)
        where = Places(lat=np.array([c.lat for c in calls]), lon=np.array([c.lon for c in calls]))
        cells = tuple(str(cell) for cell in cell_numbers(where, resolution=PLACE_RESOLUTION).tolist())
        both = tuple(f"{hour} {cell}" for hour, cell in zip(hours, cells, strict=True))
        crew = {"driver": (self.driver,) * n, "site": (self.site_id,) * n}
        drives = {"hour": hours, "place": cells, "hour_place": both, "vehicle": (self.vehicle_id,) * n, **crew}
        return drives, {"level": tuple(call.level for call in calls), "place": cells, **crew}


class Reader:
    """Reads runs of one retailer, whose reference tables it takes; ``travel`` is by default what its policy says."""

    def __init__(
        self,
        connection: Connection,
        tenant_id: str,
        tables: Mapping[str, pl.DataFrame],
        travel: TravelTimes | None = None,
    ) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self._zones = dict(tables["sites"].select("site_id", "time_zone").iter_rows())
        names = ("circuity_pct", "near_speed_kmh", "far_speed_kmh", "near_distance_m")
        self._travel = travel or GreatCircleTimes(**{name: int(tables["policy"][name][0]) for name in names})

    def runs(self, route_ids: Sequence[str]) -> list[Run]:
        """Return the routes of sites that the retailer still has."""
        found = []
        for low in range(0, len(route_ids), AT_ONCE):
            found += self._some(route_ids[low : low + AT_ONCE])
        return found

    def spans(self, run: Run, calls: Sequence[Call], start: tuple[float, float]) -> tuple[Spans, Spans]:
        """Return the drives from a place through stops, and the services there, as they are planned."""
        lat, lon = np.array([start[0], *(c.lat for c in calls)]), np.array([start[1], *(c.lon for c in calls)])
        _, drive_s = self._travel.between(Places(lat=lat[:-1], lon=lon[:-1]), Places(lat=lat[1:], lon=lon[1:]))
        drives, services = run.keys(calls)
        service_s = np.array([call.service_s for call in calls], dtype=np.int64)
        return Spans(planned_s=drive_s, keys=drives), Spans(planned_s=service_s, keys=services)

    def _some(self, route_ids: Sequence[str]) -> list[Run]:
        of = routes.c
        rows = self._connection.execute(
            select(of.route_id, of.state, of.version, of.site_id, of.driver, of.vehicle_id, of.starts_at)
            .where(of.route_id.in_(route_ids), of.tenant_id == self._tenant_id)
            .order_by(of.starts_at, of.route_id)
        ).all()
        rows = [row for row in rows if row.site_id in self._zones]
        visited = self._visited([row.route_id for row in rows])
        facts = self._facts([*visited, *(row.delivery_id for there in visited.values() for row in there)])
        runs = []
        for row in rows:
            day = (row.starts_at - BEFORE_S, row.starts_at + AFTER_S)
            about = _About(facts, day)
            trips, site = _trips(visited[row.route_id], about)
            if site is None:
                continue
            names = [call.delivery_id for trip in trips for call in trip if call.delivery_id]
            runs.append(
                Run(route_id=row.route_id, state=row.state, version=row.version, site_id=row.site_id,
                    driver=row.driver, vehicle_id=row.vehicle_id, zone=self._zones[row.site_id], lat=site.lat,
                    lon=site.lon, leaves_at=site.leave_at, trips=trips,
                    started_at=about.first(row.route_id, ("start",)),
                    seen=tuple(sorted({seen for name in names for seen in about.seen(name)})))
            )  # fmt: skip
        return runs

    def _visited(self, route_ids: Sequence[str]) -> "defaultdict[str, list[_Row]]":
        query = (
            select(stops, deliveries.c.state, deliveries.c.version, deliveries.c.ready_at, orders.c.service_level_id,
                   orders.c.window_start_at, orders.c.window_end_at)
            .outerjoin(deliveries, deliveries.c.delivery_id == stops.c.delivery_id)
            .outerjoin(orders, orders.c.order_id == deliveries.c.order_id)
            .where(stops.c.route_id.in_(route_ids))
            .order_by(stops.c.route_id, stops.c.sequence)
        )  # fmt: skip
        found: defaultdict[str, list[_Row]] = defaultdict(list)
        for row in self._connection.execute(query) if route_ids else ():
            found[row.route_id].append(
                _Row(kind=row.kind, delivery_id=row.delivery_id, lat=row.lat, lon=row.lon, arrive_at=row.arrive_at,
                     service_at=row.service_at, leave_at=row.leave_at, state=row.state or "",
                     version=row.version or 0, ready_at=row.ready_at or 0, level=row.service_level_id or "",
                     start_at=row.window_start_at or 0, end_at=row.window_end_at or 0)
            )  # fmt: skip
        return found

    def _facts(self, names: Sequence[str]) -> "defaultdict[str, list[_Fact]]":
        """Return what was reported about routes and deliveries, by when it happened."""
        of = tracking_events.c
        facts: defaultdict[str, list[_Fact]] = defaultdict(list)
        for low in range(0, len(names), AT_ONCE):
            query = select(of.object_id, of.event, of.occurred_at, of.details).where(
                of.tenant_id == self._tenant_id, of.object_id.in_(names[low : low + AT_ONCE])
            )
            for row in self._connection.execute(query.order_by(of.occurred_at)):
                facts[row.object_id].append(_Fact(row.event, row.occurred_at, row.details))
        return facts


class _Fact(NamedTuple):
    event: str
    at: int
    details: str


class _About(NamedTuple):
    """What was reported on the day of a route: another day's attempt at a door is another route's."""

    facts: Mapping[str, Sequence[_Fact]]
    day: tuple[int, int]

    def first(self, name: str, events: Sequence[str]) -> int | None:
        """Return when one of some events happened first."""
        return min((fact.at for fact in self._of(name) if fact.event in events), default=None)

    def seen(self, name: str) -> Iterator[Seen]:
        """Yield where the van was when something was reported."""
        for fact in self._of(name):
            point = json.loads(fact.details).get("point")
            if point:
                lon, lat = point["coordinates"]
                yield Seen(fact.at, lat, lon)

    def _of(self, name: str) -> Iterator[_Fact]:
        return (fact for fact in self.facts.get(name, ()) if self.day[0] <= fact.at <= self.day[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    kind: str
    delivery_id: str
    lat: float
    lon: float
    arrive_at: int
    service_at: int
    leave_at: int
    state: str
    version: int
    ready_at: int
    level: str
    start_at: int
    end_at: int


def _trips(rows: Sequence[_Row], about: _About) -> tuple[tuple[tuple[Call, ...], ...], _Row | None]:
    """Return the trips of a route, and its first loading, None if it has none."""
    trips: list[list[Call]] = []
    first: _Row | None = None
    for number, row in enumerate(rows):
        if row.kind == "start":
            first = row
            trips.append([])
        elif row.kind == "reload":
            load = takewhile(lambda other: other.kind == "delivery", rows[number + 1 :])
            trips.append([_call(row, about, max((other.ready_at for other in load), default=0))])
        elif row.kind == "delivery" and trips:
            early = row.service_at < row.start_at  # planned before its window: it is not waited for
            trips[-1].append(_call(row, about, 0 if early else row.start_at))
    return tuple(tuple(trip) for trip in trips), first


def _call(row: _Row, about: _About, not_before_at: int) -> Call:
    return Call(
        delivery_id=row.delivery_id,
        lat=row.lat,
        lon=row.lon,
        planned_at=row.arrive_at,
        service_s=row.leave_at - row.service_at,
        not_before_at=not_before_at,
        due_at=row.end_at,
        version=row.version,
        level=row.level,
        done=row.state in BEEN_THERE,
        left_for_at=about.first(row.delivery_id, LEFT_FOR) if row.delivery_id else None,
        came_at=about.first(row.delivery_id, ARRIVED) if row.delivery_id else None,
        left_at=about.first(row.delivery_id, LEFT) if row.delivery_id else None,
    )
