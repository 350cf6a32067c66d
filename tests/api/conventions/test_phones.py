"""Phone numbers become E.164, or are refused without being repeated."""

import pytest

from doorstep.api.conventions.phones import to_e164
from doorstep.foundation import InputError


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+12025550143", "+12025550143"),
        ("+1 (202) 555-0143", "+12025550143"),
        ("+44 20 7946 0018", "+442079460018"),
        ("+49 30 123456", "+4930123456"),
    ],
)
def test_what_people_type_becomes_e164(text, number):
    assert to_e164(text) == number


@pytest.mark.parametrize(
    "text",
    ["202-555-0143", "+", "+1", "+1202555014", "+12025550143 ext. 7", "+999123456789", "call me", "+" + "1" * 40, ""],
)
def test_anything_else_is_refused_without_repeating_it(text):
    with pytest.raises(InputError) as caught:
        to_e164(text)
    assert len(text) < 5 or text not in str(caught.value)
