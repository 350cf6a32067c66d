"""Medians of many customers: found by groups of them and proved for each, against trying every set."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.foundation import InputError, Iterations, Silent
from doorstep.foundation.arrays import Ints
from doorstep.geography import Places, great_circle_m
from doorstep.network.siting import CostRows, SitingPlan, p_median
from doorstep.network.siting._dual import price_sites
from doorstep.network.siting.check import check_siting
from doorstep.network.siting.groups import group_near
from doorstep.network.siting.many import Best, moved_prices, p_median_of_places, prove, search_rows
from doorstep.network.siting.near import Near
from doorstep.network.siting.plan import plan_of
from doorstep.network.siting.prices import Prices
from doorstep.network.siting.reduced import Reduced
from tests.trials import seeds, trials


def places(*points: tuple[float, float]) -> Places:
    return Places(lat=np.array([p[0] for p in points], float), lon=np.array([p[1] for p in points], float))


def matrix(demand: Places, sites: Places) -> Ints:
    metres = great_circle_m(lat_a=demand.lat[:, None], lon_a=demand.lon[:, None], lat_b=sites.lat, lon_b=sites.lon)
    return np.rint(metres).astype(np.int64)


def chosen(
    demand: Places, weight: Ints, sites: Places, count: int, *, groups: int, steps: int = 20_000, gap: float = 0.0
) -> SitingPlan:
    rng, stop = np.random.default_rng(1), Iterations(limit=steps)
    plan = p_median_of_places(demand, weight, sites, count, rng=rng, stop=stop, gap=gap, groups=groups)
    assert check_siting(p_median(CostRows.of_places(demand, sites), weight, count), plan) == []
    return plan


def test_of_three_villages_on_the_equator_the_middle_one_serves_all_though_all_are_one_group():
    road = places((0.0, 0.0), (0.0, 0.04), (0.0, 0.09))  # 4,448 m and 5,560 m apart
    plan = chosen(road, np.array([1, 1, 1]), road, 1, groups=1)
    assert plan.open.tolist() == [False, True, False]
    assert (plan.cost, plan.bound) == (10_008, 10_008)
    assert plan.site.tolist() == [1, 1, 1]
    (limit,) = plan.binds
    assert (limit.rule, limit.site, limit.saves) == ("most", 2, 5_560)
    assert plan.one_more.tolist() == [4_448, 0, 5_560]


def test_a_customer_without_weight_is_served_and_costs_nothing():
    road = places((0.0, 0.0), (0.0, 1.0))
    plan = chosen(road, np.array([0, 3]), road, 1, groups=5)
    assert plan.open.tolist() == [False, True]
    assert (plan.cost, plan.bound) == (0, 0)
    assert plan.site.tolist() == [1, 1]


point = st.tuples(st.floats(-70, 70), st.floats(-90, 80))
instances = st.tuples(
    st.lists(st.tuples(point, st.integers(0, 9)), min_size=1, max_size=9).filter(lambda rows: any(r[1] for r in rows)),
    st.lists(point, min_size=1, max_size=7),
    st.integers(1, 7),
    st.integers(1, 10),
)


@settings(max_examples=trials(150))
@given(instances)
def test_no_set_of_sites_costs_less_than_the_bound_and_the_plan_costs_what_it_says(drawn):
    customers, where, count, groups = drawn
    demand, sites = places(*(row[0] for row in customers)), places(*where)
    weight, count = np.array([row[1] for row in customers]), min(count, len(sites))
    plan = chosen(demand, weight, sites, count, groups=groups)
    cost = matrix(demand, sites)
    totals = [int(weight @ cost[:, some].min(axis=1)) for some in itertools.combinations(range(len(sites)), count)]
    assert plan.open.sum() == count
    assert plan.cost == weight @ cost[:, plan.open].min(axis=1)
    assert plan.bound <= min(totals) <= plan.cost


def scattered(seed: int, customers: int, sites: int) -> tuple[Places, Ints, Places]:
    rng = np.random.default_rng(seed)
    a, b = rng.uniform((30, -120), (45, -75), (customers, 2)), rng.uniform((30, -120), (45, -75), (sites, 2))
    return Places(lat=a[:, 0], lon=a[:, 1]), rng.integers(1, 50, customers), Places(lat=b[:, 0], lon=b[:, 1])


@pytest.mark.parametrize("count", [1, 4, 20])
def test_a_plan_by_groups_tells_what_a_plan_by_full_rows_tells(count: int):
    demand, weight, sites = scattered(5, 600, 90)
    plan = chosen(demand, weight, sites, count, groups=60, gap=1e-3)
    assert 0.0 <= plan.gap <= 1e-3
    problem = p_median(CostRows.of_places(demand, sites), weight, count)
    full = plan_of(problem, np.flatnonzero(plan.open), plan.bound)
    assert plan.binds == full.binds
    assert plan.one_more.tolist() == full.one_more.tolist()
    assert plan.one_less.tolist() == full.one_less.tolist()


def test_it_ends_when_asked_to_with_a_plan_and_a_valid_bound():
    demand, weight, sites = scattered(6, 400, 80)
    hasty = chosen(demand, weight, sites, 12, groups=40, steps=1)
    patient = chosen(demand, weight, sites, 12, groups=40)
    assert 0 < hasty.bound < hasty.cost
    assert hasty.bound < patient.bound <= patient.cost <= hasty.cost


@pytest.mark.parametrize("seed", seeds(4))
def test_what_sites_are_worth_is_the_same_by_full_rows(seed: int):
    demand, weight, sites = scattered(seed, 50, 30)
    rows, price = CostRows.of_places(demand, sites), np.random.default_rng(seed).uniform(0, 3e6, 50)
    worth = np.empty(30)
    price_sites(rows.start, rows.site, rows.cost, weight, np.zeros(30, np.int64), price, worth)
    assert Near.of(demand, weight, sites).worth(price) == pytest.approx(worth, rel=1e-12)


@pytest.mark.parametrize("longest", [3, 100])
def test_short_rows_are_the_cheap_end_of_full_rows_and_end_at_what_was_left_out(longest: int):
    demand, weight, sites = scattered(7, 40, 30)
    keep, beyond = np.arange(30) % 3 > 0, np.random.default_rng(7).integers(0, 2_000_000, 40)
    rows = Near.of(demand, weight, sites).rows(keep, beyond, longest=longest)
    cost = matrix(demand, sites.take(np.flatnonzero(keep)))
    for customer, limit in enumerate(beyond):
        cheap = [(c, j) for c, j in sorted(zip(cost[customer].tolist(), range(20), strict=True)) if c < limit]
        row = slice(rows.start[customer], rows.start[customer + 1])
        assert list(zip(rows.cost[row].tolist(), rows.site[row].tolist(), strict=True)) == cheap[:longest]
        assert rows.beyond[customer] == (cheap[longest][0] if len(cheap) > longest else limit)


def every_set(cost: Ints, weight: Ints, count: int) -> dict[tuple[int, ...], int]:
    """Return what each set of sites costs."""
    sets = itertools.combinations(range(cost.shape[1]), count)
    return {some: int(weight @ cost[:, some].min(axis=1)) for some in sets}


@pytest.mark.parametrize("seed", seeds(10))
def test_prices_prove_no_more_than_is_true_and_leave_out_no_site_of_a_better_set(seed: int):
    demand, weight, sites = scattered(seed, 60, 12)
    problem = p_median(CostRows.of_places(demand, sites), weight, 3)
    totals = every_set(matrix(demand, sites), weight, 3)
    second = sorted(totals, key=lambda some: totals[some])[1]
    reduced = Reduced.of(problem)
    prices = Prices.between(reduced, np.array(second))
    prices.raised(reduced, aim=float(totals[second]), goal=np.inf, steps=300)
    best = Best(sites=np.array(second), cost=totals[second], bound=0.0, price=prices.best_price)
    keep = prove(Near.of(demand, weight, sites), best)
    assert best.bound == pytest.approx(min(prices.bound, totals[second]), rel=1e-9)
    assert best.bound <= min(totals.values())
    better = {site for some, total in totals.items() if total <= totals[second] for site in some}
    assert keep[list(better)].all()
    assert not keep.all()


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("seed", seeds(6))
def test_rows_that_are_too_short_prove_less_and_never_too_much(seed: int, depth: int):
    demand, weight, sites = scattered(seed, 60, 12)
    totals = every_set(matrix(demand, sites), weight, 3)
    poor = sorted(totals, key=lambda some: totals[some])[len(totals) // 2]
    best = Best(sites=np.array(poor), cost=totals[poor], bound=0.0, price=np.full(60, 5e6))
    near, rng, stop = Near.of(demand, weight, sites), np.random.default_rng(seed), Iterations(limit=5_000)
    every = np.ones(12, np.bool_)
    short = search_rows(near, best, every, depth, gap=0.0, rng=rng, stop=stop, progress=Silent())
    assert 0 < best.bound <= min(totals.values()) <= best.cost == totals[tuple(best.sites.tolist())]
    assert short >= 0
    if depth == 1:
        assert short > 0


def test_no_price_starts_above_what_staying_beyond_costs():
    rows = CostRows.of_matrix(np.array([[5, 40], [30, 10]]), beyond=np.array([15, 20]))
    prices = Prices.at(Reduced.of(p_median(rows, np.array([1, 2]), 1)), np.array([100.0, 12.0]))
    assert prices.price.tolist() == [15.0, 12.0]


def test_a_price_moves_with_the_site_that_it_is_nearer_to():
    of_group, price = np.array([[10, 30]]), np.array([15.0])
    moved = moved_prices(price, of_group, np.array([0, 0, 0]), np.array([[10, 30], [14, 30], [10, 34]]))
    assert moved.tolist() == [15.0, 18.0, 16.0]
    far = moved_prices(np.array([90.0]), of_group, np.array([0]), np.array([[14, 31]]))
    assert far.tolist() == [91.0]


@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(1, 5)), min_size=1, max_size=12), st.integers(1, 14))
def test_groups_are_as_many_as_allowed_or_of_equal_points(points, most):
    at = np.array([[float(x), 0.0, 1.0] for x, _ in points])
    group = group_near(at, np.array([weight for _, weight in points]), most=most)
    assert np.unique(group).tolist() == list(range(min(most, len({x for x, _ in points}))))


def test_the_group_that_is_heaviest_and_widest_is_halved_first():
    at = np.array([[x, 0.0, 0.0] for x in (0.0, 1.0, 10.0, 11.0)])
    assert group_near(at, np.array([1, 1, 1, 1]), most=2).tolist() in ([0, 0, 1, 1], [1, 1, 0, 0])
    alone = group_near(at, np.array([1, 1, 9, 9]), most=3)
    assert alone[0] == alone[1] != alone[2] != alone[3]


def test_every_fault_is_told_at_once():
    road, rng, stop = places((0, 0), (0, 1)), np.random.default_rng(1), Iterations(limit=1)
    with pytest.raises(InputError) as caught:
        p_median_of_places(road, np.array([1, -2]), road, 3, rng=rng, stop=stop)
    assert "weight must not be negative: row 1 is -2" in str(caught.value)
    assert "3 sites cannot be open of 2" in str(caught.value)
    with pytest.raises(InputError, match="all 2 rows are zero"):
        p_median_of_places(road, np.array([0, 0]), road, 1, rng=rng, stop=stop)
    with pytest.raises(InputError, match=r"weight \(1,\) must be \(2,\)"):
        p_median_of_places(road, np.array([1]), road, 1, rng=rng, stop=stop)
