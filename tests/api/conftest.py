"""Tests of the API log into nothing: structlog by default paints tracebacks with all locals, which takes seconds."""

from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Swallow all log lines; ``capture_logs`` still sees them."""
    structlog.configure(processors=[], logger_factory=structlog.ReturnLoggerFactory())
    yield
    structlog.reset_defaults()
