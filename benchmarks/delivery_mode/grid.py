"""Every policy in every cell of the grid, and savings with their bootstrap bounds."""

from collections.abc import Callable, Sequence
from itertools import product

import numpy as np

from benchmarks.delivery_mode.instances import Fleet, draw_orders
from benchmarks.delivery_mode.policies import POLICIES, RULES, Shift, judge

Row = dict[str, object]
VANS = {"scarce": 2, "ample": 4}
RESAMPLES = 10_000


def grid_rows(*, orders: int, seeds: Sequence[int], iterations: int, say: Callable[[str], None]) -> list[Row]:
    """Return a row for each cell, seed and policy."""
    rows = []
    for vans, blocks, uneven, paid in product(VANS, (False, True), (False, True), (False, True)):
        fleet = Fleet(vans=(VANS[vans],), blocks=blocks, paid=paid)
        cell = ", ".join((vans, "blocks" if blocks else "no blocks", "uneven" if uneven else "even",
                          "paid" if paid else "by use"))  # fmt: skip
        say(cell)
        for seed in seeds:
            drawn = draw_orders(orders, stores=1, seed=seed)
            shift = Shift.of(drawn, fleet, uneven=uneven, iterations=iterations, seed=seed)
            rows += [
                {"instance": cell, "seed": seed, **row}
                for row in policy_rows(shift, [name for name in POLICIES if blocks or name != "all filled"])
            ]
    return rows


def policy_rows(shift: Shift, names: Sequence[str]) -> list[Row]:
    """Return what each policy costs by delivered order [minor], and what it does."""
    rows = []
    for name in names:
        found = judge(shift, POLICIES[name](shift))
        rows.append(
            {
                "solver": name,
                "cost": round(found.cost_minor / len(shift.orders), 2),
                "own": found.own,
                "hired_routes": found.hired_routes,
                "to_parcels": found.to_parcels,
                "violations": len(found.faults),
            }
        )
    return rows


def cells_of(rows: Sequence[Row]) -> list[Row]:
    """Return a row for each cell: mean cost of each policy, and what joint saves against the best rule and strong."""
    table = []
    for cell in dict.fromkeys(str(row["instance"]) for row in rows):
        here = [row for row in rows if row["instance"] == cell]
        costs = {name: _costs(here, name) for name in POLICIES}
        line: Row = {"instance": cell}
        line |= {name: round(float(cost.mean()), 1) if cost.size else None for name, cost in costs.items()}
        for name, saved in savings(here).items():
            line |= {f"vs {name} %": round(float(saved.mean()), 2), f"worst vs {name}": round(float(saved.min()), 2)}
        line["low %"] = round(bootstrap_low(savings(here)["strong"]), 2)
        table.append(line)
    return table


def savings(rows: Sequence[Row]) -> dict[str, "np.ndarray[tuple[int], np.dtype[np.float64]]"]:
    """Return what joint saves by instance and seed, in percent, against others on the same one.

    "rule" is the cheapest rule of each, "strong" own vans first, "filled" the cheaper of that and all vehicles filled
    together.
    """
    joint, own_first = _costs(rows, "joint"), _costs(rows, "strong")
    rule = np.min([_costs(rows, name) for name in RULES], axis=0)
    together = {
        (row["instance"], row["seed"]): float(str(row["cost"])) for row in rows if row["solver"] == "all filled"
    }
    keys = [(row["instance"], row["seed"]) for row in rows if row["solver"] == "strong"]
    filled = np.array([min(cost, together.get(key, cost)) for key, cost in zip(keys, own_first, strict=True)])
    others = {"rule": rule, "strong": own_first, "filled": filled}
    return {name: 100.0 * (1.0 - joint / other) for name, other in others.items()}


def bootstrap_low(saved: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> float:
    """Return the lower end of the 95 % interval of a mean, by resampling."""
    picked = np.random.default_rng(0).integers(0, saved.size, (RESAMPLES, saved.size))
    return float(np.quantile(saved[picked].mean(axis=1), 0.025))


def grid_summary(rows: Sequence[Row]) -> Row:
    """Return pooled savings, the bound of that against strong, and in how many runs joint costs more."""
    saved = savings(rows)
    return {
        "runs": int(saved["strong"].size),
        "saving_vs_best_rule_pct": round(float(saved["rule"].mean()), 2),
        "worst_vs_best_rule_pct": round(float(saved["rule"].min()), 2),
        "saving_vs_strong_pct": round(float(saved["strong"].mean()), 2),
        "saving_vs_strong_ci_low_pct": round(bootstrap_low(_by_seed(rows, saved["strong"])), 2),
        "worst_vs_strong_pct": round(float(saved["strong"].min()), 2),
        "saving_vs_all_filled_pct": round(float(saved["filled"].mean()), 2),
        "worse_seeds": int((saved["strong"] < 0).sum()),
        "worse_than_rule_seeds": int((saved["rule"] < 0).sum()),
        "cold_worse_seeds": int((_costs(rows, "joint, one cold search") > _costs(rows, "strong")).sum()),
    }


def _by_seed(
    rows: Sequence[Row], saved: "np.ndarray[tuple[int], np.dtype[np.float64]]"
) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Return the mean over all cells of each seed, whose orders are the same in all: seeds are what is resampled."""
    seeds = np.array([int(str(row["seed"])) for row in rows if row["solver"] == "strong"])
    return np.array([saved[seeds == seed].mean() for seed in np.unique(seeds)])


def _costs(rows: Sequence[Row], name: str) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    return np.array([float(str(row["cost"])) for row in rows if row["solver"] == name])
