"""Vehicles as they move: all of them at first, then each second what has changed, looked up once for all who watch."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Send
from starlette.types import Scope as Asked

from doorstep.api.problems import ProblemError
from doorstep.api.views.devices import current_positions
from doorstep.console.shell.guard import Look
from doorstep.domain.lifecycles.route import BOOKED, OUT
from doorstep.foundation import UpstreamError
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import routes

HEARD_S = 3_600
"""Vehicles not heard of for so long are not on the map."""
TICK_S = 1.0
RECHECK_S = 5.0
LIFETIME_S = 900.0
"""A stream ends after so long; browsers come back by themselves."""
MOST = 4_000
"""More cannot watch at once from one process: their maps ask every few seconds."""


@dataclass(frozen=True, slots=True)
class Vehicle:
    """Where a device is that rides along, and how it looks on a map."""

    device_id: str
    name: str
    route_id: str
    state: str
    lon: float
    lat: float
    bearing: int

    @property
    def looks(self) -> tuple[str, str, str]:
        """What seldom changes."""
        return self.name, self.route_id, self.state

    def feature(self, n: int) -> dict[str, object]:
        """Return it for a map, with a number of its own."""
        return {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [self.lon, self.lat]},
            "properties": {"n": n, "route": self.route_id, "mode": "own_fleet", "bearing": self.bearing,
                           "state": self.state, "label": self.name},
        }  # fmt: skip


def vehicles_of(connection: Connection, at: Look) -> list[Vehicle]:
    """Return the vehicles heard of lately that ride on routes of sites that this person sees, or on none."""
    found = current_positions(connection, at.tenant_id, since=at.platform.clock.now() - HEARD_S)
    of = routes.c
    query = select(of.route_id, of.site_id).where(of.tenant_id == at.tenant_id, of.state.in_((*BOOKED, *OUT)))
    running = {row.route_id: row.site_id for row in connection.execute(query)}
    return [
        Vehicle(one.device_id, one.name, one.route_id, "on_time" if one.route_id in running else "done",
                *one.place.coordinates, one.course_deg or 0)
        for one in found
        if at.sees(running.get(one.route_id, ""))
    ]  # fmt: skip


@dataclass(slots=True)
class Scene:
    """What a group of watchers sees of the same vehicles.

    A vehicle has a number ``n`` for as long as the scene lasts. A frame tells vehicles that are new or look different,
    where the others moved (number, longitude, latitude, bearing), and the numbers of those that are gone.

    Parameters
    ----------
    find
        Looks up the vehicles as they are now.
    """

    find: Callable[[], Awaitable[Sequence[Vehicle]]]
    watchers: int = 0
    tick: int = 0
    news: bytes = b""
    _whole: bytes = b""
    _numbers: dict[str, int] = field(default_factory=dict)
    _shown: dict[int, Vehicle] = field(default_factory=dict)
    _turned: asyncio.Event = field(default_factory=asyncio.Event)
    _running: "asyncio.Task[None] | None" = None

    @property
    def whole(self) -> bytes:
        """The frame that tells everything."""
        if not self._whole:
            features = [vehicle.feature(n) for n, vehicle in self._shown.items()]
            self._whole = _frame({"whole": True, "tick": self.tick, "features": features})
        return self._whole

    async def turn(self) -> None:
        """Look vehicles up, and tell watchers what has changed."""
        found = {self._number(vehicle.device_id): vehicle for vehicle in await self.find()}
        moves, changed = [], []
        for n, vehicle in found.items():
            before = self._shown.get(n)
            if before is None or before.looks != vehicle.looks:
                changed.append(vehicle.feature(n))
            elif before != vehicle:
                moves.append([n, vehicle.lon, vehicle.lat, vehicle.bearing])
        gone = [n for n in self._shown if n not in found]
        self.tick += 1
        self.news = _frame({"tick": self.tick, "moves": moves, "features": changed, "gone": gone})
        self._shown, self._whole = found, b""
        turned, self._turned = self._turned, asyncio.Event()
        turned.set()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look vehicles up for as long as the context of anybody lasts."""
        self.watchers += 1
        if self._running is None or self._running.done():
            self._turned = asyncio.Event()  # one that is set already would let nobody wait
            self._running = asyncio.create_task(self._run())
        try:
            yield
        finally:
            self.watchers -= 1
            if not self.watchers:
                self._running.cancel()
                self._running = None

    async def frames(self) -> AsyncIterator[bytes]:
        """Yield everything, then what has changed since; who could not keep up is told everything again."""
        seen = 0
        while self._running is not None and not self._running.done():
            if seen == self.tick:
                await self._turned.wait()
                continue
            frame = self.news if seen and seen == self.tick - 1 else self.whole
            seen = self.tick
            yield frame

    async def _run(self) -> None:
        due = time.monotonic()
        try:
            while True:
                await self.turn()
                due = max(due + TICK_S, time.monotonic() + TICK_S / 4)
                await asyncio.sleep(due - time.monotonic())
        except (UpstreamError, ProblemError):
            return  # browsers come back
        finally:
            if self._running is asyncio.current_task():  # else others watch by now, with an event of their own
                self._turned.set()

    def _number(self, device_id: str) -> int:
        return self._numbers.setdefault(device_id, len(self._numbers))


class Watching(StreamingResponse):
    """A stream of a scene, which is looked up for as long as it lasts, however it ends."""

    def __init__(self, request: Request, scene: Scene) -> None:
        fields = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(_watched(request, scene), media_type="text/event-stream", headers=fields)
        self._scene = scene

    async def __call__(self, scope: Asked, receive: Receive, send: Send) -> None:
        """Send the stream."""
        with self._scene.watched():
            await super().__call__(scope, receive, send)


async def watch(request: Request) -> Response:
    """Send vehicles as they move (server-sent events)."""
    at = Look(request)
    scenes: dict[Hashable, Scene] = request.app.state.__dict__.setdefault("vehicle_scenes", {})
    if sum(scene.watchers for scene in scenes.values()) >= MOST:
        raise ProblemError("unavailable", "Too many watch vehicles already.")
    for left in [key for key, scene in scenes.items() if not scene.watchers and key != at.scene]:
        del scenes[left]
    if at.scene not in scenes:
        scenes[at.scene] = Scene(lambda: at.read(lambda connection: vehicles_of(connection, at)))
    return Watching(request, scenes[at.scene])


async def _watched(request: Request, scene: Scene) -> AsyncIterator[bytes]:
    """Yield the frames of a scene until its time is over, or its watcher may see it no longer."""
    began = checked = time.monotonic()
    seen = Look(request).scene
    async for frame in scene.frames():
        yield frame
        now = time.monotonic()
        if now - checked >= RECHECK_S:
            checked = now
            if not await request.app.state.visitors.identify(request.scope) or Look(request).scene != seen:
                return
        if now - began >= LIFETIME_S:
            return


def _frame(told: Mapping[str, object]) -> bytes:
    return b"data: %b\n\n" % json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode()
