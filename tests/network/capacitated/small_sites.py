"""Tiny siting problems, and the cheapest plan of each by trying every choice."""

from itertools import product

import highspy
import numpy as np
from hypothesis import strategies as st

from doorstep.network.capacitated.problem import CapacitatedProblem, capacitated_problem


def cheapest(problem: CapacitatedProblem) -> float:
    """Return the least cost of all plans, infinite if there is none."""
    sites, levels = problem.capacity.shape
    best = np.inf
    for level in product(range(-1, levels), repeat=sites):
        opened = [j for j in range(sites) if level[j] >= 0]
        if any(problem.must_not[j] or np.isinf(problem.opening[j, level[j]]) for j in opened):
            continue
        if any(problem.must_open[j] and level[j] < 0 for j in range(sites)):
            continue
        if problem.sites is not None and (
            len(opened) > problem.sites or (problem.exactly and len(opened) < problem.sites)
        ):
            continue
        fixed = sum(problem.opening[j, level[j]] if level[j] >= 0 else problem.closing[j] for j in range(sites))
        best = min(best, float(fixed) + _serve(problem, opened, level))
    return best


def _serve(problem: CapacitatedProblem, opened: list[int], level: tuple[int, ...]) -> float:
    if not opened:
        return np.inf
    cost = np.array([problem.cost[:, j] + problem.unit_cost[j, level[j]] * problem.demand for j in opened])
    room = np.array([problem.capacity[j, level[j]] for j in opened])
    return _divided(cost, problem.demand, room) if problem.split else _whole(cost, problem.demand, room)


def _whole(cost: np.ndarray, demand: np.ndarray, room: np.ndarray) -> float:
    best = np.inf
    for at in product(range(room.size), repeat=demand.size):
        load = np.bincount(at, weights=demand, minlength=room.size)
        if (load <= room).all():
            best = min(best, float(cost[list(at), range(demand.size)].sum()))
    return best


def _divided(cost: np.ndarray, demand: np.ndarray, room: np.ndarray) -> float:
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    share = [
        [solver.addVariable(0.0, float(np.isfinite(c)), c if np.isfinite(c) else 0.0) for c in row] for row in cost
    ]
    for i in range(demand.size):
        solver.addConstr(sum(row[i] for row in share) == 1.0)
    for s in range(room.size):
        solver.addConstr(sum(share[s][i] * demand[i] for i in range(demand.size)) <= room[s])
    solver.run()
    found = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return float(solver.getInfo().objective_function_value) if found else np.inf


@st.composite
def drafts(draw: st.DrawFn, *, split: bool) -> dict[str, object]:
    """Draw the parts of a problem of up to three sites, two levels and four customers; it may be infeasible."""
    sites, levels, customers = draw(st.integers(1, 3)), draw(st.integers(1, 2)), draw(st.integers(1, 4))

    def table(rows: int, columns: int, values: st.SearchStrategy[float]) -> np.ndarray:
        return np.array([[draw(values) for _ in range(columns)] for _ in range(rows)], float)

    small = st.integers(0, 9).map(float)
    flag = st.sampled_from([0.0, 0.0, 0.0, 1.0])
    must = table(1, sites, flag)[0] > 0
    sites_open = draw(st.none() | st.integers(1, sites))
    return {
        "cost": table(customers, sites, small | st.integers(0, 20).map(float) | st.just(np.inf)),
        "demand": table(1, customers, st.integers(0, 6).map(float))[0],
        "capacity": table(sites, levels, st.integers(0, 14).map(float)),
        "opening": table(sites, levels, small | st.integers(0, 30).map(float)),
        "unit_cost": table(sites, levels, st.sampled_from([0.0, 0.0, 0.5, 2.0])),
        "closing": table(1, sites, st.sampled_from([0.0, 0.0, 7.0]))[0],
        "must_open": must,
        "must_not": (table(1, sites, flag)[0] > 0) & ~must,
        "sites": sites_open,
        "exactly": draw(st.booleans()),
        "split": split,
    }


def problem_of(draft: dict[str, object]) -> CapacitatedProblem:
    """Return a draft as a problem."""
    return capacitated_problem(**draft)  # type: ignore[arg-type]
