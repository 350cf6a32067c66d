"""The queue of jobs, on both databases: claimed once, fenced, tried again, given up, with parents and children."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select

from doorstep.foundation import ConflictError, NotFoundError
from doorstep.storage import Connection, Database, jobs
from doorstep.storage.jobs import Job, LostLeaseError, NewJob
from doorstep.storage.schema.journal import jobs as table
from tests.databases import CALLER, NOW

TENANT = CALLER.tenant_id


def new(kind: str = "sweep", **changes: object) -> NewJob:
    given: dict[str, object] = {"tenant_id": TENANT, "kind": kind, "run_at": NOW, "payload": {"n": 1}} | changes
    return NewJob(**given)  # type: ignore[arg-type]


def claim_one(connection: Connection, *, now: int = NOW, owner: str = "ann", kind: str = "sweep") -> Job:
    (job,) = jobs.claim(connection, owner, [kind], now=now)
    return job


def read(connection: Connection, job: Job | str) -> Job:
    return jobs.read(connection, TENANT, job if isinstance(job, str) else job.job_id)


def test_a_job_is_claimed_when_it_is_due_and_completed_with_its_result(database):
    with database.writing() as connection:
        job_id = jobs.enqueue(connection, new(run_at=NOW + 5), now=NOW)
        assert jobs.claim(connection, "ann", ["sweep"], now=NOW + 4) == []
        assert jobs.waiting(connection, now=NOW + 5) == 1
        job = claim_one(connection, now=NOW + 5)
        assert (job.job_id, job.state, job.owner, job.token, job.attempts) == (job_id, "running", "ann", 1, 1)
        assert (job.lease_until, job.payload) == (NOW + 65, {"n": 1})
        assert jobs.waiting(connection, now=NOW + 5) == 0
        jobs.complete(connection, job, {"swept": 3}, now=NOW + 6)
    with database.reading() as connection:
        done = read(connection, job_id)
        assert (done.state, done.result, done.ended_at, done.lease_until) == ("done", {"swept": 3}, NOW + 6, None)


def test_only_kinds_asked_for_are_claimed_those_first_that_wait_longest(database):
    with database.writing() as connection:
        ids = [jobs.enqueue(connection, new(run_at=NOW - wait), now=NOW) for wait in (1, 9, 5)]
        jobs.enqueue(connection, new("other"), now=NOW)
        assert [j.job_id for j in jobs.due(connection, ["sweep"], now=NOW, limit=9)] == [ids[1], ids[2], ids[0]]
        (only,) = jobs.claim(connection, "ann", ["sweep"], now=NOW, among=[ids[2]])
        assert only.job_id == ids[2]
        claimed = jobs.claim(connection, "ann", ["sweep"], now=NOW, limit=9)
        assert [job.job_id for job in claimed] == [ids[1], ids[0]]


def test_a_second_job_with_the_same_key_is_the_first_one_until_that_has_begun(database):
    with database.writing() as connection:
        first = jobs.enqueue(connection, new(dedup_key="k"), now=NOW)
        assert jobs.enqueue(connection, new(dedup_key="k"), now=NOW) == first
        claim_one(connection)
        second = jobs.enqueue(connection, new(dedup_key="k"), now=NOW)
        assert second != first
        assert jobs.enqueue(connection, new(dedup_key="k"), now=NOW) == second
        assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 2


def test_a_job_whose_worker_died_goes_to_another_and_the_late_worker_changes_nothing(database):
    with database.writing() as connection:
        jobs.enqueue(connection, new(), now=NOW)
        lost = claim_one(connection, owner="ann")
        assert jobs.claim(connection, "bob", ["sweep"], now=NOW + 59) == []
        taken = claim_one(connection, now=NOW + 60, owner="bob")
        assert (taken.job_id, taken.token, taken.attempts) == (lost.job_id, 2, 2)
        for late in (
            lambda: jobs.complete(connection, lost, {"by": "ann"}, now=NOW + 61),
            lambda: jobs.fail(connection, lost, "late", now=NOW + 61),
            lambda: jobs.prolong(connection, lost, now=NOW + 61),
            lambda: jobs.save_checkpoint(connection, lost, {"by": "ann"}),
            lambda: jobs.give_back(connection, lost, now=NOW + 61),
            lambda: jobs.repeat(connection, lost, run_at=NOW + 99),
            lambda: jobs.wait_for_children(connection, lost, now=NOW + 61),
        ):
            with pytest.raises(LostLeaseError):
                late()
        assert read(connection, taken) == taken
        jobs.complete(connection, taken, {"by": "bob"}, now=NOW + 61)
        assert read(connection, taken).result == {"by": "bob"}


def test_a_lease_that_is_prolonged_is_kept_and_a_checkpoint_waits_for_the_next_attempt(database):
    with database.writing() as connection:
        jobs.enqueue(connection, new(), now=NOW)
        job = claim_one(connection)
        jobs.save_checkpoint(connection, job, {"done": ["S1"]})
        jobs.prolong(connection, job, now=NOW + 50)
        assert jobs.claim(connection, "bob", ["sweep"], now=NOW + 109) == []
        assert claim_one(connection, now=NOW + 110, owner="bob").checkpoint == {"done": ["S1"]}


def test_a_job_that_fails_is_tried_again_twice_as_late_each_time_and_given_up_after_its_last_attempt(database):
    with database.writing() as connection:
        job_id = jobs.enqueue(connection, new(max_attempts=3, dedup_key="k"), now=NOW)
        now = NOW
        waits: list[int] = []
        for _ in range(3):
            jobs.fail(connection, claim_one(connection, now=now), f"no\0 {len(waits)}", now=now)
            job = read(connection, job_id)
            waits.append(job.run_at - now)
            now = max(now, job.run_at)
        assert waits[:2] == [1, 2]
        assert (job.state, job.error, job.attempts, job.ended_at) == ("failed", "no 2", 3, now)
        assert jobs.enqueue(connection, new(dedup_key="k"), now=NOW) != job_id  # its key is free


def test_the_wait_after_a_failure_never_exceeds_an_hour(database):
    with database.writing() as connection:
        job_id = jobs.enqueue(connection, new(max_attempts=100), now=NOW)
        now = NOW
        for _ in range(40):
            jobs.fail(connection, claim_one(connection, now=now), "no", now=now)
            before, now = now, read(connection, job_id).run_at
        assert now - before == 3_600


def test_a_job_that_kills_its_workers_is_given_up_at_the_next_claim(database):
    with database.writing() as connection:
        job_id = jobs.enqueue(connection, new(max_attempts=2), now=NOW)
        claim_one(connection, now=NOW)
        claim_one(connection, now=NOW + 60)
        assert jobs.claim(connection, "bob", ["sweep"], now=NOW + 120) == []
        job = read(connection, job_id)
        assert (job.state, job.error) == ("failed", "the worker died at every attempt.")


def test_a_job_given_back_is_due_at_once_and_the_attempt_does_not_count(database):
    with database.writing() as connection:
        jobs.enqueue(connection, new(max_attempts=1), now=NOW)
        jobs.give_back(connection, claim_one(connection), now=NOW)
        assert (again := claim_one(connection, owner="bob")).attempts == 1
        assert again.token == 2


def test_a_job_that_repeats_is_one_row_with_its_key(database):
    key = f"{jobs.STANDING}k"
    with database.writing() as connection:
        job_id = jobs.enqueue(connection, new(dedup_key=key), now=NOW)
        assert jobs.claim(connection, "ann", ["sweep"], now=NOW) == []  # nobody said that it is still wanted
        assert jobs.due(connection, ["sweep"], now=NOW, limit=1) == []
        (standing,) = jobs.claim(connection, "ann", ["sweep"], now=NOW, among=[job_id])
        jobs.repeat(connection, standing, run_at=NOW + 10, result={"n": 1})
        job = read(connection, job_id)
        assert (job.state, job.run_at, job.attempts, job.result, job.error) == ("queued", NOW + 10, 0, {"n": 1}, "")
        assert jobs.enqueue(connection, new(dedup_key=key), now=NOW) == job_id
        (running,) = jobs.claim(connection, "ann", ["sweep"], now=NOW + 10, among=[job_id])
        assert jobs.enqueue(connection, new(dedup_key=key), now=NOW) == job_id
        jobs.repeat(connection, running, run_at=NOW + 20, error="no")
        assert read(connection, job_id).error == "no"


def family(connection: Connection, count: int) -> tuple[Job, list[Job]]:
    """Return a parent that waits for its children, and these, all claimed."""
    jobs.enqueue(connection, new("plan"), now=NOW)
    parent = claim_one(connection, kind="plan")
    for number in range(count):
        jobs.enqueue(connection, new("part", payload={"n": number}, parent_id=parent.job_id), now=NOW)
    jobs.wait_for_children(connection, parent, now=NOW)
    return parent, jobs.claim(connection, "ann", ["part"], now=NOW, limit=count) if count else []


def test_a_parent_ends_with_the_last_of_its_children_however_long_that_takes(database):
    with database.writing() as connection:
        parent, (first, second) = family(connection, 2)
        jobs.complete(connection, first, {}, now=NOW + 1)
        assert jobs.claim(connection, "bob", ["plan"], now=NOW + 99_999) == []
        assert read(connection, parent).state == "running"
        jobs.complete(connection, second, {}, now=NOW + 100_000)
        ended = read(connection, parent)
        assert (ended.state, ended.result, ended.ended_at) == ("done", {"children": {"done": 2}}, NOW + 100_000)


def test_a_parent_fails_with_a_child_that_failed(database):
    with database.writing() as connection:
        parent, (first, second) = family(connection, 2)
        for attempt in range(5):
            now = NOW + 100 * attempt
            jobs.prolong(connection, second, now=now + 99)
            jobs.fail(connection, first, "no", now=now)
            first = claim_one(connection, now=now + 99, kind="part") if attempt < 4 else first
        assert read(connection, parent).state == "running"
        jobs.complete(connection, second, {}, now=NOW + 500)
        assert read(connection, parent).result == {"children": {"done": 1, "failed": 1}}
        assert read(connection, parent).state == "failed"


def test_a_parent_without_children_ends_at_once(database):
    with database.writing() as connection:
        parent, _ = family(connection, 0)
        assert read(connection, parent).state == "done"


def test_cancelling_a_parent_ends_its_children_and_fences_their_workers(database):
    with database.writing() as connection:
        parent, (first, second) = family(connection, 2)
        jobs.complete(connection, first, {}, now=NOW)
        jobs.cancel(connection, TENANT, parent.job_id, now=NOW + 1)
        assert [c.state for c in jobs.children(connection, parent.job_id)] == ["done", "cancelled"]
        ended = read(connection, parent)
        assert (ended.state, ended.ended_at) == ("cancelled", NOW + 1)
        with pytest.raises(LostLeaseError):
            jobs.complete(connection, second, {}, now=NOW + 2)
        with pytest.raises(ConflictError, match="is cancelled already"):
            jobs.cancel(connection, TENANT, parent.job_id, now=NOW + 2)


def test_cancelling_the_last_open_child_ends_the_parent(database):
    with database.writing() as connection:
        parent, (first,) = family(connection, 1)
        jobs.cancel(connection, TENANT, first.job_id, now=NOW)
        assert read(connection, parent).state == "cancelled"


def test_jobs_of_another_tenant_do_not_exist(database):
    with database.writing() as connection:
        job_id = jobs.enqueue(connection, new(), now=NOW)
        with pytest.raises(NotFoundError):
            jobs.read(connection, "ten_other", job_id)
        with pytest.raises(NotFoundError):
            jobs.cancel(connection, "ten_other", job_id, now=NOW)


def test_workers_that_claim_at_once_share_the_jobs_and_take_none_twice(database):
    with database.writing() as connection:
        ids = {jobs.enqueue(connection, new(), now=NOW) for _ in range(40)}
    start = Barrier(4)

    def work(owner: str) -> list[str]:
        mine: list[str] = []
        start.wait()
        while True:
            with database.writing() as connection:
                found = jobs.claim(connection, owner, ["sweep"], now=NOW, limit=3)
                for job in found:
                    jobs.complete(connection, job, {"by": owner}, now=NOW)
            if not found:
                return mine
            mine += [job.job_id for job in found]

    with ThreadPoolExecutor(4) as crew:
        taken = [job_id for mine in crew.map(work, ["ann", "bob", "cat", "dan"]) for job_id in mine]
    assert len(taken) == 40
    assert set(taken) == ids
    with database.reading() as connection:
        tokens = connection.execute(select(table.c.token).distinct()).scalars().all()
        assert tokens == [1]


def test_a_claim_passes_over_what_another_is_just_claiming(database: Database):
    if database.dialect == "sqlite":
        pytest.skip("there one writer at a time has the database: nobody can be claiming meanwhile")
    with database.writing() as connection:
        first, second = (jobs.enqueue(connection, new(), now=NOW) for _ in range(2))
    with database.writing() as ann, database.writing() as bob:
        assert claim_one(ann, owner="ann").job_id == first
        assert claim_one(bob, owner="bob").job_id == second


def test_children_that_end_at_once_end_their_parent_once(database):
    with database.writing() as connection:
        parent, parts = family(connection, 8)
    start = Barrier(8)

    def finish(job: Job) -> None:
        start.wait()
        with database.writing() as connection:
            jobs.complete(connection, job, {}, now=NOW + 1)

    with ThreadPoolExecutor(8) as crew:
        list(crew.map(finish, parts))
    with database.reading() as connection:
        assert read(connection, parent).result == {"children": {"done": 8}}


def test_many_that_enqueue_the_same_key_at_once_make_one_job(database):
    start = Barrier(4)

    def ask(_: int) -> str:
        start.wait()
        with database.writing() as connection:
            return jobs.enqueue(connection, new(dedup_key="k"), now=NOW)

    with ThreadPoolExecutor(4) as crew:
        assert len(set(crew.map(ask, range(4)))) == 1
