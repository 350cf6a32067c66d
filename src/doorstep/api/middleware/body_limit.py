"""No body is longer than its limit, whatever it says about itself."""

from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from doorstep.api.middleware.headers import header
from doorstep.api.problems import ProblemError


class _TooLargeError(HTTPException):
    """Raised where the body is read; the framework lets its own kind of exception through, and no other."""


class BodyLimit:
    """Counts the bytes of each body as they arrive and stops at the limit.

    Parameters
    ----------
    limit_bytes
        Limit of ordinary requests.
    upload_limit_bytes, upload_paths
        Limit of the paths that start with one of these.
    """

    def __init__(
        self, app: ASGIApp, *, limit_bytes: int, upload_limit_bytes: int, upload_paths: Sequence[str] = ()
    ) -> None:
        self.app = app
        self.limit_bytes = limit_bytes
        self.upload_limit_bytes = upload_limit_bytes
        self.upload_paths = tuple(upload_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its body counted."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        limit = self.upload_limit_bytes if scope["path"].startswith(self.upload_paths) else self.limit_bytes
        said = header(scope, b"content-length")
        if said and not (said.isascii() and said.isdigit()):
            raise ProblemError("bad_request", "The header Content-Length is not a number.")
        if said and (len(said) > 18 or int(said) > limit):
            raise _too_large(limit)
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            if message["type"] == "http.request":
                seen += len(message.get("body", b""))
                if seen > limit:
                    raise _TooLargeError(413, f"The body is longer than {limit} bytes.")
            return message

        try:
            return await self.app(scope, counted, send)
        except _TooLargeError as error:  # an endpoint without the framework's own handlers
            raise _too_large(limit) from error


def _too_large(limit: int) -> ProblemError:
    # Closing lets the server drop the rest of the body instead of reading it.
    return ProblemError("body_too_large", f"The body is longer than {limit} bytes.", headers={"Connection": "close"})
