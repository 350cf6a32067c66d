"""A plan that is checked again: on the streets that it was made on, on others, without any, and tampered with."""

import json
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from doorstep.cli import main
from doorstep.connectors.plan_folder import roads_used
from tests.connectors.osm.test_streets import Node, extract

SIDE, STEP = 7, 0.004


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a town, its roads, and a plan on them and one on estimates."""
    folder = tmp_path_factory.mktemp("town")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOORSTEP_ROADS_FOLDER", str(folder / "roads"))
        town(folder / "town.osm.pbf", "residential")
        assert main(["roads", "build", str(folder / "town.osm.pbf")]) == 0
        shop = str(folder / "shop")
        sizes = ["--stores", "2", "--fcs", "1", "--orders", "20"]
        assert main(["sample", shop, "--roads", "town", *sizes]) == 0
        few = ["--iterations", "5", "--json"]
        assert main(["plan", shop, "--out", str(folder / "plan"), "--roads", "town", *few]) == 0
        assert main(["plan", shop, "--out", str(folder / "estimated"), *few]) == 0
    return folder


@pytest.fixture(autouse=True)
def home(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOORSTEP_ROADS_FOLDER", str(made / "roads"))


def town(path: Path, kind: str) -> None:
    """Write an extract of crossing streets, 7 each way."""
    nodes: list[Node] = [(1 + row * SIDE + column, 49.4 + row * STEP, 8.7 + column * STEP, {})
             for row in range(SIDE) for column in range(SIDE)]  # fmt: skip
    rows = [[1 + row * SIDE + column for column in range(SIDE)] for row in range(SIDE)]
    columns = [[row[column] for row in rows] for column in range(SIDE)]
    ways = [(100 + n, refs, {"highway": kind, "name": f"Street {n}"}) for n, refs in enumerate(rows + columns)]
    extract(path, nodes, ways)


def checked(folder: Path, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, str]:
    """Return exit code and what is said."""
    capsys.readouterr()
    code = main(["check", str(folder), *more])
    return code, capsys.readouterr().out


def test_a_plan_on_streets_is_checked_on_them(made: Path, capsys):
    code, said = checked(made / "plan", capsys)
    assert code == 0
    assert "20 deliveries" in said
    assert "on the streets of town, van. No fault.\n" in said


def test_a_plan_on_estimates_needs_no_streets(made: Path, capsys, monkeypatch):
    monkeypatch.setenv("DOORSTEP_ROADS_FOLDER", str(made / "nowhere"))
    assert roads_used(made / "estimated") is None
    code, said = checked(made / "estimated", capsys)
    assert code == 0
    assert "with drives estimated from straight lines. No fault.\n" in said


def test_without_its_streets_a_plan_is_checked_in_part_and_that_is_said(made: Path, capsys, monkeypatch):
    monkeypatch.setenv("DOORSTEP_ROADS_FOLDER", str(made / "nowhere"))
    code, said = checked(made / "plan", capsys)
    assert code == 1
    assert "No fault in what could be checked.\n" in said
    assert "roads 'town' for a van were not built in" in said
    assert "Not checked: what drives take" in said
    code, said = checked(made / "plan", capsys, "--json")
    told = json.loads(said)
    assert (code, told["sound"], told["roads"]["name"]) == (1, True, "town")
    assert "were not built" in told["unchecked"]


def test_streets_of_the_same_name_that_are_others_are_told_apart(made: Path, capsys, monkeypatch, tmp_path: Path):
    town(tmp_path / "town.osm.pbf", "primary")
    monkeypatch.setenv("DOORSTEP_ROADS_FOLDER", str(tmp_path / "roads"))
    assert main(["roads", "build", str(tmp_path / "town.osm.pbf")]) == 0
    code, said = checked(made / "plan", capsys)
    assert code == 1
    assert "It was made on other streets: roads 'town' for a van had digest " in said


@pytest.mark.parametrize("home", ["roads", "nowhere"])
def test_times_that_were_tampered_with_are_found(made: Path, capsys, monkeypatch, home: str):
    stops = made / "plan" / "tables" / "stops.parquet"
    sound = pl.read_parquet(stops)
    later = pl.col("arrive_at") + pl.when(pl.col("sequence") == 1).then(60).otherwise(0)
    monkeypatch.setenv("DOORSTEP_ROADS_FOLDER", str(made / home))
    try:
        sound.with_columns(later.alias("arrive_at")).write_parquet(stops)
        code, said = checked(made / "plan", capsys)
    finally:
        sound.write_parquet(stops)
    assert code == 2
    assert ("s after leaving" if home == "roads" else "service begins before arrival") in said


def test_drives_that_are_told_too_short_are_found_on_the_streets(made: Path, capsys):
    stops = made / "plan" / "tables" / "stops.parquet"
    sound = pl.read_parquet(stops)
    try:
        sound.with_columns(distance_m=pl.col("distance_m") // 2).write_parquet(stops)
        code, said = checked(made / "plan", capsys)
    finally:
        sound.write_parquet(stops)
    assert code == 2
    assert "m driven, the road is" in said


def test_the_map_file_and_the_report_follow_the_streets(made: Path):
    for plan, follow in (("plan", True), ("estimated", False)):
        features = json.loads((made / plan / "routes.geojson").read_text(encoding="utf-8"))["features"]
        lines = [each["geometry"]["coordinates"] for each in features if each["properties"]["layer"] == "route"]
        steps = [(abs(a[0] - b[0]), abs(a[1] - b[1])) for line in lines for a, b in pairwise(line)]
        assert all(min(step) < 2e-5 for step in steps) is follow
    report = (made / "plan" / "report.html").read_text(encoding="utf-8")
    assert "© OpenStreetMap contributors, ODbL" in report
    assert 'class="street r' in report
    assert "Distances and times are those of streets" in report
    assert "OpenStreetMap" not in (made / "estimated" / "report.html").read_text(encoding="utf-8")
