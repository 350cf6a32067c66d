"""An order on its way in: checked, with its promise and the sites that may serve it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from doorstep.domain.new_order import NewOrder, TakenOrder
from doorstep.foundation import DoorstepError
from doorstep.operations.caller import Caller
from doorstep.operations.intake.choose import Piece
from doorstep.operations.intake.errors import OfferExpiredError, OrderFaultsError
from doorstep.operations.intake.faults import Fault, faults_of, hold_faults, slot_faults
from doorstep.operations.intake.network import LiveNetwork, Near, windows_at
from doorstep.operations.intake.offered_slots import Slot, find_slot, slot_of_hold
from doorstep.operations.intake.prices import Asked, fees_of
from doorstep.operations.memberships import as_members
from doorstep.storage import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """One request: an order, who sent it and when; ``key`` names the request, so that sending it again is safe.

    Parameters
    ----------
    offered_until
        Ends the offer that the order takes up [epoch s]; a request that was answered in time may still be repeated
        afterwards.
    fee_minor
        What the offer said that the delivery costs, None to have it worked out.
    slot_id
        The slot that the offer is for; its place is taken with the order, or by the hold that the order names.
    """

    caller: Caller
    order: NewOrder
    now: int
    key: str | None = None
    offered_until: int | None = None
    fee_minor: int | None = None
    slot_id: str | None = None


@dataclass(slots=True)
class Draft:
    """An order on its way in; window ends belong to it [epoch s], ``hours`` are the pick hours by site.

    ``rule_id`` made the fee, ``discount_minor`` is what the member pays less than others would, ``load_pct`` is the
    taken share of the slot, ``ready_at`` is when all of it should be picked, as far as that is known [epoch s].
    ``awaits`` says by site when the last units come that it waits for. ``compartments`` are those that its parcels will
    lie in, one each.
    """

    intake: Intake
    fingerprint: str
    order_id: str = ""
    code: str = ""
    state: str = "placed"
    start_at: int = 0
    end_at: int = 0
    service_s: int | None = None
    requirements: str = ""
    fee_minor: int = 0
    rule_id: str = ""
    discount_minor: int = 0
    load_pct: int = 0
    ready_at: int | None = None
    first_sites: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    pieces: list[Piece] = field(default_factory=list)
    hours: dict[str, int] = field(default_factory=dict)
    awaits: dict[str, int] = field(default_factory=dict)
    compartments: list[str] = field(default_factory=list)
    answer: TakenOrder | DoorstepError | None = None

    @property
    def products(self) -> set[str]:
        """The products ordered."""
        return {line.product_id for line in self.intake.order.lines}

    @property
    def lines_at(self) -> dict[str, int]:
        """How many order lines each site picks."""
        lines: dict[str, int] = {}
        for site, _ in sorted({(piece.site_id, piece.line_no) for piece in self.pieces}):
            lines[site] = lines.get(site, 0) + 1
        return lines


def prepare(connection: Connection, tenant_id: str, network: LiveNetwork, drafts: Sequence[Draft], now: int) -> None:
    """Give drafts their promises and candidate sites, or the faults of what was asked as their answers."""
    sound = []
    members = as_members(connection, tenant_id, [draft.intake.order for draft in drafts], now=now)
    for draft, (order, faults) in zip(drafts, members, strict=True):
        until = draft.intake.offered_until
        if order is not draft.intake.order:
            draft.intake = replace(draft.intake, order=order)
        faults = faults or faults_of(order, network, now)
        if until is not None and until < draft.intake.now:
            draft.answer = OfferExpiredError()
        elif faults:
            draft.answer = OrderFaultsError(tuple(faults))
        else:
            sound.append(draft)
    nearby = network.near([(draft.intake.order.lat, draft.intake.order.lon) for draft in sound])
    for draft, near in zip(sound, nearby, strict=True):
        _prepare(connection, tenant_id, network, draft, near, now)
    _price(network, [draft for draft in sound if draft.answer is None])


def _price(network: LiveNetwork, drafts: Sequence[Draft]) -> None:
    """Give drafts the fee that price rules and membership make of the level's or slot's own, or the one offered."""
    asked = [
        Asked(draft.intake.order, draft.intake.order.service_level_id, draft.fee_minor, draft.load_pct)
        for draft in drafts
    ]
    for draft, fee in zip(drafts, fees_of(network, asked), strict=True):
        order, offered = draft.intake.order, draft.intake.fee_minor
        draft.rule_id, draft.fee_minor = fee.rule_id, fee.fee_minor if offered is None else offered
        usual_minor = fee.fee_minor + fee.discount_minor
        draft.discount_minor = max(0, usual_minor - draft.fee_minor) if order.membership else 0


def _prepare(connection: Connection, tenant_id: str, network: LiveNetwork, draft: Draft, near: Near, now: int) -> None:
    order = draft.intake.order
    level = network.levels[order.service_level_id]
    draft.service_s, draft.requirements = network.door.service_s(order, level), network.door.requirements(order)
    clock, draft.first_sites, draft.sites = network.serving(near, order.pickup_site_id)
    draft.fee_minor = network.fee_minor[level]
    if order.hold_id is not None or draft.intake.slot_id is not None:
        draft.start_at, draft.end_at = now, now
        slot, faults = _slot(connection, tenant_id, network, draft)
        draft.answer = OrderFaultsError(tuple(faults)) if faults else None
        if slot is not None:
            draft.start_at, draft.end_at = slot.starts_at, slot.ends_at - 1
            draft.fee_minor, draft.load_pct = slot.fee_minor, slot.load_pct
    elif order.window is not None:
        draft.start_at, draft.end_at = order.window
    else:
        windows = windows_at(connection, tenant_id, network, now)
        draft.start_at, draft.end_at = int(windows.start_at[level, clock]), int(windows.end_at[level, clock])


def _slot(
    connection: Connection, tenant_id: str, network: LiveNetwork, draft: Draft
) -> tuple[Slot | None, list[Fault]]:
    """Return the slot of an order's hold or option, if there is one, and why the order cannot have it."""
    order, offered = draft.intake.order, draft.intake.slot_id
    if order.hold_id is None:
        slot = find_slot(connection, tenant_id, offered or "")
        return slot, slot_faults(order, slot, network, field="option_id", name="the slot") if slot else []
    held = slot_of_hold(connection, tenant_id, order.hold_id)
    if held is None:
        return None, []
    faults = hold_faults(order, held, network)
    if offered is not None and held.slot.slot_id != offered:
        faults.append(("hold_id", order.hold_id, f"is for another slot than the option, {held.slot.slot_id}"))
    return held.slot, faults
