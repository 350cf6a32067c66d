"""Plans of the stock: worked out by a worker, read here; and the sales that they learn from."""

from typing import Annotated, Literal

from fastapi import Depends, Path, Query
from starlette.responses import Response, StreamingResponse

from doorstep.api.access.guarded import guarded_router
from doorstep.api.desk import Acting, MaybeVersion, Reading
from doorstep.api.models.base import Page
from doorstep.api.models.fields import ObjectId
from doorstep.api.models.stock_plans import SalesGiven, SalesGivenReply, StockPlan, StockPlanCreate
from doorstep.api.paging import PageWish, wanted_page
from doorstep.api.problems import documented
from doorstep.api.v1.exports import FILES, table_file
from doorstep.api.views.stock_plans import STOCK_PLANS, new_stock_plan
from doorstep.domain.lifecycles import LIFECYCLES
from doorstep.operations.planning.asked import cancel_asked
from doorstep.operations.planning.sales import give_sales
from doorstep.operations.planning.stock_plans import KIND, ask_stock_plan
from doorstep.storage import Connection

router = guarded_router("stock", "/stock-plans")
sales_router = guarded_router("stock", "/sales")
PlanId = Annotated[ObjectId, Path()]
State = Annotated[str, Query(json_schema_extra={"enum": [*LIFECYCLES["stock_plan"].states]})]
TABLES = ("assortment", "changes", "cover", "days", "forecast", "prices", "proposals", "replay", "sites", "stock")
Table = Annotated[str, Path(pattern=r"^[a-z_]{1,40}$", json_schema_extra={"enum": [*TABLES]})]
STEPS = documented(
    "not_found", "illegal_transition", "conflict", "version_changed", "bad_version", "idempotency_key_reused"
)


@sales_router.post("", response_model=SalesGivenReply, responses=documented("idempotency_key_reused"))
async def give_sold_units(given: SalesGiven, desk: Acting) -> Response:
    """Say what was sold on days that have ended, in shops and by orders: those days hold that and nothing else.

    Days that nobody gives are added up from the orders, with what could not be bought for a part of them.
    """

    def act(connection: Connection) -> SalesGivenReply:
        days = give_sales(connection, desk.caller, [dict(row) for row in given.sales], now=desk.now)
        return SalesGivenReply(days=days, rows=len(given.sales))

    return await desk.act(act)


@router.post("", status_code=202, response_model=StockPlan, responses=documented("idempotency_key_reused"))
async def plan_stock(wanted: StockPlanCreate, desk: Acting) -> Response:
    """Ask what will be wanted where, how much of each product should lie where, and what to do about it.

    A worker works it out. The plan says when it is done, by its state and as the event `stock_plan.done`; its proposals
    are at `/v1/stock-proposals` from then on. The same is done each night.
    """

    def act(connection: Connection) -> StockPlan:
        plan_id = ask_stock_plan(connection, desk.caller, new_stock_plan(wanted, now=desk.now), now=desk.now)
        return STOCK_PLANS.find(connection, desk.tenant_id, plan_id)

    return await desk.act(act, status=202)


@router.get("", response_model=Page[StockPlan], responses=documented("bad_cursor"))
async def read_stock_plans(
    desk: Reading, wish: Annotated[PageWish, Depends(wanted_page)], state: State | None = None
) -> Response:
    """List plans of the stock, the newest first."""
    return await desk.show_page(
        wish,
        lambda connection: STOCK_PLANS.page(
            connection, desk.tenant_id, limit=wish.limit + 1, before=wish.after, state=state
        ),
        lambda plan: (plan.created_at, plan.id),
    )


@router.get("/{plan_id}", response_model=StockPlan, responses=documented("not_found", "bad_version"))
async def read_stock_plan(plan_id: PlanId, desk: Reading) -> Response:
    """Show a plan of the stock with its figures, the stock as it lies beside the plan."""
    return await desk.show(lambda connection: STOCK_PLANS.find(connection, desk.tenant_id, plan_id))


@router.get(
    "/{plan_id}/tables/{table}.{ending}",
    response_class=StreamingResponse,
    responses=FILES | documented("not_found"),
)
async def read_stock_plan_table(
    plan_id: PlanId, table: Table, ending: Annotated[Literal["csv", "jsonl"], Path()], desk: Reading
) -> Response:
    """Send a table of a plan: the forecast by product and zone, units by product and site, sites with prices of room.

    `forecast` has the units expected and those that cover 50, 80, 95 and 98 % of cases.
    """
    columns, rows = await desk.read(lambda connection: STOCK_PLANS.table_of(connection, desk.tenant_id, plan_id, table))
    return table_file(table, ending, columns, rows)


@router.post("/{plan_id}/cancel", response_model=StockPlan, responses=STEPS)
async def cancel_plan_of_stock(plan_id: PlanId, desk: Acting, version: MaybeVersion) -> Response:
    """Call off a plan that is not worked out yet."""
    return await desk.step(
        "stock_plan",
        plan_id,
        version,
        lambda connection: cancel_asked(connection, desk.caller, KIND, plan_id, now=desk.now),
        lambda connection: STOCK_PLANS.find(connection, desk.tenant_id, plan_id),
    )
