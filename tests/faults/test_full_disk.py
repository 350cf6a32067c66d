"""A full disk: nothing that was not stored is promised, and work goes on when there is room again."""

from typing import Any

import pytest
import sqlalchemy as sa

from doorstep.domain.new_order import TakenOrder
from doorstep.operations.intake.draft import Intake
from doorstep.operations.intake.take import take_orders
from doorstep.storage import Database, DatabaseUnavailableError, Writer
from doorstep.storage.check import check_books
from doorstep.storage.schema.orders import orders
from tests.databases import CALLER, NOW
from tests.operations.shops import open_shop, ordering

PAGES_LEFT = 40


def test_what_a_full_disk_refuses_is_not_kept_and_what_it_took_is(database: Database) -> None:
    if database.dialect != "sqlite":
        pytest.skip("PostgreSQL stops as a whole when its disk is full: see the test of a stopped server")
    open_shop(database, {("S1", "A"): 1_000_000})
    room = {"pages": 0}

    @sa.event.listens_for(database.engine(), "connect")
    def limit(driver: Any, _record: object) -> None:
        if room["pages"]:
            driver.execute(f"PRAGMA max_page_count={room['pages']}")

    with database.reading() as connection:
        room["pages"] = connection.execute(sa.text("PRAGMA page_count")).scalar_one() + PAGES_LEFT
    database.disconnect()
    writer = Writer(database)
    taken = [take(writer, number) for number in range(400)]
    promised = [answer for answer in taken if isinstance(answer, TakenOrder)]
    assert len(promised) >= 20
    assert isinstance(taken[-1], DatabaseUnavailableError)
    room["pages"] = 0
    database.disconnect()
    assert isinstance(take(writer, 1_000), TakenOrder)
    writer.close()
    with database.reading() as connection:
        stored = set(connection.execute(sa.select(orders.c.order_id)).scalars())
        assert {order.order_id for order in promised} < stored
        assert len(stored) == len(promised) + 1
        assert check_books(connection) == []


def take(writer: Writer, number: int) -> TakenOrder | Exception:
    """Send an order and return what became of it."""
    request = Intake(caller=CALLER, order=ordering(("A", 1), external_id=f"web-{number}"), now=NOW)
    future = writer.together(take_orders, request)
    failed = future.exception(60)
    assert failed is None or isinstance(failed, Exception)
    return failed or future.result()
