"""The last net: an exception that nobody expected becomes a problem without its text, and a log line with it."""

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from doorstep.api.problems import ProblemError, problem_response
from doorstep.api.problems.answers import request_id_of

log = structlog.get_logger("doorstep.api")


class Failsafe:
    """Answers 500 for whatever escapes, and the problem itself for one that a middleware raised."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and answer for what it raises."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        started = False

        async def remember(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            return await self.app(scope, receive, remember)
        except ProblemError as error:
            if started:
                raise
            answer = problem_response(
                error.code, error.detail, hint=error.hint, headers=error.headers, request_id=request_id_of(scope)
            )
        except Exception as error:
            log.error("request failed", code="internal", exc_info=error)
            if started:  # half an answer is out: only a cut connection tells the caller so
                raise
            answer = problem_response(
                "internal",
                "Something in doorstep failed. The request may not have been carried out.",
                request_id=request_id_of(scope),
            )
        return await answer(scope, receive, send)
