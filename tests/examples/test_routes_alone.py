"""The page on routes alone shows what happens: its tables, its command and its program are run here."""

import os
import re
import subprocess
import sys
from pathlib import Path

from doorstep.cli import main

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-to" / "routes.md").read_text()
EXAMPLE = ROOT / "examples" / "routes_as_a_library.py"


def test_the_command_of_the_page_says_what_the_page_says(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    stops, vans = re.findall(r"```csv\n(.*?)```", PAGE, re.DOTALL)
    Path("stops.csv").write_text(stops)
    Path("vans.csv").write_text(vans)
    command, answer = re.findall(r"```\n(doorstep routes stops\.csv.*?)\n```\n\n```\n(.*?)\n```", PAGE, re.DOTALL)[0]
    assert main(command.split()[1:]) == 0
    assert answer in capsys.readouterr().out
    assert sorted(path.name for path in Path("my-routes").iterdir()) == ["plan.json", "report.html", "routes.geojson"]


def test_the_page_shows_the_example_as_it_is():
    assert EXAMPLE.read_text().partition('"""\n\n')[2].strip() in PAGE


def test_the_example_serves_all_stops_breaks_no_rule_and_repeats():
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run([sys.executable, str(EXAMPLE)], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    stops, cost = done.stdout.splitlines()
    assert stops.startswith("80 of 80 stops by ")
    assert re.fullmatch(r"cost \d+\.\d\d, broken rules 0, same True", cost)
