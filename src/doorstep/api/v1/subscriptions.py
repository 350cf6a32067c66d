"""Orders that repeat."""

from typing import Annotated, Literal

from fastapi import Depends, Path, Query
from starlette.responses import Response

from doorstep.api.access.guarded import guarded_router
from doorstep.api.desk import Acting, MaybeVersion, Reading
from doorstep.api.models.base import Page
from doorstep.api.models.fields import ObjectId
from doorstep.api.models.orders import Cancellation
from doorstep.api.models.subscriptions import LinesSwap, OccurrenceSkip, Subscription, SubscriptionCreate
from doorstep.api.new_orders import repeatable_order
from doorstep.api.paging import PageWish, wanted_page
from doorstep.api.problems import documented
from doorstep.api.views.subscriptions import find_subscription, list_subscriptions
from doorstep.domain.lifecycles import LIFECYCLES
from doorstep.domain.new_order import NewLine
from doorstep.operations.subscriptions import NewSubscription, skip_occurrence, step_subscription, swap_lines
from doorstep.operations.subscriptions import create_subscription as store_subscription
from doorstep.storage import Connection

router = guarded_router("subscriptions", "/subscriptions")
SubscriptionId = Annotated[ObjectId, Path()]
Step = Annotated[Literal["pause", "resume", "end"], Path()]
State = Annotated[str, Query(json_schema_extra={"enum": [*LIFECYCLES["subscription"].states]})]
STEPS = documented(
    "not_found", "illegal_transition", "conflict", "version_changed", "bad_version", "idempotency_key_reused"
)


@router.post("", status_code=201, response_model=Subscription, responses=documented("idempotency_key_reused"))
async def create_subscription(wanted: SubscriptionCreate, desk: Acting) -> Response:
    """Let an order be placed again and again; each is named after the subscription and its local day."""
    new = NewSubscription(
        rule=wanted.rule,
        time_zone=wanted.time_zone,
        starts_at=wanted.starts_at,
        order=repeatable_order(wanted.order),
        on_closed_day=wanted.on_closed_day,
    )

    def act(connection: Connection) -> Subscription:
        name = store_subscription(connection, desk.caller, new, now=desk.now)
        return find_subscription(connection, desk.tenant_id, name)

    return await desk.act(act, status=201)


@router.get("", response_model=Page[Subscription], responses=documented("bad_cursor"))
async def read_subscriptions(
    desk: Reading, wish: Annotated[PageWish, Depends(wanted_page)], state: State | None = None
) -> Response:
    """List subscriptions, the newest first."""
    return await desk.show_page(
        wish,
        lambda connection: list_subscriptions(
            connection, desk.tenant_id, limit=wish.limit + 1, before=wish.after, state=state
        ),
        lambda each: (each.created_at, each.id),
    )


@router.get("/{subscription_id}", response_model=Subscription, responses=documented("not_found", "bad_version"))
async def read_subscription(subscription_id: SubscriptionId, desk: Reading) -> Response:
    """Show a subscription."""
    return await desk.show(lambda connection: find_subscription(connection, desk.tenant_id, subscription_id))


@router.post("/{subscription_id}/skip", response_model=Subscription, responses=STEPS)
async def skip_once(
    subscription_id: SubscriptionId, which: OccurrenceSkip, desk: Acting, version: MaybeVersion
) -> Response:
    """Leave out one moment that is to come."""
    return await desk.step(
        "subscription",
        subscription_id,
        version,
        lambda connection: skip_occurrence(connection, desk.caller, subscription_id, which.at, now=desk.now),
        lambda connection: find_subscription(connection, desk.tenant_id, subscription_id),
    )


@router.post("/{subscription_id}/swap", response_model=Subscription, responses=STEPS)
async def swap_subscribed(
    subscription_id: SubscriptionId, swap: LinesSwap, desk: Acting, version: MaybeVersion
) -> Response:
    """Order other lines from now on, or only at one moment that is to come."""
    lines = [NewLine(product_id=line.product_id, quantity=line.quantity) for line in swap.lines]
    return await desk.step(
        "subscription",
        subscription_id,
        version,
        lambda connection: swap_lines(connection, desk.caller, subscription_id, lines, at=swap.at, now=desk.now),
        lambda connection: find_subscription(connection, desk.tenant_id, subscription_id),
    )


@router.post("/{subscription_id}/{step}", response_model=Subscription, responses=STEPS)
async def change_subscription(
    subscription_id: SubscriptionId, step: Step, why: Cancellation, desk: Acting, version: MaybeVersion
) -> Response:
    """Pause, resume or end a subscription; what fell into a pause is not made up for."""
    return await desk.step(
        "subscription",
        subscription_id,
        version,
        lambda connection: step_subscription(
            connection, desk.caller, subscription_id, step, now=desk.now, reason=why.reason
        ),
        lambda connection: find_subscription(connection, desk.tenant_id, subscription_id),
    )
