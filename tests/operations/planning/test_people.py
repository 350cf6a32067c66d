"""Demand from where people live: parcels, zones, densities, drawn doors and what follows for a study."""

import h3
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.domain.retailer import completed
from doorstep.foundation import InputError, Iterations, Silent
from doorstep.geography import great_circle_m
from doorstep.network.design import NEVER
from doorstep.operations.corridor.world import great_circle_times
from doorstep.operations.planning import people
from doorstep.operations.planning.network import NetworkStudy, Wishes, study_network
from doorstep.operations.planning.people import DAYS, MOST_DRAWN, zones_of_people
from doorstep.operations.planning.third_parties import outside_prices
from doorstep.operations.planning.zones import LATER, SAME_DAY, Zones
from tests.operations.planning.small_network import FAR, NEAR, small_retailer

DISK_KM2 = 19 * h3.cell_area(h3.latlng_to_cell(*NEAR, 8), "km^2")


def areas(*rows: dict[str, object]) -> pl.DataFrame:
    table = pl.DataFrame([{"area_id": str(number), "population": 0, **row} for number, row in enumerate(rows)])
    return completed("demand_areas", table)


def at(place: tuple[float, float], **columns: object) -> dict[str, object]:
    return {"lat": place[0], "lon": place[1], **columns}


def zones(*rows: dict[str, object], rate: float = 10.0) -> Zones:
    return zones_of_people(areas(*rows), small_retailer(), rate, np.random.default_rng(1))


def test_parcels_are_those_given_or_a_rate_of_the_people_by_tier():
    """10 and 5 a day share a zone, 30 are given elsewhere; a quarter of the folder's orders is for the same day."""
    a, b = NEAR, (NEAR[0] + 0.0003, NEAR[1])
    found = zones(
        at(a, population=1_000, same_day_bp=5_000),
        at(b, population=500, same_day_bp=0),
        at(FAR, population=2_000, orders_per_day=30.0),
        at((40.0, -80.0)),
    )
    near = int(np.argmin(found.places.lon))
    assert found.parcels[:, near].tolist() == [5 * DAYS, 10 * DAYS]
    assert found.parcels[:, 1 - near].tolist() == [7.5 * DAYS, 22.5 * DAYS]
    assert found.places.lat[near] == pytest.approx(NEAR[0] + 0.0001)
    assert found.spots.parcels.tolist() == [10 * DAYS, 5 * DAYS, 30 * DAYS]
    assert found.days == DAYS
    assert found.demand == "population"
    assert found.notes[:2] == (
        "Demand is that of 3 areas with 3,500 people.",
        "Where the table gives no parcels, a thousand people have 10 a day.",
    )


@given(st.lists(st.integers(0, 3_000), min_size=1, max_size=12), st.floats(0.1, 50))
def test_whole_parcels_add_up_to_what_is_expected(counts: list[int], rate: float):
    total = sum(counts) * rate / 1_000
    rows = [at((40.0 + number, -90.0), population=count, same_day_bp=0) for number, count in enumerate(counts)]
    if round(total * DAYS) < 1:
        with pytest.raises(InputError, match=r"have no parcel in 28 days"):
            zones(*rows, rate=rate)
        return
    found = zones(*rows, rate=rate)
    expected = np.array([count * rate / 1_000 * DAYS for count in counts if count])
    assert found.parcels.sum(axis=1).tolist() == [0, round(total * DAYS)]
    assert (np.abs(found.parcels[LATER] - expected[np.argsort(found.spots.zone)]) < 1 + 1e-6).all()


def test_doors_lie_as_close_as_the_land_says_and_no_closer_than_the_cells_around():
    wide = zones(at(NEAR, orders_per_day=40.0, same_day_bp=0, land_km2=20.0))
    assert wide.doors_per_km2[:, 0] == pytest.approx([0.0, 2.0])
    dense = zones(at(NEAR, orders_per_day=40.0, same_day_bp=0, land_km2=1.0))
    assert dense.doors_per_km2[LATER, 0] == pytest.approx(40 / DISK_KM2)
    unknown = zones(at(NEAR, orders_per_day=40.0, same_day_bp=0))
    cell = h3.cell_area(h3.latlng_to_cell(*NEAR, 5), "km^2")
    assert unknown.doors_per_km2[LATER, 0] == pytest.approx(40 / cell)


def test_a_zone_of_several_areas_has_the_density_of_their_mean_hop():
    """80 doors at 4 a km2 and 20 at 1: hops of 1/2 and 1, on average 0.6, which is 1 / 0.6^2 a km2."""
    middle = h3.cell_to_latlng(h3.latlng_to_cell(41.0, -90.0, 5))
    pair = ((middle[0], middle[1]), (middle[0] + 0.045, middle[1]))
    others = [at((30.0 + number, -100.0), orders_per_day=1.0, land_km2=50.0) for number in range(9)]
    found = zones(
        at(pair[0], orders_per_day=80.0, land_km2=20.0, same_day_bp=0),
        at(pair[1], orders_per_day=20.0, land_km2=20.0, same_day_bp=0),
        *others,
    )
    assert found.spots.zone[0] == found.spots.zone[1]
    assert found.doors_per_km2[LATER, found.spots.zone[0]] == pytest.approx(1 / 0.36)


def test_cells_are_as_large_as_tell_areas_apart_and_larger_only_where_there_are_too_many(monkeypatch):
    def resolution(found: Zones) -> int:
        return int(h3.get_resolution(h3.int_to_str(int(found.cell[0]))))

    far = [at((30.0 + number, -100.0), population=1_000) for number in range(12)]
    assert resolution(zones(*far)) == 5
    close = [at((41.0 + 0.01 * number, -90.0), population=1_000) for number in range(12)]
    assert resolution(zones(*close)) == 8
    monkeypatch.setattr(people, "MOST_ZONES", 6)
    coarse = zones(*close)
    assert len(coarse.places) <= 6
    assert int(coarse.parcels.sum()) == 120 * DAYS


def test_doors_are_drawn_over_the_land_of_their_area():
    found = zones(at(NEAR, orders_per_day=900.0, land_km2=np.pi), at(FAR, orders_per_day=100.0, land_km2=4 * np.pi))
    near = found.spots.zone[0]
    away = great_circle_m(
        lat_a=found.doors.lat, lon_a=found.doors.lon,
        lat_b=np.where(found.zone == near, *np.array([NEAR, FAR])[:, 0]),
        lon_b=np.where(found.zone == near, *np.array([NEAR, FAR])[:, 1]),
    )  # fmt: skip
    assert 850 < (found.zone == near).sum() < 950
    assert 60 < (found.zone != near).sum() < 140
    assert 0.9 * 1_000 < away[found.zone == near].max() <= 1_001
    assert 0.9 * 2_000 < away[found.zone != near].max() <= 2_001
    assert np.median(away[found.zone == near]) == pytest.approx(1_000 * np.sqrt(0.5), rel=0.05)
    assert (found.tier == SAME_DAY).mean() == pytest.approx(0.25, abs=0.05)
    many = zones(at(NEAR, orders_per_day=MOST_DRAWN + 1.0))
    assert not len(many.doors)
    assert "No doors were drawn to be routed: a day would have 5,000,001, more than 5,000,000." in many.notes


@pytest.mark.parametrize("rate", [-1.0, float("nan"), float("inf")])
def test_a_rate_that_is_none_is_refused(rate: float):
    with pytest.raises(InputError, match=r"orders_per_thousand .* must be a number and at least 0"):
        zones(at(NEAR, population=10), rate=rate)


def test_carriers_find_the_zone_of_an_area_by_its_postal_code():
    found = zones(
        at(NEAR, population=1_000, postal_code="10"),
        at(FAR, population=1_000, postal_code="20"),
        at((41.7, -87.9), population=1_000),
    )
    outside = outside_prices(small_retailer(), found, great_circle_times(small_retailer()))
    assert outside.minor[LATER, found.spots.zone].tolist() == [660, 880, 900]
    assert outside.minor[SAME_DAY, found.spots.zone].tolist() == [900, NEVER, 900]


def studied(wishes: Wishes, where: pl.DataFrame | None) -> NetworkStudy:
    return study_network(
        small_retailer(), None, wishes, rng=np.random.default_rng(1), stop=Iterations(limit=5_000), progress=Silent(),
        areas=where,
    )  # fmt: skip


def test_a_study_takes_orders_where_there_are_any_and_people_where_it_is_asked_to():
    where = areas(at(NEAR, population=5_000, postal_code="10"), at(FAR, population=1_000, postal_code="20"))
    orders = studied(Wishes(), where)
    assert int(orders.problem.parcels.sum()) == 4
    assert any("--demand population" in note for note in orders.notes)
    found = studied(Wishes(demand="population"), where)
    assert int(found.problem.parcels.sum()) == 48 * DAYS
    assert found.faults == ()
    assert found.verification is not None
    assert found.verification.total.doors + found.verification.left + found.verification.not_ours == len(
        found.zones.doors
    )
    with pytest.raises(InputError, match=r"there is no table demand_areas"):
        studied(Wishes(demand="population"), None)
    with pytest.raises(InputError, match=r"demand 'hope' must be one of orders, population"):
        studied(Wishes(demand="hope"), where)


def test_parcels_too_far_for_the_same_day_are_later_ones():
    """60 km away no van starts in time and the courier does not come; the parcel carrier does a day later."""
    away = (NEAR[0], NEAR[1] + 0.72)
    where = areas(
        at(NEAR, population=4_000, same_day_bp=5_000, postal_code="10"),
        at(away, population=2_000, same_day_bp=5_000, postal_code="20"),
    )
    study = studied(Wishes(demand="population"), where)
    far = study.zones.spots.zone[1]
    assert study.problem.parcels[:, 1 - far].tolist() == [16 * DAYS, 16 * DAYS]
    assert study.problem.parcels[:, far].tolist() == [0, 16 * DAYS]
    assert study.problem.doors_per_km2[SAME_DAY, far] == 0.0
    assert not ((study.zones.zone == far) & (study.zones.tier == SAME_DAY)).any()
    note = "8.0 parcels a day are too far from everybody for the same day: they count as later ones."
    assert note in study.notes


def test_people_stand_in_where_no_order_comes_to_the_door():
    collected = small_retailer().orders.with_columns(
        service_level_id=pl.lit("click_and_collect"), pickup_site_id=pl.lit("S")
    )
    where = areas(at(NEAR, population=5_000))
    study = study_network(
        small_retailer(orders=collected), None, Wishes(), rng=np.random.default_rng(1), stop=Iterations(limit=5_000),
        progress=Silent(), areas=where,
    )  # fmt: skip
    assert study.zones.demand == "population"
    assert study.problem.parcels.sum(axis=1).tolist() == [0, 40 * DAYS]


def test_more_parcels_than_can_be_counted_are_refused():
    """Whole numbers of parcels, in parts of a billionth, have room for so many."""
    most = zones(at(NEAR, orders_per_day=5e8), at(FAR, orders_per_day=5e8))
    assert most.parcels.sum() == 10**9 * DAYS
    with pytest.raises(InputError, match=r"1,500,000,000 parcels a day are more than can be planned, 1,000,000,000"):
        zones(*[at(NEAR, orders_per_day=5e8)] * 3)
    with pytest.raises(InputError, match="inf parcels a day are more than can be planned"):
        zones(at(NEAR, population=10**6), rate=1e308)
