"""Login by an identity provider: a browser is sent there, and the one that was sent is let back in."""

import hashlib
import hmac
import re
from collections.abc import Callable
from threading import Lock
from typing import TypeVar

from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from doorstep.api.access.logins import refused
from doorstep.api.dependencies import Platform
from doorstep.api.problems import ProblemError
from doorstep.connectors.oidc import Client, Identity, Provider
from doorstep.foundation import InputError, UpstreamError

T = TypeVar("T")
CALLBACK = "/v1/auth/oidc/callback"
LOCAL_PATH = r"^/([A-Za-z0-9_~.?=&%+:@-]+(/[A-Za-z0-9_~.?=&%+:@-]+)*/?)?$"
"""Where a login may end: a path of this host, never ``//elsewhere``."""
LONGEST_PATH = 500
LASTS_S = 600
AT_ONCE = 4
AGAIN_AFTER_S = 5.0
_AGAIN = "Maybe begin once more, under the address of the setting public_url, and within ten minutes."
_KEPT = re.compile(r"([0-9A-Z]{32})\.([0-9A-Za-z_]{0,46})\.(.*)")


class OpenId:
    """Logins by the provider of the settings, which is asked for its description once, when it is needed first.

    The browser keeps one secret of a login in a cookie. State, nonce and PKCE verifier are hashes of it, so that only
    this browser can end the login that it began, and no process needs to remember it.

    Parameters
    ----------
    seconds
        A clock that never steps back.
    """

    def __init__(self, platform: Platform, *, seconds: Callable[[], float]) -> None:
        self._platform = platform
        self._seconds = seconds
        self._threads = CapacityLimiter(AT_ONCE)
        self._lock = Lock()
        self._provider: Provider | None = None
        self._away_until = 0.0

    async def begin(self, to: str, tenant_id: str | None) -> tuple[str, str]:
        """Return where the browser is sent, and what it keeps meanwhile.

        Parameters
        ----------
        to
            The local path to show after the login.

        Raises
        ------
        ProblemError
            ``not_configured`` if the settings name no provider.
        UpstreamError
            If it cannot be used.
        """
        self._check_configured()
        secret = self._platform.database.ids.secret()

        def address() -> str:
            return self._found().authorization_url(
                state=_derived(secret, "state"),
                nonce=_derived(secret, "nonce"),
                verifier=_derived(secret, "verifier"),
                redirect_uri=self._redirect_uri,
            )

        return await self._asked(address), f"{secret}.{tenant_id or ''}.{to}"

    async def end(self, kept: str, state: str, code: str) -> tuple[Identity, str | None, str]:
        """Return who came back, the tenant that was asked for, and the local path to show.

        Parameters
        ----------
        kept
            What the browser kept; empty if it has nothing.

        Raises
        ------
        ProblemError
            ``login_refused`` if this browser did not begin this login, or the provider refuses it; ``not_configured``.
        UpstreamError
            If the provider cannot be used.
        """
        self._check_configured()
        parts = _KEPT.fullmatch(kept)
        if parts is None or not code or not re.fullmatch(LOCAL_PATH, parts[3]):
            raise refused(hint=_AGAIN)
        secret, now = parts[1], self._platform.clock.now()
        if not hmac.compare_digest(_derived(secret, "state").encode(), state.encode()):
            raise refused(hint=_AGAIN)

        def identity() -> Identity:
            return self._found().exchange(
                code,
                verifier=_derived(secret, "verifier"),
                redirect_uri=self._redirect_uri,
                nonce=_derived(secret, "nonce"),
                now=now,
            )

        try:
            return await self._asked(identity), parts[2] or None, parts[3]
        except InputError as error:
            raise refused(hint=_AGAIN) from error

    def close(self) -> None:
        """Close the connections to the provider."""
        with self._lock:
            if self._provider is not None:
                self._provider.close()
                self._provider = None

    @property
    def _redirect_uri(self) -> str:
        return self._platform.settings.public_url + CALLBACK

    def _check_configured(self) -> None:
        if not self._platform.settings.oidc_issuer:
            raise ProblemError("not_configured", "This server has no identity provider: oidc_issuer is not set.")

    async def _asked(self, work: Callable[[], T]) -> T:
        return await run_sync(work, limiter=self._threads)

    def _found(self) -> Provider:
        """Return the provider; while it is away, it is asked once in some seconds."""
        with self._lock:
            if self._provider is None:
                if self._seconds() < self._away_until:
                    raise UpstreamError("the identity provider did not answer a moment ago.")
                try:
                    self._provider = self._discovered()
                except UpstreamError:
                    self._away_until = self._seconds() + AGAIN_AFTER_S
                    raise
            return self._provider

    def _discovered(self) -> Provider:
        settings = self._platform.settings
        return Provider.discover(
            settings.oidc_issuer,
            client=Client(
                client_id=settings.oidc_client_id,
                client_secret=settings.oidc_client_secret.get_secret_value(),
                allow_loopback=settings.oidc_issuer.startswith("http://"),  # for trials: a provider on this machine
            ),
        )


def _derived(secret: str, purpose: str) -> str:
    """Return 64 letters that tell nothing of the secret, nor of what is derived for another purpose."""
    return hashlib.sha256(f"{purpose} {secret}".encode()).hexdigest()
