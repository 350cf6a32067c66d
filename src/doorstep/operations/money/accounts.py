"""Accounts: those of the result, whose sum is the margin, and those of parties, whose sum is what each is owed.

An amount is positive where something is earned or a party is owed it, negative where a cost is borne or a party owes.
Every posting sums to zero: what one account bears another is owed.
"""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

RESULT = (
    "delivery_fee", "goods", "goods_cost", "pick", "carton", "line_haul", "last_mile", "failure", "write_off", "refund",
)  # fmt: skip
"""Accounts of the result: what was earned, and what it cost."""
PARTIES = ("payment", "shopper", "stock", "site", "lane", "driver", "vehicle", "carrier", "contractor")
"""Accounts of parties: who collects payments, shoppers, shelves, pickers, line-haul, own vans, third parties."""


class Account(NamedTuple):
    """An account, whose it is, and what it is about; ids that say nothing are empty."""

    account: str
    party_id: str = ""
    order_id: str = ""
    delivery_id: str = ""


Standing = Counter[Account]
"""Amounts by account [minor units]; they sum to zero."""


def owing(amount_minor: int, *, bears: Account, owed: Account) -> Standing:
    """Return that one account bears an amount that another is owed."""
    return Standing({bears: -amount_minor, owed: amount_minor})


def together(parts: Iterable[Standing]) -> Standing:
    """Return the sum of amounts; those of either sign count, which ``+`` of counters would not do."""
    found = Standing()
    for part in parts:
        found.update(part)
    return found
