"""What options cost whatever goes through them: by being open, and by not being."""

import numpy as np

from doorstep.foundation.arrays import Bools, Ints
from doorstep.network.design.problem import DesignProblem
from doorstep.network.design.ways import MILLI, Ways


def fees_milli(problem: DesignProblem, ways: Ways) -> tuple[Ints, Ints]:
    """Return what each option costs over the days of the problem if it is open, and if it is not (M,), (M,)."""
    every = np.ones(len(problem.options), np.bool_)
    running = MILLI * problem.days * problem.options.running_minor + idle_milli(problem, ways)
    return running + change_milli(problem, every), change_milli(problem, ~every)


def idle_milli(problem: DesignProblem, ways: Ways) -> Ints:
    """Return what the last vans of each option cost over the days of the problem if it is open (M,)."""
    idle: Ints = problem.days * problem.waves * ways.idle_milli
    return idle


def change_milli(problem: DesignProblem, is_open: Bools) -> Ints:
    """Return what opening and closing costs each option over the days of the problem (M,)."""
    options = problem.options
    once = np.where(options.exists, np.where(is_open, 0, options.closing_minor), is_open * options.opening_minor)
    share: Ints = MILLI * problem.days * once // problem.amortised_days
    return share
