"""The example of one room as a library runs, and the README shows it as it is."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "use_a_room.py"


def test_the_more_doors_the_more_a_van_is_worth():
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run([sys.executable, str(EXAMPLE)], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    said = [line.split() for line in done.stdout.splitlines()]
    by_van = [int(words[2]) for words in said]
    a_door = [float(words[words.index("a") - 1].removeprefix("$")) for words in said]
    assert [words[0] for words in said] == ["5", "20", "80"]
    assert by_van == sorted(by_van)
    assert a_door == sorted(a_door, reverse=True)
    assert max(a_door) <= 7.90


def test_the_readme_shows_the_example_as_it_is():
    code = EXAMPLE.read_text().partition('"""\n\n')[2]
    assert code.strip() in (ROOT / "README.md").read_text()
