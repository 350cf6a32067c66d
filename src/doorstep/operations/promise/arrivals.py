"""When a basket that lacks stock could be had: the first moment at which receipts make it possible."""

from collections.abc import Mapping

import numpy as np

from doorstep.operations.intake.draft import Draft
from doorstep.operations.intake.network import LiveNetwork
from doorstep.promising import available_to_promise
from doorstep.promising.available import NEVER, first_period


def arrival_of(network: LiveNetwork, draft: Draft, free: Mapping[tuple[str, str], int], *, now: int) -> int | None:
    """Return the first moment from which all units of a draft can be promised, None if nothing says so [epoch s].

    Units that were promised are no longer free, so nothing else is committed. A receipt whose moment has passed is
    not counted: it is either on the shelf by now, or late.

    Parameters
    ----------
    free
        Units free by site and product, at the sites that may serve it.
    """
    wanted: dict[str, int] = {}
    for line in draft.intake.order.lines:
        wanted[line.product_id] = wanted.get(line.product_id, 0) + line.quantity
    mine = set(draft.sites) if draft.intake.order.pickup_site_id else network.site_rows.keys()
    coming = {
        product: [r for r in network.receipts.get(product, ()) if r.expected_at > now and r.site_id in mine]
        for product in wanted
    }
    moments = sorted({receipt.expected_at for receipts in coming.values() for receipt in receipts})
    if not moments:
        return None
    on_hand, receipts = dict.fromkeys(wanted, 0), np.zeros((len(wanted), len(moments)), dtype=np.int64)
    for (_, product), units in free.items():
        on_hand[product] += units
    for row, product in enumerate(wanted):
        for receipt in coming[product]:
            receipts[row, moments.index(receipt.expected_at)] += receipt.units
    shelf = np.array([on_hand[product] for product in wanted], dtype=np.int64)
    available = available_to_promise(shelf, receipts, np.zeros_like(receipts))
    period = first_period(available, np.array(list(wanted.values()), dtype=np.int64))
    return None if period == NEVER else moments[period]
