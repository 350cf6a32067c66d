"""How much of the demand lies within reach."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.foundation import InputError
from doorstep.geography import Places, great_circle_m
from doorstep.network import cover

GEO = Path(__file__).resolve().parents[3] / "shared/data/geo"
MILE_M = 1_609.344


def places(*points: tuple[float, float]) -> Places:
    return Places(lat=np.array([p[0] for p in points], float), lon=np.array([p[1] for p in points], float))


def test_a_kilometre_away_is_within_two_kilometres_and_not_within_half_of_one():
    found = cover(places((0.0, 0.0), (0.0, 1.0)), np.array([3.0, 1.0]), places((0.009, 0.0)), [500, 2_000, 200_000])
    assert found.share().tolist() == [0.0, 0.75, 1.0]
    assert found.site.tolist() == [0, 0]
    assert found.metres[0] == pytest.approx(1_000.8, abs=0.1)


def test_each_group_has_its_own_share_and_one_without_demand_has_none():
    found = cover(
        places((0, 0), (0, 1), (0, 2)), np.array([1.0, 3.0, 0.0]), places((0, 0)), [10], group=np.array([0, 0, 2])
    )
    assert found.share_by_group().tolist() == [[0.25], [0.0], [0.0]]
    assert found.weight.tolist() == [4.0, 0.0, 0.0]


point = st.tuples(st.floats(-60, 60), st.floats(-179, 179))


@given(
    st.lists(st.tuples(point, st.integers(0, 9), st.integers(0, 2)), min_size=1, max_size=8),
    st.lists(point, min_size=1, max_size=5),
    st.lists(st.floats(0, 2e7), min_size=1, max_size=3),
)
def test_counting_pairs_one_by_one_gives_the_same(demand, sites, within):
    weight = np.array([row[1] for row in demand], float)
    group = np.array([row[2] for row in demand])
    found = cover(places(*(row[0] for row in demand)), weight, places(*sites), within, group=group)
    for number, distance in enumerate(within):
        for g in range(found.weight.size):
            mine = [(min(distance_m(at, site) for site in sites), w) for at, w, here in demand if here == g]
            surely, perhaps = (sum(w for metres, w in mine if metres <= distance + s) for s in (-1.0, 1.0))
            assert surely <= found.covered[g, number] <= perhaps
    assert (np.diff(found.covered[:, np.argsort(within)], axis=1) >= 0).all()
    nearest = [min(distance_m(row[0], site) for site in sites) for row in demand]
    assert found.metres == pytest.approx(nearest, abs=1.0)


def distance_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    return float(great_circle_m(lat_a=np.array(a[0]), lon_a=np.array(a[1]), lat_b=np.array(b[0]), lon_b=np.array(b[1])))


def test_every_fault_is_told_at_once():
    with pytest.raises(InputError) as caught:
        cover(places((0, 0)), np.array([-1.0]), places((0, 0)), [float("nan")], group=np.array([0, 1]))
    told = str(caught.value)
    assert "group (2,) must be (1,)" in told
    assert "weight must not be negative: row 0 is -1.0" in told
    assert "within_m must not be negative: row 0 is nan" in told
    with pytest.raises(InputError, match="nearest of 0 places"):
        cover(places((0, 0)), np.array([1.0]), Places(lat=np.empty(0), lon=np.empty(0)), [1.0])


@pytest.mark.skipif(not GEO.exists(), reason="real data is not here: shared/data/geo beside the repository")
def test_nine_of_ten_people_live_within_ten_miles_of_a_store_of_2018():
    people = pl.read_csv(GEO / "us_blockgroups_2020.csv.gz")
    stores = pl.read_csv(GEO / "walmart_stores_2018.csv").filter(pl.col("country") == "US")
    sites = Places.from_table(stores.rename({"latitude": "lat", "longitude": "lon"}))
    state = people["state"].rank("dense").cast(pl.Int64).to_numpy() - 1
    found = cover(
        Places.from_table(people), people["pop"].cast(pl.Float64).to_numpy(), sites, [10 * MILE_M], group=state
    )
    assert found.share()[0] == pytest.approx(0.892, abs=0.0005)
    vermont = int(state[(people["state"] == "VT").to_numpy()][0])
    assert found.share_by_group()[vermont, 0] == pytest.approx(0.56, abs=0.005)
