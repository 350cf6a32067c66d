"""Capacitated siting of published instances: split and single-source, beside HiGHS with the same CPU seconds.

A folder is laid out as ``sscflp_orlib/`` and ``sscflp_tbed1/`` (gzipped: sites, customers, ...), ``pmedcap/`` and
``bounds_orlib.txt``; what is absent is skipped. ``optimal_values.txt`` holds single-source optima, ``bounds_orlib.txt``
split ones. ``best_values.txt`` of TBED1 holds the split optima (those proved here agree to the cent), which no plan of
whole customers can meet: ``best_known`` is a bound for them, and the gap to it is more than the true one.
"""

import gzip
import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.table import Row
from doorstep.foundation import Seconds
from doorstep.network.capacitated.check import check_capacitated
from doorstep.network.capacitated.options import options_of
from doorstep.network.capacitated.plan import CapacitatedPlan, plan_of
from doorstep.network.capacitated.problem import CapacitatedProblem, capacitated_problem
from doorstep.network.capacitated.programme import choose_together
from doorstep.network.capacitated.solve import site_capacitated

SECONDS = {"sscflp_orlib": 30.0, "sscflp_tbed1": 60.0, "pmedcap": 30.0}
SPLIT_NAMES = (
    *(f"cap{group}{number}" for group in (6, 7, 9, 10, 12, 13) for number in (1, 2, 3, 4)),
    *(f"capa_{capacity}" for capacity in (8000, 10000, 12000, 14000)),
    *(f"capb_{capacity}" for capacity in (5000, 6000, 7000, 8000)),
    *(f"capc_{capacity}" for capacity in (5000, 5750, 6500, 7250)),
)
"""Names of the split problems on the same data as p1 to p36."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """A named problem with the best known cost, if any, and the CPU seconds given to it."""

    name: str
    problem: CapacitatedProblem
    best_known: float | None
    seconds: float


def capacitated_rows(data: Path, *, seed: int, peers: bool) -> list[Row]:
    """Return one row for each instance in a folder; with ``peers`` one of HiGHS for those of whole customers too.

    Kernels are compiled before, on a problem of three customers.
    """
    warm = capacitated_problem(np.ones((3, 2)), np.ones(3), np.full(2, 2.0), np.ones(2), split=False)
    for problem in (warm, replace(warm, split=True)):
        site_capacitated(problem, rng=np.random.default_rng(seed), stop=Seconds(limit=1.0))
    rows: list[Row] = []
    for instance in instances(data):
        rows.append(_row(instance, "doorstep", lambda given: _ours(given, seed)))
        if peers and not instance.problem.split:
            rows.append(_row(instance, "HiGHS", _highs))
        print(*(f"{rows[-1][key]}" for key in ("instance", "cpu_s")), file=sys.stderr, flush=True)
    return rows


def instances(data: Path) -> Iterator[Instance]:
    """Yield the instances of a folder, both rules where the data serve both."""
    split_known = _values(data / "bounds_orlib.txt")
    known = _values(data / "sscflp_orlib/optimal_values.txt")
    for path in _numbered(data / "sscflp_orlib"):
        number = int(path.name.removesuffix(".gz").removeprefix("p"))
        split = SPLIT_NAMES[number - 1] if number <= len(SPLIT_NAMES) else path.name
        whole = _orlib(path)
        yield Instance(
            name=f"orlib p{number}",
            problem=whole,
            best_known=known.get(f"p{number}"),
            seconds=SECONDS["sscflp_orlib"],
        )
        yield Instance(
            name=f"orlib {split} split",
            problem=replace(whole, split=True),
            best_known=split_known.get(split),
            seconds=SECONDS["sscflp_orlib"],
        )
    best = _values(data / "sscflp_tbed1/best_values.txt")
    for path in _numbered(data / "sscflp_tbed1"):
        name, whole = path.name.removesuffix(".gz"), _tbed1(path)
        for rule, problem in (("", whole), (" split", replace(whole, split=True))):
            yield Instance(
                name=f"tbed1 {name}{rule}",
                problem=problem,
                best_known=best.get(name),
                seconds=SECONDS["sscflp_tbed1"],
            )
    for path in sorted((data / "pmedcap").glob("pmedcap*.txt")):
        problem, value = _pmedcap(path)
        yield Instance(name=path.stem, problem=problem, best_known=value, seconds=SECONDS["pmedcap"])


def _numbered(folder: Path) -> list[Path]:
    return sorted(folder.glob("p*.gz"), key=lambda path: int(path.name.removesuffix(".gz").removeprefix("p")))


def _values(path: Path) -> dict[str, float]:
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {line.split()[0]: float(line.split()[-1]) for line in lines if line.strip()}


def _numbers(path: Path) -> tuple[int, int, np.ndarray]:
    numbers = np.array(gzip.decompress(path.read_bytes()).split(), np.float64)
    return int(numbers[0]), int(numbers[1]), numbers[2:]


def _orlib(path: Path) -> CapacitatedProblem:
    """Return sites' capacity and cost, then demand, then a row of the customers' costs for each site."""
    sites, customers, rest = _numbers(path)
    pairs, demand, cost = np.split(rest, [2 * sites, 2 * sites + customers])
    pairs = pairs.reshape(sites, 2)
    return capacitated_problem(cost.reshape(sites, customers).T, demand, pairs[:, 0], pairs[:, 1], split=False)


def _tbed1(path: Path) -> CapacitatedProblem:
    """Return demand, capacity, opening cost, then the cost of one unit, a row of the customers for each site."""
    sites, customers, rest = _numbers(path)
    demand, capacity, opening, cost = np.split(rest, np.cumsum([customers, sites, sites]))
    return capacitated_problem(
        cost.reshape(sites, customers).T * demand[:, None], demand, capacity, opening, split=False
    )


def _pmedcap(path: Path) -> tuple[CapacitatedProblem, float]:
    """Return a capacitated p-median with distances rounded down, and its best known value."""
    numbers = np.array(path.read_text(encoding="utf-8").split(), np.float64)
    count, sites, capacity = int(numbers[2]), int(numbers[3]), numbers[4]
    table = numbers[5 : 5 + 4 * count].reshape(count, 4)
    apart = table[:, None, 1:3] - table[None, :, 1:3]
    cost = np.floor(np.sqrt((apart**2).sum(axis=2)))
    problem = capacitated_problem(
        cost, table[:, 3], np.full(count, capacity), np.zeros(count), sites=sites, split=False
    )
    return problem, float(numbers[1])


def _row(instance: Instance, solver: str, solve: Callable[[Instance], CapacitatedPlan]) -> Row:
    began, wall = time.process_time(), time.perf_counter()
    plan = solve(instance)
    cpu_s, wall_s = time.process_time() - began, time.perf_counter() - wall
    best = instance.best_known
    return {
        "instance": instance.name,
        "solver": solver,
        "cost": plan.cost if plan.found else None,
        "best_known": best,
        "bound": plan.bound,
        "gap_pct": 100.0 * plan.gap if plan.found else None,
        "over_best_pct": 100.0 * (plan.cost / best - 1.0) if best and plan.found else None,
        "cpu_s": round(cpu_s, 3),
        "wall_s": round(wall_s, 3),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "violations": len(_faults(instance, plan)),
        "open_sites": int((plan.level >= 0).sum()),
    }


def _faults(instance: Instance, plan: CapacitatedPlan) -> list[str]:
    """Return what breaks a rule, a bound above the best known cost included (the split optimum bounds both rules)."""
    faults = check_capacitated(instance.problem, plan) if plan.found else []
    best = instance.best_known
    split_value = instance.name.startswith("tbed1") and not instance.problem.split
    if best is not None and not split_value and plan.bound > best * (1 + 1e-6):
        faults.append(f"bound {plan.bound} above the best known {best}.")
    return faults


def _ours(instance: Instance, seed: int) -> CapacitatedPlan:
    stop = Seconds(limit=instance.seconds)
    return site_capacitated(instance.problem, rng=np.random.default_rng(seed), stop=stop)


def _highs(instance: Instance) -> CapacitatedPlan:
    """Return what HiGHS finds with the strong formulation over all pairs, from nothing."""
    options = options_of(instance.problem)
    pairs = np.ones((options.site.size, options.demand.size), np.bool_)
    stop = Seconds(limit=instance.seconds)
    answer = choose_together(options, pairs, None, nodes=None, keep_going=lambda: stop.spent() < 1.0)
    return plan_of(options, instance.problem, answer.served, answer.bound)
