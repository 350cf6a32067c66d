"""The words of Onfleet and ours; nothing here asks anybody anything.

A delivery is a task of pick-up and a task of drop-off that depends on it. Both bear in their metadata our id and which
of the two they are; so does the task that brings a parcel back, which the party makes, as leg ``return``.
"""

import hashlib
import hmac
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from doorstep.connectors.carrier_wire import (
    Answer,
    Json,
    address_of,
    listed,
    read_object,
    refusal,
    text_of,
    value_of,
    whole_of,
)
from doorstep.connectors.onfleet.settings import Account
from doorstep.foundation import InputError
from doorstep.geography.distance import haversine_m
from doorstep.ports import CarrierDelivery, CarrierFact, CarrierQuote, CarrierRefusedError, Contact, Shipping

NAME = "Onfleet"
DELIVERY, LEG = "doorstep_delivery", "doorstep_leg"
Task = Mapping[str, object]
STARTED, ARRIVED, COMPLETED, FAILED, CREATED, DELETED, ASSIGNED, UNASSIGNED = 0, 2, 3, 4, 6, 8, 9, 10
"""The numbers of the vendor's triggers, which also say how far a task is."""
EVENTS = {
    ("pickup", CREATED): "book",
    ("dropoff", CREATED): "book",
    ("pickup", UNASSIGNED): "book",
    ("pickup", ASSIGNED): "assign",
    ("pickup", STARTED): "start_to_pickup",
    ("pickup", ARRIVED): "arrive_at_pickup",
    ("pickup", COMPLETED): "pick_up",
    ("pickup", FAILED): "reassign",
    ("pickup", DELETED): "cancel",
    ("dropoff", STARTED): "start_to_dropoff",
    ("dropoff", ARRIVED): "arrive_at_dropoff",
    ("dropoff", COMPLETED): "deliver",
    ("dropoff", FAILED): "attempt",
    ("dropoff", DELETED): "cancel",
    ("return", STARTED): "start_return",
    ("return", ARRIVED): "arrive_at_return",
    ("return", COMPLETED): "take_back",
    ("return", FAILED): "abandon",
}
REASON_WORDS = (
    ("unavailable", "consignee_unavailable"),
    ("refused", "consignee_refused"),
    ("closed", "retailer_closed"),
    ("damaged", "carrier_damaged"),
    ("lost", "carrier_lost"),
    ("weather", "weather_severe"),
    ("breakdown", "carrier_breakdown"),
    ("underage", "consignee_underage"),
    ("address", "consignee_address_unknown"),
    ("access", "consignee_no_access"),
)
"""What is looked for in why a task failed; the vendor leaves the words to each organisation."""
STATUS_REFUSED = {401: "unauthorised", 403: "unauthorised", 404: "not_found"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """How far a task is, as the trigger that tells of it, and since when [epoch s]."""

    trigger: int
    at: int


def to_task(leg: str, asked: Shipping, account: Account, *, after: str = "") -> dict[str, Json]:
    """Return the request that makes a task, which waits for the task ``after``."""
    pickup = leg == "pickup"
    end = asked.pickup if pickup else asked.dropoff
    said: dict[str, Json] = {
        "destination": {"address": {"unparsed": address_of(end)}, "location": [end.lon, end.lat]},
        "recipients": [{"name": end.name, "phone": end.phone}],
        "pickupTask": pickup,
        "quantity": sum(item.quantity for item in asked.items),
        "metadata": [_entry(DELIVERY, asked.delivery_id), _entry(LEG, leg)],
        **to_update(leg, asked),
    }
    if after:
        said["dependencies"] = [after]
    if account.team:
        said["container"] = {"type": "TEAM", "team": account.team}
    if not pickup and (wanted := _requirements(asked.requirements)):
        said["requirements"] = wanted
    return said


def to_update(leg: str, asked: Shipping) -> dict[str, Json]:
    """Return the request that changes notes and times of a task."""
    pickup = leg == "pickup"
    after, before = (asked.ready_at, asked.pickup_by) if pickup else (asked.arrive_from, asked.arrive_by)
    end: Contact = asked.pickup if pickup else asked.dropoff
    return {"notes": end.instructions, "completeAfter": 1_000 * after, "completeBefore": 1_000 * before}


def to_search(delivery_id: str) -> list[Json]:
    """Return the question for the tasks of a delivery."""
    return [{"name": DELIVERY, "type": "string", "value": delivery_id}]


def to_quote(asked: Shipping, account: Account) -> CarrierQuote:
    """Return the price by the rate that was agreed, which holds as long as there is something to bring."""
    ends = ((end.lat, end.lon) for end in (asked.pickup, asked.dropoff))
    return CarrierQuote(
        quote_ref="",
        price_minor=_price_minor(account, *ends),
        currency=account.currency,
        pickup_at=0,
        dropoff_at=0,
        expires_at=asked.arrive_by,
    )


def legs_of(tasks: Iterable[object]) -> dict[str, Task]:
    """Return the latest task of each leg: one that failed may have been tried again."""
    found = [task for task in tasks if isinstance(task, dict)]
    return {leg_of(task): task for task in sorted(found, key=lambda task: whole_of(task, "timeCreated"))}


def from_tasks(legs: Mapping[str, Task], worker: Mapping[str, object], account: Account) -> CarrierDelivery:
    """Return a delivery by its tasks and the driver who has it."""
    leg, stage = stage_of(legs)
    task, dropoff, pickup = legs[leg], legs.get("dropoff", {}), legs.get("pickup", {})
    lat, lon = _place(worker, "location")
    fee_minor = account.return_fee_minor if "return" in legs else 0
    ends = (_place(end, "destination", "location") for end in (pickup, dropoff))
    return CarrierDelivery(
        carrier_ref=_metadata(task, DELIVERY),
        delivery_id=_metadata(task, DELIVERY),
        event=EVENTS.get((leg, stage.trigger), ""),
        event_at=stage.at,
        price_minor=_price_minor(account, *ends) + fee_minor,
        currency=account.currency,
        pickup_at=_seconds(pickup, "estimatedArrivalTime"),
        dropoff_at=_seconds(dropoff, "estimatedArrivalTime"),
        tracking_url=text_of(dropoff, "trackingURL"),
        courier=text_of(worker, "name"),
        lat=lat,
        lon=lon,
        reason=next((why for name in ("return", "dropoff", "pickup") if (why := reason_of(name, legs.get(name)))), ""),
    )


def stage_of(legs: Mapping[str, Task]) -> tuple[str, Stage]:
    """Return the last leg that somebody has begun, and how far it is."""
    for leg in ("return", "dropoff", "pickup"):
        stage = _stage(legs.get(leg))
        if stage.trigger not in (CREATED, ASSIGNED):
            return leg, stage
    leg = "pickup" if "pickup" in legs else "dropoff"
    return leg, _stage(legs.get(leg))


def driver_of(legs: Mapping[str, Task]) -> str:
    """Return the id of the driver who has a delivery, empty if nobody has or it is over."""
    leg = "return" if "return" in legs else "dropoff"
    return text_of(legs.get(leg), "worker") if whole_of(legs.get(leg), "state") < 3 else ""


def leg_of(task: Task) -> str:
    """Return which part of a delivery a task is."""
    return _metadata(task, LEG)


def reason_of(leg: str, task: Task | None) -> str:
    """Return why a task failed, empty if it did not.

    Where a pick-up failed before anybody arrived, nobody was there to drive.
    """
    if _stage(task).trigger != FAILED:
        return ""
    if leg == "pickup":
        return "retailer_pickup_failed" if _event_at(task, "arrival") else "carrier_no_courier"
    if leg == "return":
        return "carrier_return_failed"
    told = f"{text_of(task, 'completionDetails', 'failureReason')} {text_of(task, 'completionDetails', 'failureNotes')}"
    return next((ours for word, ours in REASON_WORDS if word in told.lower()), "carrier_delivery_failed")


def pictures_of(task: Task | None, account: Account) -> list[tuple[str, str]]:
    """Return kind and address of the pictures that were taken at the end of a task."""
    photos = listed(task, "completionDetails", "photoUploadIds") or [
        value_of(task, "completionDetails", "photoUploadId")
    ]
    found = [("photo", ref) for ref in photos] + [
        ("signature", value_of(task, "completionDetails", "signatureUploadId"))
    ]
    return [(kind, f"{account.attachments_url}/{ref}/800x.png") for kind, ref in found if isinstance(ref, str) and ref]


def refused(answer: Answer) -> CarrierRefusedError:
    """Return the error that a refusal is."""
    return refusal(NAME, answer, STATUS_REFUSED.get(answer.status, "invalid"))


def read_webhook(account: Account, headers: Mapping[str, str], body: bytes) -> tuple[CarrierFact, ...]:
    """Return what a webhook tells, nothing if it is about no task of ours.

    Raises
    ------
    InputError
        If its signature is not of this account, or it cannot be read.
    """
    signed = {name.lower(): value for name, value in headers.items()}.get("x-onfleet-signature", "")
    expected = hmac.new(account.webhook_key, body, hashlib.sha512).hexdigest()
    if not hmac.compare_digest(signed.encode(), expected.encode()):
        raise InputError(f"the webhook is not signed by {NAME}.")
    said = read_object(body, NAME)
    task = value_of(said, "data", "task")
    if not isinstance(task, dict) or not _metadata(task, DELIVERY):
        return ()
    leg, trigger = leg_of(task), whole_of(said, "triggerId")
    lat, lon = _place(value_of(said, "data", "worker"), "location")
    return (
        CarrierFact(
            fact_id=f"{text_of(said, 'taskId')}/{trigger}/{whole_of(said, 'time')}",
            carrier_ref=_metadata(task, DELIVERY),
            delivery_id=_metadata(task, DELIVERY),
            event=EVENTS.get((leg, trigger), ""),
            occurred_at=_seconds(said, "time"),
            reason=reason_of(leg, task),
            dropoff_at=_seconds(task, "estimatedArrivalTime") if leg == "dropoff" else 0,
            lat=lat,
            lon=lon,
        ),
    )


def _stage(task: Task | None) -> Stage:
    state, changed_at = whole_of(task, "state"), _seconds(task, "timeLastModified")
    if state == 3:
        won = value_of(task, "completionDetails", "success") is True
        return Stage(trigger=COMPLETED if won else FAILED, at=_seconds(task, "completionDetails", "time") or changed_at)
    if state == 2:
        arrived_at = _event_at(task, "arrival")
        if arrived_at:
            return Stage(trigger=ARRIVED, at=arrived_at)
        return Stage(trigger=STARTED, at=_event_at(task, "start") or changed_at)
    return Stage(trigger=ASSIGNED if state == 1 else CREATED, at=changed_at)


def _event_at(task: Task | None, name: str) -> int:
    events = listed(task, "completionDetails", "events")
    return max((_seconds(event, "time") for event in events if text_of(event, "name") == name), default=0)


def _seconds(said: object, *path: str) -> int:
    return whole_of(said, *path) // 1_000


def _metadata(task: Task, name: str) -> str:
    return next((text_of(entry, "value") for entry in listed(task, "metadata") if text_of(entry, "name") == name), "")


def _entry(name: str, value: str) -> dict[str, Json]:
    return {"name": name, "type": "string", "value": value, "visibility": ["api", "dashboard"]}


def _place(said: object, *path: str) -> tuple[float, float]:
    """Return latitude and longitude of a place that the vendor writes the other way round, NaN where there is none."""
    numbers = [float(number) for number in listed(said, *path) if isinstance(number, int | float)]
    return (numbers[1], numbers[0]) if len(numbers) == 2 else (math.nan, math.nan)


def _price_minor(account: Account, start: tuple[float, float], end: tuple[float, float]) -> int:
    km = float(haversine_m(*start, *end)) / 1_000
    return account.base_minor + (round(account.per_km_minor * km) if km == km else 0)


def _requirements(words: tuple[str, ...]) -> dict[str, Json]:
    said: dict[str, Json] = {name: True for name in ("photo", "signature") if name in words}
    return {**said, "minimumAge": 21} if "age_restricted" in words else said
