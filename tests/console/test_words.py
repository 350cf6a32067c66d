"""Amounts, times and codes as people read them."""

import pytest

from doorstep.console import words as w
from tests.console.small_plan import at


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (120450, "USD", "$1,204.50"),
        (-80, "USD", "\u2212$0.80"),
        (320, "CHF", "CHF 3.20"),
        (1500, "JPY", "¥1,500"),
        (1234, "KWD", "KWD 1.234"),
        (-0.2, "USD", "$0.00"),
        (783.4, "EUR", "€7.83"),
    ],
)
def test_money_has_its_currency_and_the_digits_of_its_minor_unit(minor, currency, text):
    assert w.money(minor, currency) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(40, "40 s"), (1500, "25 min"), (3570, "1 h 00"), (5100, "1 h 25"), (183600, "2 d 3 h")]
)
def test_durations_take_the_largest_unit_that_fits(seconds, text):
    assert w.duration(seconds) == text


def test_times_are_local_to_the_place_and_name_the_zone():
    assert w.when(at(14, 30), "America/Chicago") == "14:30 CST on Tue 3 Nov"
    assert w.when(at(14, 30), "Europe/Berlin") == "21:30 CET on Tue 3 Nov"


def test_a_period_on_one_day_names_the_day_once():
    assert w.period(at(8), at(20), "America/Chicago") == "Tue 3 Nov between 08:00 and 20:00 CST"
    assert w.period(at(20), at(2, day=4), "America/Chicago") == "between 20:00 on Tue 3 Nov and 02:00 CST on Wed 4 Nov"


def test_counts_keep_decimals_only_where_they_say_something():
    assert [w.count(number) for number in (5000, 1.06, 41.22, 12.0)] == ["5,000", "1.06", "41.2", "12"]


def test_long_lists_end_with_the_number_left_out():
    assert w.listed(["a", "b", "c", "d"], most=3) == "a, b and 2 more"
    assert w.listed(["a"]) == "a"
    assert w.listed([]) == "nothing"
