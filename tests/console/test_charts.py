"""Charts and maps show the numbers that they were given."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.console.report.bins import Bins
from doorstep.console.report.charts import cost_bars, delivery_hours, route_loads, route_parcels
from doorstep.console.report.city_map import path
from doorstep.console.report.measures import MEASURES, measure_of, value_text
from doorstep.console.report.projection import UNITS, Projection
from doorstep.console.report.scoreboard import Difference, difference, read_scores
from doorstep.console.report.ticks import step_of, ticks_to
from doorstep.measurement.measure import MEASURES as MEASURED
from tests.console.small_plan import plan, retailer, scoreboard

values = st.lists(st.floats(0, 1e6), min_size=1, max_size=60).map(np.array)


@given(values, st.booleans())
def test_every_value_falls_into_one_of_a_few_bins(sample, whole):
    bins = Bins.over(sample, whole=whole)
    counts = bins.counts(sample)
    assert counts.sum() == sample.size
    assert counts.size <= 26
    assert bins.first <= sample.min() + 1e-6


def test_bins_open_only_when_something_lies_above():
    flat = Bins.over(np.arange(10.0), whole=True)
    assert [flat.name(0), flat.name(9)] == ["0", "9"]
    tail = Bins.over(np.array([*([1.0] * 500), 2.0, 900.0]), whole=True)
    assert tail.name(tail.number - 1) == "1 or more"


@pytest.mark.parametrize(("least", "step"), [(0.7, 1.0), (1.2, 2.0), (2.1, 2.5), (30, 50), (1000, 1000)])
def test_steps_are_round(least, step):
    assert step_of(least) == step


@pytest.mark.parametrize(("peak", "ticks"), [(0, (0, 1)), (3, (0, 1, 2, 3)), (462, (0, 200, 400, 600))])
def test_ticks_reach_the_peak(peak, ticks):
    assert ticks_to(peak) == ticks


def test_cost_bars_hold_one_segment_a_part_and_the_measured_total():
    bars = cost_bars(read_scores(scoreboard(), "USD"), "USD")
    assert [bar.name for bar in bars] == ["doorstep", "nearest FC, cheapest carrier", "fewest splits, own fleet"]
    assert [segment.text for segment in bars[0].segments] == ["$1.00"] * 7
    assert bars[1].total == "$10.60"


def test_a_parcel_carrier_is_noted_and_not_drawn_at_its_latest_hour():
    first, carried = delivery_hours(retailer(), plan())
    assert [(c.tick, c.values) for c in first.columns] == [("10", (0, 1)), ("11", (1, 0))]
    assert carried.columns == ()
    assert carried.note == "1 by parcel carriers in the course of the day"


def test_the_load_of_a_route_is_its_tightest_capacity():
    chart = route_loads(retailer(), plan())
    assert "median 1\u00a0%" in chart.summary  # 3,210 g of 500 kg; volume is half of that
    assert route_parcels(plan()).columns[0].values == (1,)


def test_differences_say_direction_size_and_whether_that_is_good():
    cost, rate = measure_of("cost_per_order_minor"), measure_of("on_time_share")
    assert difference(cost, 742, 1060) == Difference(text="▼ 30.0 %", tone="better")
    assert difference(rate, 0.5, 0.6) == Difference(text="▼ 10.0 points", tone="worse")
    assert difference(measure_of("orders"), 4, 4) == Difference(text="the same", tone="even")
    assert difference(cost, 742, 0) is None


def test_every_measure_that_is_measured_has_a_name_and_a_definition():
    assert set(MEASURED) - set(MEASURES) == set()


def test_density_of_a_plan_without_routes_is_not_compared():
    scores = read_scores(scoreboard(), "USD")
    row = next(row for group in scores.groups for row in group.rows if row.measure.name == "parcels_per_route")
    assert [cell.text for cell in row.cells] == ["1", "", "1"]


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("x_minor", 1250.0, "$12.50"),
        ("x_share", 0.25, "25.0\u00a0%"),
        ("x_m", 5230.0, "5.2 km"),
        ("x_s", 90.0, "2 min"),
        ("km_per_stop", 1.314, "1.31 km"),
        ("stops", 7.0, "7"),
    ],
)
def test_values_are_written_in_the_unit_of_their_name(name, value, text):
    assert value_text(name, value, "USD") == text


def test_map_units_grow_eastward_and_southward_and_keep_lengths():
    lat, lon = np.array([41.0, 42.0, 41.5]), np.array([-88.0, -87.5, -87.0])
    projection = Projection.around(lat, lon)
    x, y = projection.units(lat, lon)
    assert x.tolist() == sorted(x.tolist())
    assert (y[0], y[1]) == (UNITS, 0)
    assert projection.metres_per_unit(41.5) * UNITS == pytest.approx(111_195, rel=0.01)


def test_paths_go_from_point_to_point_by_steps():
    assert path(np.array([5, 8, 8]), np.array([1, 0, 4])) == "M5 1l3 -1 0 4"
    assert path(np.array([5]), np.array([1])) == "M5 1h0"
    assert path(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)) == ""
