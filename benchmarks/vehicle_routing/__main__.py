"""``python3 run.py bench vehicle_routing``: public instances (--data) and a made-up city (--city), beside peers.

Every run has a process of its own and the same CPU seconds: twice the wall budget, which means two quiet cores; reading
the instance and set-up are in it, compiling is not. Plans are judged by the checker alone. ``--live`` measures quotes
and repairs in a running plan instead (``live.py``).
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.table import machine, print_table, write_json
from benchmarks.vehicle_routing import live
from benchmarks.vehicle_routing.families import QUICK_WALL_S, famous_city, instances_in, wall_budget_s
from benchmarks.vehicle_routing.job import CITY, CITY_PEERS, CPU_PER_WALL, OWN, PEERS, STEADY, Job
from benchmarks.vehicle_routing.summary import Row, against_peers, numbers, summary_rows

SAMPLE_CITY = 1_000
HIDDEN = ("budget_cpu_s", "warm_cpu_s", "compile_s")
"""Columns that are written, not printed."""


def main() -> int:
    """Run the benchmark; exit code 1 if a plan of our own breaks a rule, or a run of our own fails."""
    asked = _arguments()
    if asked.territories:
        return _territories(asked)
    if asked.live:
        return live.main(asked)
    jobs = list(_jobs(asked))
    print(f"{machine()}; a budget of S wall seconds on two quiet cores is {CPU_PER_WALL} S CPU seconds for each run")
    for solver in dict.fromkeys(job.solver for job in jobs):
        _run(Job(solver=solver, warming=True))
    rows: list[Row] = []
    for number, job in enumerate(jobs, start=1):
        patience = f"{job.cpu_s:g} CPU-s" if job.iterations is None else f"{job.iterations} iterations"
        _say(f"[{number}/{len(jobs)}] {job.name}, {job.solver}, seed {job.seed}, {patience} ...")
        rows.append(_run(job))
        if asked.json:
            write_json(asked.json, "vehicle_routing", rows, _summary(rows))
    print_table([{column: value for column, value in row.items() if column not in HIDDEN} for row in rows])
    print("\nby family:")
    print_table(summary_rows(rows))
    if ratios := against_peers(rows, OWN):
        print(f"\n{OWN} on the city: {ratios}")
    mine = [row for row in rows if row["solver"] == OWN]
    return 1 if sum(numbers(mine, "violations")) or any("cost" not in row for row in mine) else 0


def _territories(asked: argparse.Namespace) -> int:
    """Print what soft terms cost instead; exit code 1 if a plan breaks a rule."""
    from benchmarks.vehicle_routing.territories import territory_rows

    rows: list[Row] = []
    for row in territory_rows(
        instances_in(asked.data, asked.families, asked.instances) if asked.data else [],
        data=asked.data,
        city=asked.city or 0,
        seeds=asked.seeds,
        seconds=QUICK_WALL_S if asked.quick else asked.seconds,
        iterations=asked.iterations,
    ):
        _say(f"{row['instance']}, seed {row['seed']}, {row['soft terms']}: {row['price_pct']} %")
        rows.append(row)
        if asked.json:
            write_json(asked.json, "vehicle_routing", rows, {"violations": sum(numbers(rows, "violations"))})
    print_table(rows)
    return 1 if sum(numbers(rows, "violations")) else 0


def _jobs(asked: argparse.Namespace) -> Iterator[Job]:
    """Yield all runs: instance by instance, solver by solver, seed by seed."""
    solvers = asked.solvers or [OWN, *(PEERS if asked.peers else ())]
    found = instances_in(asked.data, asked.families, asked.instances) if asked.data else []
    for one in found:
        yield from _runs(asked, solvers, one.family, path=str(one.path))
    if asked.city:
        base = famous_city(asked.data)
        city = [s for s in solvers if s == OWN or s in CITY_PEERS or asked.solvers]
        yield from _runs(asked, city, CITY, city_stops=asked.city, base=str(base or ""))


def _runs(
    asked: argparse.Namespace, solvers: list[str], family: str, *, path: str = "", city_stops: int = 0, base: str = ""
) -> Iterator[Job]:
    cpu_s = CPU_PER_WALL * wall_budget_s(family, asked.seconds, quick=asked.quick)
    for solver in solvers:
        for seed in asked.seeds[:1] if solver in STEADY and not city_stops else asked.seeds:
            yield Job(
                solver=solver,
                family=family,
                path=path,
                city_stops=city_stops,
                base=base,
                seed=seed,
                threads=asked.threads,
                cpu_s=cpu_s,
                iterations=asked.iterations,
            )


def _run(job: Job) -> Row:
    """Run a job in a process of its own and return its row, which says so if it ended badly."""
    about = {"instance": job.name, "family": job.family, "solver": job.solver, "seed": job.seed}
    command = [sys.executable, "-m", "benchmarks.vehicle_routing.one", job.to_json()]
    try:
        patience = None if job.iterations is not None else 4 * job.cpu_s + 600
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, timeout=patience)
    except subprocess.TimeoutExpired:
        return about | {"note": "failed: it did not end"}
    if done.returncode:
        return about | {"note": f"failed: its process ended with status {done.returncode}"}
    row: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return row


def _summary(rows: list[Row]) -> dict[str, object]:
    own = [row for row in rows if row["solver"] == OWN]
    return {
        "violations": int(sum(numbers(own, "violations"))),
        "families": summary_rows(rows),
        CITY: against_peers(rows, OWN),
    }


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _arguments() -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="bench vehicle_routing", description=__doc__)
    asked.add_argument("--data", type=Path, help="folder of families, or one family; without it, a city is made")
    asked.add_argument("--family", dest="families", metavar="NAME", nargs="+", default=[], help="only these folders")
    asked.add_argument("--instance", dest="instances", metavar="NAME", nargs="+", default=[], help="only these files")
    asked.add_argument("--city", type=int, metavar="N", help="add a made-up day of N stops, another day for each seed")
    asked.add_argument("--live", action="store_true", help="quotes and repairs in the plan of a made-up city instead")
    asked.add_argument("--seconds", type=float, help="wall seconds on two quiet cores; default by family")
    asked.add_argument("--quick", action="store_true", help="10 s instead of the family's default")
    asked.add_argument("--iterations", type=int, help="instead of seconds, for solvers that count them: repeatable")
    asked.add_argument("--seed", dest="seeds", type=int, metavar="N", nargs="+", default=[1], help="default 1")
    asked.add_argument("--threads", type=int, default=2, help="of our engine; CPU seconds stay the same")
    asked.add_argument("--peers", action="store_true", help=f"add rows for {', '.join(PEERS)}")
    asked.add_argument("--solver", dest="solvers", metavar="NAME", nargs="+", default=[], help="only these solvers")
    asked.add_argument("--territories", action="store_true", help="what compact and even routes cost, instead")
    asked.add_argument("--json", type=Path, help="also write one JSON object there")
    found = asked.parse_args()
    if not found.data and not found.city and not found.live:
        found.city = SAMPLE_CITY
    return found


if __name__ == "__main__":
    raise SystemExit(main())
