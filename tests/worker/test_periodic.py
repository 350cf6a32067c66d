"""What comes again: once a period however many workers, and nothing at all where there is nothing to do."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from threading import Barrier, Event
from typing import Any

import pytest
from sqlalchemy import select, update

from doorstep.domain.new_order import TakenOrder
from doorstep.foundation import InputError
from doorstep.operations.intake.draft import Intake
from doorstep.operations.intake.take import take_order, take_orders
from doorstep.operations.stock_proposals import NewProposal, store_proposals
from doorstep.operations.subscriptions import NewSubscription, create_subscription
from doorstep.storage import Database, Writer, jobs
from doorstep.storage.check import check_books
from doorstep.storage.jobs import Job
from doorstep.storage.schema.journal import audit
from doorstep.storage.schema.journal import jobs as rows
from doorstep.storage.schema.ledger import ledger_entries
from doorstep.storage.schema.orders import orders
from doorstep.storage.schema.planning import stock_proposals
from doorstep.worker import PERIODIC, Periodic, Task, WorkerSettings
from tests.databases import CALLER, NOW
from tests.operations.shops import open_shop, ordering
from tests.small import table
from tests.worker.working import BOUND_S, Clock, Figures, started, worker_on

COURIER: dict[str, Any] = {
    "carriers": table("carrier_id name kind", ("CO", "Courier", "on_demand")),
    "carrier_rates": table("carrier_id price_minor", ("CO", 900)),
}
START = NOW - NOW % 3_600


def often(period_s: int = 10, *, tenants: tuple[str, ...] = ("",)) -> tuple[Periodic, ...]:
    return (Periodic(kind="often", period_s=period_s, wanted=lambda _connection, _now: list(tenants)),)


def standing(database: Database) -> list[Job]:
    with database.reading() as connection:
        return [jobs.read(connection, row.tenant_id, row.job_id) for row in connection.execute(select(rows))]


def noted(seen: list[int]):
    def note(task: Task) -> None:
        seen.append(task.now())
        task.repeat(lambda _connection: {"times": len(seen)})

    return note


def test_it_is_done_once_a_period_and_stays_one_row(database):
    clock = Clock(START + 3)
    seen: list[int] = []
    worker = worker_on(database, clock, periodic=often(), handlers={"often": noted(seen)})
    for _ in range(30):
        worker.drain(BOUND_S)
        clock.now += 1
    assert seen == [START + 3, START + 10, START + 20, START + 30]
    (job,) = standing(database)
    assert (job.state, job.run_at, job.result, job.attempts) == ("queued", START + 40, {"times": 4}, 0)


def test_several_workers_do_it_once_a_period(database):
    clock = Clock(START)
    seen: list[int] = []
    workers = [
        worker_on(database, clock, periodic=often(), handlers={"often": noted(seen)}, name=name) for name in "abc"
    ]
    for _ in range(10):
        start = Barrier(3)

        def work(worker, start=start) -> None:
            start.wait()
            worker.drain(BOUND_S)

        with ThreadPoolExecutor(3) as crew:
            list(crew.map(work, workers))
        clock.now += 10
    assert seen == [START + 10 * number for number in range(10)]
    assert len(standing(database)) == 1


def test_each_tenant_that_has_something_to_do_has_its_own(database):
    clock = Clock(START)
    seen: list[int] = []
    worker = worker_on(database, clock, periodic=often(tenants=("ten_a", "ten_b")), handlers={"often": noted(seen)})
    worker.drain(BOUND_S)
    assert sorted(job.tenant_id for job in standing(database)) == ["ten_a", "ten_b"]
    assert seen == [START, START]


def test_one_that_fails_comes_again_in_the_next_period_with_its_error(database):
    clock = Clock(START)

    def broken(_task: Task) -> None:
        raise ValueError("no")

    worker = worker_on(database, clock, periodic=often(), handlers={"often": broken})
    for _ in range(12):
        worker.drain(BOUND_S)
        clock.now += 10
    (job,) = standing(database)
    assert (job.state, job.error, job.token) == ("queued", "ValueError: no", 12)


def test_one_whose_worker_died_is_done_by_another_after_its_lease(database):
    clock = Clock(START)
    seen: list[int] = []
    with database.writing() as connection:
        job_id = jobs.enqueue(connection, often()[0].job("", START), now=START)
        jobs.claim(connection, "dead", ["often"], now=START, among=[job_id])
    worker = worker_on(database, clock, periodic=often(), handlers={"often": noted(seen)})
    for _ in range(13):
        worker.drain(BOUND_S)
        clock.now += 5
    assert seen[0] == START + 60


def test_an_idle_worker_writes_nothing(database):
    open_shop(database, {("S1", "A"): 5})
    clock = Clock(START)
    worker = worker_on(database, clock, periodic=PERIODIC)
    worker.drain(BOUND_S)
    before = [(job.kind, job.token) for job in standing(database)]
    assert before == [("purge", 1)]
    for _ in range(50):
        clock.now += 60
        assert not worker.tick() or clock.now % 3_600 == 0
        worker.drain(BOUND_S)
    assert [(job.kind, job.token) for job in standing(database)] == [("purge", 1)]


@pytest.fixture
def shop(database: Database):
    open_shop(database, {("S1", "A"): 50}, **COURIER)
    yield database
    with database.reading() as connection:
        assert check_books(connection) == []


def state_of(database: Database, order_id: str) -> str:
    with database.reading() as connection:
        return str(connection.execute(select(orders.c.state).where(orders.c.order_id == order_id)).scalar_one())


def test_an_order_that_was_placed_is_allocated_at_once_where_the_writer_wakes_the_worker(shop):
    wake, figures = Event(), Figures()
    writer = Writer(shop, committed=wake)
    worker = worker_on(shop, Clock(), writer=writer, wake=wake, periodic=PERIODIC, count=figures)
    with closing(writer), started(worker):
        taken = writer.together(take_orders, Intake(caller=CALLER, order=ordering(("A", 1)), now=NOW)).result(BOUND_S)
        assert isinstance(taken, TakenOrder)
        assert figures.wait_for("jobs_done", "route_orders")
        assert state_of(shop, taken.order_id) == "allocated"


def poison(database: Database, *order_ids: str) -> None:
    """Give orders a promise that no calendar reaches."""
    with database.writing() as connection:
        connection.execute(update(orders).where(orders.c.order_id.in_(order_ids)).values(window_end_at=2**50))


def test_an_order_on_which_nothing_can_be_decided_goes_on_hold_and_stops_no_other(shop):
    with shop.writing() as connection:
        ids = [take_order(connection, CALLER, ordering(("A", 1)), now=NOW).order_id for _ in range(7)]
    poison(shop, ids[2])
    worker_on(shop, Clock(), periodic=PERIODIC).drain(BOUND_S)
    assert [state_of(shop, order_id) for order_id in ids] == ["allocated"] * 2 + ["on_hold"] + ["allocated"] * 4
    with shop.reading() as connection:
        told = select(audit.c.reason).where(audit.c.object_id == ids[2], audit.c.event == "hold")
        assert connection.execute(told).scalar_one() == "deciding_fails"


def test_where_every_order_fails_none_is_blamed(shop):
    with shop.writing() as connection:
        ids = [take_order(connection, CALLER, ordering(("A", 1)), now=NOW).order_id for _ in range(3)]
    poison(shop, *ids)
    worker_on(shop, Clock(), periodic=PERIODIC).drain(BOUND_S)
    assert [state_of(shop, order_id) for order_id in ids] == ["placed"] * 3
    assert [job.error for job in standing(shop) if job.kind == "route_orders" and "Error" in job.error]


def test_a_draft_that_was_not_paid_expires(shop):
    clock = Clock()
    with shop.writing() as connection:
        order_id = take_order(connection, CALLER, ordering(("A", 1), payment="pending"), now=NOW).order_id
    worker = worker_on(shop, clock, periodic=PERIODIC)
    worker.drain(BOUND_S)
    assert state_of(shop, order_id) == "draft"
    clock.now += 86_400
    worker.drain(BOUND_S)
    assert state_of(shop, order_id) == "cancelled"
    with shop.reading() as connection:
        kinds = connection.execute(select(ledger_entries.c.kind).order_by(ledger_entries.c.entry_id)).scalars().all()
    assert kinds == ["receive", "reserve", "expire"]


def test_the_orders_of_subscriptions_are_placed_when_they_are_due(shop):
    clock = Clock()
    new = NewSubscription(rule="FREQ=DAILY", time_zone="America/Chicago", starts_at=NOW + 60, order=ordering(("A", 1)))
    with shop.writing() as connection:
        create_subscription(connection, CALLER, new, now=NOW)
    worker = worker_on(shop, clock, periodic=PERIODIC)
    placed = select(orders.c.state)
    states = []
    for later_s in (59, 1, 86_400):
        clock.now += later_s
        worker.drain(BOUND_S)
        with shop.reading() as connection:
            states.append(list(connection.execute(placed).scalars()))
    assert states[0] == []
    assert [len(some) for some in states[1:]] == [1, 2]
    assert states[1] == ["allocated"]


def test_an_order_goes_from_placed_to_the_pickers_by_itself(shop):
    clock = Clock()
    with shop.writing() as connection:
        order_id = take_order(connection, CALLER, ordering(("A", 1)), now=NOW).order_id
    worker = worker_on(shop, clock, periodic=PERIODIC)
    worker.drain(BOUND_S)
    assert state_of(shop, order_id) == "allocated"
    for _ in range(30):
        clock.now += 3_600
        worker.drain(BOUND_S)
    assert state_of(shop, order_id) == "preparing"


def test_the_settings_name_what_they_mean():
    settings = WorkerSettings()
    assert settings.poll_s <= 1.0
    assert settings.kept.replies_s == 48 * 3_600


def test_proposals_that_nobody_took_up_in_time_expire_without_being_asked(database):
    open_shop(database, {("S1", "A"): 9})
    usual = NewProposal(action="buy", product_id="A", site_id="S1", from_site_id="", units=1, value_minor=1, reason="r",
                        deadline_at=START + 60, arrives_at=START + 90)  # fmt: skip
    with database.writing() as connection:
        store_proposals(connection, CALLER, [usual, replace(usual, deadline_at=START + 900)], now=START)
    clock = Clock(START + 60)
    worker = worker_on(database, clock, periodic=PERIODIC)
    states = []
    for _ in range(2):
        worker.drain(BOUND_S)
        clock.now += 61
        with database.reading() as connection:
            found = connection.execute(
                select(stock_proposals.c.state).order_by(stock_proposals.c.deadline_at)
            ).scalars()
            states.append(list(found))
    assert states == [["proposed", "proposed"], ["expired", "proposed"]]


@pytest.mark.parametrize("changes", [{"from_site_id": "S1"}, {"from_site_id": ""}, {"units": 0}])
def test_a_transfer_that_moves_nothing_is_no_proposal(database, changes):
    usual = NewProposal(action="transfer", product_id="A", site_id="S1", from_site_id="S2", units=1, value_minor=1,
                        reason="r", deadline_at=START, arrives_at=START)  # fmt: skip
    with database.writing() as connection, pytest.raises(InputError, match="no proposals: transfer of"):
        store_proposals(connection, CALLER, [replace(usual, **changes)], now=START)
