"""What was seen of vans, worked by hand on a line: a metre takes a tenth of a second, loading 60 s, service 100 s."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.dispatch import Limits, Seen, late_stops, mend, present
from doorstep.dispatch.lateness import expected_times
from doorstep.dispatch.present import NOTHING
from doorstep.foundation import InputError, Iterations
from doorstep.vehicle_routing import RoutePlan, RoutingProblem, check_plan, schedule_route
from doorstep.vehicle_routing.problem import REQUIRED
from doorstep.vehicle_routing.running import leaves_at
from tests.vehicle_routing.small_routes import Stop, Van, routing


def line(*xs: int, **fields) -> list[Stop]:
    return [Stop(x=x, prize=REQUIRED, **fields) for x in xs]


def planned(problem: RoutingProblem, *trips: list[list[int]]) -> RoutePlan:
    routes = [schedule_route(problem, 0, each) for each in trips]
    return RoutePlan(routes=tuple(route for route in routes if route))


def test_a_van_that_has_not_begun_has_nothing_settled():
    problem = routing(line(1_000, 2_000), [Van()])
    running = present(problem, planned(problem, [[0, 1]]), [NOTHING], 50)
    assert running.settled == (0,)
    assert expected_times(running) == {0: 210, 1: 410}  # 50 + 60 loading + 100 s, then 100 s there and 100 s on


def test_a_van_that_is_still_at_a_stop_leaves_it_later_than_planned():
    problem = routing(line(1_000, 2_000), [Van()])
    running = present(problem, planned(problem, [[0, 1]]), [Seen(begins=(0, 160))], 300)
    assert running.settled == (2,)
    assert leaves_at(running.problem, running.plan.routes[0])[1] == 300
    assert expected_times(running) == {1: 400}


def test_a_van_that_drives_is_settled_to_the_next_stop_and_due_there_now_at_the_earliest():
    problem = routing(line(1_000, 2_000, 3_000), [Van()])
    plan = planned(problem, [[0, 1, 2]])
    slow = present(problem, plan, [Seen(begins=(0, 160), left_at=200)], 350)
    assert slow.settled == (3,)  # 100 s of road, by 350 it is not there
    assert slow.plan.routes[0].service_at[0][1] == 350
    assert expected_times(slow) == {2: 550}
    known = present(problem, plan, [Seen(begins=(0, 160), left_at=200, due_at=390)], 350)
    assert known.plan.routes[0].service_at[0][1] == 390


def test_a_drive_faster_than_the_roads_shortens_the_service_before_it():
    problem = routing(line(1_000, 2_000), [Van()])
    running = present(problem, planned(problem, [[0, 1]]), [Seen(begins=(0, 160, 310))], 320)
    assert running.problem.stops.service_s.tolist() == [50, 100]
    assert running.plan.routes[0].service_at == ((160, 310),)


def test_what_no_shorter_service_explains_counts_as_begun_when_the_roads_allow():
    problem = routing(line(1_000, 2_000), [Van()])
    running = present(problem, planned(problem, [[0, 1]]), [Seen(begins=(0, 160, 230))], 320)
    assert running.plan.routes[0].service_at == ((160, 260),)


def test_a_loading_that_takes_longer_begins_later():
    problem = routing(line(1_000), [Van()])
    running = present(problem, planned(problem, [[0]]), [Seen(begins=(0,))], 200)
    assert running.plan.routes[0].load_at == (140,)
    assert expected_times(running) == {0: 300}


def test_more_routes_or_visits_than_there_are_cannot_be_seen():
    problem = routing(line(1_000), [Van()])
    plan = planned(problem, [[0]])
    with pytest.raises(InputError, match="seen tells of 2 routes, the plan has 1"):
        present(problem, plan, [NOTHING, NOTHING], 0)
    with pytest.raises(InputError, match=r"seen\[0\] has 3 visits"):
        present(problem, plan, [Seen(begins=(0, 160, 400))], 500)


@given(st.lists(st.integers(0, 400), min_size=3, max_size=3), st.integers(0, 300), st.booleans())
def test_whatever_was_seen_the_plan_that_is_made_right_keeps_all_rules(gaps, waited, left):
    problem = routing(line(1_000, 1_500, 3_000, 2_000), [Van(count=2, reloads=1, capacity=2)])
    begins = tuple(sum(gaps[: n + 1]) for n in range(3))
    seen = Seen(begins=begins, left_at=begins[-1] + waited if left else None)
    running = present(problem, planned(problem, [[0, 1], [2, 3]]), [seen], begins[-1] + waited)
    found = mend(running, Limits(moved=4), Iterations(limit=0), seed=1).repair
    assert check_plan(found.problem, found.plan, require_all=True) == []
    assert found.plan.routes[0].stops[:2] == (0, 1)


def test_who_will_be_late_is_known_before_and_what_is_fetched_on_the_way_with_the_margin():
    stops = [*line(1_000), *line(2_000, window=(0, 360)), *line(3_000, window=(0, 700))]
    problem = routing(stops, [Van()])
    running = present(problem, planned(problem, [[0, 1, 2]]), [Seen(begins=(0, 160))], 280)
    assert late_stops(running) == {1: 20}
    assert late_stops(running, margin_s=200) == {1: 220, 2: 80}


def test_who_cannot_be_served_in_time_is_served_late_and_said_to_be():
    problem = routing([*line(1_000), *line(2_000, window=(0, 360))], [Van()])
    running = present(problem, planned(problem, [[0, 1]]), [Seen(begins=(0, 160))], 300)
    found = mend(running, Limits(moved=2), Iterations(limit=0), seed=1)
    assert found.repair.plan.routes[0].stops == (0, 1)
    assert found.late == {1: 40}
    assert check_plan(found.repair.problem, found.repair.plan) == []


def test_a_narrow_window_is_kept_by_going_there_first_if_a_stop_may_move():
    stops = [*line(1_000), *line(2_000), *line(3_000, window=(0, 600))]
    problem = routing(stops, [Van()])
    plan = planned(problem, [[0, 1, 2]])
    running = present(problem, plan, [Seen(begins=(0, 160))], 400)  # 400: leaves; 500 to 600, then 700
    moved = mend(running, Limits(moved=1), Iterations(limit=0), seed=1)
    assert moved.repair.plan.routes[0].stops == (0, 2, 1)
    assert moved.late == {}
    kept = mend(running, Limits(moved=0), Iterations(limit=0), seed=1)
    assert kept.repair.plan.routes[0].stops == (0, 1, 2)
    assert kept.late == {2: 100}


def test_with_a_margin_a_stop_is_planned_before_its_window_ends():
    stops = [*line(1_000), *line(2_000), *line(3_000, window=(0, 600))]
    problem = routing(stops, [Van()])
    running = present(problem, planned(problem, [[0, 1, 2]]), [Seen(begins=(0, 160))], 290)  # 390, 590: just in time
    assert late_stops(running) == {}
    sure = mend(running, Limits(moved=1, margin_s=60), Iterations(limit=0), seed=1).repair
    assert sure.plan.routes[0].stops == (0, 2, 1)
    bold = mend(running, Limits(moved=1, margin_s=0), Iterations(limit=0), seed=1).repair
    assert bold.plan.routes[0].stops == (0, 1, 2)


def test_a_van_over_its_shift_comes_home_in_overtime():
    problem = routing(line(1_000, 2_000), [Van(shift=(0, 700))])
    running = present(problem, planned(problem, [[0, 1]]), [Seen(begins=(0, 160))], 600)  # 700 to 800, home at 1,000
    found = mend(running, Limits(moved=2, overtime_s=300), Iterations(limit=0), seed=1)
    assert found.repair.plan.routes[0].end_at == 1_000


def test_nobody_is_early_on_a_route_where_somebody_is_late():
    stops = [*line(1_000), *line(2_000, window=(0, 250)), *line(0, window=(0, 720))]
    problem = routing(stops, [Van()])
    route = schedule_route(routing(line(1_000, 2_000, 0), [Van()]), 0, [[0, 1, 2]])
    assert route is not None
    running = present(problem, RoutePlan(routes=(route,)), [Seen(begins=(0, 160))], 300)
    found = mend(running, Limits(moved=2, margin_s=60), Iterations(limit=1), seed=1)  # 400 to 500, then 700
    assert found.repair.plan.routes[0].stops == (0, 1, 2)
    assert found.late == {1: 150}
