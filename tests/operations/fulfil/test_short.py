"""A shelf that holds less than it should: the books follow it, and the order finds its units elsewhere."""

from collections.abc import Iterator

import pytest

from doorstep.foundation import ConflictError, InputError
from doorstep.operations.fulfil import release_wave, route_orders
from doorstep.operations.fulfil.short import report_short
from doorstep.storage import Database
from doorstep.storage.check import check_books
from tests.databases import CALLER, NOW, Furnished
from tests.operations.fulfil.stage import allocated, open_stage, shipments_in, state_of
from tests.operations.shops import shelf


@pytest.fixture
def shop(furnished: Furnished) -> Iterator[Database]:
    """Give two stores with plenty, whose books agree in the end."""
    with furnished(open_stage) as database:
        yield database
        with database.reading() as connection:
            assert check_books(connection) == []


def test_an_order_that_is_short_is_served_from_elsewhere_and_the_shelf_is_empty_in_the_books(shop: Database):
    with shop.writing() as connection:
        other, order_id = allocated(connection, ("A", 2)), allocated(connection, ("A", 3), ("B", 1))
        release_wave(connection, CALLER, now=NOW, everything=True)
        (shipment_id,) = shipments_in(connection, order_id, "picking")
        report_short(connection, CALLER, shipment_id, "A", found=1, now=NOW + 60)
        here = shelf(connection, "S1", "A")
        assert (here.on_hand, here.reserved, here.free) == (3, 2, 1)
        assert state_of(connection, order_id) == "placed"
        (outcome,) = route_orders(connection, CALLER, [order_id], now=NOW + 120)
        assert "S2" in outcome.sites
        assert state_of(connection, order_id) in ("allocated", "preparing")
        assert len(shipments_in(connection, other, "picking")) == 1


def test_what_is_not_short_is_refused(shop: Database):
    with shop.writing() as connection:
        order_id = allocated(connection, ("A", 3))
        (shipment_id,) = shipments_in(connection, order_id)
        with pytest.raises(ConflictError, match="planned: nothing of A is being picked"):
            report_short(connection, CALLER, shipment_id, "A", found=0, now=NOW)
        release_wave(connection, CALLER, now=NOW, everything=True)
        with pytest.raises(InputError, match="must be 0 to 2"):
            report_short(connection, CALLER, shipment_id, "A", found=3, now=NOW)
        with pytest.raises(ConflictError, match="nothing of B"):
            report_short(connection, CALLER, shipment_id, "B", found=0, now=NOW)
