"""From today's practice to one joint plan, step by step: two neighbouring stores of one metro."""

from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.delivery_mode.instances import Fleet, Orders, draw_orders, in_waves
from benchmarks.delivery_mode.policies import Policy, Shift, joint, judge, strong

Row = dict[str, object]
VANS = (2, 1)
"""Vans of the two stores: the first is the one that is drawn, the second its nearest neighbour."""


def ladder_rows(*, orders: int, seeds: Sequence[int], iterations: int, say: Callable[[str], None]) -> list[Row]:
    """Return what each step costs by order [minor], and what it and all before save."""
    rows = []
    for seed in seeds:
        say(f"ladder, seed {seed}")
        drawn = draw_orders(orders, stores=2, seed=seed)
        found: dict[str, tuple[int, int]] = {
            "per store, fixed waves, own first": _apart(in_waves(drawn), iterations, seed),
            "next-day all day": _apart(drawn, iterations, seed),
            "stores together": _together(drawn, Fleet(vans=VANS), strong, iterations, seed),
            "contractors' blocks": _together(drawn, Fleet(vans=VANS, blocks=True), strong, iterations, seed),
            "joint choice": _together(drawn, Fleet(vans=VANS, blocks=True), joint, iterations, seed),
        }
        first = before = next(iter(found.values()))[0]
        for step, (cost, faults) in found.items():
            rows.append(
                {
                    "instance": f"two stores, {orders} orders",
                    "seed": seed,
                    "solver": step,
                    "cost": round(cost / orders, 2),
                    "step_pct": round(100 * (1 - cost / before), 2),
                    "saving_pct": round(100 * (1 - cost / first), 2),
                    "violations": faults,
                }
            )
            before = cost
    return rows


def steps_of(rows: Sequence[Row]) -> list[Row]:
    """Return the mean of each step over all seeds, with the least saving."""
    table = []
    for step in dict.fromkeys(str(row["solver"]) for row in rows):
        here = [row for row in rows if row["solver"] == step]
        cost, by_step, saved = (
            np.array([float(str(row[name])) for row in here]) for name in ("cost", "step_pct", "saving_pct")
        )
        table.append(
            {
                "step": step,
                "cost": round(float(cost.mean()), 1),
                "step %": round(float(by_step.mean()), 2),
                "saving %": round(float(saved.mean()), 2),
                "least saving %": round(float(saved.min()), 2),
            }
        )
    return table


def _apart(orders: Orders, iterations: int, seed: int) -> tuple[int, int]:
    """Return what both stores cost apart, own first, each with its nearest orders, and the rules broken."""
    away = np.hypot(orders.x[:, None] - orders.store_x, orders.y[:, None] - orders.store_y)
    store = np.argmin(np.where(orders.stocked, away, np.inf), axis=1)
    cost = faults = 0
    for number, vans in enumerate(VANS):
        rows = np.flatnonzero(store == number)
        if not rows.size:
            continue
        part = round(iterations * rows.size / len(orders))
        shift = Shift.of(orders.take(rows, number), Fleet(vans=(vans,)), uneven=False, iterations=part, seed=seed)
        judged = judge(shift, strong(shift))
        cost, faults = cost + judged.cost_minor, faults + len(judged.faults)
    return cost, faults


def _together(orders: Orders, fleet: Fleet, policy: Policy, iterations: int, seed: int) -> tuple[int, int]:
    shift = Shift.of(orders, fleet, uneven=False, iterations=iterations, seed=seed)
    judged = judge(shift, policy(shift))
    return judged.cost_minor, len(judged.faults)
