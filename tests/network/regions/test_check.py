"""The checker finds what is wrong with a plan."""

from dataclasses import replace

import numpy as np
import pytest

from doorstep.network.regions import LaneTerms, RegionPlan, RegionsProblem, check_regions, divide
from tests.network.regions.small_maps import line


@pytest.fixture(scope="module")
def problem() -> RegionsProblem:
    return line([1] * 6, present=np.array([0, 0, 0, 1, 1, 1]), most_moved=0.1)


@pytest.fixture(scope="module")
def plan(problem: RegionsProblem) -> RegionPlan:
    found = divide(problem, rng=np.random.default_rng(1))
    assert check_regions(problem, found) == []
    return found


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"region": np.array([0, 0, 1, 1, 1, 1])}, "region 0 has 2 of weight 0, -33.333 % from the average"),
        ({"region": np.array([0, 0, 1, 0, 1, 1])}, "region 0 is not contiguous: area 3"),
        ({"region": np.array([0, 0, 1, 1, 1, 1])}, "of the weight are moved; 10.0000% are allowed"),
        ({"region": np.array([0, 0, 0, 0, 0, 0])}, "regions [0] are used, not 0 to 1"),
        ({"region": np.array([0, 1])}, "2 areas in 2 regions"),
        ({"centre": np.array([4, 1])}, "centre 4 of region 0 lies in region 1"),
        ({"centre": np.array([1, 1])}, "are not all different"),
        ({"mean_m": 1.0}, "mean_m is told as 1"),
        ({"moved_share": 0.05}, "moved_share is told as 0.05"),
        ({"cost_m": 1.0}, "cost_m is told as 1"),
        ({"bound_m": 1e9}, "bound_m 1,000,000,000 is above the cost"),
        ({"weights": np.array([[3.0, 2.0]])}, "region 1: 2 of weight 0 told, 3 found"),
        ({"detached": np.array([True] + [False] * 5)}, "detached areas told: 1"),
        ({"pieces": 2}, "2 pieces of the map told, 1 found"),
    ],
)
def test_a_plan_with_a_wrong_figure_is_told(problem, plan, change, told):
    assert any(told in line for line in check_regions(problem, replace(plan, **change)))


def test_wrong_lanes_are_told(problem, plan):
    longer = replace(plan.lanes, distance_m=plan.lanes.distance_m + 5)
    assert any("metres told" in line for line in check_regions(problem, replace(plan, lanes=longer)))
    dearer = check_regions(problem, plan, LaneTerms(cost_per_km_minor=999, speed_kmh=1))
    assert any("minor units told" in line for line in dearer)
    assert any("seconds told" in line for line in dearer)
    none = replace(plan.lanes, **{name: np.empty(0, np.int64) for name in plan.lanes.__slots__})
    assert any("lanes between [] are told" in line for line in check_regions(problem, replace(plan, lanes=none)))


def test_another_centre_than_the_fixed_one_is_told():
    fixed = line([1] * 6, fixed=np.array([5]))
    plan = divide(fixed, rng=np.random.default_rng(1))
    other = replace(plan, centre=np.array([4, plan.centre[1]]))
    assert any("not the fixed 5" in told for told in check_regions(fixed, other))
