"""The fewest further sites that bring a share of the demand within reach."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.foundation import InputError, Iterations
from doorstep.geography import Places, places_within
from doorstep.geography.distance import great_circle_m
from doorstep.network.check import check_reach
from doorstep.network.fewest import Reach, fewest_sites
from tests.trials import trials

KM = 1_000.0


def on_a_road(*km: float) -> Places:
    """Return places on the equator, some kilometres east of Greenwich."""
    return Places(lat=np.zeros(len(km)), lon=np.array(km, float) / 111.195)


def fewest(demand: Places, weight: list[int], sites: Places, candidates: Places, km: float, share: float) -> Reach:
    found = fewest_sites(
        demand,
        np.array(weight),
        sites,
        candidates,
        within_m=km * KM,
        share=share,
        rng=np.random.default_rng(1),
        stop=Iterations(limit=100_000),
    )
    assert check_reach(demand, np.array(weight), sites, candidates, found, within_m=km * KM, share=share) == []
    return found


def test_one_shop_between_two_towns_does_for_both():
    found = fewest(on_a_road(0, 10, 50), [5, 5, 90], on_a_road(50), on_a_road(0, 5, 10), 6, 1.0)
    assert found.chosen.tolist() == [1]
    assert (found.fewest, found.before, found.after) == (1, 0.9, 1.0)
    assert found.proved


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"chosen": np.array([0, 0])}, "are not different rows"),
        ({"chosen": np.array([3])}, "are not different rows"),
        ({"chosen": np.array([0])}, "the share after is 0.950000, not 1.000000"),
        ({"before": 0.8}, "the share before is 0.900000, not 0.800000"),
        ({"covered": np.array([True, True, False])}, "1 places are said to be within reach"),
        ({"after": 0.5}, "0.500000 of the demand is within reach, not 1.000000"),
        ({"fewest": 2}, "1 candidates are enough, and 2 are said to be needed"),
    ],
)
def test_what_is_wrong_is_told(changes: dict[str, object], told: str):
    demand, weight, sites, plots = on_a_road(0, 10, 50), [5, 5, 90], on_a_road(50), on_a_road(0, 5, 10)
    found = replace(fewest(demand, weight, sites, plots, 6, 1.0), **changes)  # type: ignore[arg-type]
    faults = check_reach(demand, np.array(weight), sites, plots, found, within_m=6 * KM, share=1.0)
    assert told in " ".join(faults)


def test_nothing_is_added_where_the_share_is_reached_already():
    found = fewest(on_a_road(0, 50), [9, 1], on_a_road(0), on_a_road(50), 1, 0.9)
    assert found.chosen.tolist() == []
    assert found.covered.tolist() == [True, False]


def test_the_largest_towns_come_first():
    found = fewest(on_a_road(0, 50, 100), [1, 8, 2], on_a_road(), on_a_road(0, 50, 100), 1, 0.9)
    assert found.chosen.tolist() == [1, 2]


def test_a_share_that_all_candidates_together_miss_is_an_error_with_the_share_they_reach():
    with pytest.raises(InputError, match=r"all 1 candidates together bring 75.00 % .* not 95.00 %"):
        fewest(on_a_road(0, 50), [3, 1], on_a_road(), on_a_road(0), 1, 0.95)


roads = st.lists(st.integers(0, 60), min_size=1, max_size=8)


@settings(max_examples=trials(200))
@given(roads, st.lists(st.integers(0, 9), min_size=8, max_size=8), st.lists(st.integers(0, 60), max_size=2), roads)
def test_no_smaller_set_of_candidates_does(towns, people, shops, plots):
    demand, weight = on_a_road(*towns), np.array(people[: len(towns)])
    sites, candidates, share = on_a_road(*shops), on_a_road(*plots), 0.8
    near = {row: set(np.flatnonzero(np.abs(np.array(plots) - towns[row]) <= 7)) for row in range(len(towns))}
    done = [any(abs(shop - town) <= 7 for shop in shops) for town in towns]

    def reached(some: tuple[int, ...]) -> bool:
        there = sum(int(weight[row]) for row in range(len(towns)) if done[row] or near[row] & set(some))
        return bool(there >= share * weight.sum() - 1e-9)

    enough = [
        count for count in range(len(plots) + 1) if any(map(reached, itertools.combinations(range(len(plots)), count)))
    ]
    if not enough:
        with pytest.raises(InputError, match="candidates together"):
            fewest(demand, weight.tolist(), sites, candidates, 7.4, share)
        return
    found = fewest(demand, weight.tolist(), sites, candidates, 7.4, share)
    assert found.chosen.size == found.fewest == enough[0]
    assert reached(tuple(found.chosen.tolist()))


def test_the_places_within_a_distance_are_those_that_are():
    rng = np.random.default_rng(2)
    a = Places(lat=rng.uniform(-80, 80, 60), lon=rng.uniform(-180, 180, 60))
    b = Places(lat=rng.uniform(-80, 80, 50), lon=rng.uniform(-180, 180, 50))
    for metres in (0.0, 1e6, 1.2e7, 3e7):
        start, rows = places_within(a, b, within_m=metres)
        every = great_circle_m(lat_a=a.lat[:, None], lon_a=a.lon[:, None], lat_b=b.lat, lon_b=b.lon) <= metres
        assert [rows[s:e].tolist() for s, e in itertools.pairwise(start)] == [
            np.flatnonzero(row).tolist() for row in every
        ]
