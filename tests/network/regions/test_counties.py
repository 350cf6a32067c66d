"""Eight regions of the counties of the United States, where the data is present."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from doorstep.foundation import Iterations
from doorstep.geography import Places
from doorstep.network.regions import RegionsProblem, adjacency, check_regions, divide

GEO = Path(__file__).resolve().parents[4] / "shared/data/geo"
MILE_M = 1_609.344


@pytest.mark.skipif(not GEO.exists(), reason="real data is not here: shared/data/geo beside the repository")
def test_eight_even_regions_of_the_lower_48_are_proved_to_be_within_three_percent():
    table = pl.read_csv(GEO / "us_counties_2020.csv", schema_overrides={"county_fips": pl.String})
    table = table.filter(~pl.col("county_fips").str.slice(0, 2).is_in(["02", "15"]))
    areas = Places.from_table(table)
    problem = RegionsProblem(
        areas=areas,
        weights=table["pop"].cast(pl.Float64).to_numpy()[None],
        edges=adjacency(areas),
        regions=8,
        tolerance=np.array([0.05]),
    )
    plan = divide(problem, rng=np.random.default_rng(1), stop=Iterations(limit=600))
    assert check_regions(problem, plan) == []
    assert plan.balanced
    assert plan.mean_m <= 208.5 * MILE_M
    assert plan.bound_m >= 203.0 * MILE_M
    assert plan.gap <= 0.03
