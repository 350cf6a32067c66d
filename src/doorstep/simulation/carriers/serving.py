"""What the dialects of all simulated carriers share: requests and their faults, addresses, webhooks waiting to go."""

import asyncio
import hashlib
import json
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from doorstep.simulation.carriers.fleet import Fleet, News, RefusedError
from doorstep.simulation.carriers.journey import METRES_PER_DEGREE, Point

RETRY_AFTER_S = 7
SCATTER_M = 3_000.0
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    "0000000a49444154789c6368000000820081777fcdd10000000049454e44ae426082"
)
"""What every simulated courier photographs: one grey pixel, a PNG."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A webhook as it goes out."""

    headers: Mapping[str, str]
    body: bytes


class Dialect(Protocol):
    """How one vendor speaks: its application, and its words for what happened."""

    fleet: Fleet
    app: Starlette

    def messages(self, news: News) -> tuple[Message, ...]:
        """Return the webhooks that tell of a step, none for a step that this vendor tells nobody of."""
        ...


def take_webhooks(dialect: Dialect) -> list[Message]:
    """Return the webhooks that have become due since the last call, signed."""
    return [message for news in dialect.fleet.news() for message in dialect.messages(news)]


@dataclass(slots=True)
class Gazetteer:
    """Where addresses are; one that is not known lies somewhere near, always at the same place.

    Parameters
    ----------
    places
        Known addresses as callers write them.
    centre
        Near which an address lies if the other end of its delivery has no place either.
    """

    places: dict[str, Point] = field(default_factory=dict)
    centre: Point = field(default_factory=lambda: Point(lat=37.7793, lon=-122.4193))

    def find(self, address: str, near: Point | None = None) -> Point:
        """Return the place of an address."""
        known = self.places.get(address)
        if known is not None:
            return known
        digest = hashlib.sha256(address.encode()).digest()
        origin = near or self.centre
        north_m, east_m = ((byte / 127.5 - 1) * SCATTER_M for byte in digest[:2])
        shrunk = METRES_PER_DEGREE * math.cos(math.radians(origin.lat))
        return Point(lat=origin.lat + north_m / METRES_PER_DEGREE, lon=origin.lon + east_m / shrunk)

    def ends(self, pickup: tuple[str, Point | None], dropoff: tuple[str, Point | None]) -> tuple[Point, Point]:
        """Return the places of both ends of a delivery, each given by its address and its point, if it is said."""
        start = pickup[1] or self.find(pickup[0], dropoff[1])
        return start, dropoff[1] or self.find(dropoff[0], start)


Handler = Callable[[Request], Awaitable[Response]]
Refusal = Callable[[RefusedError], Response]


def served(
    fleet: Fleet, handler: Handler, *, refuse: Refusal, commits: bool = False
) -> Callable[[Request], Awaitable[Response]]:
    """Return a handler with the carrier's refusals, and the faults that happen to requests.

    ``commits`` marks the requests that make bookings: their answer may get lost.
    """

    async def answer(request: Request) -> Response:
        if fleet.unlucky("rate_limited"):
            answered = refuse(RefusedError("busy"))
            answered.headers["Retry-After"] = str(RETRY_AFTER_S)
            return answered
        if fleet.unlucky("server_error"):
            return refuse(RefusedError("broken"))
        known = len(fleet.bookings)
        try:
            answered = await handler(request)
        except RefusedError as refused:
            return refuse(refused)
        if commits and len(fleet.bookings) > known and fleet.unlucky("timeout_after_commit"):
            return Response(status_code=504)
        return answered

    return answer


async def said_in(request: Request) -> dict[str, object]:
    """Return the JSON object of a request.

    Raises
    ------
    RefusedError
        If it is none.
    """
    try:
        said = json.loads(await request.body() or b"{}")
    except ValueError as fault:
        raise RefusedError("invalid", "the body is not JSON") from fault
    if not isinstance(said, dict):
        raise RefusedError("invalid", "the body is not a JSON object")
    return said


def require(said: Mapping[str, object], *names: str) -> None:
    """Check that a request says what it must.

    Raises
    ------
    RefusedError
        If a name is missing or empty.
    """
    for name in names:
        if said.get(name) in (None, "", []):
            raise RefusedError("invalid", f"{name} is required")


def json_answer(status: int, content: Mapping[str, object]) -> Response:
    """Return an answer in JSON."""
    return JSONResponse(dict(content), status_code=status)


class InProcess(httpx2.BaseTransport):
    """The way of a connector into an application in the same process, without a network."""

    def __init__(self, app: Starlette) -> None:
        self._asgi = httpx2.ASGITransport(app)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Return what the application answers."""
        return asyncio.run(self._answer(request))

    async def _answer(self, request: httpx2.Request) -> httpx2.Response:
        asked = httpx2.Request(request.method, request.url, headers=request.headers, content=request.read())
        answered = await self._asgi.handle_async_request(asked)
        read = await answered.aread()
        return httpx2.Response(answered.status_code, headers=answered.headers, content=read)
