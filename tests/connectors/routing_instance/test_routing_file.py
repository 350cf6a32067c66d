"""A file is read as what it is, whatever it is called."""

from pathlib import Path

import pytest

from doorstep.connectors.routing_instance import Fleet
from doorstep.connectors.routing_instance.fleet_table import read_fleet_table
from doorstep.connectors.routing_instance.routing_file import RoutingFile, read_routing_file
from doorstep.foundation import InputError, NotFoundError
from tests.connectors.routing_instance.small_files import CVRP, REAL_STREET, with_lines

STOPS = "id,lat,lon\nhub,52.5,13.4\na,52.6,13.5\n"
VAN = Fleet(count=1, capacity=5)


def read(folder: Path, text: str, name: str) -> RoutingFile:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_routing_file(path, vehicles=[VAN])


def fleet(folder: Path, text: str) -> tuple[Fleet, ...]:
    path = folder / "vans.csv"
    path.write_text(text, encoding="utf-8")
    return read_fleet_table(path)


@pytest.mark.parametrize("name", ["stops.csv", "stops.CSV", "stops.txt"])
def test_a_table_of_stops_is_one_under_any_name(tmp_path, name):
    file = read(tmp_path, STOPS, name)
    assert (file.family, file.stop_ids, file.depot_ids, file.instance) == ("stops table", ("a",), ("hub",), None)
    assert file.points.tolist() == [[13.4, 52.5], [13.5, 52.6]]
    assert file.on_earth


@pytest.mark.parametrize("name", ["tiny.vrp", "tiny.csv", "tiny"])
def test_an_instance_is_one_under_any_name(tmp_path, name):
    file = read(tmp_path, CVRP, name)
    assert (file.family, file.stop_ids, file.depot_ids, file.on_earth) == ("cvrp", ("1", "2"), ("0",), False)
    assert file.points.tolist() == [[0, 0], [3, 4], [0, 1.5]]


def test_real_streets_lie_on_the_earth_and_backhauls_keep_their_plane(tmp_path):
    assert read(tmp_path, REAL_STREET, "ab.txt").points.tolist() == [[2.2, 41.4], [2.1, 41.5], [2.0, 41.6]]
    backhauls = with_lines("BACKHAUL_SECTION\n1 0\n2 0\n3 6", kind="VRPB").replace("3\t2\n", "3\t0\n")
    assert read(tmp_path, backhauls, "b.vrp").points.tolist() == [[0, 0], [3, 4], [0, 1.5]]


@pytest.mark.parametrize(
    ("text", "name", "fault"),
    [
        ("", "a.csv", "a.csv whole table: the file is empty; its first line must name the columns."),
        ("", "a.vrp", "a.vrp whole file: the file is empty."),
        ("\x7fELF\0\0", "a.vrp", "Maybe it is packed, or not a text at all."),
        ("\x7fELF\0\0", "a.csv", "the required column is missing"),
        ("id;lat;lon\n", "a.csv", "Maybe the file is separated by ';': save it with commas."),
        ("Route #1: 1 2\n", "a.sol", "Maybe it is a solution"),
        ("id,lat,lon\nhub,52.5,13.4\na,,13\n", "a.csv", "a.csv line 3 lat"),
        ("id,lat,lon\nhub,52.5,13.4\na,nan,13\n", "a.csv", "a.csv line 3 lat 'nan'"),
        ("id,lat,lon\nhub,52.5,13.4\nhub,52,13\n", "a.csv", "a.csv line 3 id 'hub': must be unique"),
    ],
)
def test_what_cannot_be_read_is_told_with_file_line_and_rule(tmp_path, text, name, fault):
    with pytest.raises(InputError) as caught:
        read(tmp_path, text, name)
    assert fault in str(caught.value)


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(NotFoundError, match="is not a file"):
        read_routing_file(tmp_path)


def test_a_column_of_a_table_that_nobody_knows_is_told_and_left_out(tmp_path):
    file = read(
        tmp_path, STOPS.replace("lon", "lon,loads").replace("13.4", "13.4,1").replace("13.5", "13.5,2"), "s.csv"
    )
    assert file.warnings == ("s.csv: column 'loads' is unknown and left out. Maybe 'load' was meant.",)


def test_a_fleet_has_a_type_in_each_row(tmp_path):
    assert fleet(tmp_path, "count,capacity,shift,skills,per_km_minor\n2,40,08:00-18:00,cold;lift,30\n1,5,,,\n") == (
        Fleet(count=2, capacity=40, shift="08:00-18:00", skills="cold;lift", per_km_minor=30),
        Fleet(count=1, capacity=5),
    )


def test_a_broken_fleet_is_told_whole(tmp_path):
    with pytest.raises(InputError) as caught:
        fleet(tmp_path, "count,capacity,per_kn_minor\n-1,5,3\n2,x,3\n")
    assert str(caught.value).splitlines() == [
        "vans.csv line 2 count '-1': must be at least 0.",
        "vans.csv line 3 capacity 'x': must be a whole number.",
        "vans.csv: column 'per_kn_minor' is unknown and left out. Maybe 'per_km_minor' was meant.",
    ]
    with pytest.raises(InputError, match="the table has no rows; there must be a vehicle"):
        fleet(tmp_path, "count,capacity\n")
    with pytest.raises(NotFoundError, match="is not a file"):
        read_fleet_table(tmp_path / "none.csv")
