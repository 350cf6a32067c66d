"""The example on real streets runs on any extract, and says what to do without one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_check_plan import town

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "on_streets.py"
REAL = ROOT.parent / "shared/data/geo/osm/monaco.osm.pbf"


def ran(*arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.run([sys.executable, str(EXAMPLE), *arguments], capture_output=True, text=True, env=environment,
                          check=False)  # fmt: skip


def test_it_tells_the_times_ways_and_reach_of_an_extract(tmp_path: Path):
    town(tmp_path / "town.osm.pbf", "residential")
    done = ran(str(tmp_path / "town.osm.pbf"))
    assert done.returncode == 0, done.stderr
    assert "14 ways, of them 168 arcs between 49 junctions" in done.stdout
    assert done.stdout.count(" x straight)") == 5
    assert "Mostly Street " in done.stdout
    assert "Within ten minutes: 31 of 31 km of street." in done.stdout
    assert "© OpenStreetMap contributors" in done.stdout


@pytest.mark.skipif(not REAL.exists(), reason="real data is not here: shared/data/geo/osm beside the repository")
def test_it_runs_on_a_real_extract():
    done = ran(str(REAL))
    assert done.returncode == 0, done.stderr
    assert "Mostly " in done.stdout


@pytest.mark.parametrize("arguments", [(), ("nowhere.osm.pbf",)])
def test_without_an_extract_it_says_where_there_are_some(arguments: tuple[str, ...]):
    done = ran(*arguments)
    assert done.returncode == 1
    assert "Give me an extract of OpenStreetMap" in done.stderr
