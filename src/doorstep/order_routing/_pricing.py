"""What orders would take at given prices if they need not share: the answer that prices are corrected by."""

import numpy as np

from doorstep.foundation.kernels import kernel
from doorstep.order_routing._kernels import SERVED, decide_order, new_view
from doorstep.order_routing._patterns import keep
from doorstep.order_routing._view import prices_of


@kernel
def answer_prices(p, capacity, refuse_minor, use, pick_use, pool):  # type: ignore[no-untyped-def]
    """Return a lower bound on the cost, prices included, of all orders in sequence, each as if it were alone.

    An order that would cost more than ``refuse_minor`` (O,), or that nobody can serve, costs that and takes nothing.
    ``use`` (Q,), aligned with the unit prices, and ``pick_use`` (S, D) are filled with what the others take. What each
    would do is kept in the pool.
    """
    width = p.candidates.shape[1]
    longest = 0
    for o in p.sequence:
        longest = max(longest, p.start[o + 1] - p.start[o])
    v = new_view(width, longest)
    single, lines_here = np.zeros(width, np.int64), np.zeros(width, np.int64)
    amounts_of_all = np.zeros((width, longest), np.int64)
    use[:] = 0
    pick_use[:] = 0
    total = np.int64(0)
    for o in p.sequence:
        lines = p.start[o + 1] - p.start[o]
        amounts = amounts_of_all[:, :lines]
        amounts[:] = 0
        status, cost, bound = decide_order(p, o, capacity, v, single, lines_here, amounts)
        if status != SERVED or cost > refuse_minor[o]:
            total += min(bound, refuse_minor[o])
            continue
        total += bound
        keep(pool, p, o, v, amounts, cost - prices_of(p, o, v, amounts))
        for c in range(width):
            for n in range(lines):
                if amounts[c, n] > 0:
                    product = p.product[p.start[o] + n]
                    offset = p.prices.offset[product]
                    if offset >= 0:
                        use[offset + v.row[c, n] - p.stock.start[product]] += amounts[c, n]
                    pick_use[p.candidates[o, c], p.pick_day[o, c]] += 1
    return total
