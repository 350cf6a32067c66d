"""Requests as they go over the wire: authenticated, sent again when that is safe, refused with the server's reasons."""

import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self
from urllib.parse import quote

import httpx2

TRIES = 5
LONGEST_WAIT_S = 30.0
AGAIN = (429, 502, 503, 504)


class ApiError(Exception):
    """The server refused a request.

    ``status`` is HTTP's, ``code`` the stable code of the problem, ``errors`` the faults with their JSON pointers, and
    ``problem`` the whole document (RFC 9457).
    """

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.problem = dict(problem)
        self.code = str(problem.get("code", ""))
        self.errors: list[dict[str, Any]] = list(problem.get("errors", []))
        super().__init__(f"{status} {self.code}: {problem.get('detail', '')}")


class Transport:
    """An open connection to one server with one API key; threads may share it.

    Parameters
    ----------
    base_url
        Where the server is, for example ``http://127.0.0.1:8000``.
    key
        The API key.
    http
        A client of one's own, for example with a proxy; it is closed by whoever made it.
    """

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        timeout_s: float = 30.0,
        http: httpx2.Client | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._own = http is None
        self._http = http or httpx2.Client(timeout=timeout_s)
        self._base, self._sleep = base_url.rstrip("/"), sleep
        self._headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        if self._own:
            self._http.close()

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        json: object = None,
        content: bytes | None = None,
        content_type: str | None = None,
        key: str | None = None,
        if_match: int | None = None,
    ) -> httpx2.Response:
        """Send a request and return the answer.

        A lost connection, a busy or a waiting server lead to the same request once more, up to five times; the key of
        the request makes that safe.

        Raises
        ------
        ApiError
            If the server refuses.
        httpx2.TransportError
            If it cannot be reached.
        """
        headers = dict(self._headers)
        if method in ("POST", "PATCH"):
            headers["Idempotency-Key"] = key or uuid.uuid4().hex
        if if_match is not None:
            headers["If-Match"] = f'"{if_match}"'
        if content_type:
            headers["Content-Type"] = content_type
        asked = {name: _text(value) for name, value in (query or {}).items() if value is not None}
        for tried in range(1, TRIES + 1):
            try:
                answer = self._http.request(
                    method, self._base + path, params=asked, json=json, content=content, headers=headers
                )
            except httpx2.TransportError:
                if tried == TRIES:
                    raise
                self._sleep(min(0.1 * 2**tried, LONGEST_WAIT_S))
                continue
            if answer.status_code in AGAIN and tried < TRIES:
                self._sleep(_wait_s(answer, tried))
                continue
            if answer.is_success:
                return answer
            raise ApiError(answer.status_code, _problem(answer))
        raise AssertionError("unreachable")

    def stream(self, path: str, *, query: Mapping[str, object], last: str | None) -> Iterator[tuple[str, Any]]:
        """Yield the id and the data of each server-sent event until the server ends the stream."""
        headers = {**self._headers, "Accept": "text/event-stream"} | ({"Last-Event-ID": last} if last else {})
        asked = {name: _text(value) for name, value in query.items() if value is not None}
        with self._http.stream("GET", self._base + path, params=asked, headers=headers, timeout=None) as answer:
            if not answer.is_success:
                answer.read()
                raise ApiError(answer.status_code, _problem(answer))
            name, words = "", list[str]()
            for line in answer.iter_lines():
                field, _, value = line.partition(":")
                if field == "id":
                    name = value.strip()
                elif field == "data":
                    words.append(value.removeprefix(" "))
                elif not line and words:
                    yield name, json.loads("\n".join(words))
                    words = []


def part(value: str) -> str:
    """Return a value as one part of a path."""
    return quote(value, safe="")


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _wait_s(answer: httpx2.Response, tried: int) -> float:
    after = answer.headers.get("Retry-After", "")
    return min(float(after) if after.isdigit() else 0.1 * 2**tried, LONGEST_WAIT_S)


def _problem(answer: httpx2.Response) -> Mapping[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"detail": answer.text[:500]}
