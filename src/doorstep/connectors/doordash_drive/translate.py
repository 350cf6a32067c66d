"""The words of DoorDash Drive and ours; nothing here asks anybody anything."""

import hmac
from collections.abc import Mapping

from doorstep.connectors.carrier_wire import (
    Answer,
    Json,
    address_of,
    degrees_of,
    moment_of,
    read_object,
    refusal,
    rfc3339,
    text_of,
    value_of,
    whole_of,
)
from doorstep.connectors.doordash_drive.settings import Account
from doorstep.foundation import InputError, UpstreamError
from doorstep.ports import CarrierDelivery, CarrierFact, CarrierQuote, CarrierRefusedError, Item, Shipping

NAME = "DoorDash Drive"
QUOTE_S = 300
"""How long a quote may be accepted."""
GRAMS_PER_POUND = 453.59237
ML_PER_CUBIC_FOOT = 28_316.846592
EVENTS = {
    "quote": "quote",
    "created": "book",
    "confirmed": "assign",
    "enroute_to_pickup": "start_to_pickup",
    "arrived_at_pickup": "arrive_at_pickup",
    "picked_up": "pick_up",
    "enroute_to_dropoff": "start_to_dropoff",
    "arrived_at_dropoff": "arrive_at_dropoff",
    "delivered": "deliver",
    "enroute_to_return": "start_return",
    "arrived_at_return": "arrive_at_return",
    "returned": "take_back",
}
WEBHOOKS = {
    "delivery_created": "book",
    "dasher_confirmed": "assign",
    "dasher_enroute_to_pickup": "start_to_pickup",
    "dasher_confirmed_pickup_arrival": "arrive_at_pickup",
    "dasher_picked_up": "pick_up",
    "dasher_enroute_to_dropoff": "start_to_dropoff",
    "dasher_confirmed_dropoff_arrival": "arrive_at_dropoff",
    "dasher_dropped_off": "deliver",
    "delivery_attempted": "attempt",
    "delivery_return_initialized": "start_return",
    "dasher_enroute_to_return": "start_return",
    "dasher_confirmed_return_arrival": "arrive_at_return",
    "delivery_returned": "take_back",
}
"""By the name in lower case: the events that tell positions are written so."""
CANCELLED = {
    "cancelled_by_creator": ("cancel", "retailer_cancelled"),
    "failed_to_process_payment": ("reassign", "retailer_unpaid"),
    "failed_to_assign_and_refunded": ("reassign", "carrier_no_courier"),
    "failed_to_pickup": ("reassign", "retailer_pickup_failed"),
    "failed_to_deliver": ("abandon", "carrier_delivery_failed"),
    "failed_to_return": ("abandon", "carrier_return_failed"),
}
"""Event and reason. Before the pickup another carrier may follow; after it nobody will bring the parcel any more."""
REFUSED = {
    "distance_too_long": "too_far",
    "pickup_address_not_in_coverage": "out_of_coverage",
    "delivery_address_not_in_coverage": "out_of_coverage",
    "outside_of_delivery_time": "closed",
    "cancel_not_allowed": "not_cancellable",
    "unknown_delivery_id": "not_found",
    "authentication_error": "unauthorised",
    "authorization_error": "unauthorised",
}


def to_quote(asked: Shipping) -> dict[str, Json]:
    """Return the request for a price, which is that for a delivery: the vendor books what it has quoted."""
    options: dict[str, Json] = {"proof_of_delivery": "photo_required"} if "photo" in asked.requirements else {}
    options |= {"signature": "required"} if "signature" in asked.requirements else {}
    restricted = "age_restricted" in asked.requirements
    options |= {"id_verification": "required"} if restricted else {}
    return {
        "external_delivery_id": asked.delivery_id,
        **to_update(asked),
        "order_value": asked.value_minor,
        "items": [_item(item) for item in asked.items],
        "action_if_undeliverable": "return_to_pickup",
        **({"dropoff_options": options} if options else {}),
        **({"order_contains": {"alcohol": True}} if restricted else {}),
    }


def to_update(asked: Shipping) -> dict[str, Json]:
    """Return the request that changes contacts, instructions, windows and the tip."""
    given, _, family = asked.dropoff.name.partition(" ")
    return {
        "pickup_address": address_of(asked.pickup),
        "pickup_business_name": asked.pickup.business or asked.pickup.name,
        "pickup_phone_number": asked.pickup.phone,
        "pickup_instructions": asked.pickup.instructions,
        "dropoff_address": address_of(asked.dropoff),
        "dropoff_location": {"lat": asked.dropoff.lat, "lng": asked.dropoff.lon},
        "dropoff_business_name": asked.dropoff.business,
        "dropoff_contact_given_name": given,
        "dropoff_contact_family_name": family,
        "dropoff_phone_number": asked.dropoff.phone,
        "dropoff_instructions": asked.dropoff.instructions,
        "pickup_window": {"start_time": rfc3339(asked.ready_at), "end_time": rfc3339(asked.pickup_by)},
        "dropoff_window": {"start_time": rfc3339(asked.arrive_from), "end_time": rfc3339(asked.arrive_by)},
        "tip": asked.tip_minor,
    }


def from_quote(said: Mapping[str, object], *, now: int) -> CarrierQuote:
    """Return a price; the vendor says how long it holds in its documentation only.

    Raises
    ------
    UpstreamError
        If it has no price.
    """
    if value_of(said, "fee") is None:
        raise UpstreamError(f"{NAME} sent a quote without fee.")
    return CarrierQuote(
        quote_ref=text_of(said, "external_delivery_id"),
        price_minor=whole_of(said, "fee") + whole_of(said, "tax"),
        currency=text_of(said, "currency").upper(),
        pickup_at=moment_of(said, "pickup_time_estimated"),
        dropoff_at=moment_of(said, "dropoff_time_estimated"),
        expires_at=(moment_of(said, "updated_at") or now) + QUOTE_S,
    )


def from_delivery(said: Mapping[str, object]) -> CarrierDelivery:
    """Return a delivery; the vendor's name for it is ours.

    Raises
    ------
    UpstreamError
        If it has a status that nobody knows.
    """
    status = text_of(said, "delivery_status")
    event, reason = _cancelled(said) if status == "cancelled" else (EVENTS.get(status, ""), "")
    if not event:
        raise UpstreamError(f"{NAME} sent a delivery with status {status!r}.")
    return CarrierDelivery(
        carrier_ref=text_of(said, "external_delivery_id"),
        delivery_id=text_of(said, "external_delivery_id"),
        event=event,
        event_at=moment_of(said, "updated_at"),
        price_minor=whole_of(said, "fee") + whole_of(said, "tax"),
        currency=text_of(said, "currency").upper(),
        pickup_at=moment_of(said, "pickup_time_actual") or moment_of(said, "pickup_time_estimated"),
        dropoff_at=_dropoff_at(said),
        tracking_url=text_of(said, "tracking_url"),
        courier=text_of(said, "dasher_name"),
        lat=degrees_of(said, "dasher_location", "lat"),
        lon=degrees_of(said, "dasher_location", "lng"),
        reason=reason,
    )


def refused(answer: Answer) -> CarrierRefusedError:
    """Return the error that a refusal is."""
    word = REFUSED.get(text_of(answer.content, "reason")) or REFUSED.get(answer.code)
    return refusal(NAME, answer, word or ("unauthorised" if answer.status in (401, 403) else "invalid"))


def read_webhook(account: Account, headers: Mapping[str, str], body: bytes) -> tuple[CarrierFact, ...]:
    """Return what a webhook tells, nothing if it is about no delivery.

    The vendor gives it no id: what happened to a delivery at a moment is what stays the same when it is sent again.

    Raises
    ------
    InputError
        If it does not bear what was entered in the vendor's portal, or cannot be read.
    """
    got = {name.lower(): value for name, value in headers.items()}
    if not hmac.compare_digest(got.get("authorization", "").encode(), account.webhook_authorization.encode()):
        raise InputError(f"the webhook does not come from {NAME}: its Authorization is another.")
    said = read_object(body, NAME)
    delivery_id, name = text_of(said, "external_delivery_id"), text_of(said, "event_name").lower()
    if not delivery_id:
        return ()
    event, reason = _cancelled(said) if name == "delivery_cancelled" else (WEBHOOKS.get(name, ""), "")
    at = text_of(said, "created_at") or text_of(said, "updated_at")
    return (
        CarrierFact(
            fact_id=f"{delivery_id}/{name}/{at}",
            carrier_ref=delivery_id,
            delivery_id=delivery_id,
            event=event,
            occurred_at=moment_of(said, "created_at") or moment_of(said, "updated_at"),
            reason=reason,
            price_minor=whole_of(said, "fee") + whole_of(said, "tax") if value_of(said, "fee") is not None else None,
            dropoff_at=_dropoff_at(said),
            lat=degrees_of(said, "dasher_location", "lat"),
            lon=degrees_of(said, "dasher_location", "lng"),
        ),
    )


def _cancelled(said: Mapping[str, object]) -> tuple[str, str]:
    told = text_of(said, "cancellation_reason") or text_of(said, "reason")
    return CANCELLED.get(told, ("cancel", "carrier_other" if told else ""))


def _dropoff_at(said: Mapping[str, object]) -> int:
    return moment_of(said, "dropoff_time_actual") or moment_of(said, "dropoff_time_estimated")


def _item(item: Item) -> dict[str, Json]:
    return {
        "name": item.name,
        "quantity": item.quantity,
        "weight": round(item.weight_g / GRAMS_PER_POUND, 4),
        "volume": round(item.volume_ml / ML_PER_CUBIC_FOOT, 4),
        "price": item.price_minor,
    }
