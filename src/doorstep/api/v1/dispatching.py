"""The day as it goes: proposals for routes under way, the dispatcher's limits, and what is done by hand."""

from typing import Annotated

from fastapi import Depends, Path, Query
from starlette.responses import Response

from doorstep.api.access.guarded import guarded_router
from doorstep.api.desk import Acting, Desk, MaybeVersion, Reading, expect_version
from doorstep.api.models.base import Page
from doorstep.api.models.dispatching import (
    DeliveryMove,
    DispatchLimitsChange,
    DispatchLimitsShown,
    DispatchProposal,
    LateDelivery,
    MovedDelivery,
    ProposalKind,
    ProposalRefusal,
    RouteHalt,
)
from doorstep.api.models.fields import ObjectId, ReferenceId
from doorstep.api.models.routes import Route
from doorstep.api.paging import PageWish, wanted_page
from doorstep.api.problems import documented
from doorstep.api.views.dispatching import find_proposal, list_proposals, show_limits
from doorstep.api.views.routes import find_route
from doorstep.domain.lifecycles import LIFECYCLES
from doorstep.operations.dispatching.halting import halt_route
from doorstep.operations.dispatching.limits import DispatchLimits, load_limits, store_limits
from doorstep.operations.dispatching.moving import move_delivery
from doorstep.operations.dispatching.proposals import accept_proposal, refuse_proposal, undo_proposal
from doorstep.storage import Connection

limits_router = guarded_router("dispatching", "/dispatch-limits")
router = guarded_router("dispatching", "/dispatch-proposals")
by_hand = guarded_router("dispatching")
ProposalId = Annotated[ObjectId, Path()]
RouteId = Annotated[ObjectId, Path()]
DeliveryId = Annotated[ObjectId, Path()]
State = Annotated[str, Query(json_schema_extra={"enum": [*LIFECYCLES["dispatch_proposal"].states]})]
STEPS = documented(
    "not_found", "illegal_transition", "conflict", "version_changed", "bad_version", "idempotency_key_reused"
)


@limits_router.get("", response_model=DispatchLimitsShown, responses=documented("bad_version"))
async def read_dispatch_limits(desk: Reading) -> Response:
    """Show how routes may change during the day."""
    return await desk.show(lambda connection: show_limits(load_limits(connection, desk.tenant_id)))


@limits_router.put("", response_model=DispatchLimitsShown, responses=documented("version_changed", "bad_version"))
async def put_dispatch_limits(wanted: DispatchLimitsChange, desk: Acting, version: MaybeVersion) -> Response:
    """Say how routes may change during the day, in place of what was said before."""
    limits = DispatchLimits(**wanted.model_dump() | {"automatic": tuple(sorted(set(wanted.automatic)))})

    def act(connection: Connection) -> DispatchLimitsShown:
        if version is not None:
            version.check(load_limits(connection, desk.tenant_id).version)
        return show_limits(store_limits(connection, desk.caller, limits, now=desk.now))

    return await desk.act(act)


@router.get("", response_model=Page[DispatchProposal], responses=documented("bad_cursor"))
async def read_dispatch_proposals(
    desk: Reading,
    wish: Annotated[PageWish, Depends(wanted_page)],
    state: State | None = None,
    kind: Annotated[ProposalKind | None, Query()] = None,
    site_id: Annotated[ReferenceId | None, Query()] = None,
) -> Response:
    """List what was proposed about promises at risk, the newest first; with `state=proposed`, what is open."""
    return await desk.show_page(
        wish,
        lambda connection: list_proposals(
            connection, desk.tenant_id, currency=desk.currency, limit=wish.limit + 1, before=wish.after, state=state,
            kind=kind, site_id=site_id,
        ),
        lambda proposal: (0, proposal.id),
    )  # fmt: skip


@router.get("/{dispatch_id}", response_model=DispatchProposal, responses=documented("not_found", "bad_version"))
async def read_dispatch_proposal(dispatch_id: ProposalId, desk: Reading) -> Response:
    """Show a proposal: what it changes, what it costs, and who is late without it and with it."""
    return await desk.show(lambda connection: _find(connection, desk, dispatch_id))


@router.post("/{dispatch_id}/accept", response_model=DispatchProposal, responses=STEPS)
async def accept_dispatch_proposal(dispatch_id: ProposalId, desk: Acting, version: MaybeVersion) -> Response:
    """Take a proposal up: its routes have another course at once; refused where the day has gone on."""
    return await desk.step(
        "dispatch_proposal", dispatch_id, version,
        lambda connection: accept_proposal(connection, desk.caller, dispatch_id, now=desk.now),
        lambda connection: _find(connection, desk, dispatch_id),
    )  # fmt: skip


@router.post("/{dispatch_id}/refuse", response_model=DispatchProposal, responses=STEPS)
async def refuse_dispatch_proposal(
    dispatch_id: ProposalId, why: ProposalRefusal, desk: Acting, version: MaybeVersion
) -> Response:
    """Turn a proposal down; the like is not proposed again for two hours."""
    return await desk.step(
        "dispatch_proposal", dispatch_id, version,
        lambda connection: refuse_proposal(connection, desk.caller, dispatch_id, reason=why.reason, now=desk.now),
        lambda connection: _find(connection, desk, dispatch_id),
    )  # fmt: skip


@router.post("/{dispatch_id}/undo", response_model=DispatchProposal, responses=STEPS)
async def undo_dispatch_proposal(dispatch_id: ProposalId, desk: Acting, version: MaybeVersion) -> Response:
    """Take back what was taken up, while nothing of what it changed has happened."""
    return await desk.step(
        "dispatch_proposal", dispatch_id, version,
        lambda connection: undo_proposal(connection, desk.caller, dispatch_id, now=desk.now),
        lambda connection: _find(connection, desk, dispatch_id),
    )  # fmt: skip


@by_hand.post("/routes/{route_id}/halt", response_model=Route, responses=STEPS, name="halt")
async def halt(route_id: RouteId, how: RouteHalt, desk: Acting, version: MaybeVersion) -> Response:
    """End a route whose van broke down or whose driver did not come; what it was to bring rides with others."""
    return await desk.step(
        "route", route_id, version,
        lambda connection: halt_route(connection, desk.caller, route_id, parcels=how.parcels, reason=how.reason,
                                      now=desk.now, back_at=how.back_at, until_at=how.until_at),
        lambda connection: find_route(connection, desk.tenant_id, route_id, currency=desk.currency),
    )  # fmt: skip


@by_hand.post("/deliveries/{delivery_id}/move", response_model=MovedDelivery, responses=STEPS)
async def move(delivery_id: DeliveryId, where: DeliveryMove, desk: Acting, version: MaybeVersion) -> Response:
    """Put a delivery on another route of its site, or in another place on its own, even if others will be late."""

    def act(connection: Connection) -> MovedDelivery:
        expect_version(connection, desk.caller, "delivery", delivery_id, version)
        found = move_delivery(
            connection, desk.caller, delivery_id, route_id=where.route_id, after=where.after, now=desk.now
        )
        late = [LateDelivery(delivery_id=name, late_s=late_s) for name, late_s in sorted(found.late_s.items())]
        return MovedDelivery(delivery_id=delivery_id, route_id=found.route_id, late=late)

    return await desk.act(act)


def _find(connection: Connection, desk: Desk, proposal_id: str) -> DispatchProposal:
    return find_proposal(connection, desk.tenant_id, proposal_id, currency=desk.currency)
