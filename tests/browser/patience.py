"""How long a browser waits for what a page should show: long, as machines that run all tests at once are slow."""

from typing import Any

PATIENCE_MS = 120_000


def patient(where: Any) -> Any:
    """Return a context or page of a browser that waits so long."""
    where.set_default_timeout(PATIENCE_MS)
    return where
