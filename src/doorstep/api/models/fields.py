"""Kinds of field, each with its limits: no text without a longest length, no number that a database cannot hold."""

import re
from collections.abc import Callable
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from doorstep.api.conventions.moments import from_full_date, from_rfc3339, to_full_date, to_rfc3339
from doorstep.api.conventions.money import exponent_of
from doorstep.api.conventions.phones import LONGEST, to_e164
from doorstep.domain.lifecycles import LIFECYCLES
from doorstep.foundation import InputError

LARGEST = 2**53 - 1
"""The largest whole number that every reader of JSON keeps exactly; it fits 64 bits."""
WITHOUT_NUL = r"^[^\u0000]*$"
TAG = r"^[a-z0-9_]{1,40}$"
REASON = r"[a-z][a-z0-9_]{0,63}"


def _plain(value: str) -> str:
    """Return the text if every database can hold it; pydantic itself refuses half surrogate pairs."""
    if "\x00" in value:
        raise PydanticCustomError("bad_text", "must not have a NUL character")
    return value


def kept(rule: Callable[[str], object], code: Literal["bad_format", "not_allowed"]) -> Callable[[str], str]:
    """Return a validator that lets a text pass if a rule of doorstep accepts it."""

    def validate(value: str) -> str:
        read(rule, code, value)
        return value

    return validate


def read(rule: Callable[[str], object], code: str, value: str) -> object:
    """Return what a rule makes of a text, with its InputError told as a fault of the field."""
    try:
        return rule(value)
    except InputError as error:
        raise PydanticCustomError(code, "{message}", {"message": str(error)}) from error


def _text(longest: int, shortest: int = 0) -> object:
    return Field(min_length=shortest, max_length=longest, json_schema_extra={"pattern": WITHOUT_NUL})


ReferenceId = Annotated[str, _text(200, 1), AfterValidator(_plain)]
"""An id of the retailer's own: site, product, carrier ..."""
Name = Annotated[str, _text(200), AfterValidator(_plain)]
Note = Annotated[str, _text(1_000), AfterValidator(_plain)]
ReasonCode = Annotated[
    str,
    Field(pattern=rf"^{REASON}$", description="why, as a code: it is published and audited, so nothing about a person"),
]
MaybeReasonCode = Annotated[
    str, Field(pattern=rf"^({REASON})?$", description="why, as a code, for attempts and cancellations")
]
PostalCode = Annotated[str, _text(20), AfterValidator(_plain)]
CallerId = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9._~-]{1,64}$", description="the caller's own name for it", examples=["web-10042"])
]
"""A name that the caller makes: external ids, event ids."""
ObjectId = Annotated[str, Field(pattern=r"^[a-z]{2,5}_[0-9A-Za-z]{1,40}$", description="id that doorstep gave")]
OptionId = Annotated[str, Field(pattern=r"^opt_[0-9A-Z]{1,100}$", description="name of an option that was offered")]
Tag = Annotated[str, Field(pattern=TAG, examples=["chilled"])]
Tags = Annotated[list[Tag], Field(max_length=20, description="words such as chilled, two_person, signature")]


def _whole(value: object) -> object:
    """Return 7 for 7.0: JSON does not tell the two apart, and some languages only have the second."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) <= LARGEST else value


AS_WHOLE = BeforeValidator(_whole)
"""Follows the bounds in every whole number of a request: ``Annotated[int, Field(ge=0, le=9), AS_WHOLE]``."""
Whole = Annotated[int, Field(ge=0, le=LARGEST), AS_WHOLE]
Signed = Annotated[int, Field(ge=-LARGEST, le=LARGEST), AS_WHOLE]
Quantity = Annotated[int, Field(ge=1, le=10_000, description="units"), AS_WHOLE]
LineNo = Annotated[int, Field(ge=1, le=200, description="number of the line in its order, from 1"), AS_WHOLE]
Version = Annotated[int, Field(ge=1, le=LARGEST, description="counts the changes; the ETag of the object"), AS_WHOLE]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False, description="WGS 84 latitude [degrees]")]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False, description="WGS 84 longitude [degrees]")]


def _moment_in(value: object) -> object:
    if not isinstance(value, str):
        raise PydanticCustomError("wrong_type", "must be a text: a moment as in RFC 3339, with its offset")
    return read(from_rfc3339, "bad_format", value)


def _day_in(value: object) -> object:
    if not isinstance(value, str):
        raise PydanticCustomError("wrong_type", "must be a text: a day as in RFC 3339")
    return read(from_full_date, "bad_format", value)


def _moment_out(value: object) -> object:
    return read(from_rfc3339, "bad_format", value) if isinstance(value, str) else value


_MOMENT_SCHEMA = WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-03-02T15:15:00Z"]})
_AS_RFC_3339 = PlainSerializer(to_rfc3339, return_type=str)

MomentIn = Annotated[int, BeforeValidator(_moment_in), _AS_RFC_3339, _MOMENT_SCHEMA]
"""A moment that a caller gives: a text with an offset outside, epoch seconds inside."""
Moment = Annotated[int, BeforeValidator(_moment_out), _AS_RFC_3339, _MOMENT_SCHEMA]
"""A moment that a caller gets: epoch seconds inside, ``...Z`` outside."""
DayIn = Annotated[
    int,
    BeforeValidator(_day_in),
    PlainSerializer(to_full_date, return_type=str),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2026-03-02"]}),
]
"""A local day that a caller gives: a text outside, days since 1970-01-01 inside."""

Currency = Annotated[
    str,
    Field(pattern=r"^[A-Z]{3}$", description="ISO 4217", examples=["USD"]),
    AfterValidator(kept(exponent_of, "not_allowed")),
]


def _phone(value: str) -> object:
    return read(to_e164, "bad_format", value) if value else value


def _time_zone(value: str) -> str:
    if value not in available_timezones():
        raise PydanticCustomError("not_allowed", "must be an IANA time zone, such as America/Chicago")
    return value


EMAIL = re.compile(r"[^@\s\u0000]+@[^@\s\u0000.]+(\.[^@\s\u0000.]+)+")


def _email(value: str) -> str:
    if value and not EMAIL.fullmatch(value):
        raise PydanticCustomError("bad_format", "must be an e-mail address")
    return value


Phone = Annotated[
    str,
    Field(
        max_length=LONGEST,
        json_schema_extra={"pattern": r"^(\+[0-9 ().-]*)?$"},
        description="with + and the country; kept as E.164",
        examples=["+12025550143"],
    ),
    AfterValidator(_phone),
]
Email = Annotated[
    str,
    Field(max_length=254, json_schema_extra={"pattern": rf"^({EMAIL.pattern})?$"}),
    AfterValidator(_plain),
    AfterValidator(_email),
]
Locale = Annotated[str, Field(pattern=r"^([a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3})?$", examples=["en-US"])]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2", examples=["US"])]
TimeZone = Annotated[
    str,
    Field(min_length=1, max_length=64, examples=["America/Chicago"]),
    AfterValidator(_plain),
    AfterValidator(_time_zone),
]


def state_of(machine: str) -> object:
    """Return the description of a state of a lifecycle: ``state: Annotated[str, state_of("order")]``."""
    states = LIFECYCLES[machine].states
    return Field(description=f"state in the life of the {machine}", json_schema_extra={"enum": list(states)})
