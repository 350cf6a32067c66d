"""One run in a process of its own, so that its memory and CPU seconds are its own; prints one JSON line."""

import contextlib
import json
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numba.core import event

from benchmarks.vehicle_routing.engines import Outcome, SkippedError, Task, engine
from benchmarks.vehicle_routing.generator import city_day
from benchmarks.vehicle_routing.job import CITY, Job
from doorstep.connectors.routing_instance import Instance, read_instance
from doorstep.connectors.routing_instance.solution import best_known
from doorstep.foundation import Iterations, Seconds
from doorstep.vehicle_routing.check_plan import check_plan, objective_of

Row = dict[str, object]


def main(arguments: Sequence[str]) -> int:
    """Do the job of the first argument and print its row; solvers that print are sent to the error output."""
    job = Job.from_json(arguments[0])
    with contextlib.redirect_stdout(sys.stderr):
        row = run(job)
    print(json.dumps(row))
    return 0


def run(job: Job) -> Row:
    """Return the row of a job."""
    solver = engine(job.solver)
    solver.warm()
    if job.warming:
        return {}
    warm_cpu_s = time.process_time()
    compiled = event.RecordingListener()  # type: ignore[no-untyped-call]
    event.register("numba:compile", compiled)  # type: ignore[no-untyped-call]
    begun_cpu, begun_wall = time.process_time(), time.perf_counter()
    clock = Seconds(limit=job.cpu_s)
    clock()  # it counts from here on: reading and set-up are in the budget
    instance = load(job)
    stop = clock if job.iterations is None else Iterations(limit=job.iterations)
    task = Task(instance=instance, path=Path(job.path), stop=stop, clock=clock, seed=job.seed, threads=job.threads)
    about: Row = {
        "instance": instance.name,
        "family": job.family,
        "stops": len(instance.problem.stops),
        "solver": job.solver,
        "seed": job.seed,
    }
    try:
        outcome = solver.solve(task)
    except SkippedError as reason:
        return about | {"note": f"skipped: {reason}"}
    used: Row = {
        "cpu_s": round(time.process_time() - begun_cpu, 2),
        "wall_s": round(time.perf_counter() - begun_wall, 2),
        "peak_mb": round(peak_mb(), 1),
        "budget_cpu_s": job.cpu_s,
        "warm_cpu_s": round(warm_cpu_s, 2),
        "compile_s": round(_compile_s(compiled), 2),
        "iterations": outcome.iterations,
    }
    return about | judged(job, instance, outcome) | used


def load(job: Job) -> Instance:
    """Return the instance of a job."""
    if job.family != CITY:
        return read_instance(Path(job.path))
    base = Path(job.base) if job.base else None
    problem = city_day(job.city_stops, seed=job.seed, base=base)
    return Instance(
        name=job.name,
        family=CITY,
        problem=problem,
        ids=np.arange(1, job.city_stops + 1),
        depot_ids=np.zeros(1, dtype=np.int64),
        vehicle_numbers=(),
        scale=1.0,
    )


def judged(job: Job, instance: Instance, outcome: Outcome) -> Row:
    """Return cost and faults by the checker alone, in published units.

    Where the family counts vehicles first, cost is the rest, and vehicles are compared apart.
    """
    problem, plan = instance.problem, outcome.plan
    faults = [*outcome.faults, *check_plan(problem, plan, require_all=True)]
    published = best_known(Path(job.path)) if job.path else None
    cost = objective_of(problem, plan)
    row: Row = {"vehicles": len(plan.routes), "violations": len(faults)}
    best = None if instance.best_known is None else instance.best_known / instance.scale
    if published is not None and published.vehicles:
        cost -= sum(int(problem.vehicles.fixed_minor[route.vehicle]) for route in plan.routes)
        best = published.cost
        row |= {"best_vehicles": published.vehicles, "more_vehicles": len(plan.routes) - published.vehicles}
    row = {"cost": round(cost / instance.scale, 3), "best_known": best} | row
    if best and not faults:
        row["gap_pct"] = round(100 * (cost / instance.scale - best) / best, 3)
    notes = [*faults[:1], *([outcome.note] if outcome.note else [])]
    return row | ({"note": " ".join(notes)} if notes else {})


def peak_mb() -> float:
    """Return the peak memory of this process; Linux's own figure, as ``getrusage`` may hold that of the parent."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)


def _compile_s(compiled: event.RecordingListener) -> float:
    """Return the seconds in which numba compiled, or looked for, what warming up had missed."""
    depth, begun, total = 0, 0.0, 0.0
    for at, happened in compiled.buffer:
        if happened.is_start:
            begun = begun if depth else at
            depth += 1
        else:
            depth -= 1
            total += 0.0 if depth else at - begun
    return total


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
