"""A network study on streets: designed, reached, routed and checked by them, and estimated where there are none."""

from dataclasses import replace
from functools import cache

import numpy as np
import polars as pl

from doorstep.console.report import render_network
from doorstep.domain import Retailer
from doorstep.foundation import Iterations, Silent
from doorstep.geography.roads import PROFILES, RoadTimes, build_graph
from doorstep.geography.roads.access import StreetsOrEstimate
from doorstep.network.catchments import catchment_problem
from doorstep.network.catchments.check import check_catchments
from doorstep.operations.corridor.world import great_circle_times
from doorstep.operations.planning.drives import drives_of
from doorstep.operations.planning.network import NetworkStudy, Wishes, study_network
from doorstep.simulation.sample.on_streets import sample_on_streets
from tests.geography.roads.test_times import places
from tests.geography.roads.towns import grid

ROWS, COLUMNS = 16, 20
TOWN = RoadTimes(build_graph(grid(ROWS, COLUMNS, east=range(0, ROWS, 2), north=range(1, COLUMNS, 2)), PROFILES["van"]))
NOTHING_BEYOND, BEYOND_KM = 0, 9


@cache
def shop(beyond: int = NOTHING_BEYOND) -> Retailer:
    """Return a retailer in the town of whose doors so many lie far east of it."""
    made = sample_on_streets(TOWN, "Gridtown", 5, 1, 150, np.random.default_rng(2))
    far = pl.int_range(pl.len()) < beyond
    return replace(made, orders=made.orders.with_columns(lon=pl.col("lon") + BEYOND_KM / 72.4 * far.cast(pl.Float64)))


@cache
def studied(beyond: int = NOTHING_BEYOND, *, on_streets: bool = True) -> NetworkStudy:
    retailer = shop(beyond)
    travel = StreetsOrEstimate(streets=TOWN, estimate=great_circle_times(retailer)) if on_streets else None
    return study_network(
        retailer, None, Wishes(), rng=np.random.default_rng(1), stop=Iterations(limit=5_000), progress=Silent(),
        travel=travel,
    )  # fmt: skip


def test_ways_of_the_design_are_those_of_the_streets_and_the_checks_agree():
    study = studied()
    ways, options, zones = study.plan.ways, study.problem.options.places, study.problem.zones
    metres, seconds = TOWN.between(options.take(ways.option), zones.take(ways.zone))
    _, back_s = TOWN.between(zones.take(ways.zone), options.take(ways.option))
    assert study.faults == ()
    assert np.abs(ways.way_m - metres).max() <= 1  # a middle of doors may lie within a block
    assert np.abs(ways.way_s - seconds).max() <= 1
    assert (seconds != back_s).any()
    assert study.verification is not None


def test_areas_are_those_reached_on_streets():
    study = studied()
    plan, options = study.area_today.plan, study.area_today.option
    assert plan is not None
    problem = study.problem
    asked = catchment_problem(
        problem.zones, problem.parcels.sum(axis=0), problem.options.places.take(options),
        reach_s=problem.tiers[0].reach_s,
    )  # fmt: skip
    travel = StreetsOrEstimate(streets=TOWN, estimate=great_circle_times(shop()))
    assert check_catchments(asked, plan, drives_of(shop(), travel, problem.zones).travel) == []
    assert plan.candidates == 0


def test_the_report_says_what_is_driven_on_with_the_credit():
    html = render_network(studied(), "EUR", title="Network")
    assert "Drives are on streets, © OpenStreetMap contributors, ODbL 1.0." in html
    assert "lie more than" not in html
    html = render_network(studied(on_streets=False), "EUR", title="Network")
    assert "Travel times are estimates, no streets: straight lines times 1.30, at 30 km/h" in html
    assert "OpenStreetMap" not in html


def test_beyond_the_streets_drives_are_estimates_fitted_to_them_and_it_says_for_how_many_places():
    study = studied(3)
    assert study.faults == ()
    (told,) = [note for note in study.notes if "lie more than 2,000 m from any street" in note]
    assert int(told.split(" of ")[0]) >= 1
    zone = int(np.argmax(study.problem.zones.lon))
    mine = study.plan.ways.zone == zone
    assert mine.any()
    assert (study.plan.ways.way_m[mine] >= BEYOND_KM * 900).all()


def test_straight_lines_are_fitted_to_the_streets_and_kept_where_there_are_none_near():
    travel = StreetsOrEstimate(streets=TOWN, estimate=great_circle_times(shop()))
    near = drives_of(shop(), travel, places(*((x, y) for x in range(0, 1_900, 210) for y in range(0, 1_500, 210))))
    assert near.estimate != great_circle_times(shop())
    assert near.estimate.circuity_pct > 120  # a grid is driven round its corners
    assert near.hop_kmh <= 25  # the limit of a residential street
    far = drives_of(shop(), travel, places((50_000, 0), (60_000, 0)))
    assert far.estimate == great_circle_times(shop())
    assert far.notes[1].startswith("2 of 2 places lie more than 2,000 m from any street")
