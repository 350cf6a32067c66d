"""What an order takes at its door: the time of its service level, and the extras that it asks for."""

from typing import NamedTuple

import polars as pl

from doorstep.domain.new_order import NewOrder
from doorstep.domain.requirements import words_of


class Extra(NamedTuple):
    """Work at the door besides bringing: its time [s], its price [minor units], and the words that it requires."""

    service_s: int
    price_minor: int
    requirements: str


class AtTheDoor(NamedTuple):
    """Time at the doors of orders: by row of the service level, and of each extra by its word."""

    level_service_s: tuple[int, ...]
    extras: dict[str, Extra]

    def service_s(self, order: NewOrder, level: int) -> int:
        """Return the time at an order's door [s]: its own, or that of the row of its service level; and its extras."""
        own = self.level_service_s[level] if order.service_s is None else order.service_s
        return own + sum(extra.service_s for extra in self._of(order))

    def price_minor(self, order: NewOrder) -> int:
        """Return what the extras of an order cost the shopper [minor units]."""
        return sum(extra.price_minor for extra in self._of(order))

    def requirements(self, order: NewOrder) -> str:
        """Return the requirements of an order and of its extras, separated by ``;``."""
        words = [order.requirements, *(extra.requirements for extra in self._of(order))]
        return ";".join(words_of(";".join(words))) if order.extras else order.requirements

    def _of(self, order: NewOrder) -> list[Extra]:
        return [self.extras[word] for word in words_of(order.extras) if word in self.extras]


def at_the_door(extras: pl.DataFrame, service_levels: pl.DataFrame, *, usual_s: int) -> AtTheDoor:
    """Return what orders take at the door by a retailer's tables; ``usual_s`` is the policy's time [s]."""
    columns = extras.select("extra_id", "service_s", "price_minor", "requirements")
    return AtTheDoor(
        level_service_s=tuple(service_levels["service_s"].fill_null(usual_s).to_list()),
        extras={name: Extra(*rest) for name, *rest in columns.iter_rows()},
    )
