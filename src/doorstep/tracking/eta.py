"""When a route under way will be at each remaining stop: drawn many times, with what is known of its day so far.

Errors add up along a route. Part of each is common to the whole run: how its spans so far compare with what was
expected of them says how its day is. The rest is each span's own. A stop that opens later swallows what is late.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Floats, Ints
from doorstep.tracking.eta_learning import NOTHING, OFFSET_S, STATED, Belief, Pace, Spans, Taken

DRAWS = 1_000
REFERENCE = 0.8
"""Share of the draws that lies within the marks; what is learnt about errors is in units of their distances."""
FLOOR_S = 15.0
"""Marks are at least so far from the middle."""
HORIZONS_S = (300, 600, 1_200, 2_400, 4_800, 9_600)
"""From which each next bucket of horizons begins: a stop in five minutes errs otherwise than one in two hours."""
PROBABILITIES = (0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 0.75, 0.85, 0.9, 0.95, 0.975, 0.99)
MOST = 2 * PROBABILITIES[-1] - 1
Draws = Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How far arrivals were from the middle of the draws, in distances of the marks: ``errors`` (B, P) by horizon.

    Column p is the quantile ``PROBABILITIES[p]`` of the errors: negative if earlier than the middle.
    """

    errors: Floats

    @classmethod
    def stated(cls) -> "Calibration":
        """Return that of draws that are right."""
        right = ndtri(np.array(PROBABILITIES)) / ndtri(0.5 + REFERENCE / 2)
        return cls(errors=np.tile(right, (len(HORIZONS_S) + 1, 1)))

    def quantile(self, middle: Floats, low: Floats, high: Floats, probability: float, *, now: int) -> Floats:
        """Return the moments (L,) by which stops are reached with a probability."""
        bucket = np.searchsorted(HORIZONS_S, middle - now, side="right")
        error = np.array([np.interp(probability, PROBABILITIES, self.errors[b]) for b in bucket])
        return np.asarray(middle + error * np.where(error < 0, middle - low, high - middle), dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paces:
    """All that was learnt: the pace of drives and of services, and how predictions that were made with them erred."""

    drives: Pace = STATED
    services: Pace = STATED
    calibration: Calibration


STATED_PACES = Paces(calibration=Calibration.stated())


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """What a route has to do from here: L drives, each to a stop with a service that begins no earlier than it may.

    At ``since_at`` it left the stop before, or where it was seen then; if ``serving`` it arrived at the first of these
    stops then, and the first drive is over. At ``now`` it is not known to have done more. ``driven`` and ``served`` is
    what this run has done.
    """

    drives: Spans
    services: Spans
    not_before_at: Ints
    since_at: int
    now: int
    serving: bool = False
    driven: Taken = NOTHING
    served: Taken = NOTHING

    def __post_init__(self) -> None:
        if not len(self.drives) == len(self.services) == self.not_before_at.size:
            raise InputError(
                f"{len(self.drives)} drives, {len(self.services)} services and {self.not_before_at.size} openings "
                "must be as many."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Etas:
    """When L stops will be reached [epoch s]: ``expected_at`` is as likely too early as too late.

    Within [``from_at``, ``until_at``] it is with the stated ``level``.
    """

    expected_at: Ints
    from_at: Ints
    until_at: Ints
    level: float


def predict(ahead: Ahead, paces: Paces, *, level: float, rng: np.random.Generator, draws: int = DRAWS) -> Etas:
    """Return when each remaining stop will be reached; never before now, never before the stop before it.

    Raises
    ------
    InputError
        If the level is not above 0 and at most 0.98.

    References
    ----------
    Romano, Patterson, Candes (2019), Conformalized Quantile Regression: intervals of a model, scaled by its errors.
    """
    if not 0 < level <= MOST:
        raise InputError(f"level {level} must be above 0 and at most {MOST:.2f}.")
    middle, low, high = marks(draw_arrivals(ahead, paces.drives, paces.services, rng=rng, draws=draws))
    least = ahead.since_at if ahead.serving else ahead.now

    def at(probability: float) -> Ints:
        found = paces.calibration.quantile(middle, low, high, probability, now=ahead.now)
        found[: ahead.serving] = ahead.since_at
        return np.maximum.accumulate(np.maximum(np.rint(found), least)).astype(np.int64)

    early, expected, late = at(0.5 - level / 2), at(0.5), at(0.5 + level / 2)
    return Etas(
        expected_at=expected,
        from_at=np.minimum(early, expected),
        until_at=np.maximum(late, expected),
        level=level,
    )


def marks(arrivals: Draws) -> tuple[Floats, Floats, Floats]:
    """Return the middle of the draws of each stop, and the marks below and above it, at least ``FLOOR_S`` away."""
    low, middle, high = np.quantile(arrivals, (0.5 - REFERENCE / 2, 0.5, 0.5 + REFERENCE / 2), axis=0)
    return middle, np.minimum(low, middle - FLOOR_S), np.maximum(high, middle + FLOOR_S)


def draw_arrivals(ahead: Ahead, drives: Pace, services: Pace, *, rng: np.random.Generator, draws: int) -> Draws:
    """Return arrivals (S, L) of S courses that the rest of the day may take."""
    drive = _logs(ahead.drives, drives, drives.of_today(ahead.driven), draws, rng)
    service = _logs(ahead.services, services, services.of_today(ahead.served), draws, rng)
    begun, planned = (service, ahead.services) if ahead.serving else (drive, ahead.drives)
    if len(planned):
        since_at = max(ahead.since_at, int(ahead.not_before_at[0])) if ahead.serving else ahead.since_at
        gone_s = max(0, ahead.now - since_at)
        begun.value[:, 0] = begun.beyond(np.log((gone_s + OFFSET_S) / (planned.planned_s[0] + OFFSET_S)), rng)
    drive_s, service_s = _seconds(ahead.drives, drive.value), _seconds(ahead.services, service.value)
    at = np.full(draws, float(ahead.since_at))
    arrivals = np.empty(drive_s.shape)
    for stop in range(len(ahead.drives)):
        if stop or not ahead.serving:
            at = at + drive_s[:, stop]
        arrivals[:, stop] = at
        at = np.maximum(at, ahead.not_before_at[stop]) + service_s[:, stop]
    return arrivals


@dataclass(slots=True)
class _Logs:
    """Draws of log ratios (S, L), and of the first what is needed to draw it again: mean (S,) and deviation."""

    value: Floats
    first_mean: Floats
    first_deviation: float

    def beyond(self, least: float, rng: np.random.Generator) -> Floats:
        """Return draws (S,) of the first span, which has not ended by ``least``."""
        left = ndtr(np.maximum((self.first_mean - least) / self.first_deviation, -30.0))
        normal = ndtri(left * (1.0 - rng.random(self.first_mean.size)))
        return np.asarray(self.first_mean - self.first_deviation * normal, dtype=np.float64)


def _logs(spans: Spans, pace: Pace, today: Belief, draws: int, rng: np.random.Generator) -> _Logs:
    mean, variance = pace.expect(spans)
    deviation = np.sqrt(variance + pace.noise)
    common = today.mean + today.variance**0.5 * rng.standard_normal(draws)
    means = mean[None, :] + common[:, None]
    value = means + deviation[None, :] * rng.standard_normal(means.shape)
    return _Logs(value, means[:, 0] if len(spans) else common, float(deviation[0]) if len(spans) else 1.0)


def _seconds(spans: Spans, log_ratio: Floats) -> Floats:
    return np.maximum((spans.planned_s + OFFSET_S) * np.exp(log_ratio) - OFFSET_S, 0.0)
