"""When a basket that lacks stock could be had: the first moment at which receipts make it possible."""

from collections.abc import Mapping, Sequence

import numpy as np

from doorstep.operations.intake.draft import Draft
from doorstep.operations.intake.expected import Expected
from doorstep.promising import available_to_promise
from doorstep.promising.available import NEVER, first_period


def arrival_of(draft: Draft, free: Mapping[tuple[str, str], int], coming: Sequence[Expected]) -> int | None:
    """Return the first moment from which all units of a draft can be promised, None if nothing says so [epoch s].

    Units that were promised are no longer free, so nothing else is committed.

    Parameters
    ----------
    free
        Units free by site and product, at the sites that may serve it.
    coming
        Receipts with free units that come there.
    """
    wanted: dict[str, int] = {}
    for line in draft.intake.order.lines:
        wanted[line.product_id] = wanted.get(line.product_id, 0) + line.quantity
    moments = sorted({receipt.expected_at for receipt in coming})
    if not moments:
        return None
    on_hand, receipts = dict.fromkeys(wanted, 0), np.zeros((len(wanted), len(moments)), dtype=np.int64)
    for (_, product), units in free.items():
        on_hand[product] += units
    rows = {product: row for row, product in enumerate(wanted)}
    for receipt in coming:
        receipts[rows[receipt.product_id], moments.index(receipt.expected_at)] += receipt.free
    shelf = np.array([on_hand[product] for product in wanted], dtype=np.int64)
    available = available_to_promise(shelf, receipts, np.zeros_like(receipts))
    period = first_period(available, np.array(list(wanted.values()), dtype=np.int64))
    return None if period == NEVER else moments[period]
