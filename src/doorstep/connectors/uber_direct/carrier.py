"""Uber Direct as a carrier of ours."""

import base64
import binascii
import time
from collections.abc import Callable, Mapping

import httpx2

from doorstep.connectors.carrier_wire import Answer, Json, listed, text_of, value_of
from doorstep.connectors.uber_direct import translate
from doorstep.connectors.uber_direct.settings import Account
from doorstep.connectors.uber_direct.transport import Transport
from doorstep.foundation import UpstreamError
from doorstep.ports import (
    Capabilities,
    CarrierDelivery,
    CarrierFact,
    CarrierProof,
    CarrierQuote,
    CarrierRefusedError,
    Shipping,
)

PAGE = 100
MOST_PAGES = 10
PICTURES = {"picture": "photo", "signature": "signature"}


class UberDirect:
    """Implements ``doorstep.ports.Carrier``; see ``Transport`` for ``http`` and ``clock``."""

    def __init__(
        self, account: Account, *, http: httpx2.BaseTransport | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self._account = account
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
        return translate.from_quote(self._done("POST", "/delivery_quotes", translate.to_quote(asked)).content)

    def book(self, asked: Shipping, quote: CarrierQuote | None = None) -> CarrierDelivery:
        """Return the booking; a second call with the same id returns the first one.

        The vendor also refuses a delivery that only looks like another one, so what it points to must bear our id.
        """
        answer = self._transport.ask("POST", "/deliveries", translate.to_booking(asked, quote))
        if answer.code == "duplicate_delivery":
            first = self.find(asked.delivery_id, text_of(answer.content, "metadata", "delivery_id"))
            if first.delivery_id != asked.delivery_id:
                raise translate.refused(answer)
            return first
        if not answer.ok:
            raise translate.refused(answer)
        return translate.from_delivery(answer.content)

    def find(self, delivery_id: str, carrier_ref: str = "") -> CarrierDelivery:
        """Return a booking as it is now; without the vendor's id its latest thousand deliveries are looked through."""
        if carrier_ref:
            return self._told(self._done("GET", f"/deliveries/{carrier_ref}").content)
        for page in range(MOST_PAGES):
            content = self._done("GET", f"/deliveries?limit={PAGE}&offset={page * PAGE}").content
            there = listed(content, "data")
            for one in there:
                if isinstance(one, dict) and text_of(one, "external_id") == delivery_id:
                    return self._told(one)
            if len(there) < PAGE:
                break
        raise CarrierRefusedError(f"{translate.NAME} has no delivery {delivery_id}.", reason="not_found")

    def update(self, carrier_ref: str, asked: Shipping) -> CarrierDelivery:
        """Return the booking after notes, tip and the drop-off's point were changed; windows and names cannot be."""
        return self._told(self._done("POST", f"/deliveries/{carrier_ref}", translate.to_update(asked)).content)

    def cancel(self, carrier_ref: str, reason: str) -> CarrierDelivery:  # noqa: ARG002 - the vendor asks for none
        """Return the booking after it was called off, also if it was before."""
        answer = self._transport.ask("POST", f"/deliveries/{carrier_ref}/cancel")
        if answer.ok:
            return translate.from_delivery(answer.content)
        if answer.code == "noncancelable_delivery":
            there = self._done("GET", f"/deliveries/{carrier_ref}").content
            if translate.event_of(there) == "cancel":
                return translate.from_delivery(there)
        raise translate.refused(answer)

    def proofs(self, carrier_ref: str) -> tuple[CarrierProof, ...]:
        """Return what proves that it was delivered: pictures, signatures, PINs and barcodes of the drop-off."""
        shown = value_of(self._done("GET", f"/deliveries/{carrier_ref}").content, "dropoff", "verification")
        found = [
            CarrierProof(kind=kind, picture=self._picture(carrier_ref, name))
            for name, kind in PICTURES.items()
            if value_of(shown, name)
        ]
        pin = text_of(shown, "pincode", "entered") or text_of(shown, "pin_code", "entered")
        codes = [text_of(one, "value") for one in listed(shown, "barcodes")]
        found += [CarrierProof(kind="pin", text=pin)] if pin else []
        return (*found, *(CarrierProof(kind="barcode", text=code) for code in codes if code))

    def read_webhook(self, headers: Mapping[str, str], body: bytes, *, now: int) -> tuple[CarrierFact, ...]:
        """Return what a webhook tells."""
        return translate.read_webhook(self._account, headers, body, now=now)

    def _told(self, said: dict[str, object]) -> CarrierDelivery:
        """Return a delivery, with how far its return is: that is a delivery of its own."""
        ref = translate.returning_of(said)
        back = self._done("GET", f"/deliveries/{ref}").content if ref else None
        return translate.from_delivery(said, back)

    def _picture(self, carrier_ref: str, kind: str) -> bytes:
        content = self._done(
            "POST", f"/deliveries/{carrier_ref}/proof-of-delivery", {"waypoint": "dropoff", "type": kind}
        ).content
        try:
            return base64.b64decode(text_of(content, "document"), validate=True)
        except binascii.Error as fault:
            raise UpstreamError(f"{translate.NAME} sent a {kind} that is not base64.") from fault

    def _done(self, method: str, path: str, said: Mapping[str, Json] | None = None) -> Answer:
        answer = self._transport.ask(method, path, said)
        if not answer.ok:
            raise translate.refused(answer)
        return answer
