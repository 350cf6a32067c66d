"""A parcel carrier that Karrio speaks to, as a carrier of ours."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from doorstep.connectors.karrio import translate
from doorstep.connectors.karrio.kept import Booked, Bookings
from doorstep.connectors.karrio.settings import Account
from doorstep.connectors.karrio.transport import Gateway
from doorstep.foundation import InputError
from doorstep.ports import (
    Capabilities,
    CarrierDelivery,
    CarrierFact,
    CarrierProof,
    CarrierQuote,
    CarrierRefusedError,
    Shipping,
)


class ParcelCarrier:
    """Implements ``doorstep.ports.Carrier``; a shipment is made once for each id, and its label kept beside.

    Carriers have no key that keeps a second shipment from being made: whoever dies between the answer and its writing
    down makes a second one, whose label nobody uses.
    """

    def __init__(self, account: Account, *, clock: Callable[[], float] = time.time) -> None:
        self._account = account
        self._clock = clock
        self._bookings = Bookings(account.folder)
        self._gateway = Gateway(account)

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        return Capabilities(requirements=frozenset(("signature",)), updates=False, proofs=False)

    def close(self) -> None:
        """Do nothing: no connection stays open."""

    def quote(self, asked: Shipping) -> CarrierQuote:
        """Return the cheapest rate that keeps the promise."""
        rate = self._rate(asked)
        return CarrierQuote(
            quote_ref=rate.service, price_minor=rate.price_minor, currency=rate.currency, pickup_at=0,
            dropoff_at=_arrival(asked, rate), expires_at=int(self._clock()),
        )  # fmt: skip

    def book(self, asked: Shipping, quote: CarrierQuote | None = None) -> CarrierDelivery:  # noqa: ARG002
        """Return the booking; a second call with the same id returns the first one."""
        with self._bookings.turn():
            known = self._bookings.find(asked.delivery_id)
            if known is None:
                rate = self._rate(asked)
                made = self._gateway.ship(translate.to_request(asked, self._account.shipper), rate.service)
                known = Booked(
                    reference=asked.delivery_id, tracking_number=str(made.tracking_number), service=rate.service,
                    shipment_identifier=str(made.shipment_identifier or made.tracking_number),
                    price_minor=rate.price_minor, currency=rate.currency, booked_at=int(self._clock()),
                    arrive_at=_arrival(asked, rate),
                )  # fmt: skip
                self._bookings.keep(known)
                self._bookings.keep_label(asked.delivery_id, made.docs.label or "")
        return self._delivery(known, translate.Told("book", known.booked_at, ""))

    def find(self, delivery_id: str, carrier_ref: str = "") -> CarrierDelivery:
        """Return a booking as its carrier tracks it."""
        known = self._bookings.known(delivery_id or carrier_ref)
        found = None if known.cancelled_at else self._gateway.track(known.tracking_number)
        told = translate.told_in(found) if found else translate.Told("", 0, "")
        return self._delivery(known, told)

    def update(self, carrier_ref: str, asked: Shipping) -> CarrierDelivery:  # noqa: ARG002
        """Refuse it: a label that was printed is not changed."""
        raise CarrierRefusedError(f"the label of {carrier_ref} is printed.", reason="invalid")

    def cancel(self, carrier_ref: str, reason: str) -> CarrierDelivery:  # noqa: ARG002 - carriers ask for none
        """Return the booking after its label was made void, which is free."""
        with self._bookings.turn():
            known = self._bookings.known(carrier_ref)
            if not known.cancelled_at:
                self._gateway.cancel(known.shipment_identifier)
                known = replace(known, cancelled_at=int(self._clock()))
                self._bookings.keep(known)
        return self._delivery(known, translate.Told("", 0, ""))

    def proofs(self, carrier_ref: str) -> tuple[CarrierProof, ...]:  # noqa: ARG002
        """Return nothing: few parcel carriers give any away."""
        return ()

    def read_webhook(self, headers: Mapping[str, str], body: bytes, *, now: int) -> tuple[CarrierFact, ...]:  # noqa: ARG002
        """Refuse it: parcels are asked for.

        Raises
        ------
        InputError
            Always.
        """
        raise InputError("parcel carriers send no webhook here: they are asked.")

    def _rate(self, asked: Shipping) -> translate.Rate:
        rates = translate.from_rates(self._gateway.rates(translate.to_request(asked, self._account.shipper)))
        return translate.choose(rates, asked, self._account.service)

    def _delivery(self, known: Booked, told: translate.Told) -> CarrierDelivery:
        """Return a booking as we tell it; ``carrier_ref`` is our id, under which it is kept."""
        off = known.cancelled_at
        return CarrierDelivery(
            carrier_ref=known.reference,
            delivery_id=known.reference,
            event="cancel" if off else told.event or "book",
            event_at=off or told.at or known.booked_at,
            price_minor=0 if off else known.price_minor,
            currency=known.currency,
            pickup_at=0,
            dropoff_at=known.arrive_at,
            reason=told.reason,
        )


def _arrival(asked: Shipping, rate: translate.Rate) -> int:
    return asked.ready_at + rate.days * translate.DAY_S if rate.days >= 0 else 0
