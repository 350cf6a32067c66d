"""Every fault of a folder is reported in one run, with its place, its rule and a hint."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.connectors.retailer_folder import Fault, read_folder
from doorstep.connectors.retailer_folder.csv_text import read_csv_text
from doorstep.connectors.retailer_folder.faults import Source
from tests.connectors.retailer_folder.small_folder import SOUND, changed, write

PLANTED: dict[str, str] = {
    "sites": """site_id,kind,name,lat,lon,time_zone,opens,closes
S1,storre,Lake Street,-187.63,41.88,America/Chicgo,8:00,22:00
S2,store,Oak Park,41.89,-87.79,America/Chicago,22:00,07:00
S2,fc,Joliet,"41,53",-88.08,America/Chicago,07:00,22:00
""",
    "products": """product_id,name,length_mm,width_mm,height_mm,weight_g,price_minor,margin_minor,flags
00101,Milk,200,90,90,1.5,199,40,Chilled
00102,Soap,90,60,,120,2.49,80,
00103,Sofa,2000,900,800,45000,59900,60000,two_person
""",
    "stock": """site_id,product_id,on_hand
S1,101,20
S2,00102,-3
""",
    "carrier_rates": """carrier_id,zone,max_weight_g,price_minor
post,,10000,790
""",
    "orders": """order_id,placed_at,lat,lon,postal_code,service_level_id,pickup_site_id
A1,2026-03-02T09:15:00,41.90,-87.70,00501,same_day,
A2,2026-03-02T16:00:00Z,41.87,-87.80,60302,overnight,
A3,1772467200,41.88,-87.66,60612,click_and_collect,
""",
    "order_lines": """order_id,line_no,product_id,quantity
A1,1,00101,abc
A2,1,00102,1
""",
}

EXPECTED = {
    ("sites", 2, "kind", "storre"),
    ("sites", 2, "lat", "-187.63"),
    ("sites", 2, "time_zone", "America/Chicgo"),
    ("sites", 2, "opens", "8:00"),
    ("sites", 3, "opens, closes", "22:00, 07:00"),
    ("sites", 4, "site_id", "S2"),
    ("sites", 4, "lat", "41,53"),
    ("products", 2, "weight_g", "1.5"),
    ("products", 2, "flags", "Chilled"),
    ("products", 3, "height_mm", ""),
    ("products", 3, "price_minor", "2.49"),
    ("products", 4, "margin_minor, price_minor", "60000, 59900"),
    ("stock", 2, "product_id", "101"),
    ("stock", 3, "on_hand", "-3"),
    ("carrier_rates", 2, "zone", ""),
    ("orders", 2, "placed_at", "2026-03-02T09:15:00"),
    ("orders", 3, "service_level_id", "overnight"),
    ("orders", 4, "pickup_site_id", ""),
    ("orders", 4, "order_id", "A3"),
    ("order_lines", 2, "quantity", "abc"),
}


def planted(folder: Path) -> Path:
    return write(folder, PLANTED, without=("lanes.csv", "vehicles.csv"))


def faults_of(folder: Path) -> tuple[Fault, ...]:
    reading = read_folder(folder)
    assert (reading.retailer is None) == bool(reading.faults)
    return reading.faults


def only_fault(folder: Path) -> Fault:
    faults = faults_of(folder)
    assert len(faults) == 1, faults
    return faults[0]


def test_twenty_planted_faults_in_six_tables_are_all_reported_and_no_other(tmp_path: Path) -> None:
    faults = faults_of(planted(tmp_path))
    assert {(f.table, f.row, f.column, f.value) for f in faults} == EXPECTED
    assert len(faults) == 20


def test_hints_say_what_the_planted_faults_may_have_been_meant_to_be(tmp_path: Path) -> None:
    hints = {(f.table, f.row, f.column): f.hint for f in faults_of(planted(tmp_path))}
    kinds = "store, fc, hub, parcel_station, locker_bank, pickup_point"
    assert hints["sites", 2, "kind"] == f"Maybe 'storre' should be 'store', one of {kinds}."
    assert hints["sites", 2, "lat"] == "Maybe lat and lon are swapped."
    assert hints["sites", 2, "time_zone"] == "Maybe 'America/Chicgo' should be 'America/Chicago'."
    assert hints["sites", 2, "opens"] == "Maybe '8:00' should be '08:00'."
    assert hints["sites", 4, "lat"] == "Maybe write the decimal point as a point: 41.53."
    assert hints["products", 2, "flags"] == "Maybe 'Chilled' should be 'chilled'."
    assert hints["products", 3, "price_minor"].startswith("Maybe give the amount in whole minor units")
    assert hints["stock", 2, "product_id"] == "Maybe '101' should be '00101'."
    assert "offset from UTC" in hints["orders", 2, "placed_at"]
    assert all(not hint or hint.startswith("Maybe") for hint in hints.values())


def test_parquet_faults_name_the_row_from_one_and_csv_faults_the_line_with_the_header_as_one(tmp_path: Path) -> None:
    write(tmp_path, changed("stock", "S2,00101,5", "S2,00101,-5"))
    assert (only_fault(tmp_path).row, only_fault(tmp_path).place) == (4, "line 4")
    pl.read_csv(tmp_path / "stock.csv", infer_schema=False).write_parquet(tmp_path / "stock.parquet")
    (tmp_path / "stock.csv").unlink()
    assert (only_fault(tmp_path).row, only_fault(tmp_path).place) == (3, "row 3")


def test_a_missing_required_table_is_a_fault_and_hides_no_other(tmp_path: Path) -> None:
    write(tmp_path, changed("stock", "S2,00101,5", "S9,00101,5"), without=("products.csv",))
    (tmp_path / "product.csv").write_text(SOUND["products.csv"])
    first, second = faults_of(tmp_path)
    assert (first.table, first.hint) == ("products", "Maybe 'product.csv' should be named 'products.csv'.")
    assert (second.table, second.column, second.value) == ("stock", "site_id", "S9")


def test_both_files_of_a_table_are_a_fault(tmp_path: Path) -> None:
    write(tmp_path)
    pl.DataFrame({"site_id": ["S1"]}).write_parquet(tmp_path / "stock.parquet")
    assert only_fault(tmp_path).rule == "only one file may hold the table; there are stock.csv and stock.parquet"


def test_an_unreadable_parquet_file_is_a_fault_of_its_table(tmp_path: Path) -> None:
    write(tmp_path, without=("lanes.csv",))
    (tmp_path / "lanes.parquet").write_bytes(b"not parquet")
    assert (only_fault(tmp_path).table, only_fault(tmp_path).rule) == ("lanes", "the file cannot be read")


@pytest.mark.parametrize("text", ["", "\n\n", "\ufeff"], ids=["nothing", "line feeds", "byte order mark"])
def test_an_empty_file_is_a_fault(tmp_path: Path, text: str) -> None:
    assert "the file is empty" in only_fault(write(tmp_path, {"lanes": text})).rule


def test_a_table_without_rows_is_a_fault_where_rows_are_needed(tmp_path: Path) -> None:
    header = "order_id,line_no,product_id,quantity\n"
    orders = SOUND["orders.csv"].splitlines()[0] + "\n"
    fault = only_fault(write(tmp_path, {"orders": orders, "order_lines": header}))
    assert (fault.table, fault.rule) == ("orders", "the table must have at least one row")


def test_columns_that_are_missing_or_stand_twice_are_faults_of_the_header(tmp_path: Path) -> None:
    text = "from_site_id,to_site,departs,departs,duration_s,parcel_cost_minor\nF1,S1,02:00,02:00,3600,60\n"
    first, second = faults_of(write(tmp_path, {"lanes": text}))
    assert (first.row, first.column, first.rule) == (1, "to_site_id", "the required column is missing")
    assert first.hint == "Maybe the column 'to_site' should be named 'to_site_id'."
    assert (second.row, second.column) == (1, "departs")


def test_a_file_separated_by_semicolons_is_told_so_once(tmp_path: Path) -> None:
    fault = only_fault(write(tmp_path, {"lanes": SOUND["lanes.csv"].replace(",", ";")}))
    assert fault.hint == "Maybe the file is separated by ';': save it with commas."


def test_a_file_that_is_not_utf_8_is_told_so_and_its_other_faults_are_still_found(tmp_path: Path) -> None:
    text = SOUND["sites.csv"].replace("Oak Park", "Café").replace("F1,fc", "F1,fcc")
    write(tmp_path)
    (tmp_path / "sites.csv").write_bytes(text.encode("cp1252"))
    first, second = faults_of(tmp_path)
    assert (first.row, first.rule) == (3, "the file must be UTF-8")
    assert (second.row, second.value) == (4, "fcc")


def test_rows_with_too_many_or_too_few_cells_are_faults_and_the_others_are_still_read(tmp_path: Path) -> None:
    text = "from_site_id,to_site_id,departs,duration_s,parcel_cost_minor\nF1,S1,02:00,1,2,3\nF1,S1\nF1,S2,2:00,1,1\n"
    faults = faults_of(write(tmp_path, {"lanes": text}))
    assert [(f.row, f.column) for f in faults] == [(2, ""), (3, ""), (4, "departs")]
    assert faults[0].rule == "the row has 6 cells; the header names 5 columns"


def test_rows_with_a_wrong_number_of_cells_are_found_among_quoted_ones_too(tmp_path: Path) -> None:
    text = 'from_site_id,to_site_id,departs,duration_s,parcel_cost_minor\n\nF1,"S1",02:00,1,2,3\nF1,S2,2:00,1,1\n'
    faults = faults_of(write(tmp_path, {"lanes": text}))
    assert [(f.row, f.column) for f in faults] == [(3, ""), (4, "departs")]


def test_a_quote_that_never_closes_is_a_fault_of_its_line_and_the_lines_after_it_are_still_read(tmp_path: Path) -> None:
    text = SOUND["lanes.csv"].replace("F1,S1,02:00", 'F1,"S1,02:00').replace("F1,S2", "F1,F1")
    first, second = faults_of(write(tmp_path, {"lanes": text}))
    assert (first.row, first.rule) == (2, "a quote opens here and never closes")
    assert (second.row, second.rule) == (3, "a lane must lead to another site")


def test_types_of_parquet_columns_that_cannot_be_used_are_one_fault_a_column(tmp_path: Path) -> None:
    write(tmp_path, without=("orders.csv",))
    orders = pl.read_csv(SOUND["orders.csv"].encode(), infer_schema=False)
    naive = orders.with_columns(
        pl.lit("2026-03-02").str.to_datetime().alias("placed_at"),
        pl.col("postal_code").cast(pl.Int64),
        pl.col("lat", "lon").cast(pl.Float64),
    )
    naive.write_parquet(tmp_path / "orders.parquet")
    first, second = faults_of(tmp_path)
    assert (first.column, first.hint) == (
        "placed_at",
        "Maybe give the column a time zone: moments without one are ambiguous.",
    )
    assert (second.column, second.hint) == ("postal_code", "Maybe write it as text, so that leading zeros stay.")


def test_moments_in_milliseconds_are_recognised(tmp_path: Path) -> None:
    fault = only_fault(write(tmp_path, changed("orders", "1772467200", "1772467200000")))
    assert fault.hint == "Maybe these are milliseconds: give seconds."


def test_references_to_a_table_that_was_left_out_say_that_it_is_missing(tmp_path: Path) -> None:
    faults = faults_of(write(tmp_path, without=("carriers.csv", "carrier_zones.csv")))
    assert {f.hint for f in faults} == {"Maybe the table carriers is missing."}
    assert [f.row for f in faults] == [2, 3]


def test_a_broken_id_does_not_make_every_reference_to_its_table_a_fault(tmp_path: Path) -> None:
    fault = only_fault(write(tmp_path, changed("products", "200,90,90,1040", "200,90,90,heavy")))
    assert (fault.table, fault.column) == ("products", "weight_g")


def test_a_policy_has_exactly_one_row(tmp_path: Path) -> None:
    assert only_fault(write(tmp_path, {"policy": "currency\nUSD\nEUR\n"})).rule.endswith("exactly one row; it has 2")


def test_a_duplicate_key_names_the_line_that_has_it_first(tmp_path: Path) -> None:
    fault = only_fault(write(tmp_path, changed("stock", "S2,00101,5", "S1,00101,5")))
    assert (fault.row, fault.column, fault.rule) == (4, "site_id, product_id", "must be unique: line 2 has the same")


@given(st.lists(st.lists(st.text(alphabet='ab,"\n ', max_size=5), min_size=3, max_size=3), min_size=1, max_size=6))
def test_well_formed_csv_is_read_cell_for_cell_with_the_line_that_each_row_starts_on(rows: list[list[str]]) -> None:
    lines, texts = [], ["x,y,z\n"]
    for row in rows:
        lines.append("".join(texts).count("\n") + 1)
        texts.append(",".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\n")
    raw = read_csv_text(Source(table="stock", file="stock.csv"), "".join(texts).encode())
    assert raw.faults == ()
    assert [["" if c is None else c for c in row] for row in raw.frame.rows()] == rows
    assert raw.rows.to_list() == lines


@given(st.binary(max_size=60))
def test_no_bytes_make_the_reader_fall_over(body: bytes) -> None:
    raw = read_csv_text(Source(table="stock", file="stock.csv"), b"x,y\n" + body)
    assert raw.frame.height == raw.rows.len()


def test_price_rules_and_receipts_that_point_nowhere_or_contradict_themselves_are_named(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        {
            "price_rules": "rule_id,service_level_id,fee_minor,amount_minor\nfree,same_dy,0,\nodd,,5,1\n",
            "receipts": "receipt_id,site_id,product_id,units,expected_at\nr1,S9,00101,0,2026-03-02T09:15:00Z\n",
        },
    )
    found = [(f.table, f.row, f.column, f.value, f.rule) for f in faults_of(folder)]
    assert found == [
        ("receipts", 2, "site_id", "S9", "must be a site_id of sites"),
        ("receipts", 2, "units", "0", "must be at least 1"),
        ("price_rules", 2, "service_level_id", "same_dy", "must be a service_level_id of service_levels"),
        (
            "price_rules",
            3,
            "fee_minor, percent_bp, amount_minor",
            "5, 10000, 1",
            "fee is given or changed but not both",
        ),
    ]


def test_drones_of_a_parcel_carrier_are_a_fault(tmp_path: Path) -> None:
    drones = "drone_id,carrier_id,site_id,speed_kmh,range_m\nD1,dash,S1,72,8000\nD2,post,S1,72,8000\n"
    (fault,) = faults_of(write(tmp_path, {"drones": drones}))
    assert (fault.row, fault.column, fault.rule) == (3, "carrier_id", "must be a carrier of the kind on_demand")
