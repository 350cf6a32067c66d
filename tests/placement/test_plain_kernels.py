"""The kernels of placement do as plain Python what they do compiled."""

import importlib
import sys

import numba
import numpy as np
import pytest

from doorstep.placement import place_stock, placement_problem

ROOM = "doorstep.placement"


def test_a_plan_of_the_plain_kernels_is_that_of_the_compiled_ones():
    mean = np.random.default_rng(1).gamma(1.0, 0.6, (6, 4))
    problem = placement_problem(
        mean,
        np.where(mean > 0.5, np.inf, 0.8),
        np.array([1.0, 0.6, 0.2]),
        np.full(4, 2.5),
        region=np.array([0, 1, 0, 1]),
        present=np.ones((6, 4), np.int64),
        inbound=np.full(4, 2),
    )
    compiled = place_stock(problem)
    kept = {name: sys.modules.pop(name) for name in list(sys.modules) if name.startswith(ROOM)}
    setattr(numba.config, "DISABLE_JIT", True)  # noqa: B010 - numba sets it up at run time
    try:
        plain = importlib.import_module(ROOM).place_stock(problem)
    finally:
        setattr(numba.config, "DISABLE_JIT", False)  # noqa: B010
        sys.modules.update(kept)
    assert plain.units.tolist() == compiled.units.tolist()
    assert plain.bound == pytest.approx(compiled.bound, rel=1e-9)
    assert plain.loss == pytest.approx(compiled.loss)
