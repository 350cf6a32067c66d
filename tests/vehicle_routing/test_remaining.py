"""What remains of a running plan as a problem of its own: by hand, and by random days in which anything may change."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.foundation import InputError, Iterations
from doorstep.vehicle_routing import PyVrpSolver, RoutePlan, RoutingProblem, schedule_route
from doorstep.vehicle_routing.check_plan import check_plan
from doorstep.vehicle_routing.plan import Begun
from doorstep.vehicle_routing.problem import REQUIRED
from doorstep.vehicle_routing.remaining import Remaining, remaining
from doorstep.vehicle_routing.running import RunningPlan, settled_trips
from tests.trials import trials
from tests.vehicle_routing.random_days import feasible_plan, feasible_plans, placed, random_day, random_plan
from tests.vehicle_routing.small_routes import Pair, Stop, Van, routing

ONE, TWO, THREE = Stop(x=1_000), Stop(x=2_000), Stop(x=3_000)


def plan_of(problem: RoutingProblem, *trips: list[list[int]]) -> RoutePlan:
    routes = [schedule_route(problem, 0, each) for each in trips]
    return RoutePlan(routes=tuple(route for route in routes if route is not None))


def start_of(left: Remaining) -> RoutePlan | None:
    return feasible_plan(left.problem, [(v, [list(trip) for trip in trips]) for v, trips in left.sequences()])


def test_visits_are_settled_that_a_van_is_on_its_way_to():
    """Loaded from 0 to 60 s; service at 160, 360 and 560 s, for 100 s each."""
    problem = routing([ONE, TWO, THREE], [Van()])
    plan = plan_of(problem, [[0, 1, 2]])
    counts = [RunningPlan.at(problem, plan, now).settled[0] for now in (0, 1, 60, 61, 260, 261, 9_999)]
    assert counts == [0, 1, 1, 2, 2, 3, 4]
    assert RunningPlan.at(problem, plan, 0, promised_by=261).settled == (3,)


def test_a_van_that_has_left_is_a_type_that_is_free_behind_its_last_settled_visit():
    problem = routing([ONE, TWO, THREE], [Van(count=2)])
    left = remaining(RunningPlan.at(problem, plan_of(problem, [[0, 1, 2]]), 61))
    kinds, depots, stops = left.problem.vehicles, left.problem.depots, left.problem.stops
    assert left.stop.tolist() == [-1, 1, 2]
    assert (kinds.count.tolist(), kinds.start.tolist(), kinds.fixed_minor.tolist()) == ([1, 1], [0, 1], [500, 0])
    assert (depots.open_at[1], depots.close_at[1], depots.loading_s[1]) == (0, 0, 260)  # service at 160 s ends at 260 s
    assert (stops.start_at[0], stops.end_at[0], stops.vehicle.tolist()) == (260, 260, [1, 1, 1])
    assert kinds.shift_start_at.tolist() == [61, 0]
    assert left.sequences() == [(1, ((0, 1, 2),))]


def test_a_new_parcel_cannot_join_a_trip_that_has_left_and_what_is_fetched_can():
    stops = [ONE, TWO, Stop(x=2_100, load=1), Stop(x=2_200, load=0, pickup=1)]
    problem = routing(stops, [Van(count=1)])
    left = remaining(RunningPlan.at(problem, plan_of(problem, [[0, 1]]), 61))
    parcel, fetched = (left.stop.tolist().index(n) for n in (2, 3))
    joined = [feasible_plan(left.problem, [(1, [[0, 1, stop]])]) for stop in (parcel, fetched)]
    assert [plan is not None for plan in joined] == [False, True]


def test_a_new_parcel_goes_on_a_later_trip_of_a_van_that_may_load_again():
    problem = routing([ONE, TWO, Stop(x=2_100)], [Van(count=1, reloads=1)])
    running = RunningPlan.at(problem, plan_of(problem, [[0, 1]]), 61)
    left = remaining(running)
    assert feasible_plan(left.problem, [(1, [[0, 1, 2]])]) is None
    plan = feasible_plan(left.problem, [(1, [[0, 1], [2]])])
    assert plan is not None
    whole = left.join(plan)
    assert whole.routes[0].trips == ((0, 1), (2,))
    assert check_plan(problem, whole) == []


def test_what_rides_on_is_brought_in_time():
    """Fetched at 160 s, for 500 s from 260 s on at most: by 760 s; the detour over 9 km takes longer."""
    pair = Pair(pickup=0, delivery=1, ride=500)
    stops = [Stop(x=1_000, load=0), Stop(x=3_000, load=0), Stop(x=9_000, load=0, pickup=1)]
    problem = routing(stops, [Van()], pairs=[pair])
    left = remaining(RunningPlan.at(problem, plan_of(problem, [[0, 1]]), 61))
    assert left.problem.stops.end_at.tolist() == [260, 760, 36_000]
    assert feasible_plan(left.problem, [(1, [[0, 2, 1]])]) is None
    assert feasible_plan(left.problem, [(1, [[0, 1, 2]])]) is not None


def test_a_van_on_its_way_home_takes_nothing_more():
    problem = routing([ONE, Stop(x=1_100, load=0, pickup=1)], [Van()])
    left = remaining(RunningPlan.at(problem, plan_of(problem, [[0]]), 261))
    assert left.routes == ()
    assert left.problem.vehicles.count.tolist() == [0]
    assert left.join(RoutePlan(routes=())) == plan_of(problem, [[0]])


def test_what_has_begun_must_be_settled():
    problem = routing([ONE, TWO], [Van()])
    with pytest.raises(InputError, match="left visit 0 before 61"):
        RunningPlan(problem=problem, plan=plan_of(problem, [[0, 1]]), now=61, settled=(1,))


def test_a_cancelled_stop_leaves_its_route_and_costs_nothing():
    problem = routing([ONE, TWO], [Van()])
    running = RunningPlan.at(problem, plan_of(problem, [[0, 1]]), 61).without([1])
    left = remaining(running)
    start = start_of(left)
    assert start is not None
    assert left.join(start).objective_minor(running.problem) == 500 + 200 + 360
    with pytest.raises(InputError, match=r"stops \[0\] are settled"):
        running.without([0])


def test_a_delay_shifts_what_follows():
    problem = routing([ONE, Stop(x=2_000, window=(0, 500))], [Van()])
    running = RunningPlan.at(problem, plan_of(problem, [[0, 1]]), 61)
    starts = [start_of(remaining(running.delayed(0, late))) for late in (140, 141)]
    assert [start is not None for start in starts] == [True, False]  # planned for 360 s


def test_a_lost_van_gives_back_what_it_has_not_begun():
    """At 300 s it serves nobody and is on its way to stop 1; its parcels are back at the depot at 1,000 s."""
    problem = routing([ONE, TWO, THREE], [Van(count=2)])
    running = RunningPlan.at(problem, plan_of(problem, [[0, 1, 2]]), 300)
    assert running.settled == (3,)
    lost = running.lost(0, parcels_at=1_000)
    assert lost.settled == (2,)
    assert lost.halted == {0}
    left = remaining(lost)
    assert left.stop.tolist() == [1, 2]
    assert left.problem.stops.release_at.tolist() == [1_000, 1_000]
    assert left.problem.vehicles.count.tolist() == [1]
    assert remaining(running.lost(0)).stop.tolist() == []


def test_an_engine_plans_what_remains():
    stops = [ONE, TWO, THREE, Stop(x=2_500, load=0, pickup=1, prize=REQUIRED)]
    problem = routing(stops, [Van()])
    running = RunningPlan.at(problem, plan_of(problem, [[0, 1, 2]]), 61)
    left = remaining(running)
    whole = left.join(PyVrpSolver().solve(left.problem, Iterations(limit=100), seed=1, start=start_of(left)))
    assert whole.routes[0].trips in (((0, 1, 3, 2),), ((0, 1, 2, 3),))
    assert whole.routes[0].service_at[0][0] == 160
    assert check_plan(problem, whole, require_all=True) == []


@settings(max_examples=trials(150), deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 5_000), st.integers(0, 1_500))
def test_whatever_changes_in_what_remains_the_whole_is_sound_keeps_what_is_settled_and_costs_the_same(seed, now, more):
    problem = random_day(seed)
    plan = random_plan(problem, seed)
    running = RunningPlan.at(problem, plan, now, promised_by=now + more)
    left = remaining(running)
    rng, current = np.random.default_rng(seed), start_of(left)
    if current is None:  # a van was to leave before now
        return
    before, costs = left.join(current).objective_minor(problem), current.objective_minor(left.problem)
    for _ in range(4):
        stop = int(rng.integers(len(left.routes), max(len(left.routes) + 1, len(left.problem.stops))))
        if stop >= len(left.problem.stops) or stop in current.served():
            continue
        choices = feasible_plans(left.problem, placed(left.problem, current, stop))
        current = choices[int(rng.integers(len(choices)))] if choices else current
    whole = left.join(current)
    assert check_plan(problem, whole) == []
    change = current.objective_minor(left.problem) - costs
    assert abs(whole.objective_minor(problem) - before - change) <= 4 * len(plan.routes)  # each part rounded on its own
    for old, new, count in zip([r for r, n in zip(plan.routes, running.settled, strict=True) if n],
                               whole.routes, [n for n in running.settled if n], strict=False):  # fmt: skip
        assert settled_trips(new, count) == settled_trips(old, count)
        assert first_moments(new, count) == first_moments(old, count)


def first_moments(route, count):
    times = zip(route.load_at, route.service_at, strict=True)
    return [at for load_at, services in times for at in (load_at, *services)][:count]


@settings(max_examples=trials(60), deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 5_000), st.integers(0, 1_500))
def test_a_stop_fits_where_it_fits_in_the_whole_unless_its_parcels_are_elsewhere(seed, now, more):
    problem = random_day(seed)
    plan = random_plan(problem, seed, share=0.6)
    running = RunningPlan.at(problem, plan, now, promised_by=now + more)
    left = remaining(running)
    paired = {*problem.pairs.pickup.tolist(), *problem.pairs.delivery.tolist()}
    new = [n for n, stop in enumerate(left.stop.tolist()) if stop >= 0 and stop not in plan.served() | paired]
    sequences = [(vehicle, [list(trip) for trip in trips]) for vehicle, trips in left.sequences()]
    if not new or feasible_plan(left.problem, sequences) is None:
        return
    for anchor, r in enumerate(left.routes):
        route, count = plan.routes[r], running.settled[r]
        settled = settled_trips(route, count)
        vehicle, trips = sequences[anchor]
        spots = [(n, at) for n, trip in enumerate(trips) for at in range(0 if n else 1, len(trip) + 1)]
        for t, at in spots:
            ways = [trip if n != t else [*trip[:at], new[0], *trip[at:]] for n, trip in enumerate(trips)]
            stops = [tuple(int(left.stop[n]) for n in trip if left.stop[n] >= 0) for trip in ways]
            whole = [*settled[:-1], (*settled[-1], *stops[0]), *stops[1:]]
            fits = feasible_plan(left.problem, [*sequences[:anchor], (vehicle, ways), *sequences[anchor + 1 :]])
            found = schedule_route(problem, route.vehicle, whole, begun=Begun.of(route, count))
            sound = found is not None and not check_plan(
                problem, RoutePlan(routes=(*plan.routes[:r], found, *plan.routes[r + 1 :]))
            )
            gone = t == 0 and route.load_at[len(settled) - 1] < now and problem.stops.load[left.stop[new[0]]].any()
            assert (fits is not None) == (sound and not gone)
