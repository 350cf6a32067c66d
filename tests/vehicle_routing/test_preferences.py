"""Territories and even hours: what they change in a problem, and what a plan with them is said to cost."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from doorstep.foundation import InputError, Iterations, Stop
from doorstep.vehicle_routing import RoutePlan, RoutingProblem, SisrSolver, schedule_route
from doorstep.vehicle_routing.check_plan import check_plan
from doorstep.vehicle_routing.preferences import (
    SoftTerms,
    ZonedRoads,
    by_territory,
    mean_hours_s,
    prefer,
    territories,
    with_terms,
    zones_of,
)
from doorstep.vehicle_routing.roads import UNREACHABLE, PlaneRoads, TableRoads
from tests.vehicle_routing.small_routes import Pair, Van, array, routing
from tests.vehicle_routing.small_routes import Stop as Door


def two_villages(*, doors: int = 6, vans: int = 2) -> RoutingProblem:
    """Return doors in two clusters, east and west of the depot, in turn."""
    rng = np.random.default_rng(3)
    side = np.where(np.arange(doors) % 2, 1_000.0, -1_000.0)
    x, y = side + rng.normal(0, 50, doors), rng.normal(0, 50, doors)
    problem = routing([Door(x=0) for _ in range(doors)], [Van(count=vans)])
    return replace(problem, roads=PlaneRoads(x=np.append(0.0, x), y=np.append(0.0, y)))


@dataclass(slots=True)
class Fixed:
    """A solver that knows one plan of the first stops, in their order, on one route."""

    asked: int = 0

    def solve(self, problem: RoutingProblem, stop: Stop, *, seed: int, start: RoutePlan | None = None) -> RoutePlan:
        self.asked += 1
        route = schedule_route(problem, 0, [list(range(len(problem.stops)))])
        assert route is not None
        return RoutePlan(routes=(route,))


def test_only_arcs_between_two_territories_are_longer():
    metres = np.arange(16).reshape(4, 4)
    roads = ZonedRoads(roads=TableRoads(metres=metres, seconds=metres + 100), zone=array([-1, 0, 0, 1]), extra_m=1_000)
    longer, seconds = roads.block(0, np.arange(4))
    assert (longer - metres).tolist() == [[0, 0, 0, 0], [0, 0, 0, 1_000], [0, 0, 0, 1_000], [0, 1_000, 1_000, 0]]
    assert (seconds == metres + 100).all()
    along, _ = roads.along(0, array([1, 1, 3]), array([2, 3, 0]))
    assert along.tolist() == [6, 1_007, 12]


def test_where_there_is_no_road_a_border_makes_none():
    metres = np.full((3, 3), UNREACHABLE)
    roads = ZonedRoads(roads=TableRoads(metres=metres, seconds=metres), zone=array([-1, 0, 1]), extra_m=7)
    assert roads.along(0, array([1]), array([2]))[0].tolist() == [UNREACHABLE]


def test_new_places_belong_to_no_territory():
    roads = ZonedRoads(roads=PlaneRoads(x=np.zeros(2), y=np.zeros(2)), zone=array([-1, 0]), extra_m=7)
    assert roads.extended(np.ones((1, 2))).zone.tolist() == [-1, 0, -1]


def test_territories_are_the_villages():
    zone = territories(two_villages(doors=20), 2)
    assert len(set(zone[0::2].tolist())) == len(set(zone[1::2].tolist())) == 1
    assert zone[0] != zone[1]


def test_no_territory_has_much_more_than_its_share():
    sizes = np.bincount(territories(two_villages(doors=40), 5))
    assert sizes.size == 5
    assert sizes.max() <= 10  # 8 and a quarter


def test_territories_need_places():
    with pytest.raises(InputError, match="know where the stops are"):
        territories(routing([Door(x=0)], [Van()]), 2)


def test_a_pair_and_a_group_are_in_one_territory():
    problem = routing(
        [Door(x=0), Door(x=1), Door(x=2, group=5), Door(x=3, group=5), Door(x=4)],
        [Van()],
        pairs=[Pair(pickup=4, delivery=0)],
    )
    assert zones_of(problem, SoftTerms(zone=array([0, 1, 2, 3, 4]))).tolist() == [4, 1, 2, 2, 4]


def test_a_zone_for_every_stop_is_asked_for():
    with pytest.raises(InputError, match="must be"):
        zones_of(routing([Door(x=0)], [Van()]), SoftTerms(zone=array([0, 1])))


def test_hours_beyond_the_mean_become_overtime_where_there_is_none():
    problem = routing([Door(x=1_000)], [Van(), Van(overtime=(100, 50))])
    route = schedule_route(problem, 0, [[0]])
    assert route is not None
    plan = RoutePlan(routes=(route,))
    kinds = with_terms(problem, SoftTerms(over_target_minor=900), plan).vehicles
    assert mean_hours_s(plan) == 360
    assert kinds.overtime_after_s.tolist() == [360, 100]
    assert kinds.overtime_per_hour_minor.tolist() == [900, 50]


def test_without_terms_the_problem_is_the_same():
    problem = two_villages()
    assert with_terms(problem, SoftTerms(), RoutePlan(routes=())) is problem


def test_each_territory_is_planned_alone_with_its_share_of_the_vehicles():
    problem = two_villages()
    solver = Fixed()
    plan = by_territory(problem, solver, lambda share: Iterations(limit=1), array([7, 9, 7, 9, 7, 9]), seed=1)
    assert solver.asked == 2
    assert [route.trips for route in plan.routes] == [((0, 2, 4),), ((1, 3, 5),)]
    assert check_plan(problem, plan, require_all=True) == []


def test_prices_are_those_of_the_true_problem():
    """The solver has one plan whatever the terms, so they cost nothing."""
    problem = two_villages(vans=1)
    plain, zoned = prefer(
        problem, Fixed(), lambda share: Iterations(limit=1), lambda _: [SoftTerms(territories=2, border_m=500)], seed=1
    )
    assert plain.terms == SoftTerms()
    assert (zoned.price_minor, zoned.price_pct) == (0, 0.0)
    assert zoned.cost_minor == plain.cost_minor == plain.plan.cost_minor(problem)
    assert plain.stray_share == 0.0


def test_a_border_keeps_a_route_in_its_village():
    """Two vans that could each go anywhere: with a border each stays on its side."""
    problem = two_villages(doors=12)
    problem = replace(problem, vehicles=replace(problem.vehicles, capacity=array([[6]])))
    results = prefer(
        problem,
        SisrSolver(threads=1),
        lambda share: Iterations(limit=2_000),
        lambda _: [SoftTerms(territories=2, border_m=5_000)],
        seed=1,
    )
    zone = territories(problem, 2)
    assert [len(set(zone[list(route.stops)].tolist())) for route in results[1].plan.routes] == [1, 1]
    assert all(check_plan(problem, result.plan, require_all=True) == [] for result in results)
