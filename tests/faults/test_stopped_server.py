"""A database server that stops at once, again and again: what was promised is there, and work goes on by itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import sqlalchemy as sa

from doorstep.domain.new_order import TakenOrder
from doorstep.foundation import UpstreamError
from doorstep.operations.intake.draft import Intake
from doorstep.operations.intake.take import take_orders
from doorstep.storage import Database, Writer
from doorstep.storage.check import check_books
from doorstep.storage.schema.orders import orders
from tests.databases import CALLER, NOW, Server, add_tenant
from tests.operations.shops import open_shop, ordering

STOPS = 5
BETWEEN = 30


def test_no_promised_order_is_lost_when_the_server_stops(postgresql: Server) -> None:
    url = postgresql.fresh()
    database = Database(url)
    add_tenant(database)
    open_shop(database, {("S1", "A"): 1_000_000})
    promised: list[str] = []
    refused: list[Exception] = []
    with sending(database, promised, refused):
        for _ in range(STOPS):
            wanted = len(promised) + BETWEEN
            while len(promised) < wanted:
                Event().wait(0.01)
            postgresql.crash()
    assert len(promised) >= STOPS * BETWEEN
    assert all(isinstance(fault, UpstreamError) for fault in refused)
    with database.reading() as connection:
        stored = set(connection.execute(sa.select(orders.c.order_id)).scalars())
        assert set(promised) <= stored
        assert check_books(connection) == []
    database.close()
    postgresql.drop(url)


@contextmanager
def sending(database: Database, promised: list[str], refused: list[Exception]) -> Iterator[None]:
    """Send orders from four threads; note the ids of those promised and the faults of the others."""
    writer, ended = Writer(database), Event()

    def send(thread: int) -> None:
        number = 0
        while not ended.is_set():
            number += 1
            order = ordering(("A", 1), external_id=f"web-{thread}-{number}")
            try:
                taken = writer.together(take_orders, Intake(caller=CALLER, order=order, now=NOW)).result(60)
            except UpstreamError as fault:
                refused.append(fault)
            else:
                assert isinstance(taken, TakenOrder)
                promised.append(taken.order_id)

    threads = [Thread(target=send, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()
        writer.close()
