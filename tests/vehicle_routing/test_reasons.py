"""Every reason by hand: a kilometre is 100 s and costs 100, an hour 3,600; loading takes 60 s, service 100 s."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from doorstep.vehicle_routing import RoutePlan, RoutingProblem, schedule_route
from doorstep.vehicle_routing.fixes import Change, Fix, apply_fixes
from doorstep.vehicle_routing.reasons import reasons_for, unserved
from doorstep.vehicle_routing.roads import UNREACHABLE
from doorstep.vehicle_routing.unserved import Reason, Unserved
from tests.trials import trials
from tests.vehicle_routing.small_plans import by_force, cases
from tests.vehicle_routing.small_routes import Pair, Rest, Stop, Van, array, routing, with_roads

NOTHING = RoutePlan(routes=())


def planned(problem: RoutingProblem, *routes: list[list[int]]) -> RoutePlan:
    scheduled = [schedule_route(problem, 0, trips) for trips in routes]
    assert None not in scheduled
    return RoutePlan(routes=tuple(route for route in scheduled if route is not None))


def why(problem: RoutingProblem, plan: RoutePlan = NOTHING) -> Unserved:
    """Return the reason of the only stop left out."""
    (found,) = unserved(problem, plan)
    return found


def only(change: Change, amount: int, vehicle: int = -1) -> tuple[Fix, ...]:
    return (Fix(change=change, amount=amount, vehicle=vehicle),)


def test_nothing_is_left_out_of_a_whole_plan():
    problem = routing([Stop(x=1_000)], [Van()])
    assert unserved(problem, planned(problem, [[0]])) == ()


def test_without_any_vehicle_there_is_none():
    found = why(routing([Stop(x=1_000)], [Van(count=0)]))
    assert (found.reason, found.fixes) == (Reason.NO_VEHICLE, only(Change.VEHICLE, 1, 0))
    assert found.sentence == "There is no vehicle that may serve stop 0."
    assert found.hint == "Maybe add 1 more of vehicle type 0."


def test_a_stop_bound_to_a_type_that_is_not_there_has_no_vehicle():
    problem = routing([Stop(x=1_000)], [Van(), Van(count=0)])
    bound = replace(problem, stops=replace(problem.stops, vehicle=array([1])))
    assert (why(bound).reason, why(bound).fixes) == (Reason.NO_VEHICLE, only(Change.VEHICLE, 1, 1))


def test_a_skill_that_nobody_has():
    found = why(routing([Stop(x=1_000, needs=0b110)], [Van(skills=0b010)]))
    assert (found.reason, found.fixes) == (Reason.SKILL, only(Change.SKILL, 0b100, 0))


def test_a_load_larger_than_any_vehicle():
    found = why(routing([Stop(x=1_000, load=9)], [Van(capacity=4), Van(capacity=7)]))
    assert (found.reason, found.fixes) == (Reason.CAPACITY, only(Change.CAPACITY, 2, 1))


def test_a_pickup_larger_than_any_vehicle():
    assert why(routing([Stop(x=1_000, pickup=9)], [Van(capacity=4)])).fixes == only(Change.CAPACITY, 5, 0)


def test_a_place_that_no_road_leads_back_from():
    def change(metres, seconds):
        metres[1, 0] = UNREACHABLE

    found = why(with_roads(routing([Stop(x=1_000)], [Van()]), change))
    assert (found.reason, found.fixes, found.hint) == (Reason.NO_ROAD, (), "Maybe its place is wrong.")


def test_a_window_that_closes_before_anybody_can_be_there():
    """Loading and the way take 160 s."""
    found = why(routing([Stop(x=1_000, window=(0, 150))], [Van()]))
    assert (found.reason, found.fixes) == (Reason.WINDOW, only(Change.WINDOW_LATER, 10))
    assert found.hint == "Maybe let its window close 10 s later."


def test_of_several_windows_the_last_counts():
    found = why(routing([Stop(x=10_000, window=(0, 150), more=((900, 1_000),))], [Van()]))
    assert found.fixes == only(Change.WINDOW_LATER, 60)  # there at 1,060


def test_parcels_that_are_ready_too_late_for_the_window():
    found = why(routing([Stop(x=1_000, window=(0, 500), release=400)], [Van()]))
    assert (found.reason, found.fixes) == (Reason.RELEASE, only(Change.RELEASE_EARLIER, 60))  # 400 + 160 = 560


def test_parcels_that_are_ready_too_late_for_the_shift():
    found = why(routing([Stop(x=1_000, release=400)], [Van(shift=(0, 700))]))
    assert (found.reason, found.fixes) == (Reason.RELEASE, only(Change.RELEASE_EARLIER, 60))  # home at 760


def test_a_way_too_long_for_the_shift():
    found = why(routing([Stop(x=1_000)], [Van(shift=(0, 300))]))
    assert (found.reason, found.fixes) == (Reason.SHIFT, only(Change.SHIFT, 60, 0))  # home at 360


def test_a_way_longer_than_a_route_may_last():
    found = why(routing([Stop(x=1_000)], [Van(longest=300)]))
    assert (found.reason, found.fixes) == (Reason.DURATION, only(Change.DURATION, 60, 0))


def test_a_way_longer_than_the_range():
    found = why(routing([Stop(x=1_000)], [Van(range_m=1_500)]))
    assert (found.reason, found.fixes) == (Reason.RANGE, only(Change.RANGE, 500, 0))


def test_what_must_change_together_is_told_together():
    found = why(routing([Stop(x=1_000, load=9, needs=1)], [Van(capacity=4)]))
    assert found.reason == Reason.SKILL
    assert [fix.change for fix in found.fixes] == [Change.SKILL, Change.CAPACITY]
    assert found.hint == "Maybe give vehicle type 0 the skills 0b1 and let vehicle type 0 carry 5 more of dimension 0."


def test_the_type_that_needs_the_fewest_changes_is_named():
    found = why(routing([Stop(x=1_000, load=9, needs=1)], [Van(capacity=4), Van(capacity=4, skills=1)]))
    assert (found.reason, found.fixes) == (Reason.CAPACITY, only(Change.CAPACITY, 5, 1))


def test_a_type_of_which_there_is_none_does_not_hide_what_is_wrong_with_the_others():
    found = why(routing([Stop(x=1_000, load=90)], [Van(capacity=4), Van(count=0)]))
    assert (found.reason, found.fixes) == (Reason.CAPACITY, only(Change.CAPACITY, 86, 0))


def test_a_stop_whose_group_is_served_is_not_needed():
    problem = routing([Stop(x=1_000, group=3), Stop(x=2_000, group=3)], [Van()])
    found = why(problem, planned(problem, [[1]]))
    assert (found.reason, found.other, found.hint) == (Reason.GROUP_SERVED, 1, "")


def test_a_prize_below_the_cheapest_detour():
    """The way there and back is 4 km and 400 s more, service 100 s: 900."""
    problem = routing([Stop(x=1_000), Stop(x=3_000, prize=700)], [Van()])
    found = why(problem, planned(problem, [[0]]))
    assert (found.reason, found.price_minor, found.prize_minor) == (Reason.PRIZE, 900, 700)
    assert found.fixes == only(Change.PRIZE, 201)
    assert found.sentence == "To serve stop 1 costs 900, to leave it out 700."


def test_a_stop_that_would_have_paid_was_overlooked():
    problem = routing([Stop(x=1_000), Stop(x=3_000, prize=901)], [Van()])
    found = why(problem, planned(problem, [[0]]))
    assert (found.reason, found.price_minor) == (Reason.OVERLOOKED, 900)
    assert found.hint.startswith("Maybe search longer")


def test_where_all_is_full_a_little_more_room_is_proposed():
    problem = routing([Stop(x=1_000, load=60), Stop(x=2_000, load=50)], [Van()])
    found = why(problem, planned(problem, [[0]]))
    assert (found.reason, found.fixes) == (Reason.NO_ROOM, only(Change.CAPACITY, 10, 0))
    assert only(Change.VEHICLE, 1, 0)[0] in found.others


def test_where_the_route_comes_too_late_a_later_window_is_proposed():
    """At 1,000 m until 200 s, then 1,100 m back over the depot: there at 60 + 100 + 100 + 300 = 560 s."""
    stops = [Stop(x=1_000, window=(0, 200)), Stop(x=-2_000, window=(0, 500))]
    problem = routing(stops, [Van()])
    found = why(problem, planned(problem, [[0]]))
    assert (found.reason, found.fixes) == (Reason.NO_ROOM, only(Change.WINDOW_LATER, 60))


def test_where_the_shift_is_full_a_longer_one_is_proposed():
    """Both are done at 60 + 100 + 100 + 200 + 100 + 300 = 860 s."""
    problem = routing([Stop(x=1_000), Stop(x=3_000)], [Van(shift=(0, 850))])
    found = why(problem, planned(problem, [[0]]))
    assert (found.reason, found.fixes) == (Reason.NO_ROOM, only(Change.SHIFT, 10, 0))


def test_where_too_many_have_no_room_only_a_vehicle_is_proposed():
    problem = routing([Stop(x=1_000, load=60), Stop(x=2_000, load=50)], [Van()])
    (found,) = reasons_for(problem, planned(problem, [[0]]), np.array([1]), detailed=0)
    assert (found.fixes, found.others) == (only(Change.VEHICLE, 1, 0), ())


def test_a_stop_is_left_out_with_the_other_one_of_its_pair():
    problem = routing([Stop(x=1_000), Stop(x=2_000, window=(0, 10))], [Van()], pairs=[Pair(pickup=0, delivery=1)])
    pickup, delivery = unserved(problem, NOTHING)
    assert (pickup.reason, pickup.other) == (Reason.PAIR, 1)
    assert (delivery.reason, delivery.fixes) == (Reason.WINDOW, only(Change.WINDOW_LATER, 250))


def test_a_pair_too_heavy_for_any_vehicle():
    problem = routing([Stop(x=1_000), Stop(x=2_000)], [Van(capacity=4)], pairs=[Pair(pickup=0, delivery=1, load=5)])
    pickup, _ = unserved(problem, NOTHING)
    assert (pickup.reason, pickup.fixes) == (Reason.CAPACITY, only(Change.CAPACITY, 2, 0))  # 5 and 1 for the delivery


def test_a_pair_whose_ends_are_too_far_apart_in_time():
    """The pickup is open from 1,000 s on, so the delivery is reached at 1,000 + 100 + 100 s."""
    stops = [Stop(x=1_000, window=(1_000, 2_000)), Stop(x=2_000, window=(0, 1_150))]
    pickup, delivery = unserved(routing(stops, [Van()], pairs=[Pair(pickup=0, delivery=1)]), NOTHING)
    assert (pickup.reason, pickup.fixes) == (Reason.PAIR, ())
    assert (delivery.reason, delivery.fixes) == (Reason.PAIR, only(Change.WINDOW_LATER, 50))


def test_a_pair_whose_prizes_together_are_below_its_price():
    """500 for the vehicle, 4 km, 60 + 400 + 200 s: 1,560."""
    problem = routing([Stop(x=1_000, prize=700), Stop(x=2_000, prize=800)], [Van()], pairs=[Pair(pickup=0, delivery=1)])
    pickup, delivery = unserved(problem, NOTHING)
    assert (pickup.reason, pickup.price_minor, pickup.prize_minor) == (Reason.PRIZE, 1_560, 1_500)
    assert delivery.fixes == only(Change.PRIZE, 61)


def test_a_pair_without_room_asks_for_a_vehicle():
    stops = [Stop(x=1_000, load=100), Stop(x=1_000), Stop(x=2_000)]
    problem = routing(stops, [Van(shift=(0, 700))], pairs=[Pair(pickup=1, delivery=2)])
    pickup, delivery = unserved(problem, planned(problem, [[0]]))
    assert (pickup.reason, delivery.reason) == (Reason.NO_ROOM, Reason.NO_ROOM)
    assert pickup.fixes == only(Change.VEHICLE, 1, 0)


def test_traffic_asks_for_as_much_more_as_it_takes():
    """Half as fast: there at 60 + 200 s."""
    found = why(routing([Stop(x=1_000, window=(0, 150))], [Van()], traffic=[(0, 200)]))
    assert (found.reason, found.fixes) == (Reason.WINDOW, only(Change.WINDOW_LATER, 110))


def test_a_rest_asks_for_as_much_more_as_it_takes():
    """A rest of 100 s between 0 and 300 s is taken before the return at 460 s."""
    found = why(routing([Stop(x=1_000)], [Van(shift=(0, 400))], rests=[Rest(earliest=200, latest=300, length=100)]))
    assert (found.reason, found.fixes) == (Reason.SHIFT, only(Change.SHIFT, 60, 0))


@settings(max_examples=trials(200), deadline=None)
@given(cases())
def test_what_is_proposed_makes_the_stop_servable(case):
    """On the plan if it has no room, on an empty vehicle if nothing could bring the stop even alone."""
    problem, plan, _ = case
    for found in unserved(problem, plan):
        price = by_force(problem, plan, found.stop)
        if found.reason in (Reason.PRIZE, Reason.OVERLOOKED):
            assert price == found.price_minor
            assert (found.reason == Reason.PRIZE) == (price >= found.prize_minor)
            continue
        assert price is None
        assert found.fixes
        base = plan if found.reason == Reason.NO_ROOM else NOTHING
        for fixes in (found.fixes, *([other] for other in found.others)):
            assert by_force(apply_fixes(problem, found.stop, fixes), base, found.stop) is not None


@settings(max_examples=trials(200), deadline=None)
@given(cases())
def test_a_second_or_unit_less_would_not_be_enough(case):
    problem, plan, _ = case
    for found in unserved(problem, plan):
        fix = found.fixes[0] if len(found.fixes) == 1 else None
        timed = len(problem.traffic) or len(problem.breaks)
        exact = (
            (Change.CAPACITY, Change.WINDOW_LATER, Change.RANGE) if found.reason == Reason.NO_ROOM else tuple(Change)
        )
        if fix is None or timed or fix.change not in exact or fix.change in (Change.SKILL, Change.PRIZE):
            continue
        less = apply_fixes(problem, found.stop, [replace(fix, amount=fix.amount - 1)])
        assert by_force(less, plan if found.reason == Reason.NO_ROOM else NOTHING, found.stop) is None


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_a_sentence_and_a_hint_that_begins_with_maybe(reason):
    found = Unserved(stop=7, reason=reason, other=3)
    assert "7" in found.sentence
    assert found.hint.startswith("Maybe ") or reason == Reason.GROUP_SERVED
