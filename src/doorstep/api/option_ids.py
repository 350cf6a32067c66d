"""Names of offered options: each holds its window, price, slot and expiry, so that nothing is stored for a quote.

A name is signed with a secret of the tenant, so that a shopper through whose browser it goes cannot make up a price. It
is bound to the service level and the place; its price only to the basket and the membership that were quoted.
"""

from dataclasses import dataclass
from hashlib import blake2b

from doorstep.domain.new_order import NewOrder
from doorstep.foundation import InputError
from doorstep.storage.ids import CROCKFORD, in_letters

PREFIX, SLOT_PREFIX = "opt_", "slt_"
MOMENT_BITS, FEE_BITS, BASKET_BITS, CHECK_BITS = 36, 53, 40, 80
LETTERS = 57
"""Three moments, fee, basket and check, five bits a letter; the letters of the slot follow, if there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A promise that stands until ``expires_at``: both ends of the window belong to it [epoch s].

    Parameters
    ----------
    fee_minor
        What its delivery costs, for the basket that ``basket`` stands for.
    slot_id
        The slot it is in, None for the window of the service level.
    """

    start_at: int
    end_at: int
    expires_at: int
    fee_minor: int
    basket: int
    slot_id: str | None = None


def basket_number(order: NewOrder) -> int:
    """Return a number for a basket and a membership: the same for the same units, however they are split in lines."""
    units: dict[str, int] = {}
    for line in order.lines:
        units[line.product_id] = units.get(line.product_id, 0) + line.quantity
    return _digest(repr((sorted(units.items()), order.member_id or order.membership, order.extras)), BASKET_BITS)


def option_id(offer: Offer, *, asked: str, secret: str) -> str:
    """Return the name of an offer for what was asked: tenant, service level and place."""
    number = 0
    for moment in (offer.start_at, offer.end_at, offer.expires_at):
        number = number << MOMENT_BITS | moment
    number = (number << FEE_BITS | offer.fee_minor) << BASKET_BITS | offer.basket
    slot = (offer.slot_id or "").removeprefix(SLOT_PREFIX)
    number = number << CHECK_BITS | _check(number, slot, asked, secret)
    return PREFIX + in_letters(number, CROCKFORD, LETTERS + 1)[1:] + slot  # an even number of letters, the first a zero


def read_option(name: str, *, asked: str, secret: str) -> Offer:
    """Return the offer behind a name, also one that stands no longer.

    Raises
    ------
    InputError
        If it was not offered for this tenant, service level and place.
    """
    letters, slot = name.removeprefix(PREFIX)[:LETTERS], name.removeprefix(PREFIX)[LETTERS:]
    if len(letters) != LETTERS or not set(letters) <= set(CROCKFORD):
        raise _strange()
    number = 0
    for letter in letters:
        number = number << 5 | CROCKFORD.index(letter)
    known, check = number >> CHECK_BITS, number & ((1 << CHECK_BITS) - 1)
    if check != _check(known, slot, asked, secret):
        raise _strange()
    basket, known = known & ((1 << BASKET_BITS) - 1), known >> BASKET_BITS
    fee, moments = known & ((1 << FEE_BITS) - 1), known >> FEE_BITS
    mask = (1 << MOMENT_BITS) - 1
    return Offer(
        start_at=moments >> 2 * MOMENT_BITS,
        end_at=moments >> MOMENT_BITS & mask,
        expires_at=moments & mask,
        fee_minor=fee,
        basket=basket,
        slot_id=SLOT_PREFIX + slot if slot else None,
    )


def _check(number: int, slot: str, asked: str, secret: str) -> int:
    return _digest(f"{number} {slot} {asked}", CHECK_BITS, key=secret)


def _digest(text: str, bits: int, *, key: str = "") -> int:
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=bits // 8, key=key.encode())
    return int.from_bytes(digest.digest())


def _strange() -> InputError:
    return InputError(
        "option_id was not offered for this service level and place.", hint="Maybe ask for the options again."
    )
