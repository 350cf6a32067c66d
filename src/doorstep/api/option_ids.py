"""Names of offered options: each holds its own window and expiry, so that nothing is stored for a quote.

A name is checked, not signed: who makes one up gets no more than by asking for a window of their own.
"""

from dataclasses import dataclass
from hashlib import blake2b

from doorstep.foundation import InputError
from doorstep.storage.ids import CROCKFORD

PREFIX = "opt_"
MOMENT_BITS = 36
CHECK_BITS = 80
LETTERS = 38
"""Three moments and the check, five bits a letter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A promise that stands until ``expires_at``: both ends of the window belong to it [epoch s]."""

    start_at: int
    end_at: int
    expires_at: int


def option_id(offer: Offer, *, asked: str) -> str:
    """Return the name of an offer for what was asked: tenant, service level and place."""
    number = 0
    for moment in (offer.start_at, offer.end_at, offer.expires_at):
        number = number << MOMENT_BITS | moment
    number = number << CHECK_BITS | _check(number, asked)
    return PREFIX + "".join(CROCKFORD[number >> 5 * place & 31] for place in range(LETTERS - 1, -1, -1))


def read_option(name: str, *, asked: str) -> Offer:
    """Return the offer behind a name, also one that stands no longer.

    Raises
    ------
    InputError
        If it was not offered for this tenant, service level and place.
    """
    letters = name.removeprefix(PREFIX)
    if len(letters) != LETTERS or not set(letters) <= set(CROCKFORD):
        raise _strange()
    number = 0
    for letter in letters:
        number = number << 5 | CROCKFORD.index(letter)
    moments, check = number >> CHECK_BITS, number & ((1 << CHECK_BITS) - 1)
    if check != _check(moments, asked):
        raise _strange()
    mask = (1 << MOMENT_BITS) - 1
    return Offer(start_at=moments >> 2 * MOMENT_BITS, end_at=moments >> MOMENT_BITS & mask, expires_at=moments & mask)


def _check(number: int, asked: str) -> int:
    digest = blake2b(f"{number} {asked}".encode("utf-8", "surrogatepass"), digest_size=CHECK_BITS // 8).digest()
    return int.from_bytes(digest)


def _strange() -> InputError:
    return InputError(
        "option_id was not offered for this service level and place.", hint="Maybe ask for the options again."
    )
