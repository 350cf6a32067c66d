"""The national example runs and says what the data say."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.trials import thorough

ROOT = Path(__file__).resolve().parents[2]
GEO = ROOT.parent / "shared/data/geo"


@pytest.mark.slow
@pytest.mark.skipif(not thorough(), reason="divides a whole country for minutes; set DOORSTEP_THOROUGH=1 to run it")
@pytest.mark.skipif(not GEO.exists(), reason="real data is not here: shared/data/geo beside the repository")
def test_the_national_example_covers_sites_and_divides_the_country():
    ran = subprocess.run(
        [sys.executable, str(ROOT / "examples/us_network.py"), str(GEO), "6"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        check=True,
    )
    lines = ran.stdout.splitlines()
    assert "239,780 block groups, 4,636 stores" in lines[0]
    assert "89.2% within 10" in lines[0]
    assert lines[1].startswith("Fewest within ten: VT 56%")
    enough, needed = (int(count) for count in re.findall(r"(\d+) (?:more are enough|are needed)", lines[2]))
    assert needed <= 5 <= enough <= 7  # five are the fewest: a slow machine ends its search before it has proved it
    assert lines[3].startswith("31 of the stores as centres: 7")
    assert re.match(r"8 regions of (11\.9|12\.\d)% to (12\.\d|13\.[01])% of the people", lines[4])
    assert re.match(r"at most \d+\.\d% above any such division; \d+ lanes between them", lines[5])
    assert "within half an hour's drive" in lines[6]
