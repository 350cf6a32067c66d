"""How many regions are enough."""

import numpy as np
import pytest

from doorstep.foundation import InputError, Iterations
from doorstep.network.regions import advise
from tests.network.regions.small_maps import line, places

CLUSTERS = places(*((b / 10, float(10 * a)) for a in range(4) for b in range(3)))


def test_four_towns_of_three_areas_call_for_four_regions():
    problem = line([1] * 12, areas=CLUSTERS, tolerance=np.array([0.6]))
    found = advise(problem, [6, 2, 3, 4, 4], rng=np.random.default_rng(1))
    assert found.regions.tolist() == [2, 3, 4, 6]
    assert found.suggested == 4
    assert found.mean_m[2] == pytest.approx(2 / 3 * 11_119.5, rel=1e-3)
    assert (np.diff(found.mean_m) < 0).all()
    assert (found.bound_m <= found.mean_m + 1e-6).all()
    assert found.heaviest[2] == found.lightest[2] == 1.0
    assert found.balanced.all()
    assert "4 regions bring" in found.reason


def test_what_a_region_must_save_decides_where_it_is_given():
    problem = line([1] * 12, areas=CLUSTERS, tolerance=np.array([0.6]))
    dear = advise(problem, [2, 4], rng=np.random.default_rng(1), worth_m=1e7, stop=Iterations(limit=500))
    cheap = advise(problem, [2, 4], rng=np.random.default_rng(1), worth_m=1.0, stop=Iterations(limit=500))
    assert (dear.suggested, cheap.suggested) == (2, 4)


def test_numbers_that_cannot_be_are_told_together():
    problem = line([1] * 4)
    with pytest.raises(InputError, match=r"(?s)3 regions: .*9 regions: "):
        advise(line([1, 1, 1, 2]), [1, 3, 9], rng=np.random.default_rng(1))
    with pytest.raises(InputError, match="at least one"):
        advise(problem, [], rng=np.random.default_rng(1))
