"""Who brings the drops that no own vehicle takes, when carriers have daily limits."""

from collections.abc import Callable

import numpy as np

from doorstep.delivery_mode.rate_card import NO_LIMIT
from doorstep.delivery_mode.tariff import IMPOSSIBLE
from doorstep.foundation.arrays import Ints


def settle_carriers(
    cost: Ints, units: Ints, day: Ints, daily_limit: Ints, book: Callable[[int, int], bool] | None = None
) -> Ints:
    """Return the carrier of each drop, -1 where none is left with room.

    Drops choose in the order of their regret, the cost of their second choice less their first: who would lose most by
    waiting chooses first. Where no limit binds, everyone gets the cheapest.

    Parameters
    ----------
    cost : (N, C)
        Price plus risk; ``IMPOSSIBLE`` where the carrier does not bring the drop.
    units : (N, C)
        What each drop takes of each carrier's limit.
    day : (N, C)
        Day of delivery that it takes it on.
    daily_limit : (C,)
        Units a day.
    book
        Called with drop and carrier once the limit has room: whether the carrier can come at all. None: all can.
    """
    if not cost.size:
        return np.full(cost.shape[0], -1, dtype=np.int64)
    if book is None and (daily_limit >= NO_LIMIT).all():
        return np.where(cost.min(axis=1) < IMPOSSIBLE, np.argmin(cost, axis=1), -1)
    ordered = np.sort(cost, axis=1)
    regret = (ordered[:, 1] if cost.shape[1] > 1 else np.full(cost.shape[0], IMPOSSIBLE)) - ordered[:, 0]
    choice = np.full(cost.shape[0], -1, dtype=np.int64)
    used: dict[tuple[int, int], int] = {}
    for n in np.argsort(-regret, kind="stable"):
        for c in np.argsort(cost[n], kind="stable"):
            key = (int(c), int(day[n, c]))
            taken = used.get(key, 0) + int(units[n, c])
            if cost[n, c] >= IMPOSSIBLE:
                break
            if taken <= daily_limit[c] and (book is None or book(int(n), int(c))):
                used[key], choice[n] = taken, c
                break
    return choice
