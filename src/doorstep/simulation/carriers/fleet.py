"""A carrier without a language: quotes, bookings, couriers on their way, and what it has to tell.

The vendors' dialects stand in front of it; they turn its refusals into their codes and its steps into their statuses.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from doorstep.simulation.carriers.clocks import Clock
from doorstep.simulation.carriers.faults import Faults
from doorstep.simulation.carriers.journey import BEFORE_PICKUP, ENDS, Fate, Journey, Point, Step, Terms, plan_journey

CHANGE = 1.25
"""What a price is multiplied with when it changes between quote and booking."""


class RefusedError(Exception):
    """The carrier says no; ``code`` is one of its own words, ``ref`` the booking that is in the way, if one is."""

    def __init__(self, code: str, ref: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.ref = ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a caller wants brought; ``said`` is the request as it came."""

    caller_id: str
    pickup: Point
    dropoff: Point
    ready_at: int = 0
    weight_g: int = 0
    said: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A price that holds until ``expires_at`` [epoch s]."""

    quote_id: str
    asked: Asked
    price_minor: int
    made_at: int
    expires_at: int
    pickup_at: int
    dropoff_at: int


@dataclass(slots=True, kw_only=True)
class Booking:
    """A delivery that was booked; ``fee_minor`` is what cancelling it has cost in the place of its price."""

    ref: str
    asked: Asked
    quote_id: str
    price_minor: int
    made_at: int
    journey: Journey
    told: int = 0
    fee_minor: int | None = None

    def cost_minor(self, terms: Terms, now: float) -> int:
        """Return what it costs by now."""
        if self.fee_minor is not None:
            return self.fee_minor
        back = self.journey.step(now).state in ("returning", "at_return", "returned")
        return self.price_minor + (terms.return_fee_minor if back else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """A step that callers have to hear of; ``number`` counts the steps of its booking from 0."""

    booking: Booking
    step: Step
    number: int


class Fleet:
    """The state of a carrier. ``terms`` and ``faults`` may be changed while it runs.

    Parameters
    ----------
    clock
        The time of its couriers.
    first
        The number of its first booking: one that goes on where another ended gives no name twice.
    """

    def __init__(
        self, clock: Clock, *, terms: Terms | None = None, faults: Faults | None = None, first: int = 1
    ) -> None:
        self.clock = clock
        self._first = first
        self.terms = terms or Terms()
        self.faults = faults or Faults()
        self.bookings: dict[str, Booking] = {}
        self.quotes: dict[str, Quote] = {}
        self._held: list[News] = []
        self._requests = 0

    @property
    def now(self) -> int:
        """The present [epoch s]."""
        return int(self.clock())

    def unlucky(self, fault: str) -> bool:
        """Return whether a fault happens to the request that is being answered."""
        self._requests += 1
        return self.faults.hit(fault, self._requests)

    def quote(self, asked: Asked, quote_id: str = "") -> Quote:
        """Return a price; a quote of the same id is replaced.

        Raises
        ------
        RefusedError
            If it does not work there, the way is too long or the parcel too heavy.
        """
        self._check(asked)
        now = self.now
        way = plan_journey(
            asked.pickup, asked.dropoff, self.terms, now=now, ready_at=max(now, asked.ready_at), fate=Fate()
        )
        quote = Quote(
            quote_id=quote_id or f"{len(self.quotes) + 1:06d}",
            asked=asked,
            price_minor=self.terms.price_minor(asked.pickup, asked.dropoff),
            made_at=now,
            expires_at=now + self.terms.quote_s,
            pickup_at=way.begins_at("at_pickup"),
            dropoff_at=way.begins_at("at_dropoff"),
        )
        self.quotes[quote.quote_id] = quote
        return quote

    def live_quote(self, quote_id: str) -> Quote:
        """Return a quote that still holds.

        Raises
        ------
        RefusedError
            If there is none of this id, it has expired, or it was booked.
        """
        quote = self.quotes.get(quote_id)
        if quote is None:
            raise RefusedError("unknown_quote")
        if any(booking.quote_id == quote_id for booking in self.bookings.values()):
            raise RefusedError("used_quote")
        if self.clock() > quote.expires_at:
            raise RefusedError("expired_quote")
        return quote

    def book(self, asked: Asked, *, quote_id: str = "") -> Booking:
        """Return a new booking at the price of its quote, or at today's.

        Raises
        ------
        RefusedError
            As ``quote`` and ``live_quote`` do, and if the caller's id was booked before, with the booking's ``ref``.
        """
        for earlier in self.bookings.values():
            if asked.caller_id and earlier.asked.caller_id == asked.caller_id:
                raise RefusedError("duplicate", earlier.ref)
        self._check(asked)
        price_minor = self.live_quote(quote_id).price_minor if quote_id else 0
        now, key = self.now, asked.caller_id or len(self.bookings)
        fate = Fate(
            drops_out=self.faults.hit("courier_drops_out", key),
            replaced=self.faults.chance("replaced", key) < 0.5,
            returned=self.faults.hit("returned", key),
        )
        booking = Booking(
            ref=f"{self._first + len(self.bookings):06d}",
            asked=asked,
            quote_id=quote_id,
            price_minor=price_minor or self.terms.price_minor(asked.pickup, asked.dropoff),
            made_at=now,
            journey=plan_journey(
                asked.pickup, asked.dropoff, self.terms, now=now, ready_at=max(now, asked.ready_at), fate=fate
            ),
        )
        self.bookings[booking.ref] = booking
        return booking

    def find(self, match: Callable[[Booking], bool]) -> Booking:
        """Return the booking that matches.

        Raises
        ------
        RefusedError
            If none does.
        """
        for booking in self.bookings.values():
            if match(booking):
                return booking
        raise RefusedError("unknown_delivery")

    def change(self, booking: Booking, said: Mapping[str, object]) -> None:
        """Take what a caller says anew about a booking.

        Raises
        ------
        RefusedError
            If it has ended.
        """
        if booking.journey.step(self.clock()).state in ENDS:
            raise RefusedError("not_changeable")
        booking.asked = replace(booking.asked, said={**booking.asked.said, **said})

    def cancel(self, booking: Booking) -> None:
        """Call a booking off; from the moment that a courier was assigned it costs a fee.

        Raises
        ------
        RefusedError
            If the parcel was picked up, or the booking has ended.
        """
        now = self.clock()
        state = booking.journey.step(now).state
        if state not in BEFORE_PICKUP:
            raise RefusedError("not_cancellable")
        booking.fee_minor = 0 if state == "created" else self.terms.cancel_fee_minor
        booking.journey = booking.journey.cut(now, "cancelled", "by_caller")

    def news(self) -> list[News]:
        """Return the steps that nobody was told of yet, in the order of their time, but for the faults."""
        now = self.clock()
        fresh: list[News] = []
        for booking in self.bookings.values():
            number = booking.journey.number(now)
            steps = booking.journey.steps
            fresh += [News(booking=booking, step=steps[k], number=k) for k in range(booking.told, number)]
            booking.told = number
        fresh.sort(key=lambda news: news.step.at)
        late = [news for news in fresh if self.faults.hit("reordered_webhook", (news.booking.ref, news.number))]
        sent = [news for news in fresh if news not in late] + self._held
        self._held = late
        twice = (
            [news] * (2 if self.faults.hit("duplicate_webhook", (news.booking.ref, news.number)) else 1)
            for news in sent
        )
        return [news for copies in twice for news in copies]

    def _check(self, asked: Asked) -> None:
        centre, terms = self.terms.centre, self.terms
        for end, point in (("pickup", asked.pickup), ("dropoff", asked.dropoff)):
            if centre is not None and centre.metres_to(point) > terms.radius_m:
                raise RefusedError(f"{end}_not_covered")
        if asked.pickup.metres_to(asked.dropoff) > terms.longest_m:
            raise RefusedError("too_far")
        if asked.weight_g > terms.heaviest_g:
            raise RefusedError("too_heavy")
