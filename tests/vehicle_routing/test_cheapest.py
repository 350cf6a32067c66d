"""The cheapest position of one more stop against all positions there are."""

import numpy as np
from hypothesis import given, settings

from doorstep.vehicle_routing import RoutePlan, schedule_route
from doorstep.vehicle_routing.cheapest import NOWHERE, cheapest_insertions, with_stop
from doorstep.vehicle_routing.positions import NEW
from tests.trials import trials
from tests.vehicle_routing.small_plans import by_force, cases
from tests.vehicle_routing.small_routes import Stop, Van, feasible, routing


@settings(max_examples=trials(400), deadline=None)
@given(cases())
def test_no_position_is_cheaper_than_the_one_found(case):
    problem, plan, left = case
    found = cheapest_insertions(problem, plan, np.array(left, dtype=np.int64))
    assert found.proven.all()
    for m, stop in enumerate(left):
        best = by_force(problem, plan, stop)
        row = int(found.position[m])
        assert (row == NOWHERE) == (best is None)
        if best is not None:
            number = int(found.positions.route[row])
            new = with_stop(problem, plan.routes, found.positions, row, stop)
            before = plan.routes[number].cost_minor(problem) if number != NEW else 0
            assert new is not None
            assert feasible(problem, new)
            assert found.cost_minor[m] == best == new.cost_minor(problem) - before


def test_a_stop_on_the_way_costs_its_service():
    problem = routing([Stop(x=1_000), Stop(x=3_000), Stop(x=2_000)], [Van()])
    route = schedule_route(problem, 0, [[0, 1]])
    assert route is not None
    found = cheapest_insertions(problem, RoutePlan(routes=(route,)), np.array([2]))
    assert (found.cost_minor.tolist(), found.positions.at[found.position].tolist()) == ([100], [1])


def test_where_too_few_clocks_are_asked_for_nothing_is_proven():
    problem = routing([Stop(x=1_000), Stop(x=3_000), Stop(x=2_000)], [Van()])
    route = schedule_route(problem, 0, [[0, 1]])
    assert route is not None
    found = cheapest_insertions(problem, RoutePlan(routes=(route,)), np.array([2]), tries=0)
    assert (found.position.tolist(), found.proven.tolist()) == ([NOWHERE], [False])
