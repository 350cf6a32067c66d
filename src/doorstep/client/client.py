"""The client: every endpoint, all pages of a list, and the stream of events."""

from collections.abc import Callable, Iterator
from typing import Any

from doorstep.client import types as t
from doorstep.client.endpoints import Endpoints


class Client(Endpoints):
    """A connection to one doorstep server with one API key; close it, or use it in a ``with`` block."""

    def pages(self, read: Callable[..., Any], **asked: Any) -> Iterator[Any]:  # noqa: ANN401 - whatever the list holds
        """Yield all items of a list, page by page: ``client.pages(client.read_orders, state="placed")``."""
        cursor: str | None = None
        while True:
            page = read(**asked, cursor=cursor)
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def stream_events(self, *, types: str | None = None, last_event_id: str | None = None) -> Iterator[t.Event]:
        """Yield events as they happen; after a break go on with the ``id`` of the last one seen."""
        for _, event in self.stream("/v1/events/stream", query={"types": types}, last=last_event_id):
            yield event
