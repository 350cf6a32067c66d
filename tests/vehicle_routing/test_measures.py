"""Density by hand: two routes on a grid, a unit a second, ten seconds each hundred metres."""

from dataclasses import replace

import numpy as np
import pytest

from doorstep.vehicle_routing import RoutePlan, RoutingProblem, schedule_route
from doorstep.vehicle_routing.measures import density_of
from doorstep.vehicle_routing.roads import PlaneRoads
from tests.vehicle_routing.small_routes import Depot, Pair, Stop, Van, routing


def planned(problem: RoutingProblem, *routes: list[list[int]]) -> RoutePlan:
    scheduled = [schedule_route(problem, 0, trips) for trips in routes]
    assert None not in scheduled
    return RoutePlan(routes=tuple(route for route in scheduled if route is not None))


def on_a_plane(problem: RoutingProblem, points: list[tuple[int, int]]) -> RoutingProblem:
    x, y = np.array([(0, 0), *points], dtype=np.float64).T
    return replace(problem, roads=PlaneRoads(x=x, y=y))


def test_stops_an_hour_kilometres_a_stop_and_stems():
    """60 s of loading, 100 + 200 + 300 s of driving, two services: 860 s; 4 of 6 km are stems."""
    problem = routing([Stop(x=1_000), Stop(x=3_000)], [Van()])
    found = density_of(problem, planned(problem, [[0, 1]]))
    assert (found.stops.tolist(), found.lasts_s.tolist(), found.metres.tolist()) == ([2], [860], [6_000])
    assert found.stops_per_hour == pytest.approx(2 * 3_600 / 860)
    assert found.km_per_stop == 3.0
    assert found.stem_share == found.stem_share_of_time == pytest.approx(4 / 6)
    assert found.cost_per_stop_minor == (500 + 600 + 860) / 2


def test_every_trip_has_two_stems_and_a_stop_alone_is_all_stem():
    problem = routing([Stop(x=1_000), Stop(x=3_000)], [Van(reloads=1)])
    found = density_of(problem, planned(problem, [[0], [1]]))
    assert (found.stem_m.tolist(), found.metres.tolist(), found.stem_share) == ([8_000], [8_000], 1.0)


def test_stems_lead_to_the_depots_of_the_vehicle():
    problem = routing([Stop(x=1_000), Stop(x=3_000)], [Van(end=1)], depots=[Depot(), Depot(x=5_000)])
    found = density_of(problem, planned(problem, [[0, 1]]))
    assert (found.stem_m.tolist(), found.metres.tolist()) == ([3_000], [5_000])


def test_a_stop_on_the_way_costs_its_service_and_one_left_out_nothing():
    problem = routing([Stop(x=1_000), Stop(x=3_000), Stop(x=9_000)], [Van()])
    found = density_of(problem, planned(problem, [[0, 1]]))
    assert found.marginal_minor.tolist() == [100, 100 + 400 + 400, -1]


def test_both_stops_of_a_pair_are_worth_what_the_pair_is():
    problem = routing([Stop(x=1_000), Stop(x=3_000)], [Van()], pairs=[Pair(pickup=0, delivery=1)])
    assert density_of(problem, planned(problem, [[0, 1]])).marginal_minor.tolist() == [1_960, 1_960]


def test_without_coordinates_overlap_is_unknown():
    problem = routing([Stop(x=1_000), Stop(x=3_000)], [Van()])
    found = density_of(problem, planned(problem, [[0, 1]]))
    assert (found.overlap, found.stray_share) == (None, None)


def test_a_stop_in_the_hull_of_another_route_is_overlap():
    """A square of four and, in it, one stop of another route, whose second stop is far away beside its own."""
    points = [(0, 0), (0, 100), (100, 100), (100, 0), (50, 50), (900, 50), (900, 60)]
    problem = on_a_plane(routing([Stop(x=x, y=y) for x, y in points], [Van(count=2)]), points)
    found = density_of(problem, planned(problem, [[0, 1, 2, 3]], [[4, 5, 6]]))
    assert found.inside.tolist() == [0, 1]
    assert found.overlap == pytest.approx(1 / 7)


def test_a_stop_whose_nearest_is_on_another_route_is_a_stray():
    """Stop 1 is nearest to 2, which is on the other route; so is 2 to 1."""
    points = [(0, 0), (100, 0), (130, 0), (500, 0), (510, 0)]
    problem = on_a_plane(routing([Stop(x=x, y=y) for x, y in points], [Van(count=2)]), points)
    found = density_of(problem, planned(problem, [[0, 1]], [[2, 3, 4]]))
    assert (found.strays.tolist(), found.stray_share) == ([1, 1], 0.4)


def test_a_neighbour_of_ones_own_in_the_same_place_is_no_stray():
    points = [(0, 0), (0, 0), (0, 0)]
    problem = on_a_plane(routing([Stop(x=x, y=y) for x, y in points], [Van(count=2)]), points)
    assert density_of(problem, planned(problem, [[0, 1]], [[2]])).strays.tolist() == [0, 1]


def test_stops_on_one_line_have_no_inside():
    points = [(0, 0), (50, 0), (100, 0), (60, 0)]
    problem = on_a_plane(routing([Stop(x=x, y=y) for x, y in points], [Van(count=2)]), points)
    assert density_of(problem, planned(problem, [[0, 1, 2]], [[3]])).inside.tolist() == [0, 0]


def test_a_plan_without_routes_has_no_density():
    problem = routing([Stop(x=1_000)], [Van()])
    found = density_of(problem, RoutePlan(routes=()))
    assert (found.stops_per_hour, found.km_per_stop, found.stem_share, found.hours_spread_s) == (0, 0, 0, 0)
    assert found.marginal_minor.tolist() == [-1]
