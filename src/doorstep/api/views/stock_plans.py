"""Plans of the stock as they stand."""

import json
from typing import Any

import sqlalchemy as sa

from doorstep.api.models.base import Reply
from doorstep.api.models.parts import WindowWish
from doorstep.api.models.stock_plans import ForecastFigures, ReplayFigures, StockPlan, StockPlanFigures, StockPlanWishes
from doorstep.api.views.plans import Plans
from doorstep.operations.planning.stock_plans import USUAL_S, NewStockPlan, asked_of
from doorstep.operations.planning.stock_wishes import StockWishes
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


def _shown(row: "sa.Row[Any]", common: dict[str, object]) -> StockPlan:
    figures = _figures(json.loads(row.figures)) if row.figures != "{}" else None
    return StockPlan.model_validate(common | {"asked": _asked(row.asked), "figures": figures})


STOCK_PLANS = Plans(what="stock plan", table=stock_plans, key="plan_id", shown=_shown)
