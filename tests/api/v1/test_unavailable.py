"""When there is too much to do, or the database is away: 503, told in the same words as ever."""

import asyncio
import sqlite3
import threading

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from doorstep.api.build import build_api
from doorstep.api.desk import committed
from doorstep.api.reading import is_away
from doorstep.storage import Writer
from tests.api.desks import Shop, basket


def test_one_order_too_many_is_told_to_come_back(shop: Shop):
    shop.writer.close()
    shop.writer = Writer(shop.database, waiting=1)
    going, free = threading.Event(), threading.Event()

    def dawdle(_: object) -> None:
        going.set()
        free.wait(10)

    busy = shop.writer.call(dawdle)
    going.wait(10)
    waiting = shop.writer.call(lambda connection: None)
    client = shop.client()
    client.get("/v1/orders")
    refused = client.post("/v1/orders", json=basket())
    (row,) = client.post("/v1/orders:bulk", json={"orders": [basket()]}).json()["rows"]
    free.set()
    busy.result(10)
    waiting.result(10)
    assert (refused.status_code, refused.headers["retry-after"], refused.json()["code"]) == (503, "5", "unavailable")
    assert (row["status"], row["problem"]["code"]) == (503, "unavailable")


UNKNOWN = "ds_live_" + "0" * 32


class Away:
    """A database that nobody can reach."""

    def reading(self) -> None:
        raise OperationalError("SELECT 1", {}, sqlite3.OperationalError("unable to open database file"))


def test_a_database_that_is_away_is_503_and_not_ready(shop: Shop):
    client, there = shop.client(), shop.database
    client.get("/v1/orders")
    shop.database = Away()  # type: ignore[assignment]
    for answer in (client.get("/v1/orders"), client.get("/readyz"), shop.client(UNKNOWN).get("/v1/orders")):
        assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "unavailable", "5")
        assert "SELECT" not in answer.text
    shop.database = there
    assert client.get("/v1/orders").status_code == 200


def test_a_closed_writer_is_503(shop: Shop):
    shop.writer.close()
    answer = shop.client().post("/v1/orders", json=basket())
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


def test_who_goes_away_while_it_is_written_leaves_the_writer_alive(shop: Shop):
    going, free = threading.Event(), threading.Event()

    def dawdle(_: object) -> None:
        going.set()
        free.wait(10)

    async def leave() -> None:
        busy, waiting = shop.writer.call(dawdle), shop.writer.call(lambda _: None)
        asked = asyncio.ensure_future(committed(waiting))
        await asyncio.sleep(0)
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
        free.set()
        await committed(busy)

    asyncio.run(leave())
    assert shop.client().post("/v1/orders", json=basket()).status_code == 201


@pytest.mark.parametrize(
    ("fault", "away"),
    [
        (sqlite3.OperationalError("locked"), True),
        (OperationalError("x", {}, sqlite3.OperationalError("locked")), True),
        (PoolTimeoutError("no connection left"), True),
        (sqlite3.IntegrityError("twice"), False),
        (ValueError("x"), False),
    ],
)
def test_only_failures_of_the_database_itself_count_as_away(fault: Exception, away: bool):
    assert is_away(fault) is away


def test_an_application_can_be_built_twice_on_one_platform(shop: Shop):
    assert build_api(shop).openapi() == shop.app.openapi()
