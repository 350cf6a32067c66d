"""Slots with limited room, and holds on them."""

from typing import Annotated

from fastapi import Depends, Path, Query
from starlette.responses import Response

from doorstep.api.access.guarded import guarded_router
from doorstep.api.desk import Acting, MaybeVersion, Reading
from doorstep.api.models.base import Page
from doorstep.api.models.fields import MomentIn, ObjectId, ReferenceId
from doorstep.api.models.options import Hold, HoldCreate, Slot, SlotChange, SlotCreate, Slots, SlotsCreate
from doorstep.api.paging import PageWish, wanted_page
from doorstep.api.problems import documented
from doorstep.api.problems.answers import FaultsError, FieldFault
from doorstep.api.views.slots import find_hold, find_slots
from doorstep.foundation import NotFoundError
from doorstep.operations import slots
from doorstep.operations.intake.holds import confirm_hold, hold_slot, release_hold
from doorstep.operations.memberships import plan_of
from doorstep.storage import Connection

router = guarded_router("slots")
SlotId = Annotated[ObjectId, Path()]
HoldId = Annotated[ObjectId, Path()]
STEPS = documented("not_found", "slot_full", "illegal_transition", "conflict", "version_changed", "bad_version",
                   "idempotency_key_reused")  # fmt: skip


@router.get("/slots", response_model=Page[Slot], responses=documented("bad_cursor"))
async def read_slots(
    desk: Reading,
    wish: Annotated[PageWish, Depends(wanted_page)],
    zone: Annotated[ReferenceId | None, Query()] = None,
    site_id: Annotated[ReferenceId | None, Query()] = None,
    service_level_id: Annotated[ReferenceId | None, Query()] = None,
    starts_from: Annotated[MomentIn | None, Query()] = None,
    starts_until: Annotated[MomentIn | None, Query()] = None,
) -> Response:
    """List slots with what is left of them."""
    return await desk.show_page(
        wish,
        lambda connection: find_slots(
            connection, desk.tenant_id, currency=desk.currency, now=desk.now, zone=zone, site_id=site_id,
            service_level_id=service_level_id, starts_from=starts_from, starts_until=starts_until, after=wish.after,
            limit=wish.limit + 1,
        ),
        lambda slot: (slot.window.start, slot.id),
    )  # fmt: skip


@router.get("/slots/{slot_id}", response_model=Slot, responses=documented("not_found"))
async def read_slot(slot_id: SlotId, desk: Reading) -> Response:
    """Show a slot."""
    return await desk.show(lambda connection: _slot(connection, desk, slot_id))


@router.post(
    "/slots", status_code=201, response_model=Slots, responses=documented("conflict", "idempotency_key_reused")
)
async def define_slots(wanted: SlotsCreate, desk: Acting) -> Response:
    """Define slots to offer: all of them or, if one is faulty, none."""

    def define(connection: Connection) -> Slots:
        try:
            ids = slots.define_slots(connection, desk.caller, [_new(slot) for slot in wanted.slots], now=desk.now)
        except slots.SlotFaultsError as faulty:
            raise FaultsError([_pointed(fault) for fault in faulty.faults]) from faulty
        return Slots(slots=find_slots(connection, desk.tenant_id, currency=desk.currency, now=desk.now, ids=ids))

    return await desk.act(define, status=201)


@router.put(
    "/slots/{slot_id}", response_model=Slot, responses=documented("not_found", "conflict", "idempotency_key_reused")
)
async def change_slot(slot_id: SlotId, change: SlotChange, desk: Acting) -> Response:
    """Change capacity, fee or state of a slot; holds and bookings stay."""

    def act(connection: Connection) -> Slot:
        slots.change_slot(connection, desk.caller, slot_id, **change.model_dump(), now=desk.now)
        return _slot(connection, desk, slot_id)

    return await desk.act(act)


@router.post("/slots/{slot_id}/holds", status_code=201, response_model=Hold, responses=STEPS)
async def hold_a_slot(slot_id: SlotId, hold: HoldCreate, desk: Acting) -> Response:
    """Hold some of a slot while the shopper checks out: one order, or as many lines or minutes as the basket needs."""
    most = desk.platform.settings.hold_minutes
    minutes = most if hold.minutes is None else min(hold.minutes, most)

    def act(connection: Connection) -> Hold:
        plan_id = plan_of(connection, desk.tenant_id, hold.member_id, now=desk.now)
        hold_id = hold_slot(
            connection, desk.caller, slot_id, now=desk.now, hold_s=minutes * 60, work=hold.work, membership=plan_id
        )
        return find_hold(connection, desk.tenant_id, hold_id)

    return await desk.act(act, status=201)


@router.post("/holds/{hold_id}/confirm", response_model=Hold, responses=STEPS)
async def confirm_slot_hold(hold_id: HoldId, desk: Acting, version: MaybeVersion) -> Response:
    """Turn a hold into a booking."""
    return await desk.step(
        "slot_hold",
        hold_id,
        version,
        lambda connection: confirm_hold(connection, desk.caller, hold_id, now=desk.now),
        lambda connection: find_hold(connection, desk.tenant_id, hold_id),
    )


@router.post("/holds/{hold_id}/release", response_model=Hold, responses=STEPS)
async def release_slot_hold(hold_id: HoldId, desk: Acting, version: MaybeVersion) -> Response:
    """Give the place back."""
    return await desk.step(
        "slot_hold",
        hold_id,
        version,
        lambda connection: release_hold(connection, desk.caller, hold_id, now=desk.now),
        lambda connection: find_hold(connection, desk.tenant_id, hold_id),
    )


def _slot(connection: Connection, desk: Reading, slot_id: str) -> Slot:
    found = find_slots(connection, desk.tenant_id, currency=desk.currency, now=desk.now, ids=[slot_id])
    if not found:
        raise NotFoundError(f"slot {slot_id} does not exist.")
    return found[0]


def _new(slot: SlotCreate) -> slots.NewSlot:
    return slots.NewSlot(
        zone=slot.zone,
        site_id=slot.site_id,
        service_level_id=slot.service_level_id,
        starts_at=slot.window.start,
        ends_at=slot.window.end,
        cutoff_at=slot.cutoff_at,
        capacity=slot.capacity,
        fee_minor=slot.fee_minor,
        unit=slot.unit,
    )


def _pointed(fault: slots.SlotFault) -> FieldFault:
    codes = {"cutoff_at": "inconsistent", "window": "out_of_range"}
    pointer = f"/slots/{fault.number}/{fault.field}"
    return FieldFault(part="body", pointer=pointer, code=codes.get(fault.field, "not_allowed"), detail=fault.rule)
