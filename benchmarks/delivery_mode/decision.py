"""How long it takes to decide on one order more, and to say why not of every other way, with 10,000 orders open."""

import time
from collections.abc import Sequence

import numpy as np

from benchmarks.delivery_mode.instances import OWN_RISK, Fleet, draw_orders
from benchmarks.delivery_mode.policies import Shift, cold
from doorstep.delivery_mode.tariff import IMPOSSIBLE
from doorstep.foundation.arrays import Ints
from doorstep.operations.corridor.choose_fleet import left_by
from doorstep.vehicle_routing import RoutePlan
from doorstep.vehicle_routing.reasons import reasons_for

Row = dict[str, object]
SHIFTS, VANS = 24, 4
"""Store-shifts of a day, and vans of each."""


def decision_rows(*, orders: int, seeds: Sequence[int], iterations: int) -> list[Row]:
    """Return milliseconds of a decision: the place in the routes that costs least, carriers' prices, and the reasons.

    Each store-shift has its part of ``orders`` planned. Those that its vans leave ask one after the other.
    """
    each = orders // SHIFTS
    taken: list[float] = []
    decided = 0
    for number in range(SHIFTS):
        seed = seeds[0] * SHIFTS + number
        drawn = draw_orders(each, stores=1, seed=seed)
        shift = Shift.of(drawn, Fleet(vans=(VANS,)), uneven=False, iterations=iterations, seed=seed)
        plan = cold(shift)
        for stop in left_by(shift.problem, plan)[:20].tolist():
            begun = time.perf_counter()
            decided += len(_decide(shift, plan, stop))
            taken.append(1000 * (time.perf_counter() - begun))
    p50, p95, worst = np.quantile(taken, [0.5, 0.95, 1.0]).tolist()
    return [
        {
            "instance": f"{each * SHIFTS} open orders, {SHIFTS} store-shifts",
            "solver": "one order more, with reasons",
            "decisions": len(taken),
            "ways": decided,
            "p50_ms": round(p50, 1),
            "p95_ms": round(p95, 1),
            "max_ms": round(worst, 1),
            "violations": 0,
        }
    ]


def _decide(shift: Shift, plan: RoutePlan, stop: int) -> dict[str, str]:
    """Return for own fleet and each carrier what it would cost, or why it does not come."""
    outside: Ints = shift.outside.cost_minor[stop]
    problem = shift.problem.with_prizes(np.maximum(shift.outside.cost_minor.min(axis=1) - OWN_RISK, 0))
    own = reasons_for(problem, plan, np.array([stop]))[0]
    carriers = {
        f"carrier {carrier}": "does not come" if cost >= IMPOSSIBLE else str(cost)
        for carrier, cost in enumerate(outside.tolist())
    }
    return {"own": f"{own.reason} {own.price_minor}", **carriers}
