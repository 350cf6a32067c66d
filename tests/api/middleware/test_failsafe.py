"""What escapes everything else is answered once, and a half answer is cut."""

import anyio
import pytest
from starlette.types import Message, Receive, Scope, Send

from doorstep.api.middleware.failsafe import Failsafe


def run(app: Failsafe) -> list[Message]:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    anyio.run(app, {"type": "http", "headers": []}, receive, send)
    return sent


async def fails(scope: Scope, receive: Receive, send: Send) -> None:
    raise RuntimeError("secret")


async def fails_half_way(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise RuntimeError("secret")


def test_an_exception_is_answered_without_its_text():
    start, body = run(Failsafe(fails))
    assert start["status"] == 500
    assert b"secret" not in body["body"]


def test_half_an_answer_is_not_finished_with_another():
    with pytest.raises(RuntimeError, match="secret"):
        run(Failsafe(fails_half_way))
