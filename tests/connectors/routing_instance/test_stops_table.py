"""A CSV table of stops becomes a problem, or every fault of it and of the vehicles."""

from pathlib import Path

import numpy as np
import pytest

from doorstep.connectors.routing_instance import Fleet, StopsTable, read_stops_table
from doorstep.foundation import InputError, NotFoundError
from doorstep.geography import GreatCircleTimes
from doorstep.vehicle_routing.problem import REQUIRED

VAN = Fleet(count=2, capacity=30, shift="08:00-18:30", fixed_minor=500, per_km_minor=40, per_hour_minor=2000)
FULL = """\
id,lat,lon,window_start,window_end,load,service_s,prize_minor,requirements
hub,52.52,13.40,,,,,,
a,52.53,13.41,09:00,12:30,3,120,700,chilled
b,52.50,13.38,,,1,60,,
c,52.51,13.45,10:00,24:00,,,0,chilled;lift
"""


def read(folder: Path, text: str, *vehicles: Fleet, depot: str = "", loading_s: int = 0) -> StopsTable:
    path = folder / "stops.csv"
    path.write_text(text, encoding="utf-8")
    return read_stops_table(path, vehicles=vehicles or [VAN], depot=depot, loading_s=loading_s)


def faults(folder: Path, text: str, *vehicles: Fleet, depot: str = "", loading_s: int = 0) -> list[str]:
    with pytest.raises(InputError) as caught:
        read(folder, text, *vehicles, depot=depot, loading_s=loading_s)
    return str(caught.value).splitlines()


def test_the_first_row_is_the_depot_and_times_are_seconds_from_midnight(tmp_path):
    table = read(tmp_path, FULL, VAN, Fleet(count=1, capacity=9, skills="chilled"), loading_s=300)
    stops, vehicles, depots = table.problem.stops, table.problem.vehicles, table.problem.depots
    assert (table.depot_id, table.ids, table.warnings) == ("hub", ("a", "b", "c"), ())
    assert stops.start_at.tolist() == [9 * 3600, 0, 10 * 3600]
    assert stops.end_at.tolist() == [45_000, 86_400, 86_400]
    assert stops.load.tolist() == [[3], [1], [0]]
    assert stops.service_s.tolist() == [120, 60, 0]
    assert stops.prize_minor.tolist() == [700, REQUIRED, 0]
    able = [[r & ~s == 0 for r in stops.requirements.tolist()] for s in vehicles.skills.tolist()]
    assert able == [[False, True, False], [True, True, False]]
    assert vehicles.shift_start_at.tolist() == [28_800, 0]
    assert vehicles.shift_end_at.tolist() == [66_600, 86_400]
    assert (vehicles.count.tolist(), vehicles.capacity.tolist()) == ([2, 1], [[30], [9]])
    assert vehicles.per_hour_minor.tolist() == [2000, 0]
    assert (depots.open_at.tolist(), depots.close_at.tolist(), depots.loading_s.tolist()) == ([0], [86_400], [300])


def test_roads_are_the_estimate_from_straight_lines(tmp_path):
    problem = read(tmp_path, FULL).problem
    metres, seconds = problem.roads.along(0, np.array([0]), np.array([1]))
    straight = 1302.0  # 0.01 degrees north and 0.01 degrees east at 52.5 degrees north
    assert metres[0] == pytest.approx(1.3 * straight, rel=0.01)
    assert seconds.tolist() == GreatCircleTimes().seconds(metres).tolist()


def test_three_columns_are_enough(tmp_path):
    table = read(tmp_path, "id,lat,lon\n007,52.5,13.4\n008,52.6,13.5\n")
    assert (table.depot_id, table.ids) == ("007", ("008",))
    assert table.problem.stops.prize_minor.tolist() == [REQUIRED]


def test_the_depot_is_the_row_of_that_kind_or_the_one_that_is_named(tmp_path):
    kinds = "id,lat,lon,kind\na,1,1,stop\nb,2,2,depot\nc,3,3,\n"
    assert read(tmp_path, kinds).depot_id == "b"
    table = read(tmp_path, "id,lat,lon\na,1,1\nb,2,2\nc,3,3\n", depot="c")
    assert (table.depot_id, table.ids) == ("c", ("a", "b"))
    assert table.problem.roads.along(0, np.array([0]), np.array([2]))[0][0] > 0


def test_a_table_may_hold_the_depot_alone(tmp_path):
    assert len(read(tmp_path, "id,lat,lon\na,1,1\n").problem.stops) == 0


def test_unknown_columns_warn_and_hint(tmp_path):
    table = read(tmp_path, "id,lat,lon,loads\na,1,1,2\n")
    assert table.warnings == ("stops.csv: column 'loads' is unknown and left out. Maybe 'load' was meant.",)


def test_every_fault_of_table_and_vehicles_is_told_at_once(tmp_path):
    text = (
        "id,lat,lon,window_start,window_end,load,prize_minor,requirements\nhub,1,1,,,,,\na,95,1,9:00,,x,,\n"
        "a,1,1,12:00,09:00,-1,-5,Cold\n"
    )
    broken = Fleet(count=-1, capacity=3, shift="8-18", skills="Cold")
    assert faults(tmp_path, text, VAN, broken, depot="hob", loading_s=-1) == [
        "stops.csv whole table id 'hob': the depot must be a row. Maybe 'hob' should be 'hub'.",
        "stops.csv line 3 load 'x': must be a whole number.",
        "stops.csv line 3 lat '95': must be at most 90. Maybe lat and lon are swapped.",
        (
            "stops.csv line 3 window_start '9:00': must be a local time HH:MM from 00:00 to 24:00. "
            "Maybe '9:00' should be '09:00'."
        ),
        "stops.csv line 4 load '-1': must be at least 0.",
        (
            "stops.csv line 4 prize_minor '-5': must be at least 0. "
            "Maybe the sign is wrong: costs and prices are positive."
        ),
        (
            "stops.csv line 4 requirements 'Cold': must be lower-case words separated by ';'. "
            "Maybe 'Cold' should be 'cold'."
        ),
        "stops.csv line 4 id 'a': must be unique: line 3 has the same.",
        (
            "stops.csv line 4 window_start, window_end '12:00, 09:00': the window must not end before it starts. "
            "Maybe the two were swapped, or the window crosses midnight: give one that ends at 24:00."
        ),
        "loading_s -1: must be from 0 to 268435455. Maybe the sign is wrong.",
        "vehicles 2 count -1: must not be negative. Maybe the sign is wrong.",
        "vehicles 2 skills 'Cold': must be lower-case words separated by ';'. Maybe 'Cold' should be 'cold'.",
        "vehicles 2 shift '8-18': must be HH:MM-HH:MM. Maybe write it like 08:00-18:00.",
    ]


def test_a_table_with_two_depots_or_no_rows_is_refused(tmp_path):
    assert faults(tmp_path, "id,lat,lon,kind\na,1,1,depot\nb,1,1,depot\n") == [
        "stops.csv line 3 kind 'depot': there must be one depot. Maybe stop was meant: one depot is possible."
    ]
    assert faults(tmp_path, "id,lat,lon\n") == [
        "stops.csv whole table: the table has no rows; the depot must be one. Maybe add the depot as the first row."
    ]
    assert faults(tmp_path, "") == ["stops.csv whole table: the file is empty; its first line must name the columns."]


def test_a_shift_that_ends_before_it_starts_is_refused(tmp_path):
    assert faults(tmp_path, FULL, Fleet(count=1, capacity=1, shift="22:00-06:00")) == [
        (
            "vehicles 1 shift '22:00-06:00': must not end before it starts. "
            "Maybe it crosses midnight: give one that ends at 24:00."
        )
    ]


def test_a_table_that_is_not_there_is_named(tmp_path):
    with pytest.raises(NotFoundError, match="is not a file"):
        read_stops_table(tmp_path / "none.csv", vehicles=[VAN])
