"""What the buttons of the page do: the same operations as the API's, and a sentence about what was done."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from doorstep.console.shopper.about import About, about
from doorstep.console.shopper.choices import offered, other_places, times
from doorstep.foundation import ConflictError, InputError, NotFoundError
from doorstep.operations.bring.change import Decided, change_delivery, send_next_door
from doorstep.operations.collect import kerb
from doorstep.operations.intake.network import live_network
from doorstep.operations.shoppers.links import Link
from doorstep.operations.shoppers.remarks import Remark, record_remark
from doorstep.storage import Connection

ASKED = "consignee_asked"
MOST_VEHICLE, MOST_MINUTES = 80, 240
Form = Mapping[str, str]


class Act(NamedTuple):
    """Something that was asked: by which link, about what, in which form, and when [epoch s]."""

    link: Link
    of: About
    form: Form
    now: int


def do(connection: Connection, link: Link, what: str, form: Form, *, now: int) -> str:
    """Do what a button of the page says and return what to tell the shopper.

    Raises
    ------
    NotFoundError, ConflictError, InputError
        If the page has no such button, its delivery does not allow it by now, or the form is wrong.
    """
    if what not in ACTS:
        raise NotFoundError(f"the page has no button {what}.")
    of = about(connection, link)
    if what not in offered(of):
        raise ConflictError("this is not possible any more.", hint="The page shows what is.")
    return ACTS[what](connection, Act(link, of, form, now))


def _reschedule(connection: Connection, at: Act) -> str:
    choice = {time.value: time for time in times(at.of, live_network(connection, at.link.caller.tenant_id),
                                                 at.link.site_id, now=at.now)}  # fmt: skip
    time = choice.get(at.form.get("time", ""))
    if time is None:
        raise InputError("this time cannot be chosen.", hint="Choose one of those below.")
    told = {"window_start_at": time.start_at, "window_end_at": time.end_at}
    _decide(connection, at, Decided(event="reschedule", reason=ASKED, told=told))
    return f"You asked for {time.words}. The shop arranges it."


def _pick_up_point(connection: Connection, at: Act) -> str:
    places = {place.site_id: place for place in other_places(at.of, live_network(connection, at.link.caller.tenant_id))}
    place = places.get(at.form.get("site", ""))
    if place is None:
        raise InputError("it cannot be brought there.", hint="Choose one of the places below.")
    _decide(connection, at, Decided(event="redirect", reason=ASKED, told={"to": "site", "site_id": place.site_id}))
    return f"You asked for {place.name}. The shop arranges it."


def _decide(connection: Connection, at: Act, decided: Decided) -> None:
    change_delivery(connection, at.link.caller, at.link.delivery_id, decided, now=at.now)


def _neighbour(connection: Connection, at: Act) -> str:
    decided = Decided(event="redirect", reason=ASKED, told={"to": "neighbour"})
    send_next_door(connection, at.link.caller, at.link.delivery_id, decided, now=at.now)
    return "A neighbour may take it."


def _safe_place(connection: Connection, at: Act) -> str:
    text = at.form.get("text", "")
    _remark(connection, at, Remark(kind="safe_place", text=text))
    return "The driver sees where to leave it." if text else "It is handed to you in person."


def _instruction(connection: Connection, at: Act) -> str:
    text = at.form.get("text", "")
    _remark(connection, at, Remark(kind="instruction", text=text))
    return "The driver sees it at your door." if text else "The driver sees nothing else."


def _rating(connection: Connection, at: Act) -> str:
    stars = _whole(at.form.get("stars", ""), "stars") or 0
    _remark(connection, at, Remark(kind="rating", stars=stars, text=at.form.get("text", "")))
    return "Thank you."


def _problem(connection: Connection, at: Act) -> str:
    _remark(connection, at, Remark(kind="problem", reason=at.form.get("reason", ""), text=at.form.get("text", "")))
    return "The shop has your report."


def _remark(connection: Connection, at: Act, remark: Remark) -> None:
    record_remark(connection, at.link.caller, at.link.delivery_id, remark, now=at.now)


def _on_my_way(connection: Connection, at: Act) -> str:
    vehicle = " ".join(at.form.get("vehicle", "").split())
    if len(vehicle) > MOST_VEHICLE:
        raise InputError(f"vehicle has {len(vehicle)} characters; the most are {MOST_VEHICLE}.")
    minutes = _whole(at.form.get("minutes", ""), "minutes")
    if minutes is not None and not 0 <= minutes <= MOST_MINUTES:
        raise InputError(f"minutes {minutes} must be 0 to {MOST_MINUTES}.")
    expected_at = None if minutes is None else at.now + minutes * 60
    kerb.set_out(connection, at.link, vehicle=vehicle, expected_at=expected_at, now=at.now)
    return "The store knows that you are coming."


def _arrived(connection: Connection, at: Act) -> str:
    kerb.arrive(connection, at.link, bay=_whole(at.form.get("bay", ""), "bay"), now=at.now)
    return "The store knows that you are here."


def _left(connection: Connection, at: Act) -> str:
    kerb.leave(connection, at.link, now=at.now)
    return "The store knows that you left. It goes on waiting for you."


def _whole(text: str, field: str) -> int | None:
    """Return a whole number that was typed, None if nothing was."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise InputError(f"{field} {text[:20]!r} must be a whole number.")
    return int(text)


ACTS: dict[str, Callable[[Connection, Act], str]] = {
    "reschedule": _reschedule,
    "pick-up-point": _pick_up_point,
    "neighbour": _neighbour,
    "safe-place": _safe_place,
    "instruction": _instruction,
    "rating": _rating,
    "problem": _problem,
    "on-my-way": _on_my_way,
    "arrived": _arrived,
    "left": _left,
}
"""What can be done, by the name of its button."""
