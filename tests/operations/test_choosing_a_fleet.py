"""Own fleet and third parties chosen together, on problems so small that the optimum is known."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.delivery_mode import exact
from benchmarks.delivery_mode.gap import small_shift
from benchmarks.delivery_mode.instances import LOST, OWN_RISK, Fleet, draw_orders
from benchmarks.delivery_mode.policies import Shift, joint, judge, strong
from doorstep.delivery_mode.tariff import IMPOSSIBLE
from doorstep.foundation import InputError
from doorstep.operations.corridor.choose_fleet import FleetChoice, Outside, bill_of, choose_fleet, fill_first, left_by
from doorstep.vehicle_routing import SisrSolver, check_plan
from tests.trials import seeds

SIZE, PATIENCE = 8, 6_000


def small(seed: int, *, factor: float = 1.35, limit: int = 40) -> Shift:
    shift = small_shift(SIZE, 1, 1, 5, factor=factor, iterations=PATIENCE, seed=seed)
    return replace(shift, outside=replace(shift.outside, limit=np.array([SIZE, SIZE, limit])))


def chosen_for(shift: Shift, hired: bool = True) -> FleetChoice:
    kinds = shift.hired if hired else np.zeros_like(shift.hired)
    return choose_fleet(
        shift.problem, shift.outside, kinds, solver=SisrSolver(), iterations=shift.iterations, seed=shift.seed
    )


def outside_of(cost: list[list[int]], limit: list[int]) -> Outside:
    return Outside(
        cost_minor=np.array(cost),
        limit=np.array(limit),
        lost_minor=np.full(len(cost), LOST),
        own_risk_minor=OWN_RISK,
    )


@given(seed=st.integers(0, 10_000), factor=st.sampled_from([0.7, 1.0, 1.7]), limit=st.sampled_from([0, 2, 40]))
@settings(max_examples=10, deadline=None)
def test_the_choice_is_a_right_plan_never_dearer_than_own_first_from_which_it_started(seed, factor, limit):
    shift = small(seed, factor=factor, limit=limit)
    choice = chosen_for(shift)
    fill = np.full(SIZE, 4_000)
    started = fill_first(
        shift.problem,
        shift.outside,
        shift.hired,
        fill,
        solver=SisrSolver(),
        iterations=round(PATIENCE * 0.15),
        seed=seed,
    )
    assert choice.strong == bill_of(shift.problem, shift.outside, started)
    assert choice.bill.total_minor <= choice.strong.total_minor
    assert choice.bill.total_minor <= bill_of(shift.problem, shift.outside, type(started)(routes=())).total_minor
    assert check_plan(shift.problem, choice.plan) == []
    assert judge(shift, choice.plan).cost_minor == choice.bill.total_minor
    assert judge(shift, choice.plan).faults == []


@pytest.mark.parametrize("seed", seeds(4))
def test_the_choice_costs_what_enumeration_finds(seed):
    shift = small(seed)
    best = exact.least_cost(shift.problem, shift.outside.cost_minor.min(axis=1) - OWN_RISK) + SIZE * OWN_RISK
    assert chosen_for(shift).bill.total_minor == best
    assert judge(shift, strong(shift)).cost_minor >= best


def test_enumeration_and_the_programme_over_all_sets_agree():
    shift = small_shift(9, 1, 1, 4, factor=1.35, iterations=0, seed=3)
    sets, count = exact._sets(shift.problem), shift.problem.vehicles.count.tolist()
    price = (shift.outside.cost_minor.min(axis=1) - OWN_RISK).tolist()
    assert exact._by_subsets(sets, count, price) == exact._by_programme(sets, count, price)


def test_a_set_costs_what_its_shortest_route_does():
    shift = small(5)
    for route in strong(shift).routes:
        sets = exact._sets(shift.problem)
        row = np.flatnonzero(sets.stops == sum(1 << stop for stop in route.stops))
        assert sets.cost[row, route.vehicle] <= route.cost_minor(shift.problem)


def test_the_bill_adds_up_from_routes_risk_carriers_and_what_is_lost():
    shift = small(2, limit=0)
    unreached = replace(shift.outside, cost_minor=np.full((SIZE, 3), 900))
    unreached.cost_minor[:2] = IMPOSSIBLE
    choice = chosen_for(replace(shift, outside=replace(unreached, limit=np.array([1, 0, 0]))))
    left = left_by(shift.problem, choice.plan)
    outside = [row for row in left.tolist() if choice.carrier[row] == 0]
    assert choice.bill.routes_minor == choice.plan.cost_minor(shift.problem)
    assert choice.bill.own_risk_minor == OWN_RISK * (SIZE - left.size)
    assert choice.bill.carriers_minor == 900 * len(outside)
    assert choice.bill.lost_minor == LOST * (left.size - len(outside))
    assert len(outside) <= 1


@pytest.mark.parametrize("seed", seeds(6))
def test_no_stop_would_cost_less_where_it_is_not(seed):
    shift = small(seed)
    choice = chosen_for(shift)
    own = np.isin(np.arange(SIZE), list(choice.plan.served()))
    assert (choice.own_minor[own] <= choice.outside_minor[own]).all()
    could = ~own & (choice.own_minor >= 0)
    assert (choice.own_minor[could] >= choice.outside_minor[could]).all()
    assert ((choice.carrier >= 0) == ~own).all()
    paid = shift.outside.cost_minor[~own, choice.carrier[~own]]
    assert (choice.outside_minor[~own] == paid).all()


def test_a_full_carrier_costs_more_by_what_its_cheapest_guest_would_lose():
    outside = outside_of([[500, 800], [500, 700], [500, 900]], [2, 9])
    assert outside.settle(np.array([0, 1])).tolist() == [0, 0]
    assert outside.prices_after(np.array([0, 1])).tolist() == [700, 700, 700]
    assert outside.prices_after(np.array([0])).tolist() == [500, 500, 500]


def test_prices_and_limits_must_be_of_the_same_carriers():
    with pytest.raises(InputError, match=r"cost_minor is \(1, 2\), with 3 limits and 1 lost_minor"):
        outside_of([[500, 600]], [1, 1, 1])


def test_nobody_comes_where_every_carrier_is_full_or_stays_away():
    outside = outside_of([[500], [600], [int(IMPOSSIBLE)]], [1])
    assert outside.settle(np.arange(3)).tolist() == [0, 1, 1]
    assert outside.prices_after(np.arange(3))[2] == LOST


def test_own_first_asks_hired_vehicles_only_for_what_own_ones_leave():
    shift = small(1, factor=3.0)
    plan = strong(shift)
    own_only = replace(shift.problem, vehicles=replace(shift.problem.vehicles, count=np.array([1, 0])))
    alone = strong(replace(shift, problem=own_only))
    assert {route.vehicle for route in plan.routes} == {0, 1}
    assert len(plan.served()) > len(alone.served())


def test_the_same_seed_gives_the_same_choice():
    shift = small(7)
    assert joint(shift) == joint(shift)


def test_orders_of_two_stores_are_stocked_somewhere_and_repeat():
    drawn = draw_orders(60, stores=2, seed=4)
    assert drawn.stocked.any(axis=1).all()
    assert (drawn.start_at + 3600 <= drawn.end_at).all()
    assert np.array_equal(drawn.x, draw_orders(60, stores=2, seed=4).x)
    assert Fleet(vans=(2,), paid=True).sunk_minor == 2 * (2_000 + 8 * 2_800)
