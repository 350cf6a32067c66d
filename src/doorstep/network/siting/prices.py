"""Prices that customers pay for being served, and the bound that they prove."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.network.siting._dual import BOUND, FREE, OPEN, STALLED, STEP, choose, raise_bound
from doorstep.network.siting._moves import serve
from doorstep.network.siting.reduced import Reduced

FIRST_STEP = 1.5
"""Length of the first steps, as a share of the one that would reach the goal if the bound were linear."""
PATIENCE = 20
"""Steps without a better bound after which steps become shorter."""
LOWEST_SCALE = 0.02
"""Least scale of a customer's steps, as a share of the mean price: else one whose price is zero never moves."""
ROUNDING = 1e-11
"""Share of a bound that summing in floating point may be wrong by."""


@dataclass(slots=True, kw_only=True)
class Prices:
    """Prices of N customers, and what M sites are worth at the best of them; the arrays are changed in place."""

    scale: Floats
    price: Floats
    direction: Floats
    best_price: Floats
    worth: Floats
    chosen_share: Floats
    state: Floats

    @property
    def bound(self) -> float:
        """The best bound so far, rounding taken off."""
        bound = float(self.state[BOUND])
        return bound - ROUNDING * abs(bound)

    @property
    def step(self) -> float:
        """Length of the next steps."""
        return float(self.state[STEP])

    def raised(self, reduced: Reduced, *, aim: float, goal: float, steps: int, patience: int = PATIENCE) -> int:
        """Improve prices by some steps; return how many were taken before the bound reached the goal."""
        rows = reduced.rows
        return raise_bound(
            rows.start,
            rows.site,
            rows.cost,
            rows.beyond,
            reduced.weight,
            reduced.opening,
            status_of(reduced.sure),
            reduced.least,
            reduced.most,
            aim,
            goal,
            steps,
            patience,
            self.scale,
            self.price,
            self.direction,
            self.best_price,
            self.worth,
            self.chosen_share,
            self.state,
        )

    def among(self, keep: Bools) -> "Prices":
        """Return the prices with what only some of the sites are worth (M,)."""
        return Prices(
            scale=self.scale,
            price=self.price,
            direction=self.direction,
            best_price=self.best_price,
            worth=self.worth[keep],
            chosen_share=self.chosen_share[keep],
            state=self.state,
        )

    def begun_anew(self, *, step: float, sites: int) -> "Prices":
        """Return prices that start from the best of these, for another choice of sites."""
        return Prices(
            scale=self.scale,
            price=self.best_price.copy(),
            direction=np.zeros_like(self.price),
            best_price=self.best_price.copy(),
            worth=np.zeros(sites),
            chosen_share=np.zeros(sites),
            state=_state(step),
        )

    @classmethod
    def between(cls, reduced: Reduced, opened: Ints) -> "Prices":
        """Return prices half way between what each customer pays at its best open site and at the second best."""
        first, second = _two_best(reduced, opened)
        return cls.at(reduced, (first + second) / 2.0)

    @classmethod
    def at(cls, reduced: Reduced, price: Floats, *, step: float = FIRST_STEP) -> "Prices":
        """Return the search for better prices that starts from some (N,), none above what staying beyond costs."""
        price = np.minimum(price, reduced.rows.beyond.astype(np.float64))
        mean = float(reduced.weight @ price) / max(int(reduced.weight.sum()), 1)
        scale = np.maximum(price, max(LOWEST_SCALE * mean, 1e-9))
        return cls(
            scale=scale,
            price=price,
            direction=np.zeros_like(price),
            best_price=price.copy(),
            worth=np.zeros(reduced.site.size),
            chosen_share=np.zeros(reduced.site.size),
            state=_state(step),
        )


def worth_of_changes(worth: Floats, reduced: Reduced) -> tuple[Floats, Bools]:
    """Return by how much the bound rises if a site changes between open and closed (M,), and which are chosen (M,).

    Sites that are surely open do not change: infinity.
    """
    least, most = reduced.least, reduced.most
    chosen = np.zeros(worth.size, np.bool_)
    choose(worth, status_of(reduced.sure), least, most, chosen)
    inside, outside = chosen & ~reduced.sure, ~chosen
    rise = np.full(worth.size, np.inf)
    last = float(worth[inside].max(initial=-np.inf))
    count = int(chosen.sum())
    # One more pushes out the dearest of the chosen if there is no room, or if that only makes up the number.
    replaced = last if count >= most or (count <= least and last > 0) else 0.0
    rise[outside] = worth[outside] - replaced
    spare = float(worth[outside].min(initial=np.inf))
    instead = spare if count - 1 < least or spare < 0 else 0.0
    rise[inside] = instead - worth[inside]
    return rise, chosen


def status_of(sure: Bools) -> npt.NDArray[np.int8]:
    """Return the state of sites that are surely open, and of those that are free (M,)."""
    return np.where(sure, OPEN, FREE).astype(np.int8)


def _state(step: float) -> Floats:
    state = np.zeros(3)
    state[BOUND], state[STEP], state[STALLED] = -np.inf, step, 0.0
    return state


def _two_best(reduced: Reduced, opened: Ints) -> tuple[Floats, Floats]:
    """Return what each customer pays at its two best open sites, twice as much where there is no second."""
    rows = reduced.rows
    is_open = np.zeros(reduced.site.size, np.bool_)
    is_open[opened] = True
    _, first = serve(rows.start, rows.site, rows.cost, rows.beyond, is_open)
    few = rows.among(is_open)
    second = 2 * first + 1
    width = np.diff(few.start)
    second[width > 1] = few.cost[few.start[:-1][width > 1] + 1]
    second[(width <= 1) & ~rows.out_of_reach()] = rows.beyond[(width <= 1) & ~rows.out_of_reach()]
    return first.astype(np.float64), second.astype(np.float64)
