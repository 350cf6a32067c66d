"""Plans of network and stock while they are only asked for: given up with a reason, or called off with their job."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import select

from doorstep.operations.caller import Caller
from doorstep.operations.transitions import KINDS, advance
from doorstep.storage import Connection, jobs
from doorstep.storage.schema.journal import jobs as job_rows

PLANS = ("network_study", "stock_plan")
ASKED = "asked"
FORSAKEN = "Its job failed at every attempt, was cancelled, or is gone."


def forsaken(kind: str) -> "sa.Select[Any]":
    """Return the query of tenant and id of plans of a kind that are asked for and that no job works out any more."""
    table, key = KINDS[kind].table, KINDS[kind].table.c[KINDS[kind].key]
    going = sa.exists().where(job_rows.c.job_id == table.c.job_id, job_rows.c.state.not_in(jobs.ENDED))
    return select(table.c.tenant_id, key.label("plan_id")).where(table.c.state == ASKED, ~going)


def give_up_forsaken(connection: Connection, caller: Caller, *, now: int) -> int:
    """Fail the plans that no job works out any more, so that whoever asked hears of it; return how many."""
    found = [
        (kind, str(row.plan_id))
        for kind in PLANS
        for row in connection.execute(forsaken(kind)).all()
        if row.tenant_id == caller.tenant_id
    ]
    for kind, plan_id in found:
        fail_asked(connection, caller, kind, plan_id, FORSAKEN, now=now)
    return len(found)


def fail_asked(
    connection: Connection, caller: Caller, kind: str, plan_id: str, error: str, *, now: int
) -> dict[str, object]:
    """Keep why a plan cannot be, and return it."""
    advance(connection, caller, kind, plan_id, "fail", now=now, changes={"error": error, "ended_at": now})
    return {"error": error}


def cancel_asked(connection: Connection, caller: Caller, kind: str, plan_id: str, *, now: int) -> None:
    """Call a plan off that is not worked out yet, and its job.

    Raises
    ------
    NotFoundError
        If the tenant has no such plan.
    IllegalTransitionError
        If it has ended.
    """
    table, key = KINDS[kind].table, KINDS[kind].table.c[KINDS[kind].key]
    query = select(job_rows.c.job_id).join(table, table.c.job_id == job_rows.c.job_id)
    mine = (key == plan_id) & (table.c.tenant_id == caller.tenant_id)
    going = connection.execute(query.where(mine, job_rows.c.state.not_in(jobs.ENDED))).scalar()
    if going is not None:  # the job comes first, as where a worker ends it: nobody waits in a circle
        jobs.cancel(connection, caller.tenant_id, going, now=now)
    advance(connection, caller, kind, plan_id, "cancel", now=now, changes={"ended_at": now})
