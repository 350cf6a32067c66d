"""Jobs as they stand."""

from collections import Counter
from typing import cast

from sqlalchemy import select

from doorstep.api.models.jobs import Job as ShownJob
from doorstep.api.models.jobs import State
from doorstep.api.views.matching import matching
from doorstep.storage import Connection, jobs
from doorstep.storage.jobs import Job
from doorstep.storage.schema.journal import jobs as table


def find_job(connection: Connection, tenant_id: str, job_id: str) -> ShownJob:
    """Return a job of a tenant; raises ``NotFoundError`` if it has no such job."""
    return _shown(connection, jobs.read(connection, tenant_id, job_id))


def list_jobs(
    connection: Connection,
    tenant_id: str,
    *,
    limit: int,
    before: str = "",
    state: str | None = None,
    kind: str | None = None,
) -> list[ShownJob]:
    """Return jobs, the newest first; ``before`` is the id of the last one seen."""
    query = select(table.c.job_id).where(table.c.tenant_id == tenant_id)
    wanted = {table.c.state: state, table.c.kind: kind}
    query = matching(query, wanted)
    if before:
        query = query.where(table.c.job_id < before)
    ids = connection.execute(query.order_by(table.c.job_id.desc()).limit(limit)).scalars().all()
    return [find_job(connection, tenant_id, job_id) for job_id in ids]


def _shown(connection: Connection, job: Job) -> ShownJob:
    return ShownJob(
        id=job.job_id,
        kind=job.kind,
        state=cast("State", job.state),
        attempts=job.attempts,
        created_at=job.created_at,
        run_at=job.run_at,
        ended_at=job.ended_at,
        parent_id=job.parent_id,
        children=dict(Counter(child.state for child in jobs.children(connection, job.job_id))),
        error=job.error,
    )
