"""Programmes over what prices leave open: their bounds hold, and they close gaps that prices cannot."""

import numpy as np
import pytest

from doorstep.foundation import Iterations
from doorstep.network.siting import CostRows, choose_sites, p_median
from doorstep.network.siting.core import settle
from doorstep.network.siting.prices import Prices
from doorstep.network.siting.reduced import Reduced
from doorstep.network.siting.search import Elite, descend
from doorstep.network.siting.work import Work
from tests.trials import seeds


@pytest.mark.parametrize("seed", seeds(8))
@pytest.mark.parametrize("steps", [5, 200])
def test_programmes_raise_the_bound_of_the_prices_and_never_above_the_best_cost(seed: int, steps: int):
    rng = np.random.default_rng(seed)
    customers, sites = rng.random((80, 2)), rng.random((30, 2))
    cost = np.rint(1000 * np.linalg.norm(customers[:, None] - sites, axis=2)).astype(np.int64)
    problem = p_median(CostRows.of_matrix(cost), rng.integers(1, 50, 80), 4)
    best = choose_sites(problem, rng=rng, stop=Iterations(limit=100_000))
    assert best.proved

    reduced = Reduced.of(problem)
    first = descend(reduced, rng.choice(30, 4, replace=False))
    work = Work(
        reduced=reduced, prices=Prices.between(reduced, first.sites), elite=Elite(found=[first]), gap=0.0, base=0
    )
    work.prices.raised(reduced, aim=float(first.total), goal=float(first.total), steps=steps)
    work.bound = before = work.prices.bound
    settle(work, stop=Iterations(limit=100))
    assert before <= work.bound <= best.cost <= work.elite.best.total
    if steps == 200:
        assert work.bound > before or before > best.cost - 1
        assert work.elite.best.total == best.cost
