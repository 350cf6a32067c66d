"""PyVRP behind the protocol: optimal on tiny problems, within every rule, never worse than its start, repeatable."""

from dataclasses import asdict, replace

import numpy as np
import pytest

from doorstep.foundation import InputError, Iterations
from doorstep.foundation.arrays import Ints
from doorstep.vehicle_routing import PyVrpSolver, RoutePlan, RoutingProblem, schedule_route
from doorstep.vehicle_routing.plan import EMPTY, MISSING_MINOR
from doorstep.vehicle_routing.problem import REQUIRED
from doorstep.vehicle_routing.pyvrp_model import as_model, unsupported
from doorstep.vehicle_routing.roads import UNREACHABLE
from tests.trials import seeds
from tests.vehicle_routing.small_routes import Depot, Pair, Rest, Stop, Van, brute_force, routing, sound, with_roads


def solve(
    problem: RoutingProblem, *, iterations: int = 200, seed: int = 1, start: RoutePlan | None = None
) -> RoutePlan:
    return PyVrpSolver().solve(problem, Iterations(limit=iterations), seed=seed, start=start)


def random_stops(count: int, seed: int, *, prize: int = 1_500, window: int = 0) -> list[Stop]:
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        opens = int(rng.integers(0, 3_000)) if window else 0
        x, y, load, release = (
            int(v) for v in (*rng.integers(-5_000, 5_000, 2), rng.integers(1, 4), rng.integers(0, 500))
        )
        around = (opens, opens + window) if window else (0, 36_000)
        found.append(Stop(x=x, y=y, load=load, release=release, prize=int(rng.integers(200, 2 * prize)), window=around))
    return found


@pytest.mark.parametrize("seed", seeds(4))
@pytest.mark.parametrize("window", [0, 1_200])
def test_six_stops_and_one_van_are_planned_as_brute_force_plans_them(seed, window):
    problem = routing(random_stops(6, seed, window=window), [Van(capacity=8)])
    plan = solve(problem)
    assert sound(problem, plan)
    assert plan.objective_minor(problem) == brute_force(problem).objective


@pytest.mark.parametrize("seed", seeds(3))
def test_six_stops_and_two_different_vans_are_planned_as_brute_force_plans_them(seed):
    vans = [Van(capacity=6, fixed=300), Van(capacity=9, fixed=800, per_km=60, shift=(200, 9_000))]
    problem = routing(random_stops(6, 10 + seed, window=1_500), vans)
    plan = solve(problem)
    assert sound(problem, plan)
    assert plan.objective_minor(problem) == brute_force(problem).objective


@pytest.mark.parametrize("seed", seeds(2))
def test_a_small_van_that_may_reload_is_planned_as_brute_force_plans_it(seed):
    problem = routing(random_stops(5, 20 + seed, prize=4_000), [Van(capacity=5, reloads=1)])
    plan = solve(problem, iterations=3_000)
    assert sound(problem, plan)
    assert plan.objective_minor(problem) == brute_force(problem).objective


def test_a_stop_is_left_to_its_alternative_when_that_is_cheaper():
    """Out and home: 500 for the van, 200 for 2 km, 360 for 360 s."""
    for prize, served in ((1_061, {0}), (1_059, set())):
        problem = routing([Stop(x=1_000, prize=prize)], [Van()])
        plan = solve(problem)
        assert plan.served() == served
        assert plan.objective_minor(problem) == min(prize, 1_060)


def test_a_van_that_must_load_twice_reloads():
    problem = routing([Stop(x=1_000, load=3), Stop(x=1_200, load=3)], [Van(capacity=3, reloads=1)])
    plan = solve(problem, iterations=5_000)
    assert plan.served() == {0, 1}
    assert [len(route.trips) for route in plan.routes] == [2]


def test_a_reload_is_found_with_the_patience_of_the_corridor():
    problem = routing([Stop(x=1_000, load=3), Stop(x=1_200, load=3)], [Van(capacity=3, reloads=1)])
    assert solve(problem, iterations=100).served() == {0, 1}


def test_without_reloads_the_second_load_stays():
    problem = routing([Stop(x=1_000, load=3, prize=9_000), Stop(x=1_200, load=3, prize=8_000)], [Van(capacity=3)])
    assert solve(problem).served() == {0}


def test_only_a_van_with_the_skill_brings_what_needs_it():
    stops = [Stop(x=1_000, needs=0b01), Stop(x=1_100, needs=0b10), Stop(x=1_200, needs=0b11)]
    problem = routing(stops, [Van(skills=0b01, fixed=0), Van(skills=0b10, fixed=0)])
    plan = solve(problem)
    assert sound(problem, plan)
    assert plan.served() == {0, 1}
    able = routing(stops, [Van(skills=0b11, fixed=0)])
    assert solve(able).served() == {0, 1, 2}


def test_a_van_does_not_drive_beyond_its_range():
    stops = [Stop(x=1_000), Stop(x=4_000)]
    assert solve(routing(stops, [Van(range_m=8_000)])).served() == {0, 1}
    assert solve(routing(stops, [Van(range_m=7_999)])).served() == {0}


def test_no_more_vans_leave_than_there_are():
    stops = [Stop(x=1_000 * (n + 1), window=(160 + 100 * n, 160 + 100 * n)) for n in range(4)]
    problem = routing(stops, [Van(count=2, fixed=0)])
    plan = solve(problem)
    assert sound(problem, plan)
    assert len(plan.routes) == 2
    assert len(plan.served()) == 2  # each closes as the van passes the one before


def test_a_window_that_nobody_can_reach_leaves_its_stop_out():
    problem = routing([Stop(x=1_000), Stop(x=9_000, window=(0, 100))], [Van()])
    assert solve(problem).served() == {0}


@pytest.mark.parametrize("prize", [200_000, 5_000_000, 2_000_000_000])
def test_prizes_beyond_the_usual_ceiling_of_penalties_do_not_break_it(prize):
    stops = [Stop(x=500 * (n + 1), y=300 * n, prize=prize, load=2, window=(0, 3_000)) for n in range(6)]
    problem = routing(stops, [Van(capacity=6, count=2)])
    plan = solve(problem, iterations=300)
    assert sound(problem, plan)
    assert plan.served() == set(range(6))


def test_moments_of_today_in_epoch_seconds_do_not_break_it():
    base = 1_772_546_400
    stops = [Stop(x=1_000 * n, window=(base, base + 9_000), release=base + 60) for n in (1, 2, 3)]
    problem = routing(stops, [Van(shift=(base, base + 36_000))])
    plan = solve(problem)
    assert plan.served() == {0, 1, 2}
    assert plan.routes[0].start_at == base + 60


def first_come(problem: RoutingProblem) -> RoutePlan:
    """Stops one by one on the first van, two a trip at most."""
    route = schedule_route(problem, 0, [[0, 1]])
    assert route is not None
    return RoutePlan(routes=(route,))


@pytest.mark.parametrize("iterations", [0, 1, 30])
@pytest.mark.parametrize("seed", [1, 2])
def test_it_is_never_worse_than_its_start(iterations, seed):
    problem = routing(random_stops(8, 30 + seed), [Van(capacity=20)])
    start = first_come(problem)
    assert solve(problem, iterations=iterations, seed=seed, start=start).objective_minor(
        problem
    ) <= start.objective_minor(problem)


def test_it_is_never_worse_than_leaving_every_stop_out():
    problem = routing([Stop(x=5_000, prize=10), Stop(x=-5_000, prize=10)], [Van()])
    assert solve(problem, iterations=1).objective_minor(problem) == 20


def test_a_start_with_reloads_is_understood():
    problem = routing([Stop(x=1_000, load=3), Stop(x=1_200, load=3)], [Van(capacity=3, reloads=1)])
    route = schedule_route(problem, 0, [[1], [0]])
    assert route is not None
    start = RoutePlan(routes=(route,))
    assert solve(problem, iterations=5, start=start).objective_minor(problem) <= start.objective_minor(problem)


def test_the_same_seed_and_iterations_give_the_same_plan():
    problem = routing(random_stops(14, 40, prize=3_000), [Van(capacity=12, count=2, reloads=1)])
    plans = [solve(problem, iterations=60, seed=7) for _ in range(2)]
    assert plans[0] == plans[1]


def test_nothing_to_bring_and_nobody_to_bring_it_need_no_route():
    assert solve(routing([], [Van()])).routes == ()
    nobody = routing([Stop(x=1_000)], [])
    assert solve(nobody).objective_minor(nobody) == 10_000


def check(problem: RoutingProblem, *, iterations: int = 400) -> RoutePlan:
    """Return the plan after comparing it with brute force."""
    plan = solve(problem, iterations=iterations)
    assert sound(problem, plan)
    assert plan.objective_minor(problem) == brute_force(problem).objective
    return plan


SEEDS = pytest.mark.parametrize("seed", seeds(3))


def varied(stops: list[Stop], seed: int, **columns: tuple[int, ...]) -> list[Stop]:
    """Return stops with some fields drawn from given values."""
    rng = np.random.default_rng(100 + seed)
    drawn = [{name: int(rng.choice(values)) for name, values in columns.items()} for _ in stops]
    return [Stop(**{**asdict(stop), **fields}) for stop, fields in zip(stops, drawn, strict=True)]


@SEEDS
def test_vans_start_and_end_at_their_depots_while_these_are_open(seed):
    depots = [Depot(hours=(100, 6_000)), Depot(x=4_000, y=-1_000, hours=(900, 9_000), loading=200), Depot(x=-3_000)]
    vans = [Van(capacity=8, start=0, end=1), Van(capacity=8, start=1, end=2, fixed=200)]
    check(routing(random_stops(5, 50 + seed, window=2_500), vans, depots=depots))


def test_a_van_that_returns_before_a_depot_opens_does_not_wait_for_it():
    depots = [Depot(), Depot(x=5_000, hours=(30_000, 40_000))]
    assert check(routing([Stop(x=1_000, window=(0, 300))], [Van(end=1)], depots=depots)).served() == {0}


def test_loading_takes_as_long_as_at_its_depot_and_begins_and_ends_in_its_hours():
    for closes, served in ((360, {0}), (359, set())):
        problem = routing([Stop(x=1_000), Stop(x=3_000)], [Van()], depots=[Depot(hours=(0, closes))])
        assert check(problem).served() == served
    stops = [Stop(x=1_000, window=(0, 400)), Stop(x=3_000, window=(0, 800))]
    found = {}
    for loading, opens, closes in ((0, 300, 1_000), (1, 300, 1_000), (0, 300, 1_100), (1, 301, 2_000)):
        depot = Depot(loading=loading, hours=(opens, closes))
        found[loading, opens, closes] = check(routing(stops, [Van()], depots=[depot])).served()
    assert list(found.values()) == [{0}, set(), {0, 1}, {1}]  # 400 s to the first; home from the second at 1,000 s


@SEEDS
def test_reloads_are_at_the_start_depot(seed):
    depots = [Depot(x=-2_000), Depot(x=500, loading=30)]
    stops = random_stops(5, 60 + seed, prize=4_000)
    plan = check(routing(stops, [Van(capacity=5, reloads=1, start=1)], depots=depots), iterations=3_000)
    assert [len(route.trips) for route in plan.routes] == [2]


@SEEDS
def test_each_type_has_the_roads_of_its_profile(seed):
    vans = [Van(capacity=6, profile=1, fixed=100), Van(capacity=6, profile=0, fixed=400)]
    check(routing(random_stops(5, 70 + seed, window=2_000), vans, slower=[100, 170]))


@SEEDS
def test_what_is_fetched_needs_the_room_that_deliveries_leave(seed):
    stops = varied(random_stops(6, 80 + seed, prize=3_000), seed, pickup=(0, 1, 3))
    check(routing(stops, [Van(capacity=8)]))


def test_a_van_can_fetch_as_much_as_it_has_brought():
    both = [Stop(x=1_000, load=3), Stop(x=1_200, load=0, pickup=3)]
    assert check(routing(both, [Van(capacity=3)])).routes[0].trips == ((0, 1),)


@SEEDS
def test_pairs_are_served_together_on_one_trip(seed):
    rng = np.random.default_rng(seed)
    stops = varied(random_stops(6, 90 + seed, window=4_000, prize=2_500), seed, needs=(0, 0, 1))
    stops[:4] = [replace(stop, load=0, release=0) for stop in stops[:4]]
    pairs = [Pair(pickup=0, delivery=1, load=4), Pair(pickup=2, delivery=3, load=int(rng.integers(1, 5)))]
    check(routing(stops, [Van(capacity=6), Van(capacity=5, skills=1, fixed=300)], pairs=pairs), iterations=800)


def test_a_pair_with_a_required_end_is_served_whole():
    stops = [Stop(x=9_000, load=0, prize=REQUIRED), Stop(x=-9_000, load=0, prize=0), Stop(x=1_000, prize=1)]
    plan = check(routing(stops, [Van()], pairs=[Pair(pickup=0, delivery=1)]))
    assert plan.served() == {0, 1}


@SEEDS
def test_what_is_required_is_served_however_far(seed):
    stops = varied(random_stops(6, 110 + seed, prize=1_000, window=4_000), seed, prize=(REQUIRED, 300, 2_000))
    check(routing(stops, [Van(capacity=8), Van(capacity=7)]))


def test_where_not_all_that_is_required_can_be_served_the_best_known_plan_comes_back():
    problem = routing([Stop(x=1_000, prize=REQUIRED), Stop(x=9_000, prize=REQUIRED, window=(0, 100))], [Van()])
    assert solve(problem) == EMPTY
    assert EMPTY.objective_minor(problem) == 2 * MISSING_MINOR
    start = first_of(problem)
    assert solve(problem, start=start) == start


def first_of(problem: RoutingProblem) -> RoutePlan:
    route = schedule_route(problem, 0, [[0]])
    assert route is not None
    return RoutePlan(routes=(route,))


@SEEDS
def test_one_of_a_group_is_served_at_most_and_the_cheapest_in_all(seed):
    stops = varied(random_stops(6, 120 + seed, prize=2_000), seed, extra=(0, 250, 700))
    stops = [replace(stop, group=group) for stop, group in zip(stops, (0, 0, 1, 1, 1, -1), strict=True)]
    check(routing(stops, [Van(capacity=8)]))


@SEEDS
def test_a_group_with_a_required_stop_is_served(seed):
    stops = varied(random_stops(5, 130 + seed, prize=400), seed, extra=(0, 300, 900))
    stops = [replace(stop, group=0 if n < 3 else -1) for n, stop in enumerate(stops)]
    stops[0] = replace(stops[0], prize=REQUIRED)
    assert check(routing(stops, [Van(capacity=8)])).served() & {0, 1, 2}


@SEEDS
def test_what_a_stop_costs_besides_counts_against_its_prize(seed):
    stops = varied(random_stops(6, 140 + seed), seed, extra=(0, 600, 5_000), prize=(400, 1_500, REQUIRED))
    check(routing(stops, [Van(capacity=9)]))


def test_a_stop_on_the_way_is_left_where_it_costs_too_much_besides():
    for extra, served in ((49, {0, 1}), (51, {0})):  # its service costs 100
        assert check(routing([Stop(x=1_000), Stop(x=1_000, prize=150, extra=extra)], [Van()])).served() == served


@SEEDS
@pytest.mark.parametrize("prize", [2_000, REQUIRED])
def test_a_stop_is_served_in_any_of_its_windows(seed, prize):
    """Time is free here: the clock takes the earliest windows, PyVRP those that cost least time."""
    stops = random_stops(5, 150 + seed, window=300)
    stops = [replace(s, more=((4_000 + 700 * n, 4_300 + 700 * n), (20_000, 30_000))) for n, s in enumerate(stops)]
    stops[1] = replace(stops[1], prize=prize)
    check(routing(stops, [Van(capacity=9, per_hour=0, shift=(0, 12_000))]))


def test_windows_of_a_group_are_of_one_stop():
    home = Stop(x=2_000, window=(0, 100), more=((5_000, 6_000),), group=3)
    locker = Stop(x=500, window=(0, 50), more=((9_000, 9_500),), group=3, extra=150)
    assert check(routing([home, locker], [Van(per_hour=0)])).served() == {1}
    assert check(routing([home, replace(locker, extra=350)], [Van(per_hour=0)])).served() == {0}


@SEEDS
def test_no_route_is_out_for_longer_than_it_may(seed):
    check(routing(random_stops(6, 160 + seed, prize=3_000, window=3_000), [Van(longest=1_300), Van(longest=1_000)]))


@SEEDS
def test_overtime_costs_more_up_to_the_longest_duration(seed):
    vans = [Van(overtime=(800, 7_200), longest=1_800), Van(capacity=5, overtime=(1_000, 1_800))]
    check(routing(random_stops(6, 170 + seed, prize=3_000), vans))


@SEEDS
def test_the_last_steps_are_saved_within_a_building(seed):
    stops = varied(random_stops(6, 180 + seed, window=2_500), seed, building=(-1, 1, 2), approach=(0, 100, 300))
    check(routing(stops, [Van(capacity=9)]))


def test_no_van_goes_where_there_is_no_road():
    def change(metres: Ints, seconds: Ints) -> None:
        metres[1, 2], seconds[:3, 3] = UNREACHABLE, UNREACHABLE

    problem = routing([Stop(x=1_000), Stop(x=2_000), Stop(x=3_000)], [Van()])
    assert check(with_roads(problem, change)).served() == {0, 1}


def test_types_without_vehicles_and_parcels_that_come_too_late_are_no_trouble():
    problem = routing([Stop(x=1_000), Stop(x=2_000, window=(0, 300), release=301)], [Van(count=0, fixed=0), Van()])
    assert [(route.vehicle, route.stops) for route in solve(problem).routes] == [(1, (0,))]
    too_late = routing([Stop(x=1_000, window=(0, 300), release=301)], [Van()])
    assert solve(too_late) == EMPTY


@pytest.mark.parametrize("tuned", [True, False])
def test_with_its_own_parameters_it_finds_the_best_of_a_tiny_problem_as_well(tuned):
    problem = routing(random_stops(6, 3, window=1_200), [Van(capacity=8)])
    plan = PyVrpSolver(tuned=tuned).solve(problem, Iterations(limit=300), seed=1)
    assert plan.objective_minor(problem) == brute_force(problem).objective


def test_for_the_peer_money_is_counted_in_the_coarsest_unit():
    problem = routing([Stop(x=1_000, prize=REQUIRED)], [Van(fixed=0, per_km=1_000, per_hour=0)])
    assert [as_model(problem, coarse=c).data.vehicle_type(0).unit_distance_cost for c in (False, True)] == [1_000, 1]


@SEEDS
def test_a_start_of_any_kind_is_understood_and_kept_without_iterations(seed):
    stops = varied(random_stops(6, 190 + seed, prize=3_000), seed, extra=(0, 40))
    stops[:2] = [replace(stop, load=0, release=0) for stop in stops[:2]]
    stops[2] = replace(stops[2], more=((20_000, 25_000),))
    stops[3:5] = [replace(stop, group=5) for stop in stops[3:5]]
    problem = routing(stops, [Van(capacity=4, reloads=1, end=1)], depots=[Depot(), Depot(x=900, hours=(500, 36_000))],
                      pairs=[Pair(pickup=0, delivery=1)])  # fmt: skip
    start = check(problem, iterations=3_000)
    again = as_model(problem)
    assert again.as_plan(again.as_solution(start)) == start
    assert solve(problem, iterations=0, start=start) == start


PAIRED = [Stop(x=1_000, load=0), Stop(x=2_000, load=0), Stop(x=3_000)]


def test_what_it_can_express_is_supported():
    problem = routing(PAIRED, [Van()], pairs=[Pair(pickup=0, delivery=1, ride=36_000)], traffic=[(0, 100)])
    assert unsupported(problem) == ()
    assert unsupported(routing([], [])) == ()


@pytest.mark.parametrize(
    ("problem", "name"),
    [
        (routing(PAIRED, [Van()], rests=[Rest(earliest=0, latest=9, length=9)]), "breaks"),
        (routing(PAIRED, [Van()], traffic=[(0, 100), (500, 120)]), "traffic"),
        (routing([Stop(x=1_000, due=(500, 60))], [Van()]), "costs of lateness"),
        (routing(PAIRED, [Van()], pairs=[Pair(pickup=0, delivery=1, ride=35_999)]), "limits of rides"),
        (routing(PAIRED, [Van()], pairs=[Pair(pickup=0, delivery=2)]), "pairs that also load from the depot"),
        (routing([Stop(x=1, load=0, group=1), *PAIRED[1:]], [Van()], pairs=[Pair(pickup=0, delivery=1)]),
         "pairs in groups"),
        (routing([Stop(x=1, load=0, more=((1, 2),)), *PAIRED[1:]], [Van()], pairs=[Pair(pickup=0, delivery=1)]),
         "pairs with several windows"),
        (routing([Stop(x=1, load=0, release=9), *PAIRED[1:]], [Van()], pairs=[Pair(pickup=0, delivery=1)]),
         "pairs with releases"),
    ],
)  # fmt: skip
def test_what_it_cannot_express_is_refused_by_name(problem, name):
    assert unsupported(problem) == (name,)
    with pytest.raises(InputError, match=f"PyVRP cannot express {name}"):
        solve(problem)


@pytest.mark.parametrize("seed", seeds(2))
def test_stops_that_one_vehicle_alone_may_serve_are_planned_as_brute_force_plans_them(seed):
    stops = varied(random_stops(6, 120 + seed, prize=3_000), seed, only=(-1, 0, 1, 2))
    check(routing(stops, [Van(capacity=5), Van(capacity=5, fixed=300), Van(capacity=4, fixed=100)]), iterations=800)


@pytest.mark.parametrize("seed", seeds(2))
def test_reloads_are_at_the_reload_depot(seed):
    depots = [Depot(), Depot(x=2_000, y=1_000, loading=30)]
    stops = random_stops(5, 130 + seed, prize=4_000)
    plan = check(routing(stops, [Van(capacity=5, reload=1, reloads=1)], depots=depots), iterations=3_000)
    assert max(len(route.trips) for route in plan.routes) == 2
