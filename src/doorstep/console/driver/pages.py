"""Pages of people who drive: today's stops with plain forms, and what the page on the phone asks and tells."""

from dataclasses import asdict
from typing import Annotated
from uuid import uuid4

from fastapi import Depends, Path
from pydantic import BaseModel, StringConstraints
from starlette.responses import JSONResponse, Response

from doorstep.api.models.deliveries import DeliveryEventCreate
from doorstep.api.models.fields import ObjectId
from doorstep.api.v1.proofs import proof_in
from doorstep.api.views.deliveries import kept_details
from doorstep.console.driver.day import TO_BRING_BACK, TO_DO, Day, day_of
from doorstep.console.shell.forms import form_of
from doorstep.console.shell.guard import Look, console_router, look
from doorstep.console.shell.pages import page
from doorstep.console.shell.said import go, words_of
from doorstep.console.shell.start import FACES, Face, frame
from doorstep.console.words import plain
from doorstep.domain.reasons import REASONS
from doorstep.foundation import DoorstepError
from doorstep.operations.bring import ReportedEvent
from doorstep.operations.bring.drive import keep_as_driver, tell_as_driver, try_pin_as_driver
from doorstep.storage.journal import canonical

HOME, NEEDS = "/driver", "routes:drive"
FACES.append(Face(path=HOME, needs=NEEDS, name="Driver", does="Your route of today, stop by stop."))
router = console_router(HOME, NEEDS)
At = Annotated[Look, Depends(look)]
DeliveryId = Annotated[ObjectId, Path()]
AT_DOORS = {
    code: REASONS[code].words
    for code in (
        "consignee_unavailable", "consignee_no_access", "consignee_address_unknown", "consignee_refused",
        "consignee_underage", "consignee_no_identification", "consignee_asked", "consignee_unsafe", "carrier_damaged",
        "retailer_wrong_parcel", "carrier_late", "road_closed", "weather_severe",
    )
}  # fmt: skip
"""Reasons that a driver may have, of the vocabulary of the house."""
STEPS = {"call": "The call is noted.", "arrive_at_dropoff": "You have arrived.", "deliver": "It is delivered.",
         "attempt": "It could not be delivered.", "take_back": "It is brought back."}  # fmt: skip


class HeardPin(BaseModel):
    """What somebody at a door has said."""

    pin: Annotated[str, StringConstraints(pattern=r"^\d{4}$")]


@router.get("")
async def show_route(at: At) -> Response:
    """Show the stops of today, with forms that work without a script."""
    day = await _day(at)
    left = [stop for stop in day.stops if stop.phase in TO_DO]
    current = next((stop for stop in left if stop.phase == "there"), left[0] if left else None)
    told = {"day": day, "left": left, "current": current, "back": [s for s in day.stops if s.phase in TO_BRING_BACK],
            "sites": {tour.id: tour.site for tour in day.tours}, "reasons": AT_DOORS, "fact": uuid4().hex}  # fmt: skip
    names = {"title": "Today's route"} | told | await frame(at, "Driver")
    return page(at.request, "driver/route.html", names)


@router.get("/day")
async def tell_day(at: At) -> Response:
    """Send what the page on the phone keeps; the word of the session is for what it tells later."""
    known = await frame(at)
    person = known["person"]
    named = {"id": at.caller.actor, "name": getattr(person, "name", "")}
    reasons = [{"code": code, "words": words} for code, words in AT_DOORS.items()]
    told = {"person": named, "csrf": at.csrf, "reasons": reasons} | asdict(await _day(at))
    return JSONResponse(told, headers={"Cache-Control": "no-store"})


@router.post("/stops/{delivery_id}/facts")
async def hear_fact(delivery_id: DeliveryId, told: DeliveryEventCreate, at: At) -> Response:
    """Keep what happened at a stop of theirs: the same ``event_id`` counts once, however often it comes."""
    event = ReportedEvent(
        source=at.caller.actor,
        source_event_id=told.event_id,
        kind="delivery",
        object_id=delivery_id,
        event=told.type,
        occurred_at=told.occurred_at,
        reason=told.reason,
        details=kept_details(told),
    )
    done = await at.write(lambda connection: tell_as_driver(connection, at.caller, event, now=at.now))
    return JSONResponse({"outcome": done.outcome, "state": done.state})


@router.post("/stops/{delivery_id}/pin")
async def try_pin(delivery_id: DeliveryId, heard: HeardPin, at: At) -> Response:
    """Say whether the PIN that the shopper said is theirs, and never which one is."""
    verdict = await at.write(lambda c: try_pin_as_driver(c, at.caller, delivery_id, heard.pin, now=at.now))
    return JSONResponse({"verdict": verdict}, headers={"Cache-Control": "no-store"})


@router.put("/stops/{delivery_id}/proofs/{proof_id}")
async def take_proof(delivery_id: DeliveryId, proof_id: Annotated[ObjectId, Path()], at: At) -> Response:
    """Keep a photo or a signature before the fact that names it."""
    proof = await proof_in(at.request, delivery_id)
    is_new = await at.write(lambda connection: keep_as_driver(connection, at.caller, proof_id, proof, now=at.now))
    return JSONResponse({"id": proof_id}, status_code=201 if is_new else 200)


@router.post("/stops/{delivery_id}")
async def take_step(delivery_id: DeliveryId, at: At) -> Response:
    """Do what a form without a script says; sent twice, it counts once."""
    form = await form_of(at.request)
    step, reason, note = (form.get(name, "") for name in ("step", "reason", "note"))
    if step not in STEPS or (step == "attempt" and reason not in AT_DOORS):
        return go(at.request, HOME, refused="Choose what happened, and why if it could not be delivered.")
    event = ReportedEvent(
        source=at.caller.actor,
        source_event_id=f"{form.get('fact', '')[:40] or uuid4().hex}-{step}",
        kind="delivery",
        object_id=delivery_id,
        event=step,
        occurred_at=at.now,
        reason=reason if step == "attempt" else "",
        details=canonical({"note": note[:1_000]} if note else {}),
    )
    try:
        told_it = await at.write(lambda connection: tell_as_driver(connection, at.caller, event, now=at.now))
    except DoorstepError as fault:
        return go(at.request, HOME, refused=words_of(fault))
    if told_it.outcome != "applied":
        return go(at.request, HOME, refused=f"It is kept, and changed nothing: the delivery is {plain(told_it.state)}.")
    return go(at.request, HOME, done=STEPS[step])


async def _day(at: Look) -> Day:
    return await at.read(lambda connection: day_of(connection, at.caller, now=at.now))
