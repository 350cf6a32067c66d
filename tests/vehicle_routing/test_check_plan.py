"""The checker names every broken rule, and only that; plans and their clocks are worked by hand.

A metre takes a tenth of a second, loading takes 60 s and service 100 s.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest

from doorstep.vehicle_routing import RoutePlan, RoutingProblem, VehicleRoute, schedule_route
from doorstep.vehicle_routing.check_plan import check_plan, cost_of, objective_of
from doorstep.vehicle_routing.problem import REQUIRED
from doorstep.vehicle_routing.roads import UNREACHABLE
from tests.trials import seeds
from tests.vehicle_routing.small_routes import Depot, Pair, Rest, Stop, Van, routing, with_roads

ONE, TWO = Stop(x=1_000), Stop(x=2_000)


def route(
    trips: Sequence[Sequence[int]] = ((0, 1),),
    *,
    load: Sequence[int] = (0,),
    arrive: Sequence[Sequence[int]] = ((160, 360),),
    service: Sequence[Sequence[int]] | None = None,
    end: int = 660,
    rests: Sequence[int] = (),
    vehicle: int = 0,
) -> VehicleRoute:
    """Return a route; by itself the one that loads at 0, serves ONE at 160 and TWO at 360, and is back at 660."""
    return VehicleRoute(
        vehicle=vehicle,
        trips=tuple(map(tuple, trips)),
        load_at=tuple(load),
        arrive_at=tuple(map(tuple, arrive)),
        service_at=tuple(map(tuple, arrive if service is None else service)),
        end_at=end,
        rest_at=tuple(rests),
    )


def faults(problem: RoutingProblem, *routes: VehicleRoute, require_all: bool = False) -> list[str]:
    return check_plan(problem, RoutePlan(routes=routes), require_all=require_all)


def both(first: Stop = ONE, second: Stop = TWO, van: Van | None = None, **more) -> RoutingProblem:
    return routing([first, second], [van or Van()], **more)


def test_a_plan_that_keeps_every_rule_has_no_fault():
    assert faults(both(), route(), require_all=True) == []


def test_no_plan_at_all_has_no_fault():
    assert faults(both()) == []
    assert objective_of(both(), RoutePlan(routes=())) == 20_000


def test_a_route_costs_its_start_its_kilometres_and_its_hours():
    assert cost_of(both(), route()) == 500 + 400 + 660


def test_each_part_of_the_cost_is_rounded_half_up_once():
    van = Van(per_km=1, per_hour=3, overtime=(60, 15))
    problem = routing([Stop(x=250, due=(80, 30), extra=7)], [van])
    served = route([[0]], arrive=[[85]], service=[[140]], end=265)
    assert served.metres(problem) == 500
    # 500 m x 1 / 1000 = 0.5; 265 s x 3 / 3600 = 0.2; 205 s x 15 / 3600 = 0.9; 60 s late x 30 / 3600 = 0.5
    assert cost_of(problem, served) == 500 + 1 + 0 + 1 + 1 + 7


def test_what_is_left_out_costs_its_prize_and_a_group_its_largest():
    stops = [Stop(x=1_000, prize=3), Stop(x=2_000, prize=5, group=1), Stop(x=3_000, prize=9, group=1)]
    assert objective_of(routing(stops, [Van()]), RoutePlan(routes=())) == 3 + 9


# Who is served


def test_a_stop_is_served_once():
    problem = both(van=Van(count=2))
    again = route([[1]], arrive=[[260]], end=560)
    assert faults(problem, route(), again) == ["stop 1 is served 2 times."]


def test_of_a_group_one_stop_is_served():
    problem = both(Stop(x=1_000, group=4), Stop(x=2_000, group=4))
    assert faults(problem, route()) == ["stops [0, 1] are served, of group 4 at most one may be."]


def test_what_must_be_served_may_be_missing_unless_all_is_asked_for():
    problem = routing([ONE, TWO, Stop(x=3_000, prize=REQUIRED)], [Van()])
    assert faults(problem, route()) == []
    assert faults(problem, route(), require_all=True) == ["stop 2 must be served and is not."]


def test_a_group_must_be_served_if_one_of_its_stops_must():
    stops = [ONE, TWO, Stop(x=3_000, group=4), Stop(x=4_000, group=4, prize=REQUIRED)]
    assert faults(routing(stops, [Van()]), route(), require_all=True) == ["one of group 4 must be served and is not."]
    served = [replace(stops[0], group=4), TWO, *stops[2:]]
    assert faults(routing(served, [Van()]), route(), require_all=True) == []


def test_no_more_routes_of_a_type_than_vehicles():
    first, second = route([[0]], arrive=[[160]], end=360), route([[1]], arrive=[[260]], end=560)
    assert faults(both(), first, second) == ["2 routes have vehicle 0, of which there are 1."]


def test_a_vehicle_holds_the_skills_that_a_stop_requires():
    problem = both(Stop(x=1_000, needs=0b11), van=Van(skills=0b101))
    assert faults(problem, route()) == ["route 0: stop 0 requires 0b11, the vehicle's skills are 0b101."]


# Shape


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (route(vehicle=1), "vehicle 1 is not one of 1 types."),
        (route([[0, 2]]), "stop 2 is not one of 2 stops."),
        (route([], load=[], arrive=[], end=0), "it has no trip."),
        (route(load=[0, 0]), "load_at has 2 moments for 1 trips."),
        (route(arrive=[[160]], service=[[160, 360]]), "arrive_at has [1] moments, its trips have [2] stops."),
        (route(service=[[160, 360, 1]]), "service_at has [3] moments, its trips have [2] stops."),
    ],
)
def test_what_has_no_sense_is_named_and_nothing_else_looked_at(wrong, sentence):
    assert faults(both(), wrong) == [f"route 0: {sentence}"]


# Loads


def test_all_that_a_trip_brings_must_fit_at_its_start():
    problem = both(Stop(x=1_000, load=3), Stop(x=2_000, load=4), Van(capacity=6))
    assert faults(problem, route()) == ["route 0: trip 0 carries 7 of dimension 0 at its start, at most 6 are allowed."]


def test_what_is_fetched_must_fit_beside_what_is_still_to_be_brought():
    first, second = Stop(x=1_000, load=1, pickup=4), Stop(x=2_000, load=3)
    assert faults(both(first, second, Van(capacity=7)), route()) == []
    assert faults(both(first, second, Van(capacity=6)), route()) == [
        "route 0: trip 0 carries 7 of dimension 0 after stop 0, at most 6 are allowed."
    ]


def test_what_rides_in_a_pair_is_on_board_between_its_ends():
    empty = [Stop(x=1_000, load=0), Stop(x=2_000, load=0)]
    pairs = [Pair(pickup=0, delivery=1, load=5)]
    assert faults(routing(empty, [Van(capacity=5)], pairs=pairs), route()) == []
    assert faults(routing(empty, [Van(capacity=4)], pairs=pairs), route()) == [
        "route 0: trip 0 carries 5 of dimension 0 after stop 0, at most 4 are allowed."
    ]


def test_a_second_trip_starts_with_its_own_load_only():
    problem = both(Stop(x=1_000, load=3), Stop(x=2_000, load=3), Van(capacity=3, reloads=1))
    assert faults(problem, two_trips()) == []


# Pairs


def test_of_a_pair_both_are_served():
    problem = both(pairs=[Pair(pickup=0, delivery=1)])
    assert faults(problem, route([[0]], arrive=[[160]], end=360)) == ["pair 0: stop 0 is served, stop 1 is not."]
    assert faults(problem, route([[1]], arrive=[[260]], end=560)) == ["pair 0: stop 1 is served, stop 0 is not."]


def test_of_a_pair_the_pickup_comes_first():
    assert faults(both(pairs=[Pair(pickup=1, delivery=0)]), route()) == ["pair 0: stop 0 comes before stop 1."]


def test_a_pair_is_on_one_trip():
    problem = both(van=Van(reloads=1), pairs=[Pair(pickup=0, delivery=1)])
    assert faults(problem, two_trips()) == ["pair 0: stops 0 and 1 are on different trips."]


@pytest.mark.parametrize(("most", "fine"), [(100, True), (99, False)])
def test_a_ride_lasts_from_the_end_of_service_to_the_next_service(most, fine):
    expected = [] if fine else ["route 0: what pair 0 carries rides for 100 s, at most 99 s are allowed."]
    assert faults(both(pairs=[Pair(pickup=0, delivery=1, ride=most)]), route()) == expected


# Limits


def test_a_route_lies_within_its_shift():
    assert faults(both(van=Van(shift=(1, 660))), route()) == ["route 0: it begins at 0, before its shift at 1."]
    assert faults(both(van=Van(shift=(0, 659))), route()) == ["route 0: it is back at 660, after its shift at 659."]


def test_a_route_is_no_longer_than_it_may():
    assert faults(both(van=Van(range_m=3_999)), route()) == ["route 0: it drives 4000 m, at most 3999 m are allowed."]
    assert faults(both(van=Van(longest=659)), route()) == ["route 0: it lasts 660 s, at most 659 s are allowed."]
    assert faults(both(van=Van(range_m=4_000, longest=660)), route()) == []


def test_a_vehicle_reloads_no_more_often_than_it_may():
    assert faults(both(), two_trips()) == ["route 0: it reloads 1 times, at most 0 times are allowed."]


@pytest.mark.parametrize("what", ["metres", "seconds"])
def test_nobody_drives_where_there_is_no_way(what):
    def close(metres: np.ndarray, seconds: np.ndarray) -> None:
        (metres if what == "metres" else seconds)[1, 2] = UNREACHABLE

    found = faults(with_roads(both(van=Van(range_m=1 << 60)), close), route())
    assert found[0] == "route 0: there is no way from place 1 to place 2."
    assert len(found) == (1 if what == "metres" else 2)  # nobody is there after so many seconds


# Clock


def two_trips() -> VehicleRoute:
    """ONE, back at 360, loaded at once, TWO at 620, back at 920."""
    return route([[0], [1]], load=[0, 360], arrive=[[160], [620]], end=920)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (route(arrive=[[159, 360]], service=[[160, 360]]), "it arrives at stop 0 at 159, by the road at 160."),
        (route(arrive=[[160, 361]], service=[[160, 361]], end=661), "it arrives at stop 1 at 361, by the road at 360."),
        (
            route(service=[[150, 360]], arrive=[[160, 350]], end=660),
            "stop 0 is served at 150, the vehicle arrives at 160.",
        ),
        (route(end=659), "it ends at 659, by the road at 660."),
        (route(service=[[160, 400]], end=660), "it ends at 660, by the road at 700."),
    ],
)
def test_the_clock_follows_the_road(wrong, sentence):
    assert faults(both(), wrong) == [f"route 0: {sentence}"]


def test_waiting_before_service_is_free():
    assert faults(both(), route(arrive=[[160, 400]], service=[[200, 450]], end=750)) == []


@pytest.mark.parametrize(("served", "fine"), [(199, False), (200, True), (300, True), (301, False)])
def test_service_begins_within_the_window(served, fine):
    problem = routing([Stop(x=1_000, window=(200, 300))], [Van()])
    found = faults(problem, route([[0]], arrive=[[160]], service=[[served]], end=served + 200))
    assert found == ([] if fine else [f"route 0: stop 0 is served at {served}, its windows are 200 to 300."])


def test_service_may_begin_in_any_window():
    problem = routing([Stop(x=1_000, window=(0, 100), more=((170, 180), (400, 500)))], [Van()])
    assert faults(problem, route([[0]], arrive=[[160]], service=[[400]], end=600)) == []
    assert faults(problem, route([[0]], arrive=[[160]], service=[[300]], end=500)) == [
        "route 0: stop 0 is served at 300, its windows are 0 to 100, 170 to 180, 400 to 500."
    ]


def test_a_trip_is_loaded_when_its_parcels_are_released():
    assert faults(both(second=Stop(x=2_000, release=1)), route()) == [
        "route 0: trip 0 is loaded at 0, stop 1 is released at 1."
    ]


def test_the_first_trip_does_not_wait_for_the_parcels_of_the_second():
    problem = both(second=Stop(x=2_000, release=360), van=Van(reloads=1))
    assert faults(problem, two_trips()) == []


@pytest.mark.parametrize(
    ("hours", "sentence"),
    [
        ((1, 660), "trip 0 is loaded at 0, depot 0 is open from 1 to 660."),
        ((0, 659), "it is back at 660, depot 0 closes at 659."),
    ],
)
def test_loading_and_return_lie_within_the_hours_of_the_depot(hours, sentence):
    assert faults(both(depots=[Depot(hours=hours)]), route()) == [f"route 0: {sentence}"]


def test_a_route_may_end_at_another_depot():
    depots = [Depot(hours=(0, 100)), Depot(x=3_000)]
    assert faults(both(van=Van(end=1), depots=depots), route(end=560)) == []
    assert faults(both(van=Van(end=1), depots=depots), route()) == ["route 0: it ends at 660, by the road at 560."]


def test_a_depot_that_closes_loads_no_second_trip():
    depots = [Depot(hours=(0, 359)), Depot(x=3_000)]
    second = route([[0], [1]], load=[0, 360], arrive=[[160], [620]], end=820)
    assert faults(both(van=Van(end=1, reloads=1), depots=depots), second) == [
        "route 0: it is back at 360, depot 0 closes at 359.",
        "route 0: trip 1 is loaded at 360, depot 0 is open from 0 to 359.",
    ]


def test_a_trip_is_loaded_when_the_vehicle_is_back():
    early = route([[0], [1]], load=[0, 359], arrive=[[160], [619]], end=919)
    assert faults(both(van=Van(reloads=1)), early) == ["route 0: trip 1 is loaded at 359, the vehicle is there at 360."]
    later = route([[0], [1]], load=[0, 400], arrive=[[160], [660]], end=960)
    assert faults(both(van=Van(reloads=1)), later) == []


# Approach


@pytest.mark.parametrize(("buildings", "walked"), [((7, 7), False), ((7, 8), True), ((-1, -1), True), ((-1, 7), True)])
def test_who_comes_from_another_building_walks_to_the_door(buildings, walked):
    first, second = (Stop(x=1_000, building=building, approach=30) for building in buildings)
    at_once = route(arrive=[[160, 290]], service=[[190, 290]], end=490)
    sentence = "route 0: stop 1 is served at 290, the vehicle arrives at 290 and needs 30 s to the door."
    assert faults(both(first, second), at_once) == ([sentence] if walked else [])
    on_foot = route(arrive=[[160, 290]], service=[[190, 320]], end=520)
    assert faults(both(first, second), on_foot) == []


def test_who_comes_from_the_depot_walks_to_the_door():
    problem = routing([Stop(x=1_000, building=7, approach=30)], [Van()])
    assert faults(problem, route([[0]], arrive=[[160]], service=[[189]], end=389)) == [
        "route 0: stop 0 is served at 189, the vehicle arrives at 160 and needs 30 s to the door."
    ]


# Traffic: a drive of 100 s of road

HALF = [(0, 200), (100, 100)]
"""Half as fast until 100, then as the road."""


@pytest.mark.parametrize(
    ("traffic", "arrives", "ends"),
    [
        ([(0, 200)], 260, 560),
        ([(500, 150)], 210, 460),  # before the first period the first holds
        (HALF, 180, 380),  # 40 s of the clock cover 20 s of road, 80 s remain
        ([(0, 300), (100, 70)], 161, 331),  # 40 s cover 13 1/3 s, 70 % of 86 2/3 s is 60 2/3: rounded up
        ([(0, 300), (100, 150), (109, 100)], 190, 390),  # 13 1/3 s, then 6 s, then 80 2/3 s: rounded up
        ([(0, 100), (160, 200)], 160, 460),  # there at the very moment
    ],
)
def test_a_drive_that_meets_a_new_period_goes_on_at_its_speed(traffic, arrives, ends):
    problem = routing([ONE], [Van()], traffic=traffic)
    assert faults(problem, route([[0]], arrive=[[arrives]], end=ends)) == []
    early = route([[0]], arrive=[[arrives - 1]], service=[[arrives]], end=ends)
    assert faults(problem, early) == [f"route 0: it arrives at stop 0 at {arrives - 1}, by the road at {arrives}."]


def test_each_profile_has_its_own_traffic():
    problem = routing([ONE], [Van(profile=1)], traffic=[(0, 100)], slower=(100, 200))
    assert faults(problem, route([[0]], arrive=[[260]], end=560)) == []


# Rests


@dataclass(frozen=True)
class Case:
    """A route, and what is wrong with its rest of 30 s between 150 and 270."""

    route: VehicleRoute
    sentence: str = ""


BREAK = Rest(earliest=150, latest=270, length=30)


@pytest.mark.parametrize(
    "case",
    [
        Case(route(service=[[190, 390]], arrive=[[160, 390]], rests=[160], end=690)),  # before service
        Case(route(service=[[160, 390]], arrive=[[160, 390]], rests=[260], end=690)),  # after service
        Case(route(service=[[160, 400]], arrive=[[160, 400]], rests=[270], end=700)),  # waits, then rests, then drives
        Case(route(service=[[260, 460]], arrive=[[160, 460]], rests=[200], end=760)),  # while it waits
        Case(route(), "it does not rest for 30 s between 150 and 270."),
        Case(route(rests=[200]), "it rests at 200 for 30 s, while it does something else."),
        Case(route(service=[[180, 380]], arrive=[[160, 380]], rests=[160], end=680),
             "it rests at 160 for 30 s, while it does something else."),
        Case(route(arrive=[[160, 380]], rests=[260], end=680), "it arrives at stop 1 at 380, by the road at 390."),
    ],
)  # fmt: skip
def test_a_rest_is_taken_at_a_stop_and_in_its_time(case):
    found = faults(both(rests=[BREAK]), case.route)
    assert found == ([f"route 0: {case.sentence}"] if case.sentence else [])


def test_a_rest_at_another_time_is_no_break():
    assert faults(both(rests=[BREAK]), route(rests=[140])) == [
        "route 0: it rests at 140, which is none of its breaks.",
        "route 0: it does not rest for 30 s between 150 and 270.",
    ]


@pytest.mark.parametrize(("latest", "owed"), [(0, True), (-1, False), (659, True), (660, False)])
def test_a_rest_is_owed_by_who_is_out_at_its_last_moment(latest, owed):
    problem = both(rests=[Rest(earliest=-9, latest=latest, length=30)])
    sentence = f"route 0: it does not rest for 30 s between -9 and {latest}."
    assert faults(problem, route()) == ([sentence] if owed else [])


def test_a_rest_of_another_vehicle_is_not_owed():
    problem = routing([ONE, TWO], [Van(), Van()], rests=[replace(BREAK, vehicle=1)])
    assert faults(problem, route()) == []


def test_a_rest_is_taken_at_the_depot_after_loading_or_between_trips():
    after_loading = route(arrive=[[190, 390]], rests=[60], end=690)
    assert faults(both(rests=[Rest(earliest=0, latest=99, length=30)]), after_loading) == []
    between = route([[0], [1]], load=[0, 400], arrive=[[160], [660]], end=960, rests=[365])
    assert faults(both(van=Van(reloads=1), rests=[Rest(earliest=300, latest=400, length=30)]), between) == []
    short = replace(between, rest_at=(371,))
    assert faults(both(van=Van(reloads=1), rests=[Rest(earliest=300, latest=400, length=30)]), short) == [
        "route 0: it rests at 371 for 30 s, while it does something else."
    ]


def test_a_rest_before_the_drive_back_between_trips_delays_it():
    problem = both(van=Van(reloads=1), rests=[Rest(earliest=200, latest=300, length=30)])
    rested = route([[0], [1]], load=[0, 390], arrive=[[160], [650]], end=950, rests=[260])
    assert faults(problem, rested) == []
    early = route([[0], [1]], load=[0, 389], arrive=[[160], [649]], end=949, rests=[260])
    assert faults(problem, early) == ["route 0: trip 1 is loaded at 389, the vehicle is there at 390."]


def test_two_rests_do_not_overlap():
    rests = [Rest(earliest=160, latest=170, length=30), Rest(earliest=170, latest=190, length=40)]
    fine = route(service=[[230, 430]], arrive=[[160, 430]], rests=[160, 190], end=730)
    assert faults(both(rests=rests), fine) == []
    overlapping = replace(fine, rest_at=(160, 180))
    assert faults(both(rests=rests), overlapping) == [
        "route 0: it rests at 180 for 40 s, while it does something else."
    ]


def test_a_rest_that_may_be_either_break_is_taken_for_the_one_that_fits():
    rests = [Rest(earliest=150, latest=700, length=50), Rest(earliest=150, latest=270, length=30)]
    served = route(service=[[190, 390]], arrive=[[160, 390]], rests=[160], end=690)
    assert faults(both(rests=rests), served) == []  # the first is not owed before 700


def test_the_door_is_walked_to_between_rests_not_during_them():
    problem = routing([Stop(x=1_000, approach=30)], [Van()], rests=[Rest(earliest=160, latest=200, length=30)])
    walked = route([[0]], arrive=[[160]], service=[[220]], end=420, rests=[190])
    assert faults(problem, walked) == []
    cut = replace(walked, rest_at=(175,))
    assert faults(problem, cut) == [
        "route 0: stop 0 is served at 220, the vehicle arrives at 160 and needs 30 s to the door."
    ]


# Cost


def test_a_cost_that_the_rules_do_not_bear_out_is_named():
    class Cheap(VehicleRoute):
        __slots__ = ()

        def cost_minor(self, problem: RoutingProblem) -> int:
            return 1

    told = route()
    cheap = Cheap(**{name: getattr(told, name) for name in VehicleRoute.__slots__})
    assert faults(both(), cheap) == ["route 0: it says that it costs 1, by the rules it costs 1560."]


@pytest.mark.parametrize("seed", seeds(6))
def test_what_the_schedule_makes_keeps_the_clock(seed):
    rng = np.random.default_rng(seed)
    stops = [
        Stop(
            x=int(rng.integers(-3_000, 3_000)),
            y=int(rng.integers(-3_000, 3_000)),
            window=(0, 9_000),
            building=int(rng.integers(-1, 2)),
            approach=int(rng.integers(0, 40)),
            release=int(rng.integers(0, 300)),
        )
        for _ in range(6)
    ]
    rests = [Rest(earliest=400, latest=1_500, length=120), Rest(earliest=1_600, latest=2_500, length=60)]
    problem = routing(stops, [Van(reloads=1)], rests=rests, traffic=[(0, 100), (700, 170), (1_900, 90)])
    for trips in ([[0, 1, 2, 3, 4, 5]], [[0, 1, 2], [3, 4, 5]], [[5, 3], [1, 0]]):
        planned = schedule_route(problem, 0, trips)
        assert planned is not None
        assert faults(problem, planned) == []


def test_a_stop_is_served_by_the_only_vehicle_that_may():
    problem = routing([Stop(x=1_000, only=1), TWO], [Van(), Van()])
    assert faults(problem, route()) == ["route 0: stop 0 is for vehicle 1 alone, this is vehicle 0."]
    assert faults(problem, route(vehicle=1)) == []


def test_trips_after_the_first_begin_and_end_where_the_vehicle_reloads():
    """The first trip ends at the second depot, 1 km beyond stop 0; there it loads for 30 s and drives on to 3 km."""
    depots = [Depot(), Depot(x=2_000, loading=30)]
    problem = both(second=Stop(x=3_000), van=Van(reload=1, reloads=1), depots=depots)
    assert faults(problem, route([[0], [1]], load=(0, 360), arrive=((160,), (490,)), end=890)) == []
    assert faults(problem, route([[0], [1]], load=(0, 359), arrive=((160,), (489,)), end=889)) == [
        "route 0: trip 1 is loaded at 359, the vehicle is there at 360."
    ]
