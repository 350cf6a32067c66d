"""The one sentence that says how a delivery stands, what to add to it, and its steps."""

from typing import NamedTuple

from doorstep.console.shopper.about import About
from doorstep.console.words import clock, day, local, many, sentence

WHY = {
    "consignee_unavailable": "Nobody was there.",
    "consignee_no_access": "The driver could not get in.",
    "consignee_address_unknown": "The driver did not find the address.",
    "consignee_refused": "It was not accepted.",
    "consignee_underage": "Nobody old enough was there.",
    "carrier_damaged": "It was damaged.",
}
GETTING_READY = ("created", "quoted", "booked", "assigned", "reassigning", "en_route_to_pickup", "at_pickup")
ON_ITS_WAY = ("picked_up", "in_transit", "at_station", "station_released", "en_route_to_dropoff")
OVER = {
    "returning": "It is on its way back to us",
    "at_return": "It is on its way back to us",
    "returned": "It came back to us",
    "abandoned": "It was lost on its way",
    "cancelled": "This delivery was cancelled",
    "rejected": "This delivery was cancelled",
    "expired": "This delivery was cancelled",
    "uncollected": "Nobody came for it, so it goes back",
    "restocked": "Nobody came for it, so it went back",
}
COLLECTING = ("customer_on_the_way", "customer_arrived", "bay_assigned")


class Status(NamedTuple):
    """How it stands, what to add, and of which kind it is: ``going``, ``good``, ``bad`` or ``over``."""

    head: str
    more: str
    tone: str


class Step(NamedTuple):
    """A step of its way: ``done``, ``now`` or ``ahead``."""

    name: str
    is_: str


def status(of: About, *, now: int) -> Status:
    """Return how a delivery stands."""
    if of.state in OVER:
        return Status(OVER[of.state], "Maybe ask the shop about it.", "over")
    return _collection(of, now) if of.kind == "collection" else _door(of, now)


def span(start_at: int, end_at: int, zone: str, *, now: int) -> str:
    """Return a local period, with its day unless that is today."""
    today = local(now, zone).date()
    times = f"between {clock(start_at, zone)} and {clock(end_at, zone)}"
    where = local(start_at, zone).date()
    return f"today {times}" if where == today else f"on {day(where)} {times}"


def steps(of: About) -> list[Step]:
    """Return the steps of a delivery."""
    names, at = _collection_steps(of) if of.kind == "collection" else _door_steps(of)
    last = len(names) - 1
    marks = ["done" if n < at or at == last else "now" if n == at else "ahead" for n in range(len(names))]
    return [Step(name, mark) for name, mark in zip(names, marks, strict=True)]


def _door_steps(of: About) -> tuple[list[str], int]:
    near = of.state == "at_dropoff" or (of.live and of.state in ON_ITS_WAY)
    tried = of.state == "attempted"
    at = 0 if of.state in GETTING_READY else 3 if of.state == "delivered" else 2 if near or tried else 1
    return ["Getting ready", "On its way", "We were there" if tried else "Nearly there", "Delivered"], at


def _collection_steps(of: About) -> tuple[list[str], int]:
    if of.state in ("created", "preparing"):
        at = 0
    else:
        at = 3 if of.state in ("handed_over", "collected") else 2 if of.state in COLLECTING[1:] else 1
    return ["Being prepared", "Ready", "You are here", "Collected"], at


def _door(of: About, now: int) -> Status:
    window = span(*of.window, of.zone, now=now)
    if of.state == "delivered":
        return _delivered(of, now)
    if of.state == "attempted":
        why = WHY.get(of.facts.get("attempt", {}).get("reason", ""), "")
        return Status("We could not deliver it", f"{why} Choose below what happens next.".strip(), "bad")
    if of.state == "rescheduled":
        return Status(f"Coming again {window}", "You chose another time.", "going")
    if of.state == "redirected":
        where = of.redirected_to or ("a neighbour" if of.neighbour_ok else "another place")
        return Status(f"Going to {where}", "", "going")
    if of.state == "at_dropoff":
        return Status("The driver is at your door", "", "going")
    if of.expected is not None:
        head = f"Arriving {span(*of.expected, of.zone, now=now).removeprefix('today ')}"
        before = "" if of.before is None else "You are next." if not of.before else \
            f"{many(of.before, 'stop')} before you."  # fmt: skip
        return Status(head, before, "going")
    more = "It is on its way." if of.state in ON_ITS_WAY else "We are getting it ready."
    return Status(f"Coming {window}", more, "going")


def _delivered(of: About, now: int) -> Status:
    told = of.facts.get("deliver", {})
    at = told.get("at", of.ended_at)
    neighbour = told.get("neighbour")
    where = f"It is with a neighbour, at number {neighbour['number']}." if neighbour else ""
    same = local(at, of.zone).date() == local(now, of.zone).date()
    return Status(f"Delivered at {clock(at, of.zone)}" + ("" if same else f" on {day(local(at, of.zone))}"), where,
                  "good")  # fmt: skip


def _collection(of: About, now: int) -> Status:
    there = of.waiting
    place = there.site.name if there and there.site else "the shop"
    if of.state in ("handed_over", "collected"):
        return Status("You have it", f"Collected at {place}, {clock(of.ended_at, of.zone)}.", "good")
    if of.state in ("created", "preparing") or there is None:
        return Status(f"Ready {span(*of.window, of.zone, now=now)}", f"We are preparing it for {place}.", "going")
    if of.state == "customer_on_the_way":
        at = f", at {clock(there.expected_at, of.zone)}" if there.expected_at else ""
        return Status("We know that you are coming", sentence(f"{place} expects you{at}"), "good")
    if of.state in COLLECTING:
        bay = f"You stand in bay {there.bay}. " if there.bay else ""
        return Status("We know that you are here", f"{bay}Somebody brings it out to you.", "good")
    until = ""
    if there.keep_until:
        until = f" It waits until {clock(there.keep_until, of.zone)} on {day(local(there.keep_until, of.zone))}."
    return Status(f"Ready at {place}", f"{many(of.parcels, 'parcel')} to collect.{until}", "good")
