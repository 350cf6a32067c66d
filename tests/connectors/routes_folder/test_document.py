"""A plan as JSON says everything that it is, and comes back as the same plan."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.connectors.routes_folder import Comparison, plan_document, read_routes
from doorstep.connectors.routes_folder.document import on_board
from doorstep.foundation import InputError, NotFoundError
from doorstep.vehicle_routing import RoutePlan, schedule_route
from doorstep.vehicle_routing.plan import EMPTY
from tests.connectors.routes_folder.small_plan import PROBLEM, SEARCH, file_of, paired, solved, written
from tests.vehicle_routing.small_routes import Stop, Van, routing


def test_a_plan_is_told_with_clock_loads_and_cost_parts():
    document = plan_document(solved())
    assert document["format"] == "doorstep-routes"
    # 4 km at 100 a kilometre; loading 60 s, two stops of 100 s and 400 s on the road at one a second
    assert document["cost"] == {
        "objective": 500 + 400 + 660 + 700,
        "routes": 500 + 400 + 660,
        "prizes_left": 700,
        "missing_stops": 0,
        "parts": {"fixed": 500, "distance": 400, "time": 660, "overtime": 0, "lateness": 0, "extra": 0},
        "published_units": None,
        "compared_with": None,
        "gap_pct": None,
    }
    assert document["routes"] == [
        {
            "route": 1,
            "vehicle_type": 0,
            "depot": "hub",
            "back_at": "hub",
            "start_at": 0,
            "end_at": 660,
            "rest_at": [],
            "distance": 4_000,
            "cost": 1_560,
            "trips": [
                {
                    "load_at": 0,
                    "load": [3],
                    "stops": [
                        {"stop": "a", "arrive_at": 160, "service_at": 160, "load_after": [1]},
                        {"stop": "b", "arrive_at": 360, "service_at": 360, "load_after": [3]},
                    ],
                }
            ],
        }
    ]
    assert document["unserved"] == [
        {"stop": "c", "must_be_served": False, "prize": 700, "reason": "too_dear", "text": "Its prize is <low>."}
    ]
    assert document["measures"] == {"stem": 0.5}


def test_the_search_says_whether_it_repeats():
    by_seconds = replace(SEARCH, asked_iterations=None, asked_cpu_s=3.0)
    assert SEARCH.repeats
    assert not by_seconds.repeats
    assert not replace(SEARCH, interrupted=True).repeats


def test_the_gap_is_told_only_of_plans_that_serve_all_that_must_be():
    compared = replace(solved(), comparison=Comparison(source="the best known", cost=2_000))
    assert plan_document(compared)["cost"]["gap_pct"] == 13.0  # type: ignore[index, call-overload]
    must = replace(PROBLEM, stops=replace(PROBLEM.stops, prize_minor=PROBLEM.stops.prize_minor * 0 - 1))
    short = replace(compared, file=file_of(must))
    assert (short.missing, short.objective, short.gap) == (1, 1_560, None)


def test_what_rides_between_the_ends_of_a_pair_is_on_board_between_them():
    assert on_board(paired(), (0, 1)) == [[0], [4], [0]]


def test_a_plan_comes_back_as_it_was(tmp_path):
    path = written(tmp_path, json.dumps(plan_document(solved())))
    assert read_routes(path, file_of()) == solved().plan


def test_no_routes_are_a_plan(tmp_path):
    assert read_routes(written(tmp_path, '{"routes": []}'), file_of()) == EMPTY


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "plan.json is not a plan: JSONDecodeError"),
        ("[]", "plan.json is not a plan: TypeError"),
        ("{}", "plan.json is not a plan: KeyError 'routes'"),
        (
            '{"routes": [{"vehicle_type": 0, "trips": [{"stops": [{"stop": "z"}]}]}]}',
            "stop 'z': line has no such stop.",
        ),
        ('{"routes": [{"vehicle_type": 3, "trips": []}]}', "plan.json vehicle_type 3: line has 1 types."),
        ('{"routes": [{"vehicle_type": 0, "trips": []}]}', "plan.json: no clock allows its routes 1."),
    ],
)
def test_what_is_no_plan_for_the_problem_is_refused(tmp_path, text, fault):
    with pytest.raises(InputError) as caught:
        read_routes(written(tmp_path, text), file_of())
    assert fault in str(caught.value)
    assert "Maybe" in str(caught.value)


def test_a_plan_that_is_not_there_is_named(tmp_path):
    with pytest.raises(NotFoundError, match="is not a file"):
        read_routes(tmp_path / "none.json", file_of())


@given(orders=st.permutations(range(3)), cut=st.integers(0, 3), kind=st.integers(0, 1))
def test_any_plan_comes_back_as_it_was(tmp_path_factory, orders, cut, kind):
    problem = routing([Stop(x=700, load=2), Stop(x=900, y=50, pickup=1), Stop(x=40)], [Van(reloads=1), Van(per_km=7)])
    trips = [trip for trip in (orders[:cut], orders[cut:]) if trip]
    route = schedule_route(problem, kind, trips)
    assert route is not None
    plan, file = RoutePlan(routes=(route,)), file_of(problem)
    text = json.dumps(plan_document(replace(solved(plan, file), unserved=())))
    assert read_routes(written(tmp_path_factory.mktemp("plan"), text), file) == plan
