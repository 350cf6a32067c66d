"""Local clocks of places turned into epoch seconds, once, so that rooms only compare integers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Bools, Ints, next_true


def seconds_of_day(time_of_day: str) -> int:
    """Return the seconds after midnight of a local time HH:MM; 24:00 is the next midnight."""
    hours, minutes = time_of_day.split(":")
    return int(hours) * 3600 + int(minutes) * 60


def number_of(year: int, month: int, day: int) -> int:
    """Return the number of a day, counted from the first of January of the year 1."""
    return date(year, month, day).toordinal()


def day_of(number: int) -> date:
    """Return the day with a number."""
    return date.fromordinal(number)


@lru_cache(maxsize=65_536)
def local_at(zone: str, day: date, seconds: int) -> int:
    """Return the epoch second of a wall-clock time in a zone; daylight saving is honoured."""
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - the zone is added below
    wall = midnight + timedelta(seconds=seconds)
    return int(wall.replace(tzinfo=ZoneInfo(zone)).timestamp())


def local_day(zone: str, at: int) -> int:
    """Return the day of a zone on which a moment [epoch s] lies [days since 1970-01-01]."""
    return datetime.fromtimestamp(at, ZoneInfo(zone)).toordinal() - number_of(1970, 1, 1)


class WallClock(NamedTuple):
    """What calendars and clocks in a zone show; ``month`` from 1, ``weekday`` from 0, a Monday."""

    month: int
    day: int
    weekday: int
    hour: int
    minute: int


def wall_clock(zone: str, at: int) -> WallClock:
    """Return what calendars and clocks in a zone show at a moment [epoch s]."""
    wall = datetime.fromtimestamp(at, ZoneInfo(zone))
    return WallClock(wall.month, wall.day, wall.weekday(), wall.hour, wall.minute)


def local_seconds(zone: str, at: int) -> int:
    """Return the seconds after midnight that a clock in a zone shows at a moment [epoch s]."""
    wall = datetime.fromtimestamp(at, ZoneInfo(zone))
    return wall.hour * 3_600 + wall.minute * 60 + wall.second


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The days that a plan can touch, D of them from ``first_day`` on, in the zones of S sites.

    ``midnight_at`` (S, D + 1) holds the local midnights, so day d of site s is [midnight d, midnight d + 1); ``closed``
    (S, D) are the days on which sites are closed.
    """

    first_day: date
    days: int
    zones: tuple[str, ...]
    midnight_at: Ints = field(repr=False)
    closed: Bools = field(repr=False)

    @classmethod
    def spanning(
        cls,
        zones: Sequence[str],
        earliest_at: int,
        latest_at: int,
        *,
        further_days: int,
        closed: Sequence[frozenset[str]] = (),
    ) -> "Calendar":
        """Return the calendar from the day before ``earliest_at`` to ``further_days`` after ``latest_at``.

        Parameters
        ----------
        closed : (S,)
            Days on which each site is closed, YYYY-MM-DD; none by default. Days on which any is do not count as
            further ones, so that as many open days follow.
        """
        if latest_at < earliest_at:
            raise InputError(f"latest_at {latest_at} is before earliest_at {earliest_at}.")
        first = datetime.fromtimestamp(earliest_at, UTC).date() - timedelta(days=1)
        last, left, shut = datetime.fromtimestamp(latest_at, UTC).date(), further_days + 1, frozenset().union(*closed)
        while left:
            last += timedelta(days=1)
            left -= last.isoformat() not in shut
        days = (last - first).days + 1
        names = [(first + timedelta(days=d)).isoformat() for d in range(days)]
        none = np.zeros((len(zones), days), dtype=np.bool_)
        return cls(
            first_day=first,
            days=days,
            zones=tuple(zones),
            midnight_at=_by_zone(zones, first, days + 1, ["00:00"] * len(zones)),
            closed=np.array([[day in mine for day in names] for mine in closed]) if shut else none,
        )

    def at(self, times_of_day: Sequence[str]) -> Ints:
        """Return each site's local time on every day, (S, D) [epoch s].

        Parameters
        ----------
        times_of_day : (S,)
            HH:MM, one a site.
        """
        return _by_zone(self.zones, self.first_day, self.days, times_of_day)

    def day_of(self, sites: Ints, moments: Ints) -> Ints:
        """Return the local day number of moments at sites, both of the same shape; -1 before the calendar starts."""
        days = np.full(moments.shape, -1, dtype=np.int64)
        zone_names, zone_of_site = np.unique(np.array(self.zones), return_inverse=True)
        zone_of_moment = zone_of_site[sites]
        for zone in range(len(zone_names)):
            here = zone_of_moment == zone
            midnights = self.midnight_at[np.argmax(zone_of_site == zone)]
            days[here] = np.searchsorted(midnights, moments[here], side="right") - 1
        return days

    def next_open(self, sites: Ints, days: Ints) -> Ints:
        """Return the first day at or after days on which sites are open, both of the same shape; D if none is."""
        return next_true(~self.closed)[sites, days] if self.closed.any() else days

    def hour_of(self, sites: Ints, moments: Ints) -> Ints:
        """Return the local hour of moments at sites, both of the same shape, 0 to 23.

        Hours are counted from the local midnight: on a day on which clocks change they may be one off.
        """
        midnight_at = self.midnight_at[sites, np.maximum(self.day_of(sites, moments), 0)]
        hours: Ints = np.clip((moments - midnight_at) // 3600, 0, 23)
        return hours

    def weekdays(self) -> Ints:
        """Return the ISO weekday (1 Monday ... 7 Sunday) of every day, (D,)."""
        return np.array([(self.first_day + timedelta(days=d)).isoweekday() for d in range(self.days)], dtype=np.int64)


def _by_zone(zones: Sequence[str], first: date, days: int, times: Sequence[str]) -> Ints:
    clocks = {(zone, time): seconds_of_day(time) for zone, time in zip(zones, times, strict=True)}
    rows = {
        (zone, time): [local_at(zone, first + timedelta(days=d), seconds) for d in range(days)]
        for (zone, time), seconds in clocks.items()
    }
    table = [rows[zone, time] for zone, time in zip(zones, times, strict=True)]
    return np.array(table, dtype=np.int64).reshape(len(zones), days)
