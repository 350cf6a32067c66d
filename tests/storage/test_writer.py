"""The writer: many requests a commit, one that fails harms no other, and nothing is answered before its commit."""

import sqlite3
from collections.abc import Callable, Sequence
from threading import Event

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import OperationalError

from doorstep.foundation import ConflictError, DoorstepError, InternalError
from doorstep.storage import Connection, Database, DatabaseUnavailableError, OverloadedError, Writer
from doorstep.storage.schema.access import tenants
from tests.databases import NOW

BOUND_S = 10


@pytest.fixture
def writer(empty_database: Database):
    opened = Writer(empty_database, most=8, waiting=20)
    yield opened
    opened.close()


@pytest.fixture
def reading(empty_database: Database) -> Callable[[], list[str]]:
    def names() -> list[str]:
        with empty_database.reading() as connection:
            return list(connection.execute(select(tenants.c.tenant_id).order_by(tenants.c.tenant_id)).scalars())

    return names


def add(connection: Connection, names: Sequence[str]) -> list[str | DoorstepError]:
    """Store tenants; one whose name begins with ``bad`` is refused, one called ``broken`` breaks."""
    answers: list[str | DoorstepError] = []
    for name in names:
        if name == "broken":
            raise ZeroDivisionError("by accident")
        connection.execute(insert(tenants).values(tenant_id=name, name=name, created_at=NOW))
        answers.append(ConflictError(f"{name} is refused.") if name.startswith("bad") else name.upper())
    return answers


class Gate:
    """Keeps the writer busy until it is opened, so that what comes meanwhile makes up one batch."""

    def __init__(self, writer: Writer) -> None:
        self.open = Event()
        begun = Event()

        def wait(_connection: Connection) -> None:
            begun.set()
            self.open.wait(BOUND_S)

        self.done = writer.call(wait)
        assert begun.wait(BOUND_S)


def test_what_is_asked_is_stored_when_it_is_answered(writer, reading):
    assert writer.together(add, "a").result(BOUND_S) == "A"
    assert reading() == ["a"]


def test_requests_that_come_together_share_a_commit_and_are_answered_each(writer, reading):
    batches = []

    def counted(connection: Connection, names: Sequence[str]) -> Sequence[str | DoorstepError]:
        batches.append(len(names))
        return add(connection, names)

    gate = Gate(writer)
    futures = [writer.together(counted, name) for name in "abcdefghij"]
    assert writer.backlog == 10
    gate.open.set()
    assert [future.result(BOUND_S) for future in futures] == list("ABCDEFGHIJ")
    assert batches == [8, 2]
    assert reading() == list("abcdefghij")


def test_one_that_breaks_is_taken_back_alone(writer, reading):
    gate = Gate(writer)
    first, broken, last = (writer.together(add, name) for name in ("a", "broken", "b"))
    gate.open.set()
    assert (first.result(BOUND_S), last.result(BOUND_S)) == ("A", "B")
    with pytest.raises(InternalError, match="ZeroDivisionError: by accident"):
        broken.result(BOUND_S)
    assert reading() == ["a", "b"]


def test_one_that_contradicts_another_is_a_conflict(writer, reading):
    gate = Gate(writer)
    first, twin = (writer.together(add, "a") for _ in range(2))
    gate.open.set()
    assert first.result(BOUND_S) == "A"
    with pytest.raises(ConflictError):
        twin.result(BOUND_S)
    assert reading() == ["a"]


def test_an_answer_that_is_an_error_is_raised_to_the_one_who_asked(writer):
    with pytest.raises(ConflictError, match="bad is refused"):
        writer.together(add, "bad").result(BOUND_S)


def test_too_many_that_wait_are_refused_at_once(writer):
    gate = Gate(writer)
    waiting = [writer.together(add, f"t{number:02}") for number in range(20)]
    with pytest.raises(OverloadedError, match="20 requests wait"):
        writer.together(add, "late")
    gate.open.set()
    assert [future.result(BOUND_S) for future in waiting][-1] == "T19"


def test_closing_writes_what_waits_and_refuses_what_comes_later(empty_database, reading):
    writer = Writer(empty_database)
    gate = Gate(writer)
    futures = [writer.together(add, name) for name in "ab"]
    gate.open.set()
    writer.close()
    writer.close()
    assert [future.result(0) for future in futures] == ["A", "B"]
    with pytest.raises(DatabaseUnavailableError, match="closing"):
        writer.together(add, "c")
    assert reading() == ["a", "b"]


def test_every_commit_is_told(empty_database):
    committed = Event()
    writer = Writer(empty_database, committed=committed)
    writer.together(add, "a").result(BOUND_S)
    writer.close()
    assert committed.is_set()


def test_a_batch_that_did_not_commit_is_answered_so_and_the_next_one_is_stored(writer, reading):
    def lose(_connection: Connection) -> None:
        raise OperationalError("INSERT", {}, sqlite3.OperationalError("disk I/O error"))

    gate = Gate(writer)
    kept, lost = writer.together(add, "a"), writer.call(lose)
    gate.open.set()
    for future in (kept, lost):
        with pytest.raises(DatabaseUnavailableError):
            future.result(BOUND_S)
    assert reading() == []
    assert writer.together(add, "b").result(BOUND_S) == "B"
    assert reading() == ["b"]


def test_a_batch_whose_connection_the_server_cut_is_tried_again(writer, reading, empty_database):
    if empty_database.dialect == "sqlite":
        pytest.skip("there is no server that could cut it")
    cuts = [True]

    def cut_once(connection: Connection) -> str:
        connection.execute(insert(tenants).values(tenant_id="a", name="a", created_at=NOW))
        if cuts.pop() if cuts else False:
            connection.execute(select(func.pg_terminate_backend(func.pg_backend_pid())))
        return "stored"

    assert writer.call(cut_once).result(BOUND_S) == "stored"
    assert reading() == ["a"]
