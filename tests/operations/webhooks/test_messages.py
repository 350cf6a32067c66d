"""Events become messages once, are leased to one sender, keep the order of their object, and end, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select, update

from doorstep.foundation import ConflictError, InputError, NotFoundError
from doorstep.operations.event_stream import events_after
from doorstep.operations.webhooks.again import replay
from doorstep.operations.webhooks.again import test_message as send_test
from doorstep.operations.webhooks.endpoints import disable_endpoint, enable_endpoint, read_endpoint
from doorstep.operations.webhooks.fan_out import fan_out, has_events_to_fan_out
from doorstep.operations.webhooks.messages import open_messages
from doorstep.operations.webhooks.sending import (
    Attempt,
    DueMessage,
    due_messages,
    give_back_messages,
    has_due_messages,
    record_attempt,
)
from doorstep.storage import Database
from doorstep.storage.schema.journal import webhook_endpoints, webhook_messages
from tests.databases import CALLER, NOW, add_tenant
from tests.operations.webhooks.telling import Verdict, arrived, failed, happen, happened, listening, messages_to

OK = Attempt(status=200, error="", next_at=None)


def retry(at: int) -> Attempt:
    return Attempt(status=503, error="answered 503", next_at=at)


def lease(database: Database, *, now: int = NOW, limit: int = 50, **given) -> list[DueMessage]:
    with database.writing() as connection:
        return due_messages(connection, now=now, limit=limit, **given)


def record(database: Database, message: DueMessage, attempt: Attempt = OK, judge=arrived, *, now: int = NOW) -> str:
    with database.writing() as connection:
        return record_attempt(connection, message, attempt, judge=judge, now=now)


def spread(database: Database, *, now: int = NOW, limit: int = 500) -> int:
    with database.writing() as connection:
        return fan_out(connection, now=now, limit=limit)


def test_an_event_becomes_a_message_to_every_endpoint_that_wants_its_type(database):
    types = {"all": [], "exact": ["order.placed"], "kind": ["order.*"], "other": ["order.place", "route.*"]}
    wants = {name: listening(database, *wanted) for name, wanted in types.items()}
    happened(database, "ord_1")
    assert spread(database) == 1
    counts = {name: len(messages_to(database, endpoint)) for name, endpoint in wants.items()}
    assert counts == {"all": 1, "exact": 1, "kind": 1, "other": 0}
    (message,) = messages_to(database, wants["all"])
    assert (message.type, message.object_id, message.state, message.next_at) == (
        "order.placed",
        "ord_1",
        "pending",
        NOW,
    )


def test_nobody_is_told_of_messages_nor_of_other_tenants_nor_of_what_was_before(database):
    add_tenant(database, "ten_other")
    happened(database, "ord_early", at=NOW - 10)
    endpoint = listening(database)
    with database.writing() as connection:
        happen(connection, "whm_1", "webhook_message.dead")
        happen(connection, "ord_1", tenant_id="ten_other")
        happen(connection, "ord_late", at=NOW - 1)
    spread(database)
    assert messages_to(database, endpoint) == []


def test_events_go_out_once_and_in_batches(database):
    endpoint = listening(database)
    happened(database, *(f"ord_{number}" for number in range(5)))
    with database.reading() as connection:
        assert has_events_to_fan_out(connection)
    assert [spread(database, limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert [message.object_id for message in messages_to(database, endpoint)] == [f"ord_{n}" for n in range(5)]
    with database.reading() as connection:
        assert not has_events_to_fan_out(connection)


def test_without_an_endpoint_nothing_is_done_and_the_first_one_begins_at_the_present(database):
    happened(database, "ord_1", at=NOW + 5)
    with database.reading() as connection:
        assert not has_events_to_fan_out(connection)
    endpoint = listening(database)
    assert spread(database) == 0
    happened(database, "ord_2", at=NOW + 5)
    assert spread(database) == 1
    assert [message.object_id for message in messages_to(database, endpoint)] == ["ord_2"]


def test_two_workers_that_fan_out_at_once_make_each_message_once(database):
    endpoint = listening(database)
    names = [f"ord_{number}" for number in range(60)]
    happened(database, *names)
    start = Barrier(2)

    def work(_: int) -> None:
        start.wait()
        while spread(database, limit=7):
            pass

    with ThreadPoolExecutor(2) as crew:
        list(crew.map(work, range(2)))
    assert sorted(message.object_id for message in messages_to(database, endpoint)) == sorted(names)


def test_a_leased_message_is_nobody_elses_until_its_lease_runs_out(database):
    listening(database)
    happened(database, "ord_1")
    spread(database)
    with database.reading() as connection:
        assert has_due_messages(connection, now=NOW)
    (first,) = lease(database, lease_s=60)
    assert (first.attempts, first.leased_until, first.secrets[0][:6]) == (0, NOW + 60, "whsec_")
    assert "whsec" not in repr(first)
    assert lease(database, now=NOW + 59) == []
    (again,) = lease(database, now=NOW + 60)
    assert again.message_id == first.message_id
    assert record(database, first, retry(NOW + 5), failed, now=NOW + 61) == "pending"  # too late to count
    assert record(database, again, OK, now=NOW + 61) == "delivered"
    assert lease(database, now=NOW + 99_999) == []


def test_a_late_sender_that_did_deliver_is_believed(database):
    endpoint = listening(database)
    happened(database, "ord_1")
    spread(database)
    (first,) = lease(database, lease_s=60)
    (again,) = lease(database, now=NOW + 60)
    assert record(database, first, OK, now=NOW + 61) == "delivered"
    assert record(database, again, retry(NOW + 99), failed, now=NOW + 62) == "delivered"
    (message,) = messages_to(database, endpoint)
    assert (message.attempts, message.state, message.next_at) == (1, "delivered", None)


def test_senders_that_lease_at_once_get_different_messages(database):
    for number in range(8):
        listening(database, url=f"https://{number}.example")
    happened(database, "ord_1", "ord_2")
    spread(database)
    start = Barrier(3)

    def work(_: int) -> list[str]:
        start.wait()
        found: list[str] = []
        while batch := lease(database, limit=3):
            found += [message.message_id for message in batch]
        return found

    with ThreadPoolExecutor(3) as crew:
        leased = [message_id for found in crew.map(work, range(3)) for message_id in found]
    assert len(leased) == len(set(leased)) == 16


def test_an_endpoint_has_two_messages_under_way_and_a_failing_one_has_one_after_all_others(database):
    busy, failing = listening(database, url="https://busy.example"), listening(database, url="https://failing.example")
    happened(database, "ord_1", "ord_2", "ord_3")
    spread(database)
    with database.writing() as connection:
        mine = webhook_endpoints.c.endpoint_id == failing.endpoint_id
        connection.execute(update(webhook_endpoints).where(mine).values(failures=5))
    leased = lease(database)
    assert [message.endpoint_id for message in leased] == [busy.endpoint_id] * 2 + [failing.endpoint_id]
    assert [message.failing for message in leased] == [False, False, True]
    assert lease(database, in_flight={busy.endpoint_id: 2, failing.endpoint_id: 1}) == []
    assert [m.object_id for m in lease(database, in_flight={busy.endpoint_id: 1, failing.endpoint_id: 1})] == ["ord_3"]
    assert lease(database, limit_failing=0) == []


def test_lanes_of_an_endpoint_share_its_messages_and_a_failing_one_gets_one_message(database):
    busy, failing = listening(database, url="https://busy.example"), listening(database, url="https://failing.example")
    happened(database, *(f"ord_{number}" for number in range(7)))
    spread(database)
    with database.writing() as connection:
        mine = webhook_endpoints.c.endpoint_id == failing.endpoint_id
        connection.execute(update(webhook_endpoints).where(mine).values(failures=5))
    leased = lease(database, limit=4, length=3)
    lanes = {(m.endpoint_id, m.lane): 0 for m in leased}
    for message in leased:
        lanes[message.endpoint_id, message.lane] += 1
    assert lanes == {(busy.endpoint_id, 0): 3, (busy.endpoint_id, 1): 3, (failing.endpoint_id, 0): 1}
    # one lane each is under way: the busy endpoint may have one more, and one message is left for it
    again = lease(database, limit=4, length=3, in_flight={busy.endpoint_id: 1, failing.endpoint_id: 1})
    assert [(message.endpoint_id, message.object_id) for message in again] == [(busy.endpoint_id, "ord_6")]


def test_messages_about_one_object_go_one_after_the_other_and_others_do_not_wait(database):
    endpoint = listening(database)
    happened(database, "ord_1", "ord_1", "ord_2", "ord_1")
    spread(database)
    first, other = lease(database)
    assert (first.object_id, other.object_id) == ("ord_1", "ord_2")
    record(database, other)
    record(database, first, retry(NOW + 5), failed)
    happened(database, "ord_1")
    spread(database)
    assert lease(database, now=NOW + 4) == []
    (again,) = lease(database, now=NOW + 5)
    assert (again.message_id, again.attempts) == (first.message_id, 1)
    record(database, again, now=NOW + 5)
    order = [message.message_id for message in messages_to(database, endpoint) if message.object_id == "ord_1"]
    for expected in order[1:]:
        (due,) = lease(database, now=NOW + 6)
        assert due.message_id == expected
        record(database, due, now=NOW + 6)
    assert lease(database, now=NOW + 999_999) == []


def test_a_message_given_up_lets_the_next_one_go(database):
    endpoint = listening(database)
    happened(database, "ord_1", "ord_1")
    spread(database)
    (first,) = lease(database)
    assert record(database, first, Attempt(status=0, error="no\0 answer", next_at=None), failed) == "dead"
    (second,) = lease(database)
    assert second.message_id != first.message_id
    dead, _ = messages_to(database, endpoint)
    assert (dead.state, dead.attempts, dead.last_status, dead.last_error) == ("dead", 1, 0, "no answer")
    with database.reading() as connection:
        assert open_messages(connection) == 1


def test_fan_out_and_delivery_at_once_leave_no_message_waiting_for_ever(database):
    endpoint = listening(database)
    happened(database, "ord_1")
    spread(database)
    for _ in range(10):
        (due,) = lease(database)
        happened(database, "ord_1")
        start = Barrier(2)

        def at_once(what, start=start) -> None:
            start.wait()
            what()

        with ThreadPoolExecutor(2) as crew:
            list(crew.map(at_once, [lambda: spread(database), lambda due=due: record(database, due)]))
    (last,) = lease(database)
    record(database, last)
    assert {message.state for message in messages_to(database, endpoint)} == {"delivered"}


def test_failures_are_counted_over_all_messages_and_begin_anew_after_one_that_arrived(database):
    endpoint = listening(database)
    happened(database, "ord_1", "ord_2")
    spread(database)
    first, second = lease(database)
    record(database, first, retry(NOW + 5), failed)
    record(database, second, retry(NOW + 5), failed)
    with database.reading() as connection:
        found = read_endpoint(connection, CALLER.tenant_id, endpoint.endpoint_id)
        assert (found.failures, found.version) == (2, 1)
    record(database, lease(database, now=NOW + 5)[0])
    with database.reading() as connection:
        assert read_endpoint(connection, CALLER.tenant_id, endpoint.endpoint_id).failures == 0


def test_an_endpoint_that_is_judged_gone_is_switched_off_and_its_messages_wait(database):
    endpoint = listening(database)
    happened(database, "ord_1", "ord_2")
    spread(database)
    first, second = lease(database)

    def gone(failures: int) -> Verdict:
        return Verdict(delivered=False, failures_in_a_row=failures + 1, disabled="gone")

    record(database, first, Attempt(status=410, error="answered 410", next_at=NOW + 5), gone)
    record(database, second, Attempt(status=410, error="answered 410", next_at=NOW + 5), gone)
    with database.reading() as connection:
        found = read_endpoint(connection, CALLER.tenant_id, endpoint.endpoint_id)
        assert (found.state, found.disabled_reason, found.version) == ("disabled", "gone", 2)
        assert not has_due_messages(connection, now=NOW + 99)
        told = events_after(connection, CALLER.tenant_id, 0, types=["webhook.*"]).events
        assert [event.type for event in told] == ["webhook.disabled"]
    assert lease(database, now=NOW + 99) == []
    happened(database, "ord_3", at=NOW + 50)
    assert spread(database, now=NOW + 50) == 0
    with database.writing() as connection:
        enable_endpoint(connection, CALLER, endpoint.endpoint_id, now=NOW + 99)
    spread(database, now=NOW + 99)
    assert [message.object_id for message in lease(database, now=NOW + 99)] == ["ord_1", "ord_2"]


def test_leases_given_back_are_due_at_once(database):
    listening(database)
    happened(database, "ord_1")
    spread(database)
    leased = lease(database)
    with database.writing() as connection:
        give_back_messages(connection, leased, now=NOW)
    assert [m.message_id for m in lease(database)] == [m.message_id for m in leased]


def test_what_was_sent_is_sent_once_more_under_a_new_id(database):
    endpoint = listening(database, "order.*")
    happened(database, "ord_1", "ord_2")
    spread(database)
    first, second = lease(database)
    record(database, first)
    with database.writing() as connection:
        (again,) = replay(connection, CALLER, endpoint.endpoint_id, message_ids=[first.message_id], now=NOW + 1)
        assert again != first.message_id
        # the second one is still under way
        assert replay(connection, CALLER, endpoint.endpoint_id, message_ids=[second.message_id], now=NOW) == []
        with pytest.raises(NotFoundError):
            replay(connection, CALLER, endpoint.endpoint_id, message_ids=["whm_none"], now=NOW)
    (due,) = lease(database, now=NOW + 1)
    assert (due.message_id, due.object_id) == (again, "ord_1")


def test_all_since_a_moment_are_sent_once_more_those_of_before_the_endpoint_too(database):
    happened(database, "ord_0", at=NOW - 9_000)
    happened(database, "ord_1", at=NOW - 100)
    happened(database, "rte_1", event_type="route.planned", at=NOW - 50)
    happened(database, "whm_1", event_type="webhook_message.dead", at=NOW - 50)
    endpoint = listening(database, "order.*", "webhook_message.*")
    happened(database, "ord_1", "ord_2")
    with database.writing() as connection:
        made = replay(connection, CALLER, endpoint.endpoint_id, since=NOW - 100, now=NOW)
        assert len(made) == 3
        assert replay(connection, CALLER, endpoint.endpoint_id, since=NOW - 100, now=NOW) == []
    assert [message.object_id for message in messages_to(database, endpoint)] == ["ord_1", "ord_1", "ord_2"]
    assert [message.object_id for message in lease(database)] == ["ord_1", "ord_2"]  # in the order of their object


def test_a_replay_needs_one_question_and_an_endpoint_that_is_on(database):
    endpoint = listening(database)
    with database.writing() as connection:
        with pytest.raises(InputError):
            replay(connection, CALLER, endpoint.endpoint_id, now=NOW)
        with pytest.raises(InputError):
            replay(connection, CALLER, endpoint.endpoint_id, since=NOW, message_ids=["whm_1"], now=NOW)
        disable_endpoint(connection, CALLER, endpoint.endpoint_id, now=NOW, reason="asked")
        with pytest.raises(ConflictError, match="enable it first"):
            replay(connection, CALLER, endpoint.endpoint_id, since=NOW, now=NOW)
        with pytest.raises(ConflictError):
            send_test(connection, CALLER, endpoint.endpoint_id, now=NOW)


def test_a_trial_goes_to_one_endpoint_whatever_it_wants(database):
    asked, other = listening(database, "order.*"), listening(database)
    with database.writing() as connection:
        event_id = send_test(connection, CALLER, asked.endpoint_id, now=NOW)
    spread(database)
    (message,) = messages_to(database, asked)
    assert (message.type, message.event_id) == ("webhook.test", event_id)
    assert messages_to(database, other) == []


def test_messages_have_no_audit_rows_of_their_own(database):
    listening(database)
    happened(database, "ord_1")
    spread(database)
    record(database, lease(database)[0])
    with database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(webhook_messages)).scalar_one() == 1
        assert len(events_after(connection, CALLER.tenant_id, 0).events) == 1
