"""One look at every exchange, after it has ended: an access line and figures are two listeners to it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

UNMATCHED = "unmatched"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request and its response, without anything personal: no path, no query, no body, no address."""

    method: str
    route: str
    status: int
    duration_s: float
    request_id: str
    key_id: str


class Observing:
    """Tells listeners about every exchange.

    Parameters
    ----------
    template
        Returns the route of a request with its placeholders, such as ``/v1/orders/{order_id}``.
    seconds
        A clock that never steps back.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        listeners: Sequence[Callable[[Exchange], None]],
        template: Callable[[Scope], str],
        seconds: Callable[[], float],
    ) -> None:
        self.app = app
        self.listeners = tuple(listeners)
        self.template = template
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and tell the listeners how it ended."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        started = self.seconds()
        status = 499  # nobody answered: the caller went away

        async def remember(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            return await self.app(scope, receive, remember)
        except Exception:
            status = 500
            raise
        finally:
            self._tell(scope, status, self.seconds() - started)

    def _tell(self, scope: Scope, status: int, duration_s: float) -> None:
        state = scope.get("state", {})
        exchange = Exchange(
            method=scope["method"] if scope["method"] in METHODS else "OTHER",
            route=self.template(scope) or UNMATCHED,
            status=status,
            duration_s=duration_s,
            request_id=state.get("request_id", ""),
            key_id=state.get("key_id", ""),
        )
        for listen in self.listeners:
            listen(exchange)
