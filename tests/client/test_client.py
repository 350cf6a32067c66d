"""The client against a real server on loopback, and against servers that fail on purpose."""

import threading
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
import uvicorn
from prometheus_client import CollectorRegistry

from doorstep.api.build import build_api
from doorstep.api.client_source import client_files
from doorstep.assembly import Platform, SystemClock
from doorstep.client import ApiError, Client
from doorstep.client.types import OrderCreate
from doorstep.operations.access import create_key
from doorstep.settings import Settings
from doorstep.storage import Database, Writer
from tests.databases import CALLER, NOW
from tests.operations.shops import open_shop


class Still(SystemClock):
    def now(self) -> int:
        return NOW


@pytest.fixture
def shop(database: Database) -> Iterator[Client]:
    """Serve a shop with five units of A and return a client for it."""
    open_shop(database, {("S1", "A"): 5})
    with database.writing() as connection:
        key = create_key(connection, CALLER, name="shop", scopes=["admin"], now=NOW)
    writer = Writer(database)
    platform = Platform(settings=Settings(), clock=Still(), database=database, writer=writer)
    app = build_api(platform, registry=CollectorRegistry())
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    with Client(f"http://127.0.0.1:{port}", key.secret) as client:
        yield client
    server.should_exit = True
    thread.join(30)
    writer.close()


def order(quantity: int = 1, external_id: str | None = None) -> OrderCreate:
    return {
        "external_id": external_id,
        "service_level_id": "next_day",
        "place": {"lat": 41.01, "lon": -87.0},
        "lines": [{"product_id": "A", "quantity": quantity}],
    }


def test_an_order_is_created_read_and_cancelled(shop):
    taken = shop.create_order(order(2, external_id="web-1"))
    assert (taken["state"], taken["allocations"][0]["site_id"]) == ("placed", "S1")
    assert shop.read_external_order("web-1")["id"] == taken["id"]
    gone = shop.cancel_order(taken["id"], {"reason": "customer_changed_mind"}, if_match=taken["version"])
    assert gone["state"] == "cancelled"


def test_a_refusal_tells_its_code_and_where_the_fault_is(shop):
    with pytest.raises(ApiError) as refused:
        shop.create_order(order(9))
    assert (refused.value.status, refused.value.code) == (409, "insufficient_stock")
    assert refused.value.errors[0]["pointer"] == "/lines/0"


def test_the_same_key_is_the_same_order(shop):
    first, second = (shop.create_order(order(), key="once") for _ in range(2))
    assert first["id"] == second["id"]


def test_a_list_is_read_to_its_end(shop):
    ids = {shop.create_order(order())["id"] for _ in range(5)}
    assert {item["id"] for item in shop.pages(shop.read_orders, limit=2)} == ids


def test_events_are_streamed_from_where_the_last_one_was_seen(shop):
    shop.create_order(order())
    first = next(iter(shop.read_events(limit=1)["items"]))
    assert first["type"] == "order.created"


def test_a_busy_server_is_asked_again_with_the_same_key():
    seen: list[tuple[str, str]] = []
    waits: list[float] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append((request.method, request.headers["Idempotency-Key"]))
        if len(seen) == 1:
            raise httpx2.ConnectError("gone", request=request)
        if len(seen) == 2:
            return httpx2.Response(503, headers={"Retry-After": "7"})
        return httpx2.Response(201, json={"id": "ord_1"})

    http = httpx2.Client(transport=httpx2.MockTransport(answer))
    client = Client("http://server", "key", http=http, sleep=waits.append)
    assert client.create_order(order())["id"] == "ord_1"
    assert len(set(seen)) == 1
    assert waits == [0.2, 7.0]
    http.close()


def test_a_server_that_stays_away_is_given_up():
    http = httpx2.Client(transport=httpx2.MockTransport(lambda _request: httpx2.Response(503, text="no")))
    client = Client("http://server", "key", http=http, sleep=lambda _s: None)
    with pytest.raises(ApiError, match="503"):
        client.read_orders()
    http.close()


def test_the_generated_part_is_up_to_date():
    folder = Path(__file__).parents[2] / "src/doorstep/client"
    for name, text in client_files().items():
        assert (folder / name).read_text(encoding="utf-8") == text, "run: python -m doorstep.api.client_source"
