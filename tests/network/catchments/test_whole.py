"""Whole places: one may move on, give way or exchange sites; and the kernels as plain Python."""

import numpy as np
import pytest

from doorstep.network.catchments._kernels import raise_prices, serve_most
from doorstep.network.catchments.assign import BySite, sums
from doorstep.network.catchments.problem import CatchmentProblem
from doorstep.network.catchments.reach import Pairs, pairs_within_reach
from doorstep.network.catchments.whole import keep_whole
from tests.network.catchments.line import TIMES, line_problem
from tests.trials import seeds


def near_of(problem: CatchmentProblem) -> Pairs:
    return pairs_within_reach(problem, TIMES, candidates=None, fastest_kmh=None)


def made_whole(problem: CatchmentProblem, served: dict[int, int]) -> dict[int, int]:
    """Return the site of each place served, from the places that are served whole at first."""
    near = near_of(problem)
    flow = np.zeros(near.place.size, np.int64)
    for place, site in served.items():
        flow[(near.place == place) & (near.site == site)] = problem.weight[place]
    whole = keep_whole(problem, near, flow)
    used = np.flatnonzero(whole)
    assert (whole[used] == problem.weight[near.place[used]]).all()
    return dict(zip(near.place[used].tolist(), near.site[used].tolist(), strict=True))


def test_a_place_moves_on_for_one_that_has_no_other_site():
    problem = line_problem([(0, 2), (-6, 3)], [0, 6], reach_s=600, capacity=[4, 2])
    assert made_whole(problem, {0: 0}) == {0: 1, 1: 0}


def test_a_place_does_not_move_on_to_the_site_that_it_makes_room_at():
    problem = line_problem([(0, 2), (-6, 3)], [0, 60], reach_s=600, capacity=[4, 2])
    assert made_whole(problem, {0: 0}) == {1: 0}


def test_a_lighter_place_gives_way_to_a_heavier_one_and_not_the_other_way():
    problem = line_problem([(0, 2), (1, 3)], [0], reach_s=600, capacity=[4])
    assert made_whole(problem, {0: 0}) == {1: 0}
    assert made_whole(problem, {1: 0}) == {1: 0}


def test_two_places_exchange_sites_where_that_saves_seconds():
    problem = line_problem([(1, 2), (4, 2)], [0, 5], reach_s=600, capacity=[2, 3])
    assert made_whole(problem, {0: 1, 1: 0}) == {0: 0, 1: 1}


def test_two_places_stay_where_an_exchange_saves_one_less_than_it_costs_the_other():
    problem = line_problem([(4, 2), (0, 3)], [0, 5], reach_s=600, capacity=[3, 3])
    assert made_whole(problem, {0: 0, 1: 1}) == {0: 1, 1: 0}
    problem = line_problem([(2, 2), (2, 3)], [0, 5], reach_s=600, capacity=[3, 3])
    assert made_whole(problem, {0: 1, 1: 0}) == {0: 1, 1: 0}


def test_a_place_moves_nearer_where_there_is_room():
    problem = line_problem([(1, 2)], [0, 5], reach_s=600, capacity=[2, 3])
    assert made_whole(problem, {0: 1}) == {0: 0}


@pytest.mark.parametrize("seed", seeds(20))
def test_the_kernels_do_the_same_as_plain_python(seed):
    rng = np.random.default_rng(seed)
    places = [(float(km), int(weight)) for km, weight in rng.integers(1, 20, (12, 2))]
    problem = line_problem(
        places, rng.integers(0, 20, 4).tolist(), reach_s=600, capacity=rng.integers(0, 40, 4).tolist()
    )
    near, sites = near_of(problem), len(problem.sites)
    by_site = BySite.of(near, sites)

    def run(flowing, pricing) -> list[np.ndarray]:
        flow, left, free = np.zeros(near.place.size, np.int64), problem.weight.copy(), problem.room.copy()
        stuck, price = np.zeros(sites, np.bool_), np.zeros(sites, np.int64)
        flowing(near.start, near.place, near.site, by_site.order, by_site.at, left, free, flow, stuck)
        args = (near.start, near.place, near.site, near.seconds, by_site.order, by_site.at, flow, left, stuck, price)
        return [flow, left, free, stuck, price, np.array([pricing(*args)])]

    compiled, plain = run(serve_most, raise_prices), run(serve_most.py_func, raise_prices.py_func)
    for a, b in zip(compiled[:4], plain[:4], strict=True):
        np.testing.assert_array_equal(a, b)
    assert compiled[5] == plain[5]
    if compiled[5]:
        np.testing.assert_array_equal(compiled[4], plain[4])
    flow, left, free = compiled[:3]
    np.testing.assert_array_equal(left, problem.weight - sums(near.place, flow, len(places)))
    np.testing.assert_array_equal(free, problem.room - sums(near.site, flow, sites))


def test_prices_are_refused_where_a_chain_of_moves_saves_time():
    problem = line_problem([(1, 1), (4, 1)], [0, 5], reach_s=600, capacity=[1, 1])
    near = near_of(problem)
    by_site = BySite.of(near, 2)
    crossed = (near.site == 1 - near.place).astype(np.int64)
    left, stuck, price = np.zeros(2, np.int64), np.zeros(2, np.bool_), np.zeros(2, np.int64)
    args = (near.start, near.place, near.site, near.seconds, by_site.order, by_site.at)
    assert not raise_prices(*args, crossed, left, stuck, price)
    assert raise_prices(*args, 1 - crossed, left, stuck, price)
