"""Prices of stock: what a unit less costs later orders, where that differs between sites."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from doorstep.operations.planning import stock_prices as module
from doorstep.operations.planning.placing import valued
from doorstep.operations.planning.stock_prices import TRUST_SHARE, stock_prices
from doorstep.placement import PlacementPlan, placement_problem
from doorstep.placement.check import expected_value
from doorstep.placement.problem import PlacementProblem
from tests.small import CHICAGO, retailer, table

SITES = table(
    "site_id kind lat lon time_zone", ("S1", "store", 41.0, -87.0, CHICAGO), ("S2", "store", 41.1, -87.0, CHICAGO)
)


def problem(units: list[list[int]]) -> PlacementProblem:
    """Return products A, B and C, of which two are wanted near S1 and one near S2; far is worth 400 less than near."""
    mean = np.tile([2.0, 1.0], (3, 1))
    return placement_problem(
        mean, np.inf, np.array([1_000.0, 600.0, 600.0]), np.inf, stockout_cost=500.0, present=np.array(units)
    )


def lying(units: list[list[int]]) -> PlacementPlan:
    return valued(problem(units), np.array(units), np.random.default_rng(0))


def priced(units: list[list[int]]) -> dict[tuple[str, str], int]:
    found = stock_prices(retailer(sites=SITES), lying(units))
    return {(site, product): price for site, product, price in found.iter_rows()}


def test_the_price_is_the_difference_of_what_a_unit_less_costs():
    stock = [[1, 5], [0, 0], [0, 0]]
    prices = priced(stock)
    worth = [expected_value(problem(stock), np.array([units, [0, 0], [0, 0]]), 0) for units in ([0, 5], [1, 4])]
    assert list(prices) == [("S1", "A")]
    assert prices["S1", "A"] == pytest.approx(TRUST_SHARE * (worth[1] - worth[0]), abs=1)
    # the nearer of two is wanted with probability 1 - e^-2 and then saves 400; the fifth at S2 hardly ever
    assert prices["S1", "A"] == pytest.approx(TRUST_SHARE * 400 * (1 - np.exp(-2)), abs=2)


def test_what_lies_at_one_site_only_has_no_price_though_it_is_scarce():
    assert priced([[1, 0], [0, 1], [0, 0]]) == {}


def test_the_scarcer_a_unit_is_the_dearer():
    prices = priced([[1, 9], [2, 9], [3, 9]])
    assert prices["S1", "A"] > prices["S1", "B"] > prices["S1", "C"] > 0
    assert list(prices) == [("S1", "A"), ("S1", "B"), ("S1", "C")]


def test_the_highest_prices_are_kept(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "MOST_PRICES", 2)
    assert list(priced([[1, 9], [2, 9], [3, 9]])) == [("S1", "A"), ("S1", "B")]


def test_no_stock_no_prices():
    found = stock_prices(retailer(sites=SITES), lying([[0, 0], [0, 0], [0, 0]]))
    assert found.height == 0
    assert found.schema == {"site_id": pl.String, "product_id": pl.String, "price_minor": pl.Int64}


def test_what_holding_costs_is_the_same_at_every_site():
    plan = lying([[1, 5], [0, 0], [0, 0]])
    held = replace(plan, loss=plan.loss - 1_000.0)
    shop = retailer(sites=SITES)
    assert stock_prices(shop, held).equals(stock_prices(shop, plan))
