"""Plans of the stock as they stand."""

import json
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import select

from doorstep.api.conventions.csv_cells import Cell
from doorstep.api.models.base import Reply
from doorstep.api.models.parts import WindowWish
from doorstep.api.models.stock_plans import ForecastFigures, ReplayFigures, StockPlan, StockPlanFigures, StockPlanWishes
from doorstep.api.views.matching import matching
from doorstep.foundation import NotFoundError
from doorstep.operations.planning.kept_tables import kept_tables, names_of_tables
from doorstep.operations.planning.stock_plans import USUAL_S, NewStockPlan, asked_of
from doorstep.operations.planning.stock_wishes import StockWishes
from doorstep.storage import Connection
from doorstep.storage.schema.journal import jobs
from doorstep.storage.schema.planning import stock_plans

WISHES = ("space", "only_move", "holding", "replay_days")


def new_stock_plan(wanted: StockPlanWishes, *, now: int) -> NewStockPlan:
    """Return what a caller asks for as operations want it."""
    start_at, end_at = (wanted.period.start, wanted.period.end) if wanted.period else (now - USUAL_S, now)
    return NewStockPlan(
        name=wanted.name,
        days=wanted.days,
        wishes=StockWishes(
            **{name: getattr(wanted, name) for name in WISHES}, assortment=tuple(sorted(wanted.assortment.items()))
        ),
        propose=wanted.propose,
        start_at=start_at,
        end_at=end_at,
        seconds=wanted.patience_s,
        seed=wanted.seed,
    )


def find_stock_plan(connection: Connection, tenant_id: str, plan_id: str) -> StockPlan:
    """Return a plan of the stock.

    Raises
    ------
    NotFoundError
        If the tenant has no such plan.
    """
    found = _shown(connection, _mine(tenant_id).where(stock_plans.c.plan_id == plan_id))
    if not found:
        raise NotFoundError(f"stock plan {plan_id} does not exist.")
    return found[0]


def list_stock_plans(
    connection: Connection, tenant_id: str, *, limit: int, before: str = "", state: str | None = None
) -> list[StockPlan]:
    """Return plans of the stock, the newest first; ``before`` is the id of the last one seen."""
    query = matching(_mine(tenant_id), {stock_plans.c.state: state})
    if before:
        query = query.where(stock_plans.c.plan_id < before)
    return _shown(connection, query.order_by(stock_plans.c.plan_id.desc()).limit(limit))


def stock_plan_table(
    connection: Connection, tenant_id: str, plan_id: str, name: str
) -> tuple[list[str], Iterable[tuple[Cell, ...]]]:
    """Return the columns and the rows of a table of a plan.

    Raises
    ------
    NotFoundError
        If the tenant has no such plan, or that no such table.
    """
    columns = kept_tables(connection, tenant_id, plan_id, (name,)).get(name)
    if columns is None:
        raise NotFoundError(f"stock plan {plan_id} has no table {name}.", hint="Maybe it is not done yet, or old.")
    return list(columns), zip(*columns.values(), strict=True)


def _mine(tenant_id: str) -> "sa.Select[tuple[object, ...]]":
    query = select(*stock_plans.c, jobs.c.checkpoint, jobs.c.error.label("job_error"))
    query = query.outerjoin(jobs, jobs.c.job_id == stock_plans.c.job_id)
    return query.where(stock_plans.c.tenant_id == tenant_id)


def _shown(connection: Connection, query: "sa.Select[tuple[object, ...]]") -> list[StockPlan]:
    rows = connection.execute(query).all()
    tables = names_of_tables(connection, [row.plan_id for row in rows])
    return [
        StockPlan(
            id=row.plan_id,
            state=row.state,
            version=row.version,
            asked=_asked(row.asked),
            job_id=row.job_id,
            stage=json.loads(row.checkpoint or "{}").get("stage", "") if row.state == "asked" else "",
            created_at=row.created_at,
            ended_at=row.ended_at,
            figures=_figures(json.loads(row.figures)) if row.figures != "{}" else None,
            tables=tables[row.plan_id],
            error=row.error or (row.job_error or "" if row.state == "asked" else ""),
        )
        for row in rows
    ]


def _figures(told: dict[str, Any]) -> StockPlanFigures:
    """Return the figures that callers get, of all that are kept."""
    stock = {
        name: told[name] | {"replayed": _only(ReplayFigures, told[name].get("replayed"))} for name in ("today", "plan")
    }
    foreseen = {"forecast": _only(ForecastFigures, told.get("forecast"))}
    return StockPlanFigures.model_validate(told | stock | foreseen)


def _only(model: type[Reply], told: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if told is None else {name: told[name] for name in model.model_fields}


def _asked(text: str) -> StockPlanWishes:
    new = asked_of(text)
    told: dict[str, object] = {
        **{name: getattr(new.wishes, name) for name in WISHES},
        "assortment": dict(new.wishes.assortment),
        "name": new.name,
        "days": new.days,
        "propose": new.propose,
        "period": WindowWish.model_construct(start=new.start_at, end=new.end_at),
        "patience_s": new.seconds,
        "seed": new.seed,
    }
    return StockPlanWishes.model_validate(told)
