"""Sound folders become retailers; every way of writing the same thing gives the same thing."""

from datetime import UTC, datetime, tzinfo
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.connectors.retailer_folder import FolderReading, read_folder, write_folder
from doorstep.connectors.retailer_folder.cells import LATEST_AT, parse_iso
from doorstep.domain import Retailer
from doorstep.foundation import ConflictError, NotFoundError
from tests.connectors.retailer_folder.small_folder import SOUND, changed, write


def retailer_of(reading: FolderReading) -> Retailer:
    assert reading.faults == ()
    assert reading.retailer is not None
    return reading.retailer


def test_a_sound_folder_is_a_retailer_with_every_column_of_every_table(tmp_path: Path) -> None:
    retailer = retailer_of(read_folder(write(tmp_path)))
    assert retailer.orders["placed_at"].to_list() == [1772464500, 1772467200, 1772467200]
    assert retailer.sites["opens"].to_list() == ["07:00"] * 3
    assert retailer.vehicles["max_parcels"].to_list() == [None]
    assert retailer.service_levels.height == 4


def test_ids_and_postal_codes_keep_their_leading_zeros(tmp_path: Path) -> None:
    retailer = retailer_of(read_folder(write(tmp_path)))
    assert retailer.products["product_id"].to_list() == ["00101", "00102", "00103"]
    assert retailer.orders["postal_code"][0] == "00501"


def test_absent_optional_tables_are_named_with_what_stands_in_for_them(tmp_path: Path) -> None:
    reading = read_folder(write(tmp_path, without=("lanes.csv",)))
    assert set(reading.defaults) == {
        "lanes", "cartons", "carrier_surcharges", "service_levels", "policy", "price_rules", "receipts", "compartments",
        "membership_plans", "extras", "drones", "weather", "closed_days",
    }  # fmt: skip
    assert reading.defaults["lanes"] == "no line-haul between sites"
    assert retailer_of(reading).lanes.is_empty()


def test_unknown_columns_and_files_warn_and_hint_but_do_not_hinder(tmp_path: Path) -> None:
    write(tmp_path, {"stok": "a\n1\n", "stock": "site_id,product_id,on_hand,safety_stok\nS1,00101,20,1\n"})
    reading = read_folder(tmp_path)
    assert retailer_of(reading).stock["safety_stock"].to_list() == [0]
    assert reading.warnings == (
        "stok.csv: the file is not one of the folder's tables and is left out.",
        "stock.csv: column 'safety_stok' is unknown and left out. Maybe 'safety_stock' was meant.",
    )


@pytest.mark.parametrize("spoil", [
    lambda raw: b"\xef\xbb\xbf" + raw,
    lambda raw: raw.replace(b"\n", b"\r\n"),
    lambda raw: raw.replace(b"\n", b"\r"),
    lambda raw: raw.rstrip(b"\n"),
    lambda raw: raw + b"\n\n",
    lambda raw: raw.replace(b"S1,store", b'"S1","store"'),
], ids=["byte order mark", "CRLF", "CR", "no last line feed", "empty lines", "quotes"])  # fmt: skip
def test_the_form_of_a_csv_file_does_not_change_what_it_says(tmp_path: Path, spoil) -> None:
    plain = retailer_of(read_folder(write(tmp_path / "plain")))
    spoiled = write(tmp_path / "spoiled")
    for file in spoiled.iterdir():
        file.write_bytes(spoil(file.read_bytes()))
    assert retailer_of(read_folder(spoiled)).sites.equals(plain.sites)


def test_a_quoted_cell_may_hold_commas_quotes_and_line_feeds_and_lines_are_still_counted(tmp_path: Path) -> None:
    write(tmp_path, changed("sites", "Lake Street", '"Lake ""St"",\nLoop"'))
    assert retailer_of(read_folder(tmp_path)).sites["name"][0] == 'Lake "St",\nLoop'
    text = (tmp_path / "sites.csv").read_text().replace("F1,fc", "F1,fcc")
    (tmp_path / "sites.csv").write_text(text)
    assert [(fault.row, fault.value) for fault in read_folder(tmp_path).faults] == [(5, "fcc")]


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_what_is_written_is_read_back_the_same(tmp_path: Path, form) -> None:
    retailer = retailer_of(read_folder(write(tmp_path / "first")))
    write_folder(retailer, tmp_path / "second", form)
    again = retailer_of(read_folder(tmp_path / "second"))
    assert [name for name, table in retailer.tables().items() if not table.equals(again.tables()[name])] == []


def test_moments_are_written_to_csv_as_iso_8601_in_utc(tmp_path: Path) -> None:
    write_folder(retailer_of(read_folder(write(tmp_path / "first"))), tmp_path / "second")
    assert "A1,2026-03-02T15:15:00Z," in (tmp_path / "second" / "orders.csv").read_text()


def test_writing_refuses_a_folder_that_holds_the_tables_in_the_other_format(tmp_path: Path) -> None:
    retailer = retailer_of(read_folder(write(tmp_path)))
    with pytest.raises(ConflictError, match=r"sites\.csv"):
        write_folder(retailer, tmp_path, "parquet")


def test_parquet_may_hold_moments_with_a_time_zone_categories_and_whole_floats(tmp_path: Path) -> None:
    write(tmp_path, without=("orders.csv", "stock.csv"))
    orders = pl.read_csv(SOUND["orders.csv"].encode(), infer_schema=False).with_columns(
        placed_at=pl.lit(datetime(2026, 3, 2, 15, 15, tzinfo=UTC)).dt.convert_time_zone("America/Chicago"),
        lat=pl.col("lat").cast(pl.Float32),
        lon=pl.col("lon").cast(pl.Float64),
        service_level_id=pl.col("service_level_id").cast(pl.Categorical),
    )
    orders.write_parquet(tmp_path / "orders.parquet")
    stock = pl.read_csv(SOUND["stock.csv"].encode(), infer_schema=False)
    stock.with_columns(pl.col("on_hand").cast(pl.Float64)).write_parquet(tmp_path / "stock.parquet")
    retailer = retailer_of(read_folder(tmp_path))
    assert retailer.orders["placed_at"].to_list() == [1772464500] * 3
    assert retailer.stock["on_hand"].to_list() == [20, 10, 5, 500, 7]


def test_a_folder_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="not a folder"):
        read_folder(tmp_path / "nowhere")


def test_orders_far_from_every_site_are_warned_of(tmp_path: Path) -> None:
    reading = read_folder(write(tmp_path, changed("orders", "41.90,-87.70", "41.90,87.70")))
    assert reading.faults == ()
    assert "1 orders lie more than 300 km from every site, the first is 'A1'" in reading.warnings[0]


@given(st.integers(0, LATEST_AT - 1), st.timezones())
def test_iso_moments_are_understood_as_the_standard_library_does(at: int, zone: tzinfo) -> None:
    text = datetime.fromtimestamp(at, zone).isoformat()
    offset = text[19:]
    if len(offset) != 6:  # offsets of old local mean times have seconds, which ISO 8601 has not
        return
    assert parse_iso(pl.Series([text]))[0] == at
