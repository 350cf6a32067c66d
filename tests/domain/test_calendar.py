"""Local clocks as epoch seconds, across the night when Chicago's clocks go forward (2026-03-08, 02:00 to 03:00)."""

from datetime import date

import numpy as np
import pytest

from doorstep.domain.calendar import Calendar, local_at, seconds_of_day
from doorstep.foundation import InputError
from tests.small import CHICAGO, at

SATURDAY, SUNDAY, MONDAY = "2026-03-07", "2026-03-08", "2026-03-09"


def calendar(*zones: str) -> Calendar:
    return Calendar.spanning(zones, at("12:00", SATURDAY), at("12:00", MONDAY), further_days=1)


def row(found: Calendar, day: str) -> int:
    return (date.fromisoformat(day) - found.first_day).days


@pytest.mark.parametrize(("text", "seconds"), [("00:00", 0), ("09:30", 34_200), ("24:00", 86_400)])
def test_a_time_of_day_is_seconds_after_midnight(text, seconds):
    assert seconds_of_day(text) == seconds


def test_local_midnight_in_chicago_is_six_hours_behind_in_winter_and_five_in_summer():
    assert local_at(CHICAGO, date(2026, 3, 8), 0) == 1_772_949_600  # 06:00 UTC
    assert local_at(CHICAGO, date(2026, 3, 9), 0) == 1_773_032_400  # 05:00 UTC, 23 hours later


def test_a_time_that_the_clock_skips_is_read_an_hour_later():
    assert local_at(CHICAGO, date(2026, 3, 8), 9_000) == at("03:30", SUNDAY)  # 02:30 does not exist


def test_the_day_of_the_change_is_23_hours_long_and_the_others_are_24():
    found = calendar(CHICAGO)
    hours = np.diff(found.midnight_at[0]) // 3_600
    assert hours[row(found, SUNDAY)] == 23
    assert set(np.delete(hours, row(found, SUNDAY)).tolist()) == {24}


def test_a_local_time_after_the_change_is_one_hour_earlier_in_utc():
    found = calendar(CHICAGO)
    nine = found.at(["09:00"])[0]
    assert nine[row(found, SATURDAY)] == at("09:00", SATURDAY)
    assert nine[row(found, SUNDAY)] - nine[row(found, SATURDAY)] == 23 * 3_600
    assert nine[row(found, MONDAY)] - nine[row(found, SUNDAY)] == 24 * 3_600


def test_twenty_four_o_clock_is_the_next_midnight():
    found = calendar(CHICAGO)
    assert found.at(["24:00"])[0].tolist() == found.midnight_at[0, 1:].tolist()


def test_a_moment_belongs_to_the_day_of_its_site():
    found = calendar(CHICAGO, "Asia/Tokyo")
    midnight = at("00:00", SUNDAY)  # Sunday 15:00 in Tokyo
    sites, moments = np.array([0, 0, 1, 1]), np.array([midnight - 1, midnight, midnight, midnight + 9 * 3_600])
    days = [row(found, d) for d in (SATURDAY, SUNDAY, SUNDAY, MONDAY)]
    assert found.day_of(sites, moments).tolist() == days


def test_a_moment_before_the_calendar_has_no_day():
    found = calendar(CHICAGO)
    assert found.day_of(np.array([[0]]), np.array([[found.midnight_at[0, 0] - 1]])).tolist() == [[-1]]


def test_it_spans_the_day_before_the_first_moment_and_the_days_after_the_last():
    found = calendar(CHICAGO)
    assert found.first_day == date(2026, 3, 6)
    assert found.midnight_at[0, 0] < at("00:00", SATURDAY)
    assert found.midnight_at[0, -1] > at("23:00", "2026-03-10")


def test_weekdays_count_from_monday():
    found = calendar(CHICAGO)
    assert found.weekdays()[[row(found, d) for d in (SATURDAY, SUNDAY, MONDAY)]].tolist() == [6, 7, 1]


def test_a_span_that_ends_before_it_starts_is_refused():
    with pytest.raises(InputError, match="latest_at 0 is before earliest_at 1"):
        Calendar.spanning([CHICAGO], 1, 0, further_days=0)
