"""The commands as people run them: what they print and which exit code they give."""

import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from doorstep.cli import main
from doorstep.cli.tables_command import reference_page
from tests.connectors.retailer_folder.small_folder import changed, write

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "retailer-folder.md"


def test_check_of_a_sound_folder_sums_it_up_in_a_paragraph(tmp_path: Path, capsys) -> None:
    assert main(["check", str(write(tmp_path))]) == 0
    said = capsys.readouterr().out
    assert f"{tmp_path} is sound: 2 stores, 1 FC; 3 orders." in said
    assert "cartons: five cartons from XS" in said


def test_check_of_a_spoiled_folder_prints_its_faults_and_exits_with_2(tmp_path: Path, capsys) -> None:
    write(tmp_path, changed("sites", "S2,store", "S2,shop"))
    assert main(["check", str(tmp_path)]) == 2
    header, fault, total = capsys.readouterr().out.splitlines()
    assert header.split() == ["where", "column", "value", "rule", "hint"]
    assert fault.startswith("sites.csv, line 3  kind    shop   must be one of store, fc, hub, parcel_station")
    assert total == f"1 fault in 1 table of {tmp_path}."


def test_check_counts_what_is_alike_unless_every_fault_is_asked_for(tmp_path: Path, capsys) -> None:
    rows = "".join(f"S1,x{n},1\n" for n in range(25))
    write(tmp_path, {"stock": f"site_id,product_id,on_hand\n{rows}"})
    assert main(["check", str(tmp_path)]) == 2
    short = capsys.readouterr().out
    assert "... and 15 more in stock.csv product_id: must be a product_id of products" in short
    assert "25 faults in 1 table" in short
    assert main(["check", str(tmp_path), "--every"]) == 2
    assert capsys.readouterr().out.count("stock.csv, line") == 25


def test_check_prints_one_json_object_with_every_fault(tmp_path: Path, capsys) -> None:
    write(tmp_path, changed("sites", "S2,store", "S2,shop"))
    assert main(["check", str(tmp_path), "--json"]) == 2
    said = json.loads(capsys.readouterr().out)
    assert said["sound"] is False
    assert [(f["table"], f["row"], f["value"]) for f in said["faults"]] == [("sites", 3, "shop")]


def test_a_folder_that_is_not_there_exits_with_2_and_a_hint(tmp_path: Path, capsys) -> None:
    assert main(["check", str(tmp_path / "nowhere")]) == 2
    assert "Maybe make one with: doorstep sample DIR." in capsys.readouterr().err


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_sample_passes_the_check(tmp_path: Path, capsys, form: str) -> None:
    folder = str(tmp_path / "sample")
    asked = ["--near", "lyon", "--stores", "3", "--fcs", "1", "--orders", "50", "--format", form]
    assert main(["sample", folder, *asked]) == 0
    assert main(["check", folder]) == 0
    assert "3 stores, 1 FC; 50 orders." in capsys.readouterr().out


def test_a_sample_in_an_unknown_city_exits_with_2_and_names_the_closest(tmp_path: Path, capsys) -> None:
    assert main(["sample", str(tmp_path / "sample"), "--near", "Chicgo"]) == 2
    assert "Maybe Chicago, US?" in capsys.readouterr().err
    assert not (tmp_path / "sample").exists()


def test_the_committed_reference_page_is_what_the_schemas_say(capsys) -> None:
    assert main(["tables", "--markdown"]) == 0
    printed = capsys.readouterr().out
    assert printed == reference_page()
    assert PAGE.read_text(encoding="utf-8") == printed, (
        "write it anew: doorstep tables --markdown > docs/reference/retailer-folder.md"
    )


def test_a_reader_that_has_seen_enough_ends_a_command_without_a_traceback() -> None:
    environment = {**os.environ, "PYTHONPATH": str(PAGE.parents[2] / "src")}
    command = [sys.executable, "-m", "doorstep", "tables", "--markdown"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        run.stdout.close()
        assert run.stderr.read() == b""
        assert run.wait(60) == 1


def test_replay_prints_a_line_for_every_policy_and_what_was_proved(tmp_path: Path, capsys) -> None:
    folder = str(write(tmp_path))
    assert main(["replay", folder, "--policy", "nearest", "--policy", "myopic"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == [
        "policy", "unserved", "packages/order", "package/order", "lines/order", "units/order", "delivery/order",
        "cost/order", "above", "bound",
    ]  # fmt: skip
    assert [line.split()[0] for line in lines[1:3]] == ["nearest", "myopic"]


def test_replay_prints_one_json_object(tmp_path: Path, capsys) -> None:
    assert main(["replay", str(write(tmp_path)), "--policy", "myopic", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["outcomes"][0]["policy"] == "myopic"
    assert found["outcomes"][0]["above_bound_share"] >= 0


def test_replay_of_an_unknown_policy_names_the_known_ones(tmp_path: Path, capsys) -> None:
    assert main(["replay", str(write(tmp_path)), "--policy", "luck", "--policy", "hope"]) == 2
    assert "--policy luck, hope unknown; known: sort_order, nearest" in capsys.readouterr().err


def test_a_sample_with_a_history_is_forecast_and_says_how_good_that_was(tmp_path: Path, capsys) -> None:
    folder, out = str(tmp_path / "shop"), tmp_path / "forecast"
    asked = ["--near", "lyon", "--stores", "2", "--fcs", "1", "--orders", "40", "--history-days", "70"]
    assert main(["sample", folder, *asked]) == 0
    assert main(["check", folder]) == 0
    capsys.readouterr()
    wished = ["--days", "7", "--last-day", "2026-02-22", "--seconds", "5"]
    assert main(["forecast", folder, "--out", str(out), *wished]) == 0
    assert "In the 7 days that are known by now, the sum was off by" in capsys.readouterr().out
    assert {path.name for path in out.iterdir()} == {
        "days.csv", "forecast.csv", "forecast.json", "products.csv", "report.html", "zones.csv"
    }  # fmt: skip
    assert main(["forecast", folder, "--json", *wished]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["judged"]["days"] == 7
    assert main(["forecast", folder, "--out", folder]) == 2
    assert "holds files and no forecast plan" in capsys.readouterr().err


def test_a_forecast_tells_every_fault_of_the_sales(tmp_path: Path, capsys) -> None:
    folder = tmp_path / "shop"
    assert main(["sample", str(folder), "--near", "lyon", "--stores", "2", "--fcs", "1", "--orders", "40"]) == 0
    assert main(["forecast", str(folder)]) == 2
    assert "doorstep sample DIR --history-days 84" in capsys.readouterr().err
    known = pl.read_csv(folder / "products.csv", infer_schema=False)["product_id"][0]
    rows = [f"{known},Z,2026-02-30,1", f"{known},Z,2026-02-01,-1", "nothing,Z,2026-02-01,2", f"{known},Z,2026-02-02,x"]
    (folder / "sales.csv").write_text("\n".join(["product_id,zone_id,day,units", *rows]) + "\n")
    assert main(["forecast", str(folder), "--last-day", "soon"]) == 2
    told = capsys.readouterr().out
    for part in ("must be a day, YYYY-MM-DD", "must be at least 0", "must be a product of the products table",
                 "must be a whole number", "4 faults"):  # fmt: skip
        assert part in told
    (folder / "sales.csv").unlink()
    assert main(["forecast", str(folder), "--last-day", "soon"]) == 2
    assert "--last-day soon" in capsys.readouterr().err


def test_network_writes_a_plan_that_is_read_back_as_a_folder(tmp_path: Path, capsys) -> None:
    folder, out = str(tmp_path / "shop"), tmp_path / "network"
    assert main(["sample", folder, "--near", "Denver, US", "--stores", "6", "--fcs", "1", "--orders", "200"]) == 0
    capsys.readouterr()
    assert main(["network", folder, "--out", str(out), "--regions", "2", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["violations"] == 0
    assert said["plan"]["cost_per_parcel_minor"] <= said["today"]["cost_per_parcel_minor"]
    assert {path.name for path in out.iterdir()} >= {"network.json", "sites.csv", "regions.csv", "report.html"}
    assert main(["check", str(out / "retailer")]) == 0
    assert main(["network", folder, "--out", folder]) == 2
    assert "holds files and no network plan" in capsys.readouterr().err


def test_network_tells_every_fault_of_the_site_options(tmp_path: Path, capsys) -> None:
    folder = tmp_path / "shop"
    assert main(["sample", str(folder), "--near", "Denver, US", "--stores", "6", "--fcs", "1", "--orders", "200"]) == 0
    rows = "A,S0099,hub\nB,,castle\n"
    (folder / "site_options.csv").write_text(f"option_id,site_id,role\n{rows}")
    capsys.readouterr()
    assert main(["network", str(folder)]) == 2
    told = capsys.readouterr().out
    assert "site_options.csv, line 2  site_id" in told
    assert "site_options.csv, line 3" in told
    assert "must be one of store, fc, hub, parcel_station" in told


def test_network_is_planned_for_people_where_it_is_asked_to(tmp_path: Path, capsys) -> None:
    folder, out = tmp_path / "shop", tmp_path / "network"
    assert main(["sample", str(folder), "--near", "Denver, US", "--stores", "6", "--fcs", "1", "--orders", "200"]) == 0
    asked = ["network", str(folder), "--demand", "population", "--json", "--seconds", "5"]
    assert main(asked) == 2
    assert "there is no table demand_areas" in capsys.readouterr().err
    rows = "80202,39.75,-105.00,9000,CO\n80205,39.76,-104.96,3500,CO\n"
    (folder / "demand_areas.csv").write_text(f"area_id,lat,lon,population,group\n{rows}")
    assert main([*asked, "--orders-per-thousand", "4", "--out", str(out)]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["demand"], said["parcels_per_day"], said["violations"]) == ("population", 50, 0)
    assert "Doors of one day, drawn where people live, routed from" in (out / "report.html").read_text()


def test_network_tells_the_faults_of_options_and_areas_together(tmp_path: Path, capsys) -> None:
    folder = tmp_path / "shop"
    assert main(["sample", str(folder), "--near", "Denver, US", "--stores", "6", "--fcs", "1", "--orders", "200"]) == 0
    (folder / "site_options.csv").write_text("option_id,site_id,role\nA,S0099,hub\n")
    (folder / "demand_areas.csv").write_text("area_id,lat,lon,population\nA,40,-105,many\n")
    capsys.readouterr()
    assert main(["network", str(folder)]) == 2
    told = capsys.readouterr().out
    assert "site_options.csv, line 2  site_id" in told
    assert "demand_areas.csv, line 2  population" in told
    assert "must be a whole number" in told
    assert "2 faults in 2 tables" in told


def test_a_stock_is_placed_from_orders_or_from_a_forecast_and_read_back(tmp_path: Path, capsys) -> None:
    folder, out = str(tmp_path / "shop"), tmp_path / "placement"
    asked = ["--near", "lyon", "--stores", "2", "--fcs", "1", "--orders", "40", "--history-days", "56"]
    assert main(["sample", folder, *asked]) == 0
    capsys.readouterr()
    assert main(["place", folder, "--days", "2", "--seconds", "10", "--out", str(out)]) == 0
    told = capsys.readouterr().out
    assert "Demand is forecast for 2 days from 2026-03-02 on" in told
    assert "Replayed with 40 orders" in told
    assert {path.name for path in out.iterdir()} == {
        "changes.csv", "cover.csv", "placement.json", "proposals.csv", "replay.csv", "report.html", "retailer",
        "sites.csv", "stock.csv",
    }  # fmt: skip
    assert main(["check", str(out / "retailer")]) == 0
    (tmp_path / "shop" / "sales.csv").unlink()
    capsys.readouterr()
    assert main(["place", folder, "--json", "--only-move", "--replay-days", "0"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["violations"] == 0
    assert found["plan"]["units"] <= found["today"]["units"]
    wishes = ["--replay-days", "2", "--assortment", "fc=20", "--assortment", "store=30"]
    assert main(["place", folder, *wishes, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [len(found[stock]["replayed"]["days"]) for stock in ("today", "plan")] == [2, 2]
    assert len(found["small_sites"]) == 3
    assert main(["place", folder, "--assortment", "fc", "--assortment", "store=30", "--assortment", "S1=few"]) == 2
    assert "--assortment fc, S1=few must be SITE=PRODUCTS" in capsys.readouterr().err
    assert main(["place", folder, "--days", "0"]) == 2
    assert "--days 0 must be at least 1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--reach-km", "nan", "--reach-km nan must be a number above 0"),
        ("--reach-km", "inf", "--reach-km inf must be a number above 0"),
        ("--seed", "-1", "--seed -1 must not be negative"),
    ],
)
def test_network_tells_options_that_are_no_numbers_for_it(
    tmp_path: Path, capsys, option: str, value: str, told: str
) -> None:
    folder = str(tmp_path / "shop")
    assert main(["sample", folder, "--near", "Denver, US", "--stores", "2", "--fcs", "1", "--orders", "20"]) == 0
    assert main(["network", folder, "--reach", "0.9", option, value]) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("command", [["sample"], ["plan", "--out", "plan"], ["replay"]])
def test_seeds_below_0_are_told_before_anything_is_read(tmp_path: Path, capsys, command: list[str]) -> None:
    assert main([*command, str(tmp_path / "shop"), "--seed", "-1"]) == 2
    assert "--seed -1 must not be negative" in capsys.readouterr().err
