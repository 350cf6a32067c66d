"""Our engine behind the protocol: optimal on tiny problems, within every rule, repeatable, refusing what it lacks."""

from dataclasses import replace

import numpy as np
import pytest

from doorstep.foundation import AnyOf, InputError, Interrupt, Iterations
from doorstep.vehicle_routing import RoutePlan, RoutingProblem, SisrSolver, Stops, VehicleTypes, schedule_route
from doorstep.vehicle_routing.plan import MISSING_MINOR
from doorstep.vehicle_routing.problem import LAST, REQUIRED, Depots
from doorstep.vehicle_routing.roads import UNREACHABLE, PlaneRoads
from tests.trials import seeds
from tests.vehicle_routing.small_routes import Depot, Pair, Rest, Stop, Van, brute_force, routing, sound, with_roads

SEEDS = pytest.mark.parametrize("seed", seeds(3))


def random_stops(count: int, seed: int, *, prize: int = 1_500, window: int = 0) -> list[Stop]:
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        opens = int(rng.integers(0, 3_000)) if window else 0
        x, y, load, worth = (
            int(v) for v in (*rng.integers(-5_000, 5_000, 2), rng.integers(1, 4), rng.integers(200, 2 * prize))
        )
        around = (opens, opens + window) if window else (0, 36_000)
        found.append(Stop(x=x, y=y, load=load, prize=worth, window=around))
    return found


def solve(problem: RoutingProblem, *, iterations: int = 3_000, seed: int = 1) -> RoutePlan:
    return SisrSolver().solve(problem, Iterations(limit=iterations), seed=seed)


def check(problem: RoutingProblem, *, iterations: int = 3_000) -> RoutePlan:
    """Return the plan after comparing it with brute force."""
    plan = solve(problem, iterations=iterations)
    assert sound(problem, plan)
    assert plan.objective_minor(problem) == brute_force(problem).objective
    return plan


@SEEDS
@pytest.mark.parametrize("window", [0, 1_200])
def test_six_stops_and_one_van_are_planned_as_brute_force_plans_them(seed, window):
    check(routing(random_stops(6, seed, window=window), [Van(capacity=8)]))


def released(stops: list[Stop], seed: int) -> list[Stop]:
    ready = np.random.default_rng(seed).integers(0, 2_500, len(stops)).tolist()
    return [replace(stop, release=at) for stop, at in zip(stops, ready, strict=True)]


@SEEDS
def test_a_van_leaves_when_its_last_parcel_is_ready(seed):
    check(routing(released(random_stops(6, 30 + seed, window=2_400), seed), [Van(capacity=20)]))


@SEEDS
@pytest.mark.parametrize("window", [0, 2_400])
def test_a_van_that_reloads_is_planned_as_brute_force_plans_it(seed, window):
    check(routing(released(random_stops(5, 40 + seed, window=window), seed), [Van(capacity=5, reloads=1)]))


@SEEDS
def test_two_vans_of_which_one_reloads_share_what_becomes_ready(seed):
    stops = released(random_stops(5, 50 + seed, window=4_000), seed)
    vans = [Van(capacity=4, reloads=1, range_m=30_000), Van(capacity=6, longest=3_000, fixed=900)]
    check(routing(stops, vans), iterations=30_000)


def test_a_type_without_vehicles_that_could_reload_makes_no_trip():
    stops = random_stops(4, 65)
    check(routing(stops, [Van(capacity=5, reloads=1), Van(count=0, capacity=9, reloads=2, fixed=90_000)]))
    nobody = solve(routing(stops, [Van(count=0, reloads=1), Van(count=0)]))
    assert nobody.routes == ()


def test_a_plan_of_several_trips_is_taken_up_as_it_is():
    problem = routing(released(random_stops(6, 60, window=6_000), 3), [Van(capacity=4, reloads=2)])
    best = solve(problem, iterations=30_000)
    assert len(best.routes[0].trips) == 2
    again = SisrSolver().solve(problem, Iterations(limit=50), seed=9, start=best)
    assert again.objective_minor(problem) == best.objective_minor(problem)


@SEEDS
@pytest.mark.parametrize("window", [0, 2_000])
def test_what_is_fetched_takes_the_room_of_what_was_brought(seed, window):
    stops = random_stops(5, 70 + seed, window=window)
    fetched = np.random.default_rng(seed).integers(0, 4, 5).tolist()
    check(routing([replace(stop, pickup=more) for stop, more in zip(stops, fetched, strict=True)], [Van(capacity=7)]))


def rides(seed: int, *, window: int = 0, prize: int = 2_500) -> list[Stop]:
    """Return two pairs, from stop 0 to 1 and from 2 to 3, and two parcels from the depot."""
    stops = random_stops(6, seed, window=window, prize=prize)
    return [*(replace(stop, load=0) for stop in stops[:4]), *stops[4:]]


PAIRS = [Pair(pickup=0, delivery=1, load=4), Pair(pickup=2, delivery=3, load=5)]


@SEEDS
@pytest.mark.parametrize("window", [0, 2_500])
def test_pairs_ride_from_pickup_to_delivery_beside_other_parcels(seed, window):
    check(routing(rides(100 + seed, window=window), [Van(capacity=8)], pairs=PAIRS))


@SEEDS
def test_pairs_ride_on_one_of_two_vans(seed):
    vans = [Van(capacity=5, shift=(0, 4_000)), Van(capacity=9, fixed=800, longest=2_500)]
    check(routing(rides(120 + seed)[:5], vans, pairs=PAIRS), iterations=10_000)


@SEEDS
def test_pairs_ride_on_a_trip_of_a_van_that_reloads(seed):
    stops = released(rides(130 + seed, prize=4_000)[:5], seed)
    check(routing(stops, [Van(capacity=6, reloads=1)], pairs=PAIRS), iterations=10_000)


def near_best(problem: RoutingProblem, *, iterations: int = 10_000) -> None:
    """Compare a plan with brute force where a walk may take a rest or a start a little worse than the exact clock."""
    plan = solve(problem, iterations=iterations)
    assert sound(problem, plan)
    best = brute_force(problem).objective
    assert best <= plan.objective_minor(problem) <= 1.02 * best


@SEEDS
@pytest.mark.parametrize("window", [0, 1_500])
def test_a_van_is_slower_in_the_rush_hour(seed, window):
    traffic = [(0, 100), (700, 250), (1_900, 85)]
    check(routing(random_stops(6, 140 + seed, window=window), [Van(capacity=20)], traffic=traffic))


@SEEDS
def test_two_vans_of_different_speed_meet_the_same_traffic(seed):
    vans = [Van(capacity=6, profile=0), Van(capacity=6, profile=1, per_hour=1_800)]
    stops = random_stops(5, 150 + seed, window=2_500)
    check(routing(stops, vans, traffic=[(0, 120), (1_200, 90)], slower=[100, 140]))


@SEEDS
def test_a_stop_is_served_in_any_of_its_windows(seed):
    stops = random_stops(6, 160 + seed, window=400)
    opens = np.random.default_rng(seed).integers(1_500, 5_000, 6).tolist()
    near_best(routing([replace(s, more=((at, at + 500),)) for s, at in zip(stops, opens, strict=True)], [Van()]))


@SEEDS
def test_lateness_is_allowed_where_it_costs_less_than_the_detour(seed):
    stops = [replace(stop, due=(int(400 + 300 * n), 4_000)) for n, stop in enumerate(random_stops(6, 170 + seed))]
    check(routing(stops, [Van(capacity=20)]))


@SEEDS
def test_the_driver_rests_while_out(seed):
    rests = [Rest(earliest=600, latest=1_500, length=500)]
    near_best(routing(random_stops(6, 180 + seed, window=3_000), [Van(capacity=20)], rests=rests))


@SEEDS
def test_what_rides_does_not_ride_too_long(seed):
    pairs = [Pair(pickup=0, delivery=1, load=4, ride=900), Pair(pickup=2, delivery=3, load=5, ride=1_200)]
    near_best(routing(rides(190 + seed, window=4_000, prize=4_000), [Van(capacity=12)], pairs=pairs))


@SEEDS
def test_a_van_that_reloads_rests_and_meets_traffic(seed):
    stops = released(random_stops(5, 200 + seed, window=5_000), seed)
    rests, traffic = [Rest(earliest=1_000, latest=2_500, length=400)], [(0, 100), (1_500, 150)]
    near_best(routing(stops, [Van(capacity=5, reloads=1)], rests=rests, traffic=traffic))


@SEEDS
def test_who_is_in_the_building_already_walks_no_more(seed):
    stops = random_stops(6, 210 + seed)
    stops = [replace(stop, building=n % 2, approach=200, x=3_000 * (n % 2)) for n, stop in enumerate(stops)]
    check(routing(stops, [Van(capacity=20)], traffic=[(0, 110)]))


@SEEDS
def test_two_different_vans_are_planned_as_brute_force_plans_them(seed):
    vans = [Van(capacity=6, fixed=300), Van(capacity=9, fixed=800, per_km=60, shift=(200, 9_000))]
    check(routing(random_stops(6, 10 + seed, window=1_500), vans), iterations=10_000)


@SEEDS
def test_vans_start_and_end_at_their_depots_while_these_are_open(seed):
    depots = [Depot(hours=(100, 6_000)), Depot(x=4_000, y=-1_000, hours=(900, 9_000), loading=200), Depot(x=-3_000)]
    vans = [Van(capacity=8, start=0, end=1), Van(capacity=8, start=1, end=2, fixed=200)]
    check(routing(random_stops(5, 20 + seed), vans, depots=depots))


@SEEDS
def test_what_is_required_is_served_however_far(seed):
    stops = [
        replace(stop, prize=REQUIRED if n % 2 else stop.prize) for n, stop in enumerate(random_stops(6, 30 + seed))
    ]
    plan = check(routing(stops, [Van(capacity=20)]))
    assert plan.served() >= {1, 3, 5}


@SEEDS
def test_of_a_group_at_most_one_is_served_and_the_cheapest_in_all(seed):
    groups, extras = (0, 0, 1, 1, 1, -1), (0, 250, 700, 0, 250, 0)
    stops = random_stops(6, 40 + seed, prize=2_000)
    named = [replace(s, group=g, extra=e) for s, g, e in zip(stops, groups, extras, strict=True)]
    check(routing(named, [Van(capacity=8)]))


@SEEDS
def test_only_a_van_with_the_skill_brings_what_needs_it(seed):
    stops = [
        replace(stop, needs=seed_bit)
        for stop, seed_bit in zip(random_stops(6, 50 + seed), (1, 2, 3, 0, 1, 0), strict=True)
    ]
    check(routing(stops, [Van(capacity=8, skills=1), Van(capacity=8, skills=3, fixed=1_500)]))


@SEEDS
def test_no_route_is_out_longer_or_drives_farther_than_it_may(seed):
    check(routing(random_stops(6, 60 + seed), [Van(capacity=9, longest=2_500), Van(capacity=9, range_m=12_000)]))


@SEEDS
def test_overtime_costs_more(seed):
    check(routing(random_stops(6, 70 + seed), [Van(capacity=9, overtime=(1_500, 9_000)), Van(capacity=9)]))


@SEEDS
def test_each_type_has_the_roads_of_its_profile(seed):
    vans = [Van(capacity=8), Van(capacity=8, profile=1, fixed=400)]
    check(routing(random_stops(6, 80 + seed), vans, slower=[100, 60]))


def test_no_van_goes_where_there_is_no_road():
    def change(metres, seconds):
        metres[1, 2], seconds[:3, 3] = UNREACHABLE, UNREACHABLE

    problem = routing([Stop(x=1_000), Stop(x=2_000), Stop(x=3_000)], [Van()])
    assert check(with_roads(problem, change)).served() == {0, 1}


def test_where_not_all_that_is_required_fits_as_many_as_possible_are_served():
    problem = routing([Stop(x=1_000 * n, load=3, prize=REQUIRED) for n in range(1, 5)], [Van(capacity=7)])
    assert solve(problem).objective_minor(problem) // MISSING_MINOR == 2


def test_the_same_seed_and_iterations_give_the_same_plan_with_one_thread_and_with_two():
    problem = scattered(700, 1)
    patience = (AnyOf((Iterations(limit=20_000), Interrupt())) for _ in range(2))
    one, two = (SisrSolver(threads=n).solve(problem, stop, seed=7) for n, stop in enumerate(patience, start=1))
    assert one == two
    assert len(one.served()) == 700


def test_more_iterations_give_a_better_plan():
    problem = scattered(300, 2)
    few, many = (solve(problem, iterations=n).objective_minor(problem) for n in (10, 30_000))
    assert many < few


def test_it_is_never_worse_than_its_start():
    problem = routing(random_stops(6, 90), [Van(capacity=9)])
    best = solve(problem)
    start = SisrSolver().solve(problem, Iterations(limit=0), seed=3, start=best)
    assert start.objective_minor(problem) <= best.objective_minor(problem)


def test_nothing_to_bring_and_nobody_to_bring_it_need_no_route():
    assert solve(routing([], [Van()])).routes == ()
    assert solve(routing([Stop(x=1_000)], [])).routes == ()


def paired(pairs: list[Pair], load: int = 0, group: int = -1) -> RoutingProblem:
    return routing([Stop(x=1, load=load, group=group), Stop(x=2, load=0)], [Van()], pairs=pairs)


@pytest.mark.parametrize(
    ("problem", "name"),
    [
        (paired([Pair(pickup=0, delivery=1)], load=1), "loads at stops of pairs"),
        (paired([Pair(pickup=0, delivery=1)], group=3), "groups of stops of pairs"),
    ],
)
def test_what_it_does_not_plan_yet_is_refused_by_name(problem, name):
    with pytest.raises(InputError, match=name):
        solve(problem)


def scattered(count: int, seed: int) -> RoutingProblem:
    """Return stops in a plane that ten or so vans serve."""
    rng = np.random.default_rng(seed)
    none = np.zeros(count, dtype=np.int64)
    one = np.ones(1, dtype=np.int64)
    return RoutingProblem(
        stops=Stops(
            start_at=none,
            end_at=none + LAST - 1,
            release_at=none,
            service_s=none,
            load=rng.integers(1, 10, (count, 1)),
            prize_minor=none + REQUIRED,
            requirements=none,
        ),
        vehicles=VehicleTypes(
            count=one * count,
            capacity=one[:, None] * 200,
            skills=one * 0,
            shift_start_at=one * 0,
            shift_end_at=one * (LAST - 1),
            max_distance_m=one << 40,
            max_reloads=one * 0,
            fixed_minor=one * 0,
            per_km_minor=one * 1_000,
            per_hour_minor=one * 0,
        ),
        depots=Depots(open_at=one * 0, close_at=one * (LAST - 1), loading_s=one * 0),
        roads=PlaneRoads(x=rng.uniform(0, 1_000, count + 1), y=rng.uniform(0, 1_000, count + 1)),
    )


def test_every_route_of_a_plan_can_be_scheduled():
    problem = scattered(120, 3)
    plan = solve(problem)
    assert [schedule_route(problem, route.vehicle, route.trips) for route in plan.routes] == list(plan.routes)


def test_moments_of_today_in_epoch_seconds_and_parcels_ready_before_the_shift_are_no_trouble():
    today = 1_700_000_000
    stop = Stop(x=1_000, window=(today + 600, today + 900), release=today - 50)
    assert solve(routing([stop], [Van(shift=(today, today + 5_000))])).routes[0].service_at == ((today + 600,),)


def test_one_route_is_searched_whole_however_many_parts_are_asked_for():
    """Many stops and one van: the other part of the city is empty."""
    problem = scattered(520, 4)
    roomy = replace(problem, vehicles=replace(problem.vehicles, count=np.array([1]), capacity=np.array([[1 << 30]])))
    assert len(solve(roomy, iterations=2_000).served()) == 520


def test_a_start_that_reloads_is_never_driven_as_one_trip():
    """Both loads do not fit at once: our engine serves one of them, the start that it is given both."""
    problem = routing([Stop(x=1_000, load=3), Stop(x=2_000, load=3)], [Van(capacity=4, reloads=1)])
    route = schedule_route(problem, 0, [[0], [1]])
    assert route is not None
    start = RoutePlan(routes=(route,))
    assert SisrSolver().solve(problem, Iterations(limit=500), seed=1, start=start) == start


@pytest.mark.parametrize("seed", [1, 2])
def test_two_full_vehicles_are_given_up_for_one_that_costs_less_though_no_stop_alone_would_move(seed):
    doors = np.random.default_rng(seed).integers(-3_000, 3_000, (60, 2)).tolist()
    own, hired = Van(capacity=60, fixed=0, per_km=65), Van(count=2, capacity=30, fixed=1_500, per_km=15)
    problem = routing([Stop(x=x, y=y, load=1, prize=2_000) for x, y in doors], [own, hired])
    full = [schedule_route(problem, 1, [list(range(first, first + 30))]) for first in (0, 30)]
    start = RoutePlan(routes=tuple(route for route in full if route is not None))
    plan = SisrSolver().solve(problem, Iterations(limit=6_000), seed=seed, start=start)
    assert sound(problem, plan)
    assert [(route.vehicle, len(route.stops)) for route in plan.routes] == [(0, 60)]
