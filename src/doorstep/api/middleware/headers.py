"""Reading and writing headers of ASGI messages, as the bytes that they are: this runs several times a request."""

from collections.abc import Callable, Iterable
from typing import TypeAlias

from starlette.types import Message, Scope, Send

RawHeader: TypeAlias = tuple[bytes, bytes]
"""Name in lower case, and value."""


def header(scope: Scope, name: bytes) -> str:
    """Return the first value of a request header given in lower case, empty if it is absent."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def raw(headers: Iterable[tuple[str, str]]) -> tuple[RawHeader, ...]:
    """Return headers as bytes."""
    return tuple((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers)


def sending_headers(send: Send, headers: Callable[[], tuple[RawHeader, ...]], *, replace: bool) -> Send:
    """Return a ``send`` that adds headers to the response; without ``replace``, those of the endpoint stay."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            there, ours = message.get("headers", ()), headers()
            if replace:
                names = {name for name, _ in ours}
                there = [pair for pair in there if pair[0].lower() not in names]
            else:
                names = {pair[0].lower() for pair in there}
                ours = tuple(pair for pair in ours if pair[0] not in names)
            message = {**message, "headers": [*there, *ours]}
        await send(message)

    return send_with_headers
