"""Jobs in the hands of a worker: done, tried again, given back, kept while they run, on both databases."""

from functools import partial
from threading import Event

import pytest
from sqlalchemy import column, func, insert, select
from sqlalchemy import table as sql_table

from doorstep.storage import Connection, Database, Writer, jobs
from doorstep.storage.jobs import Job, LostLeaseError, NewJob
from doorstep.storage.schema.access import tenants
from doorstep.worker import Task
from tests.databases import CALLER, NOW
from tests.worker.working import BOUND_S, Clock, Figures, started, worker_on

TENANT = CALLER.tenant_id


@pytest.fixture
def clock() -> Clock:
    return Clock()


def queue(database: Database, kind: str = "work", *, now: int = NOW, max_attempts: int = 5, **payload) -> str:
    with database.writing() as connection:
        new = NewJob(tenant_id=TENANT, kind=kind, run_at=now, payload=payload, max_attempts=max_attempts)
        return jobs.enqueue(connection, new, now=now)


def read(database: Database, job_id: str) -> Job:
    with database.reading() as connection:
        return jobs.read(connection, TENANT, job_id)


def leave_trace(connection: Connection, name: str) -> None:
    """Store something that shows whether a transaction was kept."""
    connection.execute(insert(tenants).values(tenant_id=name, name=name, created_at=NOW))


def traces(database: Database) -> list[str]:
    with database.reading() as connection:
        query = select(tenants.c.tenant_id).where(tenants.c.tenant_id != TENANT).order_by(tenants.c.tenant_id)
        return list(connection.execute(query).scalars())


def do(task: Task) -> None:
    def effect(connection: Connection) -> dict[str, object]:
        leave_trace(connection, f"ten_{task.job.payload.get('n', 0)}")
        return {"by": task.job.owner}

    task.complete(effect)


@pytest.mark.parametrize("embedded", [False, True])
def test_a_job_is_done_with_its_effect_in_one_transaction(database, clock, embedded):
    job_id = queue(database)
    writer = Writer(database) if embedded else None
    figures = Figures()
    assert worker_on(database, clock, handlers={"work": do}, writer=writer, count=figures).drain(BOUND_S)
    if writer:
        writer.close()
    job = read(database, job_id)
    assert (job.state, job.result, job.attempts) == ("done", {"by": "ann"}, 1)
    assert traces(database) == ["ten_0"]
    assert figures.counts == {("jobs_claimed", "work"): 1, ("jobs_done", "work"): 1}


def test_many_jobs_are_done_by_two_workers_each_once(database, clock):
    ids = [queue(database, n=number) for number in range(30)]
    figures = Figures()
    workers = [worker_on(database, clock, handlers={"work": do}, name=name, count=figures) for name in ("ann", "bob")]
    with started(*workers):
        assert figures.wait_for("jobs_done", "work", 30)
    assert {read(database, job_id).state for job_id in ids} == {"done"}
    assert figures.counts["jobs_claimed", "work"] == 30
    assert len(traces(database)) == 30


def test_a_handler_that_fails_is_tried_again_later_until_it_works(database, clock):
    tries = []

    def second_time(task: Task) -> None:
        tries.append(task.now())
        if len(tries) < 3:
            task.write(lambda connection: leave_trace(connection, f"ten_{len(tries)}"))
            raise ValueError("not yet")
        do(task)

    job_id = queue(database)
    worker = worker_on(database, clock, handlers={"work": second_time})
    for _ in range(5):
        worker.drain(BOUND_S)
        clock.now += 1
    assert tries == [NOW, NOW + 1, NOW + 3]  # 1 s later, then 2 s
    job = read(database, job_id)
    assert (job.state, job.attempts, job.error) == ("done", 3, "ValueError: not yet")


def test_a_job_that_never_works_is_given_up_with_its_error(database, clock):
    def never(_task: Task) -> None:
        raise ValueError("no")

    job_id = queue(database, max_attempts=2)
    worker = worker_on(database, clock, handlers={"work": never})
    for _ in range(3):
        worker.drain(BOUND_S)
        clock.now += 10
    assert (read(database, job_id).state, read(database, job_id).error) == ("failed", "ValueError: no")


def test_a_handler_that_settles_nothing_has_failed(database, clock):
    job_id = queue(database)
    worker_on(database, clock, handlers={"work": lambda task: None}).drain(BOUND_S)
    assert read(database, job_id).error == "InternalError: the handler of work did not settle its job."


def test_an_effect_that_fails_leaves_no_trace(database, clock):
    def half(task: Task) -> None:
        def effect(connection: Connection) -> dict[str, object]:
            leave_trace(connection, "ten_x")
            raise ValueError("half done")

        task.complete(effect)

    job_id = queue(database)
    worker_on(database, clock, handlers={"work": half}).drain(BOUND_S)
    assert read(database, job_id).state == "queued"
    assert traces(database) == []


def test_what_was_checkpointed_is_not_done_again(database, clock):
    tries = []

    def piecewise(task: Task) -> None:
        tries.append(task.checkpoint)
        for number in range(int(str(task.checkpoint.get("done", 0))), 4):
            if number == 2 and len(tries) == 1:
                raise ValueError("in the middle")
            task.write_checkpoint(partial(leave_trace, name=f"ten_{number}"), lambda _: {"done": number + 1})  # noqa: B023
        task.complete(lambda _connection: dict(task.checkpoint))

    job_id = queue(database)
    worker = worker_on(database, clock, handlers={"work": piecewise})
    worker.drain(BOUND_S)
    clock.now += 1
    worker.drain(BOUND_S)
    assert tries == [{}, {"done": 2}]
    assert read(database, job_id).result == {"done": 4}
    assert traces(database) == ["ten_0", "ten_1", "ten_2", "ten_3"]


def test_a_parent_ends_when_its_children_are_done(database, clock):
    def parent(task: Task) -> None:
        task.rest(
            [
                NewJob(tenant_id=TENANT, kind="work", run_at=task.now(), payload={"n": n}, parent_id=task.job.job_id)
                for n in range(3)
            ]
        )

    job_id = queue(database, "family")
    worker_on(database, clock, handlers={"family": parent, "work": do}).drain(BOUND_S)
    assert (read(database, job_id).state, read(database, job_id).result) == ("done", {"children": {"done": 3}})
    assert traces(database) == ["ten_0", "ten_1", "ten_2"]


class Slow:
    """A handler that works until it is told to end."""

    def __init__(self, *, asks: bool) -> None:
        self.begun, self.end, self.ended = Event(), Event(), Event()
        self.fault: Exception | None = None
        self._asks = asks

    def __call__(self, task: Task) -> None:
        self.begun.set()
        try:
            while not self.end.wait(0.001):
                if self._asks:
                    task.check()
            do(task)
        except Exception as fault:
            self.fault = fault
            raise
        finally:
            self.ended.set()


def test_a_worker_that_ends_gives_back_what_asks_and_the_attempt_does_not_count(database, clock):
    job_id = queue(database, max_attempts=1)
    slow = Slow(asks=True)
    worker = worker_on(database, clock, handlers={"work": slow})
    with started(worker):
        assert slow.begun.wait(BOUND_S)
    job = read(database, job_id)
    assert (job.state, job.attempts, job.owner) == ("queued", 0, "")
    worker_on(database, clock, handlers={"work": do}, name="bob").drain(BOUND_S)
    assert read(database, job_id).result == {"by": "bob"}


def test_a_worker_that_ends_waits_for_what_is_nearly_done(database, clock):
    job_id = queue(database)
    slow = Slow(asks=False)
    worker = worker_on(database, clock, handlers={"work": slow})
    with started(worker):
        assert slow.begun.wait(BOUND_S)
        slow.end.set()
    assert read(database, job_id).state == "done"


def test_what_does_not_end_in_time_is_given_back_and_comes_too_late(database, clock):
    job_id = queue(database)
    slow = Slow(asks=False)
    worker = worker_on(database, clock, handlers={"work": slow}, grace_s=0.01)
    with started(worker):
        assert slow.begun.wait(BOUND_S)
    assert read(database, job_id).state == "queued"
    slow.end.set()
    assert worker.drain(BOUND_S)
    assert isinstance(slow.fault, LostLeaseError)
    assert traces(database) == []


def test_a_job_that_runs_long_is_kept_by_its_worker(database, clock):
    job_id = queue(database)
    slow = Slow(asks=False)
    ann = worker_on(database, clock, handlers={"work": slow})
    bob = worker_on(database, clock, handlers={"work": do}, name="bob")
    ann.tick()
    assert slow.begun.wait(BOUND_S)
    for _ in range(5):
        clock.now += 40
        ann.beat()
        assert not bob.tick()
    slow.end.set()
    assert ann.drain(BOUND_S)
    assert (read(database, job_id).result, read(database, job_id).attempts) == ({"by": "ann"}, 1)


def test_a_worker_that_was_thought_dead_learns_that_its_job_is_lost(database, clock):
    job_id = queue(database)
    slow = Slow(asks=True)
    figures = Figures()
    ann = worker_on(database, clock, handlers={"work": slow}, count=figures)
    ann.tick()
    assert slow.begun.wait(BOUND_S)
    clock.now += 61
    assert worker_on(database, clock, handlers={"work": do}, name="bob").drain(BOUND_S)
    ann.beat()
    assert ann.drain(BOUND_S)
    assert figures.counts["jobs_lost", "late"] == 1
    assert (read(database, job_id).result, read(database, job_id).attempts) == ({"by": "bob"}, 2)
    assert traces(database) == ["ten_0"]


def test_a_worker_survives_that_all_its_connections_are_cut(database, clock):
    if database.dialect == "sqlite":
        pytest.skip("there is no server that could cut them")
    figures = Figures()
    slow = Slow(asks=False)
    first = queue(database, "slow")
    worker = worker_on(database, clock, handlers={"work": do, "slow": slow}, count=figures)
    with started(worker):
        assert slow.begun.wait(BOUND_S)
        cut(database)
        slow.end.set()
        assert figures.wait_for("jobs_done", "slow")
        cut(database)
        second = queue(database, n=1)
        assert figures.wait_for("jobs_done", "work")
    assert [read(database, job_id).state for job_id in (first, second)] == ["done", "done"]
    assert traces(database) == ["ten_0", "ten_1"]


def cut(database: Database) -> None:
    """End all other connections to the database, as a server does that is restarted."""
    activity = sql_table("pg_stat_activity", column("datname"), column("pid"))
    others = (activity.c.datname == func.current_database()) & (activity.c.pid != func.pg_backend_pid())
    with database.writing() as connection:
        connection.execute(select(func.pg_terminate_backend(activity.c.pid)).where(others)).all()
