"""One attempt to send a webhook: to the address that was checked, once, within a limit of time and of bytes.

Plain ``http.client`` and ``ssl``: the connection is opened by us, so the checked address is the one that is called,
while Host, SNI and certificate are those of the name. It knows neither proxies nor redirects, and neither is wanted.
"""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

from doorstep import __version__
from doorstep.connectors.webhooks.guard import Resolver, Target, resolve_public, system_addresses
from doorstep.foundation import DoorstepError

TIMEOUT_S = 15.0
MOST_ANSWER_BYTES = 64 * 1_024
NO_ANSWER = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What came of one attempt.

    ``status`` is 0 when no answer came; ``error`` is empty after a 2xx answer and says what was wrong otherwise.
    """

    status: int
    retry_after_s: int | None
    error: str
    elapsed_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Sends webhooks over the network.

    Parameters
    ----------
    allow_loopback
        See ``resolve_public``.
    resolver
        See ``resolve_public``.
    tls
        Whose certificates are trusted; by default those that the system trusts.
    """

    allow_loopback: bool = False
    resolver: Resolver = system_addresses
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)

    def send(self, url: str, headers: Mapping[str, str], body: bytes, *, timeout_s: float = TIMEOUT_S) -> Sent:
        """Return what came of one POST; whatever the network does is an outcome, never an error raised.

        Any answer that is not 2xx failed, a redirect too. Of the answer's body no more than 64 kB are read, and nothing
        is kept. ``timeout_s`` holds for the whole attempt once the name is resolved, however slowly the answer drips.
        """
        started = time.monotonic_ns()

        def outcome(*, status: int = NO_ANSWER, retry_after_s: int | None = None, error: str = "") -> Sent:
            elapsed_ms = (time.monotonic_ns() - started) // 1_000_000
            return Sent(status=status, retry_after_s=retry_after_s, error=error, elapsed_ms=elapsed_ms)

        try:
            target = resolve_public(url, allow_loopback=self.allow_loopback, resolver=self.resolver)
        except DoorstepError as refused:
            return outcome(error=refused.message)
        connection = PinnedConnection(target, tls=self.tls, timeout_s=timeout_s)
        try:
            with connection.limited():
                status, retry_after_s = _exchange(connection, target.path, headers, body)
        except (OSError, http.client.HTTPException, ValueError) as fault:
            late = connection.expired or isinstance(fault, TimeoutError)
            return outcome(error=f"no answer within {timeout_s:g} s" if late else _told(fault))
        finally:
            connection.close()
        return outcome(status=status, retry_after_s=retry_after_s, error=_judged(status))


class PinnedConnection(http.client.HTTPConnection):
    """A connection to a target's checked address that speaks to its host, and ends at a fixed moment."""

    def __init__(self, target: Target, *, tls: ssl.SSLContext, timeout_s: float) -> None:
        self.default_port = 443 if target.secure else 80  # then the Host header leaves the port out
        super().__init__(target.host, target.port, timeout=timeout_s)
        self.expired = False
        self._target = target
        self._tls = tls
        self._watch = threading.Timer(timeout_s, self._cut)
        self._watch.daemon = True
        self._wire: socket.socket | None = None

    def connect(self) -> None:
        """Connect to the address, and for https prove that the host is there."""
        wire = socket.create_connection((self._target.address, self._target.port), self.timeout)
        if self._target.secure:
            # The handshake waits until the watch knows this socket: it may be what takes too long.
            wire = self._tls.wrap_socket(wire, server_hostname=self._target.host, do_handshake_on_connect=False)
        self.sock = self._wire = wire
        self.check_time()
        if isinstance(wire, ssl.SSLSocket):
            wire.do_handshake()

    def check_time(self) -> None:
        """Raise TimeoutError when the time is over: a cut looks like an end of what the receiver had to say."""
        if self.expired:
            raise TimeoutError

    @contextmanager
    def limited(self) -> Iterator[None]:
        """Return the context within which the limit of time runs."""
        self._watch.start()
        try:
            yield
        finally:
            self._watch.cancel()

    def _cut(self) -> None:
        """End all reading and writing: the timeout of a socket alone starts anew with every byte."""
        self.expired = True
        if self._wire is not None:
            with suppress(OSError):  # it may have ended by itself meanwhile
                socket.socket.shutdown(self._wire, socket.SHUT_RDWR)


def _exchange(
    connection: PinnedConnection, path: str, headers: Mapping[str, str], body: bytes
) -> tuple[int, int | None]:
    """Return status and Retry-After of the answer; once they are there, what becomes of its body does not matter."""
    ours = {
        "Content-Type": "application/json",
        "User-Agent": f"doorstep/{__version__}",
        "Connection": "close",
    }
    connection.request("POST", path, body=body, headers=ours | dict(headers))
    with connection.getresponse() as answer:
        connection.check_time()
        with suppress(OSError, http.client.HTTPException):
            answer.read(MOST_ANSWER_BYTES)  # so that the receiver can end in peace
        return answer.status, _retry_after_s(answer)


def _retry_after_s(answer: http.client.HTTPResponse) -> int | None:
    """Return the seconds to wait, given as a number or as a date beside the answer's own; None where not said."""
    said = (answer.getheader("Retry-After") or "").strip()
    if said.isascii() and said.isdigit():
        return int(said[:9])
    try:
        at, now = (parsedate_to_datetime(text) for text in (said, answer.getheader("Date") or ""))
        return max(0, int((at - now).total_seconds()))
    except (TypeError, ValueError):
        return None


def _judged(status: int) -> str:
    """Return what is wrong with a status, nothing for 2xx."""
    if 200 <= status < 300:
        return ""
    return f"answered {status}" + ("; redirects are not followed" if 300 <= status < 400 else "")


def _told(fault: Exception) -> str:
    """Return an error of the network as one line for people."""
    if isinstance(fault, ssl.SSLCertVerificationError):
        return f"certificate refused: {fault.verify_message}"
    said = " ".join(str(getattr(fault, "strerror", None) or fault).split())
    return f"{type(fault).__name__}: {said}"[:300]
