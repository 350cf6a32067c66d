"""How far the choice is from the optimum, on problems that are small enough to know it."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from benchmarks.delivery_mode.exact import least_cost
from benchmarks.delivery_mode.instances import (
    CLOSE_AT,
    HOUR,
    LOST,
    OPEN_AT,
    OWN_RISK,
    Fleet,
    carrier_costs,
    draw_orders,
)
from benchmarks.delivery_mode.policies import POLICIES, Shift, judge
from doorstep.delivery_mode.tariff import IMPOSSIBLE
from doorstep.vehicle_routing import VehicleTypes

Row = dict[str, object]
SIZES = ((12, 2, 1, 7), (25, 4, 2, 4))
"""Orders, own cargo bikes, hired ones, and parcels that each carries on its one trip."""
PRICES = (1.0, 1.35, 1.7)
"""Factors on outside prices: bikes and carriers compete in all, ever harder."""


def gap_rows(*, seeds: Sequence[int], iterations: int, say: Callable[[str], None]) -> list[Row]:
    """Return cost and optimum [minor] of strong and joint for each size, price level and seed."""
    rows = []
    for count, own, hired, parcels in SIZES:
        for seed in seeds:
            say(f"exact, {count} orders, seed {seed}")
            for factor in PRICES if count == SIZES[0][0] else PRICES[1:2]:
                shift = small_shift(count, own, hired, parcels, factor=factor, iterations=iterations, seed=seed)
                best = least_cost(shift.problem, shift.outside.cost_minor.min(axis=1) - OWN_RISK) + count * OWN_RISK
                for name in ("strong", "joint"):
                    found = judge(shift, POLICIES[name](shift))
                    rows.append(
                        {
                            "instance": f"{count} orders, prices x {factor}",
                            "seed": seed,
                            "solver": name,
                            "cost": found.cost_minor,
                            "best_known": best,
                            "gap_pct": round(100 * (found.cost_minor / best - 1), 3),
                            "own": found.own,
                            "violations": len(found.faults) + (found.cost_minor < best),
                        }
                    )
    return rows


def small_shift(count: int, own: int, hired: int, parcels: int, *, factor: float, iterations: int, seed: int) -> Shift:
    """Return a shift with cargo bikes on single trips: own ones by the hour, hired ones by the block."""
    drawn = draw_orders(count, stores=1, seed=seed)
    shift = Shift.of(drawn, Fleet(vans=(own,)), uneven=False, iterations=iterations, seed=seed)
    kinds = VehicleTypes(
        count=np.array([own, hired]),
        capacity=np.array([[parcels], [parcels]]),
        skills=np.array([0, 0]),
        shift_start_at=np.array([OPEN_AT, OPEN_AT + 3 * HOUR]),
        shift_end_at=np.array([CLOSE_AT, OPEN_AT + 6 * HOUR]),
        max_distance_m=np.array([1_000_000, 90_000]),
        max_reloads=np.array([0, 0]),
        fixed_minor=np.array([500, 2_500]),
        per_km_minor=np.array([65, 15]),
        per_hour_minor=np.array([2_800, 0]),
    )
    stops = replace(
        shift.problem.stops,
        load=np.ones((count, 1), dtype=np.int64),
        pickup=np.zeros((count, 1), dtype=np.int64),
        requirements=np.zeros(count, dtype=np.int64),
    )
    cost = carrier_costs(drawn, uneven=False)
    cost = np.where(cost < IMPOSSIBLE, np.rint(factor * cost).astype(np.int64), cost)
    return replace(
        shift,
        problem=replace(shift.problem, stops=stops, vehicles=kinds),
        hired=np.array([False, True]),
        outside=replace(shift.outside, cost_minor=cost, lost_minor=np.full(count, 4 * LOST)),
    )


def gap_summary(rows: Sequence[Row]) -> Row:
    """Return mean and worst gap of joint, and the mean of strong."""
    gaps = {name: [float(str(row["gap_pct"])) for row in rows if row["solver"] == name] for name in ("joint", "strong")}
    return {
        "gap_instances": len(gaps["joint"]),
        "mean_gap_pct": round(float(np.mean(gaps["joint"])), 3),
        "worst_gap_pct": max(gaps["joint"]),
        "strong_mean_gap_pct": round(float(np.mean(gaps["strong"])), 3),
    }
