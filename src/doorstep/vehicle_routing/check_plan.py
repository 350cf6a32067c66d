"""Recomputes a plan from the problem alone: who is served, loads, clock, limits and cost, in exact numbers.

Nothing here is shared with an engine, with the schedule or with the plan's own cost. ``check_clock`` says how the
clock is read.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import floor

from doorstep.vehicle_routing.check_clock import Book, Leg, clock_faults
from doorstep.vehicle_routing.plan import RoutePlan, VehicleRoute
from doorstep.vehicle_routing.problem import REQUIRED, RoutingProblem
from doorstep.vehicle_routing.roads import UNREACHABLE


def check_plan(problem: RoutingProblem, plan: RoutePlan, *, require_all: bool = False) -> list[str]:
    """Return one sentence for each broken rule, none for a plan that keeps them all.

    Parameters
    ----------
    require_all
        Whether it is a fault that a stop is left out that must be served; otherwise that is for the caller to explain.
    """
    book, served = Book.of(problem), _served(plan)
    missing = [what for what, prize in _left_out(book, served) if prize == REQUIRED]
    faults = [*_coverage_faults(book, served), *_pair_faults(book, plan), *_fleet_faults(book, plan)]
    if require_all:
        faults += [f"{what} must be served and is not." for what in missing]
    for number, route in enumerate(plan.routes):
        found = list(_shape_faults(book, route)) or _route_faults(book, route)
        faults += [f"route {number}: {fault}" for fault in found]
    if not faults and not missing:
        own, exact = plan.objective_minor(problem), _objective(book, plan)
        faults += [f"the plan says that it costs {own}, by the rules it costs {exact}."] * (own != exact)
    return faults


def cost_of(problem: RoutingProblem, route: VehicleRoute) -> int:
    """Return what a route costs: fixed, distance, time, overtime, lateness, each rounded half up once, and extras."""
    book = Book.of(problem)
    return _cost(book, route, book.legs(route))


def objective_of(problem: RoutingProblem, plan: RoutePlan) -> int:
    """Return what the routes cost, and the prizes of what is left out; what must be served and is not costs nothing."""
    return _objective(Book.of(problem), plan)


def _shape_faults(book: Book, route: VehicleRoute) -> Iterator[str]:
    """Yield what makes it impossible to look any further at a route."""
    types, count = len(book.problem.vehicles), len(book.problem.stops)
    if not 0 <= route.vehicle < types:
        yield f"vehicle {route.vehicle} is not one of {types} types."
    for stop in route.stops:
        if not 0 <= stop < count:
            yield f"stop {stop} is not one of {count} stops."
    if not route.trips:
        yield "it has no trip."
    shape = [len(trip) for trip in route.trips]
    for name, times in (("arrive_at", route.arrive_at), ("service_at", route.service_at)):
        if [len(row) for row in times] != shape:
            yield f"{name} has {[len(row) for row in times]} moments, its trips have {shape} stops."
    if len(route.load_at) != len(shape):
        yield f"load_at has {len(route.load_at)} moments for {len(shape)} trips."


def _served(plan: RoutePlan) -> Counter[int]:
    return Counter(stop for route in plan.routes for trip in route.trips for stop in trip)


def _coverage_faults(book: Book, served: Counter[int]) -> Iterator[str]:
    """Yield a sentence for each stop that is served twice, and for each group of which two are."""
    yield from (f"stop {stop} is served {times} times." for stop, times in served.items() if times > 1)
    groups: dict[int, list[int]] = defaultdict(list)
    for stop in served:
        if 0 <= stop < len(book.load) and book.at("group", stop) >= 0:
            groups[book.at("group", stop)].append(stop)
    for group, stops in groups.items():
        if len(stops) > 1:
            yield f"stops {sorted(stops)} are served, of group {group} at most one may be."


def _left_out(book: Book, served: Counter[int]) -> Iterator[tuple[str, int]]:
    """Yield each stop and group left out, with its prize, ``REQUIRED`` if it must be served."""
    groups: dict[int, list[int]] = defaultdict(list)
    for stop, prize in enumerate(book.columns["prize_minor"]):
        if book.at("group", stop) >= 0:
            groups[book.at("group", stop)].append(stop)
        elif stop not in served:
            yield f"stop {stop}", prize
    for group, stops in groups.items():
        if not any(stop in served for stop in stops):
            prizes = [book.at("prize_minor", stop) for stop in stops]
            yield f"one of group {group}", REQUIRED if REQUIRED in prizes else max(prizes)


def _pair_faults(book: Book, plan: RoutePlan) -> Iterator[str]:
    """Yield a sentence for each pair that is not served as one; how long the ride may take is judged on its route."""
    where = {
        stop: (number, trip, place)
        for number, route in enumerate(plan.routes)
        for trip, stops in enumerate(route.trips)
        for place, stop in enumerate(stops)
        if stop in book.pair_of
    }
    for pair, (pickup, delivery) in enumerate(book.pairs):
        begin, end = where.get(pickup), where.get(delivery)
        if begin is None and end is None:
            continue
        if begin is None or end is None:
            done, left = (delivery, pickup) if begin is None else (pickup, delivery)
            yield f"pair {pair}: stop {done} is served, stop {left} is not."
        elif begin[:2] != end[:2]:
            yield f"pair {pair}: stops {pickup} and {delivery} are on different trips."
        elif begin > end:
            yield f"pair {pair}: stop {delivery} comes before stop {pickup}."


def _fleet_faults(book: Book, plan: RoutePlan) -> Iterator[str]:
    counts = book.problem.vehicles.count.tolist()
    for vehicle, out in sorted(Counter(route.vehicle for route in plan.routes).items()):
        if 0 <= vehicle < len(counts) and out > counts[vehicle]:
            yield f"{out} routes have vehicle {vehicle}, of which there are {counts[vehicle]}."


def _route_faults(book: Book, route: VehicleRoute) -> list[str]:
    """Return the faults of a route whose shape is right."""
    legs = book.legs(route)
    faults = list(_limit_faults(book, route, legs))
    skills = book.vehicle("skills", route)
    for stop in route.stops:
        needs = book.at("requirements", stop)
        if needs & ~skills:
            faults.append(f"stop {stop} requires {needs:#b}, the vehicle's skills are {skills:#b}.")
        only = book.at("vehicle", stop)
        if only not in (-1, route.vehicle):
            faults.append(f"stop {stop} is for vehicle {only} alone, this is vehicle {route.vehicle}.")
    for number, trip in enumerate(route.trips):
        faults += [f"trip {number} {fault}" for fault in _load_faults(book, route, trip)]
    faults += _ride_faults(book, route)
    faults += clock_faults(book, route, legs)
    own, exact = route.cost_minor(book.problem), _cost(book, route, legs)
    if own != exact:
        faults.append(f"it says that it costs {own}, by the rules it costs {exact}.")
    return faults


def _limit_faults(book: Book, route: VehicleRoute, legs: Sequence[Sequence[Leg]]) -> Iterator[str]:
    for way in legs:
        for leg in way:
            if max(leg.metres, leg.seconds) >= UNREACHABLE:
                yield f"there is no way from place {leg.origin} to place {leg.target}."
    metres = sum(leg.metres for way in legs for leg in way)
    lasts = route.end_at - route.load_at[0]
    for figure, most, words in (
        (metres, "max_distance_m", "it drives {0} m, at most {1} m are allowed."),
        (lasts, "max_duration_s", "it lasts {0} s, at most {1} s are allowed."),
        (len(route.trips) - 1, "max_reloads", "it reloads {0} times, at most {1} times are allowed."),
    ):
        if figure > book.vehicle(most, route):
            yield words.format(figure, book.vehicle(most, route))
    opens, closes = book.vehicle("shift_start_at", route), book.vehicle("shift_end_at", route)
    if route.load_at[0] < opens:
        yield f"it begins at {route.load_at[0]}, before its shift at {opens}."
    if route.end_at > closes:
        yield f"it is back at {route.end_at}, after its shift at {closes}."


def _load_faults(book: Book, route: VehicleRoute, trip: Sequence[int]) -> Iterator[str]:
    """Yield a sentence for each dimension in which a trip carries too much at some moment, at its fullest."""
    riding: dict[int, int] = {}
    places = {stop: place for place, stop in enumerate(trip)}
    for pickup, delivery in _pairs_on(book, trip):
        if places[pickup] < places[delivery]:
            riding |= {pickup: 1, delivery: -1}
    for dimension, most in enumerate(book.problem.vehicles.capacity[route.vehicle].tolist()):
        board = [sum(book.load[stop][dimension] for stop in trip)]
        for stop in trip:
            paired = int(book.problem.pairs.load[book.pair_of[stop], dimension]) if stop in riding else 0
            change = book.pickup[stop][dimension] - book.load[stop][dimension] + riding.get(stop, 0) * paired
            board.append(board[-1] + change)
        if max(board) > most:
            place = board.index(max(board))
            when = f"after stop {trip[place - 1]}" if place else "at its start"
            yield f"carries {max(board)} of dimension {dimension} {when}, at most {most} are allowed."


def _pairs_on(book: Book, trip: Sequence[int]) -> list[tuple[int, int]]:
    """Return pickup and delivery of the pairs of which both are on a trip."""
    found = Counter(book.pair_of[stop] for stop in set(trip) if stop in book.pair_of)
    return [book.pairs[pair] for pair, ends in sorted(found.items()) if ends == 2]


def _ride_faults(book: Book, route: VehicleRoute) -> Iterator[str]:
    for trip, times in zip(route.trips, route.service_at, strict=True):
        begins = dict(zip(trip, times, strict=True))
        for pickup, delivery in _pairs_on(book, trip):
            pair = book.pair_of[pickup]
            ride = begins[delivery] - begins[pickup] - book.at("service_s", pickup)
            most = int(book.problem.pairs.max_ride_s[pair])
            if ride > most:
                yield f"what pair {pair} carries rides for {ride} s, at most {most} s are allowed."


def _objective(book: Book, plan: RoutePlan) -> int:
    prizes = sum(prize for _, prize in _left_out(book, _served(plan)) if prize != REQUIRED)
    return prizes + sum(_cost(book, route, book.legs(route)) for route in plan.routes)


def _cost(book: Book, route: VehicleRoute, legs: Sequence[Sequence[Leg]]) -> int:
    metres = sum(leg.metres for way in legs for leg in way)
    worked = route.end_at - route.load_at[0]
    over = max(0, worked - book.vehicle("overtime_after_s", route))
    late = 0
    for trip, times in zip(route.trips, route.service_at, strict=True):
        for stop, at in zip(trip, times, strict=True):
            late += max(0, at - book.at("due_at", stop)) * book.at("late_per_hour_minor", stop)
    return (
        book.vehicle("fixed_minor", route)
        + _half_up(Fraction(metres * book.vehicle("per_km_minor", route), 1000))
        + _half_up(Fraction(worked * book.vehicle("per_hour_minor", route), 3600))
        + _half_up(Fraction(over * book.vehicle("overtime_per_hour_minor", route), 3600))
        + _half_up(Fraction(late, 3600))
        + sum(book.at("extra_minor", stop) for trip in route.trips for stop in trip)
    )


def _half_up(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))
