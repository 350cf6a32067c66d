"""The words of Stuart and ours; nothing here asks anybody anything.

A job of the vendor's is a tour; each of ours has one delivery, whose ``client_reference`` is our id.
"""

import hashlib
import hmac
from collections.abc import Mapping

from doorstep.connectors.carrier_wire import (
    Answer,
    Json,
    address_of,
    degrees_of,
    listed,
    moment_of,
    read_object,
    refusal,
    rfc3339,
    text_of,
    value_of,
    whole_of,
)
from doorstep.connectors.stuart.settings import Account
from doorstep.foundation import InputError, UpstreamError
from doorstep.ports import CarrierDelivery, CarrierFact, CarrierQuote, CarrierRefusedError, Contact, Shipping

NAME = "Stuart"
MINOR = 100
"""Cents of a unit, in every currency that the vendor bills in."""
EVENTS = {
    "pending": "book",
    "picking": "start_to_pickup",
    "almost_picking": "start_to_pickup",
    "waiting_at_pickup": "arrive_at_pickup",
    "delivering": "start_to_dropoff",
    "almost_delivering": "start_to_dropoff",
    "waiting_at_dropoff": "arrive_at_dropoff",
    "delivered": "deliver",
}
"""By the status of a delivery; that something was picked up is not told by itself."""
RETURN_EVENTS = {
    "picking": "start_return",
    "almost_picking": "start_return",
    "waiting_at_pickup": "start_return",
    "delivering": "start_return",
    "almost_delivering": "start_return",
    "waiting_at_dropoff": "arrive_at_return",
    "delivered": "take_back",
}
"""By the status of a delivery that bears the reason of a cancellation, but goes on: its parcel is brought back."""
OVER = frozenset(("canceled", "cancelled", "voided"))
REASON_WORDS = (
    ("unreachable", "consignee_unavailable"),
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
"""What is looked for in the vendor's reason, of which it publishes one."""
REFUSED = {
    "OUT_OF_RANGE": "out_of_coverage",
    "ADDRESS_INVALID": "out_of_coverage",
    "CANT_GEOCODE_ADDRESS": "out_of_coverage",
    "JOB_DISTANCE_NOT_ALLOWED": "too_far",
    "INVALID_GRANT": "unauthorised",
}
STATUS_REFUSED = {401: "unauthorised", 403: "unauthorised", 404: "not_found"}
SIZES_ML = ((12_000, "small"), (45_000, "medium"), (225_000, "large"))


def to_job(asked: Shipping, *, now: int) -> dict[str, Json]:
    """Return the request for a price, for a time, or for a job: the vendor wants the same for each.

    A job is scheduled by when its parcels are ready, unless they are already.
    """
    volume_ml = sum(item.volume_ml * item.quantity for item in asked.items)
    dropoff: dict[str, Json] = {
        **_end(asked.dropoff),
        "client_reference": asked.delivery_id,
        "package_type": next((name for most, name in SIZES_ML if volume_ml <= most), "xlarge"),
        "package_description": ", ".join(f"{item.quantity} {item.name}" for item in asked.items),
        "end_customer_time_window_start": rfc3339(asked.arrive_from),
        "end_customer_time_window_end": rfc3339(asked.arrive_by),
    }
    job: dict[str, Json] = {"pickups": [_end(asked.pickup)], "dropoffs": [dropoff]}
    return {"job": {**job, "pickup_at": rfc3339(asked.ready_at)} if asked.ready_at > now else job}


def to_update(delivery_ref: int, asked: Shipping) -> dict[str, Json]:
    """Return the request that changes contacts and comments; addresses and times cannot be changed."""
    ends: dict[str, Json] = {
        name: {"comment": end.instructions, "contact": _contact(end)}
        for name, end in (("pickup", asked.pickup), ("dropoff", asked.dropoff))
    }
    return {"job": {"deliveries": [{"id": delivery_ref, **ends}]}}


def from_quote(priced: Mapping[str, object], timed: Mapping[str, object], *, now: int) -> CarrierQuote:
    """Return a price of now, which the vendor does not hold, and when a courier would be at the pickup.

    Raises
    ------
    UpstreamError
        If it has no amount.
    """
    if value_of(priced, "amount") is None:
        raise UpstreamError(f"{NAME} sent a price without amount.")
    return CarrierQuote(
        quote_ref="",
        price_minor=_minor(priced, "amount"),
        currency=text_of(priced, "currency").upper(),
        pickup_at=now + whole_of(timed, "eta"),
        dropoff_at=0,
        expires_at=now,
    )


def from_job(said: Mapping[str, object], *, now: int) -> CarrierDelivery:
    """Return the delivery of a job. When most of what happens has happened the vendor does not say: then it is ``now``.

    Raises
    ------
    UpstreamError
        If it has no id, no delivery, or a status that nobody knows.
    """
    job_ref, delivery = whole_of(said, "id"), delivery_of(said)
    event, reason = _told(said, delivery)
    if not event or not job_ref:
        raise UpstreamError(f"{NAME} sent a job with status {text_of(delivery, 'status')!r}.")
    times = {
        "book": moment_of(said, "created_at"),
        "start_to_dropoff": moment_of(delivery, "picked_at"),
        "deliver": moment_of(delivery, "delivered_at"),
    }
    active = event not in ("book", "deliver", "take_back", "cancel", "reassign", "abandon")
    driver = value_of(said, "driver") if active else None
    return CarrierDelivery(
        carrier_ref=str(job_ref),
        delivery_id=text_of(delivery, "client_reference"),
        event=event,
        event_at=moment_of(said, "ended_at") or times.get(event) or now,
        price_minor=_minor(said, "pricing", "price_tax_included"),
        currency=text_of(said, "pricing", "currency").upper(),
        pickup_at=moment_of(delivery, "picked_at") or moment_of(delivery, "eta", "pickup"),
        dropoff_at=moment_of(delivery, "delivered_at") or moment_of(delivery, "eta", "dropoff"),
        tracking_url=text_of(delivery, "tracking_url"),
        courier=text_of(driver, "display_name"),
        lat=degrees_of(driver, "latitude"),
        lon=degrees_of(driver, "longitude"),
        reason=reason,
    )


def delivery_of(said: Mapping[str, object]) -> Mapping[str, object]:
    """Return the only delivery of a job, empty where there is none."""
    first = next(iter(listed(said, "deliveries")), None)
    return first if isinstance(first, dict) else {}


def refused(answer: Answer) -> CarrierRefusedError:
    """Return the error that a refusal is."""
    return refusal(NAME, answer, REFUSED.get(answer.code) or STATUS_REFUSED.get(answer.status, "invalid"))


def read_webhook(account: Account, headers: Mapping[str, str], body: bytes, *, now: int) -> tuple[CarrierFact, ...]:
    """Return what a webhook of version 2 tells, nothing if it is about no delivery of ours.

    It has no id and no time: what it says is its id, and when it comes is when it happened. Only webhooks about a job
    name the job.

    Raises
    ------
    InputError
        If it does not bear what was entered in the vendor's dashboard, or cannot be read.
    """
    got = {name.lower(): value for name, value in headers.items()}.get(account.authentication_header.lower(), "")
    if not hmac.compare_digest(got.encode(), account.authentication_key.encode()):
        raise InputError(f"the webhook does not come from {NAME}: its {account.authentication_header} is another.")
    said = read_object(body, NAME)
    about, told = text_of(said, "event"), value_of(said, "data")
    if about not in ("job", "delivery") or not isinstance(told, dict):
        return ()
    delivery = value_of(told, "currentDelivery") if about == "job" else told
    if not isinstance(delivery, dict) or not text_of(delivery, "clientReference"):
        return ()
    event, reason = _told(told if about == "job" else {}, delivery)
    return (
        CarrierFact(
            fact_id=hashlib.sha256(body).hexdigest(),
            carrier_ref=str(whole_of(told, "id")) if about == "job" else "",
            delivery_id=text_of(delivery, "clientReference"),
            event=event,
            occurred_at=now,
            reason=reason,
            dropoff_at=moment_of(delivery, "etaToDestination"),
            lat=degrees_of(delivery, "driver", "latitude"),
            lon=degrees_of(delivery, "driver", "longitude"),
        ),
    )


def _told(job: Mapping[str, object], delivery: Mapping[str, object]) -> tuple[str, str]:
    """Return the event of our lifecycle that led to where a delivery is, empty if nobody knows it, and the reason."""
    status, cancelled = text_of(delivery, "status"), value_of(delivery, "cancellation")
    why = text_of(cancelled, "reason_key") or text_of(cancelled, "reasonKey")
    by = text_of(cancelled, "canceled_by") or text_of(cancelled, "canceledBy")
    reason = next((ours for word, ours in REASON_WORDS if word in why.lower()), "carrier_other") if why else ""
    if text_of(job, "status") == "expired":
        return "reassign", "carrier_no_courier"
    if text_of(job, "status") in OVER or status in OVER:
        if by in ("", "client"):
            return "cancel", ""
        return ("abandon" if text_of(delivery, "picked_at") else "reassign"), reason or "carrier_other"
    return (RETURN_EVENTS if why else EVENTS).get(status, ""), reason


def _end(contact: Contact) -> dict[str, Json]:
    return {"address": address_of(contact), "comment": contact.instructions, "contact": _contact(contact)}


def _contact(contact: Contact) -> dict[str, Json]:
    given, _, family = contact.name.partition(" ")
    return {"firstname": given, "lastname": family, "phone": contact.phone, "company": contact.business}


def _minor(said: object, *path: str) -> int:
    amount = degrees_of(said, *path)
    return round(MINOR * amount) if amount == amount else 0
