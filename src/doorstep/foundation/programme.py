"""Mixed-integer programmes, solved by HiGHS, that can be stopped."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import highspy
import numpy as np
import scipy.sparse as sp

from doorstep.foundation.arrays import Bools, Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """Least ``cost x`` with ``low <= matrix x <= high`` and ``lower <= x <= upper``, whole where ``whole``.

    Parameters
    ----------
    cost, lower, upper, whole : (C,)
    matrix : (R, C)
    low, high : (R,)
    """

    cost: Floats
    lower: Floats
    upper: Floats
    whole: Bools
    matrix: sp.csc_matrix
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """The best ``values`` (C,) found, empty if none; their ``cost``; and a ``bound`` below which no values cost.

    The bound is infinite where it is proved that no values keep the rows.
    """

    values: Floats
    cost: float
    bound: float


def solve_programme(
    programme: Programme,
    *,
    keep_going: Callable[[], bool],
    start: Floats | None = None,
    gap: float = 0.0,
    nodes: int | None = None,
) -> Solved:
    """Return the best values found and a bound, when they are within ``gap`` [cost], or nodes are used up, or stopped.

    ``keep_going`` is asked again and again; after a False it ends with what it has.
    """
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    options: list[tuple[str, float | int | bool | str]] = [
        ("output_flag", False),
        ("threads", 1),
        ("mip_rel_gap", 0.0),
        ("mip_abs_gap", gap),
    ]
    if nodes is not None:
        options.append(("mip_max_nodes", nodes))
    for option, value in options:
        solver.setOptionValue(option, value)
    solver.passModel(_model(programme))
    if start is not None:
        known = highspy.HighsSolution()
        known.col_value = start.tolist()
        solver.setSolution(known)
    for asks in (solver.cbMipInterrupt, solver.cbSimplexInterrupt, solver.cbIpmInterrupt):
        asks.subscribe(lambda event: None if keep_going() else event.interrupt())
    solver.run()
    told = solver.getInfo()
    found = told.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    values = np.array(solver.getSolution().col_value) if found else np.empty(0)
    status = solver.getModelStatus()
    bound = told.mip_dual_bound if programme.whole.any() else told.objective_function_value
    if status == highspy.HighsModelStatus.kInfeasible:
        bound = math.inf
    elif not programme.whole.any() and status != highspy.HighsModelStatus.kOptimal:
        bound = -math.inf
    return Solved(values=values, cost=float(programme.cost @ values) if found else math.inf, bound=float(bound))


def _model(programme: Programme) -> highspy.HighsLp:
    model, matrix = highspy.HighsLp(), sp.csc_matrix(programme.matrix)
    model.num_row_, model.num_col_ = matrix.shape
    model.col_cost_ = programme.cost
    model.col_lower_, model.col_upper_ = programme.lower, programme.upper
    model.row_lower_, model.row_upper_ = programme.low, programme.high
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_, model.a_matrix_.index_ = matrix.indptr, matrix.indices
    model.a_matrix_.value_ = matrix.data
    if programme.whole.any():
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        model.integrality_ = [kinds[int(whole)] for whole in programme.whole]
    return model
