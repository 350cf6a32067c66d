"""A carrier for tests of what is done with any: it keeps bookings in memory, and does what a test tells it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from doorstep.foundation import InputError, UpstreamError
from doorstep.ports import (
    Capabilities,
    CarrierDelivery,
    CarrierFact,
    CarrierProof,
    CarrierQuote,
    CarrierRefusedError,
    Shipping,
)
from tests.databases import NOW

SECRET = "a secret of the courier"


@dataclass
class Courier:
    """A carrier that keeps bookings in memory, and does what a test tells it."""

    price_minor: int = 900
    refuses: str = ""
    silent: bool = False
    answers_lost: int = 0
    fee_minor: int = 300
    event: str = "book"
    event_at: int = NOW
    forgetful: bool = False
    quotes: bool = False
    dropoff_at: int = NOW
    booked: dict[str, Shipping] = field(default_factory=dict)
    cancelled: list[str] = field(default_factory=list)
    capabilities: Capabilities = field(default_factory=lambda: Capabilities(requirements=frozenset()))

    def quote(self, asked: Shipping) -> CarrierQuote:
        if not self.quotes:
            raise CarrierRefusedError(f"no quotes for {asked.delivery_id}.", reason="invalid")
        return CarrierQuote(quote_ref="q", price_minor=self.price_minor, currency="USD", pickup_at=NOW,
                            dropoff_at=self.dropoff_at, expires_at=NOW)  # fmt: skip

    def book(self, asked: Shipping, quote: CarrierQuote | None = None) -> CarrierDelivery:
        assert quote is None
        if self.refuses:
            raise CarrierRefusedError("no.", reason=self.refuses)
        if self.silent:
            raise UpstreamError("no answer.")
        if asked.delivery_id in self.booked and self.forgetful:
            raise AssertionError(f"{asked.delivery_id} is booked twice")
        self.booked[asked.delivery_id] = asked
        if self.answers_lost:
            self.answers_lost -= 1
            raise UpstreamError("the answer was lost.")
        return self.find(asked.delivery_id)

    def find(self, delivery_id: str, carrier_ref: str = "") -> CarrierDelivery:
        if self.silent:
            raise UpstreamError("no answer.")
        name = delivery_id or carrier_ref.removeprefix("ref_")
        if name not in self.booked:
            raise CarrierRefusedError(f"{name} is not here.", reason="not_found")
        return CarrierDelivery(
            carrier_ref=f"ref_{name}", delivery_id=name, event=self.event, event_at=self.event_at,
            price_minor=self.price_minor, currency="USD", pickup_at=NOW + 600, dropoff_at=NOW + 1_800,
            tracking_url=f"https://courier.example/{name}",
        )  # fmt: skip

    def update(self, carrier_ref: str, asked: Shipping) -> CarrierDelivery:
        return self.find(asked.delivery_id, carrier_ref)

    def cancel(self, carrier_ref: str, reason: str) -> CarrierDelivery:
        self.cancelled.append(f"{carrier_ref} {reason}")
        if self.event == "reassign":  # it has given it back itself: that is how it stands, at the price once asked
            return self.find("", carrier_ref)
        return replace(self.find("", carrier_ref), event="cancel", price_minor=self.fee_minor)

    def proofs(self, carrier_ref: str) -> tuple[CarrierProof, ...]:
        return (CarrierProof(kind="pin", text=carrier_ref),)

    def read_webhook(self, headers: Mapping[str, str], body: bytes, *, now: int) -> tuple[CarrierFact, ...]:
        if headers.get("x-courier-secret") != SECRET:
            raise InputError("the webhook is not signed by this carrier.")
        told = json.loads(body)
        return tuple(CarrierFact(**{"occurred_at": now, "carrier_ref": "", **fact}) for fact in told["facts"])

    def close(self) -> None:
        self.booked.clear()
