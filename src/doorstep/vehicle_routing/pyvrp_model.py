"""A routing problem in PyVRP's words and its answer in ours: PyVRP's units, tricks and traps stay here.

Money is given to PyVRP in thousandths of a minor unit, so that a rate per kilometre is a whole number per metre.
Requirements become load dimensions of which a vehicle without the skill has none; so do, as two skills for each binary
digit of its number, the stops that one type of vehicle alone may serve. Times are counted from the earliest
shift, to keep penalties small. A stop with several windows becomes a client for each window, of which one at most is
visited. The prizes in a group are its largest one less what each stop costs extra, so that every choice costs PyVRP
what it costs us. A pair becomes a shipment. A depot that opens late is there twice: who returns need not wait for it.

References
----------
Wouda, Lan, Kool (2024), PyVRP: a high-performance VRP solver package, INFORMS Journal on Computing 36(4).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyvrp
from pyvrp import Activity, ActivityType

from doorstep.foundation.arrays import Bools, Ints, SmallInts
from doorstep.vehicle_routing.plan import RoutePlan, VehicleRoute
from doorstep.vehicle_routing.problem import LAST, REQUIRED, RoutingProblem
from doorstep.vehicle_routing.roads import UNREACHABLE
from doorstep.vehicle_routing.schedule import approach_seconds, schedule_route

SCALE = 1_000
"""Thousandths of a minor unit."""

NO_LIMIT = np.iinfo(np.int64).max // 8


def unsupported(problem: RoutingProblem) -> tuple[str, ...]:
    """Return the names of what the problem asks for and PyVRP cannot express."""
    stops, kinds, pairs = problem.stops, problem.vehicles, problem.pairs
    first, last = int(kinds.shift_start_at.min(initial=LAST)), int(kinds.shift_end_at.max(initial=0))
    closes = stops.end_at.copy()
    np.maximum.at(closes, problem.windows.stop, problem.windows.end_at)
    ends = np.concatenate([pairs.pickup, pairs.delivery])
    from_depot = bool(stops.load[ends].any() or stops.pickup[ends].any())
    asked = {
        "breaks": bool((kinds.count[problem.breaks.vehicle] > 0).any()),
        "traffic": bool((problem.traffic.percent != 100).any()),
        "costs of lateness": bool(((stops.late_per_hour_minor > 0) & (stops.due_at < np.minimum(closes, last))).any()),
        "limits of rides": bool((pairs.max_ride_s < last - first).any()),
        "pairs that also load from the depot": from_depot,
        "pairs in groups": bool((stops.group[ends] >= 0).any()),
        "pairs with several windows": bool(np.isin(problem.windows.stop, ends).any()),
        "pairs with releases": bool((stops.release_at[ends] > first).any()),
    }
    return tuple(name for name, there in asked.items() if there)


@dataclass(frozen=True, slots=True, kw_only=True)
class PyVrpModel:
    """A problem as PyVRP has it.

    ``stop`` and ``window`` are the stop and the window [epoch s] that each client stands for, ``shipment`` the pair of
    each shipment, ``kind`` the type of vehicle of each of PyVRP's types.
    """

    problem: RoutingProblem
    data: pyvrp.ProblemData
    stop: tuple[int, ...]
    window: tuple[tuple[int, int], ...]
    shipment: tuple[int, ...]
    kind: tuple[int, ...]

    def as_solution(self, plan: RoutePlan) -> pyvrp.Solution:
        """Return a plan as a solution, less the stops that are never worth a visit."""
        routes = []
        for route in plan.routes:
            depot = Activity(ActivityType.DEPOT, int(self.problem.vehicles.reload[route.vehicle]))
            doing = self._doing(route)
            activities: list[Activity] = []
            for trip in route.trips:
                known = [doing[stop] for stop in trip if stop in doing]
                activities += [depot, *known] if activities and known else known
            if activities and route.vehicle in self.kind:
                routes.append(pyvrp.Route(self.data, activities, self.kind.index(route.vehicle)))
        return pyvrp.Solution(self.data, routes)

    def _doing(self, route: VehicleRoute) -> dict[int, Activity]:
        """Return what is done at each stop of a route: the client of its window, or an end of its shipment."""
        at = dict(zip(route.stops, (moment for times in route.service_at for moment in times), strict=True))
        doing = {
            stop: Activity(ActivityType.CLIENT, client)
            for client, (stop, (opens, closes)) in enumerate(zip(self.stop, self.window, strict=True))
            if stop in at and opens <= at[stop] <= closes
        }
        pairs = self.problem.pairs
        for shipment, pair in enumerate(self.shipment):
            doing[int(pairs.pickup[pair])] = Activity(ActivityType.PICKUP, shipment)
            doing[int(pairs.delivery[pair])] = Activity(ActivityType.DELIVERY, shipment)
        return doing

    def as_plan(self, solution: pyvrp.Solution) -> RoutePlan:
        """Return a solution as a plan."""
        pairs = self.problem.pairs
        stops = {
            ActivityType.CLIENT: self.stop,
            ActivityType.PICKUP: [int(pairs.pickup[pair]) for pair in self.shipment],
            ActivityType.DELIVERY: [int(pairs.delivery[pair]) for pair in self.shipment],
        }
        routes = []
        for route in solution.routes():
            trips: list[list[int]] = [[]]
            for activity in route.schedule()[1:]:
                if activity.is_depot():
                    trips.append([])
                else:
                    trips[-1].append(stops[activity.type][activity.idx])
            scheduled = schedule_route(self.problem, self.kind[route.vehicle_type()], trips)
            if scheduled is not None:
                routes.append(scheduled)
        return RoutePlan(routes=tuple(routes))


def as_model(problem: RoutingProblem, *, coarse: bool = False) -> PyVrpModel:
    """Return a problem in PyVRP's words; ``coarse`` counts money in the largest unit that leaves every amount whole."""
    terms = _Terms.of(problem, coarse=coarse)
    clients = _Clients()
    for stop in _visited(problem, terms):
        clients.add(terms, stop)
    pairs = [pair for pair in range(len(problem.pairs)) if terms.pair_worth[pair] >= 0]
    kinds = np.flatnonzero(problem.vehicles.count > 0).tolist()
    depots, ends = _depots(terms)
    tables = [_tables(terms, profile) for profile in range(problem.roads.profiles)]
    data = pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0) for _ in range(len(problem.roads))],
        clients=clients.clients,
        depots=depots,
        vehicle_types=[_vehicle_type(terms, kind, ends) for kind in kinds],
        distance_matrices=[metres for metres, _ in tables],  # type: ignore[misc] # its stub mistakes shape for type
        duration_matrices=[seconds for _, seconds in tables],  # type: ignore[misc]
        groups=[pyvrp.ClientGroup(*group) for group in zip(clients.members, clients.must, strict=True)],
        shipments=[_shipment(terms, pair) for pair in pairs],
    )
    return PyVrpModel(
        problem=problem,
        data=data,
        stop=tuple(clients.stop),
        window=tuple(clients.window),
        shipment=tuple(pairs),
        kind=tuple(kinds),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Terms:
    """What all parts of a model share.

    Loads with a dimension more for each requirement that some vehicle cannot keep; what a stop (N,), a pair (Q,), a
    vehicle's start, metre, second and second of overtime (V,) are worth or cost, in PyVRP's money.
    """

    problem: RoutingProblem
    origin: int
    last: int
    load: Ints
    fetched: Ints
    riding: Ints
    capacity: Ints
    required: Bools
    worth: Ints
    pair_required: Bools
    pair_worth: Ints
    rates: dict[str, Ints]

    @classmethod
    def of(cls, problem: RoutingProblem, *, coarse: bool) -> "_Terms":
        kinds, pairs = problem.vehicles, problem.pairs
        required = problem.stops.prize_minor == REQUIRED
        either = required[pairs.pickup] | required[pairs.delivery]
        single = np.where(required, 0, problem.stops.prize_minor - problem.stops.extra_minor)
        worth = SCALE * _grouped_worth(problem, required, single)
        pair_worth = SCALE * np.where(either, 0, single[pairs.pickup] + single[pairs.delivery])
        rates = {
            "fixed": SCALE * kinds.fixed_minor,
            "metre": SCALE * kinds.per_km_minor // 1000,
            "second": (SCALE * kinds.per_hour_minor + 1800) // 3600,
            "overtime": (SCALE * kinds.overtime_per_hour_minor + 1800) // 3600,
        }
        unit = max(1, int(np.gcd.reduce(np.concatenate([worth, pair_worth, *rates.values()])))) if coarse else 1
        origin = int(kinds.shift_start_at.min())
        load, fetched, riding, capacity = _with_skills(problem)
        return cls(
            problem=problem,
            origin=origin,
            last=int(kinds.shift_end_at.max()) - origin,
            load=load,
            fetched=fetched,
            riding=riding,
            capacity=capacity,
            required=required,
            worth=worth // unit,
            pair_required=either,
            pair_worth=pair_worth // unit,
            rates={name: rate // unit for name, rate in rates.items()},
        )

    def clock(self, at: int) -> int:
        """Return a moment in seconds from the origin, none before it."""
        return min(max(0, at - self.origin), LAST)


def _grouped_worth(problem: RoutingProblem, required: Bools, single: Ints) -> Ints:
    """Return what serving each stop is worth, before its route: the same less its extra for all stops of a group."""
    stops, worth = problem.stops, single.copy()
    for group in np.unique(stops.group[stops.group >= 0]).tolist():
        here = np.flatnonzero(stops.group == group)
        base = stops.extra_minor[here].max() if required[here].any() else stops.prize_minor[here].max()
        worth[here] = base - stops.extra_minor[here]
    return worth


def _with_skills(problem: RoutingProblem) -> tuple[Ints, Ints, Ints, Ints]:
    """Return loads, what is fetched, what rides in pairs, and capacities, with a dimension for each scarce skill."""
    stops, kinds, pairs = problem.stops, problem.vehicles, problem.pairs
    bits = np.arange(63)
    needs, has = stops.requirements[:, None] >> bits & 1, kinds.skills[:, None] >> bits & 1
    bound, digits = stops.vehicle >= 0, np.arange(len(kinds).bit_length())
    mine, own = stops.vehicle[:, None] >> digits & 1, np.arange(len(kinds))[:, None] >> digits & 1
    needs = np.hstack([needs, mine * bound[:, None], (1 - mine) * bound[:, None]])
    has = np.hstack([has, own, 1 - own])
    scarce = needs.any(axis=0) & ~has.all(axis=0)
    needs, has = needs[:, scarce], has[:, scarce]
    riding = pairs.load.reshape(len(pairs), kinds.capacity.shape[1])
    load = np.hstack([stops.load, needs])
    fetched = np.hstack([stops.pickup, np.zeros_like(needs)])
    riding = np.hstack([riding, needs[pairs.pickup] | needs[pairs.delivery]])
    return load, fetched, riding, np.hstack([np.minimum(kinds.capacity, NO_LIMIT), has * len(stops)])


def _visited(problem: RoutingProblem, terms: _Terms) -> Iterator[int]:
    """Yield the stops that are clients: in no pair, and not worth less than their extra cost."""
    paired = set(problem.pairs.pickup.tolist()) | set(problem.pairs.delivery.tolist())
    yield from (stop for stop in range(len(problem.stops)) if stop not in paired and terms.worth[stop] >= 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clients:
    """Clients as they are added, and PyVRP's groups: their members and whether one of them must be visited."""

    clients: list[pyvrp.Client] = field(default_factory=list)
    stop: list[int] = field(default_factory=list)
    window: list[tuple[int, int]] = field(default_factory=list)
    members: list[list[int]] = field(default_factory=list)
    must: list[bool] = field(default_factory=list)
    number: dict[int, int] = field(default_factory=dict)

    def add(self, terms: _Terms, stop: int) -> None:
        """Add a client for each window of a stop in which its parcels can be there."""
        stops, more = terms.problem.stops, terms.problem.windows
        further = np.flatnonzero(more.stop == stop)
        opens = [int(stops.start_at[stop]), *more.start_at[further].tolist()]
        closes = [int(stops.end_at[stop]), *more.end_at[further].tolist()]
        ready_at = max(terms.origin, int(stops.release_at[stop]))
        windows = [window for window in zip(opens, closes, strict=True) if window[1] >= ready_at]
        group = self._group(terms, stop, len(windows)) if windows else None
        for window in windows:
            if group is not None:
                self.members[group].append(len(self.clients))
            self.clients.append(_client(terms, stop, window, group))
            self.stop.append(stop)
            self.window.append(window)

    def _group(self, terms: _Terms, stop: int, windows: int) -> int | None:
        """Return the number of the group of a stop, a new one if it is the first of its group or has many windows."""
        group = int(terms.problem.stops.group[stop])
        if group < 0 and windows == 1:
            return None
        if group < 0:
            must = bool(terms.required[stop])
        elif group in self.number:
            return self.number[group]
        else:
            self.number[group] = len(self.members)
            must = bool(terms.required[terms.problem.stops.group == group].any())
        self.members.append([])
        self.must.append(must)
        return len(self.members) - 1


def _client(terms: _Terms, stop: int, window: tuple[int, int], group: int | None) -> pyvrp.Client:
    stops = terms.problem.stops
    return pyvrp.Client(
        location=terms.problem.place(stop),
        delivery=terms.load[stop].tolist(),
        pickup=terms.fetched[stop].tolist(),
        service_duration=int(stops.service_s[stop]),
        tw_early=terms.clock(window[0]),
        tw_late=terms.clock(window[1]),
        release_time=min(terms.last, terms.clock(int(stops.release_at[stop]))),
        prize=int(terms.worth[stop]),
        required=bool(terms.required[stop]) and group is None,
        group=group,
    )


def _shipment(terms: _Terms, pair: int) -> pyvrp.Shipment:
    stops, pairs = terms.problem.stops, terms.problem.pairs
    pickup, delivery = int(pairs.pickup[pair]), int(pairs.delivery[pair])
    return pyvrp.Shipment(
        pickup_location=terms.problem.place(pickup),
        delivery_location=terms.problem.place(delivery),
        pickup_tw_early=terms.clock(int(stops.start_at[pickup])),
        pickup_tw_late=terms.clock(int(stops.end_at[pickup])),
        pickup_service_duration=int(stops.service_s[pickup]),
        delivery_tw_early=terms.clock(int(stops.start_at[delivery])),
        delivery_tw_late=terms.clock(int(stops.end_at[delivery])),
        delivery_service_duration=int(stops.service_s[delivery]),
        amount=terms.riding[pair].tolist(),
        prize=int(terms.pair_worth[pair]),
        required=bool(terms.pair_required[pair]),
    )


def _depots(terms: _Terms) -> tuple[list[pyvrp.Depot], Ints]:
    """Return PyVRP's depots, and which of them each of ours is as the end of a route."""
    depots = terms.problem.depots
    found = [
        pyvrp.Depot(
            d,
            tw_early=terms.clock(int(depots.open_at[d])),
            tw_late=terms.clock(int(depots.close_at[d])),
            service_duration=int(depots.loading_s[d]),
        )
        for d in range(len(depots))
    ]
    ends = np.arange(len(depots))
    for d in np.flatnonzero(depots.open_at > terms.origin).tolist():
        ends[d] = len(found)
        found.append(pyvrp.Depot(d, tw_late=terms.clock(int(depots.close_at[d]))))
    return found, ends


def _vehicle_type(terms: _Terms, kind: int, ends: Ints) -> pyvrp.VehicleType:
    kinds = terms.problem.vehicles
    longest = min(int(kinds.max_duration_s[kind]), LAST)
    usual = min(int(kinds.overtime_after_s[kind]), longest) if terms.rates["overtime"][kind] else longest
    return pyvrp.VehicleType(
        num_available=int(kinds.count[kind]),
        capacity=terms.capacity[kind].tolist(),
        start_depot=int(kinds.start[kind]),
        end_depot=int(ends[kinds.end[kind]]),
        fixed_cost=int(terms.rates["fixed"][kind]),
        tw_early=int(kinds.shift_start_at[kind]) - terms.origin,
        tw_late=int(kinds.shift_end_at[kind]) - terms.origin,
        shift_duration=usual,
        max_distance=int(min(kinds.max_distance_m[kind], NO_LIMIT)),
        unit_distance_cost=int(terms.rates["metre"][kind]),
        unit_duration_cost=int(terms.rates["second"][kind]),
        profile=int(kinds.profile[kind]),
        reload_depots=[int(kinds.reload[kind])] if kinds.max_reloads[kind] else [],
        max_reloads=int(kinds.max_reloads[kind]),
        max_overtime=longest - usual,
        unit_overtime_cost=int(terms.rates["overtime"][kind]),
    )


def _tables(terms: _Terms, profile: int) -> tuple[SmallInts, SmallInts]:
    """Return metres and seconds among all places; where there is no road, longer than the last shift.

    Much longer would overflow PyVRP's penalties.
    """
    problem = terms.problem
    places = np.arange(len(problem.roads))
    metres, seconds = problem.roads.block(profile, places)
    gone = np.maximum(metres, seconds) >= UNREACHABLE
    if problem.stops.approach_s.any():
        seconds = seconds + approach_seconds(problem, places[:, None], places[None, :])
    if gone.any():
        metres = np.where(gone, metres[~gone].max(initial=0), metres)
        seconds = np.where(gone, terms.last + 1, seconds)
    return _without_loops(metres), _without_loops(seconds)


def _without_loops(table: SmallInts) -> SmallInts:
    """Return a table with nothing from a place to itself, as PyVRP asks for."""
    if np.diagonal(table).any():
        table = table.copy()
        np.fill_diagonal(table, 0)
    return table
