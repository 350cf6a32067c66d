"""Quotes by hand and against all places tried one by one; a metre takes a tenth of a second, service 100 s."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.foundation import InputError
from doorstep.vehicle_routing import RoutePlan, RoutingProblem, schedule_route
from doorstep.vehicle_routing._quotes import added_costs, segments
from doorstep.vehicle_routing.check_plan import check_plan
from doorstep.vehicle_routing.problem import MoreWindows
from doorstep.vehicle_routing.quotes import LivePlan, Offer, Refusal
from tests.trials import trials
from tests.vehicle_routing.random_days import feasible_plans, placed, random_day, random_plan
from tests.vehicle_routing.small_routes import Depot, Stop, Van, routing

ONE, THREE = Stop(x=1_000), Stop(x=3_000)
ALWAYS = (0, 36_000)


def live(stops: list[Stop], *, van: Van | None = None, trips: list[list[int]] | None = None, **more) -> LivePlan:
    problem = routing(stops, [van or Van()], **more)
    route = schedule_route(problem, 0, [[0, 1]] if trips is None else trips)
    assert route is not None
    return LivePlan.of(problem, RoutePlan(routes=(route,)))


def offers(found: tuple[Offer | Refusal, ...]) -> list[Offer]:
    return [one for one in found if isinstance(one, Offer)]


def test_a_stop_on_the_way_costs_its_service():
    (offer,) = offers(live([ONE, THREE, Stop(x=2_000)]).quote(2))
    assert (offer.cost_minor, offer.detour_m, offer.detour_s) == (100, 0, 100)
    assert (offer.route, offer.trip, offer.after, offer.before) == (0, 0, 0, 1)
    assert offer.becomes.trips == ((0, 2, 1),)


def test_each_window_has_its_own_cheapest_place():
    """Until 1,000 s it fits between the two; after 2,000 s the van would wait, and so does it on the way home."""
    found = live([ONE, THREE, Stop(x=2_000)]).quote(2, [(0, 1_000), (2_000, 3_000), (50_000, 60_000)])
    first, second = offers(found)
    assert [offer.becomes.trips for offer in (first, second)] == [((0, 2, 1),)] * 2
    assert second.becomes.service_at[0] == (1_800, 2_000, 2_200)
    assert found[2] == Refusal(
        stop=2, window=(50_000, 60_000), reason="a later stop or the return would be late", route=0
    )


@pytest.mark.parametrize(
    ("stop", "van", "window", "reason"),
    [
        (Stop(x=2_000, needs=1), Van(), ALWAYS, "no vehicle may serve it"),
        (Stop(x=2_000, load=99), Van(), ALWAYS, "no vehicle has room for it"),
        (Stop(x=9_000), Van(range_m=17_999), ALWAYS, "it is too far for every vehicle that could take it"),
        (Stop(x=2_000), Van(), (0, 100), "no vehicle can be there in time"),
        (Stop(x=2_000), Van(longest=959), ALWAYS, "the shift would become too long"),
    ],
)
def test_a_window_that_cannot_be_offered_says_what_is_in_the_way(stop, van, window, reason):
    (found,) = live([ONE, THREE, stop], van=van).quote(2, [window])
    assert isinstance(found, Refusal)
    assert found.reason == reason


def test_a_van_at_home_leaves_when_nobody_else_can():
    found = live([ONE, THREE, Stop(x=2_000, window=(0, 300))], van=Van(count=2, fixed=50, capacity=2)).quote(2)
    (offer,) = offers(found)
    assert (offer.route, offer.becomes.trips) == (None, ((2,),))
    assert offer.cost_minor == 50 + 400 + 560


def test_a_van_that_may_reload_takes_a_stop_on_a_trip_of_its_own():
    found = live([Stop(x=1_000, load=2), Stop(x=2_000, load=2), Stop(x=500, load=2)], van=Van(capacity=4, reloads=1))
    (offer,) = offers(found.quote(2))
    assert offer.becomes.trips == ((0, 1), (2,))
    assert (offer.trip, offer.after, offer.before) == (1, None, None)
    assert offer.cost_minor == 100 + 260  # 1 km, and 60 s of loading, 100 s of driving, 100 s of service


def test_one_of_a_group_is_enough():
    (found,) = live([replace(ONE, group=3), THREE, Stop(x=2_000, group=3)]).quote(2)
    assert isinstance(found, Refusal)


def test_what_is_in_the_plan_is_not_quoted():
    with pytest.raises(InputError, match="stop 1 is in the plan"):
        live([ONE, THREE]).quote(1)


def test_an_offer_taken_and_given_back_leaves_the_plan_as_it_was():
    before = live([ONE, THREE, Stop(x=2_000)])
    (offer,) = offers(before.quote(2))
    taken = before.with_offer(offer)
    assert taken.plan.routes[0].trips == ((0, 2, 1),)
    assert taken.without(2).plan == before.plan
    assert len(taken.without(2).without(1).without(0).plan.routes) == 0


def test_the_window_offered_is_kept_by_what_comes_later():
    plan = live([ONE, THREE, Stop(x=2_000), Stop(x=1_500)])
    (offer,) = offers(plan.quote(2, [(200, 400)]))
    taken = plan.with_offer(offer)
    assert (taken.problem.stops.start_at[2], taken.problem.stops.end_at[2]) == (200, 400)
    assert all(offer.becomes.service_at[0][offer.becomes.stops.index(2)] <= 400 for offer in offers(taken.quote(3)))


def test_a_stop_that_comes_later_is_quoted_over_the_grown_problem():
    stops = [ONE, THREE, Stop(x=2_000)]
    whole, plan = routing(stops, [Van()]), live(stops[:2])
    new = replace(whole.stops, **{n: getattr(whole.stops, n)[2:] for n in whole.stops.__dataclass_fields__})
    grown = plan.problem.with_stops(new, whole.roads)
    (offer,) = offers(plan.over(grown).quote(2))
    assert offer.cost_minor == 100


def cheapest(problem: RoutingProblem, plan: RoutePlan, stop: int, window: tuple[int, int]) -> int | None:
    """Return what the stop costs at least, by trying all places; None if there is none."""
    start_at, end_at = problem.stops.start_at.copy(), problem.stops.end_at.copy()
    start_at[stop], end_at[stop] = window
    more = problem.windows
    others = more.stop != stop
    problem = replace(
        problem,
        stops=replace(problem.stops, start_at=start_at, end_at=end_at),
        windows=MoreWindows(stop=more.stop[others], start_at=more.start_at[others], end_at=more.end_at[others]),
    )
    costs = [found.cost_minor(problem) for found in feasible_plans(problem, placed(problem, plan, stop))]
    return min(costs) - plan.cost_minor(problem) if costs else None


@pytest.mark.parametrize("plain", [True, False])
@settings(max_examples=trials(60), deadline=None)
@given(st.integers(0, 100_000))
def test_a_quote_is_the_least_of_all_places_tried_one_by_one(plain, seed):
    problem = random_day(seed, plain=plain)
    plan = random_plan(problem, seed, share=0.7)
    quoting = LivePlan.of(problem, plan)
    paired = {*problem.pairs.pickup.tolist(), *problem.pairs.delivery.tolist()}
    windows = [(0, 36_000), (0, 1_200), (1_200, 2_400), (2_400, 3_000), (9_000, 9_000)]
    for stop in sorted(set(range(len(problem.stops))) - plan.served() - paired)[:2]:
        for window, found in zip(windows, quoting.quote(stop, windows), strict=True):
            least = cheapest(problem, plan, stop, window)
            assert (found.cost_minor if isinstance(found, Offer) else None) == least


@settings(max_examples=trials(40), deadline=None)
@given(st.integers(0, 100_000))
def test_a_plan_that_changes_by_quotes_is_the_same_as_one_made_anew(seed):
    problem, rng = random_day(seed), np.random.default_rng(seed)
    paired = {*problem.pairs.pickup.tolist(), *problem.pairs.delivery.tolist()}
    quoting = LivePlan.of(problem, random_plan(problem, seed, share=0.5))
    for stop in rng.permutation(len(problem.stops)).tolist():
        if stop in paired:
            continue
        if stop in quoting.plan.served():
            quoting = quoting.without(stop)
        elif found := offers(quoting.quote(stop)):
            quoting = quoting.with_offer(found[0])
        assert check_plan(quoting.problem, quoting.plan) == []
    anew = LivePlan.of(quoting.problem, quoting.plan)
    for kept, made in zip(quoting.routes, anew.routes, strict=True):
        for one, other in ((kept, made), (kept.clock, made.clock)):
            names = one.__dataclass_fields__.keys() - {"clock"} if one is not None else ()
            assert all(np.array_equal(getattr(one, n), getattr(other, n)) for n in names)


def test_kernels_are_the_same_compiled_and_as_plain_python():
    bounds = np.array([[0, 60, 0, 500], [100, 100, 300, 900], [200, 0, 0, 9_000]], dtype=np.int64)
    results = []
    for fill in (segments, segments.py_func):
        forward, backward = np.zeros((3, 3), dtype=np.int64), np.zeros((3, 3), dtype=np.int64)
        fill(bounds, forward, backward)
        results.append((forward.tolist(), backward.tolist()))
    assert results[0] == results[1]
    assert results[0][0] == [[60, 0, 500], [260, 140, 500], [460, 140, 500]]  # leaving at 140 s it need not wait
    assert results[0][1][0] == [460, 140, 500]
    place = np.array([[0, 0, 60, 0, 500, 300, 300, 900, 100, 0]], dtype=np.int64)
    costs = []
    for add in (added_costs, added_costs.py_func):
        cost = np.zeros((2, 1), dtype=np.int64)
        route, kind = np.array([[200, 50, 0]]), np.array([[10_000, 5_000, 100, 3_600, 1 << 28, 0]])
        way, barred, windows = np.array([[80, 80, 40, 40]]), np.array([-1]), np.array([[0, 900], [0, 10]])
        add(place, route, kind, way, barred, windows, 100, 7, cost)
        costs.append(cost.tolist())
    assert costs[0] == costs[1]
    assert costs[0][0] == [7 + 22 - 50 + 580]  # 220 m; 60 + 80 + 100 + 40 + 300 s


def test_depots_that_differ_are_no_trouble():
    found = live([ONE, THREE, Stop(x=4_500)], van=Van(end=1, reload=1, reloads=1), depots=[Depot(), Depot(x=5_000)])
    (offer,) = offers(found.quote(2))
    assert offer.becomes.trips == ((0, 1, 2),)
    assert offer.detour_m == 0
