"""What axe-core, the accessibility engine, finds on a page that is open in a browser."""

from pathlib import Path
from typing import Any

import pytest

AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"


def violations(page: Any) -> list[str]:
    """Return the rules that a page breaks, each with where; the test is skipped where axe-core is not installed."""
    if not AXE.is_file():
        pytest.skip("axe needs axe-core among the packages of frontend/: npm ci there installs it.")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    told = "axe.run().then((told) => told.violations.map((one) => [one.id, one.nodes.map((n) => n.target)]))"
    found = page.evaluate(told)
    return [f"{rule}: {where}" for rule, where in found]
