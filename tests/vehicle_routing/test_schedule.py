"""The clock of a route by hand: stops on a line, 100 s a kilometre, 60 s of loading, 100 s of service."""

import numpy as np
import pytest

from doorstep.foundation import InputError
from doorstep.vehicle_routing import RoutePlan, schedule_route
from doorstep.vehicle_routing.density import cheapest_insertion_minor, removal_saving_minor
from tests.vehicle_routing.small_routes import Stop, Van, routing

ONE = Stop(x=1_000)
TWO = Stop(x=3_000)


def test_a_route_loads_drives_serves_and_comes_home():
    route = schedule_route(routing([ONE, TWO], [Van()]), 0, [[0, 1]])
    assert route is not None
    assert (route.start_at, route.load_at) == (0, (0,))
    assert route.arrive_at == route.service_at == ((160, 460),)  # 60 + 100; 160 + 100 + 200
    assert route.end_at == 860  # 460 + 100 + 300


def test_its_cost_is_fixed_distance_and_time():
    problem = routing([ONE, TWO], [Van(fixed=500, per_km=150, per_hour=1_800)])
    route = schedule_route(problem, 0, [[0, 1]])
    assert route is not None
    assert route.metres(problem) == 6_000
    assert route.cost_minor(problem) == 500 + 900 + 430  # 6 km, 860 s at half a unit


def test_the_van_leaves_as_late_as_the_return_allows():
    """The stop opens at 1,000 s: a start at 840 s arrives then; starting at 0 would only wait."""
    route = schedule_route(routing([Stop(x=1_000, window=(1_000, 2_000))], [Van()]), 0, [[0]])
    assert route is not None
    assert (route.start_at, route.arrive_at, route.service_at, route.end_at) == (840, ((1_000,),), ((1_000,),), 1_200)


def test_a_wait_between_windows_cannot_be_saved():
    """The first stop closes at 200 s, the second opens at 1,000 s: 40 s later is as late as the first allows."""
    first, second = Stop(x=1_000, window=(0, 200)), Stop(x=3_000, window=(1_000, 2_000))
    route = schedule_route(routing([first, second], [Van()]), 0, [[0, 1]])
    assert route is not None
    assert (route.start_at, route.arrive_at, route.service_at) == (40, ((200, 500),), ((200, 1_000),))
    assert route.end_at == 1_400


def test_loading_waits_for_the_last_parcel_of_the_trip():
    route = schedule_route(routing([Stop(x=1_000, release=50), Stop(x=3_000, release=600)], [Van()]), 0, [[0, 1]])
    assert route is not None
    assert (route.load_at, route.end_at) == ((600,), 1_460)


def test_a_second_trip_loads_again_after_the_first_is_home():
    route = schedule_route(routing([ONE, TWO], [Van(reloads=1)]), 0, [[0], [1]])
    assert route is not None
    assert (route.load_at, route.service_at) == ((0, 360), ((160,), (720,)))  # home at 160 + 100 + 100
    assert route.end_at == 720 + 100 + 300


def test_a_late_parcel_of_the_second_trip_lets_the_first_leave_later():
    route = schedule_route(routing([ONE, Stop(x=3_000, release=1_000)], [Van(reloads=1)]), 0, [[0], [1]])
    assert route is not None
    assert (route.load_at, route.end_at) == ((640, 1_000), 1_760)  # 640 + 360 = 1,000: no wait at the site


def test_the_shift_starts_the_earliest_loading():
    route = schedule_route(routing([ONE], [Van(shift=(500, 36_000))]), 0, [[0]])
    assert route is not None
    assert (route.start_at, route.end_at) == (500, 860)


@pytest.mark.parametrize(("end", "possible"), [(360, True), (359, False)])
def test_the_van_must_be_home_as_its_shift_ends(end, possible):
    assert (schedule_route(routing([ONE], [Van(shift=(0, end))]), 0, [[0]]) is not None) is possible


@pytest.mark.parametrize(("closes", "possible"), [(160, True), (159, False)])
def test_service_must_begin_as_the_window_closes(closes, possible):
    assert (schedule_route(routing([Stop(x=1_000, window=(0, closes))], [Van()]), 0, [[0]]) is not None) is possible


def test_empty_trips_are_no_trips():
    problem = routing([ONE], [Van()])
    assert schedule_route(problem, 0, [[], []]) is None
    assert schedule_route(problem, 0, [[], [0], []]) == schedule_route(problem, 0, [[0]])


def test_a_stop_on_the_way_saves_only_its_service_when_left_out():
    problem = routing([ONE, TWO], [Van()])
    route = schedule_route(problem, 0, [[0, 1]])
    assert route is not None
    assert removal_saving_minor(problem, route, 0) == 100  # 100 s at a unit a second
    assert removal_saving_minor(problem, route, 1) == 100 + 400 + 400  # service, 4 km, 400 s


def test_the_only_stop_saves_the_whole_route():
    problem = routing([ONE], [Van()])
    route = schedule_route(problem, 0, [[0]])
    assert route is not None
    assert removal_saving_minor(problem, route, 0) == route.cost_minor(problem) == 500 + 200 + 360


def test_the_cheapest_insertion_is_the_least_detour():
    problem = routing([ONE, TWO, Stop(x=2_000), Stop(x=3_000, y=500)], [Van()])
    route = schedule_route(problem, 0, [[0, 1]])
    assert route is not None
    plan = RoutePlan(routes=(route,))
    assert cheapest_insertion_minor(problem, plan, np.array([2])).tolist() == [100]  # on the way
    assert cheapest_insertion_minor(problem, plan, np.array([3])).tolist() == [100 + 100 + 100]  # 1 km and 100 s more


def test_without_a_route_there_is_nowhere_to_insert():
    assert cheapest_insertion_minor(routing([ONE], [Van()]), RoutePlan(routes=()), np.array([0])).tolist() == [-1]


def test_a_plan_counts_the_prizes_of_the_stops_it_leaves_out():
    problem = routing([ONE, Stop(x=3_000, prize=700)], [Van()])
    route = schedule_route(problem, 0, [[0]])
    assert route is not None
    assert RoutePlan(routes=(route,)).objective_minor(problem) == 1_060 + 700
    assert RoutePlan(routes=()).objective_minor(problem) == 10_700


def test_matrices_of_another_size_are_refused():
    good = routing([ONE, TWO], [Van()])
    with pytest.raises(InputError, match=r"2 stops need \(3, 3\) matrices"):
        type(good)(
            stops=good.stops, vehicles=good.vehicles, metres=good.metres[:2, :2], seconds=good.seconds, loading_s=0
        )
