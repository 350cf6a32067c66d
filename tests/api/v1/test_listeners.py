"""How many may listen to events, and how long a key is good for it."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from anyio.to_thread import run_sync
from starlette.types import Message

from doorstep.operations.access import create_key
from tests.api.desks import Shop, basket
from tests.api.streams import listen
from tests.databases import CALLER, NOW

STREAM = "/v1/events/stream"


def shown(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def listening(shop: Shop, meanwhile: Callable[[], object]) -> object:
    """Return what comes of something done while somebody of ``CALLER``'s listens."""
    found: list[object] = []

    async def until(text: str) -> bool:
        if "retry" in text and not found:
            found.append(await run_sync(meanwhile))
        return bool(found)

    asyncio.run(listen(shop.app, STREAM, shown(shop.key), until=until))
    return found[0]


def refusal(shop: Shop, key: str) -> tuple[int, str]:
    answer = shop.client(key).get(STREAM)
    return answer.status_code, answer.json()["code"]


def test_a_tenant_has_its_share_of_listeners_and_all_together_have_theirs(shop: Shop):
    patience = shop.app.state.patience
    patience.most_of_tenant, patience.most = 1, 2
    assert listening(shop, lambda: refusal(shop, shop.key)) == (429, "rate_limited")
    patience.most = 1
    assert listening(shop, lambda: refusal(shop, shop.other_key)) == (503, "unavailable")
    assert (patience.open, dict(patience.listening)) == (0, {})


def test_another_tenant_still_finds_a_place(shop: Shop):
    patience = shop.app.state.patience
    patience.most_of_tenant = 1

    def other_listens() -> int:
        patience.lifetime_s = 0.0
        status = shop.client(shop.other_key).get(STREAM).status_code
        patience.lifetime_s = 60.0
        return status

    assert listening(shop, other_listens) == 200


def test_a_listener_who_goes_before_the_first_byte_gives_the_place_back(shop: Shop):
    patience, seen = shop.app.state.patience, list[int]()

    async def gone() -> None:
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
            "path": STREAM, "raw_path": STREAM.encode(), "query_string": b"", "root_path": "",
            "headers": [(b"host", b"testserver"), (b"authorization", f"Bearer {shop.key}".encode())],
            "client": ("127.0.0.1", 1), "server": ("testserver", 80),
        }  # fmt: skip

        async def receive() -> Message:
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            seen.append(patience.open)
            raise OSError("the listener has gone")

        await shop.app(scope, receive, send)

    for _ in range(3):
        with suppress(Exception):  # how a server hears of it does not matter here
            asyncio.run(gone())
    assert seen
    assert set(seen) == {1}
    assert patience.open == 0


def test_a_revoked_key_ends_a_stream_also_where_something_happens_all_the_time(shop: Shop):
    patience = shop.app.state.patience
    patience.poll_s = patience.recheck_s = 0.0
    with shop.database.writing() as connection:
        listener = create_key(connection, CALLER, name="listener", scopes=["webhooks:manage"], now=NOW)

    def happen(heard: int) -> None:
        shop.client().post("/v1/orders", json=basket())
        if heard == 2:
            shop.client().delete(f"/v1/keys/{listener.name}")

    async def keep_it_busy(text: str) -> bool:
        await run_sync(happen, text.count("id:"))
        return False  # the stream ends by itself

    status, text = asyncio.run(listen(shop.app, STREAM, shown(listener.secret), until=keep_it_busy))
    assert status == 200
    assert "nothing new" not in text
    assert text.count("id:") < 9
