"""A planning run: a parent, a child for each region, and what was stored is not planned twice."""

import pytest
from sqlalchemy import func, select

from doorstep.operations.bring.change import Decided, change_delivery
from doorstep.operations.bring.problem import solve
from doorstep.storage import Database, jobs
from doorstep.storage.check import check_books
from doorstep.storage.jobs import Job, NewJob
from doorstep.storage.schema.fulfilment import deliveries, routes
from doorstep.storage.schema.journal import jobs as jobs_table
from doorstep.worker import Task, handlers
from doorstep.worker.periodic import planning
from tests.databases import CALLER, NOW
from tests.operations.fulfil.stage import open_stage, ready
from tests.worker.working import BOUND_S, Clock, worker_on

TENANT = CALLER.tenant_id


@pytest.fixture
def stage(database: Database):
    """Give a database with three orders at the docks of two stores."""
    open_stage(database)
    with database.writing() as connection:
        for units, where in ((1, {}), (2, {}), (1, {"lat": 41.31})):
            ready(connection, ("A", units), **where)
    yield database
    with database.reading() as connection:
        assert check_books(connection) == []


def ask(database: Database, **payload: object) -> str:
    with database.writing() as connection:
        new = NewJob(tenant_id=TENANT, kind="plan_routes", run_at=NOW, payload={"iterations": 5} | payload)
        return jobs.enqueue(connection, new, now=NOW)


def run_of(database: Database, job_id: str) -> tuple[Job, list[Job]]:
    with database.reading() as connection:
        return jobs.read(connection, TENANT, job_id), jobs.children(connection, job_id)


def count(database: Database, table) -> int:
    with database.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def test_all_that_waits_is_planned_region_by_region(stage):
    job_id = ask(stage)
    assert worker_on(stage, Clock(NOW + 60)).drain(BOUND_S)
    parent, children = run_of(stage, job_id)
    assert (parent.state, parent.result) == ("done", {"children": {"done": 1}})
    (child,) = children  # the stores are near one another
    assert (child.payload["site_ids"], child.result["deliveries"], child.result["unserved"]) == (["S1", "S2"], 3, 0)
    assert count(stage, deliveries) == 3
    assert count(stage, routes) == child.result["routes"] != 0


def test_where_nothing_waits_the_run_ends_at_once(database):
    open_stage(database)
    job_id = ask(database)
    worker_on(database, Clock()).drain(BOUND_S)
    parent, children = run_of(database, job_id)
    assert (parent.state, children) == ("done", [])


def test_routes_that_start_soon_are_planned_without_being_asked_and_later_ones_may_still_grow(stage):
    often = (planning(period_s=900, within_s=7_200, may_wait=True),)
    early = Clock(NOW - 6 * 3_600)
    worker = worker_on(stage, early, periodic=often)
    worker.drain(BOUND_S)
    assert (count(stage, deliveries), count(stage, routes)) == (0, 0)
    early.now = NOW + 60
    worker.drain(BOUND_S)
    assert count(stage, deliveries) == 3
    early.now += 901
    worker.drain(BOUND_S)
    assert count(stage, deliveries) == 3


def _fails(_: Task) -> None:
    raise ValueError("it is tried again later")


def test_a_plan_that_takes_long_is_not_asked_for_again_meanwhile(stage):
    clock = Clock(NOW + 60)
    often = (planning(period_s=900, within_s=7_200, may_wait=True),)
    worker = worker_on(stage, clock, periodic=often, handlers={"plan_region": _fails})
    for _ in range(3):
        worker.drain(BOUND_S)
        clock.now += 900
    with stage.reading() as connection:
        kinds = select(jobs_table.c.kind).where(jobs_table.c.kind == "plan_routes")
        assert list(connection.execute(kinds).scalars()) == ["plan_routes"]


def test_a_cancelled_delivery_leaves_its_route_without_being_asked(stage):
    clock = Clock(NOW + 60)
    worker = worker_on(stage, clock)
    ask(stage)
    worker.drain(BOUND_S)
    with stage.writing() as connection:
        name, route_id, before = connection.execute(
            select(deliveries.c.delivery_id, routes.c.route_id, routes.c.stops)
            .join(routes, routes.c.route_id == deliveries.c.route_id)
            .order_by(routes.c.stops.desc())
        ).first()
        change_delivery(connection, CALLER, name, Decided(event="cancel", reason="door_closed"), now=NOW + 70)
    assert before == 2
    clock.now = NOW + 70
    worker.drain(BOUND_S)
    with stage.reading() as connection:
        row = connection.execute(select(routes).where(routes.c.route_id == route_id)).one()
        assert (row.state, row.stops) == ("planned", 1)


def test_only_sites_asked_for_are_planned(stage):
    job_id = ask(stage, site_ids=["S2"])
    worker_on(stage, Clock(NOW + 60)).drain(BOUND_S)
    (child,) = run_of(stage, job_id)[1]
    assert (child.payload["site_ids"], child.result["done"]) == (["S2"], ["S2"])


def test_an_attempt_that_broke_off_is_gone_on_with_after_the_sites_that_were_stored(stage, monkeypatch):
    solved = []

    def breaks_at_the_second(problem, **given):
        solved.append(sorted({site for bundle in problem.bundles.values() for site, *_ in bundle.units}))
        if len(solved) == 2:
            raise ValueError("power cut")
        return solve(problem, **given)

    monkeypatch.setattr(handlers, "solve", breaks_at_the_second)
    job_id = ask(stage)
    clock = Clock(NOW + 60)
    worker = worker_on(stage, clock)
    worker.drain(BOUND_S)
    _, (child,) = run_of(stage, job_id)
    assert (child.state, child.checkpoint["done"], child.error) == ("queued", ["S1"], "ValueError: power cut")
    stored = count(stage, deliveries)
    clock.now += 10
    worker.drain(BOUND_S)
    parent, (child,) = run_of(stage, job_id)
    assert (parent.state, child.state, child.result["done"]) == ("done", "done", ["S1", "S2"])
    assert solved == [["S1"], ["S2"], ["S2"]]
    assert count(stage, deliveries) == stored + 1 == 3
