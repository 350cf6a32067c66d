"""Routes that run looked at every minute, site by site: read, think, keep what is worth proposing."""

import logging
from functools import partial

from doorstep.foundation import AnyOf, ConflictError, InputError, Interrupt, Iterations, Stop
from doorstep.operations.dispatching.handing import offers_for
from doorstep.operations.dispatching.letting_go import let_go, take_off
from doorstep.operations.dispatching.limits import DispatchLimits, load_limits
from doorstep.operations.dispatching.proposals import sites_proposed, store_drafts
from doorstep.operations.dispatching.running import SiteRun, load_run, sites_with_routes
from doorstep.operations.dispatching.weighing import Offer, at_risk, weigh
from doorstep.storage import Connection
from doorstep.worker.task import Task

DISPATCH = "dispatch_routes"
_log = logging.getLogger(__name__)
ITERATIONS_A_STOP, MOST_ITERATIONS = 500, 60_000
"""Patience for a mend: more of it finds hardly anything better, as few stops may move."""


def dispatch(task: Task) -> None:
    """Look at the running routes of each site, and keep or take up what helps promises that are at risk."""
    tenant_id = task.job.tenant_id
    running = task.read(lambda connection: sites_with_routes(connection, tenant_id, now=task.now()))
    proposed = task.read(lambda connection: sites_proposed(connection, tenant_id))
    counts = {"sites": len(running), "proposals": 0}
    for site_id in sorted({*running, *proposed}):
        task.check()
        try:
            counts["proposals"] += _site(task, site_id, told=site_id in proposed)
        except (InputError, ConflictError) as fault:  # the other sites must not wait for it
            _log.warning("site %s cannot be dispatched now", site_id, exc_info=fault)
    task.repeat(lambda _connection: dict(counts))


def _site(task: Task, site_id: str, *, told: bool) -> int:
    """Look at one site, and return how much that is new is proposed; ``told`` says that something was before."""
    tenant_id = task.job.tenant_id
    limits, run, offers = task.read(partial(look_at, tenant_id=tenant_id, site_id=site_id, now=task.now()))
    if run is not None and run.left_behind:
        task.write(partial(take_off, caller=task.caller, run=run, now=task.now()))
    drafts = () if run is None else weigh(run, limits, offers, _patience(run, task.interrupt), seed=1)
    if run is not None and run.open:
        task.write(partial(let_go, caller=task.caller, run=run, drafts=drafts, now=task.now()))
    if not (drafts or told):
        return 0
    store = partial(store_drafts, caller=task.caller, site_id=site_id, drafts=drafts, limits=limits)
    return len(task.write(partial(store, now=task.now())))


def look_at(
    connection: Connection, tenant_id: str, site_id: str, now: int
) -> tuple[DispatchLimits, SiteRun | None, list[Offer]]:
    """Return the limits, a site's routes as they run, and what carriers could bring of what is at risk."""
    limits, run = load_limits(connection, tenant_id), load_run(connection, tenant_id, site_id, now=now)
    return limits, run, [] if run is None else offers_for(connection, run, at_risk(run, limits))


def _patience(run: SiteRun, interrupt: Interrupt) -> Stop:
    return AnyOf((Iterations(limit=min(MOST_ITERATIONS, ITERATIONS_A_STOP * len(run.names))), interrupt))
