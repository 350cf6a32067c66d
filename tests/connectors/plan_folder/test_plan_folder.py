"""A plan written and read back is the same plan, and nobody's files are lost on the way."""

import json

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from doorstep.connectors.plan_folder import read_plan, translate, transport, write_plan
from doorstep.domain.tables import PLAN_TABLES, RETAILER_TABLES
from doorstep.foundation import ConflictError, InputError, NotFoundError
from tests.console.small_plan import empty_plan, plan, retailer, scoreboard


def write(out, made=None):
    write_plan(out, retailer=retailer(), plan=made or plan(), scoreboard=scoreboard(), report_html="<!doctype html>")


def test_what_was_written_is_read_back(tmp_path):
    write(tmp_path / "out")
    shop, made, scores = read_plan(tmp_path / "out")
    for name, table in (plan().tables() | {"scoreboard": scoreboard()}).items():
        assert_frame_equal((made.tables() | {"scoreboard": scores})[name], table)
    for name, table in retailer().tables().items():
        assert_frame_equal(shop.tables()[name], table)


@pytest.mark.parametrize("table", PLAN_TABLES)
def test_every_table_lies_there_as_parquet_and_csv(tmp_path, table):
    write(tmp_path / "out")
    rows = (plan().tables() | {"scoreboard": scoreboard()})[table].height
    parquet = tmp_path / "out" / ("decisions.parquet" if table == "decisions" else f"tables/{table}.parquet")
    assert pl.read_parquet(parquet).height == rows
    csv = pl.read_csv(tmp_path / "out" / "tables" / f"{table}.csv", infer_schema=False)
    assert (csv.height, csv.columns) == (rows, list(PLAN_TABLES[table].columns()))


def test_the_folder_holds_what_is_promised_and_nothing_else(tmp_path):
    write(tmp_path / "out")
    names = {entry.name for entry in (tmp_path / "out").iterdir()}
    files = {"doorstep-plan.json", "decisions.parquet", "routes.geojson", "report.html", "scoreboard.json"}
    assert names == files | {"tables", "retailer"}
    assert {entry.name for entry in tmp_path.iterdir()} == {"out"}
    assert {entry.stem for entry in (tmp_path / "out" / "retailer").iterdir()} == set(RETAILER_TABLES)
    scores = json.loads((tmp_path / "out" / "scoreboard.json").read_text())
    assert scores["nearest_fc_cheapest_carrier"]["cost_per_order_minor"] == 1060.0


def test_geojson_has_longitude_first_and_says_who_brings_what(tmp_path):
    write(tmp_path / "out")
    collection = json.loads((tmp_path / "out" / "routes.geojson").read_text())
    assert collection["type"] == "FeatureCollection"
    by_id = {feature["id"]: feature for feature in collection["features"]}
    assert by_id["site/S1"]["geometry"] == {"type": "Point", "coordinates": [-87.63, 41.88]}
    line = by_id["route/R-1"]
    assert line["geometry"]["type"] == "LineString"
    assert line["geometry"]["coordinates"] == [[-87.63, 41.88], [-87.65, 41.9], [-87.63, 41.88]]
    assert line["properties"]["vehicle_id"] == "V-S1"
    stop = by_id["delivery/D-1"]["properties"]
    assert (stop["mode"], stop["route_id"], stop["vehicle_id"]) == ("own_fleet", "R-1", "V-S1")
    assert (stop["arrival"], stop["sequence"]) == ("2026-11-03T17:10:00Z", 1)
    carrier = by_id["delivery/D-2"]["properties"]
    assert (carrier["mode"], carrier["carrier_id"], carrier["route_id"]) == ("parcel_carrier", "PX", None)


def test_a_plan_of_ours_is_replaced(tmp_path):
    write(tmp_path / "out")
    write(tmp_path / "out", empty_plan())
    assert read_plan(tmp_path / "out")[1].routes.is_empty()
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


def test_an_empty_folder_is_filled(tmp_path):
    (tmp_path / "out").mkdir()
    write(tmp_path / "out")
    assert read_plan(tmp_path / "out")[1].routes.height == 1


def test_a_folder_that_is_no_plan_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("three years")
    with pytest.raises(ConflictError, match="not a plan that doorstep wrote"):
        write(tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "three years"


def test_foreign_files_in_a_plan_are_not_lost(tmp_path):
    write(tmp_path / "out")
    (tmp_path / "out" / "my-notes.txt").write_text("keep me")
    with pytest.raises(ConflictError, match=r"my-notes\.txt"):
        write(tmp_path / "out", empty_plan())
    assert read_plan(tmp_path / "out")[1].routes.height == 1


def test_a_file_or_a_link_is_not_replaced(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(tmp_path)
    for name in ("file", "link"):
        with pytest.raises(ConflictError, match="not a folder"):
            write(tmp_path / name)


def test_an_interrupted_write_leaves_the_earlier_plan_and_no_traces(tmp_path, monkeypatch):
    write(tmp_path / "out")

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(translate, "write_geojson", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "out", empty_plan())
    assert read_plan(tmp_path / "out")[1].routes.height == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


def test_an_interruption_between_the_two_renames_puts_the_earlier_plan_back(tmp_path):
    write(tmp_path / "out")
    with pytest.raises(FileNotFoundError):
        transport.swap(tmp_path / "missing", tmp_path / "out", tmp_path / "former")
    assert read_plan(tmp_path / "out")[1].routes.height == 1


def test_a_table_that_breaks_its_schema_is_not_written(tmp_path):
    with pytest.raises(InputError, match="table scoreboard"):
        write_plan(tmp_path / "out", retailer=retailer(), plan=plan(), scoreboard=pl.DataFrame({"plan": ["doorstep"]}))
    assert list(tmp_path.iterdir()) == []


def test_reading_what_is_no_plan_says_so(tmp_path):
    with pytest.raises(NotFoundError, match="not a folder that"):
        read_plan(tmp_path)


def test_a_missing_table_is_named(tmp_path):
    write(tmp_path / "out")
    (tmp_path / "out" / "tables" / "routes.parquet").unlink()
    with pytest.raises(InputError, match=r"tables/routes\.parquet cannot be read"):
        read_plan(tmp_path / "out")
