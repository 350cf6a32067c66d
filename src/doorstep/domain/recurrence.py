"""Moments that repeat by a rule of RFC 5545, in whole numbers: local clock times of a place, daylight saving honoured.

Understood are ``FREQ`` (DAILY, WEEKLY, MONTHLY), ``INTERVAL``, ``BYDAY`` (with numbers such as 2TU or -1FR for
MONTHLY), ``COUNT`` and ``UNTIL``; weeks start on Monday. The first moment gives the clock time, and the day where the
rule names none.

References
----------
RFC 5545 (2009), Internet Calendaring and Scheduling, 3.3.10.
"""

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass
from itertools import islice
from typing import Literal, Self, TypeAlias

import numpy as np

from doorstep.domain.calendar import Calendar, day_of, local_at, number_of
from doorstep.domain.calendar import local_day as number_of_local_day
from doorstep.foundation import InputError

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY")
MOST = 1_000
"""Greatest interval and count."""
OnClosedDay: TypeAlias = Literal["after", "before", "skip"]
"""What becomes of an occurrence on a closed day: the next open day, the one before, or nothing."""
MOST_MOVED_S = 31 * 86_400
"""An occurrence is not moved further than this; it is left out instead."""
LAST_S = 100 * 366 * 86_400
"""A rule is not followed further than this after its first moment."""
_DAY_S, _EPOCH = 86_400, number_of(1970, 1, 1)
_NEVER = 2**62
_DAY = re.compile(r"^(-?[1-5])?(MO|TU|WE|TH|FR|SA|SU)$")
_UNTIL = re.compile(r"^(\d{4})(\d{2})(\d{2})(?:T([01]\d|2[0-3])([0-5]\d)([0-5]\d)Z)?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """A rule: every ``interval`` days, weeks or months; ``days`` are (number in the month or 0, weekday from 0).

    ``until`` is the last local day that counts, or the last moment [epoch s], as written.
    """

    frequency: str
    interval: int = 1
    days: tuple[tuple[int, int], ...] = ()
    count: int | None = None
    until: str = ""

    @classmethod
    def parse(cls, rule: str) -> Self:
        """Return the rule of a text such as ``FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH``.

        Raises
        ------
        InputError
            If a part is missing, unknown, or not what it may be.
        """
        parts: dict[str, str] = {}
        for word in rule.removeprefix("RRULE:").split(";"):
            name, _, value = word.partition("=")
            if name not in ("FREQ", "INTERVAL", "BYDAY", "COUNT", "UNTIL") or name in parts or not value:
                raise InputError(
                    f"rule: {word!r} is not understood or stands twice.", hint="Maybe FREQ=WEEKLY;BYDAY=MO?"
                )
            parts[name] = value
        frequency = parts.get("FREQ", "")
        if frequency not in FREQUENCIES:
            raise InputError(f"rule: FREQ {frequency!r} must be one of {', '.join(FREQUENCIES)}.")
        if "COUNT" in parts and "UNTIL" in parts:
            raise InputError("rule: COUNT and UNTIL exclude each other.")
        until = parts.get("UNTIL", "")
        if until and (not _UNTIL.match(until) or not _is_day(until)):
            raise InputError(f"rule: UNTIL {until!r} must be a day or a UTC moment.", hint="Maybe 20261231?")
        return cls(
            frequency=frequency,
            interval=_number(parts, "INTERVAL", 1) or 1,
            days=_days(parts.get("BYDAY", ""), frequency),
            count=_number(parts, "COUNT", None),
            until=until,
        )


def occurrences(rule: Recurrence, starts_at: int, zone: str, *, after: int | None = None) -> Iterator[int]:
    """Yield the moments of a rule [epoch s], from its first moment on, at that one's local clock time.

    A clock time that daylight saving leaves out counts an hour later, one that comes twice counts the first time. With
    ``after`` only later moments come: whole periods before it are leapt over, and a rule that counts only counts days.
    """
    start_day, clock_s = _start(starts_at, zone)
    first_day = start_day + (local_at(zone, day_of(start_day), clock_s) < starts_at)
    from_day = start_day if after is None else max(start_day, _EPOCH + after // _DAY_S - 2)  # no zone is so far off
    last_day, last_at = _end_of(rule.until)
    days = (day for day in _days_of(rule, start_day, start_day if rule.count else from_day) if day >= first_day)
    for day in islice(days, rule.count):
        if day < from_day:
            continue
        at = local_at(zone, day_of(day), clock_s)
        if day > last_day or at > min(last_at, starts_at + LAST_S):
            return
        if after is None or at > after:
            yield at


def next_occurrence(rule: Recurrence, starts_at: int, zone: str, *, after: int) -> int | None:
    """Return the first moment of a rule later than ``after``, None if there is none."""
    return next(occurrences(rule, starts_at, zone, after=after), None)


def on_open_day(at: int, starts_at: int, zone: str, closed: Set[str], instead: OnClosedDay) -> int | None:
    """Return when an occurrence of a rule counts, at the clock time of the rule; None if it is left out.

    Parameters
    ----------
    closed
        Closed days, YYYY-MM-DD.
    """
    day = _EPOCH + number_of_local_day(zone, at)
    if day_of(day).isoformat() not in closed:
        return at
    step, clock_s = {"after": 1, "before": -1, "skip": 0}[instead], _start(starts_at, zone)[1]
    days = range(day + step, day + step * (MOST_MOVED_S // _DAY_S), step) if step else ()
    return next((local_at(zone, day_of(d), clock_s) for d in days if day_of(d).isoformat() not in closed), None)


def local_day(zone: str, moment: int) -> str:
    """Return the local day of a moment, YYYY-MM-DD."""
    calendar = Calendar.spanning([zone], moment, moment, further_days=1)
    day = int(calendar.day_of(np.array([0]), np.array([moment]))[0])
    return calendar.first_day.fromordinal(calendar.first_day.toordinal() + day).isoformat()


def _start(starts_at: int, zone: str) -> tuple[int, int]:
    """Return the day of a rule's first moment as an ordinal, and its clock time [s]."""
    calendar = Calendar.spanning([zone], starts_at, starts_at, further_days=1)
    first = int(calendar.day_of(np.array([0]), np.array([starts_at]))[0])
    day = calendar.first_day.toordinal() + first
    return day, _clock(calendar, zone, day, starts_at - int(calendar.midnight_at[0, first]), starts_at)


def _number(parts: dict[str, str], name: str, default: int | None) -> int | None:
    text = parts.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MOST:
        raise InputError(f"rule: {name} {text!r} must be 1 to {MOST}.")
    return int(text)


def _days(text: str, frequency: str) -> tuple[tuple[int, int], ...]:
    found = []
    for word in text.split(",") if text else []:
        match = _DAY.match(word)
        if match is None or (match[1] and frequency != "MONTHLY"):
            raise InputError(
                f"rule: BYDAY {word!r} must be a weekday, numbered in months only.", hint="Maybe MO or 2TU?"
            )
        found.append((int(match[1] or 0), DAYS.index(match[2])))
    return tuple(found)


def _is_day(until: str) -> bool:
    year, month, day = int(until[:4]), int(until[4:6]), int(until[6:8])
    return year >= 1 and 1 <= month <= 12 and 1 <= day <= _month_length(year, month)


def _clock(calendar: Calendar, zone: str, day: int, since_midnight: int, moment: int) -> int:
    """Return the local clock time of a moment in seconds; where clocks change it is not the time since midnight."""
    date = calendar.first_day.fromordinal(day)
    for shift in (0, 3_600, -3_600, 1_800, -1_800, 7_200, -7_200):
        if local_at(zone, date, since_midnight + shift) == moment:
            return since_midnight + shift
    return since_midnight - 3_600  # the second pass of a clock time that comes twice


def _days_of(rule: Recurrence, start_day: int, from_day: int) -> Iterator[int]:
    """Yield the days of a rule as ordinals, from the start of the period that ``from_day`` is in or after."""
    weekdays = {weekday for _, weekday in rule.days}
    if rule.frequency == "DAILY":
        for day in _periods(start_day, LAST_S // _DAY_S, rule.interval, from_day):
            if not weekdays or (day - 1) % 7 in weekdays:
                yield day
    elif rule.frequency == "WEEKLY":
        monday = start_day - (start_day - 1) % 7
        wanted = sorted(weekdays) or [(start_day - 1) % 7]
        for week in _periods(monday, LAST_S // _DAY_S, 7 * rule.interval, from_day):
            yield from (week + weekday for weekday in wanted)
    else:
        for month in _periods(_month_of(start_day), 12 * 100, rule.interval, _month_of(from_day)):
            first = number_of(month // 12, month % 12 + 1, 1)
            yield from _days_of_month(rule, first, _month_length(month // 12, month % 12 + 1), day_of(start_day).day)


def _periods(start: int, most: int, step: int, reached: int) -> range:
    """Return where periods begin, the first of them the last one that begins no later than ``reached``."""
    return range(start + max(0, reached - start) // step * step, start + most, step)


def _month_of(number: int) -> int:
    day = day_of(number)
    return day.year * 12 + day.month - 1


def _days_of_month(rule: Recurrence, first: int, length: int, day_of_start: int) -> list[int]:
    """Return the days of one month; one that has no such day is passed over."""
    if not rule.days:
        return [first + day_of_start - 1] if day_of_start <= length else []
    found = set()
    for number, weekday in rule.days:
        mine = [day for day in range(first, first + length) if (day - 1) % 7 == weekday]
        if not number:
            found |= set(mine)
        elif abs(number) <= len(mine):
            found.add(mine[number - 1 if number > 0 else number])
    return sorted(found)


def _month_length(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def _end_of(until: str) -> tuple[int, int]:
    """Return the last local day as an ordinal, and the last moment [epoch s], that count."""
    match = _UNTIL.match(until)
    if match is None:
        return _NEVER, _NEVER
    day = number_of(int(match[1]), int(match[2]), int(match[3]))
    if match[4] is None:
        return day, _NEVER
    return _NEVER, (day - _EPOCH) * _DAY_S + int(match[4]) * 3_600 + int(match[5]) * 60 + int(match[6])
