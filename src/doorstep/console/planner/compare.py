"""Plans side by side: a column each beside today, a row for each measure that they keep."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from fastapi import Depends
from starlette.responses import Response

from doorstep.api.models.stock_plans import StockPlan, StockPlanFigures
from doorstep.api.models.studies import NetworkStudy, StudyFigures
from doorstep.api.views.plans import Plans
from doorstep.api.views.stock_plans import STOCK_PLANS
from doorstep.api.views.studies import STUDIES
from doorstep.console import words
from doorstep.console.planner.network_map import rows_of
from doorstep.console.shell.guard import Look, console_router, look
from doorstep.console.shell.pages import page
from doorstep.console.shell.start import frame
from doorstep.operations.planning.kept_tables import kept_tables
from doorstep.storage import Connection

router = console_router("/plan/compare", "network:read")
At = Annotated[Look, Depends(look)]
MOST, FIRST_STEPS = 6, 5
F = TypeVar("F")
Both = tuple[float | None, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure(Generic[F]):
    """A measure: what it is of today (None: only plans have it) and of a plan, None where it was not asked for.

    ``kind`` is money, share, gap or count; ``more`` says what more of it means: better, worse, or nothing (empty).
    """

    name: str
    of: Callable[[F], Both | None]
    kind: str
    more: str = ""


NETWORK: tuple[Measure[StudyFigures], ...] = (
    Measure(name="Cost of a parcel", kind="money", more="worse",
            of=lambda f: (f.today.cost_per_parcel_minor, f.plan.cost_per_parcel_minor)),
    Measure(name="No network costs less than", kind="money", of=lambda f: (None, f.bound_per_parcel_minor)),
    Measure(name="Above that at most", kind="gap", of=lambda f: (None, f.gap_pct)),
    Measure(name="Sites with vans", kind="count", of=lambda f: (f.today.sites_with_vans, f.plan.sites_with_vans)),
    Measure(name="Parcels by own vans", kind="share", of=lambda f: (f.today.own_share, f.plan.own_share)),
    Measure(name="Same-day parcels by own vans", kind="share",
            of=lambda f: (f.today.same_day_own_share, f.plan.same_day_own_share)),
    Measure(name="Parcels in reach of a same-day tour", kind="share", more="better",
            of=lambda f: (f.same_day_reach_share.today, f.same_day_reach_share.plan)),
    Measure(name="Parcels near a site with vans", kind="share", more="better",
            of=lambda f: (f.coverage.today, f.coverage.plan)),
    Measure(name="Parcels that nobody can bring", kind="count", more="worse",
            of=lambda f: (f.today.unserved_parcels, f.plan.unserved_parcels)),
    Measure(name="Regions", kind="count", of=lambda f: (None, f.regions.count) if f.regions else None),
    Measure(name="Changes from today", kind="count", of=lambda f: (None, f.steps)),
)  # fmt: skip
STOCK: tuple[Measure[StockPlanFigures], ...] = (
    Measure(name="Expected to bring, less its costs", kind="money", more="better",
            of=lambda f: (f.today.value_minor, f.plan.value_minor)),
    Measure(name="No stock is worth more than", kind="money", of=lambda f: (None, f.bound_minor)),
    Measure(name="Below that at most", kind="gap", of=lambda f: (None, f.gap_pct)),
    Measure(name="Units", kind="count", of=lambda f: (f.today.units, f.plan.units)),
    Measure(name="Paid for the stock", kind="money",
            of=lambda f: (f.today.stock_value_minor, f.plan.stock_value_minor)),
    Measure(name="Served from the best site", kind="share", more="better",
            of=lambda f: (f.today.own_share, f.plan.own_share)),
    Measure(name="Served from their region", kind="share", more="better",
            of=lambda f: (f.today.in_region_share, f.plan.in_region_share)),
    Measure(name="Nobody can serve", kind="share", more="worse",
            of=lambda f: (f.today.unserved_share, f.plan.unserved_share)),
    Measure(name="Days it has to last", kind="count", of=lambda f: (None, f.days)),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A plan's figure, its difference to today, and that in words; empty where there is nothing to say."""

    figure: str
    difference: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A measure of today and of all plans."""

    name: str
    today: str
    cells: list[Cell]


@router.get("")
async def show_comparison(at: At) -> Response:
    """Show the studies that were ticked beside today."""

    def query(connection: Connection) -> dict[str, object]:
        found = _found(connection, at, STUDIES)
        done = [one for one in found if one.figures]
        steps = {one.id: kept_tables(connection, at.tenant_id, one.id, ("steps",)).get("steps", {}) for one in done}
        first = {name: rows_of(cells)[:FIRST_STEPS] for name, cells in steps.items()}
        figures = [one.figures for one in done if one.figures]
        return _told(found, lines_of(NETWORK, figures, at.currency)) | {"steps": first, "kind": "network"}

    return page(at.request, "plan/compare.html", await at.read(query) | await frame(at, "Plan"))


@router.get("/stock")
async def show_stock_comparison(at: At) -> Response:
    """Show the plans of the stock that were ticked beside the stock as it lay."""

    def query(connection: Connection) -> dict[str, object]:
        found = _found(connection, at, STOCK_PLANS)
        figures = [one.figures for one in found if one.figures]
        return _told(found, lines_of(STOCK, figures, at.currency)) | {"steps": {}, "kind": "stock"}

    return page(at.request, "plan/compare.html", await at.read(query) | await frame(at, "Plan"))


def lines_of(measures: Sequence[Measure[F]], figures: Sequence[F], currency: str) -> list[Line]:
    """Return a line for each measure that any of the plans has; where their todays differ, none stands for all."""
    lines = []
    for measure in measures:
        pairs = [measure.of(one) for one in figures]
        if not any(pairs):
            continue
        todays = {_figure(measure.kind, pair[0], currency) for pair in pairs if pair and pair[0] is not None}
        today = "–" if not todays else todays.pop() if len(todays) == 1 else "not the same"
        lines.append(Line(name=measure.name, today=today, cells=[_cell(measure, pair, currency) for pair in pairs]))
    return lines


def _cell(measure: Measure[F], pair: Both | None, currency: str) -> Cell:
    if pair is None:
        return Cell(figure="–")
    today, then = pair
    figure = _figure(measure.kind, then, currency)
    if today is None:
        return Cell(figure=figure)
    if figure == _figure(measure.kind, today, currency):
        return Cell(figure=figure, said="as today")
    up = then > today
    size = _figure("points" if measure.kind == "share" else measure.kind, abs(then - today), currency)
    said = {"better": ("worse", "better"), "worse": ("better", "worse")}.get(measure.more, ("less", "more"))[up]
    sign = ("+" if up else words.MINUS) if measure.more else ""  # "6 points less" says it already
    return Cell(figure=figure, difference=f"{sign}{size}", said=said)


def _figure(kind: str, value: float, currency: str) -> str:
    if kind == "money":
        return words.money(value, currency)
    if kind == "points":
        return f"{100 * value:.1f} points"
    if kind == "gap":
        return f"{value:.2f}{words.NBSP}%"
    return words.share(value) if kind == "share" else words.count(value)


P = TypeVar("P", NetworkStudy, StockPlan)


def _found(connection: Connection, at: Look, plans: Plans[P]) -> list[P]:
    """Return the plans that were ticked, the first few, each once."""
    ticked = list(dict.fromkeys(at.request.query_params.getlist("of")))[:MOST]
    return [plans.find(connection, at.tenant_id, plan_id) for plan_id in ticked]


def _told(found: Sequence[NetworkStudy | StockPlan], lines: list[Line]) -> dict[str, object]:
    return {
        "title": "Compare",
        "plans": [one for one in found if one.figures],
        "left_out": [one.asked.name or one.id for one in found if not one.figures],
        "lines": lines,
        "differ": any(line.today == "not the same" for line in lines),
        "most": MOST,
    }
