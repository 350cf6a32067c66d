"""Why it was decided so, and what would be decided now."""

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import Depends, Query
from starlette.responses import Response

from doorstep.api.access.guarded import guarded_router
from doorstep.api.desk import Reading, answer
from doorstep.api.models.base import Page
from doorstep.api.models.decisions import Decision, Evaluation, EvaluationRequest, ModeEvaluation, ModeRequest
from doorstep.api.models.fields import ObjectId, ReferenceId
from doorstep.api.models.shadow import Shadow, ShadowRequest
from doorstep.api.paging import PageWish, wanted_page
from doorstep.api.problems import documented
from doorstep.api.views.decisions import evaluate_order, list_decisions, show_modes
from doorstep.api.views.shadow import load_shadow, show_shadow
from doorstep.foundation import Seconds
from doorstep.operations.bring.plan_routes import weigh_modes
from doorstep.operations.bring.problem import load_problem
from doorstep.operations.corridor.shadow import shadow_policies
from doorstep.order_routing.replay import POLICIES

router = guarded_router("decisions")
MOST_DIFFERING = 20
SHADOW_CPU_S = 30.0


@router.get("/decisions", response_model=Page[Decision], responses=documented("bad_cursor"))
async def read_decisions(
    desk: Reading,
    wish: Annotated[PageWish, Depends(wanted_page)],
    order_id: Annotated[ObjectId | None, Query()] = None,
    question: Annotated[ReferenceId | None, Query(examples=["site", "mode"])] = None,
) -> Response:
    """List decisions with every alternative that was weighed, the oldest first."""
    return await desk.show_page(
        wish,
        lambda connection: list_decisions(
            connection, desk.tenant_id, currency=desk.currency, limit=wish.limit + 1, after=wish.after,
            order_id=order_id, question=question,
        ),
        lambda decision: (decision.at, decision.id),
    )  # fmt: skip


@router.post("/decisions:evaluate", response_model=Evaluation)
async def evaluate(order: EvaluationRequest, desk: Reading) -> Response:
    """Say which sites would serve an order if it were placed now, and why; nothing is written."""
    found = await desk.read(
        lambda connection: evaluate_order(connection, desk.tenant_id, order, now=desk.now, currency=desk.currency)
    )
    return answer(200, found.model_dump_json(by_alias=True))


@router.post("/decisions:evaluate-modes", response_model=ModeEvaluation)
async def evaluate_modes(asked: ModeRequest, desk: Reading) -> Response:
    """Say by which ways orders that wait to be brought could go now, and at what cost; nothing is written.

    The orders are planned together and alone: a van that drives for many more is cheaper than it looks here.
    """
    problem = await desk.read(
        lambda connection: load_problem(connection, desk.tenant_id, now=desk.now, order_ids=asked.order_ids)
    )
    weighed = await run_sync(weigh_modes, problem) if problem.bundles else {}
    return answer(200, show_modes(weighed, desk.currency).model_dump_json(by_alias=True))


@router.post("/decisions:shadow", response_model=Shadow)
async def shadow(asked: ShadowRequest, desk: Reading) -> Response:
    """Say what other policies would make of open orders, or of those placed in a period, and at what cost.

    Costs are the estimates that sites are chosen by, and all have the same stock, pickers and prices. Nothing is
    written. It takes at most 500 orders; policies that are left after 30 CPU seconds are only named.
    """
    case = await desk.read(lambda connection: load_shadow(connection, desk.tenant_id, asked, now=desk.now))
    policies = [POLICIES[name] for name in dict.fromkeys(asked.policies)]
    report = await run_sync(
        lambda: shadow_policies(case, policies, most=MOST_DIFFERING, stop=Seconds(limit=SHADOW_CPU_S))
    )
    shown = show_shadow(report, case.retailer.orders.height, desk.currency)
    return answer(200, shown.model_dump_json(by_alias=True))
