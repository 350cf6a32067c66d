"""Rule-based holidays of the United States, so that a calendar is there when none is given."""

import numpy as np
import polars as pl

from doorstep.foundation.arrays import Ints

Day = np.datetime64


def us_holidays(first_year: int, last_year: int) -> pl.DataFrame:
    """Return the days of some years on which shopping differs, as a table of ``CalendarEvents``.

    Kinds pool what works alike: a ``feast`` is cooked for at home, a ``cookout`` is a long weekend outdoors. So the
    first Thanksgiving of a history is expected to look like its Easter.
    """
    rows = [row for year in range(first_year, last_year + 1) for row in _of_year(year)]
    numbers = [int(day.astype("datetime64[D]").astype(np.int64)) for day, _, _ in rows]
    return pl.DataFrame(
        {
            "day": pl.Series(numbers, dtype=pl.Int32).cast(pl.Date),
            "name": [name for _, name, _ in rows],
            "kind": [kind for _, _, kind in rows],
        }
    ).sort("day", "name")


def weekday(days: Ints) -> Ints:
    """Return the weekday of days since 1970-01-01, Monday 0."""
    return (days + 3) % 7


def day_of_month(days: Ints) -> Ints:
    """Return the day of the month, from 1, of days since 1970-01-01."""
    dates = days.astype("datetime64[D]")
    number: Ints = (dates - dates.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64) + 1
    return number


def _of_year(year: int) -> list[tuple[Day, str, str]]:
    easter = _easter(year)
    return [
        (Day(f"{year}-01-01"), "New Year", "other"),
        (_nth(year, 2, 6, 2 if year >= 2022 else 1), "Super Bowl", "other"),
        (Day(f"{year}-02-14"), "Valentine's Day", "other"),
        (easter, "Easter", "feast"),
        (_nth(year, 5, 6, 2), "Mother's Day", "other"),
        (_last(year, 5, 0), "Memorial Day", "cookout"),
        (_nth(year, 6, 6, 3), "Father's Day", "other"),
        (Day(f"{year}-07-04"), "Independence Day", "cookout"),
        (_nth(year, 9, 0, 1), "Labor Day", "cookout"),
        (Day(f"{year}-10-31"), "Halloween", "other"),
        (_nth(year, 11, 3, 4), "Thanksgiving", "feast"),
        (Day(f"{year}-12-25"), "Christmas", "feast"),
    ]


def _nth(year: int, month: int, day: int, count: int) -> Day:
    """Return the ``count``-th weekday (Monday 0) of a month."""
    first = Day(f"{year}-{month:02d}-01")
    ahead = (day - int(weekday(np.array(first.astype(np.int64))))) % 7
    return first + np.timedelta64(ahead + 7 * (count - 1), "D")


def _last(year: int, month: int, day: int) -> Day:
    """Return the last weekday (Monday 0) of a month of 31 days."""
    last = Day(f"{year}-{month:02d}-31")
    return last - np.timedelta64((int(weekday(np.array(last.astype(np.int64)))) - day) % 7, "D")


def _easter(year: int) -> Day:
    """Return Easter Sunday of the Gregorian calendar (Meeus, Jones, Butcher)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    el = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 19 * el) // 433
    month = (h + el - 7 * m + 90) // 25
    day = (h + el - 7 * m + 33 * month + 19) % 32
    return Day(f"{year}-{month:02d}-{day:02d}")
