"""What all apps have in common: JSON that may be broken, figures that may be unknown, moments in many forms."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar

import msgspec

from doorstep.foundation import InputError
from doorstep.tracking import Position

T = TypeVar("T")
MOST_MPS, MOST_M = 1_000.0, 100_000.0
"""A figure beyond these, or below zero as the apps write it, is unknown."""
MILLISECONDS_FROM = 100_000_000_000
"""A number of seconds as large as this would lie in the year 5138."""
_NUMBER = re.compile(r"[+-]?\d{1,20}(\.\d{0,20})?", re.ASCII)
_raw_list = msgspec.json.Decoder(list[msgspec.Raw])


class Read(NamedTuple):
    """The positions in a message, and how many of its parts are none."""

    positions: list[Position]
    passed_over: int = 0


def decode(decoder: "msgspec.json.Decoder[T]", body: bytes | msgspec.Raw) -> T:
    """Return a message of an app.

    Raises
    ------
    InputError
        If it is none.
    """
    try:
        return decoder.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError) as fault:
        raise InputError(f"the body cannot be read: {fault}") from fault


def read_each(
    all_at_once: "msgspec.json.Decoder[list[T]]",
    single: "msgspec.json.Decoder[T]",
    items: msgspec.Raw,
    position_of: Callable[[T], Position | None],
) -> Read:
    """Return the positions among the items of a batch; where one is broken they are read one by one."""
    try:
        found: Sequence[Position | None] = [position_of(item) for item in decode(all_at_once, items)]
    except InputError:
        found = [_one(single, item, position_of) for item in decode(_raw_list, items)]
    positions = [position for position in found if position is not None]
    return Read(positions, len(found) - len(positions))


def _one(
    decoder: "msgspec.json.Decoder[T]", item: msgspec.Raw, position_of: Callable[[T], Position | None]
) -> Position | None:
    try:
        return position_of(decode(decoder, item))
    except InputError:
        return None


def measured(value: float | None, most: float) -> float | None:
    """Return a figure from 0 to ``most``; None for any other: the apps write -1 for what they do not know."""
    return value if value is not None and 0.0 <= value <= most else None


def course(value: float | None) -> float | None:
    """Return a course [degrees, 0 to below 360], None if it is unknown."""
    known = measured(value, 360.0)
    return None if known is None else known % 360.0


def epoch_of(moment: datetime) -> int:
    """Return the epoch second in which a moment lies; one without a zone is UTC."""
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() // 1)


def moment_of(text: str) -> int:
    """Return the epoch second of a moment written as seconds, milliseconds, ISO 8601 or ``yyyy-MM-dd HH:mm:ss``.

    Raises
    ------
    InputError
        If it is written otherwise.
    """
    if _NUMBER.fullmatch(text):
        number = float(text)
        return int(number // 1000 if abs(number) >= MILLISECONDS_FROM else number // 1)
    try:
        return epoch_of(datetime.fromisoformat(text))
    except ValueError as fault:
        raise InputError(f"timestamp {text!r} is no moment.", hint="Maybe epoch seconds?") from fault
