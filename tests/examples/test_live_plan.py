"""The example of a plan that is being driven runs and says what its page promises."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "live_plan.py"


def test_slots_are_offered_at_their_cost_and_a_late_van_loses_nobody():
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run([sys.executable, str(EXAMPLE)], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    begun, past, *offers, late = done.stdout.splitlines()
    assert begun.endswith("2 vans are out")
    assert past == "-1 h: not offered, no vehicle can be there in time"
    assert all("$" in offer for offer in offers)
    assert late.startswith("20 min late: 0 doors move, 0 are left out")
