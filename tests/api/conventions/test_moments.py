"""Moments are RFC 3339 with an offset outside and epoch seconds inside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.api.conventions.moments import LATEST_AT, from_full_date, from_rfc3339, to_full_date, to_rfc3339
from doorstep.foundation import InputError


@given(st.integers(0, LATEST_AT))
def test_a_moment_survives_the_way_out_and_back(at):
    assert from_rfc3339(to_rfc3339(at)) == at


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-03-02T15:15:00Z", 1_772_464_500),
        ("2026-03-02T09:15:00-06:00", 1_772_464_500),
        ("2026-03-02t15:15:00.999z", 1_772_464_500),
        ("1970-01-01T00:00:00Z", 0),
        ("9999-12-31T23:59:59Z", LATEST_AT),
    ],
)
def test_a_text_becomes_epoch_seconds(text, at):
    assert from_rfc3339(text) == at


def test_the_way_out_ends_in_z():
    assert to_rfc3339(1_772_464_500) == "2026-03-02T15:15:00Z"


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-02T15:15:00",
        "2026-03-02",
        "1772464500",
        "2026-03-02T15:15Z",
        "",
        "2026-03-02T15:15:00Z\n",
        "٢٠٢٦-03-02T15:15:00Z",
    ],
)
def test_a_text_of_another_form_is_refused(text):
    with pytest.raises(InputError, match="RFC 3339"):
        from_rfc3339(text)


@pytest.mark.parametrize(
    "text", ["2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "0000-01-01T00:00:00Z", "2026-03-02T25:00:00Z"]
)
def test_a_day_that_is_not_in_the_calendar_is_refused(text):
    with pytest.raises(InputError, match="calendar"):
        from_rfc3339(text)


@pytest.mark.parametrize("text", ["1969-12-31T23:59:59Z", "1970-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"])
def test_a_moment_outside_of_the_range_is_refused(text):
    with pytest.raises(InputError):
        from_rfc3339(text)


@pytest.mark.parametrize("at", [-1, LATEST_AT + 1])
def test_a_number_outside_of_the_range_is_not_written(at):
    with pytest.raises(InputError, match="milliseconds"):
        to_rfc3339(at)


@given(st.integers(0, 2_900_000))
def test_a_day_survives_the_way_out_and_back(day):
    assert from_full_date(to_full_date(day)) == day


@pytest.mark.parametrize("text", ["2026-3-02", "02.03.2026", "2026-02-30", "1969-12-31", "2026-03-02T10:00:00Z", ""])
def test_what_is_no_day_is_refused(text):
    with pytest.raises(InputError):
        from_full_date(text)


def test_days_are_counted_from_1970():
    assert (from_full_date("1970-01-01"), from_full_date("2026-03-02")) == (0, 20_514)
