"""``--only waves``: same-day stores with few vans, under three rules that have equal patience."""

import argparse
from collections.abc import Iterator, Sequence

from benchmarks.dispatch.contest_days import Row
from benchmarks.dispatch.waves import RULES, play_waves

STORES = ((120, 3), (120, 6), (240, 6))
"""Orders a day, and vans."""


def wave_rows(asked: argparse.Namespace) -> Iterator[Row]:
    """Yield a row for each store, seed and rule."""
    for orders, vans in STORES:
        for seed in range(asked.seed, asked.seed + asked.seeds):
            for rule in RULES:
                named = {"instance": f"{orders} orders, {vans} vans", "seed": seed, "solver": rule}
                yield named | play_waves(orders, vans, seed, rule)


def wave_summary(rows: Sequence[Row]) -> Row:
    """Return what our rule costs beside the others, in the mean of days and at worst."""
    cost = {(row["instance"], row["seed"], row["solver"]): int(str(row["cost"])) for row in rows}
    found: Row = {"violations": sum(int(str(row["violations"])) for row in rows)}
    for other in RULES[1:]:
        days = [key for key in cost if key[2] == RULES[0] and (*key[:2], other) in cost]
        ratios = [cost[key] / cost[(*key[:2], other)] for key in days]
        if ratios:
            found |= {f"mean_ratio_to_{other}": round(sum(ratios) / len(ratios), 4),
                      f"worst_ratio_to_{other}": round(max(ratios), 4)}  # fmt: skip
    return found
