"""The shop of these tests, furnished once and copied for each; after every test the books agree."""

from collections.abc import Iterator

import pytest

from doorstep.storage import Database
from doorstep.storage.check import check_books
from tests.databases import Furnished
from tests.operations.collect.banks import open_banks


@pytest.fixture
def database(furnished: Furnished) -> Iterator[Database]:
    """Open a copy of the shop."""
    with furnished(open_banks) as database:
        yield database
        with database.reading() as connection:
            assert check_books(connection) == []
