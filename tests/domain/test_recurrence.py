"""Rules of RFC 5545 with dates worked out on a calendar."""

from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.domain.calendar import local_at
from doorstep.domain.recurrence import Recurrence, local_day, next_occurrence, occurrences
from doorstep.foundation import InputError
from tests.small import CHICAGO, at

PARIS = "Europe/Paris"


def first_occurrences(rule: str, starts_at: int, zone: str, *, most: int) -> list[int]:
    return list(islice(occurrences(Recurrence.parse(rule), starts_at, zone), most))


def days(rule: str, start: int, zone: str = CHICAGO, most: int = 6) -> list[str]:
    return [local_day(zone, moment) for moment in first_occurrences(rule, start, zone, most=most)]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [  # from Tuesday 2026-03-03 on
        ("FREQ=DAILY;COUNT=3", ["2026-03-03", "2026-03-04", "2026-03-05"]),
        ("FREQ=DAILY;INTERVAL=10;COUNT=3", ["2026-03-03", "2026-03-13", "2026-03-23"]),
        ("FREQ=DAILY;BYDAY=SA,SU;COUNT=3", ["2026-03-07", "2026-03-08", "2026-03-14"]),
        ("FREQ=WEEKLY;COUNT=3", ["2026-03-03", "2026-03-10", "2026-03-17"]),
        ("FREQ=WEEKLY;BYDAY=TH,MO;COUNT=4", ["2026-03-05", "2026-03-09", "2026-03-12", "2026-03-16"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU;COUNT=4", ["2026-03-03", "2026-03-16", "2026-03-17", "2026-03-30"]),
        ("FREQ=MONTHLY;COUNT=3", ["2026-03-03", "2026-04-03", "2026-05-03"]),
        ("FREQ=MONTHLY;BYDAY=1TU,-1FR;COUNT=4", ["2026-03-03", "2026-03-27", "2026-04-07", "2026-04-24"]),
        ("FREQ=MONTHLY;BYDAY=5TU;COUNT=3", ["2026-03-31", "2026-06-30", "2026-09-29"]),
        ("FREQ=MONTHLY;BYDAY=WE,1MO;COUNT=5", ["2026-03-04", "2026-03-11", "2026-03-18", "2026-03-25", "2026-04-01"]),
        ("FREQ=WEEKLY;UNTIL=20260317", ["2026-03-03", "2026-03-10", "2026-03-17"]),
        ("FREQ=WEEKLY;UNTIL=20260316", ["2026-03-03", "2026-03-10"]),
        ("FREQ=WEEKLY;UNTIL=20260317T140000Z", ["2026-03-03", "2026-03-10", "2026-03-17"]),  # 09:00 in summer time
        ("FREQ=WEEKLY;UNTIL=20260317T135959Z", ["2026-03-03", "2026-03-10"]),
    ],
)
def test_days_of_a_rule(rule, expected):
    assert days(rule, at("09:00")) == expected


def test_months_without_the_day_are_passed_over():
    assert days("FREQ=MONTHLY;COUNT=4", at("09:00", "2026-01-31")) == [
        "2026-01-31", "2026-03-31", "2026-05-31", "2026-07-31"
    ]  # fmt: skip
    assert days("FREQ=MONTHLY;INTERVAL=12;COUNT=2", at("09:00", "2024-02-29")) == ["2024-02-29", "2028-02-29"]


def test_the_local_clock_stays_when_daylight_saving_begins_and_ends():
    spring = first_occurrences("FREQ=DAILY;COUNT=3", at("09:00", "2026-03-07"), CHICAGO, most=9)
    assert spring == [at("09:00", day) for day in ("2026-03-07", "2026-03-08", "2026-03-09")]
    assert [b - a for a, b in pairwise(spring)] == [82_800, 86_400]
    autumn = first_occurrences("FREQ=DAILY;COUNT=2", at("09:00", "2026-10-24", PARIS), PARIS, most=9)
    assert autumn[1] - autumn[0] == 90_000


def test_a_clock_time_that_is_left_out_counts_an_hour_later_and_one_that_comes_twice_the_first_time():
    spring = first_occurrences("FREQ=DAILY;COUNT=3", at("02:30", "2026-03-07"), CHICAGO, most=9)
    assert spring == [at("02:30", "2026-03-07"), at("03:30", "2026-03-08"), at("02:30", "2026-03-09")]
    first_pass = at("01:30", "2026-11-01")
    assert first_occurrences("FREQ=DAILY;COUNT=2", at("01:30", "2026-10-31"), CHICAGO, most=9)[1] == first_pass
    second_pass = first_pass + 3_600
    assert first_occurrences("FREQ=DAILY;COUNT=1", second_pass, CHICAGO, most=9) == [at("01:30", "2026-11-02")]


def test_a_rule_that_starts_on_the_day_of_the_change_keeps_its_clock():
    start = at("09:00", "2026-03-08")  # eight hours after midnight
    assert first_occurrences("FREQ=WEEKLY;COUNT=2", start, CHICAGO, most=9) == [start, at("09:00", "2026-03-15")]


def test_the_next_moment_is_later_than_now_and_none_after_the_last():
    rule = Recurrence.parse("FREQ=WEEKLY;COUNT=2")
    assert next_occurrence(rule, at("09:00"), CHICAGO, after=at("08:59")) == at("09:00")
    assert next_occurrence(rule, at("09:00"), CHICAGO, after=at("09:00")) == at("09:00", "2026-03-10")
    assert next_occurrence(rule, at("09:00"), CHICAGO, after=at("09:00", "2026-03-10")) is None


@given(
    st.sampled_from(
        ["FREQ=DAILY", "FREQ=WEEKLY", "FREQ=MONTHLY", "FREQ=WEEKLY;BYDAY=SU,TH", "FREQ=MONTHLY;BYDAY=-1FR,2TU"]
    ),
    st.sampled_from(
        ["", ";INTERVAL=3", ";COUNT=7", ";INTERVAL=2;COUNT=30", ";UNTIL=20270104", ";UNTIL=20261026T003000Z"]
    ),
    st.sampled_from([CHICAGO, PARIS, "Pacific/Kiritimati", "Etc/GMT+12", "Asia/Kolkata"]),
    st.integers(at("00:00"), at("23:59", "2026-11-01")),
    st.integers(-86_400, 500 * 86_400),
)
def test_what_comes_after_a_moment_is_what_comes_when_all_is_followed(rule, more, zone, starts_at, later_s):
    parsed, after = Recurrence.parse(rule + more), starts_at + later_s
    followed = (moment for moment in occurrences(parsed, starts_at, zone) if moment > after)
    assert next_occurrence(parsed, starts_at, zone, after=after) == next(followed, None)


@pytest.mark.parametrize("rule", ["FREQ=DAILY", "FREQ=DAILY;COUNT=1000", "FREQ=WEEKLY;BYDAY=MO", "FREQ=MONTHLY"])
def test_days_that_lie_behind_ask_for_no_clock(rule):
    after, before = at("09:00", "2028-09-01"), asked()
    found = next_occurrence(Recurrence.parse(rule), at("09:00"), CHICAGO, after=after)
    assert found is not None
    assert after < found <= after + 31 * 86_400
    assert asked() - before < 20


def asked() -> int:
    """Return how often a local clock was asked for its time."""
    found = local_at.cache_info()
    return found.hits + found.misses


def test_a_rule_that_names_no_day_of_the_calendar_ends():
    assert days("FREQ=MONTHLY;INTERVAL=1000", at("09:00")) == ["2026-03-03", "2109-07-03"]


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "FREQ=YEARLY",
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;FREQ=DAILY",
        "FREQ=WEEKLY;INTERVAL=0",
        "FREQ=WEEKLY;INTERVAL=x",
        "FREQ=WEEKLY;COUNT=1;UNTIL=20260401",
        "FREQ=WEEKLY;UNTIL=20260231",
        "FREQ=WEEKLY;UNTIL=soon",
        "FREQ=WEEKLY;UNTIL=20260401T240000Z",
        "FREQ=WEEKLY;BYSETPOS=1",
        "FREQ=MONTHLY;BYDAY=6MO",
    ],
)
def test_what_is_not_understood_is_refused(rule):
    with pytest.raises(InputError, match="rule"):
        Recurrence.parse(rule)
