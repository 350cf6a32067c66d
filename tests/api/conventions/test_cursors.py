"""A cursor comes back as the place it stands for, and only to the listing that gave it."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.api.conventions.cursors import BadCursorError, Place, decode_cursor, encode_cursor

PLACE = Place(created_at=1_772_464_500, row_id="ord_01JNB8X4")
ids = st.text(st.characters(exclude_categories=["Cs"]), max_size=26)


@given(st.integers(0, 2**53), ids)
def test_a_place_survives_the_way_out_and_back(created_at, row_id):
    place = Place(created_at=created_at, row_id=row_id)
    assert decode_cursor(encode_cursor(place, listing="orders"), listing="orders") == place


def test_a_cursor_needs_no_escaping_in_an_address():
    text = encode_cursor(PLACE, listing="orders")
    assert text.replace("-", "").replace("_", "").isalnum()


@given(st.integers(0, 300), st.integers(1, 255))
def test_one_changed_byte_is_noticed(place, change):
    whole = bytearray(base64.urlsafe_b64decode(encode_cursor(PLACE, listing="orders") + "=="))
    whole[place % len(whole)] ^= change
    with pytest.raises(BadCursorError):
        decode_cursor(base64.urlsafe_b64encode(bytes(whole)).rstrip(b"=").decode(), listing="orders")


def test_a_cursor_of_another_listing_is_refused():
    with pytest.raises(BadCursorError, match="start again without cursor"):
        decode_cursor(encode_cursor(PLACE, listing="orders?merchant=m1"), listing="orders?merchant=m2")


@given(st.text(max_size=300))
def test_no_text_does_more_harm_than_a_bad_cursor(text):
    with pytest.raises(BadCursorError):
        decode_cursor(text, listing="orders")


@pytest.mark.parametrize(
    "change", [lambda text: text + "=", lambda text: text[:-1], lambda text: f" {text}", lambda text: text * 9]
)
def test_a_cursor_that_is_written_otherwise_is_refused(change):
    with pytest.raises(BadCursorError):
        decode_cursor(change(encode_cursor(PLACE, listing="orders")), listing="orders")
