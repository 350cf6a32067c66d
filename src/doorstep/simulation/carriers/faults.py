"""What goes wrong with a simulated carrier: each fault with a rate, drawn by a seed and never by the clock."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from doorstep.foundation import InputError

FAULTS = {
    "rate_limited": "answers 429 with Retry-After",
    "server_error": "answers 503",
    "timeout_after_commit": "makes the booking, but the answer never comes",
    "duplicate_webhook": "sends a webhook twice",
    "reordered_webhook": "sends a webhook after the ones that follow it",
    "price_change": "asks another price at booking than it quoted",
    "courier_drops_out": "loses the courier before pickup; another comes, or the delivery is cancelled",
    "returned": "cannot hand over at the door and brings the parcel back",
}
"""Each fault and what the carrier then does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """Rates from 0 to 1 by the names of ``FAULTS``; what has none never happens."""

    rates: Mapping[str, float] = field(default_factory=dict)
    seed: int = 1

    def __post_init__(self) -> None:
        for name, rate in self.rates.items():
            if name not in FAULTS:
                raise InputError(f"fault {name!r} is none of {', '.join(FAULTS)}.")
            if not 0 <= rate <= 1:
                raise InputError(f"fault {name} has rate {rate:g}, which must be between 0 and 1.")

    @classmethod
    def of(cls, text: str, *, seed: int = 1) -> "Faults":
        """Return the faults of a text such as ``rate_limited=0.1,returned=0.05``.

        Raises
        ------
        InputError
            If a name is unknown or a rate is no number between 0 and 1.
        """
        rates = {}
        for part in filter(None, text.split(",")):
            name, _, rate = part.partition("=")
            try:
                rates[name.strip()] = float(rate)
            except ValueError as fault:
                raise InputError(f"fault {part.strip()!r} must be written as name=rate.") from fault
        return cls(rates=rates, seed=seed)

    def hit(self, fault: str, key: object) -> bool:
        """Return whether a fault happens to something; the same thing always meets the same fate."""
        rate = self.rates.get(fault, 0.0)
        return rate > 0 and self.chance(fault, key) < rate

    def chance(self, what: str, key: object) -> float:
        """Return a number from 0 to 1, below 1, that hangs on the seed and the two names alone."""
        return random.Random(f"{self.seed}/{what}/{key}").random()
