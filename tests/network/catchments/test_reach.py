"""Pairs within reach: none missed, none asked for in vain, and what is cut off is told."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Ints
from doorstep.geography import GreatCircleTimes, Places
from doorstep.geography.roads import PROFILES, RoadTimes, build_graph
from doorstep.geography.roads.access import StreetsOrEstimate
from doorstep.network.catchments import catchment_problem, draw_catchments
from doorstep.network.catchments.check import check_catchments
from doorstep.network.catchments.reach import gaps_of, pairs_within_reach
from tests.geography.roads.test_times import places
from tests.geography.roads.towns import grid
from tests.network.catchments.line import TIMES, line_problem
from tests.trials import trials


@dataclass(frozen=True)
class Eastward:
    """Times on a globe whose roads are twice as slow towards the west."""

    under: GreatCircleTimes = TIMES
    sign: int = 1

    def between(self, origins: Places, destinations: Places) -> tuple[Ints, Ints]:
        metres, seconds = self.under.between(origins, destinations)
        return metres, self.sign * np.where(destinations.lon < origins.lon, 2 * seconds, seconds)

    def matrix(self, places: Places) -> tuple[Ints, Ints]:
        size = len(places)
        rows, columns = np.divmod(np.arange(size * size), size)
        metres, seconds = self.between(places.take(rows), places.take(columns))
        return metres.reshape(size, size), seconds.reshape(size, size)


points = st.lists(
    st.tuples(
        st.floats(-90, 90) | st.sampled_from([-90.0, 0.0, 90.0]),
        st.floats(-180, 180) | st.sampled_from([-180.0, 180.0]),
    ),
    min_size=1,
    max_size=8,
)


def places_of(drawn: list[tuple[float, float]]) -> Places:
    return Places(lat=np.array([lat for lat, _ in drawn]), lon=np.array([lon for _, lon in drawn]))


@settings(max_examples=trials(300))
@given(
    points,
    points,
    st.lists(st.floats(0, 1), min_size=8, max_size=8),
    st.integers(50, 300),
    st.integers(1, 120),
    st.integers(0, 200),
    st.integers(0, 3_000_000),
)
def test_no_pair_within_reach_is_missed(demand, sites, share, circuity, near, faster, near_m):
    times = GreatCircleTimes(
        circuity_pct=circuity, near_speed_kmh=near, far_speed_kmh=near + faster, near_distance_m=near_m
    )
    d, s = places_of(demand), places_of(sites)
    row, column = np.repeat(np.arange(len(d)), len(s)), np.tile(np.arange(len(s)), len(d))
    _, seconds = times.between(s.take(column), d.take(row))
    # a reach that is exactly the time of some pair, or a second less
    reach = np.array([max(0, int(np.quantile(seconds, q, method="lower")) - (i % 2)) for i, q in enumerate(share)])
    problem = catchment_problem(d, np.ones(len(d), np.int64), s, reach_s=reach[: len(s)])
    pairs = pairs_within_reach(problem, times, candidates=None, fastest_kmh=None)
    inside = seconds <= problem.reach_s[column]
    assert set(zip(pairs.place.tolist(), pairs.site.tolist(), strict=True)) == set(
        zip(row[inside].tolist(), column[inside].tolist(), strict=True)
    )
    assert pairs.cut.size == 0
    assert (np.diff(pairs.seconds)[np.diff(pairs.place) == 0] >= 0).all()


def test_a_road_that_is_rounded_down_to_the_reach_is_not_missed():
    times = GreatCircleTimes(circuity_pct=100, near_speed_kmh=3, far_speed_kmh=3)
    problem = line_problem([(0.0104, 1)], [0], reach_s=12)  # 10.4 metres count as 10, which take 12 seconds
    assert draw_catchments(problem, times).total == 1


def test_with_other_times_the_direction_counts_from_the_site_to_the_place():
    problem = line_problem([(5, 1), (-5, 1)], [0], reach_s=700)
    plan = draw_catchments(problem, Eastward())
    assert (plan.place.tolist(), plan.gaps.place.tolist(), plan.gaps.short_s.tolist()) == ([0], [1], [300])


def test_with_other_times_so_many_candidates_are_looked_at_and_what_that_may_cut_off_is_told():
    problem = line_problem([(0, 1), (100, 1)], [float(k) for k in range(1, 31)], reach_s=2600)
    plan = draw_catchments(problem, Eastward())
    assert (plan.candidates, plan.cut.tolist()) == (24, [0, 1])
    assert plan.overlap.within.sum() == 13  # of the 24 nearest, those up to 13 km east reach place 0: westward
    assert check_catchments(problem, plan, Eastward()) == []


def test_a_fastest_speed_lets_every_candidate_be_looked_at():
    problem = line_problem([(0, 1), (100, 1)], [float(k) for k in range(1, 31)], reach_s=2600)
    plan = draw_catchments(problem, Eastward(), fastest_kmh=36)
    assert (plan.candidates, plan.cut.size) == (0, 0)
    assert check_catchments(problem, plan, Eastward()) == []


def test_a_limit_on_candidates_tells_only_of_places_where_it_may_matter():
    problem = line_problem([(0, 3), (50, 2)], [0, 1, 2, 49], reach_s=500)
    plan = draw_catchments(problem, TIMES, candidates=2)
    assert (plan.candidates, plan.cut.tolist()) == (2, [0])
    assert plan.overlap.within.tolist() == [3, 3, 0, 2]
    assert check_catchments(problem, plan, TIMES) == []


def test_the_site_that_misses_a_place_least_may_be_a_far_one_with_a_long_reach():
    problem = line_problem([(0, 1)], [3, 9], reach_s=np.array([100, 850]))
    near = pairs_within_reach(problem, TIMES, candidates=None, fastest_kmh=None)
    gaps = gaps_of(problem, TIMES, near)
    assert (gaps.site.tolist(), gaps.short_s.tolist()) == ([1], [50])


def test_faults_of_the_search_are_told_at_once():
    problem = line_problem([(0, 1)], [3], reach_s=50)
    with pytest.raises(InputError, match=r"candidates 0 must be positive\. fastest_kmh -1 must be positive"):
        draw_catchments(problem, TIMES, candidates=0, fastest_kmh=-1)
    with pytest.raises(InputError, match="the time from site 0 to place 0 is -600 s, below zero"):
        draw_catchments(problem, Eastward(sign=-1))


def test_more_pairs_than_can_be_looked_at_are_refused_with_their_number():
    problem = line_problem([(0, 1)] * 9_000, [0.0] * 5_000, reach_s=50)
    with pytest.raises(InputError, match="45000000 pairs of place and site may be within reach"):
        draw_catchments(problem, TIMES)
    with pytest.raises(InputError, match="9000 places x 5000 candidates are more"):
        draw_catchments(problem, TIMES, candidates=6_000)


def test_on_streets_all_sites_in_reach_are_found_and_a_one_way_street_is_reached_one_way():
    street = RoadTimes(build_graph(grid(2, 31, east=[1]), PROFILES["van"]))
    times = StreetsOrEstimate(streets=street, estimate=GreatCircleTimes())
    demand = places(*((x, 100) for x in range(50, 2_951, 100)))
    weight = np.ones(len(demand), np.int64)
    reached = []
    for east_m in (60, 2_940):
        problem = catchment_problem(demand, weight, places((east_m, 100)), reach_s=50)
        plan = draw_catchments(problem, times)
        assert check_catchments(problem, plan, times) == []
        assert plan.candidates == 0
        reached.append(plan.place.tolist())
    assert reached == [[1, 2, 3], [29]]  # to the doors behind it is a way round the block
