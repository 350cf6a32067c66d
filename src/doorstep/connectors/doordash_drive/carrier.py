"""DoorDash Drive as a carrier of ours."""

import time
from collections.abc import Callable, Mapping

import httpx2

from doorstep.connectors.carrier_wire import Answer, Json, refusal, text_of
from doorstep.connectors.doordash_drive import translate
from doorstep.connectors.doordash_drive.settings import Account
from doorstep.connectors.doordash_drive.transport import Transport
from doorstep.ports import (
    Capabilities,
    CarrierDelivery,
    CarrierFact,
    CarrierProof,
    CarrierQuote,
    Shipping,
)

PICTURES = {"dropoff_verification_image_url": "photo", "dropoff_signature_image_url": "signature"}


class DoorDashDrive:
    """Implements ``doorstep.ports.Carrier``; see ``Transport`` for ``http`` and ``clock``.

    The vendor knows a delivery by our id alone, from its quote on: a quote is accepted, or a delivery is made at once.
    """

    def __init__(
        self, account: Account, *, http: httpx2.BaseTransport | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self._account = account
        self._clock = clock
        self._transport = Transport(account, http=http, clock=clock)

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        return Capabilities(requirements=frozenset(("photo", "signature", "age_restricted")))

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def quote(self, asked: Shipping) -> CarrierQuote:
        """Return what it would cost now."""
        answer = self._transport.ask("POST", "quotes", said=translate.to_quote(asked))
        if not answer.ok:
            raise translate.refused(answer)
        return translate.from_quote(answer.content, now=int(self._clock()))

    def book(self, asked: Shipping, quote: CarrierQuote | None = None) -> CarrierDelivery:
        """Return the booking; a second call with the same id returns the first one."""
        if quote is not None:
            return self._accept(asked)
        answer = self._transport.ask("POST", "deliveries", said=translate.to_quote(asked))
        if answer.ok:
            return translate.from_delivery(answer.content)
        if answer.status != 409:
            raise translate.refused(answer)
        there = self._read(asked.delivery_id)
        if text_of(there.content, "delivery_status") == "quote":
            return self._accept(asked)
        return self._delivery(there)

    def find(self, delivery_id: str, carrier_ref: str = "") -> CarrierDelivery:
        """Return a booking as it is now."""
        return self._delivery(self._read(carrier_ref or delivery_id))

    def update(self, carrier_ref: str, asked: Shipping) -> CarrierDelivery:
        """Return the booking after its contacts, instructions, windows and tip were changed."""
        return self._delivery(self._transport.ask("PATCH", "deliveries", carrier_ref, said=translate.to_update(asked)))

    def cancel(self, carrier_ref: str, reason: str) -> CarrierDelivery:  # noqa: ARG002 - the vendor asks for none
        """Return the booking after it was called off, also if it was before."""
        answer = self._transport.ask("PUT", "deliveries", carrier_ref, "cancel", said={})
        if text_of(answer.content, "reason") == "delivery_cancelled":
            return self.find(carrier_ref)
        return self._delivery(answer)

    def proofs(self, carrier_ref: str) -> tuple[CarrierProof, ...]:
        """Return what proves that it was delivered: pictures of the parcel and of the signature."""
        there = self._read(carrier_ref)
        if not there.ok:
            raise translate.refused(there)
        urls = {kind: text_of(there.content, name) for name, kind in PICTURES.items()}
        return tuple(CarrierProof(kind=kind, picture=self._transport.picture(url)) for kind, url in urls.items() if url)

    def read_webhook(
        self, headers: Mapping[str, str], body: bytes, *, now: int  # noqa: ARG002 - nothing signs its time
    ) -> tuple[CarrierFact, ...]:  # fmt: skip
        """Return what a webhook tells."""
        return translate.read_webhook(self._account, headers, body)

    def _accept(self, asked: Shipping) -> CarrierDelivery:
        """Return the booking of a quote, or the one that is there if it was accepted before."""
        said: dict[str, Json] = {"tip": asked.tip_minor, "dropoff_phone_number": asked.dropoff.phone}
        answer = self._transport.ask("POST", "quotes", asked.delivery_id, "accept", said=said)
        if answer.ok:
            return translate.from_delivery(answer.content)
        if answer.status not in (404, 409):
            raise translate.refused(answer)
        there = self._read(asked.delivery_id)
        if not there.ok or text_of(there.content, "delivery_status") == "quote":
            raise refusal(translate.NAME, answer, "quote_expired")
        return translate.from_delivery(there.content)

    def _read(self, delivery_id: str) -> Answer:
        return self._transport.ask("GET", "deliveries", delivery_id)

    def _delivery(self, answer: Answer) -> CarrierDelivery:
        if not answer.ok:
            raise translate.refused(answer)
        return translate.from_delivery(answer.content)
