"""The way from today's network to a plan: one opening or closing after the other, the one that pays back first."""

import math
from dataclasses import dataclass

import numpy as np

from doorstep.foundation.arrays import Bools
from doorstep.network.design.evaluate import evaluate
from doorstep.network.design.problem import DesignProblem
from doorstep.network.design.ways import MILLI, Ways

MOST = 40
"""Changes whose order is searched step by step; more of them are sorted by what each saves alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """An option that opens or closes, what that costs once, what it saves a day, and the cost of a day afterwards.

    ``payback_days`` is infinite for a step that saves nothing by itself but makes later ones possible.
    """

    option: int
    opens: bool
    once_minor: int
    saves_minor: float
    day_minor: float

    @property
    def payback_days(self) -> float:
        """Days after which the step has paid for itself."""
        if self.saves_minor <= 0:
            return math.inf
        return self.once_minor / self.saves_minor


def steps_to(problem: DesignProblem, ways: Ways, planned: Bools) -> tuple[Step, ...]:
    """Return the changes from the options that exist to those planned (M,), each time the one that pays back first.

    A step that would leave parcels to nobody, or no FC open, waits until others have been made.
    """
    now, left = problem.options.exists.copy(), np.flatnonzero(problem.options.exists != planned).tolist()
    day = _day(problem, ways, now)
    alone = {option: day - _day(problem, ways, _toggled(now, option)) for option in left} if len(left) > MOST else {}
    steps = []
    while left:
        few = sorted(left, key=lambda option: -alone[option])[:1] if alone else left
        tried = [_step(problem, ways, now, option, day) for option in few]
        best = min(tried, key=lambda step: (step.payback_days, -step.saves_minor))
        steps.append(best)
        now, day = _toggled(now, best.option), best.day_minor
        left.remove(best.option)
    return tuple(steps)


def _step(problem: DesignProblem, ways: Ways, now: Bools, option: int, day: float) -> Step:
    after = _toggled(now, option)
    options = problem.options
    opens = bool(after[option])
    once = options.opening_minor[option] * (not options.exists[option]) if opens else options.closing_minor[option]
    then = _day(problem, ways, after)
    return Step(option=option, opens=opens, once_minor=int(once), saves_minor=day - then, day_minor=then)


def _toggled(now: Bools, option: int) -> Bools:
    after = now.copy()
    after[option] = not after[option]
    return after


def _day(problem: DesignProblem, ways: Ways, is_open: Bools) -> float:
    """Return what a day costs without what is paid once, infinite where parcels are left to nobody [minor]."""
    fcs = is_open[problem.options.is_fc]
    if fcs.size and not fcs.any():
        return math.inf
    cost = evaluate(problem, ways, is_open)
    return math.inf if cost.unserved else cost.running_milli / MILLI / problem.days
