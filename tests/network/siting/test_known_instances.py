"""Public p-median instances are solved and proved."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.network.medians import best_known, read_pmed
from doorstep.foundation import Iterations
from doorstep.network.siting import CostRows, choose_sites, p_median
from doorstep.network.siting.check import check_siting

DATA = Path(__file__).resolve().parents[4] / "shared/data/network"


@pytest.mark.skipif(not DATA.exists(), reason="public instances are not here: shared/data/network")
@pytest.mark.parametrize("name", ["pmed1", "pmed6", "pmed16", "pmed26", "pmed30", "pmed40"])
def test_the_best_known_cost_is_found_and_proved(name: str):
    count, metres = read_pmed(DATA / f"pmed/{name}.txt")
    problem = p_median(CostRows.of_matrix(metres), np.ones(metres.shape[0], np.int64), count)
    plan = choose_sites(problem, rng=np.random.default_rng(1), stop=Iterations(limit=100_000))
    assert check_siting(problem, plan) == []
    assert plan.proved
    assert plan.cost == best_known(DATA)[name]
