"""The registry of problems: a code never changes its meaning, and none is used that is not here."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """A kind of problem: its HTTP status, its title, and when it happens."""

    status: int
    title: str
    when: str


CODES: dict[str, ProblemKind] = {
    "bad_request": ProblemKind(400, "The request cannot be read", "The body or the request line is broken."),
    "malformed_json": ProblemKind(400, "The body is not JSON", "The body cannot be parsed, or is nested too deeply."),
    "bad_cursor": ProblemKind(400, "The cursor is not valid here", "`cursor` is changed, or of another listing."),
    "bad_version": ProblemKind(400, "The version cannot be read", "`If-Match` or `If-None-Match` is no list of tags."),
    "unknown_host": ProblemKind(400, "This host is not served here", "`Host` is not among `trusted_hosts`."),
    "unauthenticated": ProblemKind(401, "Who are you?", "There is no API key or session, or it is not valid any more."),
    "login_refused": ProblemKind(
        401, "This login is not valid", "Address, password or identity is wrong or unknown, or the person is disabled."
    ),
    "forbidden": ProblemKind(403, "This is not allowed to you", "The API key or the role lacks the scope."),
    "wrong_code": ProblemKind(
        403, "The code is not right", "A code is needed to hand it over; after five wrong ones a new one must be made."
    ),
    "not_found": ProblemKind(404, "It does not exist", "Nothing of this merchant has that id, or the path is unknown."),
    "not_configured": ProblemKind(404, "It is not set up here", "The operator has not set what the detail names."),
    "method_not_allowed": ProblemKind(405, "The method is not allowed here", "`Allow` names those that are."),
    "conflict": ProblemKind(409, "The state does not allow it", "What was asked does not fit the present state."),
    "illegal_transition": ProblemKind(
        409,
        "The state does not allow this step",
        "A lifecycle has no such step from the present state; `from`, `event` and `allowed` say more.",
    ),
    "duplicate": ProblemKind(409, "It exists already", "Another object of this merchant has that `external_id`."),
    "insufficient_stock": ProblemKind(
        409, "There is not enough stock", "Stock or picking capacity lacks; `errors` names each line that is short."
    ),
    "no_compartment": ProblemKind(
        409, "No compartment is free", "None is free where it should be collected, or a parcel fits none of them."
    ),
    "slot_full": ProblemKind(
        409, "The slot is taken", "Nothing is left of the slot, or its cut-off or hold has passed."
    ),
    "gone": ProblemKind(410, "It is not available any more", "The link or the offer has expired or was revoked."),
    "version_changed": ProblemKind(412, "It has changed since you read it", "`If-Match` names another version."),
    "body_too_large": ProblemKind(413, "The body is too large", "It is longer than the limit of the settings."),
    "unsupported_media_type": ProblemKind(415, "The body has a wrong type", "`Content-Type` is not what is read here."),
    "invalid": ProblemKind(422, "The content breaks a rule", "`errors` names each fault by a JSON Pointer."),
    "idempotency_key_reused": ProblemKind(
        422, "The key belongs to another request", "An `Idempotency-Key` came again with another body."
    ),
    "version_needed": ProblemKind(428, "The version is missing", "This change needs `If-Match`."),
    "rate_limited": ProblemKind(429, "Too many requests", "`Retry-After` says after how many seconds to try again."),
    "internal": ProblemKind(500, "doorstep failed", "A defect; report it with the `request_id`."),
    "upstream": ProblemKind(502, "A party outside failed", "A carrier or another service did not answer as it should."),
    "unavailable": ProblemKind(503, "Not ready at the moment", "Starting, overloaded, or the database is away."),
}

FIELD_CODES: dict[str, str] = {
    "required": "the field is missing",
    "unknown_field": "there is no such field",
    "wrong_type": "the value has another JSON type",
    "not_allowed": "the value is not one of those that are allowed",
    "out_of_range": "the number is too small or too large",
    "too_short": "the text or list is too short",
    "too_long": "the text or list is too long",
    "bad_format": "the text has another form, for example no offset in a moment",
    "bad_text": "the text has a NUL character or half of a surrogate pair",
    "inconsistent": "the fields contradict one another",
    "invalid": "any other fault; the detail says which",
}
"""Codes of single faults in ``errors``."""

BY_STATUS: dict[int, str] = {
    400: "bad_request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    410: "gone",
    412: "version_changed",
    413: "body_too_large",
    415: "unsupported_media_type",
    422: "invalid",
    428: "version_needed",
    429: "rate_limited",
    502: "upstream",
    503: "unavailable",
}
"""The code of a status where nothing more is known, as for errors of the framework."""


def type_of(code: str) -> str:
    """Return the URI of a kind of problem."""
    return f"urn:doorstep:problem:{code}"
