"""Webhooks from the outbox to real receivers on loopback, by a clock that a test moves, on both databases."""

import json
import subprocess
import sys
import threading
import time
from contextlib import closing
from http.server import BaseHTTPRequestHandler
from itertools import pairwise

import pytest
from sqlalchemy import update
from standardwebhooks import Webhook

from doorstep.connectors.webhooks.schedule import DELAYS_S
from doorstep.operations.event_stream import events_after
from doorstep.operations.webhooks.again import replay
from doorstep.operations.webhooks.endpoints import (
    Endpoint,
    read_endpoint,
    register_endpoint,
    rotate_secret,
)
from doorstep.operations.webhooks.sending import LEASE_S
from doorstep.storage import Database, Writer
from doorstep.storage.check import check_books
from doorstep.storage.schema.journal import webhook_endpoints
from doorstep.worker import Worker
from tests.connectors.webhooks.receiver import Answer, Receiver, says
from tests.databases import CALLER, NOW
from tests.operations.webhooks.telling import NEW_SECRET, SECRET, happen, happened, listening, messages_to
from tests.worker.working import BOUND_S, LOCAL, Clock, Figures, started, worker_on

HOUR_S = 3_600
DRAIN = """
import sys
import numpy as np
from doorstep.connectors.webhooks import Sender
from doorstep.storage import Database
from doorstep.worker import Worker
worker = Worker(Database(sys.argv[1]), clock=lambda: int(sys.argv[2]), rng=np.random.default_rng(1),
                sender=Sender(allow_loopback=True), periodic=())
worker.drain(600)
"""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def worker(database: Database, clock: Clock):
    yield worker_on(database, clock, sender=LOCAL)
    with database.reading() as connection:
        assert check_books(connection) == []


def one_after_another(*answers: Answer) -> Answer:
    """Return an answer that is another one each time, and the last one from then on."""
    left = list(answers)

    def answer(handler: BaseHTTPRequestHandler) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(handler)

    return answer


class Held:
    """An answer that is given when a test says so."""

    def __init__(self, answer: Answer, after: int = 1) -> None:
        self.reached, self.go = threading.Event(), threading.Event()
        self._answer, self._after, self._lock = answer, after, threading.Lock()

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        with self._lock:
            self._after -= 1
            if not self._after:
                self.reached.set()
        self.go.wait(BOUND_S)
        self._answer(handler)


def ids(receiver: Receiver) -> list[str]:
    return [heard.headers["webhook-id"] for heard in receiver.heard]


def objects(receiver: Receiver) -> list[str]:
    return [json.loads(heard.body)["data"]["id"] for heard in receiver.heard]


def endpoint_now(database: Database, endpoint: Endpoint) -> Endpoint:
    with database.reading() as connection:
        return read_endpoint(connection, CALLER.tenant_id, endpoint.endpoint_id)


def test_an_event_arrives_signed_with_every_secret_of_the_endpoint(database):
    clock = Clock(int(time.time()))  # a receiver refuses what is not of the present
    with Receiver(says(204)) as receiver:
        endpoint = listening(database, url=receiver.url, now=clock.now)
        with database.writing() as connection:
            rotate_secret(connection, CALLER, endpoint.endpoint_id, NEW_SECRET, now=clock.now)
        (event_id,) = happened(database, "ord_1", at=clock.now)
        assert worker_on(database, clock, sender=LOCAL).drain(BOUND_S)
    (heard,) = receiver.heard
    for secret in (SECRET, NEW_SECRET):
        told = Webhook(secret).verify(heard.body, heard.headers)
        assert (told["type"], told["data"]) == ("order.placed", {"id": "ord_1", "n": event_id})
    (message,) = messages_to(database, endpoint)
    assert (message.state, message.attempts, message.last_status) == ("delivered", 1, 204)
    assert message.message_id == heard.headers["webhook-id"]


def test_a_receiver_that_fails_is_tried_by_the_schedule_and_has_it_once_when_it_recovers(database, clock, worker):
    with Receiver(one_after_another(*[says(503)] * 4, says(200))) as receiver:
        endpoint = listening(database, url=receiver.url)
        happened(database, "ord_1")
        moments = []
        for attempt in range(5):
            assert worker.drain(BOUND_S)
            moments.append(clock.now)
            assert len(receiver.heard) == attempt + 1
            (message,) = messages_to(database, endpoint)
            if message.next_at is not None:
                clock.now = message.next_at - 1
                assert not worker.tick()
                clock.now = message.next_at
        clock.now += 999_999
        assert not worker.tick()
    waits = [later - earlier for earlier, later in pairwise(moments)]
    assert all(delay <= wait <= delay * 1.1 for delay, wait in zip(DELAYS_S[1:5], waits, strict=True))
    assert len(set(ids(receiver))) == 1
    assert (message.state, message.attempts, message.last_status) == ("delivered", 5, 200)
    assert endpoint_now(database, endpoint).failures == 0


def test_after_ten_attempts_a_message_is_dead_and_a_replay_is_a_new_one(database, clock, worker):
    with Receiver(one_after_another(*[says(500)] * 10, says(200))) as receiver:
        endpoint = listening(database, url=receiver.url)
        happened(database, "ord_1")
        for _ in range(12):
            worker.drain(BOUND_S)
            clock.now += 30 * HOUR_S
        (message,) = messages_to(database, endpoint)
        assert (message.state, message.attempts, len(receiver.heard)) == ("dead", 10, 10)
        with database.writing() as connection:
            (again,) = replay(connection, CALLER, endpoint.endpoint_id, message_ids=[message.message_id], now=clock.now)
        worker.drain(BOUND_S)
    assert ids(receiver)[-1] == again != message.message_id
    assert [m.state for m in messages_to(database, endpoint)] == ["dead", "delivered"]
    assert receiver.heard[0].body == receiver.heard[-1].body


def test_a_receiver_that_asks_for_patience_gets_it(database, clock, worker):
    with Receiver(says(429, ("Retry-After", "900"))) as receiver:
        endpoint = listening(database, url=receiver.url)
        happened(database, "ord_1")
        worker.drain(BOUND_S)
    (message,) = messages_to(database, endpoint)
    assert message.next_at == NOW + 900


def test_a_redirect_is_a_failure_and_is_not_followed(database, clock, worker):
    with Receiver(says(200)) as elsewhere, Receiver(says(302, ("Location", elsewhere.url))) as receiver:
        endpoint = listening(database, url=receiver.url)
        happened(database, "ord_1")
        worker.drain(BOUND_S)
    (message,) = messages_to(database, endpoint)
    assert (message.state, message.last_status) == ("retrying", 302)
    assert message.last_error == "answered 302; redirects are not followed"
    assert elsewhere.heard == []


def test_an_endpoint_that_is_gone_is_switched_off_and_others_are_told(database, clock, worker):
    with Receiver(says(410)) as receiver, Receiver(says(200)) as other:
        endpoint = listening(database, "order.*", url=receiver.url)
        listening(database, "webhook.*", url=other.url)
        happened(database, "ord_1", "ord_2", "ord_3")
        for _ in range(3):
            worker.drain(BOUND_S)
            clock.now += 10
    found = endpoint_now(database, endpoint)
    assert (found.state, found.disabled_reason) == ("disabled", "gone")
    assert len(receiver.heard) <= 2  # those two that were under way together
    assert [b'"webhook.disabled"' in heard.body for heard in other.heard] == [True]
    with database.reading() as connection:
        assert len(events_after(connection, CALLER.tenant_id, 0, types=["webhook.disabled"]).events) == 1


def test_an_endpoint_that_failed_three_hundred_times_in_a_row_is_switched_off(database, clock, worker):
    with Receiver(says(500)) as receiver:
        endpoint = listening(database, url=receiver.url)
        with database.writing() as connection:
            connection.execute(update(webhook_endpoints).values(failures=298))
        happened(database, "ord_1")
        worker.drain(BOUND_S)
        assert endpoint_now(database, endpoint).state == "enabled"
        clock.now += 10
        worker.drain(BOUND_S)
    found = endpoint_now(database, endpoint)
    assert (found.state, found.disabled_reason, found.failures) == ("disabled", "failing", 300)


def test_a_slow_endpoint_has_two_under_way_and_delays_no_other(database, clock, worker):
    slow_answer = Held(says(200), after=2)
    with Receiver(slow_answer) as slow, Receiver(says(200)) as quick:
        listening(database, url=slow.url)
        listening(database, url=quick.url)
        names = [f"ord_{number}" for number in range(12)]
        happened(database, *names)
        ends = time.monotonic() + BOUND_S
        while len(quick.heard) < 12:
            worker.tick()
            assert time.monotonic() < ends
        assert slow_answer.reached.wait(BOUND_S)
        assert len(slow.heard) == 2
        slow_answer.go.set()
        assert worker.drain(BOUND_S)
        assert sorted(objects(slow)) == sorted(objects(quick)) == sorted(names)


def test_an_endpoint_is_called_by_two_threads_at_most_however_much_there_is_for_it(database, clock, worker):
    lock, busy, peak = threading.Lock(), [0], [0]

    def counted(handler: BaseHTTPRequestHandler) -> None:
        with lock:
            busy[0] += 1
            peak[0] = max(peak[0], busy[0])
        time.sleep(0.002)
        with lock:
            busy[0] -= 1
        says(200)(handler)  # counted out before: the sender goes on once it has heard this

    with Receiver(counted) as receiver:
        endpoint = listening(database, url=receiver.url)
        happened(database, *(f"ord_{number}" for number in range(90)))
        assert worker.drain(BOUND_S)
    assert len(set(ids(receiver))) == len(ids(receiver)) == 90
    assert peak[0] <= 2
    assert {message.state for message in messages_to(database, endpoint)} == {"delivered"}


def test_after_a_failure_the_rest_of_a_lane_is_left_alone_and_comes_again(database, clock, worker):
    with Receiver(one_after_another(*[says(500)] * 5, says(200))) as receiver:
        endpoint = listening(database, url=receiver.url)
        happened(database, *(f"ord_{number}" for number in range(30)))
        worker.drain(BOUND_S)
        clock.now += 400
        worker.drain(BOUND_S)
    messages = messages_to(database, endpoint)
    assert {message.state for message in messages} == {"delivered"}
    assert sum(message.attempts for message in messages) == len(receiver.heard) == 35


def test_dead_endpoints_never_take_all_threads(database, clock):
    answers = [Held(says(500)) for _ in range(6)]
    receivers = [Receiver(answer) for answer in answers]
    with Receiver(says(200)) as alive:
        for receiver in receivers:
            listening(database, url=receiver.__enter__().url)
        with database.writing() as connection:
            connection.execute(update(webhook_endpoints).values(failures=50))
        listening(database, url=alive.url)
        worker = worker_on(database, clock, sender=LOCAL, sends_at_once=4)
        happened(database, "ord_1")
        while not alive.heard:
            worker.tick()
        assert sum(len(receiver.heard) for receiver in receivers) <= 2
        for answer in answers:
            answer.go.set()
        assert worker.drain(BOUND_S)
        for receiver in receivers:
            receiver.__exit__(None, None, None)


def test_messages_about_one_object_arrive_in_their_order_also_where_the_first_one_fails(database, clock, worker):
    with Receiver(one_after_another(says(500), says(500), says(200))) as receiver:
        endpoint = listening(database, url=receiver.url)
        with database.writing() as connection:
            for event_type in ("order.created", "order.placed", "order.allocated"):
                happen(connection, "ord_1", event_type)
        for _ in range(3):
            worker.drain(BOUND_S)
            clock.now += 400
    expected = [message.message_id for message in messages_to(database, endpoint)]
    assert ids(receiver) == [expected[0]] * 3 + expected[1:]


def test_what_was_delivered_is_never_sent_again(database, clock):
    with Receiver(says(200)) as receiver:
        listening(database, url=receiver.url)
        names = [f"ord_{number % 7}" for number in range(40)]
        happened(database, *names)
        workers = [worker_on(database, clock, sender=LOCAL, name=name) for name in ("ann", "bob")]
        threads = [threading.Thread(target=worker.drain, args=(BOUND_S,)) for worker in workers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(BOUND_S)
        for worker in workers:
            worker.drain(BOUND_S)
            clock.now += LEASE_S + 1
            worker.drain(BOUND_S)
        assert len(ids(receiver)) == len(set(ids(receiver))) == 40
        heard = objects(receiver)
        assert sorted(heard) == sorted(names)


def test_a_worker_killed_while_it_sends_leaves_the_message_to_another_under_the_same_id(database, clock):
    held = Held(says(200))
    with Receiver(held) as receiver:
        endpoint = listening(database, url=receiver.url)
        happened(database, "ord_1")
        url = database.url.render_as_string(hide_password=False)
        victim = subprocess.Popen([sys.executable, "-c", DRAIN, url, str(clock.now)])
        assert held.reached.wait(2 * BOUND_S)
        victim.kill()
        victim.wait(BOUND_S)
        held.go.set()
        worker = worker_on(database, clock, sender=LOCAL)
        assert not worker.tick()  # it might still be at it
        clock.now += LEASE_S
        assert worker.drain(BOUND_S)
    first, second = ids(receiver)
    assert first == second
    (message,) = messages_to(database, endpoint)
    assert (message.message_id, message.state, message.attempts) == (first, "delivered", 1)


def test_a_worker_that_ends_while_it_sends_gives_the_message_back(database, clock):
    held = Held(says(200))
    with Receiver(held) as receiver:
        listening(database, url=receiver.url)
        happened(database, "ord_1")
        worker = worker_on(database, clock, sender=LOCAL, grace_s=0.01)
        worker.tick()
        assert held.reached.wait(BOUND_S)
        worker.stop()
        held.go.set()
        assert worker_on(database, clock, sender=LOCAL, name="bob").drain(BOUND_S)
        assert worker.drain(BOUND_S)  # its thread ends when the answer has come
    assert len(set(ids(receiver))) == 1


def test_an_event_is_sent_at_once_where_the_writer_wakes_the_worker(database, clock):
    wake, figures = threading.Event(), Figures()
    writer = Writer(database, committed=wake)
    worker: Worker = worker_on(database, clock, sender=LOCAL, writer=writer, wake=wake, count=figures)
    with Receiver(says(200)) as receiver, closing(writer), started(worker):
        writer.call(lambda c: register_endpoint(c, CALLER, receiver.url, (), SECRET, now=NOW)).result(BOUND_S)
        writer.call(lambda connection: happen(connection, "ord_1")).result(BOUND_S)
        assert figures.wait_for("webhook_attempts", "delivered")
        assert objects(receiver) == ["ord_1"]


def test_an_event_that_is_too_large_arrives_as_its_ids(database, clock, worker):
    with Receiver(says(200)) as receiver:
        listening(database, url=receiver.url)
        with database.writing() as connection:
            connection.journal.publish(
                event_id="evt_1",
                tenant_id=CALLER.tenant_id,
                type="order.placed",
                kind="order",
                object_id="ord_1",
                sequence=1,
                at=NOW,
                data={"order_id": "ord_1", "text": "x" * 30_000},
            )
        worker.drain(BOUND_S)
    (heard,) = receiver.heard
    assert b'"data":{"order_id":"ord_1","truncated":true}' in heard.body
