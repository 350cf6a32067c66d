"""Why an option cannot be had, what would work, and why a member pays less, in plain sentences."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from doorstep.api.conventions.money import in_words
from doorstep.delivery_mode.drones import WORDS
from doorstep.domain.new_order import NewOrder
from doorstep.operations.intake.errors import NotEnoughStockError
from doorstep.operations.intake.network import LiveNetwork
from doorstep.operations.intake.prices import basket_minor
from doorstep.operations.promise.offers import Offered, Refusal

_WHY: Mapping[str, str] = {
    "pickers_busy": "no site has picking capacity in time.",
    "after_cutoff": "it is too late to pick it in time.",
    "slot_full": "too little is left of this slot.",
    "closed": "the site is closed on that day.",
    "not_here": "nobody goes from any site near enough to this place.",
    "no_place": "there is no site where it could be collected in this way.",
    "no_compartment": "too few compartments that its parcels fit in are free near this place.",
    "too_big": "a parcel of this basket fits no compartment near this place.",
    "lane_late": "no lane to where somebody brings it from departs in time.",
    "lane_full": "the departures of the lane that would be in time are full.",
    **WORDS,
}
NOTHING = "Nothing that is known so far: no receipt that would be enough is expected."


def why_not(offered: Offered) -> str:
    """Return why an option cannot be had, empty if it can."""
    refusal = offered.refusal
    if refusal is None:
        return ""
    if refusal.code == "out_of_stock":
        return NotEnoughStockError(refusal.short).message
    if refusal.code == "no_way":
        return f"nobody who brings orders keeps {refusal.words.replace(';', ' and ')}."
    if refusal.code == "members_only":
        return f"it is only for members of {refusal.words}."
    if refusal.code == "after_cutoff" and offered.slot is not None:
        return "the cut-off of this slot has passed."
    return _WHY[refusal.code]


def fee_reason(network: LiveNetwork, order: NewOrder, offered: Offered, currency: str) -> str:
    """Return why a member pays less than others would, empty if that is not so."""
    if not offered.discount_minor:
        return ""
    plan = network.plans.get(order.membership)
    if plan is None:
        return f"Less with {order.membership}."
    if plan.free_over_minor and plan.is_free(offered.service_level_id, basket_minor(network, order.lines)):
        return f"Free over {in_words(plan.free_over_minor, currency)} with {plan.name}."
    return f"{'Less' if offered.fee_minor else 'Free'} with {plan.name}."


def what_works(offered: Offered, others: Sequence[Offered], zone: ZoneInfo) -> str:
    """Return what would work where an option cannot be had, empty if it can.

    Parameters
    ----------
    others
        All options of the basket.
    zone
        In which moments are told.
    """
    refusal = offered.refusal
    if refusal is None:
        return ""
    parts = _of_stock(refusal, zone) if refusal.code == "out_of_stock" else []
    good = [one for one in others if one.refusal is None]
    alike = [one for one in good if one.slot is not None and one.service_level_id == offered.service_level_id]
    best = min(alike if offered.slot is not None and alike else good, key=lambda one: one.start_at, default=None)
    if best is not None:
        what = f"slot {best.slot.slot_id}" if best.slot else best.service_level_id
        parts.append(f"{what} can be had, from {_told(best.start_at, zone)} on")
    elif refusal.code == "no_way":
        parts.append("a vehicle or carrier with this skill, or collection")
    elif refusal.code == "not_here":
        parts.append("a place nearer to a site, or collection")
    elif refusal.code in ("no_compartment", "too_big"):
        parts.append("less in one order, or collection at a counter")
    elif refusal.code in ("pickers_busy", "after_cutoff"):
        parts.append("a later window of your own, or fewer lines")
    return f"{'; '.join(parts)[:1].upper()}{'; '.join(parts)[1:]}." if parts else NOTHING


def _of_stock(refusal: Refusal, zone: ZoneInfo) -> list[str]:
    parts = []
    fewer = {product: free for _, product, _, free in refusal.short if free}
    if fewer:
        parts.append(f"fewer units can be had now: {', '.join(f'{n} of {p}' for p, n in fewer.items())}")
    if refusal.available_from is not None:
        parts.append(f"all of it can be promised from {_told(refusal.available_from, zone)} on")
    return parts


def _told(moment: int, zone: ZoneInfo) -> str:
    local = datetime.fromtimestamp(moment, UTC).astimezone(zone)
    return f"{local:%A} {local.day} {local:%B} {local:%H:%M}"
