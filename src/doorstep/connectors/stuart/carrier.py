"""Stuart as a carrier of ours."""

import time
from collections.abc import Callable, Mapping
from typing import Literal
from urllib.parse import quote as quoted

import httpx2

from doorstep.connectors.carrier_wire import Answer, Json, refusal, text_of, whole_of
from doorstep.connectors.stuart import translate
from doorstep.connectors.stuart.settings import Account
from doorstep.connectors.stuart.transport import connect
from doorstep.ports import (
    Capabilities,
    CarrierDelivery,
    CarrierFact,
    CarrierProof,
    CarrierQuote,
    CarrierRefusedError,
    Shipping,
)


class Stuart:
    """Implements ``doorstep.ports.Carrier``; see ``transport.connect`` for ``http`` and ``clock``."""

    def __init__(
        self, account: Account, *, http: httpx2.BaseTransport | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self._account = account
        self._clock = clock
        self._there = connect(account, http=http, clock=clock)

    @property
    def capabilities(self) -> Capabilities:
        """What it can do: it proves what was agreed with the vendor, and nothing by request."""
        return Capabilities(requirements=frozenset())

    def close(self) -> None:
        """Close the connections."""
        self._there.close()

    def quote(self, asked: Shipping) -> CarrierQuote:
        """Return what it would cost now; the vendor holds no price."""
        now = int(self._clock())
        said = translate.to_job(asked, now=now)
        priced, timed = (self._done("POST", f"/v2/jobs/{what}", said) for what in ("pricing", "eta"))
        return translate.from_quote(priced.content, timed.content, now=now)

    def book(self, asked: Shipping, quote: CarrierQuote | None = None) -> CarrierDelivery:  # noqa: ARG002
        """Return the booking at today's price; a second call with the same id returns the first one.

        The vendor refuses a reference that it has, in words that it publishes nowhere: so whatever it finds
        unprocessable is looked up before it counts as refused.
        """
        answer = self._there.ask("POST", "/v2/jobs", translate.to_job(asked, now=int(self._clock())))
        if answer.ok:
            return self._delivery(answer.content)
        there = self._search(asked.delivery_id) if answer.status in (409, 422) else None
        if there is None:
            raise translate.refused(answer)
        return there

    def find(self, delivery_id: str, carrier_ref: str = "") -> CarrierDelivery:
        """Return a booking as it is now."""
        there = self._delivery(self._job(carrier_ref)) if carrier_ref else self._search(delivery_id)
        if there is None:
            raise CarrierRefusedError(f"{translate.NAME} has no delivery {delivery_id}.", reason="not_found")
        return there

    def update(self, carrier_ref: str, asked: Shipping) -> CarrierDelivery:
        """Return the booking after contacts and comments were changed."""
        delivery = translate.delivery_of(self._job(carrier_ref))
        said = translate.to_update(whole_of(delivery, "id"), asked)
        self._done("PATCH", f"/v2/jobs/{carrier_ref}", said, wants="nothing")
        return self._delivery(self._job(carrier_ref))

    def cancel(self, carrier_ref: str, reason: str) -> CarrierDelivery:  # noqa: ARG002 - the vendor asks for none
        """Return the booking after it was called off, also if it was before."""
        answer = self._there.ask("POST", f"/v2/jobs/{carrier_ref}/cancel", wants="nothing")
        if answer.status in translate.STATUS_REFUSED:
            raise translate.refused(answer)
        there = self._delivery(self._job(carrier_ref))
        if not answer.ok and there.event != "cancel":
            raise refusal(translate.NAME, answer, "not_cancellable")
        return there

    def proofs(self, carrier_ref: str) -> tuple[CarrierProof, ...]:
        """Return what proves that it was delivered: pictures of the parcel and of the signature."""
        delivery = translate.delivery_of(self._job(carrier_ref))
        urls = {
            "photo": text_of(delivery, "package_image_url"),
            "signature": text_of(delivery, "proof", "signature_url"),
        }
        return tuple(CarrierProof(kind=kind, picture=self._there.picture(url)) for kind, url in urls.items() if url)

    def read_webhook(self, headers: Mapping[str, str], body: bytes, *, now: int) -> tuple[CarrierFact, ...]:
        """Return what a webhook tells."""
        return translate.read_webhook(self._account, headers, body, now=now)

    def _search(self, delivery_id: str) -> CarrierDelivery | None:
        path = f"/v2/jobs?client_reference={quoted(delivery_id, safe='')}"
        for job in self._done("GET", path, wants="array").entries:
            if isinstance(job, dict) and text_of(translate.delivery_of(job), "client_reference") == delivery_id:
                return self._delivery(job)
        return None

    def _job(self, job_ref: str) -> dict[str, object]:
        return self._done("GET", f"/v2/jobs/{quoted(job_ref, safe='')}").content

    def _delivery(self, said: dict[str, object]) -> CarrierDelivery:
        return translate.from_job(said, now=int(self._clock()))

    def _done(
        self,
        method: str,
        path: str,
        said: Mapping[str, Json] | None = None,
        *,
        wants: Literal["object", "array", "nothing"] = "object",
    ) -> Answer:
        answer = self._there.ask(method, path, said, wants=wants)
        if not answer.ok:
            raise translate.refused(answer)
        return answer
