"""What happened: asked for piece by piece, or listened to."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated

from fastapi import Header, Query
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from doorstep.api.access.guarded import guarded_router
from doorstep.api.conventions.cursors import LONGEST, Place, decode_cursor, encode_cursor
from doorstep.api.desk import Desk, Reading, answer
from doorstep.api.models.events import Event, EventsPage
from doorstep.api.models.fields import AS_WHOLE
from doorstep.api.models.webhooks import EventType
from doorstep.api.problems import ProblemError, documented
from doorstep.foundation import UpstreamError
from doorstep.operations.event_stream import StreamEvent, events_after, latest_event_no

router = guarded_router("events", "/events")
PIECE = 200
STREAM: dict[int | str, dict[str, object]] = {
    200: {"description": "Server-sent events", "content": {"text/event-stream": {"schema": {"type": "string"}}}}
}
Types = Annotated[list[EventType], Query(max_length=100, description="types wanted, such as `order.*`; none: all")]
Cursor = Annotated[str | None, Query(max_length=LONGEST, description="goes on after it; default: from the beginning")]


@dataclass(slots=True, kw_only=True)
class Patience:
    """How streams of events behave [s]: they end after a while, and listeners come back with the last id.

    Each asks after its key every ``recheck_s``. There are at most ``most`` of them, ``most_of_tenant`` for one tenant.
    """

    poll_s: float = 1.0
    heartbeat_s: float = 15.0
    recheck_s: float = 5.0
    lifetime_s: float = 600.0
    most: int = 200
    most_of_tenant: int = 50
    listening: Counter[str] = field(default_factory=Counter)

    @property
    def open(self) -> int:
        """How many listen."""
        return self.listening.total()

    @contextmanager
    def place_of(self, tenant_id: str) -> Iterator[None]:
        """Count a listener for as long as the context lasts.

        Raises
        ------
        ProblemError
            If there is no place left for it.
        """
        if self.listening[tenant_id] >= self.most_of_tenant:
            raise ProblemError(
                "rate_limited",
                f"{self.listening[tenant_id]} listeners of yours are connected already.",
                hint="Maybe listen once and hand the events on.",
            )
        if self.open >= self.most:
            raise ProblemError("unavailable", f"{self.open} listeners are connected already.")
        self.listening[tenant_id] += 1
        try:
            yield
        finally:
            self.listening[tenant_id] -= 1
            if not self.listening[tenant_id]:
                del self.listening[tenant_id]


class Listening(StreamingResponse):
    """A stream that has its place before its answer begins, and gives it back however it ends."""

    def __init__(self, content: AsyncIterator[bytes], patience: Patience, tenant_id: str) -> None:
        super().__init__(content, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})
        self._patience = patience
        self._tenant_id = tenant_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the stream, or raise that there is no place for it."""
        with self._patience.place_of(self._tenant_id):
            await super().__call__(scope, receive, send)


@router.get("", response_model=EventsPage, responses=documented("bad_cursor"))
async def read_events(
    desk: Reading,
    types: Types = [],  # noqa: B006 - FastAPI copies it
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=PIECE), AS_WHOLE] = 100,
) -> Response:
    """List events, the oldest first; `next_cursor` is there also at the end, to ask again later."""
    after = _number(desk, cursor)
    page = await desk.read(lambda connection: events_after(connection, desk.tenant_id, after, types=types, limit=limit))
    shown = EventsPage(items=[_shown(event) for event in page.events], next_cursor=_cursor(desk, page.cursor))
    return answer(200, shown.model_dump_json())


@router.get("/stream", response_class=StreamingResponse, responses=STREAM | documented("bad_cursor"))
async def stream_events(
    desk: Reading,
    types: Types = [],  # noqa: B006
    cursor: Cursor = None,
    last_event_id: Annotated[str | None, Header(max_length=LONGEST, description="goes on after it")] = None,
) -> Response:
    """Send events as they happen (server-sent events), from now on or from where the listener was.

    A line with a colon comes when nothing else does. The stream ends now and then: come back with `Last-Event-ID`.
    A merchant has at most 50 listeners at once.
    """
    known = last_event_id or cursor
    after = _number(desk, known) if known else await desk.read(latest_event_no)
    patience: Patience = desk.request.app.state.patience
    return Listening(_stream(desk, after, types, patience), patience, desk.tenant_id)


async def _stream(desk: Desk, after: int, types: list[str], patience: Patience) -> AsyncIterator[bytes]:
    """Yield frames until the stream has lived long enough, the key ends or the database is away."""
    began = spoke = checked = time.monotonic()
    try:
        yield b"retry: 2000\n\n"
        while True:
            news = partial(events_after, tenant_id=desk.tenant_id, cursor=after, types=types, limit=PIECE)
            page = await desk.read(news)
            after = page.cursor
            for event in page.events:
                yield _frame(desk, event)
            now = time.monotonic()
            spoke = now if page.events else spoke
            if now - checked >= patience.recheck_s:
                if not await desk.request.app.state.visitors.identify(desk.request.scope):
                    return
                checked = now
            if now - began >= patience.lifetime_s:
                return
            if now - spoke >= patience.heartbeat_s:
                yield b": nothing new\n\n"
                spoke = now
            if len(page.events) < PIECE:
                await asyncio.sleep(patience.poll_s)
    except (UpstreamError, ProblemError):
        return


def _frame(desk: Desk, event: StreamEvent) -> bytes:
    data = _shown(event).model_dump_json()
    return f"id: {_cursor(desk, event.event_no)}\nevent: {event.type}\ndata: {data}\n\n".encode()


def _number(desk: Desk, cursor: str | None) -> int:
    """Return the number of the last event seen, 0 at the start."""
    return int(decode_cursor(cursor, listing=_listing(desk)).row_id) if cursor else 0


def _cursor(desk: Desk, number: int) -> str:
    return encode_cursor(Place(created_at=0, row_id=str(number)), listing=_listing(desk))


def _listing(desk: Desk) -> str:
    return f"events of {desk.tenant_id}"


def _shown(event: StreamEvent) -> Event:
    return Event(
        id=event.event_id,
        type=event.type,
        timestamp=event.at,
        kind=event.kind,
        object_id=event.object_id,
        sequence=event.sequence,
        data=json.loads(json.dumps(event.data)),
    )
