"""Money is whole minor units; how many make a major one depends on the currency."""

import pytest

from doorstep.api.conventions.money import EXPONENTS, exponent_of
from doorstep.foundation import InputError


@pytest.mark.parametrize(("currency", "exponent"), [("USD", 2), ("EUR", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4)])
def test_each_currency_has_its_digits(currency, exponent):
    assert exponent_of(currency) == exponent


@pytest.mark.parametrize(("currency", "hint"), [("eur", "'EUR'"), ("XXL", "'USD'"), ("", "'USD'")])
def test_an_unknown_currency_is_refused_with_a_hint(currency, hint):
    with pytest.raises(InputError, match=hint):
        exponent_of(currency)


def test_every_code_has_three_capital_letters():
    assert [code for code in EXPONENTS if not (len(code) == 3 and code.isascii() and code.isupper())] == []
