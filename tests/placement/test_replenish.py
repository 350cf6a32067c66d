"""What to do about stock today: worked by hand."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from doorstep.foundation import InputError
from doorstep.placement._replenish_kernels import buy_units, move_units, own_tails, units_that_suffice
from doorstep.placement.check import check_replenishment
from doorstep.placement.replenish import base_stock, critical_ratio, propose, safety_stock
from doorstep.placement.replenishment import Kind, ReplenishmentProblem
from tests.trials import trials

POISSON = np.inf


def problem(on_hand, mean, **changes) -> ReplenishmentProblem:
    """Return a problem of one product, without supply and lanes unless told."""
    there, wanted = np.array([on_hand], np.int64), np.array([mean], np.float64)
    sites = there.shape[1]
    plain = ReplenishmentProblem(
        today=100,
        on_hand=there,
        incoming=np.zeros_like(there),
        mean=wanted,
        k=np.full(wanted.shape, POISSON),
        cover_days=np.array([10]),
        lead_days=np.array([3]),
        margin_minor=np.array([900.0]),
        holding_minor=np.array([100.0]),
        service=np.zeros(1),
        buyable=np.zeros(1, np.int64),
        pack=np.ones(1, np.int64),
        inbound=np.full(sites, 1000),
        cube=np.ones(1),
        lane_room=np.zeros((sites, sites)),
        lane_cost_minor=np.zeros((sites, sites)),
        lane_days=np.ones((sites, sites), np.int64),
        ship_cost_minor=np.full((sites, sites), 1e9),
        life_days=np.array([100_000]),
        markdown_minor=np.zeros(1),
    )
    return replace(plain, **changes)


def test_base_stock_is_the_quantile_and_safety_stock_what_is_beyond_the_mean():
    # Poisson of mean 4: P(D <= 7) = 0.9489, P(D <= 8) = 0.9786.
    assert base_stock(np.array([[4.0, 0.0]]), np.full((1, 2), POISSON), np.array([0.95])).tolist() == [[8, 0]]
    assert safety_stock(np.array([[4.0]]), np.full((1, 1), POISSON), np.array([0.95])).tolist() == [[4.0]]
    assert critical_ratio(np.array([900.0, 0.0]), np.array([100.0, 0.0])).tolist() == [0.9, 0.0]


@given(st.floats(0.1, 40.0), st.floats(0.2, 20.0), st.floats(0.01, 0.99))
def test_base_stock_is_that_of_the_library(mean, k, service):
    found = int(base_stock(np.array([[mean]]), np.array([[k]]), np.array([service]))[0, 0])
    whole = stats.nbinom(k, k / (k + mean))
    assert whole.cdf(found) >= service - 1e-6
    assert found == 0 or whole.cdf(found - 1) < service + 1e-6


def test_units_are_bought_up_to_the_newsvendor_level():
    # Ratio 0.9, Poisson of mean 4: P(D <= 6) = 0.889, P(D <= 7) = 0.949: level 7, and 2 are there. They last 5 days, a
    # purchase takes 3: order within 2 days. The gain of unit j + 1 is 1000 P(D > j) - 100.
    plan = propose(problem([2], [4.0], buyable=np.array([50])))
    (buy,) = plan.proposals
    assert (buy.kind, buy.source, buy.site, buy.quantity, buy.deadline) == (Kind.BUY, -1, 0, 5, 102)
    gain = sum(1000 * stats.poisson.sf(j, 4.0) - 100 for j in range(2, 7))
    assert buy.value_minor == pytest.approx(gain, abs=1)
    assert plan.level.tolist() == [[7]]
    assert plan.stock_after.tolist() == [[7]]
    assert "Site 0 has 2" in buy.reason
    assert "7 suffice with 95%" in buy.reason


def test_supply_packs_and_inbound_limit_what_is_bought():
    assert propose(problem([2], [4.0], buyable=np.array([3]))).proposals[0].quantity == 3
    # Packs of 4: the first is worth it (units 3 to 6), the second (7 to 10) brings 11 - 49 - 79 - 92 < 0.
    assert propose(problem([2], [4.0], buyable=np.array([50]), pack=np.array([4]))).proposals[0].quantity == 4
    assert propose(problem([2], [4.0], buyable=np.array([50]), inbound=np.array([1]))).proposals[0].quantity == 1
    assert propose(problem([2], [4.0])).proposals == ()


def test_a_promise_of_service_is_bought_beyond_what_pays():
    # P(D <= 9) = 0.9919: 99 % need 9 units although the last two cost more than they bring.
    plan = propose(problem([2], [4.0], buyable=np.array([50]), service=np.array([0.99])))
    assert plan.stock_after.tolist() == [[9]]


def test_units_move_where_they_are_wanted_as_long_as_that_pays_the_lane():
    lanes = np.array([[0.0, 50.0], [50.0, 0.0]])
    plan = propose(problem([10, 0], [2.0, 4.0], lane_room=lanes, lane_cost_minor=np.full((2, 2), 200.0)))
    (move,) = plan.proposals

    def worth(mean, units):
        return 1000 * stats.poisson.sf(units, mean) - 100

    moved = 0
    while worth(4.0, moved) - worth(2.0, 9 - moved) - 200 > 0:
        moved += 1
    assert (move.kind, move.source, move.site, move.quantity) == (Kind.TRANSFER, 0, 1, moved)
    assert move.deadline == 100  # nothing is there: the truck of today is the one that helps
    gain = sum(worth(4.0, j) - worth(2.0, 9 - j) - 200 for j in range(moved))
    assert move.value_minor == pytest.approx(gain, abs=1)


def test_a_truck_carries_what_gains_most_for_its_room():
    # Two products want the same truck of 3 units of room; the second brings twice as much and takes as much room.
    small = problem([10, 0], [2.0, 4.0])
    two = replace(
        small,
        on_hand=np.repeat(small.on_hand, 2, axis=0),
        incoming=np.repeat(small.incoming, 2, axis=0),
        mean=np.repeat(small.mean, 2, axis=0),
        k=np.repeat(small.k, 2, axis=0),
        cover_days=np.full(2, 10),
        lead_days=np.full(2, 3),
        service=np.zeros(2),
        buyable=np.zeros(2, np.int64),
        pack=np.ones(2, np.int64),
        margin_minor=np.array([900.0, 1800.0]),
        holding_minor=np.array([100.0, 200.0]),
        cube=np.ones(2),
        life_days=np.full(2, 100_000),
        markdown_minor=np.zeros(2),
        lane_room=np.array([[0.0, 3.0], [0.0, 0.0]]),
    )
    moved = {p.product: p.quantity for p in propose(two).proposals}
    # Unit j + 1 of product 1 gains twice that of product 0: P(D > 0), P(D > 1), P(D > 2) = 0.98, 0.91, 0.76 against
    # half of 0.98; all three are product 1's.
    assert moved == {1: 3}


def test_what_stays_short_is_shipped_from_a_site_with_more_than_it_needs():
    costs = np.array([[0.0, 300.0], [300.0, 0.0]])
    plan = propose(problem([20, 1], [2.0, 4.0], ship_cost_minor=costs))
    (ship,) = plan.proposals
    short = 4.0 - 1 + stats.poisson.pmf(0, 4.0)  # E (D - 1)+
    assert (ship.kind, ship.source, ship.site, ship.quantity) == (Kind.SHIP_FROM, 0, 1, round(short))
    assert ship.value_minor == 600 * ship.quantity
    assert plan.stock_after.tolist() == [[20, 1]]  # orders, not stock, change their place


def test_what_will_hardly_sell_is_marked_down():
    # 20 days of life are twice the days covered: mean 4, P(D <= 8) = 0.979: 12 of 20 are excess; 250 + 100 each.
    plan = propose(problem([20], [2.0], life_days=np.array([20]), markdown_minor=np.array([250.0])))
    (down,) = plan.proposals
    assert (down.kind, down.site, down.quantity, down.value_minor, down.deadline) == (Kind.MARKDOWN, 0, 12, 4200, 120)


def test_towards_a_plan_sites_are_filled_up_to_it_and_only_what_is_beyond_it_leaves():
    aimed = np.array([[4, 6, 3]])
    given_problem = problem(
        [9, 1, 3],
        [4.0, 6.0, 9.0],
        buyable=np.array([100]),
        target=aimed,
        lane_room=np.where(np.eye(3) > 0, 0.0, 50.0),
    )
    plan = propose(given_problem)
    assert check_replenishment(given_problem, plan) == []
    # Five are beyond the plan at site 0 and five lack at site 1; site 2 wants nine and has its three.
    assert [(p.kind, p.source, p.site, p.quantity) for p in plan.proposals] == [(Kind.TRANSFER, 0, 1, 5)]
    assert plan.stock_after.tolist() == aimed.tolist() == plan.level.tolist()
    alone = propose(replace(given_problem, lane_room=np.zeros((3, 3))))
    assert [(p.kind, p.site, p.quantity) for p in alone.proposals] == [(Kind.BUY, 1, 5)]
    wrong = replace(plan, proposals=(replace(plan.proposals[0], quantity=6),))
    assert any("become 3, 4 are aimed at" in fault for fault in check_replenishment(given_problem, wrong))


counts = st.lists(st.integers(0, 8), min_size=3, max_size=3)


@settings(deadline=None, max_examples=trials(60))
@given(
    counts, st.lists(st.floats(0, 6), min_size=3, max_size=3), st.integers(0, 9), st.integers(0, 4), counts,
    st.none() | counts,
)  # fmt: skip
def test_nothing_is_moved_that_is_not_there_and_limits_hold(on_hand, mean, buyable, lane, inbound, aimed):
    rooms = np.where(np.eye(3) > 0, 0.0, float(lane))
    given_problem = problem(
        on_hand,
        mean,
        buyable=np.array([buyable]),
        lane_room=rooms,
        inbound=np.array(inbound),
        ship_cost_minor=np.full((3, 3), 100.0),
        life_days=np.array([10]),
        markdown_minor=np.array([50.0]),
        target=None if aimed is None else np.array([aimed]),
    )
    plan = propose(given_problem)
    assert check_replenishment(given_problem, plan) == []
    assert aimed is not None or all(p.value_minor >= 0 for p in plan.proposals)


def test_the_check_sees_what_is_wrong():
    given_problem = problem([2], [4.0], buyable=np.array([5]))
    plan = propose(given_problem)
    (buy,) = plan.proposals
    for wrong, told in (
        (replace(buy, quantity=6), "6 are bought, 5 can be"),
        (replace(buy, quantity=0), "quantity 0"),
        (replace(buy, deadline=99), "deadline 99 is before today, 100"),
        (replace(buy, kind=Kind.TRANSFER, source=0, quantity=3), "gives 3 of product 0, 2 are there"),
    ):
        faults = check_replenishment(given_problem, replace(plan, proposals=(wrong,)))
        assert any(told in fault for fault in faults), faults


def test_kernels_do_as_plain_python_what_they_do_compiled():
    mean, k = np.array([[1.0, 3.0], [2.0, 0.5]]), np.array([[0.8, np.inf], [2.0, 1.0]])
    start, plain_start = np.empty(5, np.int64), np.empty(5, np.int64)
    tails = own_tails(mean, k, start)
    assert own_tails.py_func(mean, k, plain_start) == pytest.approx(tails)
    margin, holding, cube = np.array([900.0, 500.0]), np.array([50.0, 50.0]), np.array([1.0, 2.0])
    found = []
    for run in (move_units, move_units.py_func):
        stock, room = np.array([[6, 0], [0, 4]]), np.array([[0.0, 3.0], [3.0, 0.0]])
        most = np.array([[9, 2], [9, 9]])
        found.append(
            (run(tails, start, stock, stock.copy(), most, margin, holding, cube, room, np.zeros((2, 2))), stock)
        )
    assert [row[:3] for row in found[0][0]] == [row[:3] for row in found[1][0]]
    assert len(found[0][0]) > 2
    bought = []
    for buy in (buy_units, buy_units.py_func):
        stock = np.zeros((2, 2), np.int64)
        level, buyable, pack = np.full((2, 2), 1), np.array([5, 4]), np.array([1, 2])
        bought.append(buy(tails, start, stock, level, level + 1, buyable, pack, margin, holding, np.array([6, 6])))
    assert [row[:2] for row in bought[0]] == [row[:2] for row in bought[1]]
    levels = []
    for suffice in (units_that_suffice, units_that_suffice.py_func):
        levels.append(np.zeros((2, 2), np.int64))
        suffice(tails, start, np.array([0.95, 0.5]), levels[-1])
    assert levels[0].tolist() == levels[1].tolist() == base_stock(mean, k, np.array([0.95, 0.5])).tolist()


def test_every_fault_is_told_at_once():
    with pytest.raises(InputError) as caught:
        replace(problem([1], [1.0]), mean=np.array([[-1.0]]), pack=np.array([0]), service=np.array([1.0]))
    told = str(caught.value)
    assert "mean must not be negative" in told
    assert "pack must be above 0" in told
    assert "service must be below 1" in told
    with pytest.raises(InputError, match=r"inbound \(2,\) must be \(1,\)"):
        problem([1], [1.0], inbound=np.array([1, 2]))
