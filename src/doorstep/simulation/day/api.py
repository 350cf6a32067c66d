"""The platform as everybody in the day reaches it: by HTTP, with one key for all of them."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx2

Json = dict[str, Any]
"""An object of a request or an answer."""
PIECE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the server said; status 0 if it could not be reached."""

    status: int
    body: Json

    @property
    def ok(self) -> bool:
        """Whether it did what was asked."""
        return 200 <= self.status < 300


class Api:
    """A client that takes no for an answer; ``requests`` counts what was asked, ``refused`` problems by code.

    Parameters
    ----------
    http
        Knows the server's address.
    key
        An API key for everything.
    """

    def __init__(self, http: httpx2.Client, key: str) -> None:
        self._http, self._key = http, {"Authorization": f"Bearer {key}"}
        self._cursor: str | None = None
        self.requests = 0
        self.refused = Counter[str]()

    def ask(self, method: str, path: str, body: Json | None = None, **query: object) -> Answer:
        """Return the answer to a request; what is None in its query is left away."""
        return self._send(method, path, body, query, self._key)

    def tell(self, path: str, body: Json, token: str = "") -> Answer:
        """Return the answer to what a phone tells, with its token as the password."""
        request = httpx2.BasicAuth("phone", token) if token else None
        return self._send("POST", path, body, {}, {}, request)

    def pages(self, path: str, **query: object) -> Iterator[Json]:
        """Yield all items of a list."""
        cursor: str | None = None
        while True:
            page = self.ask("GET", path, None, limit=PIECE, cursor=cursor, **query).body
            yield from page.get("items", [])
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    def news(self) -> Iterator[Json]:
        """Yield the events since the last time, the oldest first."""
        while True:
            page = self.ask("GET", "/v1/events", limit=PIECE, cursor=self._cursor).body
            found = page.get("items", [])
            self._cursor = page.get("next_cursor", self._cursor)
            yield from found
            if len(found) < PIECE:
                return

    def _send(
        self,
        method: str,
        path: str,
        body: Json | None,
        query: Mapping[str, object],
        headers: Mapping[str, str],
        auth: httpx2.Auth | None = None,
    ) -> Answer:
        self.requests += 1
        asked = {name: str(value) for name, value in query.items() if value is not None}
        try:
            answer = self._http.request(method, path, json=body, params=asked, headers=headers, auth=auth)
        except httpx2.TransportError:
            self.refused["unreachable"] += 1
            return Answer(status=0, body={})
        try:
            found = answer.json() if answer.content else {}
        except ValueError:
            found = {}
        told = Answer(status=answer.status_code, body=found if isinstance(found, dict) else {"items": found})
        if not told.ok:
            self.refused[str(told.body.get("code", answer.status_code))] += 1
        return told
