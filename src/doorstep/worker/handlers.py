"""What is done for each kind of job.

Where thinking takes long, it is done between two transactions: nobody else's writing waits for it.
"""

import logging
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from typing import cast

from sqlalchemy import select

from doorstep.operations.bring.plan_routes import ITERATIONS, StoredPlan, store_plan
from doorstep.operations.bring.plan_routes import WITHIN_S as PLANNED_AHEAD_S
from doorstep.operations.bring.problem import load_problem, solve
from doorstep.operations.bring.replan import replan
from doorstep.operations.bring.rides import ride_along
from doorstep.operations.bring.waiting import load_coming, without_waiting
from doorstep.operations.collect.lockers import lapse_overdue
from doorstep.operations.fulfil import release_wave
from doorstep.operations.fulfil.apart import decide_apart, hold_undecidable
from doorstep.operations.fulfil.deciding import load_case
from doorstep.operations.fulfil.foreseen import FORESEE, foresee_orders, load_lately
from doorstep.operations.fulfil.parts import TO_BRING
from doorstep.operations.fulfil.reoptimising import decide_moves, load_unreleased, store_moves
from doorstep.operations.fulfil.sites import store_sites
from doorstep.operations.housekeeping import Kept, expire_overdue, purge
from doorstep.operations.memberships import fall_due
from doorstep.operations.money.keep import BATCH, keep_books
from doorstep.operations.planning.asked import give_up_forsaken
from doorstep.operations.planning.stock_plans import PLAN_STOCK, ask_nightly
from doorstep.operations.planning.studies import STUDY_NETWORK
from doorstep.operations.receipts import note_late
from doorstep.operations.replanning import REPLAN_ROUTE
from doorstep.operations.stations.overdue import note_overdue
from doorstep.operations.stock_proposals import expire_proposals
from doorstep.operations.subscriptions import renew_due
from doorstep.storage import Connection, jobs
from doorstep.storage.jobs import NewJob
from doorstep.storage.retailers import load_reference
from doorstep.storage.schema.fulfilment import shipments
from doorstep.worker.contractors import OFFER, offer
from doorstep.worker.dispatching import DISPATCH, dispatch
from doorstep.worker.studies import plan_stock, study
from doorstep.worker.task import Handler, Task
from doorstep.worker.tracking import FOLLOW, LEARN, LEARN_STREETS, follow, learn_paces, learn_streets

ORDERS_AT_ONCE = 500
RENEWED_AT_ONCE = 100
REGION_DEGREES = 2
DONE, WITHIN_S, NEXT_S, THRESHOLD_MINOR, DAYS = "done", "within_s", "next_s", "threshold_minor", "days"
ASK_STOCK_PLAN = "ask_stock_plan"
"""The periodic job that asks for a plan of the stock."""
KEEP_BOOKS = "keep_books"
"""The periodic job that posts what moves money."""
_log = logging.getLogger(__name__)


def usual_handlers(*, kept: Kept) -> dict[str, Handler]:
    """Return the handlers by kind of job."""
    return {
        "route_orders": route,
        "route_backorders": route,
        FORESEE: foresee,
        "reoptimise_orders": reoptimise,
        "release_wave": release,
        "expire_overdue": expire,
        "note_late": note_late_receipts,
        "note_overdue_units": note_overdue_units,
        "expire_proposals": expire_stock_proposals,
        "give_up_plans": give_up_plans,
        "lapse_uncollected": lapse,
        "renew_subscriptions": renew,
        KEEP_BOOKS: keep_money,
        "end_periods": end_periods,
        "purge": lambda task: forget(task, kept),
        OFFER: offer,
        "plan_due_routes": queue_planning,
        "plan_routes": plan,
        "plan_region": plan_region,
        REPLAN_ROUTE: replan_route,
        STUDY_NETWORK: study,
        PLAN_STOCK: plan_stock,
        ASK_STOCK_PLAN: ask_nightly_plan,
        FOLLOW: follow,
        LEARN: learn_paces,
        LEARN_STREETS: learn_streets,
        DISPATCH: dispatch,
    }


def route(task: Task) -> None:
    """Give orders that look for sites their sites; those that make deciding fail go on hold, the others go on."""
    now, tenant_id = task.now(), task.job.tenant_id
    case = task.read(lambda connection: load_case(connection, tenant_id, None, now=now, limit=ORDERS_AT_ONCE))
    choices, faults = decide_apart(case)
    for order_id, fault in faults.items():
        _log.warning("order %s goes on hold: nothing can be decided on it", order_id, exc_info=fault)
    rest = case.only(choices, full=()) if faults else case

    def store(connection: Connection) -> dict[str, object]:
        held = hold_undecidable(connection, task.caller, case, faults, now=task.now())
        stored = store_sites(connection, task.caller, rest, choices, now=task.now())
        return {"orders": len(stored), "held": len(held)}

    task.repeat(store)


def foresee(task: Task) -> None:
    """Work out what stock and pickers are worth to the orders that are likely to come."""
    now = task.now()
    lately = task.read(lambda connection: load_lately(connection, task.job.tenant_id, now=now))
    found = foresee_orders(lately, now=now, interrupt=task.interrupt)
    task.repeat(lambda _connection: found)


def reoptimise(task: Task) -> None:
    """Decide orders again that wait for their release, and move those where it pays."""
    threshold_minor = int(str(task.job.payload[THRESHOLD_MINOR]))
    case = task.read(lambda connection: load_unreleased(connection, task.job.tenant_id, now=task.now()))
    found = decide_moves(case, threshold_minor=threshold_minor)

    def store(connection: Connection) -> dict[str, object]:
        moved = store_moves(connection, task.caller, case, found, now=task.now())
        return {"orders": len(moved), "saved_minor": sum(order.gain_minor for order in moved)}

    task.repeat(store)


def release(task: Task) -> None:
    """Let the pickers begin with what is due."""
    task.repeat(
        lambda connection: {
            "shipments": len(release_wave(connection, task.caller, now=task.now(), limit=ORDERS_AT_ONCE))
        }
    )


def expire(task: Task) -> None:
    """Give back what was held too long."""
    task.repeat(lambda connection: asdict(expire_overdue(connection, now=task.now())))


def expire_stock_proposals(task: Task) -> None:
    """Let go of proposals that nobody took up in time."""
    task.repeat(lambda connection: {"expired": expire_proposals(connection, task.caller, now=task.now())})


def give_up_plans(task: Task) -> None:
    """Fail the plans that no job works out any more."""
    task.repeat(lambda connection: {"given_up": give_up_forsaken(connection, task.caller, now=task.now())})


def ask_nightly_plan(task: Task) -> None:
    """Ask for a plan of the stock, unless one is being worked out or too few orders tell what is wanted."""
    days = int(str(task.job.payload[DAYS]))
    task.repeat(lambda connection: {"plan_id": ask_nightly(connection, task.caller, days=days, now=task.now())})


def lapse(task: Task) -> None:
    """Let what nobody came for lapse."""
    task.repeat(lambda connection: {"lapsed": len(lapse_overdue(connection, task.caller, now=task.now()))})


def note_late_receipts(task: Task) -> None:
    """Let the orders look for other sites that wait for what has not come."""
    task.repeat(lambda connection: {"late": note_late(connection, now=task.now())})


def note_overdue_units(task: Task) -> None:
    """Mark what did not come to stations, and what nobody moves there."""
    task.repeat(lambda connection: dict(note_overdue(connection, task.caller, now=task.now())))


def renew(task: Task) -> None:
    """Place the orders of subscriptions that are due, a transaction for each hundred."""

    def some(connection: Connection) -> int:
        return len(renew_due(connection, task.caller, now=task.now(), limit=RENEWED_AT_ONCE))

    renewals = 0
    while (found := task.write(some)) == RENEWED_AT_ONCE:
        renewals += found
        task.check()
    task.repeat(lambda _connection: {"renewals": renewals + found})


def keep_money(task: Task) -> None:
    """Post what has happened since the last time, a transaction for each hundred events."""
    events = 0
    while (found := task.write(lambda connection: keep_books(connection, now=task.now()))) == BATCH:
        events += found
        task.check()
    task.repeat(lambda _connection: {"events": events + found})


def end_periods(task: Task) -> None:
    """Call memberships past due whose period has ended."""
    task.repeat(lambda connection: {"past_due": len(fall_due(connection, task.caller, now=task.now()))})


def forget(task: Task, kept: Kept) -> None:
    """Remove what has been kept long enough, a transaction for each thousand."""
    limit = 1_000
    while limit in task.write(lambda connection: purge(connection, now=task.now(), kept=kept, limit=limit)).values():
        task.check()
    task.repeat(lambda _connection: {})


def queue_planning(task: Task) -> None:
    """Have the routes planned that are to start soon, unless they still are since the last time."""
    tenant_id = task.job.tenant_id
    job = NewJob(
        tenant_id=tenant_id,
        kind="plan_routes",
        run_at=task.now(),
        payload={name: task.job.payload[name] for name in (WITHIN_S, NEXT_S) if name in task.job.payload},
    )

    def unless_open(connection: Connection) -> dict[str, object]:
        going = jobs.find_open(connection, tenant_id, job.kind)
        return {"job_id": going or jobs.enqueue(connection, job, now=job.run_at)}

    task.repeat(unless_open)


def plan(task: Task) -> None:
    """Plan the routes of all sites with something to bring, or of ``site_ids``: a child for each region."""
    asked = cast("list[str] | None", task.job.payload.get("site_ids"))
    regions = task.read(lambda connection: site_groups(connection, task.job.tenant_id, asked))
    task.rest(
        [
            NewJob(
                tenant_id=task.job.tenant_id,
                kind="plan_region",
                run_at=task.now(),
                payload=dict(task.job.payload) | {"site_ids": sites},
                parent_id=task.job.job_id,
            )
            for sites in regions
        ]
    )


def plan_region(task: Task) -> None:
    """Plan the routes of a region, site by site; what an attempt before this one has stored stays."""
    payload, tenant_id = task.job.payload, task.job.tenant_id
    iterations, seed = int(str(payload.get("iterations", ITERATIONS))), int(str(payload.get("seed", 1)))
    within_s, next_s = int(str(payload.get(WITHIN_S, PLANNED_AHEAD_S))), int(str(payload.get(NEXT_S, 0)))
    for site_id in cast("list[str]", payload["site_ids"]):
        if site_id in cast("list[str]", task.checkpoint.get(DONE, [])):
            continue
        task.check()
        problem = task.read(partial(load_problem, tenant_id=tenant_id, now=task.now(), site_id=site_id))
        if next_s and problem.bundles:
            lately = task.read(partial(load_coming, tenant_id=tenant_id, site_id=site_id, now=task.now()))
            next_at = problem.now + next_s
            problem, _ = without_waiting(
                problem, lately, site_id=site_id, next_at=next_at, seed=seed, interrupt=task.interrupt
            )
        if problem.bundles:
            found = solve(problem, iterations=iterations, seed=seed, interrupt=task.interrupt)
            rides = ride_along(problem, found, seed=seed, interrupt=task.interrupt)
            store = partial(
                store_plan, caller=task.caller, problem=problem, rides=rides, now=task.now(), within_s=within_s
            )
            task.write_checkpoint(store, partial(_with_site, task.checkpoint, site_id))
    task.complete(lambda _connection: task.checkpoint)


def replan_route(task: Task) -> None:
    """Plan a route again whose deliveries have changed."""
    route_id = str(task.job.payload["route_id"])

    def again(connection: Connection) -> dict[str, object]:
        found = replan(connection, task.caller, route_id, now=task.now())
        return {"version": found.version, "lost": list(found.lost), "late": list(found.late)}

    task.complete(again)


def _with_site(before: Mapping[str, object], site_id: str, stored: StoredPlan) -> dict[str, object]:
    """Return a region's checkpoint after one more site."""
    counts = {name: len(getattr(stored, name)) for name in ("routes", "joined", "deliveries", "unserved", "left_out")}
    added = {name: int(str(before.get(name, 0))) + count for name, count in counts.items()}
    return {DONE: [*cast("list[str]", before.get(DONE, [])), site_id], **added}


def site_groups(connection: Connection, tenant_id: str, asked: list[str] | None) -> list[list[str]]:
    """Return the sites with something to bring, or those of them asked for, by squares of some degrees."""
    waiting = select(shipments.c.site_id).where(
        shipments.c.tenant_id == tenant_id, shipments.c.state.in_(TO_BRING), shipments.c.delivery_id.is_(None)
    )
    wanted = set(connection.execute(waiting).scalars())
    wanted &= wanted if asked is None else set(asked)
    squares: dict[tuple[int, int], list[str]] = defaultdict(list)
    for site_id, lat, lon in load_reference(connection, tenant_id)["sites"].select("site_id", "lat", "lon").iter_rows():
        if site_id in wanted:
            squares[int(lat // REGION_DEGREES), int(lon // REGION_DEGREES)].append(site_id)
    return [squares[square] for square in sorted(squares)]
