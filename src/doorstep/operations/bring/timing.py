"""The clock and the cost of one route whose stops are given, as the plan would have them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl

from doorstep.domain.calendar import Calendar
from doorstep.foundation.arrays import SmallInts, share_exactly
from doorstep.foundation.units import distance_cost_minor, time_cost_minor
from doorstep.geography import GreatCircleTimes, Places, TravelTimes
from doorstep.vehicle_routing import RoutingProblem, Stops, VehicleRoute, VehicleTypes, schedule_route

NO_LIMIT = 2**60


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A door on a route: service begins within [``start_at``, ``end_at``], its parcels are ready at ``release_at``."""

    delivery_id: str
    lat: float
    lon: float
    start_at: int
    end_at: int
    release_at: int
    service_s: int


class StopTime(NamedTuple):
    """A stop as the driver sees it; a route starts, reloads and ends at its site."""

    kind: str
    delivery_id: str
    lat: float
    lon: float
    arrive_at: int
    service_at: int
    leave_at: int
    distance_m: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedRoute:
    """A route with its stops; ``stem_minor`` and ``drop_minor`` are the shares of its cost by delivery.

    ``driver_minor`` is what its hours cost, the rest is the vehicle's.
    """

    starts_at: int
    ends_at: int
    distance_m: int
    trips: int
    cost_minor: int
    driver_minor: int
    stops: tuple[StopTime, ...]
    stem_minor: dict[str, int]
    drop_minor: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What has happened on a route: when trips were loaded, and the stops where the van has been."""

    load_at: Sequence[int]
    stops: Mapping[str, StopTime]


class Timer:
    """Times routes of one retailer, whose reference tables it reads."""

    def __init__(self, tables: Mapping[str, pl.DataFrame], travel: TravelTimes | None = None) -> None:
        self._sites = {row["site_id"]: row for row in tables["sites"].iter_rows(named=True)}
        self._vehicles = {row["vehicle_id"]: row for row in tables["vehicles"].iter_rows(named=True)}
        names = ("circuity_pct", "near_speed_kmh", "far_speed_kmh", "near_distance_m")
        self._travel = travel or GreatCircleTimes(**{name: int(tables["policy"][name][0]) for name in names})

    def knows(self, site_id: str, vehicle_id: str) -> bool:
        """Return whether the retailer still has this site and vehicle."""
        return site_id in self._sites and vehicle_id in self._vehicles

    def shift_end_at(self, site_id: str, vehicle_id: str, day_at: int) -> int:
        """Return when the vehicle's shift ends on the day of a moment [epoch s]."""
        van = self._vehicles[vehicle_id]
        return shift_of(self._sites[site_id]["time_zone"], van["shift_starts"], van["shift_ends"], day_at)[1]

    def timed(
        self, site_id: str, vehicle_id: str, trips: Sequence[Sequence[Visit]], *, day_at: int, now: int
    ) -> TimedRoute | None:
        """Return the route that has not left yet, from ``now`` on; None if it breaks a window or its shift.

        Parameters
        ----------
        day_at
            Any moment of the day of its shift [epoch s].
        """
        kept = [tuple(trip) for trip in trips if trip]
        problem = self._problem(site_id, vehicle_id, kept, day_at, now)
        route = schedule_route(problem, 0, _numbered(kept))
        return None if route is None else self._as_timed(problem, site_id, kept, route)

    def gone_on(
        self, site_id: str, vehicle_id: str, trips: Sequence[Sequence[Visit]], done: Done, *, now: int
    ) -> TimedRoute:
        """Return the route that is under way, or late: what is done stays as it was, the rest follows from ``now`` on.

        Windows and shift are not asked: a late stop is late.
        """
        kept = [tuple(trip) for trip in trips if trip]
        problem = self._problem(site_id, vehicle_id, kept, now, now)
        return self._as_timed(problem, site_id, kept, _driven(problem, kept, done, now), done)

    def _problem(
        self, site_id: str, vehicle_id: str, trips: Sequence[Sequence[Visit]], day_at: int, now: int
    ) -> RoutingProblem:
        visits = [visit for trip in trips for visit in trip]
        site, van = self._sites[site_id], self._vehicles[vehicle_id]
        places = Places(
            lat=np.array([site["lat"], *(visit.lat for visit in visits)], dtype=np.float64),
            lon=np.array([site["lon"], *(visit.lon for visit in visits)], dtype=np.float64),
        )
        metres, seconds = self._travel.matrix(places)
        starts_at, ends_at = shift_of(site["time_zone"], van["shift_starts"], van["shift_ends"], day_at)
        none = np.zeros(len(visits), dtype=np.int64)
        stops = Stops(
            start_at=np.array([visit.start_at for visit in visits], dtype=np.int64),
            end_at=np.array([visit.end_at for visit in visits], dtype=np.int64),
            release_at=np.array([visit.release_at for visit in visits], dtype=np.int64),
            service_s=np.array([visit.service_s for visit in visits], dtype=np.int64),
            load=none[:, None],
            prize_minor=none,
            requirements=none,
        )
        return RoutingProblem.around_one_site(
            stops=stops,
            vehicles=_one_vehicle(van, max(starts_at, now), ends_at),
            metres=metres,
            seconds=seconds,
            loading_s=int(site["loading_s"]),
        )

    def _as_timed(
        self,
        problem: RoutingProblem,
        site_id: str,
        trips: Sequence[Sequence[Visit]],
        route: VehicleRoute,
        done: Done | None = None,
    ) -> TimedRoute:
        visits = [visit for trip in trips for visit in trip]
        total, stem = _costs(problem, route)
        ids = [visits[stop].delivery_id for stop in route.stops]
        stems = share_exactly(stem, [1] * len(ids)).tolist()
        drops = share_exactly(total - stem, _effort(problem, route)).tolist()
        site = self._sites[site_id]
        return TimedRoute(
            starts_at=route.start_at,
            ends_at=route.end_at,
            distance_m=route.metres(problem),
            trips=len(route.trips),
            cost_minor=total,
            driver_minor=time_cost_minor(route.end_at - route.start_at, int(problem.vehicles.per_hour_minor[0])),
            stops=tuple(_stops(problem, (site["lat"], site["lon"]), visits, route, done.stops if done else {})),
            stem_minor=dict(zip(ids, stems, strict=True)),
            drop_minor=dict(zip(ids, drops, strict=True)),
        )


def _numbered(trips: Sequence[Sequence[Visit]]) -> list[list[int]]:
    numbers = iter(range(sum(len(trip) for trip in trips)))
    return [[next(numbers) for _ in trip] for trip in trips]


def shift_of(zone: str, starts: str, ends: str, day_at: int) -> tuple[int, int]:
    """Return the shift of the local day on which a moment lies."""
    calendar = Calendar.spanning([zone], day_at, day_at, further_days=1)
    day = int(calendar.day_of(np.array([0]), np.array([day_at]))[0])
    return int(calendar.at([starts])[0, day]), int(calendar.at([ends])[0, day])


def _one_vehicle(van: Mapping[str, int], starts_at: int, ends_at: int) -> VehicleTypes:
    def one(value: int) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        return np.array([value], dtype=np.int64)

    return VehicleTypes(
        count=one(1),
        capacity=np.array([[NO_LIMIT]], dtype=np.int64),
        skills=one(0),
        shift_start_at=one(starts_at),
        shift_end_at=one(ends_at),
        max_distance_m=one(NO_LIMIT),
        max_reloads=one(NO_LIMIT),
        fixed_minor=one(van["fixed_cost_minor"]),
        per_km_minor=one(van["cost_per_km_minor"]),
        per_hour_minor=one(van["cost_per_hour_minor"]),
    )


def _roads(problem: RoutingProblem) -> tuple[SmallInts, SmallInts]:
    """Return metres and seconds between the site, row 0, and the stops of a route."""
    return problem.roads.block(0, np.arange(len(problem.roads)))


def _driven(problem: RoutingProblem, trips: Sequence[Sequence[Visit]], done: Done, now: int) -> VehicleRoute:
    """Return the clock of a van that is out, stop after stop, nothing new before ``now``."""
    loads, arrivals, services = [], [], []
    at, stops, (_, seconds), loading_s = now, problem.stops, _roads(problem), int(problem.depots.loading_s[0])
    for number, (trip, numbers) in enumerate(zip(trips, _numbered(trips), strict=True)):
        known = number < len(done.load_at)
        at = done.load_at[number] if known else max(at, now, *(int(stops.release_at[stop]) for stop in numbers))
        loads.append(at)
        at += loading_s
        node, arrive, serve = 0, [], []
        for visit, stop in zip(trip, numbers, strict=True):
            was = done.stops.get(visit.delivery_id)
            came = was.arrive_at if was else max(at + int(seconds[node, stop + 1]), now)
            served = was.service_at if was else max(came, visit.start_at)
            arrive.append(came)
            serve.append(served)
            at, node = (was.leave_at if was else served + visit.service_s), stop + 1
        at += int(seconds[node, 0])
        arrivals.append(tuple(arrive))
        services.append(tuple(serve))
    return VehicleRoute(
        vehicle=0,
        trips=tuple(tuple(numbers) for numbers in _numbered(trips)),
        load_at=tuple(loads),
        arrive_at=tuple(arrivals),
        service_at=tuple(services),
        end_at=at,
    )


def _costs(problem: RoutingProblem, route: VehicleRoute) -> tuple[int, int]:
    """Return what a route costs, and the part of it that getting to the first and from the last stops causes."""
    kinds, (metres, seconds), loading_s = problem.vehicles, _roads(problem), int(problem.depots.loading_s[0])
    stem_m = stem_s = 0
    for trip in route.trips:
        first, last = trip[0] + 1, trip[-1] + 1
        stem_m += int(metres[0, first] + metres[last, 0])
        stem_s += int(seconds[0, first] + seconds[last, 0]) + loading_s
    per_km, per_hour, fixed = int(kinds.per_km_minor[0]), int(kinds.per_hour_minor[0]), int(kinds.fixed_minor[0])
    distance = distance_cost_minor(route.metres(problem), per_km)
    time = time_cost_minor(route.end_at - route.start_at, per_hour)
    stem = fixed + min(distance, distance_cost_minor(stem_m, per_km)) + min(time, time_cost_minor(stem_s, per_hour))
    return fixed + distance + time, stem


def _effort(problem: RoutingProblem, route: VehicleRoute) -> list[int]:
    """Return the seconds that each stop adds after the one before: drive (not the stem), wait and service."""
    found = []
    _, seconds = _roads(problem)
    for trip, arrive, service in zip(route.trips, route.arrive_at, route.service_at, strict=True):
        before = -1
        for stop, came, served in zip(trip, arrive, service, strict=True):
            drive = int(seconds[before + 1, stop + 1]) if before >= 0 else 0
            found.append(drive + served - came + int(problem.stops.service_s[stop]))
            before = stop
    return found


def _stops(
    problem: RoutingProblem,
    site: tuple[float, float],
    visits: Sequence[Visit],
    route: VehicleRoute,
    known: Mapping[str, StopTime],
) -> list[StopTime]:
    rows: list[StopTime] = []
    (metres, seconds), loading_s = _roads(problem), int(problem.depots.loading_s[0])
    came, back_m, kind = route.start_at, 0, "start"
    for trip, load, arrive, service in zip(route.trips, route.load_at, route.arrive_at, route.service_at, strict=True):
        at = load + loading_s
        rows.append(StopTime(kind, "", *site, came, load, at, back_m))
        kind, node = "reload", 0
        for stop, reached, served in zip(trip, arrive, service, strict=True):
            visit = visits[stop]
            was = known.get(visit.delivery_id)
            at = was.leave_at if was else served + visit.service_s
            drive_m = int(metres[node, stop + 1])
            rows.append(StopTime("delivery", visit.delivery_id, visit.lat, visit.lon, reached, served, at, drive_m))
            node = stop + 1
        came, back_m = at + int(seconds[node, 0]), int(metres[node, 0])
    return [*rows, StopTime("end", "", *site, came, came, came, back_m)]
