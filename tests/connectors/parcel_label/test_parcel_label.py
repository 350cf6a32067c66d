"""SSCCs and labels by GS1's own examples, and read back from the code as a station without a network would."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.connectors.parcel_label import ParcelLabel, geo_digits, read_label, words_on
from doorstep.domain.sscc import check_digit, is_sscc, sscc_of
from doorstep.foundation import ConflictError, InputError

LABEL = ParcelLabel(
    sscc=sscc_of("9520000", 1), to_name="Zoë & Co +1/2 50%", to_line_1="1 Main St #4", to_town="Oak Park",
    to_postal_code="60601", to_country="US", to_phone="+13125550100", lat=41.0123456, lon=-87.5,
    needs_signature=True, not_before="2603031400",
)  # fmt: skip


def test_check_digits_and_places_are_those_of_the_standard():
    assert check_digit("37610425002123456") == "9"  # the example of the general specifications
    assert geo_digits(lat=-62.0914152, lon=-58.4702029) == "02790858483015297971"
    assert [geo_digits(lat=90, lon=lon)[10:] for lon in (-180, 180, 0)] == ["1800000000", "1800000000", "0000000000"]


def test_a_serial_runs_over_into_the_extension_digit_and_then_there_is_none_left():
    assert [sscc_of("9520000", n)[:-1] for n in (1, 10**9 - 1, 10**9)] == [
        "09520000000000001", "09520000999999999", "19520000000000000",
    ]  # fmt: skip
    with pytest.raises(ConflictError, match="has no serial number"):
        sscc_of("9520000", 10**10)


@given(st.from_regex(r"[0-9]{7,10}", fullmatch=True), st.integers(0, 9_999_999))
def test_every_sscc_has_18_digits_and_one_wrong_digit_is_noticed(prefix, serial):
    sscc = sscc_of(prefix, serial)
    assert is_sscc(sscc)
    assert not any(is_sscc(sscc[:n] + str((int(d) + 1) % 10) + sscc[n + 1 :]) for n, d in enumerate(sscc))


def test_a_label_is_an_element_string_and_a_digital_link():
    gs = "\x1d"
    assert LABEL.element_string() == gs.join(
        ("000952000000000000114301Zo%C3%AB+&+Co+%2B1/2+50%25", "43021+Main+St+%234", "4305Oak+Park", "42060601",
         "4307US", "4308+13125550100", "43242603031400", "430913101234562725000000", "43210", "43220", "43231")
    )  # fmt: skip
    assert LABEL.digital_link().startswith("https://id.gs1.org/00/095200000000000011?4301=Zo%25C3%25AB%2B%26%2BCo")
    assert words_on(LABEL) == [
        "Zoë & Co +1/2 50%", "1 Main St #4", "Oak Park 60601 US", "+13125550100", "not before 2603031400, signature",
        "(00) 095200000000000011",
    ]  # fmt: skip


@given(
    st.builds(
        ParcelLabel,
        sscc=st.integers(0, 10**9).map(lambda n: sscc_of("9520000", n)),
        to_name=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=3),
        to_line_1=st.text("aZ09 +%&=?#/é", max_size=9),
        lat=st.integers(-900_000_000, 900_000_000).map(lambda n: n / 10_000_000),
        lon=st.integers(-1_799_999_999, 1_800_000_000).map(lambda n: n / 10_000_000),
        is_dangerous=st.booleans(),
        may_be_left=st.booleans(),
        not_before=st.sampled_from(["", "2603031400"]),
    )
)
def test_what_a_label_says_is_read_back_from_either_form(label):
    for text in (label.element_string(), "]d2" + label.element_string(), label.digital_link("http://localhost:8000")):
        assert read_label(text) == label


def test_other_peoples_labels_are_read_as_far_as_they_say_where_to():
    theirs = "]C1" + "00" + LABEL.sscc + "3102001250" + "10LOT7\x1d" + "4310Back+Co\x1d" + "4307CA"
    assert read_label(theirs) == ParcelLabel(sscc=LABEL.sscc, to_country="CA")


@pytest.mark.parametrize("text", ["", "4307US", "00095200000000000012", "https://example.org/01/123?4307=US"])
def test_a_label_without_a_right_sscc_is_none(text):
    with pytest.raises(InputError, match="has no SSCC"):
        read_label(text)


def test_a_long_text_is_cut_between_characters():
    long = ParcelLabel(sscc=LABEL.sscc, to_name="é" * 20)
    assert long.elements()["4301"] == "%C3%A9" * 5
