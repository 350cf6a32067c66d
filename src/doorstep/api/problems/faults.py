"""pydantic's errors as faults with a JSON Pointer, a code of our own and a plain sentence."""

from collections.abc import Sequence

from pydantic_core import ErrorDetails

from doorstep.api.problems.answers import FieldFault
from doorstep.api.problems.codes import FIELD_CODES

MOST_FAULTS = 100

_CODES = {
    "missing": "required",
    "extra_forbidden": "unknown_field",
    "literal_error": "not_allowed",
    "enum": "not_allowed",
    "union_tag_invalid": "not_allowed",
    "union_tag_not_found": "required",
    "greater_than": "out_of_range",
    "greater_than_equal": "out_of_range",
    "less_than": "out_of_range",
    "less_than_equal": "out_of_range",
    "finite_number": "out_of_range",
    "int_parsing_size": "out_of_range",
    "string_too_short": "too_short",
    "too_short": "too_short",
    "string_too_long": "too_long",
    "too_long": "too_long",
    "string_pattern_mismatch": "bad_format",
    "url_parsing": "bad_format",
    "string_unicode": "bad_text",
}
_SENTENCES = {"missing": "is required", "extra_forbidden": "is not a field here", "string_unicode": "is not valid text"}
_PARTS = ("body", "query", "path", "header", "cookie")


def faults_of(errors: Sequence[ErrorDetails]) -> list[FieldFault]:
    """Return the faults of a request, at most a hundred of them."""
    return [_fault(error) for error in errors[:MOST_FAULTS]]


def pointer_of(path: Sequence[str | int]) -> str:
    """Return a JSON Pointer (RFC 6901); empty means the whole document."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def _fault(error: ErrorDetails) -> FieldFault:
    place = list(error["loc"])
    part = str(place.pop(0)) if place and place[0] in _PARTS else "body"
    return FieldFault(
        part=part,
        pointer=pointer_of(place)[:300],
        code=_code(error["type"]),
        detail=_SENTENCES.get(error["type"]) or error["msg"].replace("Input should", "must").replace("String", "text"),
    )


def _code(kind: str) -> str:
    if kind in FIELD_CODES:
        return kind
    return _CODES.get(kind) or ("wrong_type" if kind.endswith(("_type", "_parsing", "_from_float")) else "invalid")
