"""Whatever is asked, an answer is one: no error, a score from 0 to 1, and a place unless there is none."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.geography.addresses import AddressIndex, Precision, Question, find
from tests.geography.addresses.towns import index_of, street

WORDS = st.sampled_from(
    ["Elm", "elm", "Street", "St.", "Road", "5", "7", "12a", "12345", "99999", "Town", "Ton", ",", "Hauptstr.", "улица",
     "Ленина", "-", "/", "3/4", "the", "N", "南京东路", "Apt"]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=30), st.lists(WORDS, max_size=9).map(" ".join))


@pytest.fixture(scope="module")
def town() -> AddressIndex:
    return index_of(
        *street("Elm Street", 5, 7, "12a", lat=50.0, code="12345", city="Town"),
        *street("Elm Road", 5, lat=50.1, code="99999", city="Village"),
        *street("Hauptstraße", 5, lat=50.2),
        *street("улица Ленина", 7, lat=50.3),
        *street("南京东路", 5, lat=50.4),
    )


@settings(max_examples=300)
@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_any_question_has_an_answer(town: AddressIndex, text: str, street: str, number: str, city: str) -> None:
    for question in (
        Question(text=text),
        Question(street=street, house_number=number, city=city),
        Question(text=text, street=street, house_number=number, postal_code=number, city=city),
    ):
        answer = find(town, question)
        assert 0 <= answer.score <= 1
        assert math.isnan(answer.lat) == math.isnan(answer.lon) == (answer.precision is Precision.NONE)
        assert answer.precision is not Precision.HOUSE or answer.house_number
        assert all(0 <= candidate.score <= 1 for candidate in answer.candidates)
        assert find(town, question).precision is answer.precision
