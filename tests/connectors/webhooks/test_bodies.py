"""What a webhook and an event say, byte by byte."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.connectors.webhooks import cloud_event, webhook_body
from doorstep.connectors.webhooks.translate import Json
from doorstep.foundation import InputError

AT = 1_772_949_600  # 2026-03-08 06:00 UTC


def test_a_body_is_compact_json_of_type_timestamp_and_data():
    assert (
        webhook_body("delivery.picked_up", AT, {"id": "dlv_1", "by": "Zoë", "parcels": [1, None]})
        == (
            '{"type":"delivery.picked_up","timestamp":"2026-03-08T06:00:00Z",'
            '"data":{"id":"dlv_1","by":"Zoë","parcels":[1,null]}}'
        ).encode()
    )


def body_of(length: int) -> bytes:
    """Return the body of an event whose whole JSON has this many bytes."""
    empty = len(webhook_body("a.b", AT, {"id": "1", "note": ""}))
    return webhook_body("a.b", AT, {"id": "1", "note": "x" * (length - empty)})


def test_a_body_just_below_20_kb_is_sent_whole_and_one_byte_more_is_not():
    assert len(body_of(19_999)) == 19_999
    assert json.loads(body_of(20_000))["data"] == {"id": "1", "truncated": True}


def test_data_that_is_too_large_gives_way_to_its_ids():
    lines: list[Json] = ["x" * 30_000]
    data: dict[str, Json] = {"id": "ord_1", "site_id": "S1", "wave_id": 7, "parent_id": None, "identity": "x"}
    data["lines"] = lines
    assert json.loads(webhook_body("order.placed", AT, data)) == {
        "type": "order.placed",
        "timestamp": "2026-03-08T06:00:00Z",
        "data": {"id": "ord_1", "site_id": "S1", "wave_id": 7, "truncated": True},
    }


def test_even_ids_that_are_too_large_leave_a_body_that_fits():
    assert json.loads(webhook_body("a.b", AT, {"id": "x" * 30_000}))["data"] == {"truncated": True}


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)


@given(st.dictionaries(texts, values, max_size=4), st.integers(0, 30_000))
def test_every_body_is_small_enough_and_comes_back_as_it_was(data, filling):
    data = data | {"filling": "x" * filling}
    body = webhook_body("a.b", AT, data)
    assert len(body) < 20_000
    read = json.loads(body)["data"]
    assert read.get("truncated") is True or read == data


@pytest.mark.parametrize("event_type", ["", ".", "a.", ".a", "a..b", "a b", "a-b", "ä", "a\n", "a" * 101])
def test_a_type_that_is_not_dotted_words_is_refused(event_type):
    with pytest.raises(InputError, match="must be words of a-z"):
        webhook_body(event_type, AT, {})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800"])
def test_data_that_json_has_no_words_for_is_refused(value):
    with pytest.raises(InputError, match="cannot be written as JSON"):
        webhook_body("a.b", AT, {"x": value})


def test_the_envelope_of_an_event_is_cloudevents_1_0():
    event = cloud_event(
        event_id="evt_1",
        event_type="order.placed",
        source="/merchants/mer_1",
        subject="ord_1",
        occurred_at=AT,
        sequence=12,
        data={"state": "placed"},
    )
    assert event == {
        "specversion": "1.0",
        "id": "evt_1",
        "source": "/merchants/mer_1",
        "type": "order.placed",
        "subject": "ord_1",
        "time": "2026-03-08T06:00:00Z",
        "sequence": "000000000012",
        "datacontenttype": "application/json",
        "data": {"state": "placed"},
    }
