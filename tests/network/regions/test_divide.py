"""Dividing small maps, by hand and against all divisions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.foundation import Interrupt, Iterations
from doorstep.geography import Places
from doorstep.network.regions import LaneTerms, RegionPlan, RegionsProblem, adjacency, check_regions, divide
from tests.network.regions.small_maps import DEGREE_M, grid, least_cost, line, places
from tests.trials import trials


def planned(problem: RegionsProblem, *, patience: int = 400, seed: int = 1) -> RegionPlan:
    plan = divide(problem, rng=np.random.default_rng(seed), stop=Iterations(limit=patience))
    broken = check_regions(problem, plan)
    assert broken == [] if plan.balanced else broken != []
    return plan


def test_six_areas_in_a_row_fall_into_two_halves_around_their_middles():
    plan = planned(line([1, 1, 1, 1, 1, 1]))
    assert plan.region.tolist() == [0, 0, 0, 1, 1, 1]
    assert plan.centre.tolist() == [1, 4]
    assert plan.mean_m == pytest.approx(4 / 6 * DEGREE_M, rel=1e-6)
    assert plan.region_mean_m == pytest.approx(np.full(2, 2 / 3 * DEGREE_M), rel=1e-6)
    assert plan.bound_m == pytest.approx(plan.cost_m, rel=0.01)
    assert plan.balanced
    assert not plan.detached.any()
    assert plan.pieces == 1


def test_no_limit_binds_where_the_nearest_centres_make_even_regions():
    plan = planned(line([9, 9, 1, 1], tolerance=np.array([0.9])))
    assert [b for b in plan.binding if b.rule in {"upper", "lower"}] == []


def test_a_remote_region_is_told_to_bind_by_its_limits():
    plan = planned(line([4, 1, 1, 1, 1, 4], areas=places((0, 0), (0, 1), (0, 2), (0, 3), (0, 4), (0, 30))))
    assert plan.region.tolist() == [0, 0, 0, 1, 1, 1]
    limits = [b for b in plan.binding if b.rule in {"upper", "lower"}]
    assert limits
    assert limits[0].saved_m > 0.0


def test_a_grid_is_divided_into_four_equal_blocks_in_one_piece():
    plan = planned(grid(6, 6, regions=4, tolerance=np.array([0.0])))
    assert np.bincount(plan.region).tolist() == [9, 9, 9, 9]
    blocks = plan.region.reshape(6, 6)
    for block in (blocks[:3, :3], blocks[:3, 3:], blocks[3:, :3], blocks[3:, 3:]):
        assert np.unique(block).size == 1
    assert plan.lanes.a.size == 4


def test_two_weights_are_balanced_at_once():
    people = [1.0] * 8
    orders = [3.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 3.0]
    plan = planned(line(people, weights=np.array([people, orders]), tolerance=np.array([0.3, 0.01])))
    assert plan.weights.tolist() == [[4.0, 4.0], [6.0, 6.0]]


def test_regions_are_numbered_from_west_to_east_and_fixed_centres_come_first():
    assert planned(line([1] * 6, regions=3)).centre.tolist() == sorted(planned(line([1] * 6, regions=3)).centre)
    plan = planned(line([1] * 6, fixed=np.array([5])))
    assert plan.centre[0] == 5
    assert plan.region.tolist() == [1, 1, 1, 0, 0, 0]


def test_centres_may_be_sites_beside_the_areas():
    plan = planned(line([1] * 6, sites=places((0.0, 9.0), (0.0, 1.0), (0.1, 4.0))))
    assert plan.centre.tolist() == [1, 2]
    assert plan.region.tolist() == [0, 0, 0, 1, 1, 1]


def test_labels_of_the_present_map_are_kept_even_where_moving_is_free():
    plan = planned(line([1] * 6, present=np.array([1, 1, 1, 1, 0, 0])))
    assert plan.region.tolist() == [1, 1, 1, 0, 0, 0]
    assert plan.moved_share == pytest.approx(1 / 6)


def test_a_price_of_moving_keeps_the_present_map_and_a_low_one_does_not():
    present = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    bent = line([1, 1, 1, 3, 1, 1, 1, 1], present=present, tolerance=np.array([0.4]), move_price_m=10 * DEGREE_M)
    assert planned(bent).moved_share == 0.0
    crossed = line([1] * 6, present=np.array([0, 1, 0, 1, 0, 1]), move_price_m=1.0)
    assert planned(crossed).region.tolist() in ([0, 0, 0, 1, 1, 1], [1, 1, 1, 0, 0, 0])


def test_no_more_is_moved_than_the_limit_allows():
    present = np.array([0, 0, 1, 1, 1, 1, 1, 1, 1, 1])
    weights = [1, 1, 1, 1, 1, 1, 1, 1, 1, 9]
    free = line(weights, present=present, tolerance=np.array([0.6]))
    held = line(weights, present=present, tolerance=np.array([0.6]), most_moved=0.12)
    assert planned(free).moved_share == pytest.approx(4 / 18)
    plan = planned(held)
    assert plan.region.tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 1, 1]
    assert plan.cost_m == pytest.approx(least_cost_of_line(held), rel=1e-6)
    assert plan.bound_m <= least_cost_of_line(held) + 1e-6


def least_cost_of_line(problem: RegionsProblem) -> float:
    """Return the least cost of cutting a line in two, either label first, within what may be moved."""
    best = np.inf
    share = problem.weights[0] / problem.weights[0].sum()
    assert problem.present is not None
    for cut in range(1, share.size):
        for region in ((np.arange(share.size) >= cut) * 1, (np.arange(share.size) < cut) * 1):
            load = np.bincount(region, weights=share) * 2
            moved = share[region != problem.present].sum()
            if np.abs(load - 1).max() > problem.tolerance[0] + 1e-9 or moved > problem.most_moved + 1e-9:
                continue
            at = np.arange(share.size)
            cost = sum(
                min((share[region == r] * np.abs(at[region == r] - c)).sum() for c in at[region == r]) for r in (0, 1)
            )
            best = min(best, float(cost) * DEGREE_M)
    return best


def test_an_island_joins_the_nearest_region_and_is_told():
    row = line([4, 4, 4, 4, 1], edges=np.array([[0, 1], [1, 2], [2, 3]]), tolerance=np.array([0.2]))
    plan = planned(row)
    assert plan.region.tolist() == [0, 0, 1, 1, 1]
    assert plan.detached.tolist() == [False, False, False, False, True]
    assert plan.pieces == 2


def test_two_countries_that_are_not_connected_get_whole_regions_each():
    areas = places((0, 0), (0, 1), (0, 2), (0, 3), (0, 50), (0, 51))
    edges = np.array([[0, 1], [1, 2], [2, 3], [4, 5]])
    plan = planned(line([1] * 6, areas=areas, edges=edges, regions=3, tolerance=np.array([0.01])))
    assert plan.region.tolist() == [0, 0, 1, 1, 2, 2]
    assert not plan.detached.any()


def test_what_cannot_be_balanced_with_whole_areas_is_told_not_hidden():
    plan = planned(line([3, 2, 2, 1], tolerance=np.array([0.01])))
    assert not plan.balanced
    assert plan.weights.sum() == 8.0


def test_one_region_and_as_many_regions_as_areas():
    one = planned(line([1, 1, 5], regions=1))
    assert one.centre.tolist() == [2]
    all_of_them = planned(line([1, 1, 1], regions=3))
    assert all_of_them.region.tolist() == [0, 1, 2]
    assert all_of_them.cost_m == 0.0
    assert all_of_them.gap == 0.0


def test_lanes_join_touching_regions_or_all_with_distance_time_and_cost():
    problem = line([1] * 6, regions=3, tolerance=np.array([0.0]))
    terms = LaneTerms(cost_per_km_minor=100, fixed_minor=5_000, speed_kmh=50, circuity_pct=100)
    plan = divide(problem, rng=np.random.default_rng(1), lanes=terms)
    assert list(zip(plan.lanes.a.tolist(), plan.lanes.b.tolist(), strict=True)) == [(0, 1), (1, 2)]
    apart = abs(int(plan.centre[1]) - int(plan.centre[0])) * DEGREE_M
    assert plan.lanes.distance_m[0] == pytest.approx(apart, abs=2)
    assert plan.lanes.cost_minor[0] == pytest.approx(5_000 + apart / 10, abs=2)
    assert plan.lanes.duration_s[0] == pytest.approx(apart / 50_000 * 3_600, abs=2)
    assert check_regions(problem, plan, terms) == []
    every = divide(problem, rng=np.random.default_rng(1), lanes=LaneTerms(pairs="all"))
    assert every.lanes.a.size == 3


def test_the_same_generator_gives_the_same_plan():
    rng = np.random.default_rng(4)
    areas = Places(lat=rng.uniform(30, 45, 80), lon=rng.uniform(-110, -80, 80))
    problem = RegionsProblem(
        areas=areas,
        weights=rng.integers(1, 9, (1, 80)).astype(float),
        edges=adjacency(areas),
        regions=4,
        tolerance=np.array([0.05]),
    )
    one, other = (planned(problem, patience=300, seed=9) for _ in range(2))
    assert one.region.tolist() == other.region.tolist()
    assert one.bound_m == other.bound_m


def test_an_impatient_search_still_gives_a_checked_plan_with_a_true_bound():
    for patience in (0, 1, 20):
        plan = planned(grid(5, 5, regions=3, tolerance=np.array([0.5])), patience=patience)
        assert 0.0 <= plan.bound_m <= plan.cost_m
    asked = Interrupt()
    asked.ask()
    problem = grid(5, 5, regions=3, tolerance=np.array([0.5]))
    plan = divide(problem, rng=np.random.default_rng(1), stop=asked)
    assert plan.region.size == 25


class Heard:
    """Counts the steps of each stage."""

    def __init__(self) -> None:
        self.stages: list[tuple[str, int]] = []

    def stage(self, name: str, total: int) -> None:
        self.stages.append((name, total))

    def advance(self, steps: int = 1) -> None:
        assert steps >= 1


def test_progress_is_told_in_three_stages():
    heard = Heard()
    divide(line([1] * 6), rng=np.random.default_rng(1), stop=Iterations(limit=100), progress=heard)
    assert [name for name, _ in heard.stages] == ["centres", "borders", "bound"]


@st.composite
def small_problems(draw: st.DrawFn) -> RegionsProblem:
    n = draw(st.integers(2, 6))
    k = draw(st.integers(1, min(3, n)))
    kinds = draw(st.integers(1, 2))
    at = st.tuples(st.integers(-8, 8).map(float), st.integers(-8, 8).map(float))
    points = draw(st.lists(at, min_size=n, max_size=n, unique=True))
    weights = np.array(
        draw(st.lists(st.lists(st.integers(1, 4), min_size=n, max_size=n), min_size=kinds, max_size=kinds))
    )
    tolerance = np.array(draw(st.lists(st.sampled_from([0.3, 0.6, 1.0]), min_size=kinds, max_size=kinds)))
    average = weights.sum(axis=1) / k
    tolerance = np.maximum(tolerance, weights.max(axis=1) / average - 1.0)
    sites = None
    if draw(st.booleans()):
        sites = places(*draw(st.lists(at, min_size=k, max_size=4)))
    fixed = draw(st.integers(0, k)) if draw(st.booleans()) else 0
    present = None
    if draw(st.booleans()):
        present = np.array(draw(st.lists(st.integers(-1, k - 1), min_size=n, max_size=n)))
    chain = [(i, i + 1) for i in range(n - 1)]
    more = draw(st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda e: e[0] != e[1])))
    return RegionsProblem(
        areas=places(*points),
        weights=weights.astype(float),
        edges=np.array(chain + more),
        regions=k,
        tolerance=tolerance,
        sites=sites,
        fixed=np.arange(fixed),
        present=present,
        move_price_m=draw(st.sampled_from([0.0, 1e5, 1e6])),
        most_moved=draw(st.sampled_from([1.0, 0.3])),
    )


@settings(deadline=None, max_examples=trials(120))
@given(small_problems())
def test_no_division_costs_less_than_the_bound_or_than_the_best_of_all(problem):
    plan = divide(problem, rng=np.random.default_rng(1), stop=Iterations(limit=100))
    best = least_cost(problem, contiguous=False)
    assert plan.bound_m <= best * (1 + 1e-9) + 1e-6
    if plan.balanced:
        assert check_regions(problem, plan) == []
        assert plan.cost_m >= least_cost(problem) * (1 - 1e-9) - 1e-6
