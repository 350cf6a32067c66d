"""p-median instances of the OR-Library: the best plan, its proof, and what peers need for it."""

import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from scipy.sparse.csgraph import floyd_warshall

from benchmarks.table import Row
from doorstep.foundation import Seconds
from doorstep.foundation.arrays import Ints
from doorstep.network.siting import CostRows, choose_sites, p_median
from doorstep.network.siting.check import check_siting

SECONDS = 60.0
PEER_CUSTOMERS = 200
"""Instances up to this size are given to the peers, which need minutes for larger ones."""


def read_pmed(path: Path) -> tuple[int, Ints]:
    """Return the number of sites and the matrix of shortest paths (N, N); of a repeated edge the last cost holds."""
    numbers = np.array(path.read_text().split(), dtype=np.int64)
    nodes, edges, count = numbers[:3].tolist()
    length = np.full((nodes, nodes), np.inf)
    np.fill_diagonal(length, 0)
    for a, b, cost in numbers[3 : 3 + 3 * edges].reshape(-1, 3):
        length[a - 1, b - 1] = length[b - 1, a - 1] = cost
    return count, np.rint(floyd_warshall(length)).astype(np.int64)


def best_known(folder: Path) -> dict[str, float]:
    """Return the best known cost by instance, of the instances whose bounds agree."""
    path = folder / "bounds_orlib.txt"
    lines = [line.split() for line in path.read_text().splitlines() if line.strip()] if path.exists() else []
    return {Path(line[0]).stem: float(line[2]) for line in lines if len(line) >= 3}


def median_rows(folder: Path, *, seed: int, peers: bool) -> list[Row]:
    """Return a row for each instance in ``folder/pmed``, and one for each peer on the small ones."""
    known, rows = best_known(folder), []
    for path in sorted((folder / "pmed").glob("pmed*.txt"), key=lambda one: int(one.stem[4:])):
        count, metres = read_pmed(path)
        begun = time.process_time()
        problem = p_median(CostRows.of_matrix(metres), np.ones(len(metres), np.int64), count)
        plan = choose_sites(problem, rng=np.random.default_rng(seed), stop=Seconds(limit=SECONDS))
        cpu_s = time.process_time() - begun
        best = known.get(path.stem)
        again = int(metres[:, np.flatnonzero(plan.open)].min(axis=1).sum())
        faults = check_siting(problem, plan)
        faults += [f"the open sites cost {again}."] * (again != plan.cost or int(plan.open.sum()) != count)
        faults += [f"bound {plan.bound} above the best known {best}."] * (best is not None and plan.bound > best)
        rows.append(_row(path.stem, len(metres), count, "doorstep", plan.cost, best, plan.bound, cpu_s, len(faults)))
        if peers and len(metres) <= PEER_CUSTOMERS:
            rows += _peer_rows(path.stem, count, metres, best)
    return rows


def _row(
    name: str,
    size: int,
    count: int,
    solver: str,
    cost: float,
    best: float | None,
    bound: float,
    cpu_s: float,
    bad: int,
) -> Row:
    return {
        "instance": name,
        "solver": solver,
        "n": size,
        "p": count,
        "cost": cost,
        "best_known": best,
        "bound": bound,
        "gap_pct": 100 * (cost - bound) / cost,
        "over_best_pct": None if best is None else 100 * (cost - best) / best,
        "cpu_s": round(cpu_s, 3),
        "violations": bad,
    }


def _peer_rows(name: str, count: int, metres: Ints, best: float | None) -> list[Row]:
    """Return what spopt, which builds the compact model with PuLP, does with HiGHS in the same CPU seconds."""
    if find_spec("spopt") is None or find_spec("pulp") is None:
        return []
    import pulp  # type: ignore[import-not-found, import-untyped, unused-ignore]
    from spopt.locate import PMedian  # type: ignore[import-not-found, import-untyped, unused-ignore]

    begun = time.process_time()
    model = PMedian.from_cost_matrix(metres.astype(np.float64), np.ones(len(metres)), p_facilities=count)
    solver = pulp.HiGHS(msg=False, timeLimit=SECONDS, threads=1)
    model.solve(solver, results=False)
    cpu_s = time.process_time() - begun
    cost = pulp.value(model.problem.objective)
    proved = model.problem.sol_status == pulp.LpSolutionOptimal
    row = _row(name, len(metres), count, "spopt", cost, best, cost if proved else 0.0, cpu_s, 0)
    return [row]
