"""What could be done, taken apart, worked by hand on a line: a metre takes a tenth of a second, loading 60 s."""

from dataclasses import replace

from doorstep.dispatch import Limits, mend
from doorstep.dispatch.present import NOTHING, present
from doorstep.dispatch.ways import HELP, NEVER_S, REORDER, SWAP, late, outlook, ways
from doorstep.foundation import Iterations
from doorstep.vehicle_routing import RoutePlan, RoutingProblem, schedule_route
from doorstep.vehicle_routing.problem import REQUIRED
from doorstep.vehicle_routing.running import RunningPlan
from tests.vehicle_routing.small_routes import Stop, Van, routing


def running(problem: RoutingProblem, *routes: list[int], now: int = 0) -> RunningPlan:
    """Return a plan that has not begun: route r, by the van of type r, along some stops."""
    patient = replace(problem, stops=replace(problem.stops, end_at=problem.stops.end_at + 100_000))
    plan = RoutePlan(
        routes=tuple(one for r, stops in enumerate(routes) if (one := schedule_route(patient, r, [stops])))
    )
    assert len(plan.routes) == len(routes)
    return present(problem, plan, [NOTHING] * len(routes), now)


def required(x: int, **fields) -> Stop:
    return Stop(x=x, prize=REQUIRED, **fields)


def test_what_becomes_of_a_route_is_worked_out_although_it_is_late():
    problem = routing([required(1_000, window=(0, 100)), required(2_000)], [Van()])
    seen = outlook(running(problem, [0, 1]), 0, ((0, 1),))
    assert seen.at == {0: 160, 1: 360}  # 60 loading and 100 s of road; 100 s there and 100 on
    assert seen.cost_minor == 500 + 400 + 660  # the van, four kilometres, and a unit a second until it is back
    assert outlook(running(problem, [0, 1]), 0, ()).cost_minor == 0
    assert late(seen.at, [0, 1], problem.stops.end_at) == {0: 60}
    assert late({}, [1], problem.stops.end_at) == {1: NEVER_S}


def test_another_order_on_a_route_is_one_way():
    problem = routing([required(-1_000), required(1_000, window=(0, 200))], [Van()])
    now = running(problem, [0, 1])
    found = mend(now, Limits(moved=2, margin_s=0), Iterations(limit=100), seed=1)
    (way,) = ways(now, found.repair.plan)
    assert (way.kind, way.routes, way.fresh) == (REORDER, {0: ((1, 0),)}, ())
    assert (way.late_before, way.late_after, way.cost_minor, len(way.moved)) == ({1: 260}, {}, 0, 1)
    assert way.gain_minor(3_600) == 260


def test_two_things_that_have_nothing_to_do_with_each_other_are_two_ways():
    stops = [required(-1_000), required(1_000, window=(0, 200)), required(0, y=-1_000),
             required(0, y=1_000, window=(0, 200))]  # fmt: skip
    problem = routing(stops, [Van(), Van()])
    now = running(problem, [0, 1], [2, 3])
    found = mend(now, Limits(moved=4, margin_s=0), Iterations(limit=0), seed=1)
    assert {way.kind for way in ways(now, found.repair.plan)} <= {REORDER, SWAP}
    apart = RoutePlan(routes=tuple(r for v, t in ((0, [1, 0]), (1, [3, 2])) if (r := schedule_route(problem, v, [t]))))
    assert [way.routes for way in ways(now, apart)] == [{0: ((1, 0),)}, {1: ((3, 2),)}]


def test_a_stop_on_no_route_that_a_vehicle_more_brings_is_help():
    problem = routing([required(1_000), required(-1_000)], [Van(), Van()])
    now = running(problem, [0])
    plan = RoutePlan(routes=(*now.plan.routes, *(r for r in [schedule_route(problem, 1, [[1]])] if r)))
    (way,) = ways(now, plan)
    assert (way.kind, way.fresh, way.moved) == (HELP, ((1, ((1,),)),), frozenset({1}))
    assert (way.late_before, way.late_after) == ({1: NEVER_S}, {})
    assert way.cost_minor == 500 + 200 + 360
