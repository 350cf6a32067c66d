"""What one more stop costs on a map: a plane of metres, a metre a second, money only for kilometres and hours."""

from dataclasses import replace

import numpy as np
import pytest

from doorstep.foundation import InputError
from doorstep.geography import GreatCircleTimes, Places
from doorstep.vehicle_routing import RoutePlan, RoutingProblem, schedule_route
from doorstep.vehicle_routing.one_more import NewStop, cost_of_one_more, grid_over, with_new_stops
from doorstep.vehicle_routing.roads import AskedRoads, PlaneRoads
from doorstep.vehicle_routing.unserved import Reason
from tests.vehicle_routing.small_routes import Stop, Van, routing

ALL_DAY = ((0, 36_000),)


def line() -> tuple[RoutingProblem, RoutePlan]:
    """Return a van that drives to 1,000 m and 3,000 m and back; a unit a second and a tenth of one a metre."""
    problem = routing([Stop(x=1_000), Stop(x=3_000)], [Van()])
    problem = replace(problem, roads=PlaneRoads(x=np.array([0.0, 1_000, 3_000]), y=np.zeros(3)))
    route = schedule_route(problem, 0, [[0, 1]])
    assert route is not None
    return problem, RoutePlan(routes=(route,))


def test_the_map_tells_the_detour_in_money():
    """On the way: 100 s of service. 400 m aside of the last stop, there and back: 400 + 400 + (3,026 - 3,000) m."""
    problem, plan = line()
    found = cost_of_one_more(
        problem, plan, np.array([[2_000.0, 0.0], [3_000.0, 400.0]]), NewStop(load=(1,), windows=ALL_DAY, service_s=100)
    )
    aside = 400 + 3_027 - 3_000  # the way home from there is 3,026.5 m, rounded up
    assert found.possible.all()
    assert found.cost_minor.tolist() == [100, 100 + aside + (aside + 5) // 10]
    assert found.reasons == {}


def test_where_no_van_can_be_in_time_it_says_why():
    problem, plan = line()
    stop = NewStop(load=(1,), windows=((0, 500), (1_000, 1_100)))
    found = cost_of_one_more(problem, plan, np.array([[0.0, 2_000.0], [400.0, 0.0]]), stop)
    assert found.possible.tolist() == [False, True]
    assert found.reasons[0].reason == Reason.WINDOW  # 60 + 2,000 s at the earliest
    assert found.reasons[0].fixes[0].amount == 960


def test_a_load_too_large_is_possible_nowhere():
    problem, plan = line()
    found = cost_of_one_more(problem, plan, np.array([[0.0, 0.0]]), NewStop(load=(101,), windows=ALL_DAY))
    assert found.reasons[0].reason == Reason.CAPACITY


def test_a_load_of_other_dimensions_is_refused():
    problem, plan = line()
    with pytest.raises(InputError, match="1 dimensions"):
        cost_of_one_more(problem, plan, np.array([[0.0, 0.0]]), NewStop(load=(1, 2), windows=ALL_DAY))


def test_tables_know_no_other_places():
    problem = routing([Stop(x=1_000)], [Van()])
    with pytest.raises(InputError, match="do not know 1 more"):
        cost_of_one_more(problem, RoutePlan(routes=()), np.zeros((1, 2)), NewStop(load=(1,), windows=ALL_DAY))
    with pytest.raises(InputError, match="coordinates"):
        grid_over(problem, columns=2, rows=2)


def test_travel_times_are_asked_for_from_new_places():
    lat, lon = np.array([50.0, 50.01, 50.02]), np.array([4.0, 4.01, 4.03])
    roads = AskedRoads(places=Places(lat=lat[:2], lon=lon[:2]), travel=(GreatCircleTimes(),))
    more = roads.extended(roads.points_of(Places(lat=lat[2:], lon=lon[2:])))
    np.testing.assert_allclose(more.places.lat, lat, atol=1e-12)
    np.testing.assert_allclose(more.places.lon, lon, atol=1e-12)
    assert len(more) == 3


def test_the_grid_lies_over_the_stops():
    problem, _ = line()
    assert grid_over(problem, columns=2, rows=1).tolist() == [[1_500.0, 0.0], [2_500.0, 0.0]]


def test_new_stops_come_after_all_others_with_all_their_windows():
    problem, _ = line()
    stop = NewStop(load=(1,), windows=((5, 9), (20, 30)), requirements=1)
    larger = with_new_stops(problem, np.zeros((2, 2)), stop)
    assert larger.stops.start_at.tolist()[2:] == [5, 5]
    assert (larger.windows.stop.tolist(), larger.windows.start_at.tolist()) == ([2, 3], [20, 20])
    assert larger.stops.requirements.tolist() == [0, 0, 1, 1]
