"""``python3 run.py bench dispatch --data DIR``: the contest's days, beside the published costs and simple rules."""

import argparse
import csv
import sys
from pathlib import Path

from benchmarks.dispatch.contest import read_static
from benchmarks.dispatch.play import OURS, POLICIES, Budget, Played, play
from benchmarks.table import machine, print_table, write_json

PUBLISHED = "configs_and_published_costs.csv"
WINNER, GREEDY = "Kleopatra", "baseline_greedy"
Row = dict[str, object]


def main() -> int:
    """Run the benchmark; exit code 1 if a plan breaks a rule."""
    asked = _arguments()
    days = _days(asked.data)
    policies = POLICIES if asked.peers else (OURS,)
    print(f"{machine()}; {asked.seconds:g} CPU seconds an epoch")
    rows: list[Row] = []
    for number, day in enumerate(days, start=1):
        static = read_static(asked.data / day["instance"])
        for policy in policies:
            for seed in range(asked.seed, asked.seed + asked.seeds):
                print(f"[{number}/{len(days)}] {static.name}, {policy}, seed {seed} ...", file=sys.stderr, flush=True)
                budget = Budget(seconds=asked.seconds, iterations=asked.iterations)
                played = play(static, int(day["instance_seed"]), policy, budget, engine_seed=seed)
                rows.append(_row(day, policy, seed, played))
                if asked.json:
                    write_json(asked.json, "dispatch", rows, summary_of(rows))
    print_table(rows)
    print(f"\nsummary: {summary_of(rows)}")
    return 1 if any(row["violations"] for row in rows) else 0


def summary_of(rows: list[Row]) -> Row:
    """Return the mean and the worst ratio to the winner of each policy, ours without a name."""
    found: Row = {}
    for policy in dict.fromkeys(str(row["solver"]) for row in rows):
        ratios = [float(str(row["to_winner"])) for row in rows if row["solver"] == policy]
        prefix = "" if policy == OURS else f"{policy}_"
        found[f"{prefix}mean_ratio_to_winner"] = round(sum(ratios) / len(ratios), 4)
        found[f"{prefix}worst_ratio_to_winner"] = max(ratios)
    found["violations"] = sum(int(str(row["violations"])) for row in rows)
    return found


def _row(day: dict[str, str], policy: str, seed: int, played: Played) -> Row:
    for fault in played.faults:
        print(fault, file=sys.stderr)
    winner, greedy = int(day[WINNER]), int(day[GREEDY])
    return {
        "instance": day["instance"].removesuffix(".txt").removeprefix("ORTEC-VRPTW-ASYM-"),
        "seed": seed,
        "solver": policy,
        "cost": played.driven_s,
        "requests": played.requests,
        "best_known": winner,
        "to_winner": round(played.driven_s / winner, 4),
        "to_published_greedy": round(played.driven_s / greedy, 4),
        "longest_epoch_cpu_s": round(played.longest_cpu_s, 1),
        "cpu_s": round(played.cpu_s, 1),
        "violations": len(played.faults),
    }


def _days(data: Path) -> list[dict[str, str]]:
    """Return the dynamic days of a folder: those of the table of published costs."""
    table = data / PUBLISHED
    if not table.exists():
        sys.exit(f"{table} is not there: --data needs the contest's instances with {PUBLISHED}.")
    with table.open(newline="", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["static"] == "False" and (data / row["instance"]).exists()]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench dispatch", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the contest's instances")
    parser.add_argument("--seconds", type=float, default=10.0, help="CPU seconds for each epoch; default 10")
    parser.add_argument("--iterations", type=int, help="of the engine for each epoch, in the place of seconds")
    parser.add_argument("--seed", type=int, default=1, help="first seed of the search")
    parser.add_argument("--seeds", type=int, default=1, help="how many")
    parser.add_argument("--peers", action="store_true", help="also the rules greedy and lazy on the same engine")
    parser.add_argument("--json", type=Path, help="also write one JSON object there")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
