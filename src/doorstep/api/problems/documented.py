"""Problems in the OpenAPI document: every status that an endpoint may give stands there."""

from collections import defaultdict
from typing import TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from doorstep.api.problems.answers import MEDIA_TYPE
from doorstep.api.problems.codes import CODES, FIELD_CODES, type_of

# The framework wants this loose form.
Documented: TypeAlias = dict[int | str, dict[str, object]]

CODES_FIELD = "x-problem-codes"
"""Where a documented response lists its codes, so that generated clients can know them."""

ANYWHERE = ("bad_request", "unknown_host", "rate_limited", "internal", "unavailable")
"""What the shell around every endpoint may answer."""
WITH_CALLER = ("unauthenticated", "forbidden")
WITH_INPUT = ("invalid",)
WITH_BODY = ("malformed_json", "body_too_large", "unsupported_media_type")

_HEADERS = {
    401: {"WWW-Authenticate": "how to say who you are"},
    429: {"Retry-After": "seconds until there is room again"},
    503: {"Retry-After": "seconds after which to try again"},
}


class ProblemFault(BaseModel):
    """One fault of the request."""

    model_config = ConfigDict(populate_by_name=True)

    part: str = Field(alias="in", description="where the pointer starts: body, query, path, header or cookie")
    pointer: str = Field(description="JSON Pointer (RFC 6901); empty: the whole", examples=["/lines/0/quantity"])
    code: str = Field(description="kind of fault", json_schema_extra={"enum": list(FIELD_CODES)})
    detail: str = Field(description="one sentence", examples=["must be greater than or equal to 1"])
    file: str = Field(default="", description="file of an upload")
    row: int = Field(default=0, description="line in that file, the header being 1; 0: the whole file")
    column: str = Field(default="", description="column in that file")


class Problem(BaseModel):
    """Why a request was not carried out (RFC 9457)."""

    type: str = Field(description="URI of the kind", examples=[type_of("invalid")])
    title: str = Field(description="the kind in words", examples=[CODES["invalid"].title])
    status: int = Field(description="the HTTP status again", examples=[422])
    detail: str = Field(description="what happened this time")
    code: str = Field(description="the kind as a word that never changes", json_schema_extra={"enum": list(CODES)})
    request_id: str = Field(description="names the request in the logs")
    hint: str = Field(default="", description="what may help")
    errors: list[ProblemFault] = Field(default=[], description="each fault of the request")
    from_state: str = Field(default="", alias="from", description="present state, for illegal_transition")
    event: str = Field(default="", description="what was asked, for illegal_transition")
    allowed: list[str] = Field(default=[], description="what could be asked instead, for illegal_transition")


def documented(*codes: str) -> Documented:
    """Return the problems of an endpoint in the form that ``responses=`` takes.

    Only those of its own are named: what the shell around every endpoint may answer is added to the document.
    """
    by_status: defaultdict[int, list[str]] = defaultdict(list)
    for code in dict.fromkeys(codes):
        by_status[CODES[code].status].append(code)
    return {status: _response(status, names) for status, names in sorted(by_status.items())}


def shell_codes(*, wants_caller: bool, has_input: bool, has_body: bool) -> tuple[str, ...]:
    """Return the problems that may happen before and around an endpoint.

    Parameters
    ----------
    has_input
        Whether it has parameters or a body.
    """
    families = (
        ANYWHERE,
        WITH_CALLER if wants_caller else (),
        WITH_INPUT if has_input else (),
        WITH_BODY if has_body else (),
    )
    return tuple(code for family in families for code in family)


def _response(status: int, codes: list[str]) -> dict[str, object]:
    words = "; ".join(f"`{code}`: {CODES[code].when[:1].lower()}{CODES[code].when[1:].rstrip('.')}" for code in codes)
    answer: dict[str, object] = {
        "description": words,
        CODES_FIELD: codes,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    headers = _HEADERS.get(status, {})
    if headers:
        answer["headers"] = {
            name: {"description": text, "schema": {"type": "string"}} for name, text in headers.items()
        }
    return answer
