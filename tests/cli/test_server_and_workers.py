"""A server without a worker, and workers beside it: processes of their own on one database, of both kinds."""

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from doorstep.cli import main
from doorstep.client import Client
from doorstep.client.types import OrderCreate
from doorstep.operations.access import find_tenants
from doorstep.storage import Database
from doorstep.storage.check import check_books
from tests.cli.processes import running
from tests.connectors.webhooks.receiver import Receiver, says

BOUND_S = 60.0


@pytest.fixture
def url(empty_database: Database) -> Iterator[str]:
    """Return the address of an empty database whose books agree in the end."""
    yield empty_database.url.render_as_string(hide_password=False)
    with empty_database.reading() as connection:
        assert check_books(connection) == []


def orders_for(shop: Client, count: int) -> list[OrderCreate]:
    """Return orders to a door beside a site for what is in stock there."""
    position = next(item for item in shop.pages(shop.read_stock) if item["available"] > count)
    site = shop.read_site(position["site_id"])
    return [
        {
            "external_id": f"web-{number}",
            "service_level_id": "next_day",
            "place": {"lat": site["lat"] + 0.01, "lon": site["lon"]},
            "lines": [{"product_id": position["product_id"], "quantity": 1}],
        }
        for number in range(count)
    ]


def told(receiver: Receiver, event: str) -> list[str]:
    """Return the ids of the objects of which a receiver has heard an event."""
    messages = [json.loads(heard.body) for heard in list(receiver.heard)]
    return [message["data"]["order_id"] for message in messages if message["type"] == event]


def wait_until_told(receiver: Receiver, event: str, ids: set[str]) -> None:
    pause = Event()
    for _ in range(int(BOUND_S / 0.05)):
        if ids <= set(told(receiver, event)):
            return
        pause.wait(0.05)
    raise AssertionError(f"never heard {event} of {len(ids - set(told(receiver, event)))} of {len(ids)}")


def test_orders_posted_to_a_server_find_their_sites_in_workers_that_come_and_go(url: str, tmp_path: Path):
    key_file = tmp_path / "key"
    serve = ["serve", "--no-worker", "--port", "0", "--database-url", url, "--key-file", str(key_file)]
    with (
        Receiver(says(204)) as receiver,
        running(tmp_path, *serve) as server,
        running(tmp_path, "worker", "--name", "ann", "--database-url", url) as ann,
        running(tmp_path, "worker", "--name", "bob", "--database-url", url) as bob,
    ):
        ann.wait_for("ann works")
        bob.wait_for("bob works")
        address = server.url()
        assert key_file.stat().st_mode & 0o777 == 0o600
        with Client(address, key_file.read_text()) as shop:
            shop.create_endpoint({"url": receiver.url, "types": ["order.*"]})
            wanted = orders_for(shop, 60)
            ids = {shop.create_order(order)["id"] for order in wanted[:30]}
            assert ann.end() == 0
            ids |= {shop.create_order(order)["id"] for order in wanted[30:]}
            wait_until_told(receiver, "order.allocated", ids)
            assert {shop.read_order(order_id)["state"] for order_id in ids} <= {"allocated", "preparing"}
        assert [server.end(), bob.end()] == [0, 0]
        assert [server.warnings, ann.warnings, bob.warnings] == ["", "", ""]
        messages = [heard.headers["webhook-id"] for heard in receiver.heard]
        assert len(messages) == len(set(messages))
        assert sorted(told(receiver, "order.allocated")) == sorted(ids)


def test_a_key_that_could_not_be_written_is_not_made(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    nowhere = tmp_path / "nowhere"
    assert main(["serve", "--database-url", url, "--key-file", str(nowhere / "key")]) == 2
    assert capsys.readouterr().err == f"doorstep: key_file is in {nowhere}, which is not a folder.\n"
    database = Database(url)
    with database.reading() as connection:
        assert find_tenants(connection) == {}
    database.close()
