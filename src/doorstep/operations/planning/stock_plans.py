"""Plans of the stock of the live system: asked for each night or by a planner, worked out apart from its orders.

A plan forecasts what is sold, says where units should lie, and proposes what to do about it; what it comes to is kept
with its tables.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

import numpy as np
import polars as pl
from sqlalchemy import select

from doorstep.domain import Retailer
from doorstep.domain.lifecycles.receipt import OPEN
from doorstep.foundation import InputError, NotFoundError, Progress, Stop
from doorstep.foundation.arrays import ints
from doorstep.foundation.units import SECONDS_PER_DAY
from doorstep.geography import TravelTimes
from doorstep.operations.caller import Caller
from doorstep.operations.fulfil.known import without_unknown
from doorstep.operations.planning.forecasting import demand_at_sites, forecast_tables
from doorstep.operations.planning.forecasting import figures as forecast_figures
from doorstep.operations.planning.kept_tables import keep_tables, kept_tables, said
from doorstep.operations.planning.placing import study_stock
from doorstep.operations.planning.replenishing import proposals_of
from doorstep.operations.planning.sales import NEVER_ASKED, load_sales
from doorstep.operations.planning.stock_evening import LEAD_DAYS
from doorstep.operations.planning.stock_prices import PRICES, stock_prices
from doorstep.operations.planning.stock_problem import litres_of, units_of
from doorstep.operations.planning.stock_tables import figures, study_tables
from doorstep.operations.planning.stock_wishes import StockWishes
from doorstep.operations.roads import usual_travel
from doorstep.operations.stock_proposals import NewProposal, store_proposals
from doorstep.operations.transitions import advance, tell_created
from doorstep.storage import Connection, jobs
from doorstep.storage.jobs import NewJob
from doorstep.storage.journal import canonical
from doorstep.storage.open_orders import live_retailer
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.ledger import RECEIPT, STOCK, positions
from doorstep.storage.schema.orders import orders
from doorstep.storage.schema.planning import plan_tables, stock_plans
from doorstep.storage.schema.receipts import receipts

PLAN_STOCK = "plan_stock"
"""The job that works a plan out."""
NIGHTLY, NIGHTLY_S = "nightly", 300
"""Name and patience [CPU s] of the plans that nobody asked for."""
FEWEST_ORDERS = 50
"""Orders below which a night passes without a plan."""
USUAL_S = 28 * SECONDS_PER_DAY
"""How long before it orders tell where units are wanted."""
KIND, ASKED, DONE = "stock_plan", "asked", "done"
MOST_ORDERS = 20_000
"""Orders that are looked at for where units are wanted, the latest."""
MOST_PROPOSALS = 500
"""Proposals that are kept, the most valuable."""
PLANS_WITH_TABLES = 14
"""Plans whose tables are kept, the latest; older ones keep their figures."""
MOST_FORGOTTEN = 1_000
LITTLE = 1e-6
"""Litres by which a room that was multiplied and divided again may be off."""
ATTEMPTS = 3
SHELF = {"site_id": pl.String, "product_id": pl.String, "on_hand": pl.Int64, "safety_stock": pl.Int64}
EXPECTED = {"receipt_id": pl.String, "site_id": pl.String, "product_id": pl.String, "units": pl.Int64,
            "expected_at": pl.Int64}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStockPlan:
    """A plan of stock that has to last ``days``, which are lead time and review.

    Where units are wanted is read from the orders placed from ``start_at`` until before ``end_at`` [epoch s], the
    latest of them. With ``propose`` its proposals stand in place of those of the plan before. The search has
    ``seconds`` of patience [CPU s].
    """

    name: str
    days: int
    wishes: StockWishes
    propose: bool
    start_at: int
    end_at: int
    seconds: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StockCase:
    """What a plan works on: the retailer with all its stock, what is on its way, and what was sold; on which day.

    ``travel`` is what orders are brought by.
    """

    retailer: Retailer
    travel: TravelTimes
    tables: Mapping[str, pl.DataFrame]
    new: NewStockPlan
    today: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundStockPlan:
    """What came of a plan, ready to be kept: rules broken, figures, tables as they are said, and what to do."""

    faults: tuple[str, ...]
    figures: str
    tables: Mapping[str, str]
    todo: pl.DataFrame


def ask_stock_plan(connection: Connection, caller: Caller, new: NewStockPlan, *, now: int) -> str:
    """Store a plan and the job that works it out, and return its id."""
    plan_id = connection.new_id("spl", now)
    job = NewJob(
        tenant_id=caller.tenant_id, kind=PLAN_STOCK, run_at=now, payload={"plan_id": plan_id}, max_attempts=ATTEMPTS
    )
    row = {"plan_id": plan_id, "tenant_id": caller.tenant_id, "name": new.name, "state": ASKED, "version": 1,
           "asked": canonical(asdict(new)), "figures": "{}", "error": "",
           "job_id": jobs.enqueue(connection, job, now=now), "created_at": now, "ended_at": None}  # fmt: skip
    connection.run(inserting(stock_plans), [row])
    tell_created(connection, caller, KIND, plan_id, ASKED, now=now, data={"name": new.name})
    return plan_id


def ask_nightly(connection: Connection, caller: Caller, *, days: int, now: int) -> str | None:
    """Ask for the plan of the coming days, and return its id; None if the last is not done, or too few orders came."""
    new = NewStockPlan(
        name=NIGHTLY,
        days=days,
        wishes=StockWishes(replay_days=0),
        propose=True,
        start_at=now - USUAL_S,
        end_at=now,
        seconds=NIGHTLY_S,
        seed=1,
    )
    going = (stock_plans.c.tenant_id == caller.tenant_id) & (stock_plans.c.state == ASKED)
    if connection.execute(select(stock_plans.c.plan_id).where(going, stock_plans.c.name == NIGHTLY)).first():
        return None
    if len(_orders(connection, caller.tenant_id, new, limit=FEWEST_ORDERS)) < FEWEST_ORDERS:
        return None
    return ask_stock_plan(connection, caller, new, now=now)


def load_stock_plan(connection: Connection, tenant_id: str, plan_id: str, *, now: int) -> StockCase | None:
    """Return what a plan works on, None if it is no longer asked for.

    Raises
    ------
    InputError
        If there is no order in its time.
    """
    mine = (stock_plans.c.plan_id == plan_id) & (stock_plans.c.tenant_id == tenant_id)
    row = connection.execute(select(stock_plans.c.state, stock_plans.c.asked).where(mine)).one_or_none()
    if row is None:
        raise NotFoundError(f"stock plan {plan_id} does not exist.")
    if row.state != ASKED:
        return None
    new = asked_of(row.asked)
    retailer, _ = without_unknown(live_retailer(connection, tenant_id, _orders(connection, tenant_id, new)))
    if not retailer.order_lines.height:
        raise InputError("no order was placed in that time: nobody knows where units are wanted.")
    there = retailer.sites.select("site_id"), retailer.products.select("product_id")
    stock, coming = (
        table.join(there[0], on="site_id", how="semi")
        .join(there[1], on="product_id", how="semi")
        .sort(table.columns[:2])
        for table in (_shelves(connection, tenant_id), _expected(connection, tenant_id))
    )
    sold = load_sales(connection, tenant_id, now=now)
    retailer = replace(retailer, stock=stock, receipts=coming)
    return StockCase(
        retailer=_with_room(retailer, _last_litres(connection, tenant_id)),
        travel=usual_travel(connection, tenant_id, retailer.tables()),
        tables={"sales": sold} if sold.height else {},
        new=new,
        today=now // SECONDS_PER_DAY,
    )


def work_out(case: StockCase, *, stop: Stop, progress: Progress) -> FoundStockPlan:
    """Forecast, place and propose; looks nothing up.

    What stock is worth as it lies is among the tables of a plan that proposes: order routing decides by it.
    """
    rng, new, retailer = np.random.default_rng(case.new.seed), case.new, case.retailer
    demand, forecast = demand_at_sites(
        retailer, case.tables, new.days, rng=rng, stop=stop, progress=progress, travel=case.travel
    )
    study = study_stock(retailer, demand, new.wishes, rng=rng, stop=stop, progress=progress, travel=case.travel)
    todo = proposals_of(retailer, study, new.wishes, to_plan=True, today=case.today).head(MOST_PROPOSALS)
    tables = {**study_tables(retailer, study), "proposals": todo}
    told: dict[str, object] = {**figures(retailer, study), "proposals": todo.height}
    if new.propose:
        tables[PRICES] = stock_prices(retailer, study.today)
    if forecast is not None:
        series = forecast_tables(forecast)
        tables |= {"forecast": series["forecast"], "days": series["days"]}
        told["forecast"] = forecast_figures(forecast)
    return FoundStockPlan(faults=study.faults, figures=canonical(told), tables=said(tables), todo=todo)


def store_stock_plan(
    connection: Connection, caller: Caller, plan_id: str, case: StockCase, found: FoundStockPlan, *, now: int
) -> dict[str, object]:
    """Keep what came of a plan, and its proposals; return which tables there are."""
    _forget_tables(connection, caller.tenant_id)
    keep_tables(connection, caller.tenant_id, plan_id, found.tables)
    if case.new.propose:
        store_proposals(connection, caller, _proposals(case.retailer, found.todo, now), now=now)
    changes = {"figures": found.figures, "ended_at": now}
    advance(connection, caller, KIND, plan_id, "finish", now=now, changes=changes)
    return {"tables": sorted(found.tables), "proposals": found.todo.height}


def asked_of(text: str) -> NewStockPlan:
    """Return what was asked, from how it is kept."""
    kept = json.loads(text)
    wishes = kept.pop("wishes")
    wishes["assortment"] = tuple((name, count) for name, count in wishes["assortment"])
    return NewStockPlan(**kept, wishes=StockWishes(**wishes))


def _orders(connection: Connection, tenant_id: str, new: NewStockPlan, *, limit: int = MOST_ORDERS) -> list[str]:
    mine = (orders.c.tenant_id == tenant_id) & orders.c.state.not_in(NEVER_ASKED)
    mine &= (orders.c.placed_at >= new.start_at) & (orders.c.placed_at < new.end_at)
    query = select(orders.c.order_id).where(mine).order_by(orders.c.order_id.desc()).limit(limit)
    return sorted(connection.execute(query).scalars())


def _shelves(connection: Connection, tenant_id: str) -> pl.DataFrame:
    """Return what lies where and no order has reserved, and how much of it is kept back."""
    left = positions.c.on_hand - positions.c.reserved
    mine = (positions.c.tenant_id == tenant_id) & (positions.c.kind == STOCK) & (left > 0)
    rows = connection.execute(select(positions.c.site_id, positions.c.item, left, positions.c.safety).where(mine))
    return pl.DataFrame([tuple(row) for row in rows], schema=SHELF, orient="row")


def _expected(connection: Connection, tenant_id: str) -> pl.DataFrame:
    """Return what is on its way and no order has been promised."""
    left = positions.c.on_hand - positions.c.reserved
    query = select(receipts.c.receipt_id, receipts.c.site_id, receipts.c.product_id, left, receipts.c.expected_at)
    query = query.join(receipts, receipts.c.receipt_id == positions.c.item)
    mine = (positions.c.tenant_id == tenant_id) & (positions.c.kind == RECEIPT) & (left > 0)
    rows = connection.execute(query.where(mine, receipts.c.tenant_id == tenant_id, receipts.c.state.in_(OPEN)))
    return pl.DataFrame([tuple(row) for row in rows], schema=EXPECTED, orient="row")


def _last_litres(connection: Connection, tenant_id: str) -> dict[str, float]:
    """Return the room that the last plan took each site to have, without what it was multiplied by."""
    mine = (stock_plans.c.tenant_id == tenant_id) & (stock_plans.c.state == DONE)
    query = select(stock_plans.c.plan_id, stock_plans.c.asked).where(mine).order_by(stock_plans.c.plan_id.desc())
    last = connection.execute(query.limit(1)).one_or_none()
    if last is None:
        return {}
    sites = kept_tables(connection, tenant_id, last.plan_id, ["sites"])["sites"]
    space = asked_of(last.asked).wishes.space
    return {
        str(site): float(litres or 0) / space
        for site, litres in zip(sites["site_id"], sites["litres_there"], strict=True)
    }


def _with_room(retailer: Retailer, last: Mapping[str, float]) -> Retailer:
    """Return the retailer whose sites have a room: what it says, else what stock takes, or took at the last plan.

    Else a site would lose room with every unit that it sells.
    """
    taken = litres_of(retailer, units_of(retailer, "on_hand"))
    litres = [
        max(math.ceil(now), math.ceil(last.get(site, 0.0) - LITTLE))
        for site, now in zip(retailer.sites["site_id"], taken.tolist(), strict=True)
    ]
    room = pl.coalesce("stock_litres", pl.Series("stock_litres", litres, dtype=pl.Int64))
    return replace(retailer, sites=retailer.sites.with_columns(room))


def _proposals(retailer: Retailer, todo: pl.DataFrame, now: int) -> list[NewProposal]:
    """Return proposals as they are kept: open until the end of their last day, there as soon as they can be."""
    lanes = retailer.lanes
    drive_s = dict(
        zip(lanes.select("from_site_id", "to_site_id").rows(), ints(lanes["duration_s"]).tolist(), strict=True)
    )
    found = []
    for row in todo.with_columns(pl.col("deadline").cast(pl.Int32)).iter_rows(named=True):
        way_s = drive_s.get((row["from_site_id"], row["site_id"]), 0)
        told = {name: row[name] for name in ("action", "product_id", "site_id", "from_site_id", "units", "value_minor",
                                             "reason")}  # fmt: skip
        found.append(
            NewProposal(
                **told,
                deadline_at=max((row["deadline"] + 1) * SECONDS_PER_DAY - 1, now),
                arrives_at=now + LEAD_DAYS * SECONDS_PER_DAY + way_s,
            )
        )
    return found


def _forget_tables(connection: Connection, tenant_id: str) -> None:
    """Remove the tables of plans but the latest."""
    mine = (stock_plans.c.tenant_id == tenant_id) & (stock_plans.c.state == DONE)
    query = select(stock_plans.c.plan_id).where(mine).order_by(stock_plans.c.plan_id.desc())
    old = query.limit(MOST_FORGOTTEN).offset(PLANS_WITH_TABLES - 1)
    connection.execute(plan_tables.delete().where(plan_tables.c.plan_id.in_(old)))
