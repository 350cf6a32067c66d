"""Paces learnt from driven routes, and calibrated: each route is driven again, to see how predictions err.

Each quarter of the days tells how far arrivals were from what paces learnt from the other three predict, at moments
drawn from each route. What is predicted later is scaled by that, by horizon; its paces are learnt from all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Floats, Ints
from doorstep.tracking.eta import HORIZONS_S, PROBABILITIES, Ahead, Calibration, Paces, draw_arrivals, marks
from doorstep.tracking.eta_learning import Pace, Spans, Taken, learn_pace

FOLDS = 4
FEWEST = 20
"""With fewer routes nothing is calibrated: draws are believed."""
MOMENTS, DRAWS = 4, 200
WORTH = 200.0
"""Errors that the whole is worth to a horizon, and what is stated to the whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Driven:
    """A route that is over, stop by stop (L,): it left for the first at ``start_at``."""

    run: str
    drives: Spans
    services: Spans
    not_before_at: Ints
    start_at: int
    arrive_at: Ints
    leave_at: Ints

    def __post_init__(self) -> None:
        left = np.concatenate([[self.start_at], self.leave_at[:-1]])
        if len(self.drives) != self.arrive_at.size or (self.arrive_at < left).any():
            raise InputError(f"run {self.run} arrives before it has left the stop before.")
        if (self.leave_at < self.arrive_at).any():
            raise InputError(f"run {self.run} leaves a stop before it is there.")

    @property
    def driven(self) -> Taken:
        """How long its drives took."""
        left = np.concatenate([[self.start_at], self.leave_at[:-1]]).astype(np.int64)
        return Taken(spans=self.drives, actual_s=self.arrive_at - left, run=(self.run,) * len(self.drives))

    @property
    def served(self) -> Taken:
        """How long its services took, from when they could begin."""
        began = np.maximum(self.arrive_at, np.minimum(self.not_before_at, self.leave_at))
        return Taken(spans=self.services, actual_s=self.leave_at - began, run=(self.run,) * len(self.services))

    def under_way(self, now: int) -> Ahead:
        """Return what was known and still to do at a moment between its start and its last arrival."""
        done = int(np.searchsorted(self.leave_at, now, side="right"))
        serving = done < self.arrive_at.size and int(self.arrive_at[done]) <= now
        since_at = int(self.arrive_at[done]) if serving else int(self.leave_at[done - 1]) if done else self.start_at
        stops = self.arrive_at.size
        return Ahead(
            drives=self.drives.part(done, stops),
            services=self.services.part(done, stops),
            not_before_at=self.not_before_at[done:],
            since_at=since_at,
            now=now,
            serving=serving,
            driven=self.driven.part(0, done + serving),
            served=self.served.part(0, done),
        )


def learn(routes: Sequence[Driven], *, rng: np.random.Generator) -> Paces:
    """Return paces and their calibration, from routes in the order of their days.

    References
    ----------
    Barber, Candes, Ramdas, Tibshirani (2021), Predictive inference with the jackknife+: errors by cross-validation.
    """
    drives, services = _learnt(routes)
    if len(routes) < FEWEST:
        return Paces(drives=drives, services=services, calibration=Calibration.stated())
    edges = np.linspace(0, len(routes), FOLDS + 1).astype(int).tolist()
    errors = [_errors(routes[a:b], *_learnt([*routes[:a], *routes[b:]]), rng) for a, b in pairwise(edges)]
    return Paces(drives=drives, services=services, calibration=_calibrated(np.concatenate(errors)))


def _learnt(routes: Sequence[Driven]) -> tuple[Pace, Pace]:
    return learn_pace(_joined([r.driven for r in routes])), learn_pace(_joined([r.served for r in routes]))


def _errors(routes: Sequence[Driven], drives: Pace, services: Pace, rng: np.random.Generator) -> Floats:
    """Return horizons [s] and errors (N, 2) of predictions on routes that the paces have not learnt from."""
    found = []
    for route in routes:
        for now in rng.integers(route.start_at, int(route.arrive_at[-1]), MOMENTS, endpoint=True).tolist():
            ahead = route.under_way(now)
            middle, low, high = marks(draw_arrivals(ahead, drives, services, rng=rng, draws=DRAWS))
            off = route.arrive_at[-middle.size :] - middle
            error = np.where(off < 0, off / (middle - low), off / (high - middle))
            found.append(np.column_stack([middle - now, error])[ahead.serving :])
    return np.concatenate(found)


def _calibrated(errors: Floats) -> Calibration:
    """Return the quantiles of errors by horizon, each shrunk to the whole, and that to what is stated."""
    whole = _shrunk(errors[:, 1], Calibration.stated().errors[0])
    bucket = np.searchsorted(HORIZONS_S, errors[:, 0], side="right")
    rows = [_shrunk(errors[bucket == b, 1], whole) for b in range(len(HORIZONS_S) + 1)]
    return Calibration(errors=np.array(rows))


def _shrunk(error: Floats, towards: Floats) -> Floats:
    if not error.size:
        return towards
    own = np.quantile(error, PROBABILITIES)
    return np.asarray((error.size * own + WORTH * towards) / (error.size + WORTH), dtype=np.float64)


def _joined(parts: Sequence[Taken]) -> Taken:
    """Return the spans of many routes as one; a factor that some lack has no key there."""
    names = dict.fromkeys(name for part in parts for name in part.spans.keys)
    keys = {
        name: tuple(key for part in parts for key in part.spans.keys.get(name, ("",) * len(part.spans)))
        for name in names
    }
    none = np.zeros(0, dtype=np.int64)
    spans = Spans(planned_s=np.concatenate([none, *(part.spans.planned_s for part in parts)]), keys=keys)
    return Taken(
        spans=spans,
        actual_s=np.concatenate([none, *(part.actual_s for part in parts)]),
        run=tuple(run for part in parts for run in part.run),
    )
