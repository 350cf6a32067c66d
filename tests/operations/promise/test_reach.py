"""Who could bring a basket to a door at all: vans within half a shift, carriers within their rates, skills that fit."""

import polars as pl
import pytest

from doorstep.operations.promise.reach import ANYWHERE, NOBODY, Reach, _reach
from tests.operations.shops import TWO_SITES
from tests.small import retailer, table

VAN = table(
    "vehicle_id site_id max_weight_g max_volume_ml shift_starts shift_ends max_distance_m skills",
    ("short", "S1", 1_000_000, 1_000_000, "08:00", "09:00", None, "chilled"),
    ("long", "S1", 1_000_000, 1_000_000, "08:00", "18:00", 130_000, "two_person"),
)
CARRIERS = table("carrier_id kind serves_kinds", ("near", "on_demand", "fc"), ("post", "parcel", ""))
RATES = table("carrier_id max_distance_m price_minor", ("near", 13_000, 900), ("near", 26_000, 1_200))


def reach(**tables: pl.DataFrame) -> Reach:
    return _reach(retailer(sites=TWO_SITES, **tables).tables())


def test_nobody_is_judged_where_no_vans_and_carriers_are_named():
    found = reach()
    assert (found.judged, found.metres.tolist()) == (False, [NOBODY, NOBODY])
    assert found.missing(["B"], "same_day") == ""


def test_a_van_goes_half_its_range_there_and_as_far_as_its_shift_allows():
    assert reach(vehicles=VAN).metres.tolist() == [50_000, NOBODY]  # 65 km of road are 50 km of straight line
    assert reach(vehicles=VAN.head(1)).metres.tolist() == [19_230, NOBODY]  # half an hour at 50 km/h


@pytest.mark.parametrize(
    ("rates", "metres"),
    [
        (RATES, [NOBODY, 20_000]),
        (pl.concat([RATES, RATES.head(1).with_columns(max_distance_m=pl.lit(None, pl.Int64))]), [NOBODY, ANYWHERE]),
        (RATES.with_columns(carrier_id=pl.lit("post")), [20_000, 20_000]),
    ],
)
def test_a_carrier_goes_as_far_as_its_rates_from_the_sites_that_it_serves(rates, metres):
    sites = TWO_SITES.with_columns(kind=pl.Series(["store", "fc"]))
    found = _reach(retailer(sites=sites, carriers=CARRIERS, carrier_rates=rates).tables())
    assert found.metres.tolist() == metres


def test_the_words_of_a_product_and_its_level_are_kept_together_by_one():
    levels = table(
        "service_level_id method requirements", ("plain", "same_day", ""), ("heavy", "same_day", "two_person")
    )
    found = reach(vehicles=VAN, service_levels=levels)
    assert found.missing(["A", "B"], "plain") == ""
    assert found.missing(["A"], "heavy") == ""
    assert found.missing(["A", "B"], "heavy") == "chilled;two_person"
