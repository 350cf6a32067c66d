"""Addresses of files and folders get their places."""

from pathlib import Path

import polars as pl
import pytest

from doorstep.connectors.retailer_folder import read_folder
from doorstep.connectors.retailer_folder.geocode import geocode_file, geocode_folder, placeable, write_report
from doorstep.foundation import ConflictError, InputError
from doorstep.geography.addresses import AddressIndex
from tests.connectors.retailer_folder.small_folder import write
from tests.geography.addresses.towns import index_of, street


@pytest.fixture(scope="module")
def town() -> AddressIndex:
    return index_of(*street("Elm Street", 1, 3, 5, lat=50.0, code="12345", city="Town"))


def test_a_table_gets_places_precisions_and_scores(tmp_path: Path, town: AddressIndex) -> None:
    file, out = tmp_path / "customers.csv", tmp_path / "placed.csv"
    file.write_text('id,address,postal_code\n01,"3 Elm St, Town",12345\n02,Qwertz 4,12345\n', encoding="utf-8")
    done = geocode_file(town, file, out)
    assert done.counts == {"house": 1, "postal_code": 1}
    table = pl.read_csv(out, infer_schema=False)
    assert table["id"].to_list() == ["01", "02"]
    assert table["precision"].to_list() == ["house", "postal_code"]
    write_report([done], tmp_path / "report.csv")
    assert "customers.csv,3,address,Qwertz 4,postal_code" in (tmp_path / "report.csv").read_text(encoding="utf-8")


def test_parquet_stays_parquet(tmp_path: Path, town: AddressIndex) -> None:
    pl.DataFrame({"street": ["Elm Street"], "house_number": ["5"]}).write_parquet(tmp_path / "a.parquet")
    geocode_file(town, tmp_path / "a.parquet", tmp_path / "b.parquet")
    assert pl.read_parquet(tmp_path / "b.parquet")["lat"].to_list() == [50.00036]


def test_orders_of_a_folder_without_places_become_sound(tmp_path: Path, town: AddressIndex) -> None:
    folder, out = tmp_path / "shop", tmp_path / "placed"
    write(folder)
    orders = pl.read_csv(folder / "orders.csv", infer_schema=False)
    orders.with_columns(
        lat=pl.lit(""), lon=pl.lit(""), postal_code=pl.lit("12345"), address=pl.lit("Elm Street 3, Town")
    ).write_csv(folder / "orders.csv")
    assert read_folder(folder).faults
    (done,) = geocode_folder(town, folder, out)
    assert (done.name, done.counts) == ("orders.csv", {"house": orders.height})
    reading = read_folder(out)
    assert reading.faults == ()
    assert reading.retailer is not None
    assert set(reading.retailer.orders["lat"].to_list()) == {50.00018}
    assert (out / "sites.csv").read_bytes() == (folder / "sites.csv").read_bytes()


def test_a_folder_without_addresses_says_what_it_needs(tmp_path: Path, town: AddressIndex) -> None:
    folder = tmp_path / "shop"
    write(folder)
    with pytest.raises(InputError, match=r"no table of .* has addresses.*street with house_number"):
        geocode_folder(town, folder, tmp_path / "placed")
    assert not (tmp_path / "placed").exists()
    assert {"sites", "orders", "demand_areas"} <= set(placeable())


def test_nothing_is_written_over_and_broken_files_are_refused(tmp_path: Path, town: AddressIndex) -> None:
    file = tmp_path / "a.csv"
    file.write_text("id,street\n1,Elm Street,5\n", encoding="utf-8")
    with pytest.raises(ConflictError, match="there already"):
        geocode_file(town, file, file)
    with pytest.raises(ConflictError, match="there already"):
        geocode_folder(town, tmp_path, tmp_path)
    with pytest.raises(InputError, match="the row has 3 cells"):
        geocode_file(town, file, tmp_path / "b.csv")
    with pytest.raises(InputError, match="cannot be read"):
        geocode_file(town, tmp_path / "none.csv", tmp_path / "b.csv")
