"""Money is whole minor units; how many make a major one depends on the currency."""

from decimal import Decimal

import pytest

from doorstep.api.conventions.money import EXPONENTS, exponent_of, major_units
from doorstep.foundation import InputError


@pytest.mark.parametrize(("currency", "exponent"), [("USD", 2), ("EUR", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4)])
def test_each_currency_has_its_digits(currency, exponent):
    assert exponent_of(currency) == exponent


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [(1299, "USD", "12.99"), (1299, "JPY", "1299"), (1299, "KWD", "1.299"), (-5, "EUR", "-0.05")],
)
def test_minor_units_become_major_ones(amount, currency, text):
    assert major_units(amount, currency) == Decimal(text)


@pytest.mark.parametrize(("currency", "hint"), [("eur", "'EUR'"), ("XXL", "'USD'"), ("", "'USD'")])
def test_an_unknown_currency_is_refused_with_a_hint(currency, hint):
    with pytest.raises(InputError, match=hint):
        exponent_of(currency)


def test_every_code_has_three_capital_letters():
    assert [code for code in EXPONENTS if not (len(code) == 3 and code.isascii() and code.isupper())] == []
