"""How long drives and services really take beside what was planned, learnt from those that are over.

The logarithm of (actual + c) / (planned + c), c some seconds, is a sum: one number for all, an effect for each key of
each factor (an hour, a place, both together, a driver, a kind of dwelling), an effect of the run (that day's traffic
and that crew's mood), and noise. Effects are shrunk towards zero by as much as the spans themselves say that keys of a
factor are alike, so a key with few spans stays near the whole, and an unknown one is the whole.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Floats, Ints

OFFSET_S = 20
"""What is added to planned and actual seconds, so that next door and far away have the same noise."""
ROUNDS = 30
"""Of finding effects and variances in turn."""
FAR = 4.0
"""Spans further from the median than so many deviations count as that far: a puncture teaches nothing about an hour."""
RUN = "run"


class Belief(NamedTuple):
    """A number that is not known exactly: its mean and variance."""

    mean: float
    variance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Spans:
    """N drives, or N services; ``keys`` has for each factor the key of each span."""

    planned_s: Ints
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.planned_s.ndim != 1 or (self.planned_s < 0).any():
            raise InputError(f"planned_s {self.planned_s.shape} must be (N,) and not negative.")
        if wrong := [name for name, keys in self.keys.items() if len(keys) != len(self)]:
            raise InputError(f"keys of {wrong} must be {len(self)}, one a span.")

    def __len__(self) -> int:
        return int(self.planned_s.size)

    def part(self, low: int, high: int) -> "Spans":
        """Return the spans ``low`` to ``high``, the latter not included."""
        keys = {name: keys[low:high] for name, keys in self.keys.items()}
        return Spans(planned_s=self.planned_s[low:high], keys=keys)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Spans that are over: how long each took, and its run, the route on that day."""

    spans: Spans
    actual_s: Ints
    run: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.actual_s.shape != self.spans.planned_s.shape or len(self.run) != len(self.spans):
            raise InputError(f"actual_s {self.actual_s.shape} and {len(self.run)} runs must be {len(self.spans)}.")
        if (self.actual_s < 0).any():
            raise InputError(f"actual_s {int(self.actual_s.min())} is negative.")

    @property
    def log_ratio(self) -> Floats:
        """By how much each took longer than planned (N,), as a logarithm."""
        return np.log((self.actual_s + OFFSET_S) / (self.spans.planned_s + OFFSET_S))

    def part(self, low: int, high: int) -> "Taken":
        """Return the spans ``low`` to ``high``, the latter not included."""
        return Taken(spans=self.spans.part(low, high), actual_s=self.actual_s[low:high], run=self.run[low:high])


NOTHING = Taken(spans=Spans(planned_s=np.zeros(0, dtype=np.int64)), actual_s=np.zeros(0, dtype=np.int64), run=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What was learnt: the whole, ``effects`` by factor and key, and variances of what is not known of a span.

    ``unknown`` are the variances of a key never seen by factor, ``of_run`` and ``noise`` those of a run and a span.
    """

    mean: float = 0.0
    effects: Mapping[str, Mapping[str, Belief]] = field(default_factory=dict)
    unknown: Mapping[str, float] = field(default_factory=dict)
    of_run: float = 0.02
    noise: float = 0.12
    spans: int = 0

    def expect(self, spans: Spans) -> tuple[Floats, Floats]:
        """Return mean and variance (N,) of the log ratio of spans to come, without their run and noise."""
        mean, variance = np.full(len(spans), self.mean), np.zeros(len(spans))
        for name, keys in spans.keys.items():
            known, other = self.effects.get(name, {}), Belief(0.0, self.unknown.get(name, 0.0))
            found = np.array([known.get(key, other) for key in keys], dtype=np.float64).reshape(-1, 2)
            mean += found[:, 0]
            variance += found[:, 1]
        return mean, variance

    def of_today(self, taken: Taken) -> Belief:
        """Return what the spans of a run so far say about it: how much slower than expected, shrunk to nothing."""
        if not len(taken.spans):
            return Belief(0.0, self.of_run)
        mean, variance = self.expect(taken.spans)
        weight = 1.0 / (self.noise + variance)
        beyond = np.clip(taken.log_ratio - mean, -FAR * self.noise**0.5, FAR * self.noise**0.5)
        precision = 1.0 / self.of_run + float(weight.sum())
        return Belief(float((weight * beyond).sum()) / precision, 1.0 / precision)


STATED = Pace()
"""What is believed before anything is known."""
FACTOR_VARIANCE = 0.01
WORTH = 20.0
"""How many spans, or keys, what is stated is worth."""


def learn_pace(taken: Taken, *, stated: Pace = STATED) -> Pace:
    """Return how spans differ from their plan; with few spans that is near what is stated.

    A mixed model with crossed random effects: in turn each factor's effects are the best linear predictors given all
    others, then each variance is the mean square of its effects plus what is not known of them (variational EM).

    References
    ----------
    Robinson (1991), That BLUP is a good thing: the estimation of random effects.
    Efron, Hastie (2016), Computer Age Statistical Inference: empirical Bayes.
    """
    if not len(taken.spans):
        return stated
    y = _near(taken.log_ratio)
    n = y.size
    names = [*taken.spans.keys, RUN]
    coded = [np.unique(np.array(keys), return_inverse=True) for keys in (*taken.spans.keys.values(), taken.run)]
    believed = [FACTOR_VARIANCE] * len(taken.spans.keys) + [stated.of_run]
    spread, noise = list(believed), stated.noise
    effects = [np.zeros(keys.size) for keys, _ in coded]
    variances = [np.full(keys.size, s) for (keys, _), s in zip(coded, spread, strict=True)]
    mean, rest = stated.mean, y - stated.mean
    for _ in range(ROUNDS):
        for f, (keys, code) in enumerate(coded):
            rest = rest + effects[f][code]
            held = np.bincount(code, minlength=keys.size) + noise / spread[f]
            effects[f] = np.bincount(code, rest, keys.size) / held
            variances[f] = noise / held
            rest = rest - effects[f][code]
            common = float(effects[f].mean())  # what all keys share is the whole's, else it would take many rounds
            effects[f], mean = effects[f] - common, mean + common
            beyond = float((effects[f] ** 2 + variances[f]).sum())
            spread[f] = (beyond + WORTH * believed[f]) / (keys.size + WORTH)
        rest = rest + mean
        mean = (float(rest.sum()) + WORTH * stated.mean) / (n + WORTH)
        rest = rest - mean
        unsure = sum(float(v[code].sum()) for v, (_, code) in zip(variances, coded, strict=True))
        noise = (float((rest**2).sum()) + unsure + WORTH * stated.noise) / (n + WORTH)
    learnt = zip(coded, effects, variances, strict=True)
    beliefs = [_by_key(keys, effect, variance) for (keys, _), effect, variance in learnt]
    return Pace(
        mean=mean,
        effects=dict(zip(names[:-1], beliefs, strict=False)),
        unknown=dict(zip(names[:-1], spread, strict=False)),
        of_run=spread[-1],
        noise=noise,
        spans=n,
    )


def _near(y: Floats) -> Floats:
    """Return log ratios, none of them further from the median than ``FAR`` robust deviations."""
    middle = float(np.median(y))
    far = FAR * max(1.4826 * float(np.median(np.abs(y - middle))), 0.05)
    return np.clip(y, middle - far, middle + far)


def _by_key(keys: Iterable[object], effect: Floats, variance: Floats) -> dict[str, Belief]:
    return {str(k): Belief(float(e), float(v)) for k, e, v in zip(keys, effect, variance, strict=True)}
