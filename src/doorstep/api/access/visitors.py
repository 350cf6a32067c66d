"""Who shows an API key or a session, looked up once and remembered for some seconds."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import Scope

from doorstep.api.access.cookies import SESSION, cookie_in
from doorstep.api.dependencies import Platform
from doorstep.api.middleware.headers import header
from doorstep.api.problems import ProblemError
from doorstep.api.reading import currency_of, reading
from doorstep.foundation import UpstreamError
from doorstep.operations.access import Holder, find_key, find_session, note_use
from doorstep.storage import Connection

REMEMBERED_S = 5.0
"""A key that was revoked elsewhere is good for so long at most."""
MOST_REMEMBERED = 10_000
NOTED_EVERY_S = 60
LONGEST = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who asks: the holder of a key or a session, and the currency of the tenant's amounts."""

    holder: Holder
    currency: str

    @property
    def has_session(self) -> bool:
        """Whether it is a person with a browser, whose unsafe requests need the CSRF word."""
        return bool(self.holder.csrf_hash)


class Visitors:
    """Finds out who asks; what the database said is remembered for some seconds, also that it knows nobody.

    Parameters
    ----------
    seconds
        A clock that never steps back.
    """

    def __init__(
        self,
        platform: Platform,
        *,
        seconds: Callable[[], float] = time.monotonic,
        remembered_s: float = REMEMBERED_S,
        most: int = MOST_REMEMBERED,
    ) -> None:
        self._platform = platform
        self._seconds = seconds
        self._remembered_s = remembered_s
        self._most = most
        self._known: OrderedDict[tuple[str, str], tuple[Visitor | None, float]] = OrderedDict()
        self._used: dict[str, int] = {}
        self._noted_at = platform.clock.now()

    async def identify(self, scope: Scope) -> str:
        """Return the id of who asks, empty if nobody; endpoints find the ``Visitor`` in the state of the request."""
        shown = _shown(scope)
        if shown is None:
            return ""
        visitor, until = self._known.get(shown, (None, 0.0))
        if until <= self._seconds():
            visitor = await self._look_up(shown)
        if visitor is None:
            return ""
        scope["state"]["visitor"] = visitor
        if shown[0] == "key":
            self._used[visitor.holder.name] = self._platform.clock.now()
        return visitor.holder.name

    def forget(self) -> None:
        """Ask the database again about everybody: a key was just revoked, or a session ended."""
        self._known.clear()

    async def _look_up(self, shown: tuple[str, str]) -> Visitor | None:
        now = self._platform.clock.now()
        try:
            visitor = await asyncio.to_thread(reading, self._platform, lambda connection: _find(connection, shown, now))
        except UpstreamError as error:
            raise ProblemError("unavailable", "The database does not answer.") from error
        self._known[shown] = (visitor, self._seconds() + self._remembered_s)
        self._known.move_to_end(shown)
        if len(self._known) > self._most:
            self._known.popitem(last=False)
        self._note(now)
        return visitor

    def _note(self, now: int) -> None:
        """Hand the writer when keys were last used, now and then; nobody waits for it."""
        if now - self._noted_at < NOTED_EVERY_S or not self._used:
            return
        used, self._used, self._noted_at = self._used, {}, now
        try:
            self._platform.writer.call(lambda connection: note_use(connection, used))
        except UpstreamError:
            self._used = used | self._used


def _find(connection: Connection, shown: tuple[str, str], now: int) -> Visitor | None:
    kind, secret = shown
    holder = (find_key if kind == "key" else find_session)(connection, secret, now=now)
    return None if holder is None else Visitor(holder=holder, currency=currency_of(connection, holder.tenant_id))


def _shown(scope: Scope) -> tuple[str, str] | None:
    """Return which kind of secret a request shows, and the secret."""
    words = header(scope, b"authorization").split()
    if len(words) == 2 and words[0].lower() == "bearer" and len(words[1]) <= LONGEST:
        return "key", words[1]
    if words:
        return None
    secret = cookie_in(scope, SESSION)
    return ("session", secret) if 0 < len(secret) <= LONGEST else None
