"""The kernels of order routing do as plain Python what they do compiled."""

import importlib
import sys
from types import ModuleType

import numba
import numpy as np
import pytest

from doorstep.order_routing import OrderRoutingProblem, route_orders
from doorstep.order_routing.route import arrays_of
from tests.order_routing.small_orders import array, routing

MODULES = tuple(f"doorstep.order_routing.{name}" for name in ("_view", "_cover", "_subsets", "_kernels"))


@pytest.fixture(scope="module")
def plain() -> ModuleType:
    """The kernels' modules loaded once more, uncompiled."""
    compiled = {name: sys.modules.pop(name) for name in MODULES}
    setattr(numba.config, "DISABLE_JIT", True)  # noqa: B010 - numba sets it up at run time
    try:
        return [importlib.import_module(name) for name in MODULES][-1]
    finally:
        setattr(numba.config, "DISABLE_JIT", False)  # noqa: B010
        sys.modules.update(compiled)


def decide(kernels: ModuleType, problem: OrderRoutingProblem) -> list[list[int]]:
    """Return status, cost, alternatives and allocations as the plain kernels find them."""
    orders, width = problem.candidates.shape
    capacity = problem.capacity.copy()
    status, cost, priced, bound = np.zeros((4, orders), np.int64)
    single, foregone, here = np.zeros((3, orders, width), np.int64)
    out = [np.empty(1_000, np.int64) for _ in range(4)]
    arrays = arrays_of(problem, problem.stock.copy())
    _, count = kernels.decide_from(arrays, 0, 0, capacity, status, cost, priced, bound, single, foregone, here, *out)
    return [
        status.tolist(),
        cost.tolist(),
        priced.tolist(),
        bound.tolist(),
        single.tolist(),
        foregone.tolist(),
        here.tolist(),
        capacity.tolist(),
        *(c[:count].tolist() for c in out),
    ]


def by_sequence(problem: OrderRoutingProblem) -> list[list[int]]:
    """Return the same of the compiled kernels, allocations in the order of ``decide``."""
    plan = route_orders(problem)
    rank = np.argsort(problem.sequence)[plan.order]
    column = [np.flatnonzero(problem.candidates[o] == s)[0] for o, s in zip(plan.order, plan.site, strict=True)]
    by = np.lexsort((plan.line, array(column), rank))
    rows = [c[by].tolist() for c in (plan.order, plan.line, plan.site, plan.quantity)]
    return [
        c.tolist()
        for c in (
            plan.status,
            plan.cost_minor,
            plan.priced_minor,
            plan.bound_minor,
            plan.single_minor,
            plan.foregone_minor,
            plan.lines_here,
            plan.capacity,
        )
    ] + rows


def scarce(seed: int, lines: int) -> OrderRoutingProblem:
    """Return three orders over four sites, little stock, little room."""
    rng = np.random.default_rng(seed)
    demand = [
        sorted({int(n): int(q) for n, q in rng.integers((0, 1), (lines, 4), (lines, 2))}.items()) for _ in range(3)
    ]
    return routing(
        demand,
        rng.integers(0, 6, (4, lines)).tolist(),
        np.sort(rng.integers(0, 900, (3, 4, 3)), axis=2).tolist(),
        capacity=rng.integers(1, 2 * lines, 4).tolist(),
        package=rng.integers(0, 200, 4).tolist(),
        line=rng.integers(0, 90, 4).tolist(),
        unit=rng.integers(0, 30, 4).tolist(),
        sequence=rng.permutation(3).tolist(),
    )


@pytest.mark.parametrize("lines", [1, 3, 5, 12])
@pytest.mark.parametrize("seed", range(4))
def test_compiled_and_plain_kernels_agree(plain, seed, lines):
    problem = scarce(seed, lines)
    assert decide(plain, problem) == by_sequence(problem)


def test_a_short_buffer_is_never_written_past(plain):
    problem = scarce(1, 5)
    short = [np.empty(1, np.int64) for _ in range(4)]
    status, cost, priced, bound = np.zeros((4, 3), np.int64)
    single, foregone, here = np.zeros((3, 3, 4), np.int64)
    arrays = arrays_of(problem, problem.stock.copy())
    capacity = problem.capacity.copy()
    found = plain.decide_from(arrays, 0, 0, capacity, status, cost, priced, bound, single, foregone, here, *short)
    assert found == (0, 0)
