"""The example of a carrier that fails in many ways loses no delivery and books none twice."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_delivery_comes_to_an_end_once():
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, str(ROOT / "examples" / "connected_carrier.py")]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    ends, bookings, there, books = done.stdout.splitlines()
    states = {state: int(count) for count, state in re.findall(r"(\d+) deliveries (\w+)", ends)}
    assert set(states) <= {"delivered", "rejected", "returned"}
    assert states["delivered"] > 20
    assert f"{states['delivered'] + states.get('returned', 0)} bookings ended" in bookings
    assert there.endswith(" 0 of them twice")
    assert books == "faults of the books: none"
