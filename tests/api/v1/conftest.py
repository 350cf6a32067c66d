"""A shop of another kind for the tests of the endpoints."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.conftest import shop_for
from tests.api.desks import Shop
from tests.databases import DIALECTS


@pytest.fixture(params=DIALECTS)
def shop_with_small_uploads(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    """Open a shop that takes uploads of ten kilobytes."""
    with shop_for(request, tmp_path, upload_limit_bytes=10_000) as shop:
        yield shop
