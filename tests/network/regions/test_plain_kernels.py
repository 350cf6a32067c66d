"""The kernels of regions do as plain Python what they do compiled."""

import importlib
import sys

import numba
import numpy as np
import pytest

from doorstep.foundation import Iterations
from doorstep.network.regions import divide
from tests.network.regions.small_maps import grid

ROOM = "doorstep.network.regions"


def test_a_plan_of_the_plain_kernels_is_that_of_the_compiled_ones():
    problem = grid(3, 4, tolerance=np.array([0.2]), present=np.repeat([0, 1], 6), move_price_m=1_000.0)
    compiled = divide(problem, rng=np.random.default_rng(3), stop=Iterations(limit=30))
    kept = {name: sys.modules.pop(name) for name in list(sys.modules) if name.startswith(ROOM)}
    setattr(numba.config, "DISABLE_JIT", True)  # noqa: B010 - numba sets it up at run time
    try:
        plain = importlib.import_module(ROOM).divide(problem, rng=np.random.default_rng(3), stop=Iterations(limit=30))
    finally:
        setattr(numba.config, "DISABLE_JIT", False)  # noqa: B010
        sys.modules.update(kept)
    assert plain.region.tolist() == compiled.region.tolist()
    assert plain.centre.tolist() == compiled.centre.tolist()
    assert plain.bound_m == pytest.approx(compiled.bound_m, rel=1e-9)
