"""Sample days routed as a network would bring them: each site's doors of a day with as many vans as they need."""

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np

from doorstep.foundation import InputError, Progress, Silent, Stop
from doorstep.foundation.arrays import Floats, Ints
from doorstep.geography import Places, TravelTimes
from doorstep.network.design import DesignPlan, DesignProblem, VanDay
from doorstep.vehicle_routing import REQUIRED, RoutePlan, RoutingProblem, Solver, Stops, VehicleTypes, check_plan
from doorstep.vehicle_routing.problem import LAST


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleDoors:
    """N doors of real days, each with one parcel: where, of which tier and zone of the problem, on which ``day`` (N,).

    Doors of one site and day ride together: waves of a day that vans of their own bring are days of their own.
    Service takes ``service_s`` and begins within [``start_s``, ``end_s``] (N,), seconds after the shift begins.
    """

    places: Places
    tier: Ints
    zone: Ints
    day: Ints
    service_s: Ints
    start_s: Ints
    end_s: Ints

    def __post_init__(self) -> None:
        shapes = {f.name: getattr(self, f.name).shape for f in fields(self) if f.name != "places"}
        if set(shapes.values()) != {(len(self.places),)}:
            raise InputError(f"columns of {len(self.places)} doors must have their length, not {shapes}.")

    def __len__(self) -> int:
        return len(self.places)

    def take(self, rows: Ints) -> "SampleDoors":
        """Return some of the doors."""
        columns = {f.name: getattr(self, f.name)[rows] for f in fields(self) if f.name != "places"}
        return SampleDoors(places=self.places.take(rows), **columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutedDays:
    """N doors that vans reached and the S days of sites that they belong to.

    Parameters
    ----------
    site_day : (N,)
        Day of a site that each door belongs to.
    way_m, way_s, per_km2 : (N,)
        What the problem knows of a door: the way to its zone and the doors around it.
    option, van, day : (S,)
        Site, the row of its vans, and day.
    near_m, near_s : (S,)
        Mean way of the site by which the plan counts the vans that are not full.
    metres, seconds, vans, trips, cost_minor : (S,)
        What the routes drive, last from the first loading to the return, how many vans and trips they are, the cost.
    left : (S,)
        Doors that no van could reach in time.
    not_ours
        Doors that the plan leaves to a third party, or to nobody: they are not routed.
    faults
        Rules that the routes break, a sentence each, by a check of its own; none is expected.
    """

    site_day: Ints
    way_m: Ints
    way_s: Ints
    per_km2: Floats
    option: Ints
    van: Ints
    day: Ints
    near_m: Floats
    near_s: Floats
    metres: Ints
    seconds: Ints
    vans: Ints
    trips: Ints
    cost_minor: Ints
    left: Ints
    not_ours: int
    faults: tuple[str, ...]

    @property
    def doors(self) -> Ints:
        """Doors that the routes of each site and day reach (S,)."""
        return np.bincount(self.site_day, minlength=self.option.size).astype(np.int64)


def route_days(
    problem: DesignProblem,
    plan: DesignPlan,
    doors: SampleDoors,
    times: TravelTimes,
    *,
    solver: Solver,
    patience: Callable[[int], Stop],
    rng: np.random.Generator,
    progress: Progress | None = None,
) -> RoutedDays:
    """Return the routes of sample days by what they drive and cost, where each door is served as the plan says.

    A site has as many vans as it needs; a van is paid for a day, loads as often as its shift allows, and all doors are
    to be served: those that no van can reach in time are told.

    Parameters
    ----------
    patience
        Makes the patience with a site and day from the number of its doors.

    Raises
    ------
    InputError
        If columns of doors disagree, or tiers and zones are not of the problem.
    """
    _check(problem, doors)
    told = progress or Silent()
    option = plan.cost.option[doors.tier, doors.zone]
    ours = np.flatnonzero(option >= 0)
    keys, site_day = np.unique(np.column_stack([option[ours], doors.day[ours]]), axis=0, return_inverse=True)
    site_day = site_day.reshape(-1)
    rows, faults, served = [], list[str](), np.zeros(ours.size, np.bool_)
    told.stage("routing sample days", len(keys))
    for number, (site, day) in enumerate(keys.tolist()):
        mine = np.flatnonzero(site_day == number)
        van = problem.vans[problem.options.van[site]]
        routing = site_day_problem(van, problem.options.places.take(np.array([site])), doors, ours[mine], times)
        routes = solver.solve(routing, patience(mine.size), seed=int(rng.integers(2**31)))
        reached = np.array(sorted(routes.served()), np.int64)
        served[mine[reached]] = True
        faults += [f"{problem.options.option_id[site]}, day {day}: {fault}" for fault in check_plan(routing, routes)]
        rows.append((*_driven(routing, routes), mine.size - reached.size))
        told.advance()
    table = np.array(rows, np.int64).reshape(-1, 6)
    kept = ours[served]
    pair = _pairs(plan, doors.zone[kept], option[kept])
    return RoutedDays(
        site_day=site_day[served],
        way_m=plan.ways.way_m[pair],
        way_s=plan.ways.way_s[pair],
        per_km2=problem.doors_per_km2[doors.tier[kept], doors.zone[kept]],
        option=keys[:, 0],
        van=problem.options.van[keys[:, 0]],
        day=keys[:, 1],
        near_m=plan.ways.near_m[keys[:, 0]],
        near_s=plan.ways.near_s[keys[:, 0]],
        metres=table[:, 0],
        seconds=table[:, 1],
        vans=table[:, 2],
        trips=table[:, 3],
        cost_minor=table[:, 4],
        left=table[:, 5],
        not_ours=len(doors) - ours.size,
        faults=tuple(faults),
    )


def doors_of_some_sites(
    plan: DesignPlan, doors: SampleDoors, *, most: int, at_once: int, rng: np.random.Generator
) -> SampleDoors:
    """Return the doors that there is time to route: all, or those of sites drawn by lot, ``most`` together.

    Sites with more than ``at_once`` doors on a day, or more than ``most``, are not drawn. The others' doors go, and
    those of third parties.
    """
    if len(doors) <= most:
        return doors
    option = plan.cost.option[doors.tier, doors.zone]
    ours = option[option >= 0]
    count = np.bincount(ours, minlength=int(option.max(initial=0)) + 1)
    key, busy = np.unique(np.column_stack([ours, doors.day[option >= 0]]), axis=0, return_counts=True)
    count[key[busy > at_once, 0]] = 0
    count[count > most] = 0
    drawn = rng.permutation(np.flatnonzero(count))
    chosen = drawn[np.cumsum(count[drawn]) <= most]
    return doors.take(np.flatnonzero(np.isin(option, chosen)))


def site_day_problem(van: VanDay, site: Places, doors: SampleDoors, rows: Ints, times: TravelTimes) -> RoutingProblem:
    """Return the routing problem of some doors from one site with as many vans as doors, its shift from 0 s on."""
    count = rows.size
    places = Places(
        lat=np.append(site.lat, doors.places.lat[rows]),
        lon=np.append(site.lon, doors.places.lon[rows]),
    )
    metres, seconds = times.matrix(places)
    numbers = {
        "count": count,
        "skills": 0,
        "shift_start_at": 0,
        "shift_end_at": van.shift_s,
        "max_distance_m": LAST,
        "max_reloads": 0 if van.load >= count else count,
        "fixed_minor": van.fixed_minor,
        "per_km_minor": van.per_km_minor,
        "per_hour_minor": van.per_hour_minor,
    }
    return RoutingProblem.around_one_site(
        stops=Stops(
            start_at=doors.start_s[rows],
            end_at=doors.end_s[rows],
            release_at=np.zeros(count, np.int64),
            service_s=doors.service_s[rows],
            load=np.ones((count, 1), np.int64),
            prize_minor=np.full(count, REQUIRED),
            requirements=np.zeros(count, np.int64),
        ),
        vehicles=VehicleTypes(
            capacity=np.array([[van.load]]), **{name: np.array([value]) for name, value in numbers.items()}
        ),
        metres=metres.astype(np.int32),
        seconds=seconds.astype(np.int32),
        loading_s=van.loading_s,
    )


def _driven(problem: RoutingProblem, plan: RoutePlan) -> tuple[int, int, int, int, int]:
    """Return metres, seconds, vans, trips and cost of routes."""
    routes = plan.routes
    return (
        sum(route.metres(problem) for route in routes),
        sum(route.end_at - route.start_at for route in routes),
        len(routes),
        sum(len(route.trips) for route in routes),
        plan.cost_minor(problem),
    )


def _pairs(plan: DesignPlan, zone: Ints, option: Ints) -> Ints:
    """Return the rows of ways between zones and options (N,)."""
    most = int(plan.ways.option.max(initial=0)) + 1
    keys = plan.ways.zone * most + plan.ways.option
    order = np.argsort(keys, kind="stable")
    rows: Ints = order[np.searchsorted(keys, zone * most + option, sorter=order)]
    return rows


def _check(problem: DesignProblem, doors: SampleDoors) -> None:
    faults = [
        f"{name} must be at least 0 and below {count}."
        for name, column, count in (
            ("tier", doors.tier, len(problem.tiers)),
            ("zone", doors.zone, len(problem.zones)),
        )
        if ((column < 0) | (column >= count)).any()
    ]
    if faults:
        raise InputError(" ".join(faults))
