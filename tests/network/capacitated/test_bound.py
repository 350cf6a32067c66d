"""Reduced costs and knapsacks against what they promise, found by trying every choice."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from doorstep.foundation import InputError
from doorstep.network.capacitated._kernels import fill_option
from doorstep.network.capacitated._transport import capacity_prices, transport
from doorstep.network.capacitated.bound import climb, reduced_costs, start_relaxation
from doorstep.network.capacitated.options import divide, options_of
from tests.network.capacitated.small_sites import cheapest, drafts, problem_of
from tests.trials import trials


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=7),
    st.integers(0, 25),
    st.sampled_from([0, 1_000]),
)
def test_a_knapsack_is_worth_its_best_choice_and_no_less_when_divided(items, capacity, nodes):
    worth, weight = (np.array(column, float) for column in zip(*items, strict=True))
    best = max(
        worth @ np.array(take) for take in product((0, 1), repeat=len(items)) if weight @ np.array(take) <= capacity
    )
    for fill in (fill_option, fill_option.py_func):
        item = np.empty(worth.size, np.int64)
        found, count, share, _ = fill(np.zeros(worth.size), 0.0, float(capacity), weight, worth, True, nodes, item)
        assert found >= best - 1e-6
        if nodes:
            assert found == pytest.approx(best, abs=1e-5)
            assert share == 1.0
            assert worth[item[:count]].sum() == pytest.approx(best, abs=1e-5)


@settings(max_examples=trials(60))
@given(st.booleans().flatmap(lambda split: drafts(split=split)), st.sampled_from([0, 1, 5, 40]))
def test_opening_or_closing_against_the_relaxation_costs_at_least_its_reduced_cost(draft, rounds):
    try:
        problem = problem_of(draft)
    except InputError:
        assume(False)
    options = options_of(problem)
    relaxed = start_relaxation(options)
    relaxed.exact = options.whole
    for _ in range(rounds):
        climb(options, relaxed, target=np.inf, rounds=1)
    reduced = reduced_costs(options, relaxed)
    best = cheapest(problem)
    assume(best < np.inf)
    slack = 1e-6 * (1 + abs(best))
    assert reduced.bound <= best + slack
    for k in np.flatnonzero(options.may):
        site, level = options.site[k], options.level[k]
        only = problem.opening.copy()
        only[site] = np.where(np.arange(only.shape[1]) == level, only[site], np.inf)
        must = problem.must_open.copy()
        must[site] = True
        try:
            forced = cheapest(replace(problem, opening=only, must_open=must))
        except InputError:
            continue
        assert reduced.bound + reduced.opened[k] <= forced + slack
    for site in np.flatnonzero(~problem.must_open):
        must_not = problem.must_not.copy()
        must_not[site] = True
        try:
            closed = cheapest(replace(problem, must_not=must_not))
        except InputError:
            continue
        assert reduced.bound + reduced.closed[site] <= closed + slack


@given(drafts(split=True))
def test_transport_costs_the_same_compiled_and_plain_and_a_unit_of_capacity_saves_its_price(draft):
    try:
        options = options_of(problem_of(draft | {"must_open": np.zeros_like(draft["must_open"]), "sites": None}))
    except InputError:
        assume(False)
    chosen = np.array([options.start[j] for j in range(options.must.size)])
    now = divide(options, chosen)
    flow, shift = np.empty_like(now.flow), np.empty_like(now.shift)
    value, lost, _ = transport.py_func(
        options.rate, options.unit, options.site, options.demand, options.capacity, chosen, flow, shift
    )
    assume(lost == 0.0 and np.isfinite(value))
    assert flow.tolist() == now.flow.tolist()
    assert flow.sum(axis=0) == pytest.approx(options.demand)
    price = capacity_prices(now.shift, (now.flow > 0).any(axis=1))
    for place, k in enumerate(chosen):
        capacity = options.capacity.copy()
        capacity[k] += 0.01
        more = divide(replace(options, capacity=capacity), chosen).value
        if now.flow[place].sum() < options.capacity[k] - 1e-9:
            assert more == pytest.approx(now.value)
        else:
            assert now.value - more == pytest.approx(0.01 * price[place], abs=1e-6)
