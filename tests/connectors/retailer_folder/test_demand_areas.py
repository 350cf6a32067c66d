"""The table of areas where people live: what it becomes, and every fault at its place."""

from pathlib import Path

from doorstep.connectors.retailer_folder import read_demand_areas, read_folder
from tests.connectors.retailer_folder.small_folder import write


def read(folder: Path, text: str):
    (write(folder) / "demand_areas.csv").write_text(text)
    return read_demand_areas(folder)


def test_a_folder_without_the_table_has_no_areas(tmp_path: Path) -> None:
    assert read_demand_areas(write(tmp_path)) == (None, ())


def test_absent_columns_stay_empty_and_the_folder_does_not_warn_of_the_file(tmp_path: Path) -> None:
    areas, faults = read(tmp_path, "area_id,lat,lon,population\n00501,40.81,-73.04,120\n")
    assert faults == ()
    assert areas is not None
    assert areas.row(0, named=True) == {
        "area_id": "00501", "lat": 40.81, "lon": -73.04, "population": 120, "orders_per_day": None,
        "same_day_bp": None, "land_km2": None, "postal_code": "", "group": "",
    }  # fmt: skip
    assert read_folder(tmp_path).warnings == ()


def test_every_fault_is_told_with_its_row_column_value_and_rule(tmp_path: Path) -> None:
    areas, faults = read(
        tmp_path,
        "area_id,lat,lon,population,orders_per_day,same_day_bp,land_km2\n"
        "A,91,-73,-5,-0.5,10001,-1\n"
        ",40,-73,1.5,many,,\n"
        "A,40,,10,nan,half,\n",
    )
    assert areas is None
    assert {(fault.file, fault.row, fault.column, fault.value, fault.rule) for fault in faults} == {
        ("demand_areas.csv", 2, "lat", "91", "must be at most 90"),
        ("demand_areas.csv", 2, "population", "-5", "must be at least 0"),
        ("demand_areas.csv", 2, "orders_per_day", "-0.5", "must be at least 0"),
        ("demand_areas.csv", 2, "same_day_bp", "10001", "must be at most 10000"),
        ("demand_areas.csv", 2, "land_km2", "-1", "must be at least 0"),
        ("demand_areas.csv", 3, "area_id", "", "must not be empty"),
        ("demand_areas.csv", 3, "population", "1.5", "must be a whole number"),
        ("demand_areas.csv", 3, "orders_per_day", "many", "must be a number"),
        ("demand_areas.csv", 4, "area_id", "A", "must be unique: line 2 has the same"),
        ("demand_areas.csv", 4, "lon", "", "must not be empty"),
        ("demand_areas.csv", 4, "orders_per_day", "nan", "must be at most 1e+09"),
        ("demand_areas.csv", 4, "same_day_bp", "half", "must be a whole number"),
    }


def test_a_table_without_rows_or_in_two_files_is_a_fault(tmp_path: Path) -> None:
    _, faults = read(tmp_path, "area_id,lat,lon,population\n")
    assert [fault.rule for fault in faults] == ["the table must have at least one row"]
    (tmp_path / "demand_areas.parquet").write_bytes(b"")
    _, faults = read_demand_areas(tmp_path)
    assert [fault.rule for fault in faults] == [
        "only one file may hold the table; there are demand_areas.csv and demand_areas.parquet"
    ]
