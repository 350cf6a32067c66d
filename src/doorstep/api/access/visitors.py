"""Who shows an API key or a session, looked up once and remembered for some seconds."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from starlette.types import Scope

from doorstep.api.access.cookies import SESSION, cookie_in
from doorstep.api.dependencies import Platform
from doorstep.api.middleware.headers import header
from doorstep.api.problems import ProblemError
from doorstep.api.reading import currency_of, reading
from doorstep.foundation import UpstreamError
from doorstep.operations.access import KEY_FORM, SESSION_FORM, Holder, find_key, find_session, note_use, offer_secret
from doorstep.storage import Connection

REMEMBERED_S = 5.0
"""A key that was revoked elsewhere is good for so long at most."""
MOST_REMEMBERED = 10_000
LOOKUPS_AT_ONCE = 4
NOTED_EVERY_S = 60
T = TypeVar("T")
Secret = tuple[str, str]
"""Key or session, and the secret itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who asks: the holder of a key or a session, the currency of the tenant's amounts, and what signs its options."""

    holder: Holder
    currency: str
    offer_secret: str = field(default="", repr=False)

    @property
    def has_session(self) -> bool:
        """Whether it is a person with a browser, whose unsafe requests need the CSRF word."""
        return bool(self.holder.csrf_hash)


class Visitors:
    """Finds out who asks; what the database said is remembered for some seconds, also that it knows nobody.

    Secrets that were refused are remembered apart: who guesses pushes nobody out.

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
        self._known: OrderedDict[Secret, tuple[Visitor, float]] = OrderedDict()
        self._refused: OrderedDict[Secret, float] = OrderedDict()
        self._asked: dict[Secret, Future[Visitor | None]] = {}
        self._threads = ThreadPoolExecutor(LOOKUPS_AT_ONCE, "visitors")
        self._used: dict[str, int] = {}
        self._noted_at = platform.clock.now()

    async def identify(self, scope: Scope, admit: Callable[[], None] = lambda: None) -> str:
        """Return the id of who asks, empty if nobody; endpoints find the ``Visitor`` in the state of the request.

        Parameters
        ----------
        admit
            Called before the database is asked about a secret that was not good a while ago: raises if it shall not be.
        """
        shown = _shown(scope)
        visitor = await self._find(shown, admit) if shown else None
        if shown is None or visitor is None:
            return ""
        scope["state"]["visitor"] = visitor
        if shown[0] == "key":
            self._used[visitor.holder.name] = self._platform.clock.now()
        return visitor.holder.name

    def forget(self) -> None:
        """Ask the database again about everybody: a key was just revoked, or a session ended."""
        self._known = OrderedDict((shown, (visitor, 0.0)) for shown, (visitor, _) in self._known.items())
        self._asked.clear()

    async def _find(self, shown: Secret, admit: Callable[[], None]) -> Visitor | None:
        """Return whose secret this is as far as is remembered, else ask."""
        visitor, until = self._known.get(shown, (None, 0.0))
        if visitor and until > self._seconds():
            return visitor
        future = self._asked.get(shown)
        if future is None or future.done():  # else somebody else asks about it just now
            if visitor is None and self._refused.get(shown, 0.0) > self._seconds():
                return None
            if visitor is None:
                admit()
            future = self._asked[shown] = self._threads.submit(self._look_up, shown)
        try:
            found = await asyncio.shield(asyncio.wrap_future(future))
        except UpstreamError as error:
            raise ProblemError("unavailable", "The database does not answer.") from error
        if self._asked.get(shown) is future:  # nobody else has noted it, and nothing was forgotten meanwhile
            del self._asked[shown]
            self._remember(shown, found)
        return found

    def _look_up(self, shown: Secret) -> Visitor | None:
        now = self._platform.clock.now()
        return reading(self._platform, lambda connection: _of_secret(connection, shown, now))

    def _remember(self, shown: Secret, visitor: Visitor | None) -> None:
        until = self._seconds() + self._remembered_s
        if visitor is None:
            self._known.pop(shown, None)
            _put(self._refused, shown, until, self._most)
        else:
            _put(self._known, shown, (visitor, until), self._most)
        self._note(self._platform.clock.now())

    def _note(self, now: int) -> None:
        """Hand the writer when keys were last used, now and then; nobody waits for it."""
        if now - self._noted_at < NOTED_EVERY_S or not self._used:
            return
        used, self._used, self._noted_at = self._used, {}, now
        try:
            self._platform.writer.call(lambda connection: note_use(connection, used))
        except UpstreamError:
            self._used = used | self._used


def _put(memory: OrderedDict[Secret, T], shown: Secret, what: T, most: int) -> None:
    memory[shown] = what
    memory.move_to_end(shown)
    if len(memory) > most:
        memory.popitem(last=False)


def _of_secret(connection: Connection, shown: Secret, now: int) -> Visitor | None:
    kind, secret = shown
    holder = (find_key if kind == "key" else find_session)(connection, secret, now=now)
    if holder is None:
        return None
    return Visitor(
        holder=holder,
        currency=currency_of(connection, holder.tenant_id),
        offer_secret=offer_secret(connection, holder.tenant_id),
    )


def _shown(scope: Scope) -> Secret | None:
    """Return which kind of secret a request shows, and the secret; None for what cannot be one of ours."""
    words = header(scope, b"authorization").split()
    if len(words) == 2 and words[0].lower() == "bearer" and KEY_FORM.fullmatch(words[1]):
        return "key", words[1]
    if words:
        return None
    secret = cookie_in(scope, SESSION)
    return ("session", secret) if SESSION_FORM.fullmatch(secret) else None
