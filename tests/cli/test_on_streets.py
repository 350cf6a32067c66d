"""``--roads NAME``: commands that plan drive on streets that were built before, and say so."""

import json
from pathlib import Path

import pytest

from doorstep.cli import main
from tests.connectors.osm.test_streets import Node, extract

SIDE = 12
PLAN = ["--seconds", "5", "--no-verify"]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Build a town of one-way streets and put a retailer on them."""
    monkeypatch.setenv("DOORSTEP_ROADS_FOLDER", str(tmp_path / "roads"))
    nodes: list[Node] = [
        (1 + r * SIDE + c, 49.4 + r / 1_000, 8.7 + c / 700, {}) for r in range(SIDE) for c in range(SIDE)
    ]
    lines = [[1 + r * SIDE + c for c in range(SIDE)] for r in range(SIDE)]
    lines += [[1 + r * SIDE + c for r in range(SIDE)] for c in range(SIDE)]
    ways = [(k, line if k % 4 < 2 else line[::-1], {"highway": "residential", "oneway": "yes"})
            for k, line in enumerate(lines, start=1)]  # fmt: skip
    assert main(["roads", "build", str(extract(tmp_path / "town.osm.pbf", nodes, ways))]) == 0
    folder = str(tmp_path / "shop")
    made = ["--stores", "3", "--fcs", "1", "--orders", "60"]
    assert main(["sample", folder, "--roads", "town", *made]) == 0
    return folder


def test_a_network_and_a_replay_are_of_the_streets_that_are_named(shop: str, tmp_path: Path, capsys):
    out = tmp_path / "network"
    assert main(["network", shop, "--roads", "town", "--out", str(out), *PLAN]) == 0
    assert "Drives are on streets, © OpenStreetMap contributors" in (out / "report.html").read_text(encoding="utf-8")
    capsys.readouterr()
    costs = []
    for roads, told in (([], "Travel times are estimates, no streets"), (["--roads", "town"], "Drives are on streets")):
        assert main(["replay", shop, "--policy", "myopic", *roads]) == 0
        said = capsys.readouterr().out
        assert told in said
        costs.append(next(line for line in said.splitlines() if line.startswith("myopic")))
    assert costs[0] != costs[1]


def test_stock_is_planned_on_streets(shop: str, tmp_path: Path, capsys):
    out = tmp_path / "stock"
    assert main(["place", shop, "--roads", "town", "--out", str(out), "--seconds", "5"]) == 0
    assert "Drives are on streets" in capsys.readouterr().out
    assert "OpenStreetMap contributors" in (out / "report.html").read_text(encoding="utf-8")


def test_roads_are_calibrated_into_values_of_the_policy(shop: str, capsys):
    capsys.readouterr()
    assert main(["roads", "calibrate", "town", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["circuity_pct"] > 115
    assert found["near_speed_kmh"] <= 25
    assert main(["roads", "calibrate", "town"]) == 0
    words = capsys.readouterr().out
    assert f"{found['circuity_pct']},{found['near_speed_kmh']},{found['far_speed_kmh']}" in words
    assert "An estimate from straight lines" in words


def test_streets_that_were_not_built_are_named(shop: str, capsys):
    for command in ("network", "replay", "place"):
        assert main([command, shop, "--roads", "nowhere"]) == 2
        assert "roads 'nowhere' for a van were not built" in capsys.readouterr().err
