"""A party on Onfleet as a carrier of ours."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from math import nan
from urllib.parse import quote as quoted

import httpx2

from doorstep.connectors.carrier_wire import refusal, text_of, whole_of
from doorstep.connectors.onfleet import translate
from doorstep.connectors.onfleet.settings import Account
from doorstep.connectors.onfleet.transport import Transport
from doorstep.ports import (
    Capabilities,
    CarrierDelivery,
    CarrierFact,
    CarrierProof,
    CarrierQuote,
    CarrierRefusedError,
    Shipping,
)


class Onfleet:
    """Implements ``doorstep.ports.Carrier``; see ``Transport`` for ``http``. Tasks are found by our id in them.

    The vendor has no key that keeps a second task from being made: what is there is looked for first. So of two who
    book the same delivery at once, both may make its tasks.
    """

    def __init__(
        self, account: Account, *, http: httpx2.BaseTransport | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self._account = account
        self._clock = clock
        self._transport = Transport(account, http=http)

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        return Capabilities(requirements=frozenset(("photo", "signature", "age_restricted")), quotes=False)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def quote(self, asked: Shipping) -> CarrierQuote:
        """Return what it costs by the rate that was agreed; nobody is asked."""
        return translate.to_quote(asked, self._account)

    def book(self, asked: Shipping, quote: CarrierQuote | None = None) -> CarrierDelivery:  # noqa: ARG002
        """Return the booking; a second call with the same id makes what is missing of the first one.

        Who refuses the drop-off must not come for the pick-up.
        """
        legs = self._legs(asked.delivery_id)
        for leg in ("pickup", "dropoff"):
            if leg not in legs:
                after = text_of(legs.get("pickup"), "id")
                said = translate.to_task(leg, asked, self._account, after=after)
                answer = self._transport.ask("POST", "/tasks", said)
                if not answer.ok and after:
                    self._transport.ask("DELETE", _path(legs["pickup"]), wants="nothing")
                if not answer.ok:
                    raise translate.refused(answer)
                legs[leg] = answer.content
        return self._delivery(legs)

    def find(self, delivery_id: str, carrier_ref: str = "") -> CarrierDelivery:
        """Return a booking as it is now."""
        return self._delivery(self._known(carrier_ref or delivery_id))

    def update(self, carrier_ref: str, asked: Shipping) -> CarrierDelivery:
        """Return the booking after notes were changed, and the times of what nobody has begun."""
        legs = self._known(carrier_ref)
        for leg in ("dropoff", "pickup"):
            state = whole_of(legs.get(leg), "state")
            if leg == "pickup" and state == 3:
                continue
            said = translate.to_update(leg, asked)
            said = said if state < 2 else {"notes": said["notes"]}
            answer = self._transport.ask("PUT", _path(legs.get(leg)), said)
            if not answer.ok:
                raise translate.refused(answer)
        return self.find(carrier_ref)

    def cancel(self, carrier_ref: str, reason: str) -> CarrierDelivery:  # noqa: ARG002 - the vendor asks for none
        """Return the booking after its tasks were deleted, which cannot be done any more once one was begun.

        Nothing is left to be found then: who asks a second time hears that it is not there.
        """
        legs = self._known(carrier_ref)
        there = self._delivery(legs)
        if there.event not in ("book", "assign"):
            message = f"{translate.NAME} has a driver on the way with {carrier_ref}."
            raise CarrierRefusedError(message, reason="not_cancellable")
        for leg in ("dropoff", "pickup"):  # who has to ask again still finds whether a driver was assigned
            if leg in legs:
                answer = self._transport.ask("DELETE", _path(legs[leg]), wants="nothing")
                if not answer.ok and answer.status != 404:
                    raise refusal(translate.NAME, answer, "not_cancellable")
        fee_minor = self._account.cancel_fee_minor if there.event == "assign" else 0
        now = int(self._clock())
        return replace(there, event="cancel", event_at=now, price_minor=fee_minor, courier="", lat=nan, lon=nan)

    def proofs(self, carrier_ref: str) -> tuple[CarrierProof, ...]:
        """Return what proves that it was delivered: pictures of the parcel and of the signature."""
        found = translate.pictures_of(self._known(carrier_ref).get("dropoff"), self._account)
        return tuple(CarrierProof(kind=kind, picture=self._transport.picture(url)) for kind, url in found)

    def read_webhook(
        self, headers: Mapping[str, str], body: bytes, *, now: int  # noqa: ARG002 - its time is not signed apart
    ) -> tuple[CarrierFact, ...]:  # fmt: skip
        """Return what a webhook tells."""
        return translate.read_webhook(self._account, headers, body)

    def _legs(self, delivery_id: str) -> dict[str, translate.Task]:
        answer = self._transport.ask("POST", "/tasks/metadata", translate.to_search(delivery_id), wants="array")
        if not answer.ok:
            raise translate.refused(answer)
        return translate.legs_of(answer.entries)

    def _known(self, delivery_id: str) -> dict[str, translate.Task]:
        legs = self._legs(delivery_id)
        if not legs.keys() & {"pickup", "dropoff"}:
            raise CarrierRefusedError(f"{translate.NAME} has no tasks of {delivery_id}.", reason="not_found")
        return legs

    def _delivery(self, legs: Mapping[str, translate.Task]) -> CarrierDelivery:
        driver = translate.driver_of(legs)
        worker = self._transport.ask("GET", f"/workers/{quoted(driver, safe='')}").content if driver else {}
        return translate.from_tasks(legs, worker, self._account)


def _path(task: translate.Task | None) -> str:
    return f"/tasks/{quoted(text_of(task, 'id'), safe='')}"
