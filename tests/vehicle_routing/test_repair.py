"""Plans made right again after events: by hand, and on random days with everything in them.

A metre takes a tenth of a second; loading takes 60 s, service 100 s.
"""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from doorstep.foundation import InputError, Iterations
from doorstep.vehicle_routing import RoutePlan, RoutingProblem, SisrSolver, schedule_route
from doorstep.vehicle_routing.changes import Budget
from doorstep.vehicle_routing.check_plan import check_plan
from doorstep.vehicle_routing.plan import Begun
from doorstep.vehicle_routing.problem import REQUIRED
from doorstep.vehicle_routing.repair import Repair, repair, replan
from doorstep.vehicle_routing.running import RunningPlan, settled_trips
from tests.trials import trials
from tests.vehicle_routing.random_days import random_day, random_plan
from tests.vehicle_routing.small_routes import Pair, Rest, Stop, Van, routing


def line(*xs: int, **fields) -> list[Stop]:
    return [Stop(x=x, prize=REQUIRED, **fields) for x in xs]


def running(problem: RoutingProblem, *trips: list[list[int]], now: int) -> RunningPlan:
    routes = [schedule_route(problem, 0, each) for each in trips]
    return RunningPlan.at(problem, RoutePlan(routes=tuple(route for route in routes if route)), now)


def mended(plan: RunningPlan, budget: Budget | None = None, *, rounds: int = 0) -> Repair:
    found = repair(plan, budget or Budget(), Iterations(limit=rounds * 20_000), seed=1)
    assert check_plan(found.problem, found.plan) == []
    return found


def test_a_new_stop_joins_the_route_that_passes_it():
    problem = routing([*line(1_000, 3_000, -1_000), Stop(x=2_000, load=0, prize=REQUIRED)], [Van(count=2)])
    found = mended(running(problem, [[0, 1]], [[2]], now=61))
    assert [route.trips for route in found.plan.routes] == [((0, 3, 1),), ((2,),)]
    assert (found.moved, found.left_out) == (frozenset(), frozenset())
    assert found.shift_s == {1: 100}
    assert found.cost_minor - found.cost_before_minor == 100


def test_a_new_parcel_waits_for_a_van_that_has_not_left():
    problem = routing(line(1_000, 3_000, 2_000), [Van(count=2)])
    found = mended(running(problem, [[0, 1]], now=61))
    assert [route.trips for route in found.plan.routes] == [((0, 1),), ((2,),)]
    assert found.plan.routes[1].load_at[0] >= 61


def test_who_is_late_skips_the_stop_that_can_no_longer_be_kept():
    """200 s late the van misses the window that ends at 500 s; the stop behind it is served."""
    stops = [Stop(x=1_000), Stop(x=2_000, window=(0, 500)), Stop(x=3_000)]
    found = mended(running(routing(stops, [Van()]), [[0, 1, 2]], now=61).delayed(0, 200))
    assert found.plan.routes[0].trips == ((0, 2),)
    assert found.left_out == {1}
    assert found.shift_s == {2: 100}


def test_another_van_takes_over_what_is_not_loaded_yet():
    """The second van has not left: it takes the stop that the lost van would have served on its next trip."""
    problem = routing(line(1_000, 2_000, -1_000), [Van(count=2, reloads=1, capacity=2)])
    plan = replace(running(problem, [[0], [1]], [[2]], now=61), settled=(2, 0))
    found = mended(plan.lost(0))
    assert found.displaced == {1}  # stop 0 was on board
    assert found.left_out == frozenset()
    assert [route.trips for route in found.plan.routes] == [((1, 2),)]


def test_a_time_that_people_know_does_not_shift_by_more_than_allowed():
    """Between the two stops the new one would shift the second by 100 s; behind them it shifts nobody."""
    problem = routing([*line(1_000, 3_000), Stop(x=2_000, load=0, prize=REQUIRED)], [Van()])
    for shift_s, trips in ((100, ((0, 2, 1),)), (99, ((0, 1, 2),))):
        found = mended(running(problem, [[0, 1]], now=61), Budget(shift_s=shift_s))
        assert found.plan.routes[0].trips == trips
        assert found.relaxed == frozenset()


def test_a_shift_that_cannot_be_helped_is_told():
    problem = routing(line(1_000, 2_000), [Van()])
    found = mended(running(problem, [[0, 1]], now=61).delayed(0, 400), Budget(shift_s=60))
    assert found.shift_s == {1: 400}
    assert found.relaxed == {1}


def test_to_be_served_at_all_counts_more_than_a_shift():
    """The new stop can only be kept before stop 1, which is then served at 660 s instead of 360 s."""
    new = Stop(x=3_000, load=0, prize=REQUIRED, window=(0, 500))
    found = mended(running(routing([*line(1_000, 2_000), new], [Van()]), [[0, 1]], now=61), Budget(shift_s=60))
    assert found.plan.routes[0].trips == ((0, 2, 1),)
    assert found.shift_s == {1: 300}
    assert found.relaxed == {1}
    assert found.left_out == frozenset()


def zigzag() -> RunningPlan:
    """Return the plan of a van that serves stops up the road in the worst order."""
    problem = routing(line(1_000, 5_000, 2_000, 6_000, 3_000, 7_000), [Van()])
    return running(problem, [[0, 1, 2, 3, 4, 5]], now=61)


def test_the_engine_puts_in_order_what_the_budget_allows():
    assert mended(zigzag(), Budget(moved=0), rounds=3).moved == frozenset()
    free = mended(zigzag(), rounds=3)
    assert free.plan.routes[0].trips in (((0, 2, 4, 1, 3, 5),), ((0, 1, 3, 5, 4, 2),))
    assert len(free.moved) == 2
    assert free.plan.routes[0].service_at[0][0] == 160


def test_a_plan_made_anew_keeps_what_is_settled_and_nothing_else():
    found = replan(zigzag(), Iterations(limit=20_000), seed=1, solver=SisrSolver())
    assert found.plan.routes[0].trips in (((0, 2, 4, 1, 3, 5),), ((0, 1, 3, 5, 4, 2),))
    assert found.plan.routes[0].service_at[0][0] == 160


def test_a_van_that_is_lost_before_it_leaves_leaves_its_stops_to_others():
    problem = routing(line(1_000, 2_000, -1_000), [Van(count=2, capacity=3)])
    found = mended(running(problem, [[0, 1]], [[2]], now=0).lost(1))
    assert [len(route.stops) for route in found.plan.routes] == [3]
    assert found.displaced == {2}


def test_the_same_seed_and_patience_repair_alike():
    assert mended(zigzag(), rounds=2) == mended(zigzag(), rounds=2)


def test_who_cannot_be_home_in_time_is_told_apart():
    problem = routing(line(1_000, 2_000), [Van(shift=(0, 2_000))])
    with pytest.raises(InputError, match="route 0 cannot be home in time"):
        mended(running(problem, [[0, 1]], now=61).delayed(0, 2_000))


def ride(*more: Stop, limit: int = 1 << 28, **fields) -> RoutingProblem:
    """Return a problem in which stop 1 is brought what is fetched at stop 0, one unit of it."""
    pair = Pair(pickup=0, delivery=1, ride=limit)
    return routing([Stop(x=1_000, load=0), Stop(x=2_000, load=0), *more], [Van(capacity=1, **fields)], pairs=[pair])


def test_what_is_on_board_for_a_stop_that_is_cancelled_comes_home():
    found = mended(running(ride(), [[0, 1]], now=61).without([1]))
    assert found.plan.routes[0].trips == ((0,),)
    assert len(found.problem.pairs) == 0
    assert found.problem.stops.pickup.tolist() == [[1], [0]]
    assert found.left_out == frozenset()


def test_what_can_no_longer_be_brought_comes_home_and_takes_the_room_of_what_would_be_fetched():
    """It rides for 100 s at least; 200 s late at stop 0 it is fetched in time, and then waits there."""
    problem = ride(Stop(x=3_000, load=0, pickup=1), limit=150)
    before = running(problem, [[0, 1, 2]], now=61)
    windows = replace(problem.stops, end_at=np.array([36_000, 500, 36_000]))
    late = replace(before, problem=replace(problem, stops=windows)).delayed(0, 200)
    found = mended(late)
    assert found.plan.routes[0].trips == ((0,),)
    assert found.left_out == {1, 2}


def test_what_a_lost_van_fetched_is_brought_from_the_depot():
    before = running(ride(count=2), [[0, 1]], now=161).lost(0, parcels_at=1_000)
    found = mended(before)
    assert [route.trips for route in found.plan.routes] == [((0,),), ((1,),)]
    assert found.plan.routes[1].load_at[0] >= 1_000
    assert found.displaced == {1}
    assert mended(running(ride(count=2), [[0, 1]], now=161).lost(0)).plan.served() == {0}


def test_a_trip_loaded_for_nobody_is_none():
    """Back from stop 0 the van is to load for stop 1 at 360 s, and is on its way there when that is cancelled."""
    problem = routing(line(1_000, 2_000), [Van(capacity=1, reloads=1)])
    before = running(problem, [[0], [1]], now=261)
    assert before.settled == (3,)
    found = mended(before.without([1]))
    assert found.plan.routes[0].trips == ((0,),)
    assert found.plan.routes[0].end_at == 360


def test_a_first_trip_loaded_for_nobody_leaves_the_next_one_its_own_loading():
    """The van loads from 40 s on for stop 0, which is cancelled; what stop 1 is sent is ready at 400 s."""
    problem = routing([*line(1_000), *line(2_000, release=400)], [Van(capacity=1, reloads=1)])
    before = running(problem, [[0], [1]], now=41)
    assert before.settled == (1,)
    found = mended(before.without([0]))
    assert found.plan.routes[0].trips == ((1,),)
    assert found.plan.routes[0].load_at == (400,)


def test_a_rest_that_was_to_come_is_not_taken_before_a_loading_that_is_late():
    """A rest at 160 s, before stop 0, is no longer on the way once the loading begins at 500 s."""
    problem = routing(line(1_000), [Van()], rests=[Rest(earliest=0, latest=800, length=100)])
    route = schedule_route(problem, 0, [[0]])
    assert route is not None
    plan = RoutePlan(routes=(replace(route, load_at=(0,), rest_at=(60,), service_at=((260,),), end_at=460),))
    found = mended(RunningPlan(problem=problem, plan=plan, now=1, settled=(1,)).delayed(0, 500))
    assert found.plan.routes[0].load_at == (500,)
    assert found.plan.routes[0].rest_at[0] >= 560


def happened(before: RunningPlan, event: str, rng: np.random.Generator) -> RunningPlan:
    """Return the plan after an event of that name to some route or stop, if there is one to which it can happen."""
    begun = [n for n, count in enumerate(before.settled) if count]
    open_stops = sorted(before.plan.served() - before.settled_stops)
    if event == "late" and begun:
        return before.delayed(int(rng.choice(begun)), int(rng.integers(10, 900)))
    if event == "cancelled" and open_stops:
        return before.without([int(rng.choice(open_stops))])
    if event == "lost" and before.plan.routes:
        return before.lost(int(rng.integers(len(before.plan.routes))), parcels_at=before.now + 300)
    return before


EVENTS = st.sampled_from(["none", "late", "cancelled", "lost"])


@settings(max_examples=trials(100), deadline=None)
@given(st.integers(0, 100_000), st.integers(0, 4_000), EVENTS)
def test_whatever_happens_the_repaired_plan_is_sound_and_keeps_what_is_settled(seed, now, event):
    problem, rng = random_day(seed), np.random.default_rng(seed)
    plan = random_plan(problem, seed)
    assume(all(route.start_at < now or route.start_at - now > 600 for route in plan.routes))
    before = happened(RunningPlan.at(problem, plan, now), event, rng)
    shift_s = int(rng.choice([60, 600, 1 << 30]))
    try:
        found = repair(before, Budget(shift_s=shift_s), Iterations(limit=0), seed=1)
    except InputError:  # so late that nothing helps
        assume(event != "late")
        raise
    assert check_plan(found.problem, found.plan) == []
    assert not found.plan.served() & before.dropped
    for old, count in zip(before.plan.routes, before.settled, strict=True):
        done = [stop for trip in settled_trips(old, count) for stop in trip]
        for new in (route for route in found.plan.routes if done and done[0] in route.stops):
            empty = not settled_trips(old, count)[-1] and len(new.trips) < len(settled_trips(old, count))
            assert settled_trips(new, count - empty) == settled_trips(old, count - empty)
            assert Begun.of(new, count - empty) == Begun.of(old, count - empty)
    for stop, by in found.shift_s.items():
        assert abs(by) <= shift_s or stop in found.relaxed


@settings(max_examples=trials(25), deadline=None)
@given(st.integers(0, 100_000), st.integers(0, 4), st.sampled_from([60, 900, 1 << 30]))
def test_the_engine_keeps_the_budget(seed, most, shift_s):
    rng = np.random.default_rng(seed)
    places = rng.integers(-5_000, 5_000, (12, 2)).tolist()
    opens = rng.integers(0, 3_000, 12).tolist()
    stops = [Stop(x=x, y=y, prize=3_000, window=(at, at + 3_000)) for (x, y), at in zip(places, opens, strict=True)]
    problem = routing(stops, [Van(count=3, capacity=6)])
    plan = random_plan(problem, seed)
    assume(all(route.start_at < 100 or route.start_at > 700 for route in plan.routes))
    before = RunningPlan.at(problem, plan, 100)
    still = repair(before, Budget(moved=0, shift_s=shift_s), Iterations(limit=0), seed=1)
    found = repair(before, Budget(moved=most, shift_s=shift_s), Iterations(limit=60_000), seed=1)
    assert check_plan(problem, found.plan) == []
    assert len(found.moved) <= most
    assert found.objective_minor <= still.objective_minor
    assert all(abs(by) <= shift_s for by in found.shift_s.values())


@settings(max_examples=trials(25), deadline=None)
@given(st.integers(0, 100_000), st.integers(0, 4_000), EVENTS)
def test_the_engine_repairs_days_with_everything_in_them(seed, now, event):
    """With pickups, pairs, releases, reloads, several windows, lateness, rests and traffic, as they come."""
    problem, rng = random_day(seed), np.random.default_rng(seed)
    plan = random_plan(problem, seed)
    assume(all(route.start_at < now or route.start_at - now > 600 for route in plan.routes))
    before = happened(RunningPlan.at(problem, plan, now), event, rng)
    try:
        still = repair(before, Budget(moved=3), Iterations(limit=0), seed=1)
    except InputError:
        assume(event != "late")
        raise
    found = repair(before, Budget(moved=3), Iterations(limit=60_000), seed=1)
    anew = replan(before, Iterations(limit=20_000), seed=1, solver=SisrSolver())
    for one in (still, found, anew):
        assert check_plan(one.problem, one.plan) == []
        assert not one.plan.served() & before.dropped
    assert found.objective_minor <= still.objective_minor + 4 * len(plan.routes)  # each part rounded on its own
    assert len(found.moved) <= max(3, len(still.moved))
