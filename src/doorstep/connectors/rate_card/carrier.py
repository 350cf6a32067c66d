"""A carrier that works by files as a carrier of ours."""

import time
from collections.abc import Callable, Mapping

from doorstep.connectors.carrier_wire import moment_of, rfc3339
from doorstep.connectors.rate_card import translate
from doorstep.connectors.rate_card.card import asked_prices, read_card
from doorstep.connectors.rate_card.settings import Account
from doorstep.connectors.rate_card.translate import Collection, Line
from doorstep.connectors.rate_card.transport import Folder
from doorstep.connectors.rate_card.words import BEFORE_PICKUP
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


class RateCardCarrier:
    """Implements ``doorstep.ports.Carrier`` without any network.

    The manifest of a day is closed when the carrier collects: until then lines of it can be changed and called off.
    """

    def __init__(self, account: Account, *, clock: Callable[[], float] = time.time) -> None:
        self._account = account
        self._clock = clock
        self._card = read_card(account)
        self._folder = Folder(account)

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        heaviest = self._card.carrier["max_weight_g"] or 0
        return Capabilities(requirements=self._card.skills, max_weight_g=heaviest)

    def close(self) -> None:
        """Do nothing: no file stays open."""

    def quote(self, asked: Shipping) -> CarrierQuote:
        """Return what it costs by the rate card; nobody is asked."""
        planned = self._planned(asked)
        return CarrierQuote(
            quote_ref="", price_minor=planned.price_minor, currency=self._account.currency,
            pickup_at=planned.collect_at, dropoff_at=planned.deliver_by, expires_at=int(self._clock()),
        )  # fmt: skip

    def book(self, asked: Shipping, quote: CarrierQuote | None = None) -> CarrierDelivery:  # noqa: ARG002
        """Return the booking: a line in the manifest of the next collection, one for each id."""
        with self._folder.turn():
            known = self._folder.lines().get(asked.delivery_id)
            if known is None:
                planned = self._planned(asked)
                line = translate.to_line(asked, self._account, planned, now=int(self._clock()))
                self._folder.write(planned.day, line)
            return self._found(asked.delivery_id)[1]

    def find(self, delivery_id: str, carrier_ref: str = "") -> CarrierDelivery:
        """Return a booking as it is now, by what tracking files tell."""
        with self._folder.turn():
            return self._found(carrier_ref or delivery_id)[1]

    def update(self, carrier_ref: str, asked: Shipping) -> CarrierDelivery:
        """Return the booking after its contacts and instructions were changed in a manifest that is not closed."""
        with self._folder.turn():
            (day, line), there = self._found(carrier_ref)
            self._check_open(line, there, "invalid")
            fresh = translate.to_line(asked, self._account, Collection("", 0, 0, 0, 0), now=0)
            self._folder.write(day, fresh | {column: line[column] for column in translate.KEPT})
            return self._found(carrier_ref)[1]

    def cancel(self, carrier_ref: str, reason: str) -> CarrierDelivery:  # noqa: ARG002 - the file has no room for it
        """Return the booking after it was marked as called off in its manifest, which is free until that closes."""
        with self._folder.turn():
            (day, line), there = self._found(carrier_ref)
            if there.event != "cancel":
                self._check_open(line, there, "not_cancellable")
                self._folder.write(day, line | {"cancelled_at": rfc3339(int(self._clock()))})
            return self._found(carrier_ref)[1]

    def proofs(self, carrier_ref: str) -> tuple[CarrierProof, ...]:
        """Return what proves that it was delivered: pictures beside the tracking file, or a text in it."""
        with self._folder.turn():
            lines = self._folder.lines()
            told = self._folder.told(carrier_ref, lines)
            rows = told.select("proof_kind", "proof").filter(told["proof"] != "").unique(maintain_order=True).rows()
            return tuple(
                CarrierProof(kind=kind, picture=self._folder.picture(proof))
                if kind in ("photo", "signature")
                else CarrierProof(kind=kind or "barcode", text=proof)
                for kind, proof in rows
            )

    def read_webhook(self, headers: Mapping[str, str], body: bytes, *, now: int) -> tuple[CarrierFact, ...]:  # noqa: ARG002
        """Refuse it: this carrier tells what it tells in files.

        Raises
        ------
        InputError
            Always.
        """
        raise InputError("this carrier sends no webhook: it writes tracking files.")

    def _planned(self, asked: Shipping) -> Collection:
        now = int(self._clock())
        prices = asked_prices(self._card, self._account, asked, now=now)
        return translate.plan_collection(self._card, self._account, asked, prices, now=now)

    def _found(self, reference: str) -> tuple[tuple[str, Line], CarrierDelivery]:
        lines = self._folder.lines()
        if reference not in lines:
            raise CarrierRefusedError(f"no manifest has {reference}.", reason="not_found")
        told = self._folder.told(reference, lines)
        return lines[reference], translate.from_line(lines[reference][1], told, self._account)

    def _check_open(self, line: Line, there: CarrierDelivery, reason: str) -> None:
        closed_at = moment_of(line, "collect_at")
        if there.event not in BEFORE_PICKUP or self._clock() >= closed_at:
            told = f"the manifest with {there.delivery_id} is closed, or it was picked up ({there.event})."
            raise CarrierRefusedError(told, reason=reason)
