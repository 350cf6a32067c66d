"""Work that takes longer than a request."""

from typing import Annotated

from fastapi import Depends, Path, Query
from starlette.responses import Response

from doorstep.api.access.guarded import guarded_router
from doorstep.api.desk import Acting, Reading
from doorstep.api.models.base import Page
from doorstep.api.models.fields import ObjectId, ReferenceId
from doorstep.api.models.jobs import Job, State
from doorstep.api.paging import PageWish, wanted_page
from doorstep.api.problems import documented
from doorstep.api.views.jobs import find_job, list_jobs
from doorstep.storage import Connection, jobs

router = guarded_router("jobs", "/jobs")
JobId = Annotated[ObjectId, Path()]


@router.get("", response_model=Page[Job], responses=documented("bad_cursor"))
async def read_jobs(
    desk: Reading,
    wish: Annotated[PageWish, Depends(wanted_page)],
    state: Annotated[State | None, Query()] = None,
    kind: Annotated[ReferenceId | None, Query()] = None,
) -> Response:
    """List jobs, the newest first."""
    return await desk.show_page(
        wish,
        lambda connection: list_jobs(
            connection, desk.tenant_id, limit=wish.limit + 1, before=wish.after, state=state, kind=kind
        ),
        lambda job: (job.created_at, job.id),
    )


@router.get("/{job_id}", response_model=Job, responses=documented("not_found"))
async def read_job(job_id: JobId, desk: Reading) -> Response:
    """Show a job and how far it is."""
    return await desk.show(lambda connection: find_job(connection, desk.tenant_id, job_id))


@router.post(
    "/{job_id}/cancel", response_model=Job, responses=documented("not_found", "conflict", "idempotency_key_reused")
)
async def cancel_job(job_id: JobId, desk: Acting) -> Response:
    """Stop a job and its parts; what they have done already stays."""

    def act(connection: Connection) -> Job:
        jobs.cancel(connection, desk.tenant_id, job_id, now=desk.now)
        return find_job(connection, desk.tenant_id, job_id)

    return await desk.act(act)
