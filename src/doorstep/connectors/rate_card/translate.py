"""Deliveries as lines of manifests, and rows of tracking files as what happened to them."""

from dataclasses import replace
from datetime import datetime, timedelta
from math import nan
from typing import NamedTuple
from zoneinfo import ZoneInfo

import dataframely as dy
import polars as pl

from doorstep.connectors.carrier_wire import address_of, moment_of, rfc3339
from doorstep.connectors.rate_card.card import Card
from doorstep.connectors.rate_card.settings import Account
from doorstep.connectors.rate_card.words import COMING_BACK
from doorstep.domain.calendar import local_at, seconds_of_day
from doorstep.domain.reasons import REASONS
from doorstep.domain.tables import TableSpec
from doorstep.domain.tables import columns as c
from doorstep.ports import CarrierDelivery, CarrierRefusedError, Shipping

MOST_DAYS = 40
PROOFS = ("photo", "signature", "pin", "barcode")
Line = dict[str, str]
"""A line of a manifest, by column."""
COLUMNS = (
    "reference", "collect_at", "deliver_by", "pickup_name", "pickup_phone", "pickup_address", "pickup_lat",
    "pickup_lon", "dropoff_name", "dropoff_phone", "dropoff_address", "dropoff_postal_code", "dropoff_lat",
    "dropoff_lon", "instructions", "pieces", "weight_g", "volume_ml", "value_minor", "requirements", "transit_days",
    "price_minor", "currency", "booked_at", "cancelled_at",
)  # fmt: skip
KEPT = ("reference", "collect_at", "deliver_by", "transit_days", "price_minor", "currency", "booked_at", "cancelled_at")
"""What stays as it was booked when a line is written anew."""


class Tracking(dy.Schema):
    """What a carrier tells, one row an event."""

    reference = c.key("our id of the delivery, as in the manifest", primary=False)
    status = c.key("what happened, in the carrier's words", primary=False)
    occurred_at = c.moment("when")
    reason = c.text("why it failed")
    price_minor = dy.Int64(nullable=True, min=0, description="what it costs by now; empty: as booked")
    lat = dy.Float64(nullable=True, min=-90.0, max=90.0, description="where it is")
    lon = dy.Float64(nullable=True, min=-180.0, max=180.0, description="where it is")
    proof_kind = c.choice("kind of the proof", ("", *PROOFS), default="")
    proof = c.text("a text, or the name of a picture beside this file")


SPEC = TableSpec(name="tracking", schema=Tracking)


class Collection(NamedTuple):
    """When a carrier collects a delivery and has brought it [epoch s], after how many service days, for how much.

    ``day`` is the local day of the collection, whose manifest the delivery stands in.
    """

    day: str
    collect_at: int
    deliver_by: int
    transit_days: int
    price_minor: int


def plan_collection(card: Card, account: Account, asked: Shipping, prices: dict[int, int], *, now: int) -> Collection:
    """Return the cheapest service that keeps a promise, from the first collection after the parcels are ready.

    Raises
    ------
    CarrierRefusedError
        If none of them does.
    """
    row = card.carrier
    first = datetime.fromtimestamp(now, ZoneInfo(account.time_zone)).date()
    days = [first + timedelta(days=n) for n in range(MOST_DAYS)]
    working = [day for day in days if str(day.isoweekday()) in row["weekdays"]]
    at = {day: local_at(account.time_zone, day, seconds_of_day(row["collects"])) for day in working}
    start = next((n for n, day in enumerate(working) if at[day] > now and at[day] >= asked.ready_at), len(working))
    found = []
    for transit, price_minor in prices.items():
        if start + transit < len(working):
            by = local_at(account.time_zone, working[start + transit], seconds_of_day(row["delivers_by"]))
            if at[working[start]] <= by <= asked.arrive_by:
                found.append(Collection(working[start].isoformat(), at[working[start]], by, transit, price_minor))
    if not found:
        told = f"{account.carrier_id} is not there by {rfc3339(asked.arrive_by)}."
        raise CarrierRefusedError(told, reason="closed")
    return min(found, key=lambda one: (one.price_minor, one.deliver_by))


def to_line(asked: Shipping, account: Account, planned: Collection, *, now: int) -> Line:
    """Return a delivery as a line of a manifest."""
    said = {
        "reference": asked.delivery_id,
        "collect_at": rfc3339(planned.collect_at),
        "deliver_by": rfc3339(planned.deliver_by),
        "pieces": sum(item.quantity for item in asked.items),
        "weight_g": sum(item.weight_g * item.quantity for item in asked.items),
        "volume_ml": sum(item.volume_ml * item.quantity for item in asked.items),
        "value_minor": asked.value_minor,
        "requirements": ";".join(asked.requirements),
        "transit_days": planned.transit_days,
        "price_minor": planned.price_minor,
        "currency": account.currency,
        "booked_at": rfc3339(now),
        "cancelled_at": "",
        "instructions": asked.dropoff.instructions,
        "dropoff_postal_code": asked.dropoff.postal_code,
    }
    for end, contact in (("pickup", asked.pickup), ("dropoff", asked.dropoff)):
        said |= {
            f"{end}_name": contact.business or contact.name,
            f"{end}_phone": contact.phone,
            f"{end}_address": address_of(contact),
            f"{end}_lat": contact.lat,
            f"{end}_lon": contact.lon,
        }
    return {column: _cell(said[column]) for column in COLUMNS}


def from_line(line: Line, told: pl.DataFrame, account: Account) -> CarrierDelivery:
    """Return a booking as its line and the rows of tracking files about it (in the order of their time) have it."""
    reference, cancelled_at = line["reference"], moment_of(line, "cancelled_at")
    last = told.row(-1, named=True) if told.height else None
    event = account.events[last["status"]] if last else "book"
    price_minor = int(line["price_minor"]) + (account.return_fee_minor if event in COMING_BACK else 0)
    asked = told["price_minor"].drop_nulls()
    booked = CarrierDelivery(
        carrier_ref=reference,
        delivery_id=reference,
        event="book",
        event_at=moment_of(line, "booked_at"),
        price_minor=int(asked[-1]) if asked.len() else price_minor,
        currency=line["currency"],
        pickup_at=moment_of(line, "collect_at"),
        dropoff_at=moment_of(line, "deliver_by"),
        tracking_url=account.tracking_url.replace("{reference}", reference),
    )
    if cancelled_at:
        return replace(booked, event="cancel", event_at=cancelled_at, price_minor=0)
    if last is None:
        return booked
    there = last["lat"] is not None and last["lon"] is not None and event != "deliver"
    point = (last["lat"], last["lon"]) if there else (nan, nan)
    return replace(
        booked, event=event, event_at=last["occurred_at"], lat=point[0], lon=point[1], reason=_reason(last["reason"])
    )


def _reason(said: str) -> str:
    return said if not said or said in REASONS else "carrier_other"


def _cell(value: object) -> str:
    """Return a cell that no spreadsheet takes for a formula: shoppers write some of them."""
    text = " ".join(str(value).split())
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") and not isinstance(value, int | float) else text
