"""Proposals for the stock: read, taken up, turned down."""

from typing import Annotated

from fastapi import Depends, Path, Query
from starlette.responses import Response

from doorstep.api.access.guarded import guarded_router
from doorstep.api.desk import Acting, Desk, MaybeVersion, Reading
from doorstep.api.models.base import Page
from doorstep.api.models.fields import ObjectId, ReferenceId
from doorstep.api.models.proposals import Action, ProposalRejection, StockProposal
from doorstep.api.paging import PageWish, wanted_page
from doorstep.api.problems import documented
from doorstep.api.views.proposals import find_proposal, list_proposals
from doorstep.domain.lifecycles import LIFECYCLES
from doorstep.operations.stock_proposals import accept_proposal, reject_proposal
from doorstep.storage import Connection

router = guarded_router("stock", "/stock-proposals")
ProposalId = Annotated[ObjectId, Path()]
State = Annotated[str, Query(json_schema_extra={"enum": [*LIFECYCLES["stock_proposal"].states]})]
STEPS = documented(
    "not_found", "illegal_transition", "conflict", "version_changed", "bad_version", "idempotency_key_reused"
)


@router.get("", response_model=Page[StockProposal], responses=documented("bad_cursor"))
async def read_proposals(
    desk: Reading,
    wish: Annotated[PageWish, Depends(wanted_page)],
    state: State | None = None,
    action: Annotated[Action | None, Query()] = None,
    site_id: Annotated[ReferenceId | None, Query()] = None,
    product_id: Annotated[ReferenceId | None, Query()] = None,
) -> Response:
    """List what plans of the stock proposed, the newest first; with `state=proposed`, what is open."""
    return await desk.show_page(
        wish,
        lambda connection: list_proposals(
            connection, desk.tenant_id, currency=desk.currency, limit=wish.limit + 1, before=wish.after, state=state,
            action=action, site_id=site_id, product_id=product_id,
        ),
        lambda proposal: (0, proposal.id),
    )  # fmt: skip


@router.get("/{proposal_id}", response_model=StockProposal, responses=documented("not_found", "bad_version"))
async def read_proposal(proposal_id: ProposalId, desk: Reading) -> Response:
    """Show a proposal with its reason, its value and its deadline."""
    return await desk.show(lambda connection: _find(connection, desk, proposal_id))


@router.post("/{proposal_id}/accept", response_model=StockProposal, responses=STEPS)
async def accept_stock_proposal(proposal_id: ProposalId, desk: Acting, version: MaybeVersion) -> Response:
    """Take a proposal up, once: a transfer's units leave their shelf, and what is to come is expected as a receipt."""
    return await desk.step(
        "stock_proposal",
        proposal_id,
        version,
        lambda connection: accept_proposal(connection, desk.caller, proposal_id, now=desk.now),
        lambda connection: _find(connection, desk, proposal_id),
    )


@router.post("/{proposal_id}/reject", response_model=StockProposal, responses=STEPS)
async def reject_stock_proposal(
    proposal_id: ProposalId, why: ProposalRejection, desk: Acting, version: MaybeVersion
) -> Response:
    """Turn a proposal down."""
    return await desk.step(
        "stock_proposal",
        proposal_id,
        version,
        lambda connection: reject_proposal(connection, desk.caller, proposal_id, reason=why.reason, now=desk.now),
        lambda connection: _find(connection, desk, proposal_id),
    )


def _find(connection: Connection, desk: Desk, proposal_id: str) -> StockProposal:
    return find_proposal(connection, desk.tenant_id, proposal_id, currency=desk.currency)
