"""What we ask of the outside: the time, carriers that bring what our own vans do not, channels that tell people things.

A connector speaks one carrier's language and tells what happened in ours: events of the lifecycle of a delivery. It is
asked twice without harm, because every request bears our own id: whoever does not know whether a booking arrived asks
for it again, or looks it up by that id.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from doorstep.foundation import UpstreamError


class Clock(Protocol):
    """Tells the present."""

    def now(self) -> int:
        """Return the present [epoch s]."""
        ...


class NoticeRefusedError(UpstreamError):
    """A channel will never take a message: its address or its content is wrong. Other failures may be tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Something to tell a person; ``reference`` is our own name of it, by which a channel knows it when it comes again.

    a POST to ``stop_url`` ends all such messages to them.
    """

    to: str = field(repr=False)
    subject: str
    text: str = field(repr=False)
    reference: str
    stop_url: str = field(repr=False, default="")


class Notifier(Protocol):
    """Tells people by one channel."""

    def send(self, message: Message) -> str:
        """Return the channel's name for a message that it has taken.

        Raises
        ------
        NoticeRefusedError
            If it will never take it.
        UpstreamError
            If it could not take it now, or nobody knows whether it did.
        """
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...


class CarrierRefusedError(UpstreamError):
    """A carrier says no, and would say it again; ``reason`` is one of ``REFUSALS``.

    Other failures, of networks and servers, are plain ``UpstreamError`` and may be tried again.
    """

    def __init__(self, message: str, *, reason: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.reason = reason


class CarrierBusyError(UpstreamError):
    """A carrier could not answer now; ``retry_after_s`` is what it asks to wait, 0 where it does not say."""

    def __init__(self, message: str, *, retry_after_s: int = 0, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.retry_after_s = retry_after_s


REFUSALS = (
    "out_of_coverage",
    "too_far",
    "too_heavy",
    "closed",
    "no_courier",
    "quote_expired",
    "price_changed",
    "not_cancellable",
    "not_found",
    "unauthorised",
    "invalid",
)
"""Why carriers refuse, as connectors translate it; ``invalid`` is what no other word fits, with the carrier's text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One end of a delivery: who is there and where; ``phone`` in E.164, empty texts where not known."""

    name: str
    phone: str
    street: str
    city: str
    state: str
    postal_code: str
    country: str
    lat: float
    lon: float
    instructions: str = ""
    business: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something that is brought, with the size and weight of one piece and its price."""

    name: str
    quantity: int
    weight_g: int
    volume_ml: int
    price_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipping:
    """What a carrier is asked to bring.

    Parameters
    ----------
    delivery_id
        Our id of the delivery and of this booking of it; the carrier keeps it and refuses a second booking with it.
    ready_at, pickup_by
        When it may be picked up, and until when at the latest [epoch s].
    arrive_from, arrive_by
        The window that was promised [epoch s].
    value_minor, currency
        What the goods are worth, in ISO 4217.
    requirements
        Words of ``doorstep.domain.requirements``, for example ``age_restricted``.
    """

    delivery_id: str
    pickup: Contact
    dropoff: Contact
    ready_at: int
    pickup_by: int
    arrive_from: int
    arrive_by: int
    items: tuple[Item, ...]
    value_minor: int
    currency: str
    requirements: tuple[str, ...] = ()
    tip_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierQuote:
    """A price that holds until ``expires_at``, and when the carrier thinks to be there [epoch s].

    Where a carrier holds no price ``expires_at`` is when it was told; where it does not say when it comes, that is 0.
    """

    quote_ref: str
    price_minor: int
    currency: str
    pickup_at: int
    dropoff_at: int
    expires_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierDelivery:
    """A booking as the carrier has it.

    Parameters
    ----------
    carrier_ref
        The carrier's id.
    delivery_id
        Ours.
    event
        The event of our lifecycle that leads to where it is, for example ``pick_up``; ``book`` when nothing happened.
    event_at
        When that happened, by the carrier's clock; when it was asked where the carrier does not say [epoch s].
    price_minor
        What it costs by now, fees of a cancellation or return included.
    pickup_at, dropoff_at
        When the carrier thinks to be there, or was [epoch s]; 0 where it does not say.
    lat, lon
        Where the courier is; NaN where nobody says.
    reason
        One of ``doorstep.domain.reasons`` where it failed, empty otherwise.
    """

    carrier_ref: str
    delivery_id: str
    event: str
    event_at: int
    price_minor: int
    currency: str
    pickup_at: int
    dropoff_at: int
    tracking_url: str = ""
    courier: str = ""
    lat: float = float("nan")
    lon: float = float("nan")
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierFact:
    """Something that a carrier says has happened, in a webhook.

    ``fact_id`` is the same however often it is sent; ``event`` is one of our lifecycle of a delivery, empty for what
    moves nothing (a position, a new estimate).
    """

    fact_id: str
    carrier_ref: str
    delivery_id: str
    event: str
    occurred_at: int
    reason: str = ""
    price_minor: int | None = None
    dropoff_at: int = 0
    lat: float = float("nan")
    lon: float = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierProof:
    """What proves a delivery: ``kind`` is photo, signature, pin or barcode; a picture as bytes, a text as it is."""

    kind: str
    text: str = ""
    picture: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a carrier can do: words of requirements that it keeps, and what may be asked of a booking."""

    requirements: frozenset[str]
    quotes: bool = True
    updates: bool = True
    proofs: bool = True
    max_weight_g: int = 0
    """Heaviest delivery; 0: no limit said."""


class Carrier(Protocol):
    """A party that brings deliveries when called.

    All methods raise ``CarrierRefusedError`` if the carrier says no, ``CarrierBusyError`` if it has no time, and
    ``UpstreamError`` if nothing sensible came back; after that nobody knows whether a request was heard.
    """

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        ...

    def quote(self, asked: Shipping) -> CarrierQuote:
        """Return what it would cost now."""
        ...

    def book(self, asked: Shipping, quote: CarrierQuote | None = None) -> CarrierDelivery:
        """Return the booking; a second call with the same ``delivery_id`` returns the first one and makes no other."""
        ...

    def find(self, delivery_id: str, carrier_ref: str = "") -> CarrierDelivery:
        """Return a booking as it is now; carriers that look up by their own id alone need ``carrier_ref``."""
        ...

    def update(self, carrier_ref: str, asked: Shipping) -> CarrierDelivery:
        """Return the booking after its contacts, instructions, tip or window were changed."""
        ...

    def cancel(self, carrier_ref: str, reason: str) -> CarrierDelivery:
        """Return the booking after it was called off, with the fee for that in ``price_minor``."""
        ...

    def proofs(self, carrier_ref: str) -> tuple[CarrierProof, ...]:
        """Return what proves that it was delivered."""
        ...

    def read_webhook(self, headers: Mapping[str, str], body: bytes, *, now: int) -> tuple[CarrierFact, ...]:
        """Return what a webhook tells, nothing if it is about nothing of ours.

        Raises
        ------
        InputError
            If its signature is not the carrier's, it is too old, or it cannot be read.
        """
        ...

    def close(self) -> None:
        """Close its connections."""
        ...
