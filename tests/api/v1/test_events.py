"""Events: page by page, or as a stream that goes on where its listener was."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest
from anyio.to_thread import run_sync

from doorstep.operations.access import create_key, revoke_key
from tests.api.desks import Shop, basket
from tests.api.streams import listen
from tests.databases import CALLER, NOW


def order(shop: Shop) -> str:
    made: str = shop.client().post("/v1/orders", json=basket()).json()["id"]
    return made


def test_events_come_in_their_order_and_the_cursor_waits_for_more(shop: Shop):
    client, ids = shop.client(), [order(shop) for _ in range(3)]
    first = client.get("/v1/events?limit=2").json()
    assert [event["object_id"] for event in first["items"]] == ids[:2]
    assert first["items"][0]["type"] == "order.created"
    assert first["items"][0]["timestamp"] == "2026-03-03T14:00:00Z"
    rest = client.get("/v1/events", params={"cursor": first["next_cursor"]}).json()
    assert [event["object_id"] for event in rest["items"]] == ids[2:]
    end = client.get("/v1/events", params={"cursor": rest["next_cursor"]}).json()
    assert end["items"] == []
    later = order(shop)
    found = client.get("/v1/events", params={"cursor": end["next_cursor"]}).json()["items"]
    assert [event["object_id"] for event in found] == [later]


def test_types_narrow_the_events(shop: Shop):
    shop.client().post(f"/v1/orders/{order(shop)}/cancel", json={"reason": "x"})
    found = shop.client().get("/v1/events?types=order.cancelled&types=slot.*").json()["items"]
    assert [event["type"] for event in found] == ["order.cancelled"]


def test_a_cursor_of_another_tenant_is_refused(shop: Shop):
    cursor = shop.client().get("/v1/events").json()["next_cursor"]
    answer = shop.client(shop.other_key).get("/v1/events", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor")


def frames(text: str) -> list[dict[str, str]]:
    """Return the events of a stream as dicts of their fields."""
    whole = [frame for frame in text.split("\n\n") if frame.startswith("id:")]
    return [dict(line.split(": ", 1) for line in frame.splitlines()) for frame in whole]


def has(count: int) -> Callable[[str], Awaitable[bool]]:
    """Return what is true once so many events have come."""

    async def enough(text: str) -> bool:
        return len(frames(text)) >= count

    return enough


def stream(shop: Shop, path: str, until: Callable[[str], Awaitable[bool]], **headers: str) -> tuple[int, str]:
    shown = {"Authorization": f"Bearer {shop.key}"} | headers
    return asyncio.run(listen(shop.app, path, shown, until=until))


def test_a_stream_resumes_after_the_last_event_that_was_heard(shop: Shop):
    start = shop.client().get("/v1/events").json()["next_cursor"]
    ids = [order(shop) for _ in range(3)]
    status, text = stream(shop, f"/v1/events/stream?cursor={start}", has(2))
    heard = frames(text)[:2]
    assert (status, [json.loads(event["data"])["object_id"] for event in heard]) == (200, ids[:2])
    assert heard[0]["event"] == "order.created"
    _, text = stream(shop, "/v1/events/stream", has(1), **{"Last-Event-ID": heard[-1]["id"]})
    assert [json.loads(event["data"])["object_id"] for event in frames(text)] == ids[2:]


def test_a_stream_without_a_past_begins_now_and_sends_what_happens(shop: Shop):
    shop.app.state.patience.poll_s = 0.01
    order(shop)
    made: list[str] = []

    async def order_then_wait(text: str) -> bool:
        if not made:
            made.append(await run_sync(order, shop))
        return bool(frames(text))

    _, text = stream(shop, "/v1/events/stream", order_then_wait)
    assert [json.loads(event["data"])["object_id"] for event in frames(text)] == made


def test_a_silent_stream_shows_that_it_lives_until_its_key_ends(shop: Shop):
    patience = shop.app.state.patience
    patience.poll_s = patience.heartbeat_s = patience.recheck_s = 0.01
    with shop.database.writing() as connection:
        listener = create_key(connection, CALLER, name="listener", scopes=["webhooks:manage"], now=NOW)

    async def revoke_then_wait(text: str) -> bool:
        if "nothing new" in text:
            await run_sync(revoke)
        return False  # the stream ends by itself

    def revoke() -> None:
        with shop.database.writing() as connection:
            revoke_key(connection, CALLER, listener.name, now=NOW)
        shop.app.state.visitors.forget()

    status, text = stream(shop, "/v1/events/stream", revoke_then_wait, Authorization=f"Bearer {listener.secret}")
    assert (status, ": nothing new" in text) == (200, True)
    assert patience.open == 0


def test_a_stream_ends_after_its_time_and_there_are_not_too_many(shop: Shop):
    patience = shop.app.state.patience
    patience.lifetime_s = 0.0
    answer = shop.client().get("/v1/events/stream")
    assert (answer.status_code, answer.text) == (200, "retry: 2000\n\n")
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    patience.most = 0
    assert shop.client().get("/v1/events/stream").status_code == 503


@pytest.mark.parametrize("cursor", ["x", "AYaercR65UCbMDoz"])
def test_a_stream_with_a_broken_cursor_is_refused(shop: Shop, cursor: str):
    answer = shop.client().get("/v1/events/stream", headers={"Last-Event-ID": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor")
