"""Addresses of extracts: made by hand, broken, and real ones where they are at hand."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from doorstep.connectors.osm.addresses import read_addresses
from doorstep.foundation import InputError
from doorstep.geography.addresses import AddressIndex, AddressTables, Precision, Question, find
from tests.connectors.osm.test_streets import Node, extract

REAL = Path(__file__).resolve().parents[4] / "shared/data/geo/osm"


def told(tables: AddressTables) -> list[tuple[str, ...]]:
    """Return each address as texts: street, number, postal code, town."""
    columns = (tables.street, tables.house_number, tables.postal_code, tables.city)
    return [tuple(tables.texts[k] for k in row) for row in zip(*(c.tolist() for c in columns), strict=True)]


def door(number: str, street: str = "Elm Street", **more: str) -> Mapping[str, str]:
    return {"addr:housenumber": number, "addr:street": street, **{f"addr:{k}": v for k, v in more.items()}}


def corners(first: int, lat: float, lon: float, side: float = 0.001) -> Sequence[Node]:
    at = [(lat, lon), (lat, lon + side), (lat + side, lon + side), (lat + side, lon)]
    return [(first + k, *place, {}) for k, place in enumerate(at)]


def test_houses_come_from_points_outlines_and_areas(tmp_path: Path) -> None:
    file = extract(
        tmp_path / "a.osm.pbf",
        nodes=[
            (1, 50.0, 10.0, door("1", postcode="12345", city="Town")),
            *corners(10, 50.1, 10.1),
            *corners(20, 50.2, 10.2),
        ],
        ways=[(1, [10, 11, 12, 13, 10], door("2")), (2, [20, 21, 22, 23, 20], {})],
        relations=[([("w", 2, "outer")], {"type": "multipolygon", **door("3")})],
    )
    tables = read_addresses(file)
    assert told(tables) == [
        ("Elm Street", "1", "12345", "Town"),
        ("Elm Street", "2", "", ""),
        ("Elm Street", "3", "", ""),
    ]
    assert tables.house.lat.tolist() == pytest.approx([50.0, 50.1005, 50.2005])
    assert tables.house.lon.tolist() == pytest.approx([10.0, 10.1005, 10.2005])


def test_a_place_stands_in_for_a_street_and_a_house_without_either_is_left_out(tmp_path: Path) -> None:
    file = extract(
        tmp_path / "a.osm.pbf",
        nodes=[(1, 50.0, 10.0, {"addr:housenumber": "7", "addr:place": "Smallham"}),
               (2, 50.0, 10.0, {"addr:housenumber": "8"}), (3, 50.0, 10.0, {"addr:street": "Elm Street"})],
    )  # fmt: skip
    assert told(read_addresses(file)) == [("Smallham", "7", "", "")]


@pytest.mark.parametrize(
    ("rule", "ends", "numbers"),
    [("odd", ("1", "9"), ["3", "5", "7"]), ("even", ("8", "2"), ["6", "4"]), ("all", ("1", "4"), ["2", "3"]),
     ("4", ("1", "9"), ["5"]), ("alphabetic", ("1a", "1d"), []), ("odd", ("1", "1"), []),
     ("odd", ("1", "900001"), [])],
)  # fmt: skip
def test_numbers_along_a_line_are_counted_out(
    tmp_path: Path, rule: str, ends: tuple[str, str], numbers: list[str]
) -> None:
    file = extract(
        tmp_path / "a.osm.pbf",
        nodes=[(1, 50.0, 10.0, door(ends[0], city="Town")), (2, 50.0, 10.002, {}), (3, 50.0, 10.004, door(ends[1]))],
        ways=[(1, [1, 2, 3], {"addr:interpolation": rule})],
    )
    tables = read_addresses(file)
    counted = [row for row, between in zip(told(tables), tables.between, strict=True) if between]
    assert counted == [("Elm Street", number, "", "Town") for number in numbers]
    if rule == "odd" and numbers:
        assert tables.house.lon[tables.between].tolist() == pytest.approx([10.001, 10.002, 10.003])
        assert find(AddressIndex(tables), Question(text="5 Elm St")).precision is Precision.INTERPOLATED


def test_a_line_with_several_houses_is_counted_out_between_each_two(tmp_path: Path) -> None:
    file = extract(
        tmp_path / "a.osm.pbf",
        nodes=[(k, 50.0, 10.0 + k / 1000, door(number)) for k, number in enumerate(("1", "5", "9"), start=1)],
        ways=[(1, [1, 2, 3], {"addr:interpolation": "odd"})],
    )
    tables = read_addresses(file)
    assert [row[1] for row in told(tables)] == ["1", "5", "9", "3", "7"]


def test_a_street_is_found_by_each_of_its_names(tmp_path: Path) -> None:
    names = {"name": "Mannerheimintie", "name:sv": "Mannerheimvägen", "alt_name": "Manskuntie;Mansku",
             "name:ru": "Маннергейминтие", "name:left": "Nothing", "highway": "primary"}  # fmt: skip
    file = extract(
        tmp_path / "a.osm.pbf",
        nodes=[(1, 60.0, 25.0, {}), (2, 60.001, 25.0, {}), (3, 60.0005, 25.0, door("5", "Mannerheimintie"))],
        ways=[(1, [1, 2], names)],
    )
    index = AddressIndex(read_addresses(file))
    for name in ("Mannerheimintie", "Mannerheimvägen", "Mansku", "Маннергейминтие"):
        answer = find(index, Question(street=name, house_number="5"))
        assert (answer.street, answer.precision) == (name, Precision.HOUSE)
    assert find(index, Question(street="Nothing", house_number="5")).precision is Precision.NONE


def test_a_street_without_houses_is_found_at_a_point_of_its_line(tmp_path: Path) -> None:
    file = extract(
        tmp_path / "a.osm.pbf",
        nodes=[*((k, 50.0 + k / 1000, 10.0, {}) for k in range(1, 6)),
               (9, 51.0, 10.0, {"place": "town", "name": "Town"})],
        ways=[(1, [1, 2, 3, 4, 5], {"highway": "residential", "name": "Elm Street", "postal_code": "12345"}),
              (2, [1, 2], {"highway": "bus_stop", "name": "Stop"}), (3, [1, 2], {"railway": "rail", "name": "Line"})],
    )  # fmt: skip
    index = AddressIndex(read_addresses(file))
    answer = find(index, Question(text="Elm St, 12345"))
    assert (answer.precision, answer.lat, answer.postal_code) == (Precision.STREET, 50.003, "12345")
    assert {find(index, Question(text=text)).precision for text in ("Stop", "Line")} == {Precision.NONE}
    assert find(index, Question(text="Town")).lat == 51.0


def test_a_postal_area_drawn_by_ways_has_its_middle_and_a_clipped_one_has_not(tmp_path: Path) -> None:
    area = {"type": "boundary", "boundary": "postal_code"}
    file = extract(
        tmp_path / "a.osm.pbf",
        nodes=corners(10, 50.0, 10.0),
        ways=[(1, [10, 11, 12], {}), (2, [12, 13, 10], {})],
        relations=[
            ([("w", 1, "outer"), ("w", 2, "outer")], {**area, "postal_code": "12345"}),
            ([("w", 1, "outer"), ("w", 99, "outer")], {**area, "postal_code": "99999"}),
        ],
    )
    (row,) = read_addresses(file).postal_areas.rows()
    assert row == ("12345", pytest.approx(50.0005), pytest.approx(10.0005))


def test_an_extract_without_addresses_gives_empty_tables(tmp_path: Path) -> None:
    for name, nodes in (("sea", [(1, 50.0, 10.0, {"seamark:type": "buoy"})]), ("nothing", [])):
        tables = read_addresses(extract(tmp_path / f"{name}.osm.pbf", nodes=nodes))
        assert (len(tables.house), len(tables.way_names)) == (0, 0)
        assert find(AddressIndex(tables), Question(text="Elm Street 5")).precision is Precision.NONE


def test_ways_whose_points_were_cut_off_are_left_out(tmp_path: Path) -> None:
    file = extract(
        tmp_path / "a.osm.pbf", ways=[(1, [7, 8], {"highway": "primary", "name": "Gone"}), (2, [8, 9], door("4"))]
    )
    tables = read_addresses(file)
    assert (len(tables.house), len(tables.way_names)) == (0, 0)


def test_a_file_that_is_missing_broken_or_something_else_is_refused_in_words(tmp_path: Path) -> None:
    whole = extract(tmp_path / "whole.osm.pbf", nodes=[(k, 50.0, 10.0, door(str(k))) for k in range(1, 2_000)])
    cut, garbage, empty = (tmp_path / f"{name}.osm.pbf" for name in ("cut", "garbage", "empty"))
    cut.write_bytes(whole.read_bytes()[:-100])
    garbage.write_bytes(b"no map at all" * 100)
    empty.write_bytes(b"")
    other = tmp_path / "table.csv"
    other.write_text("id,street\n", encoding="utf-8")
    for file in (cut, garbage, empty, other):
        with pytest.raises(InputError, match=f"{file.name} cannot be read"):
            read_addresses(file)
    with pytest.raises(InputError, match="is not there"):
        read_addresses(tmp_path / "none.osm.pbf")


@pytest.mark.skipif(not REAL.exists(), reason="real extracts are not here: shared/data/geo/osm beside the repository")
def test_addresses_of_real_extracts_with_slips_are_found_and_no_wrong_street_is_told_as_exact() -> None:
    from benchmarks.geography.geocoding import measure

    for file in sorted(REAL.glob("*.osm.pbf")):
        row = measure(file, count=160, seed=2)
        assert row["wrong_street_exact"] == 0, row
        assert float(str(row["within_50_m_pct"])) >= 95, row
