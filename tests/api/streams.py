"""An ASGI request that does not end by itself: test clients wait for the end of a response, a stream has none."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from fastapi import FastAPI
from starlette.types import Message


async def listen(
    app: FastAPI, path: str, headers: Mapping[str, str], *, until: Callable[[str], Awaitable[bool]]
) -> tuple[int, str]:
    """Return status and text of a stream, which is left once ``until`` is true of what has come."""
    route, _, query = path.partition("?")
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": route, "raw_path": route.encode(), "query_string": query.encode(), "root_path": "",
        "headers": [(b"host", b"testserver"), *((k.lower().encode(), v.encode()) for k, v in headers.items())],
        "client": ("127.0.0.1", 1), "server": ("testserver", 80),
    }  # fmt: skip
    gone, text, status = asyncio.Event(), "", 0

    async def receive() -> Message:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        nonlocal text, status
        if message["type"] == "http.response.start":
            status = message["status"]
        text += message.get("body", b"").decode()
        if await until(text):
            gone.set()

    await asyncio.wait_for(app(scope, receive, send), 20)
    return status, text
