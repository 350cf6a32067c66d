"""Catchments: cases worked by hand, small ones against all assignments, and the check that finds what is wrong."""

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from doorstep.foundation import InputError
from doorstep.geography import GreatCircleTimes, Places
from doorstep.network.catchments import CatchmentPlan, CatchmentProblem, catchment_problem, draw_catchments
from doorstep.network.catchments.check import check_catchments
from tests.network.catchments.line import TIMES, line_problem, on_line
from tests.trials import seeds, trials

GEO = Path(__file__).resolve().parents[4] / "shared/data/geo"
NEED = [(1, 4), (4, 3), (8, 5), (30, 2)]  # places: kilometre, weight; sites at 0 and 10, seven kilometres in reach


def drawn(capacity: list[int] | None = None, *, whole: bool = False) -> tuple[CatchmentProblem, CatchmentPlan]:
    problem = line_problem(NEED, [0, 10], reach_s=700, capacity=capacity, group=[0, 0, 1, 1])
    plan = draw_catchments(problem, TIMES, whole=whole)
    assert check_catchments(problem, plan, TIMES) == []
    return problem, plan


def rows(plan: CatchmentPlan) -> list[tuple[int, ...]]:
    columns = (plan.place, plan.site, plan.served, plan.seconds)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def test_without_capacity_each_place_goes_to_its_nearest_site():
    _, plan = drawn()
    assert rows(plan) == [(0, 0, 4, 100), (1, 0, 3, 400), (2, 1, 5, 200)]
    assert (plan.total, plan.total_s, plan.bound_s, plan.proved) == (12, 2600, 2600, True)
    assert (plan.load.tolist(), plan.free.tolist(), plan.saves_s.tolist()) == ([7, 5], [-1, -1], [0, 0])


def test_a_gap_says_which_site_misses_it_least_and_by_how_much():
    _, plan = drawn()
    assert (plan.gaps.place.tolist(), plan.gaps.weight.tolist()) == ([3], [2])
    assert (plan.gaps.site.tolist(), plan.gaps.short_s.tolist()) == ([1], [1300])
    assert plan.left.place.size == 0


def test_what_two_sites_reach_is_shared():
    _, plan = drawn()
    overlap = plan.overlap
    assert (overlap.within.tolist(), overlap.shared.tolist()) == ([7, 8], [3, 3])
    assert (overlap.site_a.tolist(), overlap.site_b.tolist(), overlap.weight.tolist()) == ([0], [1], [3])


def test_the_share_in_reach_is_told_by_group():
    _, plan = drawn([3, 4])
    assert plan.reach.share() == pytest.approx(12 / 14)
    assert plan.reach.share_by_group().tolist() == pytest.approx([1, 5 / 7])
    assert plan.reach.served.tolist() == [3, 4]


def test_a_full_site_sends_on_whom_it_costs_least_and_its_price_says_what_room_would_save():
    _, plan = drawn([5, 10])
    assert rows(plan) == [(0, 0, 4, 100), (1, 0, 1, 400), (1, 1, 2, 600), (2, 1, 5, 200)]
    assert (plan.total, plan.total_s, plan.bound_s, plan.proved) == (12, 3000, 3000, True)
    assert (plan.load.tolist(), plan.free.tolist()) == ([5, 7], [0, 3])
    assert (plan.saves_s.tolist(), plan.serves_more.tolist()) == ([200, 0], [False, False])


def test_capacity_below_the_demand_is_told_with_who_is_left_and_which_sites_are_short():
    _, plan = drawn([3, 4])
    assert rows(plan) == [(0, 0, 3, 100), (2, 1, 4, 200)]
    assert (plan.left.place.tolist(), plan.left.weight.tolist(), plan.left.room.tolist()) == (
        [0, 1, 2],
        [1, 3, 1],
        [0, 0, 0],
    )
    (shortage,) = plan.shortages
    assert (shortage.places.tolist(), shortage.sites.tolist()) == ([0, 1, 2], [0, 1])
    assert (shortage.weight, shortage.capacity, shortage.short) == (12, 7, 5)
    assert (plan.saves_s.tolist(), plan.serves_more.tolist()) == ([-100, -200], [True, True])


def test_shortages_that_share_no_site_are_told_apart_the_largest_first():
    problem = line_problem([(0, 5), (50, 9), (51, 1), (90, 2)], [1, 50, 90], reach_s=500, capacity=[3, 2, 4])
    plan = draw_catchments(problem, TIMES)
    assert check_catchments(problem, plan, TIMES) == []
    told = [(s.places.tolist(), s.sites.tolist(), s.weight, s.capacity) for s in plan.shortages]
    assert told == [([1, 2], [1], 10, 2), ([0], [0], 5, 3)]
    assert plan.serves_more.tolist() == [True, True, False]


def test_serving_more_comes_before_serving_nearer():
    # the site at 0 would rather serve the place beside it, but only it reaches the place at -6
    problem = line_problem([(0, 2), (-6, 2)], [0, 5], reach_s=700, capacity=[2, 2])
    plan = draw_catchments(problem, TIMES)
    assert rows(plan) == [(0, 1, 2, 500), (1, 0, 2, 600)]


def test_whole_places_stay_together_or_are_left_with_the_room_there_is():
    _, plan = drawn([5, 6], whole=True)
    assert rows(plan) == [(0, 0, 4, 100), (2, 1, 5, 200)]
    assert (plan.left.place.tolist(), plan.left.weight.tolist(), plan.left.room.tolist()) == ([1], [3], [1])
    assert (plan.most, plan.total, plan.proved) == (11, 9, False)
    assert plan.unserved_share == pytest.approx(2 / 11)


def test_a_place_that_fits_whole_into_no_site_does_not_count_in_the_bound():
    _, plan = drawn([4, 4], whole=True)
    assert rows(plan) == [(0, 0, 4, 100), (1, 1, 3, 600)]
    assert (plan.most, plan.left.place.tolist(), plan.left.room.tolist(), plan.proved) == (7, [2], [1], True)


def test_no_demand_makes_an_empty_plan():
    for places in ([], [(1.0, 0)]):
        problem = line_problem(places, [0], reach_s=10, capacity=[0])
        plan = draw_catchments(problem, TIMES)
        assert check_catchments(problem, plan, TIMES) == []
        assert (plan.place.size, plan.total, plan.gap, plan.unserved_share, plan.reach.share()) == (0, 0, 0, 0, 0)


kilometres = st.integers(0, 12)
small = st.integers(1, 3).flatmap(
    lambda sites: st.tuples(
        st.lists(st.tuples(kilometres, st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=5),
        st.lists(kilometres, min_size=sites, max_size=sites),
        st.lists(st.integers(-1, 5), min_size=sites, max_size=sites),
        st.lists(st.integers(0, 900), min_size=sites, max_size=sites),
    )
)


def problem_of(example) -> CatchmentProblem:
    places, sites, capacity, reach = example
    return line_problem(
        [(km, weight) for km, weight, _ in places],
        sites,
        reach_s=np.array(reach, np.int64),
        capacity=capacity,
        group=[group for _, _, group in places],
    )


def seconds_of(example) -> np.ndarray:
    """Return the seconds of all pairs, beyond counting where out of reach."""
    places, sites, _, reach = example
    seconds = np.array([[100 * abs(km - site) for site in sites] for km, _, _ in places])
    return np.where(seconds <= np.array(reach), seconds, 10**6)


@settings(max_examples=trials(300))
@given(small)
def test_no_assignment_of_single_parcels_serves_more_or_as_much_in_less_time(example):
    places, _, capacity, _ = example
    problem = problem_of(example)
    plan = draw_catchments(problem, TIMES)
    assert check_catchments(problem, plan, TIMES) == []
    weight = [w for _, w, _ in places]
    parcel = np.repeat(np.arange(len(places)), weight)
    slot = np.repeat(np.arange(len(capacity)), [sum(weight) if c < 0 else c for c in capacity])
    cost = seconds_of(example)[parcel][:, slot]
    cost = np.hstack([cost, np.full((parcel.size, parcel.size), 10**6)])
    chosen = cost[linear_sum_assignment(cost)]
    served = chosen < 10**6
    assert (plan.total, plan.total_s) == (served.sum(), chosen[served].sum())
    assert plan.proved


@settings(max_examples=trials(150))
@given(small)
def test_a_price_is_what_one_more_parcel_of_capacity_changes(example):
    problem = problem_of(example)
    plan = draw_catchments(problem, TIMES)
    for site in np.flatnonzero(problem.capacity >= 0):
        more = problem.capacity.copy()
        more[site] += 1
        after = draw_catchments(replace(problem, capacity=more), TIMES)
        assert after.total - plan.total == plan.serves_more[site]
        assert plan.total_s - after.total_s == plan.saves_s[site]


@settings(max_examples=trials(300))
@given(small)
def test_whole_places_keep_the_rules_and_their_bound_holds_for_every_choice(example):
    places, _, capacity, _ = example
    problem = problem_of(example)
    plan = draw_catchments(problem, TIMES, whole=True)
    assert check_catchments(problem, plan, TIMES) == []
    weight = np.array([w for _, w, _ in places])
    seconds = seconds_of(example)
    room = np.array([weight.sum() if c < 0 else c for c in capacity])
    best = (0, 0)
    for choice in itertools.product(range(-1, len(capacity)), repeat=len(places)):
        site = np.array(choice)
        used = np.flatnonzero(site >= 0)
        if (seconds[used, site[used]] == 10**6).any():
            continue
        if (np.bincount(site[used], weights=weight[used], minlength=len(capacity)) <= room).all():
            best = min(best, (-int(weight[used].sum()), int(weight[used] @ seconds[used, site[used]])))
    assert (-plan.most, plan.bound_s) <= best <= (-plan.total, plan.total_s)


def test_what_is_shared_counts_at_the_last_of_many_places_too():
    places = [(1.0, 0)] * 120_000
    for row in (0, 49_999, 50_000, 119_999):
        places[row] = (1.0, 1 + row % 7)
    plan = draw_catchments(line_problem(places, [0, 2], reach_s=100), TIMES)
    assert plan.overlap.weight.tolist() == [sum(weight for _, weight in places)]


@given(small, st.integers(0, 4))
def test_the_pairs_of_sites_that_share_most_are_told(example, largest):
    places, _, capacity, _ = example
    within = seconds_of(example) < 10**6
    weight = np.array([w for _, w, _ in places])
    pairs = itertools.combinations(range(len(capacity)), 2)
    both = [(-int(weight @ (within[:, a] & within[:, b])), a, b) for a, b in pairs]
    told = draw_catchments(problem_of(example), TIMES, largest=largest).overlap
    assert (
        list(zip((-told.weight).tolist(), told.site_a.tolist(), told.site_b.tolist(), strict=True))
        == sorted(pair for pair in both if pair[0])[:largest]
    )


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("seed", seeds(6))
def test_a_town_with_too_little_capacity_is_planned_as_the_check_counts_it(seed, whole):
    rng = np.random.default_rng(seed)
    demand = Places(lat=rng.normal(48, 0.1, 150), lon=rng.normal(11, 0.1, 150))
    sites = Places(lat=rng.normal(48, 0.1, 20), lon=rng.normal(11, 0.1, 20))
    weight = rng.integers(0, 40, 150)
    capacity = rng.integers(0, int(0.15 * weight.sum()), 20)
    problem = catchment_problem(demand, weight, sites, reach_s=900, capacity=capacity, group=rng.integers(0, 3, 150))
    plan = draw_catchments(problem, GreatCircleTimes(), whole=whole)
    assert check_catchments(problem, plan, GreatCircleTimes()) == []
    assert plan.unserved_share < 0.05
    assert plan.proved is not whole


def test_every_fault_of_the_input_is_told_at_once():
    with pytest.raises(InputError) as caught:
        catchment_problem(
            Places(lat=np.array([0.0, np.nan]), lon=np.array([0.0, 200.0])),
            np.array([1, -5]),
            on_line([0]),
            reach_s=-1,
            capacity=np.array([-2]),
            group=np.array([0, -1]),
        )
    told = str(caught.value)
    assert "weight must be at least 0: row 1 is -5" in told
    assert "group must be at least 0: row 1 is -1" in told
    assert "reach_s must be at least 0: row 0 is -1" in told
    assert "capacity must be at least -1: row 0 is -2" in told
    assert "lat of demand must be from -90 to 90: row 1 is nan" in told
    assert "lon of demand must be from -180 to 180: row 1 is 200.0" in told


def test_shapes_fractions_and_missing_sites_are_told_at_once():
    with pytest.raises(InputError) as caught:
        catchment_problem(on_line([1, 2]), np.array([1]), on_line([]), reach_s=5, group=np.array([0.0, 1.0]))
    told = str(caught.value)
    assert "weight (1,) of int64 must be (2,) of int64" in told
    assert "group (2,) of float64 must be (2,) of int64" in told
    assert "there are no sites" in told


def test_more_demand_than_is_counted_exactly_is_refused():
    with pytest.raises(InputError, match="weight adds up to more than 1000000000000"):
        line_problem([(0, 2**62), (1, 2**62)], [0], reach_s=5)


def overlap(plan: CatchmentPlan, **changes: np.ndarray) -> CatchmentPlan:
    return replace(plan, overlap=replace(plan.overlap, **changes))


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda p: replace(p, seconds=p.seconds + 1), "row 0 takes 100 s, not 101"),
        (lambda p: replace(p, site=1 - p.site), "does not reach place 0 in time"),
        (lambda p: replace(p, served=p.served + 4), "place 0 is served 7 of 4"),
        (lambda p: replace(p, served=p.served + 1), "site 0 serves 4 of at most 3"),
        (lambda p: replace(p, load=p.load - 1), "load or free capacity"),
        (lambda p: replace(p, whole=True), "a place is split"),
        (lambda p: replace(p, most=8), "the cut lets 7 be served, the plan tells 8"),
        (lambda p: replace(p, bound_s=1099), "the prices prove 1100 s, the plan tells 1099"),
        (lambda p: replace(p, saves_s=p.saves_s + 50), "the prices prove"),
        (lambda p: replace(p, serves_more=np.array([True, False])), "the cut lets"),
        (lambda p: replace(p, gaps=replace(p.gaps, short_s=p.gaps.short_s - 1)), "a gap is not as many seconds"),
        (lambda p: replace(p, gaps=replace(p.gaps, weight=p.gaps.weight + 1)), "the gaps are not"),
        (lambda p: replace(p, left=replace(p.left, weight=p.left.weight + 1)), "what is left is not"),
        (lambda p: replace(p, shortages=()), "the shortages add up to 0"),
        (lambda p: replace(p, shortages=(replace(p.shortages[0], sites=np.array([0])),)), "shortage 0 is not"),
        (lambda p: overlap(p, within=p.overlap.within + 1), "overlap.within"),
        (lambda p: overlap(p, shared=p.overlap.shared + 1), "overlap.shared"),
        (lambda p: overlap(p, weight=p.overlap.weight + 1), "overlap.weight"),
        (lambda p: replace(p, reach=replace(p.reach, served=p.reach.served + 1)), "reach.served"),
    ],
)
def test_the_check_finds_a_spoiled_plan(spoil, fault):
    problem, plan = drawn([3, 4])
    assert any(fault in told for told in check_catchments(problem, spoil(plan), TIMES))


@pytest.mark.skipif(not GEO.exists(), reason="real data is not here: shared/data/geo beside the repository")
@pytest.mark.parametrize("whole", [False, True])
def test_counties_and_stores_with_less_capacity_than_people(whole):
    counties = pl.read_csv(GEO / "us_counties_2020.csv")
    stores = pl.read_csv(GEO / "walmart_stores_2018.csv", infer_schema_length=None).filter(pl.col("country") == "US")
    sites = Places(lat=stores["latitude"].to_numpy(), lon=stores["longitude"].to_numpy())
    weight = counties["pop"].to_numpy()
    problem = catchment_problem(
        Places.from_table(counties),
        weight,
        sites,
        reach_s=3600,
        capacity=np.full(len(sites), int(weight.sum()) // len(sites)),
    )
    plan = draw_catchments(problem, GreatCircleTimes(), whole=whole)
    assert check_catchments(problem, plan, GreatCircleTimes()) == []
    assert plan.unserved_share < 0.01
    assert plan.proved is not whole
    assert plan.shortages
