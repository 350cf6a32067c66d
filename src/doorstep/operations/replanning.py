"""Routes planned again soon, after something has left them."""

from collections.abc import Collection

from doorstep.operations.caller import Caller
from doorstep.storage import Connection, jobs
from doorstep.storage.jobs import NewJob

REPLAN_ROUTE = "replan_route"


def replan_soon(connection: Connection, caller: Caller, route_ids: Collection[str | None], *, now: int) -> None:
    """Queue a job for each route; no key makes two of them one: the first may have begun before the second's reason."""
    for route_id in sorted({route_id for route_id in route_ids if route_id is not None}):
        job = NewJob(tenant_id=caller.tenant_id, kind=REPLAN_ROUTE, run_at=now, payload={"route_id": route_id})
        jobs.enqueue(connection, job, now=now)
