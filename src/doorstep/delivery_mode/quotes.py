"""What every carrier asks for every drop."""

from typing import NamedTuple

import numpy as np

from doorstep.delivery_mode._kernels import IMPOSSIBLE, NO_MODE, OK, quote_drop
from doorstep.delivery_mode.problem import ModeProblem
from doorstep.foundation.arrays import Ints
from doorstep.foundation.kernels import kernel


class Drops(NamedTuple):
    """N drops with their parcels: (N,) arrays, parcels sorted by drop, ``parcel_start`` (N + 1,).

    ``site`` and ``ready_at`` say where and from when it can leave; ``requirements`` of order and goods as bits.
    """

    order: Ints
    site: Ints
    ready_at: Ints
    metres: Ints
    out_s: Ints
    requirements: Ints
    parcel_start: Ints
    parcel_g: Ints
    parcel_ml: Ints
    parcel_mm: Ints


class Quotes(NamedTuple):
    """Answers of C carriers for N drops, (N, C): ``price_minor`` (``IMPOSSIBLE`` if none), ``arrive_at`` at the latest,
    ``why`` not: 0 possible, 1 the window cannot be met, 2 the carrier does not take it."""

    price_minor: Ints
    arrive_at: Ints
    why: Ints

    def with_risk(self, failure_minor: Ints) -> Ints:
        """Return price plus expected failure cost, (N, C)."""
        return np.where(self.price_minor < IMPOSSIBLE, self.price_minor + failure_minor, IMPOSSIBLE)


def quote_drops(problem: ModeProblem, drops: Drops) -> Quotes:
    """Return every carrier's price and arrival for every drop that keeps its promise.

    A parcel carrier asks for each parcel, a courier once for the drop by its total weight.
    """
    shape = (drops.order.size, problem.cards.lead_s.size)
    price = np.full(shape, IMPOSSIBLE, dtype=np.int64)
    arrive = np.full(shape, -1, dtype=np.int64)
    why = np.full(shape, NO_MODE, dtype=np.int64)
    _quote_all(problem.cards, problem.doors, drops, price, arrive, why)
    return Quotes(price_minor=price, arrive_at=arrive, why=why)


@kernel
def _quote_all(cards, doors, drops, price, arrive, why):  # type: ignore[no-untyped-def]
    for n in range(drops.order.size):
        o = drops.order[n]
        if doors.collected[o] == 1:
            continue
        low, high = drops.parcel_start[n], drops.parcel_start[n + 1]
        for c in range(cards.lead_s.size):
            price[n, c], arrive[n, c], why[n, c] = quote_drop(
                cards, c, drops.site[n], doors.postal[o], drops.metres[n], drops.out_s[n], drops.ready_at[n],
                doors.start_at[o], doors.end_at[o], doors.early[o],
                drops.parcel_g[low:high], drops.parcel_ml[low:high], drops.parcel_mm[low:high], drops.requirements[n],
            )  # fmt: skip
            if why[n, c] != OK:
                price[n, c] = IMPOSSIBLE
