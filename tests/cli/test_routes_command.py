"""Routes of one file as people ask for them: what is printed, what is written, which exit code."""

import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from doorstep.cli import main
from doorstep.cli.routes_command import deliver
from tests.connectors.routes_folder.small_plan import solved
from tests.connectors.routing_instance.small_files import CVRP, LI_LIM, SOLOMON, with_lines

ROOT = Path(__file__).parents[2]
STOPS = """\
id,lat,lon,window_start,window_end,load,service_s,prize_minor
hub,52.52,13.40,,,,,
a,52.53,13.41,09:00,12:30,3,120,
b,52.50,13.38,,,1,60,
c,52.51,13.45,10:00,,,,5
"""
VILLAGES = "id,lat,lon,load\nhub,52.52,13.40,\n" + "".join(
    f"{side}{n},{52.52 + n / 900},{lon + n % 2 / 400},1\n"
    for side, lon in (("w", 13.30), ("e", 13.50))
    for n in range(6)
)
FEW = ["--iterations", "200"]


def written(folder: Path, text: str, name: str = "stops.csv") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_table_of_stops_becomes_plan_map_and_report(tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["routes", written(tmp_path, STOPS), "--out", str(out), *FEW]) == 0
    said = capsys.readouterr().out
    assert "Engine sisr, because it plans all that this problem asks for; seed 1, 200 iterations" in said
    assert "unserved c: To serve stop c costs 821, to leave it out 5. Maybe raise its prize by 817." in said
    plan = json.loads((out / "plan.json").read_text())
    assert [[stop["stop"] for trip in route["trips"] for stop in trip["stops"]] for route in plan["routes"]] in (
        [["a", "b"]],
        [["b", "a"]],
    )
    assert plan["search"]["repeats"]
    assert json.loads((out / "routes.geojson").read_text())["features"][1]["geometry"]["type"] == "LineString"
    report = (out / "report.html").read_text()
    assert "Routes of stops" in report
    assert "one more stop here costs" in report


def test_the_same_iterations_and_seed_give_the_same_plan_and_one_json_object(tmp_path, capsys):
    plans = []
    for threads in ("1", "2"):
        assert main(["routes", written(tmp_path, STOPS), "--json", "--threads", threads, *FEW]) == 0
        document = json.loads(capsys.readouterr().out)
        plans.append((document["routes"], document["cost"]))
    assert plans[0] == plans[1]


def test_a_plan_is_begun_with_and_compared_with(tmp_path, capsys):
    stops, out = written(tmp_path, STOPS), str(tmp_path / "out")
    assert main(["routes", stops, "--out", out, *FEW]) == 0
    plan = f"{out}/plan.json"
    assert main(["routes", stops, "--start", plan, "--compare", plan, "--iterations", "1"]) == 0
    assert "That is 0.00\u00a0% more than plan.json" in capsys.readouterr().out


def test_what_territories_and_even_hours_cost_is_told(tmp_path, capsys):
    stops = written(tmp_path, VILLAGES)
    wishes = ["--territories", "2", "--even-hours", "--capacity", "6", "--iterations", "4000"]
    assert main(["routes", stops, "--json", *wishes]) == 0
    document = json.loads(capsys.readouterr().out)
    villages = [{stop["stop"][0] for trip in route["trips"] for stop in trip["stops"]} for route in document["routes"]]
    assert villages in ([{"e"}, {"w"}], [{"w"}, {"e"}])
    assert document["search"]["iterations"] <= 4_000
    assert {"wishes_price", "hours_spread", "strays_change"} <= document["measures"].keys()
    assert main(["routes", stops, *wishes]) == 0
    assert "Price of what is wished" in capsys.readouterr().out


def test_a_best_known_solution_beside_an_instance_gives_the_gap(tmp_path, capsys):
    instance = written(tmp_path, CVRP, "tiny.vrp")
    solution = written(tmp_path, "Route #1: 1 2\nCost 10\n", "tiny.sol")
    assert main(["routes", instance, *FEW]) == 0
    assert "All 2 stops are served on 1 route, at a cost of 11. That is 10.00\u00a0% more than the best known, 10." in (
        capsys.readouterr().out.replace("\n", " ")
    )
    assert main(["routes", instance, "--compare", solution, "--start", solution, *FEW]) == 0
    assert "0.00\u00a0% more than tiny.sol, 11" in capsys.readouterr().out  # recomputed: 5, 4 and 2


def test_what_our_engine_does_not_plan_goes_to_the_other_and_says_why(tmp_path, capsys):
    assert main(["routes", written(tmp_path, LI_LIM, "l.txt"), "--solver", "pyvrp", *FEW]) == 0
    assert "Engine pyvrp, because it was asked for; seed 1, 200 iterations" in capsys.readouterr().out


def test_a_stop_that_must_be_served_and_is_not_gives_code_3_and_a_reason(tmp_path, capsys):
    stops = STOPS.replace("b,52.50,13.38,,,1,60,", "b,52.50,13.38,,,2000,60,").replace("a,52.53", "a,48.53")
    assert main(["routes", written(tmp_path, stops), "--out", str(tmp_path / "out"), *FEW]) == 3
    said = capsys.readouterr().out
    assert "2 stops must be served and are not." in said
    assert "unserved b: Stop b is more than any vehicle that may serve it can carry." in said
    assert "unserved a: The window of stop a is closed when the first vehicle can be there. Maybe let" in said
    plan = json.loads((tmp_path / "out" / "plan.json").read_text())
    assert {left["stop"]: left["reason"] for left in plan["unserved"]} == {
        "a": "window", "b": "capacity", "c": "prize",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "more", "missing"),
    [
        ("id,lat,lon\nhub,52.5,13.4\n", [], 0),
        (STOPS, ["--vehicles", "0"], 2),
        (STOPS, ["--capacity", "0"], 2),
        (STOPS, ["--shift", "04:00-04:00"], 2),
    ],
)
def test_no_stops_no_vehicles_no_capacity_and_no_time_are_plans_too(tmp_path, capsys, text, more, missing):
    assert main(["routes", written(tmp_path, text), "--out", str(tmp_path / "o"), *more, *FEW]) == (3 if missing else 0)
    document = json.loads((tmp_path / "o" / "plan.json").read_text())
    assert (document["routes"], document["cost"]["missing_stops"]) == ([], missing)


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        (["--seconds", "1", "--iterations", "1"], "--seconds and --iterations are both given."),
        (["--seconds", "-1"], "--seconds -1.0 must be above 0"),
        (["--seconds", "nan"], "--seconds nan must be above 0"),
        (["--iterations", "0"], "--iterations 0 must be 1 or more."),
        (["--seed", "-1"], "--seed -1 must not be negative"),
        (["--threads", "0"], "--threads 0 must be 1 or more."),
        (["--vehicles", "1" + "0" * 23], "must be at most 1099511627776. Maybe it was mistyped."),
        (["--vehicles", "-1"], "vehicles 1 count -1: must not be negative."),
        (["--shift", "8-18"], "vehicles 1 shift '8-18': must be HH:MM-HH:MM."),
        (["--depot", "hab"], "stops.csv whole table id 'hab': the depot must be a row. Maybe 'hab' should be 'hub'."),
        (["--fleet", "nowhere.csv"], "nowhere.csv is not a file."),
        (["--start", "nowhere.json"], "nowhere.json is not a file."),
        (["--compare", "nowhere.sol"], "nowhere.sol is not a file."),
        (["--territories", "1"], "--territories 1 must be 2 or more."),
        (["--even-hours", "--start", "a.json"], "--start is for searches without"),
    ],
)
def test_broken_options_are_told_and_end_with_code_2(tmp_path, capsys, more, fault):
    assert main(["routes", written(tmp_path, STOPS), *more]) == 2
    said = capsys.readouterr()
    assert fault in said.err
    assert said.out == ""


def test_every_fault_of_a_file_is_told_and_nothing_is_written(tmp_path, capsys):
    stops = written(tmp_path, STOPS.replace("52.53", "152.53").replace(",60,", ",-60,"))
    assert main(["routes", stops, "--out", str(tmp_path / "out")]) == 2
    assert "stops.csv line 3 lat '152.53'" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_solution_file_is_no_beginning_for_a_table(tmp_path, capsys):
    solution = written(tmp_path, "Route #1: 1\n", "a.sol")
    assert main(["routes", written(tmp_path, STOPS), "--start", solution]) == 2
    assert "a.sol must be a plan.json" in capsys.readouterr().err


def test_a_beginning_that_breaks_a_rule_is_refused(tmp_path, capsys):
    solution = written(tmp_path, "Route #1: 1 2\n", "s.sol")
    assert main(["routes", written(tmp_path, SOLOMON.replace("  2         20", "  2         9"), "s.txt"), "--start",
                 solution]) == 2  # fmt: skip
    assert "s.sol: route 0: trip 0 carries 15 of dimension 0" in capsys.readouterr().err


def test_a_folder_of_others_is_refused_before_the_search(tmp_path, capsys):
    (tmp_path / "report.html").write_text("mine")
    assert main(["routes", written(tmp_path, STOPS), "--out", str(tmp_path), "--seconds", "1000"]) == 2
    assert "holds report.html" in capsys.readouterr().err


def test_a_folder_that_cannot_be_made_is_told_before_the_search(tmp_path, capsys):
    stops = written(tmp_path, STOPS)
    assert main(["routes", stops, "--out", f"{stops}/out", "--seconds", "1000"]) == 2
    assert "cannot be made: Not a directory" in capsys.readouterr().err


@pytest.mark.parametrize("solver", ["sisr", "pyvrp"])
@pytest.mark.parametrize(
    ("rule", "more", "served"),
    [
        ("CAPACITY : 6", "", ["2"]),  # stop 1 takes 7
        ("CAPACITY : 10", "VEHICLES : 2\nVEHICLES_MAX_DISTANCE : 5", ["2"]),  # stop 1 is 5 away
        ("CAPACITY : 10", "VEHICLES : 2\nVEHICLES_MAX_DURATION : 10", ["1", "2"]),  # on a route each: together it is 11
        ("CAPACITY : 10", "TIME_WINDOW_SECTION\n1 0 10\n2 0 10\n3 0 10", ["1", "2"]),  # back by 10, too
        ("CAPACITY : 0", "", []),
    ],
)
def test_what_nobody_can_serve_is_left_out_and_the_rest_is_served(tmp_path, capsys, solver, rule, more, served):
    text = CVRP.replace("CAPACITY : 10", rule)
    instance = written(tmp_path, with_lines(more, text=text), "tiny.vrp")
    main(["routes", instance, "--json", "--solver", solver, "--convention", "round", *FEW])
    routes = json.loads(capsys.readouterr().out)["routes"]
    assert sorted(stop["stop"] for route in routes for trip in route["trips"] for stop in trip["stops"]) == served


def test_a_plan_that_breaks_a_rule_is_not_written(tmp_path, capsys):
    good = solved()
    late = replace(good.plan.routes[0], end_at=good.plan.routes[0].end_at + 1)
    assert deliver(replace(good, plan=replace(good.plan, routes=(late,))), tmp_path / "out", as_json=False) == 1
    assert "The plan breaks 1 rules and was not written." in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_ctrl_c_ends_the_search_with_the_best_plan_so_far(tmp_path):
    command = [sys.executable, "-m", "doorstep", "routes", written(tmp_path, STOPS), "--seconds", "100000"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as run:
        limit = threading.Timer(120, run.kill)
        limit.start()
        assert run.stderr is not None
        for line in run.stderr:
            if "searching with" in line:
                run.send_signal(signal.SIGINT)
                break
        said, _ = run.communicate()
        limit.cancel()
    assert run.returncode == 0
    assert "The search was interrupted: this is the best plan found until then." in said
    assert "3 stops are served on 1 route" in said or "2 of 3 stops" in said
