"""A plan of the stock is asked for by a planner or by the night, worked out by a worker, and becomes proposals."""

import json
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from sqlalchemy import func, select

from doorstep.domain.lifecycles import IllegalTransitionError
from doorstep.operations.onboarding import import_retailer
from doorstep.operations.planning import stock_plans as planning
from doorstep.operations.planning.asked import FORSAKEN, cancel_asked
from doorstep.operations.planning.kept_tables import kept_tables
from doorstep.operations.planning.sales import give_sales
from doorstep.operations.planning.stock_plans import (
    ATTEMPTS,
    NewStockPlan,
    ask_stock_plan,
)
from doorstep.operations.planning.stock_wishes import StockWishes
from doorstep.operations.stock_proposals import accept_proposal
from doorstep.simulation.sample import find_city, sample_retailer
from doorstep.simulation.sample.history import sales_history
from doorstep.storage import Database, jobs, ledger
from doorstep.storage.check import check_books
from doorstep.storage.ledger import Place
from doorstep.storage.reference_rows import find_row, upsert_row
from doorstep.storage.schema.journal import events
from doorstep.storage.schema.journal import jobs as job_rows
from doorstep.storage.schema.ledger import STOCK
from doorstep.storage.schema.orders import orders
from doorstep.storage.schema.planning import plan_tables, sales, stock_plans, stock_proposals
from doorstep.worker import PERIODIC, studies
from doorstep.worker.periodic import stock_planning
from tests.databases import CALLER, Furnished
from tests.worker.working import BOUND_S, Clock, worker_on

TENANT = CALLER.tenant_id
SHOP = sample_retailer(find_city("Denver, US"), 4, 1, 150, np.random.default_rng(5))
LONG_S = 8 * BOUND_S
"""For a machine on which kernels are still to be compiled."""
DAY_S = 86_400
FROM_AT = int(SHOP.orders["placed_at"].min())  # type: ignore[arg-type]
NOW = FROM_AT + DAY_S + 3_600
NAMES = ("changes", "cover", "days", "forecast", "prices", "proposals", "sites", "stock")
ASKED = NewStockPlan(
    name="a week", days=3, wishes=StockWishes(replay_days=0), propose=True, start_at=FROM_AT - 1, end_at=NOW,
    seconds=60, seed=1,
)  # fmt: skip


def furnish(database: Database) -> None:
    """Give a database a sample retailer, its orders of yesterday, and no sales before that."""
    with database.writing() as connection:
        import_retailer(connection, CALLER, SHOP, now=FROM_AT)


@pytest.fixture
def stage(furnished: Furnished) -> Iterator[Database]:
    """Give a furnished database, whose books agree in the end."""
    with furnished(furnish) as database:
        yield database
        with database.reading() as connection:
            assert check_books(connection) == []


def ask(database: Database, **changes: object) -> str:
    with database.writing() as connection:
        return ask_stock_plan(connection, CALLER, replace(ASKED, **changes), now=NOW)  # type: ignore[arg-type]


def drained(database: Database, plan_id: str, at: int = NOW + 60):
    """Return the row of a plan after all jobs are done."""
    assert worker_on(database, Clock(at)).drain(LONG_S)
    with database.reading() as connection:
        return connection.execute(select(stock_plans).where(stock_plans.c.plan_id == plan_id)).one()


def weeks_before(days: int) -> list[dict[str, object]]:
    """Return sales of some weeks until the day before the orders."""
    last = pl.Series([FROM_AT // DAY_S - 1], dtype=pl.Int32).cast(pl.Date)[0]
    history = sales_history(SHOP, last, days, np.random.default_rng(6))
    return history.with_columns(pl.col("day").cast(pl.Int32).cast(pl.Int64), display=pl.lit(0.0)).to_dicts()


def test_a_plan_is_worked_out_kept_told_and_proposes(stage: Database):
    with stage.writing() as connection:
        give_sales(connection, CALLER, weeks_before(30), now=NOW)
    plan_id = ask(stage)
    row = drained(stage, plan_id)
    assert (row.state, row.error, row.version, row.ended_at) == ("done", "", 2, NOW + 60)
    figures = json.loads(row.figures)
    assert figures["violations"] == 0
    assert figures["plan"]["value_minor"] <= figures["bound_minor"] * (1 + 1e-9)
    assert figures["plan"]["value_minor"] >= figures["today"]["value_minor"]
    with stage.reading() as connection:
        tables = kept_tables(connection, TENANT, plan_id, NAMES)
        kept = connection.execute(select(stock_proposals)).all()
        told = list(connection.execute(select(events.c.type).where(events.c.object_id == plan_id)).scalars())
        job = jobs.read(connection, TENANT, row.job_id)
    assert set(tables) == set(NAMES)
    assert set(tables["forecast"]["zone_id"]) <= set(SHOP.sites["site_id"])
    assert sum(tables["stock"]["units_today"]) == figures["today"]["units"]  # type: ignore[arg-type]
    assert figures["today"]["units"] > SHOP.stock["on_hand"].sum() / 2
    assert told == ["stock_plan.created", "stock_plan.done"]
    assert (job.state, "stage" in job.checkpoint) == ("done", True)
    assert len(kept) == figures["proposals"] > 0
    assert {each.state for each in kept} == {"proposed"}
    assert min(each.deadline_at for each in kept) >= NOW + 60
    moved = next(each for each in kept if each.action in ("buy", "transfer"))
    with stage.writing() as connection:
        accept_proposal(connection, CALLER, moved.proposal_id, now=NOW + 90)


def test_what_was_sold_until_today_is_learnt_from_and_orders_to_come_are_in_stock(stage: Database):
    row = drained(stage, ask(stage))
    with stage.reading() as connection:
        known = connection.execute(select(func.sum(sales.c.units)).where(sales.c.given.is_(False))).scalar_one()
        first = json.loads(row.figures)["forecast"]["first_day"]
    lines = SHOP.order_lines.select(pl.col("quantity").sum()).item()
    assert 0 < known <= lines
    assert first == str(np.datetime64(FROM_AT // DAY_S + 1, "D"))


def test_a_plan_that_only_asks_what_would_be_leaves_proposals_alone(stage: Database):
    drained(stage, ask(stage))
    with stage.reading() as connection:
        before = connection.execute(select(stock_proposals).order_by(stock_proposals.c.proposal_id)).all()
    row = drained(stage, ask(stage, propose=False, wishes=StockWishes(replay_days=1, only_move=True)))
    told = json.loads(row.figures)
    assert told["plan"]["units"] <= told["today"]["units"]
    assert told["plan"]["replayed"]["orders"] == SHOP.orders.height
    with stage.reading() as connection:
        assert connection.execute(select(stock_proposals).order_by(stock_proposals.c.proposal_id)).all() == before


def test_the_next_plan_takes_the_place_of_open_proposals(stage: Database):
    drained(stage, ask(stage))
    drained(stage, ask(stage), at=NOW + 120)
    with stage.reading() as connection:
        kept = connection.execute(select(stock_proposals.c.created_at, stock_proposals.c.state).distinct()).all()
    assert sorted(map(tuple, kept)) == [(NOW + 60, "expired"), (NOW + 120, "proposed")]


def test_a_site_keeps_its_room_when_it_has_sold_and_the_retailer_may_say_how_much_it_has(stage: Database):
    first = ask(stage, wishes=StockWishes(replay_days=0, space=1.5))
    assert drained(stage, first).error == ""
    site = SHOP.sites["site_id"][0]
    with stage.writing() as connection:
        there = SHOP.stock.filter(pl.col("site_id") == site).head(40)
        gone = {Place(STOCK, site, row["product_id"]): -row["on_hand"] for row in there.iter_rows(named=True)}
        found = ledger.locked(connection, TENANT, gone, now=NOW)
        free = {place: max(units, -found[place].spare) for place, units in gone.items() if found[place].spare > 0}
        ledger.change_on_hand(connection, TENANT, free, "adjust", "sold", now=NOW)
        other = find_row(connection, TENANT, "sites", [SHOP.sites["site_id"][1]]).values
        upsert_row(connection, TENANT, "sites", {**other, "stock_litres": 7_700})
    second = ask(stage)
    assert drained(stage, second, at=NOW + 120).error == ""
    with stage.reading() as connection:
        before, after = (kept_tables(connection, TENANT, plan_id, ["sites"])["sites"] for plan_id in (first, second))
    at = before["site_id"].index(site)
    assert after["litres_today"][at] < before["litres_today"][at]  # type: ignore[operator]
    assert after["litres_there"][at] == pytest.approx(before["litres_there"][at] / 1.5)  # type: ignore[operator]
    assert after["litres_there"][before["site_id"].index(SHOP.sites["site_id"][1])] == 7_700


def test_a_time_without_orders_and_a_site_that_is_unknown_fail_with_a_reason(stage: Database):
    none = drained(stage, ask(stage, start_at=NOW - 1))
    assert (none.state, none.error) == (
        "failed",
        "no order was placed in that time: nobody knows where units are wanted.",
    )
    strange = drained(stage, ask(stage, wishes=StockWishes(replay_days=0, assortment=(("nowhere", 5),))))
    assert strange.state == "failed"
    assert "nowhere" in strange.error


def test_a_plan_that_is_called_off_is_not_worked_out(stage: Database):
    plan_id = ask(stage)
    with stage.writing() as connection:
        cancel_asked(connection, CALLER, "stock_plan", plan_id, now=NOW + 1)
    assert drained(stage, plan_id).state == "cancelled"
    with stage.writing() as connection, pytest.raises(IllegalTransitionError):
        cancel_asked(connection, CALLER, "stock_plan", plan_id, now=NOW + 2)


def test_a_plan_that_nobody_can_work_out_fails_at_the_last_attempt(stage: Database, monkeypatch):
    def breaks(*_: object, **__: object) -> None:
        raise ValueError("a defect")

    monkeypatch.setattr(studies, "work_out", breaks)
    plan_id = ask(stage)
    states = [drained(stage, plan_id, at=NOW + 60 + 3_600 * attempt).state for attempt in range(ATTEMPTS)]
    assert states == ["asked"] * (ATTEMPTS - 1) + ["failed"]


def test_who_asked_hears_of_it_when_the_job_is_gone(stage: Database):
    plan_id = ask(stage)
    sweeping = tuple(each for each in PERIODIC if each.kind == "give_up_plans")
    with stage.writing() as connection:
        job_id = connection.execute(select(stock_plans.c.job_id)).scalar_one()
        jobs.cancel(connection, TENANT, job_id, now=NOW)
    assert worker_on(stage, Clock(NOW + 60), periodic=sweeping).drain(LONG_S)
    row = drained(stage, plan_id)
    assert (row.state, row.error) == ("failed", FORSAKEN)
    with stage.reading() as connection:
        told = list(connection.execute(select(events.c.type).where(events.c.object_id == plan_id)).scalars())
    assert told == ["stock_plan.created", "stock_plan.failed"]


def test_a_night_that_is_no_longer_wanted_asks_for_nothing(stage: Database):
    midnight = (NOW // DAY_S + 1) * DAY_S
    worker_on(stage, Clock(midnight), periodic=(stock_planning(hour=8, days=2),)).drain(LONG_S)
    for day in (0, 1):
        worker_on(stage, Clock(midnight + day * DAY_S + 9 * 3_600)).drain(LONG_S)
    with stage.reading() as connection:
        assert connection.execute(select(func.count()).select_from(stock_plans)).scalar_one() == 0


def test_each_night_a_plan_is_made_once(stage: Database):
    night = (stock_planning(hour=8, days=2),)
    midnight = (NOW // DAY_S + 1) * DAY_S
    clock = Clock(midnight + 7 * 3_600)
    worker = worker_on(stage, clock, periodic=night)
    plans = []
    for _ in range(4):
        assert worker.drain(LONG_S)
        with stage.reading() as connection:
            plans.append([tuple(row) for row in connection.execute(select(stock_plans.c.name, stock_plans.c.state))])
        clock.now += 2_400
    assert plans == [[], [], [("nightly", "done")], [("nightly", "done")]]
    with stage.reading() as connection:
        asked = json.loads(connection.execute(select(stock_plans.c.asked)).scalar_one())
        standing = connection.execute(select(job_rows.c.run_at).where(job_rows.c.dedup_key.is_not(None))).scalar_one()
    assert (asked["days"], standing) == (2, midnight + DAY_S + 8 * 3_600)


def test_what_is_set_counts_at_once_however_old_the_row_of_the_night(stage: Database):
    midnight = (NOW // DAY_S + 1) * DAY_S
    worker_on(stage, Clock(midnight), periodic=(stock_planning(hour=8, days=2),)).drain(LONG_S)
    worker_on(stage, Clock(midnight + 8 * 3_600), periodic=(stock_planning(hour=8, days=5),)).drain(LONG_S)
    with stage.reading() as connection:
        assert json.loads(connection.execute(select(stock_plans.c.asked)).scalar_one())["days"] == 5


def test_a_night_without_orders_passes_without_a_plan(stage: Database):
    late = FROM_AT + 60 * DAY_S
    worker = worker_on(stage, Clock(late), periodic=(stock_planning(hour=8, days=2),))
    worker.drain(LONG_S)
    worker_on(stage, Clock(late + DAY_S), periodic=(stock_planning(hour=8, days=2),)).drain(LONG_S)
    with stage.reading() as connection:
        assert connection.execute(select(func.count()).select_from(stock_plans)).scalar_one() == 0
        assert connection.execute(select(func.count()).select_from(orders)).scalar_one() > 0


def test_of_old_plans_the_tables_go_and_the_figures_stay(stage: Database, monkeypatch):
    monkeypatch.setattr(planning, "PLANS_WITH_TABLES", 1)
    drained(stage, ask(stage))
    second = ask(stage)
    drained(stage, second)
    with stage.reading() as connection:
        with_tables = set(connection.execute(select(plan_tables.c.plan_id).distinct()).scalars())
        figures = connection.execute(select(stock_plans.c.figures)).scalars().all()
    assert with_tables == {second}
    assert "{}" not in figures
