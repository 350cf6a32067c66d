"""Contractors: for the retailer who registers them, and for whoever holds a contractor's link."""

from collections.abc import Callable
from typing import Annotated, Literal

from anyio.to_thread import run_sync
from fastapi import Depends, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from doorstep.api.access.guarded import guarded_router
from doorstep.api.dependencies import Platform
from doorstep.api.desk import Acting, MaybeVersion, Reading, answer, committed
from doorstep.api.models.base import Page
from doorstep.api.models.contractors import (
    Contractor,
    ContractorCreate,
    ContractorDesk,
    ContractorLink,
    ContractorOffer,
    OfferAnswer,
    OfferRecall,
    OfferReport,
)
from doorstep.api.models.fields import ObjectId, ReferenceId
from doorstep.api.models.orders import Cancellation
from doorstep.api.paging import PageWish, wanted_page
from doorstep.api.problems import documented
from doorstep.api.reading import reading
from doorstep.api.views.contractors import find_offer, list_contractors, list_offers, show_contractor, show_desk
from doorstep.api.views.deliveries import DETAILS
from doorstep.domain.lifecycles import LIFECYCLES
from doorstep.foundation import InputError
from doorstep.operations import contractors as operations
from doorstep.operations.contractors import Contractor as Who
from doorstep.operations.contractors import NewContractor, Report
from doorstep.operations.contractors.answering import recall_offer as take_from_contractor
from doorstep.operations.contractors.registry import step_contractor
from doorstep.storage import Connection
from doorstep.storage.journal import canonical

router = guarded_router("contractors", "/contractors")
offers_router = guarded_router("contractors", "/contractor-offers")
desk_router = guarded_router("contractors", "/contractor")
ContractorId = Annotated[ObjectId, Path()]
OfferId = Annotated[ObjectId, Path()]
Token = Annotated[str, Path(pattern="^[0-9A-Z]{32}$", description="from the link")]
Step = Annotated[Literal["pause", "resume", "end"], Path()]
State = Annotated[str, Query(json_schema_extra={"enum": [*LIFECYCLES["contractor"].states]})]
OfferState = Annotated[str, Query(json_schema_extra={"enum": [*LIFECYCLES["contractor_offer"].states]})]
STEPS = documented(
    "not_found", "illegal_transition", "conflict", "version_changed", "bad_version", "idempotency_key_reused"
)
BY_LINK = documented("not_found", "illegal_transition", "conflict")


@router.post("", status_code=201, response_model=Contractor, responses=documented("conflict", "idempotency_key_reused"))
async def register_contractor(wanted: ContractorCreate, desk: Acting) -> Response:
    """Register a contractor: deliveries of their market that they can bring are offered to them from now on."""
    if wanted.carrier_id in desk.platform.carriers:
        raise InputError(f"carrier_id {wanted.carrier_id} is connected to a party outside: it has no contractors.")
    new = NewContractor(**wanted.model_dump())

    def act(connection: Connection) -> Contractor:
        name = operations.register(connection, desk.caller, new, now=desk.now)
        return show_contractor(connection, desk.tenant_id, name)

    return await desk.act(act, status=201)


@router.get("", response_model=Page[Contractor], responses=documented("bad_cursor"))
async def read_contractors(
    desk: Reading,
    wish: Annotated[PageWish, Depends(wanted_page)],
    state: State | None = None,
    carrier_id: Annotated[ReferenceId | None, Query()] = None,
) -> Response:
    """List contractors, the newest first."""
    return await desk.show_page(
        wish,
        lambda connection: list_contractors(
            connection, desk.tenant_id, limit=wish.limit + 1, before=wish.after, state=state, carrier_id=carrier_id
        ),
        lambda each: (each.created_at, each.id),
    )


@router.get("/{contractor_id}", response_model=Contractor, responses=documented("not_found", "bad_version"))
async def read_contractor(contractor_id: ContractorId, desk: Reading) -> Response:
    """Show a contractor."""
    return await desk.show(lambda connection: show_contractor(connection, desk.tenant_id, contractor_id))


@router.post("/{contractor_id}/link", status_code=201, response_model=ContractorLink, responses=STEPS)
async def issue_contractor_link(contractor_id: ContractorId, desk: Acting) -> Response:
    """Make a link for a contractor; it is told this once, and ends one that was made before."""

    def act(connection: Connection) -> ContractorLink:
        token = operations.issue_link(connection, desk.caller, contractor_id, now=desk.now)
        return ContractorLink(token=token, path=f"/v1/contractor/{token}")

    return await desk.act(act, status=201, secrets={"token": "", "path": ""})


@router.post("/{contractor_id}/{step}", response_model=Contractor, responses=STEPS)
async def change_contractor(
    contractor_id: ContractorId, step: Step, why: Cancellation, desk: Acting, version: MaybeVersion
) -> Response:
    """Let a contractor pause, go on, or end; who has deliveries in hand cannot end."""
    return await desk.step(
        "contractor", contractor_id, version,
        lambda c: step_contractor(c, desk.caller, contractor_id, step, now=desk.now, reason=why.reason),
        lambda c: show_contractor(c, desk.tenant_id, contractor_id),
    )  # fmt: skip


@offers_router.get("", response_model=Page[ContractorOffer], responses=documented("bad_cursor"))
async def read_contractor_offers(
    desk: Reading,
    wish: Annotated[PageWish, Depends(wanted_page)],
    state: OfferState | None = None,
    delivery_id: Annotated[ObjectId | None, Query()] = None,
    contractor_id: Annotated[ObjectId | None, Query()] = None,
) -> Response:
    """List what was offered to contractors, the newest first: who declined, whose time was over, who accepted."""
    return await desk.show_page(
        wish,
        lambda connection: list_offers(
            connection, desk.tenant_id, currency=desk.currency, limit=wish.limit + 1, before=wish.after, state=state,
            delivery_id=delivery_id, contractor_id=contractor_id,
        ),
        lambda each: (each.offered_at, each.id),
    )  # fmt: skip


@offers_router.post("/{offer_id}/recall", response_model=ContractorOffer, responses=STEPS)
async def recall_contractor_offer(offer_id: OfferId, why: OfferRecall, desk: Acting, version: MaybeVersion) -> Response:
    """Take a delivery from the contractor who accepted it: it is offered to the others again."""
    return await desk.step(
        "contractor_offer", offer_id, version,
        lambda c: take_from_contractor(c, desk.caller, offer_id, reason=why.reason, now=desk.now),
        lambda c: find_offer(c, desk.tenant_id, offer_id, currency=desk.currency),
    )  # fmt: skip


@desk_router.get("/{token}", response_model=ContractorDesk, responses=documented("not_found"))
async def read_contractor_desk(token: Token, request: Request) -> Response:
    """Tell a contractor what they are offered, what they have in hand, and what they are owed."""
    platform: Platform = request.app.state.platform
    now = platform.clock.now()

    def show(connection: Connection) -> ContractorDesk:
        return show_desk(connection, operations.find_by_link(connection, token), now=now)

    return answer(200, (await run_sync(reading, platform, show)).model_dump_json(by_alias=True))


@desk_router.post("/{token}/offers/{offer_id}/accept", response_model=ContractorDesk, responses=BY_LINK)
async def accept_offer(token: Token, offer_id: OfferId, request: Request) -> Response:
    """Accept an offer; the first who does has the delivery."""
    return await _by_link(request, token, lambda c, who, now: operations.accept_offer(c, who, offer_id, now=now))


@desk_router.post("/{token}/offers/{offer_id}/decline", response_model=ContractorDesk, responses=BY_LINK)
async def decline_offer(token: Token, offer_id: OfferId, why: OfferAnswer, request: Request) -> Response:
    """Decline an offer: the next contractor gets it."""
    return await _by_link(
        request, token, lambda c, who, now: operations.decline_offer(c, who, offer_id, reason=why.reason, now=now)
    )


@desk_router.post("/{token}/offers/{offer_id}/give-back", response_model=ContractorDesk, responses=BY_LINK)
async def give_back_offer(token: Token, offer_id: OfferId, why: OfferAnswer, request: Request) -> Response:
    """Give an accepted delivery back; whoever has its parcels already is asked where they are."""
    return await _by_link(
        request, token, lambda c, who, now: operations.give_back(c, who, offer_id, reason=why.reason, now=now)
    )


@desk_router.post("/{token}/offers/{offer_id}/events", response_model=ContractorDesk, responses=BY_LINK)
async def report_on_offer(token: Token, offer_id: OfferId, told: OfferReport, request: Request) -> Response:
    """Report what happened to an accepted delivery, with proofs; the same `event_id` counts once."""
    details = {name: value for name, value in told.model_dump(mode="json", include=set(DETAILS)).items() if value}
    report = Report(
        event_id=told.event_id,
        event=told.type,
        occurred_at=told.occurred_at,
        reason=told.reason,
        details=canonical(details),
    )
    return await _by_link(request, token, lambda c, who, now: operations.report_on(c, who, offer_id, report, now=now))


async def _by_link(request: Request, token: str, act: Callable[[Connection, Who, int], object]) -> Response:
    """Do what whoever holds a link asks, and answer with what they see then."""
    platform: Platform = request.app.state.platform
    now = platform.clock.now()

    def do(connection: Connection) -> ContractorDesk:
        who = operations.find_by_link(connection, token)
        act(connection, who, now)
        return show_desk(connection, who, now=now)

    return answer(200, (await committed(platform.writer.call(do))).model_dump_json(by_alias=True))
