"""Versions leave as ETag and come back as If-Match."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.api.conventions.versions import (
    BadVersionError,
    IfMatch,
    VersionChangedError,
    VersionNeededError,
    etag_of,
    is_not_modified,
    parse_if_match,
)


@given(st.integers(0, 2**53))
def test_a_version_survives_the_way_out_and_back(version):
    assert parse_if_match(etag_of(version)) == IfMatch(frozenset({version}))


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ('"7"', {7}),
        ('"7", "8"', {7, 8}),
        (' "7" ,"8" ', {7, 8}),
        ('W/"7"', set()),
        ('W/"7", "9"', {9}),
        ('"foreign"', set()),
        ('"12345678901234567890"', set()),
        ('""', set()),
    ],
)
def test_strong_tags_name_the_wanted_versions(header, wanted):
    assert parse_if_match(header) == IfMatch(frozenset(wanted))


def test_the_version_that_is_there_passes():
    parse_if_match('"6", "7"').check(7)


def test_another_version_is_a_conflict_that_names_the_present_one():
    with pytest.raises(VersionChangedError, match="version 8 now"):
        parse_if_match('"7"').check(8)


def test_a_star_matches_any_version():
    parse_if_match(" * ").check(8)


@pytest.mark.parametrize("header", [None, "", "  "])
def test_without_the_header_the_version_is_asked_for(header):
    with pytest.raises(VersionNeededError, match="If-Match"):
        parse_if_match(header)


@pytest.mark.parametrize(
    "header", ["7", '"7', '"7" "8"', '"7",,', 'w/"7"', '"7"x', '"7", ' * 400, '"\x00"', '"é"', "**"]
)
def test_what_is_no_list_of_tags_is_refused(header):
    with pytest.raises(BadVersionError):
        parse_if_match(header)


@pytest.mark.parametrize(
    ("header", "same"),
    [(None, False), ("", False), ('"7"', True), ('W/"7"', True), ('"6", "7"', True), ('"6"', False), ("*", True)],
)
def test_a_reader_that_has_the_version_need_not_read_it_again(header, same):
    assert is_not_modified(header, 7) is same
