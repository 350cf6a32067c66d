"""The share of parcels near sites that send vans: a store with vans, and a place 12.4 km (7.7 miles) from it."""

import json

import numpy as np
import polars as pl
import pytest

from doorstep.domain import Retailer
from doorstep.foundation import Iterations, Silent
from doorstep.operations.planning.coverage import WITHIN_M, coverage_table
from doorstep.operations.planning.network import NetworkStudy, Wishes, study_network
from doorstep.operations.planning.tables import figures, study_tables
from tests.operations.planning.small_network import FAR, NEAR, small_retailer


def studied(
    wishes: Wishes | None = None, retailer: Retailer | None = None, areas: pl.DataFrame | None = None
) -> NetworkStudy:
    return study_network(
        retailer or small_retailer(), None, wishes or Wishes(keep=("S",)), rng=np.random.default_rng(1),
        stop=Iterations(limit=5_000), progress=Silent(), areas=areas,
    )  # fmt: skip


def shares(table: pl.DataFrame, by: str, group: str, sites: str) -> list[float]:
    found = table.filter((pl.col("by") == by) & (pl.col("group") == group) & (pl.col("sites") == sites))
    assert found["within_m"].to_list() == list(WITHIN_M)
    return found["share"].to_list()


def test_distances_are_whole_miles():
    assert WITHIN_M == (4_828, 8_047, 16_093, 24_140, 32_187)


def test_three_orders_are_at_the_store_and_one_is_seven_miles_away():
    study = studied()
    table = study_tables(study)["coverage"]
    assert table.height == 2 * len(WITHIN_M)
    for sites in ("today", "plan"):
        assert shares(table, "all", "all", sites) == [0.75, 0.75, 1.0, 1.0, 1.0]
    assert table["parcels_per_day"].unique().to_list() == [4.0]
    told = json.loads(json.dumps(figures(study)))
    assert told["coverage"] == {"within_m": 16_093, "today": 1.0, "plan": 1.0}


def test_a_site_with_vans_that_the_plan_adds_counts_by_the_plan_alone():
    vans = small_retailer().vehicles.with_columns(site_id=pl.lit("F"))
    study = studied(Wishes(keep=("S",)), small_retailer(vehicles=vans))
    table = coverage_table(study)
    assert shares(table, "all", "all", "today")[:3] == [0.0, 0.0, 0.0]
    assert shares(table, "all", "all", "plan")[:3] == [0.75, 0.75, 1.0]


def test_without_sites_that_send_vans_nobody_is_near():
    study = studied(Wishes(keep=("S",)), small_retailer(vehicles=small_retailer().vehicles.clear()))
    assert shares(coverage_table(study), "all", "all", "today") == [0.0] * len(WITHIN_M)


def test_regions_have_their_own_shares():
    study = studied(Wishes(keep=("S",), regions=2, tolerance=0.6))
    assert study.regions is not None
    near = int(study.regions.region[study.zones.spots.zone[0]])
    table = coverage_table(study)
    assert shares(table, "region", str(near), "plan") == [1.0] * len(WITHIN_M)
    assert shares(table, "region", str(1 - near), "plan") == [0.0, 0.0, 1.0, 1.0, 1.0]


def test_groups_of_the_demand_have_their_own_shares_also_within_one_zone():
    """Two areas in one cell belong to two groups; one names none."""
    areas = pl.DataFrame(
        [("a", *NEAR, 3_000, "IL"), ("b", *FAR, 1_000, "IN"), ("c", NEAR[0], NEAR[1] + 1e-5, 500, "IN"),
         ("d", *FAR, 500, "")],
        schema=["area_id", "lat", "lon", "population", "group"], orient="row",
    )  # fmt: skip
    table = coverage_table(studied(Wishes(keep=("S",), demand="population"), areas=areas))
    assert shares(table, "group", "IL", "plan") == [1.0] * len(WITHIN_M)
    assert shares(table, "group", "IN", "plan")[:3] == pytest.approx([1 / 3, 1 / 3, 1.0])
    assert shares(table, "group", "", "plan")[:3] == [0.0, 0.0, 1.0]
    assert shares(table, "all", "all", "plan")[:3] == pytest.approx([0.7, 0.7, 1.0])
    a_day = table.filter(pl.col("within_m") == WITHIN_M[0], pl.col("sites") == "plan")
    assert dict(a_day.select("group", "parcels_per_day").iter_rows()) == pytest.approx(
        {"all": 40.0, "IL": 24.0, "IN": 12.0, "": 4.0}
    )
