"""The example of dense routes runs and says what it shows."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "dense_routes.py"


def test_it_measures_explains_and_draws_a_map():
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run([sys.executable, str(EXAMPLE)], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert "stops an hour" in lines[0]
    (blocked,) = [line for line in lines if "stop 7 " in line]
    assert "is closed when the first vehicle can be there. Maybe let its window close" in blocked
    assert [len(line.split()) for line in lines[-5:]] == [10] * 5
