"""The words of Uber Direct and ours; nothing here asks anybody anything."""

import hashlib
import hmac
import json
from collections.abc import Mapping

from doorstep.connectors.carrier_wire import (
    Answer,
    Json,
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
from doorstep.connectors.uber_direct.settings import Account
from doorstep.foundation import InputError, UpstreamError
from doorstep.ports import CarrierDelivery, CarrierFact, CarrierQuote, CarrierRefusedError, Contact, Item, Shipping

NAME = "Uber Direct"
EVENTS = {
    ("pending", False): "book",
    ("pickup", False): "start_to_pickup",
    ("pickup", True): "arrive_at_pickup",
    ("pickup_complete", False): "pick_up",
    ("dropoff", False): "start_to_dropoff",
    ("dropoff", True): "arrive_at_dropoff",
    ("delivered", False): "deliver",
    ("returned", False): "start_return",
}
"""By status and ``courier_imminent``, which counts for two of them only."""
RETURN_EVENTS = {"dropoff": "start_return", "delivered": "take_back"}
"""Of the second delivery, which brings a parcel back."""
SIGNATURES = ("x-uber-signature", "x-postmates-signature")
REFUSED = {
    "expired_quote": "quote_expired",
    "used_quote": "quote_expired",
    "mismatched_price_quote": "price_changed",
    "address_undeliverable": "out_of_coverage",
    "address_undeliverable_limited_couriers": "no_courier",
    "unknown_location": "out_of_coverage",
    "noncancelable_delivery": "not_cancellable",
    "delivery_not_found": "not_found",
    "customer_not_found": "unauthorised",
    "customer_blocked": "unauthorised",
    "customer_suspended": "unauthorised",
    "missing_payment": "unauthorised",
    "unauthorized": "unauthorised",
}
UNDELIVERABLE = {
    "customer_unavailable": "consignee_unavailable",
    "customer_rejected_order": "consignee_refused",
    "cannot_find_customer_address": "consignee_address_unknown",
    "cannot_access_customer_location": "consignee_no_access",
}
LONGEST_NOTE = 280
SIZES_ML = ((5_000, "small"), (30_000, "medium"), (120_000, "large"))


def to_quote(asked: Shipping) -> dict[str, Json]:
    """Return the request for a price."""
    return {**_ends(asked), **_windows(asked), "manifest_total_value": asked.value_minor}


def to_booking(asked: Shipping, quote: CarrierQuote | None) -> dict[str, Json]:
    """Return the request that makes a delivery; our id keeps a second one from being made."""
    said: dict[str, Json] = {
        **to_quote(asked),
        "external_id": asked.delivery_id,
        "idempotency_key": asked.delivery_id,
        "manifest_reference": asked.delivery_id,
        "manifest_items": [_item(item) for item in asked.items],
        "undeliverable_action": "return",
        "tip": asked.tip_minor,
    }
    for end, contact in (("pickup", asked.pickup), ("dropoff", asked.dropoff)):
        said[f"{end}_name"] = contact.name
        said[f"{end}_business_name"] = contact.business
        said[f"{end}_notes"] = contact.instructions[:LONGEST_NOTE]
    if quote is not None:
        said["quote_id"] = quote.quote_ref
    if verification := _verification(asked.requirements):
        said["dropoff_verification"] = verification
    return said


def to_update(asked: Shipping) -> dict[str, Json]:
    """Return the request that changes what may still change: notes, the tip, the point of the drop-off."""
    return {
        "pickup_notes": asked.pickup.instructions[:LONGEST_NOTE],
        "dropoff_notes": asked.dropoff.instructions[:LONGEST_NOTE],
        "tip_by_customer": asked.tip_minor,
        "dropoff_latitude": asked.dropoff.lat,
        "dropoff_longitude": asked.dropoff.lon,
    }


def from_quote(said: Mapping[str, object]) -> CarrierQuote:
    """Return a price; the time of the pickup is counted from when it was made.

    Raises
    ------
    UpstreamError
        If it has no id or no price.
    """
    if not text_of(said, "id") or value_of(said, "fee") is None:
        raise UpstreamError(f"{NAME} sent a quote without id or fee.")
    return CarrierQuote(
        quote_ref=text_of(said, "id"),
        price_minor=whole_of(said, "fee"),
        currency=text_of(said, "currency").upper(),
        pickup_at=moment_of(said, "created") + 60 * whole_of(said, "pickup_duration"),
        dropoff_at=moment_of(said, "dropoff_eta"),
        expires_at=moment_of(said, "expires"),
    )


def from_delivery(said: Mapping[str, object], back: Mapping[str, object] | None = None) -> CarrierDelivery:
    """Return a delivery; ``back`` is the second one that brings its parcel back, if there is one.

    Raises
    ------
    UpstreamError
        If it has no id, or a status that nobody knows.
    """
    latest = back or said
    event = event_of(latest)
    if not event or not text_of(said, "id"):
        raise UpstreamError(f"{NAME} sent a delivery with status {text_of(said, 'status')!r}.")
    return CarrierDelivery(
        carrier_ref=text_of(said, "id"),
        delivery_id=text_of(said, "external_id"),
        event=event,
        event_at=moment_of(latest, "updated"),
        price_minor=whole_of(said, "fee") + whole_of(back, "fee"),
        currency=text_of(said, "currency").upper(),
        pickup_at=moment_of(said, "pickup_eta"),
        dropoff_at=moment_of(said, "dropoff_eta"),
        tracking_url=text_of(said, "tracking_url"),
        courier=text_of(latest, "courier", "name"),
        lat=degrees_of(latest, "courier", "location", "lat"),
        lon=degrees_of(latest, "courier", "location", "lng"),
        reason=reason_of(said),
    )


def event_of(said: Mapping[str, object]) -> str:
    """Return the event of our lifecycle that led to where a delivery is, empty for a status that nobody knows.

    A carrier that has nobody to send falls out, and another may follow: that is ``reassign``, not the end.
    """
    status, imminent = text_of(said, "status"), value_of(said, "courier_imminent") is True
    if text_of(said, "id").startswith("ret_"):
        return "arrive_at_return" if status == "dropoff" and imminent else RETURN_EVENTS.get(status, "start_return")
    if status == "canceled":
        reason = reason_of(said)
        return "attempt" if reason.startswith("consignee") else "reassign" if reason else "cancel"
    return EVENTS.get((status, imminent), EVENTS.get((status, False), ""))


def reason_of(said: Mapping[str, object]) -> str:
    """Return why a delivery failed in our words, empty where it did not."""
    told = text_of(said, "undeliverable_reason") or text_of(said, "cancelation_reason", "primary_reason")
    if "courier" in told.lower():
        return "carrier_no_courier"
    return UNDELIVERABLE.get(told.lower(), "carrier_other") if told else ""


def original_of(said: Mapping[str, object]) -> str:
    """Return the id of the delivery that was booked, also where ``said`` is the one that brings its parcel back."""
    ref = text_of(said, "id")
    if not ref.startswith("ret_"):
        return ref
    return next((text_of(one, "id") for one in listed(said, "related_deliveries")), ref)


def returning_of(said: Mapping[str, object]) -> str:
    """Return the id of the delivery that brings the parcel back, empty where there is none."""
    related = (text_of(one, "id") for one in listed(said, "related_deliveries"))
    return next((ref for ref in related if ref.startswith("ret_")), "")


def refused(answer: Answer) -> CarrierRefusedError:
    """Return the error that a refusal is."""
    reason = REFUSED.get(answer.code, "unauthorised" if answer.status in (401, 403) else "invalid")
    return refusal(NAME, answer, reason)


def read_webhook(account: Account, headers: Mapping[str, str], body: bytes, *, now: int) -> tuple[CarrierFact, ...]:
    """Return what a webhook tells, nothing if its delivery bears no id of ours.

    Raises
    ------
    InputError
        If its signature is not of this account, it is too old, or it cannot be read.
    """
    got = {name.lower(): value for name, value in headers.items()}
    signed = next((got[name] for name in SIGNATURES if name in got), "")
    expected = hmac.new(account.webhook_secret.encode(), body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(signed.encode(), expected.encode()):
        raise InputError(f"the webhook is not signed by {NAME}.")
    said = read_object(body, NAME)
    occurred_at = moment_of(said, "created")
    if now - occurred_at > account.webhook_age_s:
        raise InputError(f"the webhook of {NAME} is {now - occurred_at} s old, at most {account.webhook_age_s} s pass.")
    told = value_of(said, "data")
    if not isinstance(told, dict) or not text_of(told, "external_id"):
        return ()
    moves = text_of(said, "kind") in ("event.delivery_status", "event.delivery_return")
    return (
        CarrierFact(
            fact_id=text_of(said, "id") or hashlib.sha256(body).hexdigest(),
            carrier_ref=original_of(told),
            delivery_id=text_of(told, "external_id"),
            event=event_of(told) if moves else "",
            occurred_at=occurred_at,
            reason=reason_of(told),
            # The second delivery tells its own fee alone.
            price_minor=None if text_of(told, "id").startswith("ret_") else whole_of(told, "fee"),
            dropoff_at=moment_of(told, "dropoff_eta"),
            lat=degrees_of(told, "courier", "location", "lat"),
            lon=degrees_of(told, "courier", "location", "lng"),
        ),
    )


def _ends(asked: Shipping) -> dict[str, Json]:
    said: dict[str, Json] = {}
    for end, contact in (("pickup", asked.pickup), ("dropoff", asked.dropoff)):
        said[f"{end}_address"] = _address(contact)
        said[f"{end}_phone_number"] = contact.phone
        said[f"{end}_latitude"] = contact.lat
        said[f"{end}_longitude"] = contact.lon
    return said


def _address(contact: Contact) -> str:
    """Return an address as the vendor prefers it: JSON, as a text."""
    return json.dumps(
        {
            "street_address": [contact.street],
            "city": contact.city,
            "state": contact.state,
            "zip_code": contact.postal_code,
            "country": contact.country,
        },
        ensure_ascii=False,
    )


def _windows(asked: Shipping) -> dict[str, Json]:
    return {
        "pickup_ready_dt": rfc3339(asked.ready_at),
        "pickup_deadline_dt": rfc3339(asked.pickup_by),
        # The vendor wants the drop-off to begin before the pickup must end, and to end no earlier than it.
        "dropoff_ready_dt": rfc3339(min(asked.arrive_from, asked.pickup_by)),
        "dropoff_deadline_dt": rfc3339(max(asked.arrive_by, asked.pickup_by)),
    }


def _item(item: Item) -> dict[str, Json]:
    size = next((name for most, name in SIZES_ML if item.volume_ml <= most), "xlarge")
    return {
        "name": item.name,
        "quantity": item.quantity,
        "size": size,
        "weight": item.weight_g,
        "price": item.price_minor,
    }


def _verification(requirements: tuple[str, ...]) -> dict[str, Json]:
    said: dict[str, Json] = {}
    if "photo" in requirements:
        said["picture"] = True
    if "signature" in requirements:
        said["signature_requirement"] = {"enabled": True, "collect_signer_name": True}
    if "age_restricted" in requirements:
        said["identification"] = {"min_age": 21}
    return said
