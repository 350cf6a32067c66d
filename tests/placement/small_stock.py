"""Tiny placement problems, and the best plan of each by trying every choice."""

from itertools import product

import numpy as np
from hypothesis import strategies as st

from doorstep.placement import PlacementProblem, placement_problem
from doorstep.placement.check import expected_value, rule_faults


def best_value(problem: PlacementProblem, most: int) -> float:
    """Return the most that units of at most so many a place are worth, over all that break no rule."""
    products, sites = problem.mean.shape
    rows = [list(product(*[range(most + 1)] * sites)) for _ in range(products)]
    worth: list[dict[tuple[int, ...], float]] = []
    for i, choices in enumerate(rows):
        worth.append({})
        for choice in choices:
            units = np.zeros((products, sites), np.int64)
            units[i] = choice
            worth[i][choice] = expected_value(problem, units, i)
    best = -np.inf
    for together in product(*rows):
        value = sum(worth[i][choice] for i, choice in enumerate(together))
        if value > best and not rule_faults(problem, np.array(together, np.int64)):
            best = value
    return best


@st.composite
def problems(draw, products: int = 2, sites: int = 3, most: int = 2) -> PlacementProblem:
    """Draw a problem small enough to try every plan."""

    def numbers(low: float, high: float, *shape: int) -> np.ndarray:
        size = int(np.prod(shape))
        return np.array(draw(st.lists(st.floats(low, high), min_size=size, max_size=size))).reshape(shape)

    def counts(low: int, high: int, *shape: int) -> np.ndarray:
        size = int(np.prod(shape))
        return np.array(draw(st.lists(st.integers(low, high), min_size=size, max_size=size))).reshape(shape)

    value = -np.sort(-numbers(0.0, 10.0, products, 3), axis=1)
    return placement_problem(
        numbers(0.0, 3.0, products, sites),
        np.where(counts(0, 1, products, sites) == 1, np.inf, numbers(0.2, 5.0, products, sites)),
        value,
        numbers(0.0, 6.0, sites),
        region=np.minimum(counts(0, 1, sites), np.array([0, 1, 1])),
        stockout_cost=numbers(0.0, 3.0, products),
        holding=numbers(0.0, 1.0, products),
        cube=numbers(0.5, 2.0, products),
        supply=counts(0, 6, products),
        present=counts(0, 2, products, sites),
        receive_cost=numbers(0.0, 2.0, sites),
        send_cost=numbers(0.0, 2.0, sites),
        inbound=counts(0, 4, sites),
        most=np.full((products, sites), most),
    )
