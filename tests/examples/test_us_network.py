"""The national example runs and says what the data say."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GEO = ROOT.parent / "shared/data/geo"


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
    assert "5 more are enough; 5 are needed at least" in lines[2]
    assert lines[3].startswith("31 of the stores as centres: 7")
    assert lines[4].startswith("8 regions of 11.9% to 13.1% of the people")
    told = re.match(r"at most (\d+\.\d)% above any such division; \d+ lanes between them", lines[5])
    assert told is not None
    assert float(told[1]) <= 3.0
    assert "within half an hour's drive" in lines[6]
