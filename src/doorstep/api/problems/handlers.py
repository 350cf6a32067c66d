"""Which answer each exception gets; no text of an unexpected one ever leaves."""

from collections.abc import Mapping

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from doorstep.api.problems.answers import FieldFault, Member, ProblemError, problem_response, request_id_of
from doorstep.api.problems.codes import BY_STATUS, CODES
from doorstep.api.problems.faults import faults_of
from doorstep.api.problems.operation_faults import faults_in
from doorstep.domain.lifecycles import IllegalTransitionError
from doorstep.foundation import ConflictError, DoorstepError, InputError, NotFoundError, UpstreamError
from doorstep.operations.intake.errors import (
    DuplicateOrderError,
    NotEnoughStockError,
    OfferExpiredError,
    ReusedKeyError,
)
from doorstep.operations.intake.holds import SlotFullError
from doorstep.storage import DatabaseUnavailableError, OverloadedError

_BY_CLASS: dict[type[DoorstepError], str] = {
    ReusedKeyError: "idempotency_key_reused",
    DuplicateOrderError: "duplicate",
    NotEnoughStockError: "insufficient_stock",
    SlotFullError: "slot_full",
    OfferExpiredError: "gone",
    OverloadedError: "unavailable",
    DatabaseUnavailableError: "unavailable",
    InputError: "invalid",
    NotFoundError: "not_found",
    IllegalTransitionError: "illegal_transition",
    ConflictError: "conflict",
    UpstreamError: "upstream",
}
KEPT_TO_OURSELVES = {
    "internal": "Something in doorstep failed. The request may not have been carried out.",
    "upstream": "A party outside doorstep did not answer as it should.",
    "unavailable": "There is more to do than can be done at the moment, or the database is away.",
}
_UNREADABLE_BODY = "There was an error parsing the body"  # the framework's words for any failure but a JSON error

log = structlog.get_logger("doorstep.api")


def install_handlers(app: FastAPI) -> None:
    """Let every exception of an endpoint become a problem."""
    app.add_exception_handler(DoorstepError, on_doorstep_error)
    app.add_exception_handler(ProblemError, on_problem_error)
    app.add_exception_handler(RequestValidationError, on_validation_error)
    app.add_exception_handler(HTTPException, on_http_exception)


async def on_doorstep_error(request: Request, error: Exception) -> Response:
    """Return one of doorstep's own errors as a problem; internal and outside failures are logged, not told."""
    assert isinstance(error, DoorstepError)
    code = code_of(error)
    detail, hint = error.message, error.hint
    if code in KEPT_TO_OURSELVES:
        log.error("request failed", code=code, exc_info=error)
        detail, hint = KEPT_TO_OURSELVES[code], ""
    return problem_response(
        code,
        detail,
        hint=hint,
        faults=faults_in(error),
        request_id=request_id_of(request.scope),
        members=_members(error),
    )


async def on_problem_error(request: Request, error: Exception) -> Response:
    """Return a problem that an endpoint raised itself."""
    assert isinstance(error, ProblemError)
    return problem_response(
        error.code,
        error.detail,
        hint=error.hint,
        headers=error.headers,
        faults=error.faults,
        request_id=request_id_of(request.scope),
    )


async def on_validation_error(request: Request, error: Exception) -> Response:
    """Return all faults of a request; what cannot be parsed, or is no JSON at all, has a code of its own."""
    assert isinstance(error, RequestValidationError)
    request_id = request_id_of(request.scope)
    broken = next((each for each in error.errors() if each["type"] == "json_invalid"), None)
    if broken:
        where = f"at character {broken['loc'][-1]}: {broken['ctx']['error']}"
        return problem_response("malformed_json", f"The body is not JSON {where}.", request_id=request_id)
    if isinstance(error.body, bytes) and any(tuple(each["loc"]) == ("body",) for each in error.errors()):
        return problem_response(
            "unsupported_media_type",
            "The body is read as application/json only.",
            hint="Maybe the header Content-Type is missing.",
            request_id=request_id,
        )
    faults = faults_of(error.errors())
    return problem_response("invalid", _summary(faults), faults=faults, request_id=request_id)


async def on_http_exception(request: Request, error: Exception) -> Response:
    """Return an error of the framework, such as an unknown path, as a problem."""
    assert isinstance(error, HTTPException)
    code = BY_STATUS.get(error.status_code, "internal" if error.status_code >= 500 else "bad_request")
    detail = str(error.detail)
    headers = dict(error.headers or {})
    if error.detail == _UNREADABLE_BODY:
        code, detail = "malformed_json", "The body cannot be read as JSON: its encoding, depth or numbers."
    elif code == "not_found" and detail == "Not Found":
        detail = "There is nothing at this path."
    elif code == "method_not_allowed":
        allowed = ", ".join(sorted(_allowed_methods(request))) or headers.get("Allow", "")
        headers = {"allow": allowed}
        detail = f"This path takes {allowed}."
    elif code == "internal":
        detail = KEPT_TO_OURSELVES["internal"]
    return problem_response(code, detail, headers=headers, request_id=request_id_of(request.scope))


def code_of(error: DoorstepError) -> str:
    """Return the code of an error: the one that its class carries, else that of the nearest class known here."""
    own = getattr(error, "code", "")
    if own in CODES:
        return str(own)
    return next((_BY_CLASS[kind] for kind in type(error).__mro__ if kind in _BY_CLASS), "internal")


def _members(error: DoorstepError) -> Mapping[str, Member]:
    if isinstance(error, IllegalTransitionError):
        return {"from": error.state, "event": error.event, "allowed": list(error.allowed)}
    return {}


def _summary(faults: list[FieldFault]) -> str:
    first = faults[0]
    more = f", and {len(faults) - 1} more" if len(faults) > 1 else ""
    return f"{first.part}{first.pointer}: {first.detail}{more}."


def _allowed_methods(request: Request) -> set[str]:
    """Return the methods of every route at the path; the framework names those of the first one only."""
    routes = iter_route_contexts(request.app.routes)
    return {
        method
        for route in routes
        if route.methods and route.path_regex.match(request.scope["path"])
        for method in route.methods
    }
