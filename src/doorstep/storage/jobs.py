"""Work to be done later: a table that is written in the transaction that makes the work necessary.

A worker claims a job for a while (its lease) and, with every claim, gets a higher token. Whatever it writes about the
job carries the token, so that a worker that was thought dead and wakes up late changes nothing. A job runs at least
once; its effects must be safe to repeat. A parent with children ends when the last of them has.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from doorstep.foundation import ConflictError, NotFoundError
from doorstep.storage.connection import Connection
from doorstep.storage.journal import canonical
from doorstep.storage.schema.journal import jobs

QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"
ENDED = (DONE, FAILED, CANCELLED)
LEASE_S = 60
MOST_BACKOFF_S = 3600
STANDING = "periodic:"
MOST_ERROR = 2_000
_ONCE = sa.or_(jobs.c.dedup_key.is_(None), ~jobs.c.dedup_key.startswith(STANDING, autoescape=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """Work to be done at ``run_at`` or later [epoch s].

    One with the same ``dedup_key`` that has not begun stands instead: what has begun may have read before this became
    necessary. A key that begins with ``STANDING`` is kept while the job runs; its row comes again and again.
    """

    tenant_id: str
    kind: str
    run_at: int
    payload: Mapping[str, object]
    dedup_key: str | None = None
    max_attempts: int = 5
    parent_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job as it stands; ``token`` is the one of its last claim."""

    job_id: str
    tenant_id: str
    kind: str
    state: str
    run_at: int
    lease_until: int | None
    owner: str
    token: int
    attempts: int
    max_attempts: int
    payload: dict[str, object]
    checkpoint: dict[str, object]
    result: dict[str, object]
    error: str
    parent_id: str | None
    created_at: int
    ended_at: int | None


class LostLeaseError(ConflictError):
    """Another worker has the job by now: what this one did about it does not count."""


def enqueue(connection: Connection, job: NewJob, *, now: int) -> str:
    """Store a job and return its id, or that of the one with the same key that stands already."""
    job_id = connection.new_id("job", now)
    row = {
        "job_id": job_id,
        "tenant_id": job.tenant_id,
        "kind": job.kind,
        "dedup_key": job.dedup_key,
        "state": QUEUED,
        "run_at": job.run_at,
        "payload": canonical(job.payload),
        "max_attempts": job.max_attempts,
        "parent_id": job.parent_id,
        "created_at": now,
    }
    adding = insert(jobs).values(row).on_conflict_do_nothing(index_elements=["dedup_key"]).returning(jobs.c.job_id)
    standing = select(jobs.c.job_id).where(jobs.c.dedup_key == job.dedup_key)
    while connection.execute(adding).scalar_one_or_none() is None:
        found = connection.execute(standing).scalar_one_or_none()
        if found is not None:  # else the one in the way has ended between the two statements
            return str(found)
    return job_id


def find_open(connection: Connection, tenant_id: str, kind: str) -> str | None:
    """Return a job of a kind that has not ended, None if there is none."""
    mine = (jobs.c.tenant_id == tenant_id) & (jobs.c.kind == kind) & jobs.c.state.in_((QUEUED, RUNNING))
    return connection.execute(select(jobs.c.job_id).where(mine).order_by(jobs.c.job_id).limit(1)).scalar()


def due(connection: Connection, kinds: Sequence[str], *, now: int, limit: int) -> list[Job]:
    """Return jobs that may be claimed, those first that wait longest; jobs whose lease ran out are due again.

    Rows that come again and again are left to those who know which are wanted, and name them.
    """
    found = _due(kinds, now).where(_ONCE).limit(limit)
    return [_job(row._mapping) for row in connection.execute(found)]


def claim(
    connection: Connection,
    owner: str,
    kinds: Sequence[str],
    *,
    now: int,
    limit: int = 1,
    lease_s: int = LEASE_S,
    among: Sequence[str] | None = None,
) -> list[Job]:
    """Give due jobs to a worker, those first that wait longest; ``among`` names the only ones it may have.

    Without it, rows that come again and again are left alone: their kind may no longer be wanted.
    """
    found = _due(kinds, now).where(_ONCE if among is None else jobs.c.job_id.in_(among))
    found = found.limit(limit).with_for_update(skip_locked=True)
    claimed = []
    for row in connection.execute(found).all():
        spent = row.attempts >= row.max_attempts  # its workers died each time
        if spent:
            _end(connection, row.job_id, FAILED, now, error=row.error or "the worker died at every attempt.")
            continue
        changes = {"state": RUNNING, "owner": owner, "lease_until": now + lease_s, "token": row.token + 1,
                   "attempts": row.attempts + 1}  # fmt: skip
        if row.dedup_key is not None and not row.dedup_key.startswith(STANDING):
            changes["dedup_key"] = None
        connection.execute(update(jobs).where(jobs.c.job_id == row.job_id).values(changes))
        claimed.append(_job({**row._mapping, **changes}))
    return claimed


def prolong(connection: Connection, job: Job, *, now: int, lease_s: int = LEASE_S) -> None:
    """Keep a job for longer; raises ``LostLeaseError`` if it has gone to somebody else."""
    _write(connection, job, {"lease_until": now + lease_s})


def save_checkpoint(connection: Connection, job: Job, checkpoint: Mapping[str, object]) -> None:
    """Remember how far a job has come, for the attempt after this one."""
    _write(connection, job, {"checkpoint": canonical(checkpoint)})


def complete(connection: Connection, job: Job, result: Mapping[str, object], *, now: int) -> None:
    """End a job well; its parent too, if it was the last child to end."""
    _write(connection, job, {"state": DONE, "result": canonical(result)} | _ending(now))
    _end_parent(connection, job.parent_id, now)


def fail(connection: Connection, job: Job, error: str, *, now: int) -> None:
    """Try a job again later, twice as late each time, or give it up after its last attempt."""
    if job.attempts >= job.max_attempts:
        _write(connection, job, {"state": FAILED, "error": _line(error)} | _ending(now))
        _end_parent(connection, job.parent_id, now)
        return
    wait = min(2 ** min(job.attempts - 1, 30), MOST_BACKOFF_S)
    _write(connection, job, _queued_again(now + wait, error=_line(error)))


def give_back(connection: Connection, job: Job, *, now: int) -> None:
    """Let somebody else take a job at once; this attempt does not count."""
    _write(connection, job, _queued_again(now, attempts=job.attempts - 1))


def last_result(connection: Connection, tenant_id: str, kind: str) -> dict[str, object]:
    """Return the result of the last time that a tenant's periodic job was done; empty if it never was, or failed."""
    query = select(jobs.c.result).where(jobs.c.dedup_key == standing_key(kind, tenant_id))
    found: dict[str, object] = json.loads(connection.execute(query).scalar() or "{}")
    return found


def standing_key(kind: str, tenant_id: str) -> str:
    """Return the key of a tenant's periodic job."""
    return f"{STANDING}{kind}:{tenant_id}"


def repeat(
    connection: Connection, job: Job, *, run_at: int, result: Mapping[str, object] | None = None, error: str = ""
) -> None:
    """Queue the same job for its next time; what came of this time can be read until then."""
    told = _queued_again(run_at, attempts=0, result=canonical(result or {}), error=_line(error))
    _write(connection, job, told)


def wait_for_children(connection: Connection, job: Job, *, now: int) -> None:
    """Let a parent rest until its children have ended; without any it ends at once."""
    _write(connection, job, {"lease_until": None, "owner": "its children"})
    _end_parent(connection, job.job_id, now)


def cancel(connection: Connection, tenant_id: str, job_id: str, *, now: int) -> None:
    """End a job that has not ended, and its children; a worker that is at it finds its lease lost."""
    family = (jobs.c.job_id == job_id) | (jobs.c.parent_id == job_id)
    # Children come before their parent, as when they end by themselves: nobody waits in a circle.
    query = select(jobs).where(jobs.c.tenant_id == tenant_id, family)
    query = query.order_by(jobs.c.parent_id.is_(None), jobs.c.job_id).with_for_update()
    found = [_job(row._mapping) for row in connection.execute(query)]
    job = next((job for job in found if job.job_id == job_id), None)
    if job is None:
        raise _missing(job_id)
    if job.state in ENDED:
        raise ConflictError(f"job {job_id} is {job.state} already.")
    for one in found:
        if one.job_id != job_id and one.state not in ENDED:
            _store_end(connection, one.job_id, CANCELLED, now, error="")
    _end(connection, job_id, CANCELLED, now, error="")


def read(connection: Connection, tenant_id: str, job_id: str) -> Job:
    """Return a job of a tenant."""
    query = select(jobs).where(jobs.c.job_id == job_id, jobs.c.tenant_id == tenant_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise _missing(job_id)
    return _job(row._mapping)


def children(connection: Connection, job_id: str) -> list[Job]:
    """Return the children of a job, oldest first."""
    query = select(jobs).where(jobs.c.parent_id == job_id).order_by(jobs.c.job_id)
    return [_job(row._mapping) for row in connection.execute(query)]


def waiting(connection: Connection, *, now: int) -> int:
    """Return how many jobs are due."""
    query = select(func.count()).where(jobs.c.state == QUEUED, jobs.c.run_at <= now)
    return int(connection.execute(query).scalar_one())


def _due(kinds: Sequence[str], now: int) -> "sa.Select[Any]":
    ready = sa.or_(
        sa.and_(jobs.c.state == QUEUED, jobs.c.run_at <= now),
        sa.and_(jobs.c.state == RUNNING, jobs.c.lease_until <= now),
    )
    return select(jobs).where(ready, jobs.c.kind.in_(kinds)).order_by(jobs.c.run_at, jobs.c.job_id)


def _missing(job_id: str) -> NotFoundError:
    return NotFoundError(f"job {job_id} does not exist.")


def _line(error: str) -> str:
    """Return an error as PostgreSQL takes it: without NUL, and not endless."""
    return error.replace("\0", "")[:MOST_ERROR]


def _write(connection: Connection, job: Job, changes: Mapping[str, object]) -> None:
    mine = (jobs.c.job_id == job.job_id) & (jobs.c.token == job.token) & (jobs.c.state == RUNNING)
    if not connection.execute(update(jobs).where(mine).values(dict(changes))).rowcount:
        raise LostLeaseError(f"job {job.job_id} is no longer this worker's.")


def _queued_again(run_at: int, **changes: object) -> dict[str, object]:
    return {"state": QUEUED, "run_at": run_at, "lease_until": None, "owner": ""} | changes


def _ending(now: int) -> dict[str, object]:
    return {"ended_at": now, "lease_until": None, "dedup_key": None}


def _store_end(connection: Connection, job_id: str, state: str, now: int, *, error: str) -> None:
    changes = {"state": state, "error": error, "token": jobs.c.token + 1} | _ending(now)
    connection.execute(update(jobs).where(jobs.c.job_id == job_id).values(changes))


def _end(connection: Connection, job_id: str, state: str, now: int, *, error: str) -> None:
    _store_end(connection, job_id, state, now, error=error)
    parent = connection.execute(select(jobs.c.parent_id).where(jobs.c.job_id == job_id)).scalar_one()
    _end_parent(connection, parent, now)


def _end_parent(connection: Connection, parent_id: str | None, now: int) -> None:
    """End a parent whose children have all ended, with how many of them ended how."""
    if parent_id is None:
        return
    locked = select(jobs.c.state).where(jobs.c.job_id == parent_id).with_for_update()
    if connection.execute(locked).scalar_one() in ENDED:
        return
    ends: dict[str, int] = {}
    for child in children(connection, parent_id):
        ends[child.state] = ends.get(child.state, 0) + 1
    if any(state not in ENDED for state in ends):
        return
    state = FAILED if ends.get(FAILED) else CANCELLED if ends.get(CANCELLED) else DONE
    changes = {"state": state, "result": canonical({"children": ends})} | _ending(now)
    connection.execute(update(jobs).where(jobs.c.job_id == parent_id).values(changes))


def _job(row: "sa.RowMapping | Mapping[str, Any]") -> Job:
    fields: dict[str, Any] = {name: row[name] for name in Job.__dataclass_fields__}
    for name in ("payload", "checkpoint", "result"):
        fields[name] = json.loads(fields[name])
    return Job(**fields)
