"""What many look at is made once and sent to all who ask within a second, or longer where making it takes long."""

import asyncio
import gzip
import hashlib
import json
import time
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from starlette.requests import Request
from starlette.responses import Response

T = TypeVar("T")
KEPT_S = 1.0
KEPT_TIMES = 5
"""What takes long is kept for so many times as long, so that it takes a sixth of a core at most."""
MOST = 1_000
COMPRESSION = 3
KEPT_BY_BROWSERS = "private, no-cache"
"""A browser asks each time whether what it has is still so."""


@dataclass(frozen=True, slots=True)
class Body:
    """JSON, compressed too, and the name of exactly this."""

    plain: bytes
    compressed: bytes
    etag: str

    @classmethod
    def of(cls, value: object) -> "Body":
        """Return a value as JSON."""
        plain = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
        return cls(plain, gzip.compress(plain, COMPRESSION), f'"{hashlib.sha256(plain).hexdigest()[:20]}"')


@dataclass(slots=True)
class _Kept(Generic[T]):
    made: "asyncio.Future[T]"
    until: float


class Shared(Generic[T]):
    """What was made lately, by what it is of; who asks while one is being made waits for it.

    Parameters
    ----------
    seconds
        A clock that never steps back.
    """

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._kept: dict[Hashable, _Kept[T]] = {}

    async def get(self, key: Hashable, make: Callable[[], Awaitable[T]]) -> T:
        """Return what was made lately, or make it."""
        kept = self._kept.get(key)
        if kept is None or kept.until <= self._seconds():
            kept = _Kept(asyncio.ensure_future(make()), float("inf"))
            self._forget()
            self._kept[key] = kept
            began = self._seconds()
            kept.made.add_done_callback(lambda made: self._made(key, made, began))
        return await asyncio.shield(kept.made)

    def clear(self) -> None:
        """Let all be made anew when it is asked for again; who waits for it now still gets it."""
        self._kept.clear()

    def _made(self, key: Hashable, made: "asyncio.Future[T]", began: float) -> None:
        kept = self._kept.get(key)
        if kept is None or kept.made is not made:
            return
        now = self._seconds()
        kept.until = now + max(KEPT_S, KEPT_TIMES * (now - began))
        if made.cancelled() or made.exception() is not None:
            del self._kept[key]

    def _forget(self) -> None:
        if len(self._kept) < MOST:
            return
        now = self._seconds()
        self._kept = {key: kept for key, kept in self._kept.items() if kept.until > now}


def shared_of(request: Request, name: str) -> Shared[Any]:
    """Return what this application shares under a name."""
    state = request.app.state
    if not hasattr(state, "shared"):
        state.shared = {}
    kept: dict[str, Shared[Any]] = state.shared
    return kept.setdefault(name, Shared())


def forget_shared(request: Request) -> None:
    """Let everything that is shared be made anew: something was changed, and whoever did it looks at it next."""
    kept: dict[str, Shared[Any]] = getattr(request.app.state, "shared", {})
    for one in kept.values():
        one.clear()


def sent(request: Request, body: Body) -> Response:
    """Return a body as a response, or that the browser has it already."""
    fields = {"ETag": body.etag, "Cache-Control": KEPT_BY_BROWSERS, "Vary": "Accept-Encoding, Cookie"}
    if body.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=fields)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(body.compressed, headers=fields | {"Content-Encoding": "gzip"}, media_type="application/json")
    return Response(body.plain, headers=fields, media_type="application/json")
