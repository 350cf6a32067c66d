"""When an order that a site prepares is ready: a site open 07:00 to 22:00, cut-off 20:00, an hour's preparation."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.domain.calendar import Calendar
from doorstep.warehouse import PreparationClock, ready_times
from tests.small import CHICAGO, SITES, at, retailer

WEDNESDAY = "2026-03-04"
TABLE = retailer(sites=SITES.with_columns(order_cutoff=pl.lit("20:00"))).sites


def ready(placed_at: int, *, closes: str = "22:00") -> tuple[int, int]:
    calendar = Calendar.spanning([CHICAGO], placed_at, placed_at, further_days=2)
    clock = PreparationClock.from_tables(TABLE.with_columns(closes=pl.lit(closes)), calendar)
    found = ready_times(clock, calendar, np.array([placed_at]), np.array([[0]]))
    today = int(calendar.day_of(np.array([0]), np.array([placed_at]))[0])
    return int(found.ready_at[0, 0]), int(found.pick_day[0, 0]) - today


@pytest.mark.parametrize(
    ("placed", "moment", "days"),
    [
        (at("10:00"), at("11:00"), 0),
        (at("05:00"), at("08:00"), 0),  # it opens at 07:00
        (at("07:00"), at("08:00"), 0),
        (at("20:00"), at("21:00"), 0),  # exactly at the cut-off
        (at("20:00:01"), at("08:00", WEDNESDAY), 1),
        (at("08:00", "2026-03-07"), at("09:00", "2026-03-07"), 0),
        (at("21:00", "2026-03-07"), at("08:00", "2026-03-08"), 1),  # into the 23-hour day
    ],
)
def test_preparation_starts_at_once_or_when_the_site_opens_next(placed, moment, days):
    assert ready(placed) == (moment, days)


def test_what_would_be_ready_as_the_site_closes_is_ready_and_a_second_later_waits():
    assert ready(at("17:00"), closes="18:00") == (at("18:00"), 0)
    assert ready(at("17:00:01"), closes="18:00") == (at("08:00", WEDNESDAY), 1)


def test_where_there_is_no_site_there_is_no_time():
    calendar = Calendar.spanning([CHICAGO], at("10:00"), at("10:00"), further_days=2)
    found = ready_times(
        PreparationClock.from_tables(TABLE, calendar), calendar, np.array([at("10:00")]), np.array([[-1, 0]])
    )
    assert (found.ready_at[0, 0], found.pick_day[0, 0]) == (-1, -1)
    assert found.ready_at[0, 1] == at("11:00")


MARCH = [f"2026-03-{day:02}" for day in range(1, 20)]


@given(
    closed=st.frozensets(st.sampled_from(MARCH)),
    placed_at=st.integers(at("00:00"), at("00:00", "2026-03-12")),
    closes=st.sampled_from(["08:00", "18:00", "24:00"]),
)
def test_the_day_of_preparation_is_the_first_that_a_walk_over_the_days_finds_open(closed, placed_at, closes):
    calendar = Calendar.spanning([CHICAGO], placed_at, placed_at, further_days=2, closed=[closed])
    clock = PreparationClock.from_tables(TABLE.with_columns(closes=pl.lit(closes)), calendar)
    found = ready_times(clock, calendar, np.array([placed_at]), np.array([[0]])).ready_at[0, 0]

    placed = datetime.fromtimestamp(placed_at, UTC).astimezone(ZoneInfo(CHICAGO))
    day, hour = placed.date(), f"{placed:%H:%M:%S}"
    start = max(placed_at, at("07:00", day.isoformat()))
    ends = at("00:00", (day + timedelta(days=1)).isoformat()) if closes == "24:00" else at(closes, day.isoformat())
    if hour > "20:00:00" or start + 3_600 > ends or day.isoformat() in closed:
        day += timedelta(days=1)
        while day.isoformat() in closed:
            day += timedelta(days=1)
        start = at("07:00", day.isoformat())
    assert found == start + 3_600
