"""The example of scarce stock runs: the more a policy looks ahead and back, the less it costs."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_looking_ahead_saves_and_a_second_look_saves_more():
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, str(ROOT / "examples" / "scarce_stock.py")]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    said = [line.split() for line in done.stdout.splitlines()]
    assert [words[0] for words in said] == ["nearest", "myopic", "foresight", "reoptimised"]
    cost = [float(words[1].removeprefix("$")) for words in said]
    assert cost == sorted(cost, reverse=True)
    above = [float(line.partition("lost, ")[2].partition("%")[0]) for line in done.stdout.splitlines()]
    assert min(above) >= 0
