"""Our words and Karrio's: deliveries as shipments of one parcel, rates as quotes, statuses as events of deliveries."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from doorstep.connectors.carrier_wire import moment_of
from doorstep.ports import CarrierRefusedError, Contact, Shipping

WITHOUT_CENTS = frozenset(("CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF"))
EVENTS = {
    "pending": "book",
    "picked_up": "pick_up",
    "in_transit": "start_to_station",
    "out_for_delivery": "start_to_dropoff",
    "delivery_failed": "attempt",
    "delivered": "deliver",
    "return_to_sender": "start_return",
    "cancelled": "reassign",
}
"""Karrio's statuses that move a delivery; the others (on hold, delayed, waiting at a counter, unknown) move nothing."""
DAY_S = 86_400


class Rate(NamedTuple):
    """What a service asks, and how many days it takes; -1: it does not say."""

    service: str
    price_minor: int
    currency: str
    days: int


class Told(NamedTuple):
    """The last thing that a carrier tells of a parcel, and when [epoch s], 0 where it does not say."""

    event: str
    at: int
    reason: str


def to_request(asked: Shipping, shipper: Mapping[str, str]) -> dict[str, Any]:
    """Return what Karrio is asked for a delivery; its items travel as one parcel.

    Parameters
    ----------
    shipper
        What is not known of the address of the site, by Karrio's names.
    """
    weight_g = sum(item.weight_g * item.quantity for item in asked.items)
    volume_ml = sum(item.volume_ml * item.quantity for item in asked.items)
    side_cm = max(1, round(max(volume_ml, 1) ** (1 / 3)))
    parcel = {"weight": max(weight_g, 1) / 1_000, "weight_unit": "KG", "dimension_unit": "CM"}
    parcel |= dict.fromkeys(("length", "width", "height"), side_cm)
    options = {"declared_value": asked.value_minor / _minors(asked.currency), "currency": asked.currency}
    wanted = {"signature": "signature_confirmation"}
    options |= {wanted[word]: True for word in asked.requirements if word in wanted}
    return {
        "shipper": {**shipper, **_told(_address(asked.pickup))},
        "recipient": _address(asked.dropoff),
        "parcels": [parcel],
        "reference": asked.delivery_id,
        "options": options,
    }


def from_rates(rates: Sequence[Any]) -> list[Rate]:
    """Return the rates of Karrio, the cheapest first."""
    found = [
        Rate(
            service=str(rate.service),
            price_minor=int((Decimal(str(rate.total_charge)) * _minors(rate.currency)).to_integral_value()),
            currency=str(rate.currency),
            days=-1 if rate.transit_days is None else int(rate.transit_days),
        )
        for rate in rates
    ]
    return sorted(found, key=lambda rate: (rate.price_minor, rate.service))


def choose(rates: Sequence[Rate], asked: Shipping, service: str) -> Rate:
    """Return the cheapest rate that keeps the promise, as far as services say how long they take.

    Raises
    ------
    CarrierRefusedError
        If there is none.
    """
    mine = [rate for rate in rates if service in ("", rate.service)]
    if not mine:
        raise CarrierRefusedError(f"no service for {asked.delivery_id}.", reason="out_of_coverage")
    found = [rate for rate in mine if asked.ready_at + max(0, rate.days) * DAY_S <= asked.arrive_by]
    if not found:
        raise CarrierRefusedError(f"no service is there in time for {asked.delivery_id}.", reason="closed")
    return found[0]


def told_in(details: Any) -> Told:  # noqa: ANN401 - Karrio's own class, which need not be installed
    """Return the last thing that a carrier tells of a parcel."""
    events = list(details.events or [])
    last = max(events, key=_moment) if events else None
    event = EVENTS.get(str(details.status or ""), "") or ("deliver" if details.delivered else "")
    failed = event in ("attempt", "start_return")
    return Told(event=event, at=_moment(last) if last else 0, reason="carrier_delivery_failed" if failed else "")


def _moment(event: Any) -> int:  # noqa: ANN401
    if event.timestamp:
        return moment_of({"at": str(event.timestamp)}, "at")
    return moment_of({"at": f"{event.date or ''}T{event.time or '00:00'}+00:00"}, "at")


def _address(contact: Contact) -> dict[str, str]:
    return {
        "person_name": contact.name,
        "company_name": contact.business,
        "phone_number": contact.phone,
        "address_line1": contact.street,
        "city": contact.city,
        "state_code": contact.state,
        "postal_code": contact.postal_code,
        "country_code": contact.country,
    }


def _told(address: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in address.items() if text}


def _minors(currency: str) -> int:
    return 1 if currency in WITHOUT_CENTS else 100
