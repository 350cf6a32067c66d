"""How people come in: by a password here, or by the identity that a provider has shown."""

from collections.abc import Callable
from typing import TypeVar

import structlog
from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from doorstep.api.access.attempts import Attempts
from doorstep.api.dependencies import Platform
from doorstep.api.desk import committed
from doorstep.api.problems import ProblemError
from doorstep.api.reading import reading
from doorstep.connectors.oidc import Identity
from doorstep.foundation import UpstreamError
from doorstep.operations.access import Shown, close_session, open_session
from doorstep.operations.passwords import is_password_of
from doorstep.operations.people import Login, find_login, note_failed_login, person_of_identity
from doorstep.storage import Connection

T = TypeVar("T")
MOST_FOR_ONE = 10
"""Failures for one person from one address within a quarter of an hour."""
MOST_FROM_ADDRESS = 100
"""Failures from one address, whoever they are for."""
AT_ONCE = 2
"""Passwords that are stretched at the same time: logins must not keep all cores busy."""

log = structlog.get_logger("doorstep.api")


class Logins:
    """Lets people in, and makes those who guess wait.

    Parameters
    ----------
    seconds
        A clock that never steps back.
    """

    def __init__(self, platform: Platform, *, seconds: Callable[[], float]) -> None:
        self._platform = platform
        self._attempts = Attempts(seconds)
        self._cores = CapacityLimiter(AT_ONCE)

    async def stretch(self, work: Callable[[], T]) -> T:
        """Return what becomes of a password, in one of a few threads."""
        return await run_sync(work, limiter=self._cores)

    async def by_password(
        self, email: str, password: str, *, tenant_id: str | None, address: str, instead_of: str
    ) -> Shown:
        """Open a session for whom an address and password belong to.

        Parameters
        ----------
        address
            Network address of the browser.
        instead_of
            Secret of the browser's session so far, which ends; empty if it has none.

        Raises
        ------
        ProblemError
            ``login_refused``, with the same words and after the same time whatever was wrong; ``rate_limited``.
        """
        names = self._begin(email, address)
        found = await run_sync(reading, self._platform, lambda connection: find_login(connection, email, tenant_id))
        right = await self.stretch(lambda: is_password_of(found.password_hash if found else None, password))
        if found is None or found.disabled or not right:
            if found is not None:
                self._note(found, "wrong password" if not right else "disabled")
            raise refused()

        def open_if_still(connection: Connection) -> Shown | None:
            if find_login(connection, email, tenant_id) != found:  # changed while its password was checked
                return None
            return self._open(connection, found.person_id, instead_of, "password")

        shown = await committed(self._platform.writer.call(open_if_still))
        if shown is None:
            raise refused()
        self._succeed(names)
        return shown

    async def by_identity(self, identity: Identity, *, tenant_id: str | None, instead_of: str) -> Shown:
        """Open a session for the person behind an identity; raises ``login_refused`` if there is none."""
        now = self._platform.clock.now()

        def open_if_known(connection: Connection) -> Shown | None:
            person_id = person_of_identity(
                connection, issuer=identity.issuer, subject=identity.subject, now=now, tenant_id=tenant_id,
                verified_email=identity.email if identity.email_verified else "",
            )  # fmt: skip
            return None if person_id is None else self._open(connection, person_id, instead_of, identity.issuer)

        shown = await committed(self._platform.writer.call(open_if_known))
        if shown is None:
            raise refused(hint="Maybe nobody has invited you under the e-mail address that your provider has verified.")
        return shown

    async def confirm(self, login: Login, password: str, *, address: str) -> None:
        """Go on if this is the password of somebody who is in; raises ``login_refused`` or ``rate_limited``."""
        names = self._begin(login.person_id, address)
        if not await self.stretch(lambda: is_password_of(login.password_hash, password)):
            self._note(login, "wrong password")
            raise refused()
        self._succeed(names)

    def _begin(self, who: str, address: str) -> tuple[str, str]:
        names = f"{address} {who.lower()}", address
        wait_s = self._attempts.begin(dict(zip(names, (MOST_FOR_ONE, MOST_FROM_ADDRESS), strict=True)))
        if wait_s:
            raise ProblemError(
                "rate_limited", "Too many logins have failed.", headers={"Retry-After": str(wait_s)},
                hint="Maybe somebody is guessing; an administrator can give a new password meanwhile.",
            )  # fmt: skip
        return names

    def _succeed(self, names: tuple[str, str]) -> None:
        self._attempts.forget(names[0])
        self._attempts.take_back(names[1])

    def _open(self, connection: Connection, person_id: str, instead_of: str, reason: str) -> Shown:
        now = self._platform.clock.now()
        if instead_of:
            close_session(connection, instead_of, now=now)
        hours = self._platform.settings.session_hours
        return open_session(connection, person_id, now=now, hours=hours, reason=reason)

    def _note(self, login: Login, reason: str) -> None:
        """Hand the writer who was tried; nobody waits for it, so that an answer takes as long for who is not known."""
        now = self._platform.clock.now()
        try:
            self._platform.writer.call(lambda c: note_failed_login(c, login, now=now, reason=reason))
        except UpstreamError as fault:
            log.error("a failed login could not be noted", exc_info=fault)


def refused(*, hint: str = "Maybe name the tenant_id, if several know your address.") -> ProblemError:
    """Return the one problem of all logins that fail."""
    return ProblemError("login_refused", "This login is not valid.", hint=hint)
