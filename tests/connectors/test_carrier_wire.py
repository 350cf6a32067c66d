"""What the network and carriers do to requests, in the three outcomes that connectors know."""

import httpx2
import pytest

from doorstep.connectors.carrier_wire import Wire, moment_of, rfc3339, text_of, whole_of
from doorstep.foundation import UpstreamError
from doorstep.ports import CarrierBusyError, CarrierRefusedError


def answering(status: int, body: bytes = b"{}", **headers: str) -> Wire:
    there = httpx2.MockTransport(lambda _request: httpx2.Response(status, content=body, headers=headers))
    return Wire(
        carrier="Somebody", base_url="https://c.example", timeout_s=5, busy_codes=frozenset(("full",)), transport=there
    )


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"{}"),
        (503, b"<html>"),
        (504, b""),
        (408, b'{"code": "request_timeout"}'),
        (302, b"{}"),
        (204, b""),
        (200, b"not JSON"),
        (200, b"[1]"),
        (200, b"[" * 100_000),
        (200, b" " * 10_000_001),
    ],
)
def test_what_is_no_answer_leaves_open_whether_it_was_heard(status, body):
    with pytest.raises(UpstreamError) as caught:
        answering(status, body).ask("GET", "/")
    assert not isinstance(caught.value, CarrierRefusedError | CarrierBusyError)


@pytest.mark.parametrize(("said", "wait_s"), [("12", 12), ("", 0), ("soon", 0), ("-3", 0), ("99999999999999", 3_600)])
def test_a_busy_carrier_says_how_long_to_wait_or_not(said, wait_s):
    with pytest.raises(CarrierBusyError) as caught:
        answering(429, **{"Retry-After": said}).ask("GET", "/")
    assert caught.value.retry_after_s == wait_s


def test_a_carrier_may_be_busy_in_its_own_words():
    with pytest.raises(CarrierBusyError):
        answering(503, b'{"code": "full"}').ask("GET", "/")


def test_a_refusal_is_an_answer_for_the_connector_to_judge():
    answer = answering(400, b'{"code": "no"}').ask("GET", "/")
    assert (answer.ok, answer.code, answer.status) == (False, "no", 400)
    assert answering(404, b"gone").ask("GET", "/").content == {}


def test_what_is_missing_or_of_another_kind_is_read_as_nothing():
    said = {"a": {"b": 3}, "at": "2026-03-08T06:00:00.250Z", "flag": True}
    assert (whole_of(said, "a", "b"), whole_of(said, "a", "c"), whole_of(said, "flag")) == (3, 0, 0)
    assert (text_of(said, "a", "b"), text_of(said, "a", "b", "c"), text_of(None, "a")) == ("", "", "")
    assert (moment_of(said, "at"), moment_of(said, "a")) == (1_772_949_600, 0)
    assert rfc3339(1_772_949_600) == "2026-03-08T06:00:00Z"
