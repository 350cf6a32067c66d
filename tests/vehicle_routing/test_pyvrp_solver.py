"""PyVRP behind the protocol: optimal on tiny problems, within every rule, never worse than its start, repeatable."""

import numpy as np
import pytest

from doorstep.foundation import Iterations
from doorstep.vehicle_routing import PyVrpSolver, RoutePlan, RoutingProblem, schedule_route
from tests.vehicle_routing.small_routes import Stop, Van, brute_force, routing, sound


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


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("window", [0, 1_200])
def test_six_stops_and_one_van_are_planned_as_brute_force_plans_them(seed, window):
    problem = routing(random_stops(6, seed, window=window), [Van(capacity=8)])
    plan = solve(problem)
    assert sound(problem, plan)
    assert plan.objective_minor(problem) == brute_force(problem).objective


@pytest.mark.parametrize("seed", range(3))
def test_six_stops_and_two_different_vans_are_planned_as_brute_force_plans_them(seed):
    vans = [Van(capacity=6, fixed=300), Van(capacity=9, fixed=800, per_km=60, shift=(200, 9_000))]
    problem = routing(random_stops(6, 10 + seed, window=1_500), vans)
    plan = solve(problem)
    assert sound(problem, plan)
    assert plan.objective_minor(problem) == brute_force(problem).objective


@pytest.mark.parametrize("seed", range(2))
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
