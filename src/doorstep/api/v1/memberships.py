"""Memberships: who gets deliveries for less, levels that others do not, and the last share of slots."""

from typing import Annotated, Literal

from fastapi import Depends, Path, Query
from starlette.responses import Response

from doorstep.api.access.guarded import guarded_router
from doorstep.api.desk import Acting, MaybeVersion, Reading
from doorstep.api.models.base import Page
from doorstep.api.models.fields import CallerId, ObjectId
from doorstep.api.models.memberships import Membership, MembershipCreate
from doorstep.api.models.orders import Cancellation
from doorstep.api.paging import PageWish, wanted_page
from doorstep.api.problems import documented
from doorstep.api.views.memberships import find_membership, list_memberships
from doorstep.domain.lifecycles import LIFECYCLES
from doorstep.operations.memberships import NewMembership, step_membership
from doorstep.operations.memberships import create_membership as store_membership
from doorstep.storage import Connection

router = guarded_router("memberships", "/memberships")
MembershipId = Annotated[ObjectId, Path()]
Step = Annotated[Literal["renew", "fall_due", "cancel"], Path()]
State = Annotated[str, Query(json_schema_extra={"enum": [*LIFECYCLES["membership"].states]})]
STEPS = documented(
    "not_found", "illegal_transition", "conflict", "version_changed", "bad_version", "idempotency_key_reused"
)


@router.post("", status_code=201, response_model=Membership, responses=documented("conflict", "idempotency_key_reused"))
async def create_membership(wanted: MembershipCreate, desk: Acting) -> Response:
    """Make a customer a member of a plan, for a period or on trial; a customer has one membership at a time."""
    new = NewMembership(
        customer_id=wanted.customer_id,
        plan_id=wanted.plan_id,
        starts_at=desk.now if wanted.starts_at is None else wanted.starts_at,
        on_trial=wanted.on_trial,
    )

    def act(connection: Connection) -> Membership:
        name = store_membership(connection, desk.caller, new, now=desk.now)
        return find_membership(connection, desk.tenant_id, name)

    return await desk.act(act, status=201)


@router.get("", response_model=Page[Membership], responses=documented("bad_cursor"))
async def read_memberships(
    desk: Reading,
    wish: Annotated[PageWish, Depends(wanted_page)],
    state: State | None = None,
    customer_id: Annotated[CallerId | None, Query()] = None,
) -> Response:
    """List memberships, the newest first."""
    return await desk.show_page(
        wish,
        lambda connection: list_memberships(
            connection, desk.tenant_id, limit=wish.limit + 1, before=wish.after, state=state, customer_id=customer_id
        ),
        lambda each: (each.created_at, each.id),
    )


@router.get("/{membership_id}", response_model=Membership, responses=documented("not_found", "bad_version"))
async def read_membership(membership_id: MembershipId, desk: Reading) -> Response:
    """Show a membership."""
    return await desk.show(lambda connection: find_membership(connection, desk.tenant_id, membership_id))


@router.post("/{membership_id}/{step}", response_model=Membership, responses=STEPS)
async def change_membership(
    membership_id: MembershipId, step: Step, why: Cancellation, desk: Acting, version: MaybeVersion
) -> Response:
    """Renew a membership once its next period is paid, say that it was not, or cancel it; benefits end at once then."""
    return await desk.step(
        "membership",
        membership_id,
        version,
        lambda connection: step_membership(
            connection, desk.caller, membership_id, step, now=desk.now, reason=why.reason
        ),
        lambda connection: find_membership(connection, desk.tenant_id, membership_id),
    )
