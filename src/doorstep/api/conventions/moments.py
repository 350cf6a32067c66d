"""Moments and days at the border: RFC 3339 outside, seconds and days since 1970 inside."""

import re
from datetime import UTC, date, datetime
from functools import lru_cache

from doorstep.foundation import InputError

LATEST_AT = 253_402_300_799
"""The last second that four digits of a year can write."""

_RFC_3339 = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,12})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_EPOCH = date(1970, 1, 1).toordinal()
_FRACTION = re.compile(r"\.\d+")


@lru_cache(maxsize=8_192)  # windows and cut-offs are those of many shoppers
def to_rfc3339(at: int) -> str:
    """Return a moment [epoch s] as ``2026-03-02T15:15:00Z``.

    Raises
    ------
    InputError
        If the moment lies before 1970 or after 9999.
    """
    if not 0 <= at <= LATEST_AT:
        raise InputError(f"{at} is not a moment from 1970 to 9999.", hint="Maybe these are milliseconds.")
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def from_rfc3339(text: str) -> int:
    """Return the moment [epoch s] that an RFC 3339 text names; parts of a second are cut off.

    Raises
    ------
    InputError
        If the text is not RFC 3339, has no offset, or lies before 1970 or after 9999.
    """
    if not _RFC_3339.fullmatch(text):
        raise InputError(
            f"{text[:40]!r} is not a moment as in RFC 3339.",
            hint="Maybe the offset is missing: 2026-03-02T15:15:00Z or 2026-03-02T09:15:00-06:00.",
        )
    try:
        at = int(datetime.fromisoformat(_FRACTION.sub("", text).upper()).timestamp())
    except (ValueError, OverflowError) as error:
        raise InputError(f"{text!r} is not in the calendar.") from error
    if not 0 <= at <= LATEST_AT:
        raise InputError(f"{text!r} is not a moment from 1970 to 9999.")
    return at


def to_full_date(day: int) -> str:
    """Return a day [days since 1970-01-01] as ``2026-03-02``."""
    return date.fromordinal(day + _EPOCH).isoformat()


def from_full_date(text: str) -> int:
    """Return the day [days since 1970-01-01] that an RFC 3339 full-date names.

    Raises
    ------
    InputError
        If the text is no full-date, or its day is not in the calendar or before 1970.
    """
    if not _DAY.fullmatch(text):
        raise InputError(f"{text[:40]!r} is not a day as in RFC 3339.", hint="Write it like 2026-03-02.")
    try:
        day = date.fromisoformat(text).toordinal() - _EPOCH
    except ValueError as error:
        raise InputError(f"{text!r} is not in the calendar.") from error
    if day < 0:
        raise InputError(f"{text!r} is before 1970.")
    return day
