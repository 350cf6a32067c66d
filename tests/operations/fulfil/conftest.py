"""After every test of an order's life the books agree."""

import pytest

from doorstep.storage.check import check_books


@pytest.fixture(autouse=True)
def books_agree(database):
    yield
    with database.reading() as connection:
        assert check_books(connection) == []
