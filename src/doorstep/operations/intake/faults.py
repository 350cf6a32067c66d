"""What cannot be right about an order, all of it at once: field, value and rule."""

from doorstep.domain.new_order import AHEAD_S, MOST_LINES, NewOrder
from doorstep.operations.intake.network import LiveNetwork
from doorstep.operations.intake.offered_slots import HeldSlot, Slot

Fault = tuple[str, str, str]
MOST_UNITS = 10_000


def faults_of(order: NewOrder, network: LiveNetwork, now: int) -> list[Fault]:
    """Return everything about an order that cannot be right: field, value and rule."""
    return basket_faults(order, network) + _window_faults(order, now) + _level_faults(order, network)


def basket_faults(order: NewOrder, network: LiveNetwork) -> list[Fault]:
    """Return what cannot be right about an order whichever service level and window it asks for."""
    faults: list[Fault] = []
    if not (-90 <= order.lat <= 90 and -180 <= order.lon <= 180):
        faults.append(("place", f"{order.lat}, {order.lon}", "must be WGS 84 degrees"))
    if not 1 <= len(order.lines) <= MOST_LINES:
        faults.append(("lines", str(len(order.lines)), f"must be 1 to {MOST_LINES}"))
    for row, line in enumerate(order.lines):
        if line.product_id not in network.products:
            faults.append((f"lines/{row}/product_id", line.product_id, "is not a product"))
        if not 1 <= line.quantity <= MOST_UNITS:
            faults.append((f"lines/{row}/quantity", str(line.quantity), f"must be 1 to {MOST_UNITS}"))
    if order.payment == "pending" and order.if_short == "backorder":
        faults.append(("if_short", order.if_short, "goes only with settled payments: what lacks cannot wait for one"))
    return faults + _word_faults(order, network)


def hold_faults(order: NewOrder, held: HeldSlot, network: LiveNetwork) -> list[Fault]:
    """Return why a sound order cannot have what a hold keeps: the slot is not for it, or it has more lines."""
    needed = len(order.lines) if held.slot.unit == "lines" else 0
    hold_id = order.hold_id or ""
    few = [("hold_id", hold_id, f"holds {held.work} lines, the order has {needed}")] if held.work < needed else []
    return slot_faults(order, held.slot, network, field="hold_id", name=hold_id) + few


def slot_faults(order: NewOrder, slot: Slot, network: LiveNetwork, *, field: str, name: str) -> list[Fault]:
    """Return why a sound order cannot have a place of a slot: that was offered for another level, site or zone.

    A zone written in digits is the start of the postal codes in it; other names are the retailer's own affair.
    """
    faults: list[Fault] = []
    if slot.service_level_id != order.service_level_id:
        faults.append((field, name, f"is for service level {slot.service_level_id}"))
    if network.collected[network.levels[order.service_level_id]] and slot.site_id != order.pickup_site_id:
        faults.append((field, name, f"is for collection at {slot.site_id}"))
    if slot.zone.isdigit() and order.postal_code and not order.postal_code.startswith(slot.zone):
        faults.append((field, name, f"is for zone {slot.zone}, which {order.postal_code} is not in"))
    return faults


def _window_faults(order: NewOrder, now: int) -> list[Fault]:
    if order.window is None:
        return []
    start_at, end_at = order.window
    if not now < end_at >= start_at:
        return [("window", f"{start_at} to {end_at}", "must end after it starts, and after now")]
    if start_at < now - AHEAD_S or end_at > now + AHEAD_S:
        return [("window", f"{start_at} to {end_at}", f"must lie within {AHEAD_S // 86_400} days of now")]
    return []


def _word_faults(order: NewOrder, network: LiveNetwork) -> list[Fault]:
    """Return the requirements that nothing here speaks of, which nobody could ever keep, and what is no extra."""
    if not order.requirements and not order.extras:
        return []
    known = ", ".join(sorted(network.words)) or "none"
    offered = ", ".join(sorted(network.door.extras)) or "none"
    return [
        (f"extras/{row}", word, f"is no extra; known: {offered}")
        for row, word in enumerate(order.extras.split(";"))
        if word and word not in network.door.extras
    ] + [
        (f"requirements/{row}", word, f"is no requirement or skill of anything here; known: {known}")
        for row, word in enumerate(order.requirements.split(";"))
        if word and word not in network.words
    ]


def _level_faults(order: NewOrder, network: LiveNetwork) -> list[Fault]:
    level = network.levels.get(order.service_level_id)
    if level is None:
        return [("service_level_id", order.service_level_id, "is not a service level")]
    plans = network.members_only.get(order.service_level_id)
    if plans and order.membership not in plans:
        return [("service_level_id", order.service_level_id, f"is only for members of {' or '.join(plans)}")]
    if network.collected[level] and order.pickup_site_id not in network.site_rows:
        return [("pickup_site_id", order.pickup_site_id, "must be the site where the shopper collects")]
    if network.collected[level] and not network.hands_out(order.pickup_site_id, level):
        rule = f"is no place where orders of the method {network.methods[level]} are collected"
        return [("pickup_site_id", order.pickup_site_id, rule)]
    if not network.collected[level] and order.pickup_site_id:
        return [("pickup_site_id", order.pickup_site_id, "goes only with collected orders")]
    return []
