"""The clock of a route by hand: stops on a line, 100 s a kilometre, 60 s of loading, 100 s of service."""

from dataclasses import replace

import numpy as np
import pytest

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Ints
from doorstep.vehicle_routing import RoutePlan, RoutingProblem, VehicleRoute, schedule_route
from doorstep.vehicle_routing.density import cheapest_insertion_minor, removal_saving_minor
from doorstep.vehicle_routing.plan import Begun
from doorstep.vehicle_routing.roads import UNREACHABLE
from tests.vehicle_routing.small_routes import FAR, Depot, Pair, Rest, Stop, Van, routing, with_roads

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


def planned(problem: RoutingProblem, *trips: list[int]) -> VehicleRoute:
    """Return the schedule of a route that there must be."""
    route = schedule_route(problem, 0, trips)
    assert route is not None
    return route


def clock(route: VehicleRoute) -> tuple[int, int]:
    return route.start_at, route.end_at


def test_a_route_may_end_at_another_depot():
    problem = routing([ONE], [Van(end=1)], depots=[Depot(), Depot(x=5_000, loading=999)])
    route = planned(problem, [0])
    assert clock(route) == (0, 660)  # 160 + 100 + 400; nothing is loaded where it ends
    assert route.metres(problem) == 5_000


def test_a_van_reloads_where_it_starts_and_as_long_as_that_depot_takes():
    problem = routing([ONE, TWO], [Van(start=0, end=1, reloads=1)], depots=[Depot(loading=80), Depot(x=5_000)])
    route = planned(problem, [0], [1])
    assert (route.load_at, route.service_at) == ((0, 380), ((180,), (760,)))  # home at 180 + 100 + 100
    assert route.end_at == 760 + 100 + 200


def test_loading_waits_until_the_depot_opens_but_the_return_does_not():
    assert clock(planned(routing([ONE], [Van()], depots=[Depot(hours=(300, FAR))]), [0])) == (300, 660)
    late_end = [Depot(), Depot(x=5_000, hours=(5_000, FAR))]
    assert clock(planned(routing([ONE], [Van(end=1)], depots=late_end), [0])) == (0, 660)


@pytest.mark.parametrize(("closes", "possible"), [(660, True), (659, False)])
def test_the_van_must_be_back_as_the_depot_closes(closes, possible):
    problem = routing([ONE], [Van(end=1)], depots=[Depot(), Depot(x=5_000, hours=(0, closes))])
    assert (schedule_route(problem, 0, [[0]]) is not None) is possible


@pytest.mark.parametrize(("closes", "possible"), [(360, True), (359, False)])
def test_a_second_loading_must_begin_as_the_depot_closes(closes, possible):
    depots = [Depot(hours=(0, closes)), Depot(x=5_000)]
    problem = routing([ONE, TWO], [Van(end=1, reloads=1)], depots=depots)
    assert (schedule_route(problem, 0, [[0], [1]]) is not None) is possible


def test_the_last_steps_come_after_the_drive_and_once_for_a_building():
    """Two doors at one place: 30 s to the first, 30 s more to the second unless it is in the same building."""
    for first, second, served in ((7, 7, 290), (7, 8, 320), (-1, -1, 320)):
        doors = [Stop(x=1_000, building=building, approach=30) for building in (first, second)]
        route = planned(routing(doors, [Van()]), [0, 1])
        assert (route.arrive_at, route.service_at) == (((160, 290),), ((190, served),))


def test_the_last_steps_may_be_done_while_the_window_is_closed():
    door = Stop(x=1_000, approach=30, window=(500, 600))
    assert planned(routing([door], [Van()]), [0]).service_at == ((500,),)
    assert planned(routing([door], [Van()]), [0]).start_at == 310  # arrives at 470


def test_service_begins_in_the_next_window_that_is_open():
    door = Stop(x=1_000, window=(500, 600), more=((0, 100), (200, 300)))
    route = planned(routing([door], [Van()]), [0])
    assert (route.start_at, route.service_at, route.end_at) == (40, ((200,),), 400)


def test_a_later_window_that_allows_the_same_return_saves_waiting():
    """The second stop opens at 1,000 s and is 300 s after the first begins: at 700 s its later window is open."""
    second = Stop(x=3_000, window=(1_000, 2_000))
    for later, start in ((), 40), (((690, 800),), 540), (((650, 660),), 500), (((701, 800),), 40):
        route = planned(routing([Stop(x=1_000, window=(0, 200), more=later), second], [Van()]), [0, 1])
        assert clock(route) == (start, 1_400)


@pytest.mark.parametrize(("longest", "possible"), [(1_360, True), (1_359, False)])
def test_a_route_may_not_be_out_for_longer_than_its_longest_duration(longest, possible):
    """It waits from 500 s to 1,000 s for the second stop, see above."""
    stops = [Stop(x=1_000, window=(0, 200)), Stop(x=3_000, window=(1_000, 2_000))]
    assert (schedule_route(routing(stops, [Van(longest=longest)]), 0, [[0, 1]]) is not None) is possible


def test_a_later_return_counts_where_the_earliest_takes_too_long():
    first, second = Stop(x=1_000, window=(0, 200), more=((2_000, 2_100),)), Stop(x=3_000, window=(1_000, 3_000))
    assert clock(planned(routing([first, second], [Van(longest=1_360)]), [0, 1])) == (40, 1_400)
    assert clock(planned(routing([first, second], [Van(longest=1_359)]), [0, 1])) == (1_840, 2_700)


def test_overtime_costs_more_and_lateness_by_the_second():
    problem = routing([Stop(x=1_000, due=(100, 7_200), extra=13), TWO], [Van(overtime=(500, 1_800))])
    route = planned(problem, [0, 1])
    # 6 km, 860 s, 360 s of overtime at half a unit, 60 s late at two units
    assert route.cost_minor(problem) == 500 + 600 + 860 + 180 + 120 + 13


def test_nobody_leaves_later_at_the_price_of_lateness():
    """The second stop opens at 1,500 s, so the first could begin at 1,000 s; it is due at 500 s."""
    first, second = Stop(x=1_000, window=(0, 1_000)), Stop(x=3_000, window=(1_500, 2_000))
    for due, start in (((500, 0), 840), ((500, 1), 340), ((100, 1), 0)):  # due at 100 s it is late at best
        route = planned(routing([replace(first, due=due), second], [Van()]), [0, 1])
        assert clock(route) == (start, 1_900)


def test_a_rest_is_taken_at_the_first_moment_that_costs_least():
    """From 200 s on: arrival at 160 s is before, the end of service at 260 s after."""
    route = planned(routing([ONE, TWO], [Van()], rests=[Rest(earliest=200, latest=800, length=300)]), [0, 1])
    assert (route.rest_at, route.service_at) == ((260,), ((160, 760),))
    assert clock(route) == (0, 1_160)


def test_a_rest_that_would_come_too_late_at_the_next_stop_is_waited_for_at_this_one():
    """Served at 260 s the van would be at the second stop at 460 s: it rests at 300 s, and leaves 40 s later."""
    route = planned(routing([ONE, TWO], [Van()], rests=[Rest(earliest=300, latest=400, length=300)]), [0, 1])
    assert (route.rest_at, route.service_at) == ((300,), ((200, 800),))
    assert clock(route) == (40, 1_200)


def test_a_rest_while_waiting_costs_nothing():
    door = Stop(x=1_000, window=(1_000, 2_000))
    route = planned(routing([door], [Van()], rests=[Rest(earliest=200, latest=900, length=300)]), [0])
    assert (clock(route), route.rest_at, route.service_at) == ((540, 1_200), (600,), ((1_000,),))


def test_a_van_that_leaves_after_the_last_moment_of_a_rest_needs_none():
    door = Stop(x=1_000, window=(1_000, 2_000))
    route = planned(routing([door], [Van()], rests=[Rest(earliest=200, latest=800, length=300)]), [0])
    assert (clock(route), route.rest_at) == ((840, 1_200), ())


@pytest.mark.parametrize(("latest", "rests", "end"), [(860, (), 860), (859, (260,), 1_160)])
def test_a_van_that_is_home_by_the_last_moment_of_a_rest_needs_none(latest, rests, end):
    route = planned(routing([ONE, TWO], [Van()], rests=[Rest(earliest=200, latest=latest, length=300)]), [0, 1])
    assert (route.rest_at, route.end_at) == (rests, end)


def test_two_rests_may_follow_one_another():
    rests = [Rest(earliest=200, latest=800, length=300), Rest(earliest=250, latest=800, length=100)]
    route = planned(routing([ONE, TWO], [Van()], rests=rests), [0, 1])
    assert (route.rest_at, route.end_at) == ((260, 560), 1_260)


def test_a_rest_is_put_off_for_a_stop_that_closes():
    """After the first stop it would make the second late, which closes at 460 s; after the second it does not."""
    closing = Stop(x=3_000, window=(0, 460))
    route = planned(routing([ONE, closing], [Van()], rests=[Rest(earliest=200, latest=800, length=300)]), [0, 1])
    assert (route.rest_at, route.service_at, route.end_at) == ((560,), ((160, 460),), 1_160)


def test_without_a_moment_for_the_rest_there_is_no_route():
    closing = Stop(x=3_000, window=(0, 460))
    rests = [Rest(earliest=200, latest=300, length=300)]
    assert schedule_route(routing([ONE, closing], [Van()], rests=rests), 0, [[0, 1]]) is None


def test_rests_of_another_type_do_not_concern_a_van():
    problem = routing([ONE], [Van(), Van()], rests=[Rest(vehicle=1, earliest=0, latest=300, length=300)])
    assert clock(planned(problem, [0])) == (0, 360)


def test_driving_takes_longer_in_a_slower_hour():
    """Of 300 s of road 140 s are driven by 200 s, the other 160 s take twice as long; so does all of the way home."""
    route = planned(routing([TWO], [Van()], traffic=[(0, 100), (200, 200)]), [0])
    assert (route.arrive_at, clock(route)) == (((520,),), (0, 1_220))


def test_an_arrival_is_rounded_up_to_the_second():
    """160 s at 133 % are 212.8 s; 300 s are 399 s."""
    route = planned(routing([TWO], [Van()], traffic=[(0, 100), (200, 133)]), [0])
    assert (route.arrive_at, clock(route)) == (((413,),), (0, 912))


def test_before_the_first_hour_of_traffic_the_first_holds():
    route = planned(routing([TWO], [Van()], traffic=[(1_000, 50), (2_000, 100)]), [0])
    assert (route.arrive_at, clock(route)) == (((210,),), (0, 460))


def test_a_drive_goes_on_through_several_hours():
    """From 60 s on: 20 s of road by 100 s at 200 %, 100 s by 150 s at 50 %, the other 180 s as they are."""
    route = planned(routing([TWO], [Van()], traffic=[(0, 200), (100, 50), (150, 100)]), [0])
    assert (route.arrive_at, route.end_at) == (((330,),), 730)


def test_each_profile_has_its_roads():
    problem = routing([ONE], [Van(profile=0), Van(profile=1)], slower=[100, 150])
    ends = [route.end_at for v in (0, 1) if (route := schedule_route(problem, v, [[0]]))]
    assert ends == [360, 460]


def test_a_van_that_may_not_be_out_for_long_waits_for_the_rush_to_pass():
    """Until 1,000 s driving takes three times as long: leaving the site at 940 s costs 40 s more than after it."""
    problem = routing([ONE], [Van(longest=400)], traffic=[(0, 300), (1_000, 100)])
    route = planned(problem, [0])
    assert (clock(route), route.arrive_at) == ((880, 1_280), ((1_080,),))


RIDE = [Stop(x=1_000), Stop(x=3_000, window=(1_000, 2_000)), Stop(x=500, window=(0, 110))]


def test_a_pickup_waits_until_its_ride_is_short_enough():
    """The third stop closes as the van passes; the delivery opens at 1,000 s, 300 s after the end of the pickup."""
    route = planned(routing(RIDE, [Van()], pairs=[Pair(pickup=0, delivery=1, ride=300)]), [2, 0, 1])
    assert (route.arrive_at, route.service_at) == (((110, 260, 900),), ((110, 600, 1_000),))
    assert clock(route) == (0, 1_400)


@pytest.mark.parametrize(("ride", "possible"), [(200, True), (199, False)])
def test_no_ride_is_shorter_than_its_drive(ride, possible):
    problem = routing(RIDE, [Van()], pairs=[Pair(pickup=0, delivery=1, ride=ride)])
    assert (schedule_route(problem, 0, [[2, 0, 1]]) is not None) is possible


@pytest.mark.parametrize(("closes", "possible"), [(600, True), (599, False)])
def test_a_pickup_waits_no_longer_than_its_window(closes, possible):
    stops = [Stop(x=1_000, window=(0, closes)), *RIDE[1:]]
    problem = routing(stops, [Van()], pairs=[Pair(pickup=0, delivery=1, ride=300)])
    assert (schedule_route(problem, 0, [[2, 0, 1]]) is not None) is possible


def test_the_latest_departure_keeps_every_ride():
    """Nothing holds the van at the site: it leaves so that pickup, 200 s of driving and delivery follow at once."""
    route = planned(routing(RIDE, [Van()], pairs=[Pair(pickup=0, delivery=1, ride=300)]), [0, 1])
    assert (route.service_at, clock(route)) == (((700, 1_000),), (540, 1_400))


@pytest.mark.parametrize("table", ["metres", "seconds"])
def test_where_there_is_no_road_there_is_no_route(table):
    def change(metres: Ints, seconds: Ints) -> None:
        {"metres": metres, "seconds": seconds}[table][1, 2] = UNREACHABLE

    cut = with_roads(routing([ONE, TWO], [Van()]), change)
    assert schedule_route(cut, 0, [[0, 1]]) is None
    assert schedule_route(cut, 0, [[1, 0]]) is not None


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


def test_the_cheapest_insertion_knows_other_depots_the_last_steps_and_what_a_stop_costs_besides():
    """Between the second stop and the depot at 5 km: no detour, 100 s of service, 30 s of steps, 7 more."""
    stops = [ONE, TWO, Stop(x=4_000, approach=30, extra=7)]
    problem = routing(stops, [Van(end=1)], depots=[Depot(), Depot(x=5_000)])
    plan = RoutePlan(routes=(planned(problem, [0, 1]),))
    assert cheapest_insertion_minor(problem, plan, np.array([2])).tolist() == [137]


def test_where_no_road_leads_nothing_can_be_inserted():
    def change(metres: Ints, seconds: Ints) -> None:
        metres[2, :2] = UNREACHABLE

    cut = with_roads(routing([ONE, TWO], [Van()]), change)
    plan = RoutePlan(routes=(planned(cut, [0]),))
    assert cheapest_insertion_minor(cut, plan, np.array([1])).tolist() == [-1]


def test_the_other_stop_of_a_pair_leaves_with_it():
    problem = routing([ONE, TWO, Stop(x=500)], [Van()], pairs=[Pair(pickup=0, delivery=1)])
    route = planned(problem, [2, 0, 1])
    alone = planned(problem, [2])
    saved = route.cost_minor(problem) - alone.cost_minor(problem)
    assert removal_saving_minor(problem, route, 0) == removal_saving_minor(problem, route, 1) == saved


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
    metres, seconds = good.roads.block(0, np.arange(3))
    with pytest.raises(InputError, match=r"metres \(2, 2\)|seconds \(3, 3\) must be"):
        type(good).around_one_site(
            stops=good.stops, vehicles=good.vehicles, metres=metres[:2, :2], seconds=seconds, loading_s=0
        )
    with pytest.raises(InputError, match="1 depots and 2 stops need as many places, the roads have 2"):
        type(good).around_one_site(
            stops=good.stops, vehicles=good.vehicles, metres=metres[:2, :2], seconds=seconds[:2, :2], loading_s=0
        )


def test_later_trips_load_at_the_reload_depot():
    """0 s loads at 0 m, serves at 1 km, loads anew at 2 km for 30 s, serves at 3 km, ends at 0 m."""
    depots = [Depot(), Depot(x=2_000, loading=30)]
    problem = routing([ONE, TWO], [Van(reload=1, reloads=1)], depots=depots)
    route = schedule_route(problem, 0, [[0], [1]])
    assert route is not None
    assert (route.load_at, route.service_at, route.end_at) == ((0, 360), ((160,), (490,)), 890)
    assert route.metres(problem) == 1_000 + 1_000 + 1_000 + 3_000


def test_what_has_begun_keeps_its_moments_although_leaving_later_would_be_shorter():
    """Loading began at 0 s, the first stop at 160 s; the second opens at 2,000 s, and the van waits there."""
    problem = routing([ONE, Stop(x=3_000, window=(2_000, 9_000))], [Van()])
    route, free = (schedule_route(problem, 0, [[0, 1]], begun=b) for b in (Begun(begins=(0, 160)), Begun()))
    assert route is not None
    assert free is not None
    assert (route.load_at, route.service_at, route.end_at) == ((0,), ((160, 2_000),), 2_400)
    assert (free.load_at, free.service_at, free.end_at) == ((1_540,), ((1_700, 2_000),), 2_400)


def test_a_route_that_has_not_begun_begins_no_earlier_than_now():
    problem = routing([Stop(x=1_000, window=(0, 700))], [Van()])
    route = schedule_route(problem, 0, [[0]], begun=Begun(now=500))
    assert route is not None
    assert (route.load_at, route.service_at) == ((500,), ((660,),))
    assert schedule_route(problem, 0, [[0]], begun=Begun(now=541)) is None


def test_what_has_begun_keeps_its_rests_and_other_rests_come_later():
    """The rest at 260 s was the lunch; the coffee could have been then as well and is taken behind the second stop."""
    rests = [Rest(earliest=200, latest=300, length=60), Rest(earliest=0, latest=900, length=30)]
    problem = routing([ONE, TWO], [Van()], rests=rests)
    route = schedule_route(problem, 0, [[0, 1]], begun=Begun(begins=(0, 160, 520), rests=(260,)))
    assert route is not None
    assert (route.service_at, route.rest_at, route.end_at) == (((160, 520),), (260, 620), 950)


def test_the_first_visits_of_a_route_can_be_settled_as_they_are():
    problem = routing([ONE, TWO], [Van()], rests=[Rest(earliest=200, latest=300, length=60)])
    route = schedule_route(problem, 0, [[0, 1]])
    assert route is not None
    assert Begun.of(route, 2) == Begun(begins=(0, 160))
    assert Begun.of(route, 3) == Begun(begins=(0, 160, 520), rests=(260,))
