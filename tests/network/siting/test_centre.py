"""Sites so that nobody is far, against trying every set."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.foundation import InputError, Iterations
from doorstep.network.siting import FAR, CostRows
from doorstep.network.siting.centre import CentrePlan, p_centre
from doorstep.network.siting.check import check_centre
from tests.trials import trials


def centred(cost: np.ndarray, count: int) -> CentrePlan:
    rows = CostRows.of_matrix(cost)
    plan = p_centre(rows, count, rng=np.random.default_rng(1), stop=Iterations(limit=100_000))
    assert check_centre(rows, count, plan) == []
    return plan


def test_the_fire_station_stands_where_the_farthest_house_is_nearest():
    cost = np.array([[0, 4, 9], [4, 0, 5], [9, 5, 0]])
    plan = centred(cost, 1)
    assert plan.open.tolist() == [False, True, False]
    assert (plan.farthest, plan.bound, plan.proved) == (5, 5, True)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"open": np.array([True, True, False])}, "2 sites are open, 1 may be"),
        ({"site": np.array([1, 0, 1])}, "customer 1 is served by site 0, which is closed"),
        ({"farthest": 4}, "the dearest unit costs 5, not 4"),
        ({"bound": 6}, "the bound 6 is above"),
    ],
)
def test_what_is_wrong_is_told(changes: dict[str, object], told: str):
    cost = np.array([[0, 4, 9], [4, 0, 5], [9, 5, 0]])
    plan = replace(centred(cost, 1), **changes)  # type: ignore[arg-type]
    assert told in " ".join(check_centre(CostRows.of_matrix(cost), 1, plan))


@settings(max_examples=trials(150))
@given(
    st.integers(1, 6).flatmap(
        lambda sites: st.tuples(
            st.lists(
                st.lists(st.one_of(st.integers(0, 20), st.just(FAR)), min_size=sites, max_size=sites),
                min_size=1,
                max_size=7,
            ),
            st.integers(1, sites),
        )
    )
)
def test_no_set_of_sites_has_a_nearer_farthest_customer(drawn):
    cost, count = np.array(drawn[0], np.int64), drawn[1]
    best = min(
        int(cost[:, list(some)].min(axis=1).max()) for some in itertools.combinations(range(cost.shape[1]), count)
    )
    if best >= FAR:
        with pytest.raises(InputError, match="reach"):
            centred(cost, count)
        return
    plan = centred(cost, count)
    assert plan.farthest == plan.bound == best
    assert cost[np.arange(len(cost)), plan.site].max() == best
    assert int(plan.open.sum()) <= count


def test_more_sites_than_there_are_is_an_error():
    with pytest.raises(InputError, match="3 sites cannot be open of 2"):
        centred(np.array([[1, 2]]), 3)
