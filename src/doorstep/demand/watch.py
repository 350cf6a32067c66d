"""Whether forecasts go wrong: bias that lasts, and quantiles that no longer cover what they should."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Bools, Floats, Ints

LIMIT = 3.0
"""Standard deviations by which the tracking signal may be off by chance."""
SMOOTHING = 0.1
LARGEST_Z = 3.0
"""Standard deviations by which coverage may be off by chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What G groups' forecasts did wrong over some periods.

    Parameters
    ----------
    signal : (G,)
        Smoothed error over smoothed absolute error, from -1 to 1; positive if too little was forecast.
    bias : (G,)
        Forecast over what came, less one.
    coverage : (G,)
        Share of demand that stayed within its quantile.
    biased, drifted : (G,)
        Whether the signal or the coverage is further off than chance.
    """

    signal: Floats
    bias: Floats
    coverage: Floats
    biased: Bools
    drifted: Bools

    def told(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return a sentence for each group that went wrong."""
        words = []
        for group in np.flatnonzero(self.biased | self.drifted).tolist():
            if self.biased[group]:
                side = "above" if self.bias[group] > 0 else "below"
                words.append(f"{names[group]}: forecasts lie {abs(self.bias[group]):.0%} {side} what came.")
            if self.drifted[group]:
                words.append(f"{names[group]}: {self.coverage[group]:.1%} stayed within the quantile.")
        return tuple(words)


def watch(
    units: Floats, mean: Floats, quantile: Ints, *, q: float, group: Ints, expected: float | None = None
) -> Watch:
    """Return where the forecasts of past periods were biased or covered too little or too much.

    Parameters
    ----------
    units, mean, quantile : (S, N)
        What came, what was expected, and the ``q`` quantile, of S series in N periods, oldest first.
    group : (S,)
        Group of each series, counted from 0.
    expected
        Share that the quantile is to cover; ``q`` if not given.

    Raises
    ------
    InputError
        If shapes disagree.

    References
    ----------
    Trigg (1964), Monitoring a forecasting system, Operational Research Quarterly 15.
    """
    if not units.shape == mean.shape == quantile.shape or group.shape != units.shape[:1]:
        raise InputError(
            f"units {units.shape}, mean {mean.shape}, quantile {quantile.shape} and group {group.shape} "
            "must be (S, N) three times and (S,)."
        )
    count = int(group.max(initial=-1)) + 1
    came, due = _by_group(group, units, count), _by_group(group, mean, count)
    error, size = np.zeros(count), np.zeros(count)
    for period in range(units.shape[1]):
        miss = came[:, period] - due[:, period]
        error += SMOOTHING * (miss - error)
        size += SMOOTHING * (np.abs(miss) - size)
    signal = np.divide(error, size, out=np.zeros(count), where=size > 0)
    chance = np.sqrt(SMOOTHING / (2 - SMOOTHING)) if units.shape[1] > 10 else 1 / np.sqrt(max(units.shape[1], 1))
    total = due.sum(axis=1) / np.maximum(came.sum(axis=1), 1e-9) - 1
    within = _by_group(group, (units <= quantile).astype(np.float64), count).sum(axis=1)
    number = np.bincount(group, minlength=count) * units.shape[1]
    share = within / np.maximum(number, 1)
    aim = q if expected is None else expected
    z = (share - aim) / np.sqrt(aim * (1 - aim) / np.maximum(number, 1))
    return Watch(
        signal=signal,
        bias=total,
        coverage=share,
        biased=np.abs(signal) > min(LIMIT * chance, 0.95),
        drifted=np.abs(z) > LARGEST_Z,
    )


def _by_group(group: Ints, values: Floats, count: int) -> Floats:
    sums = np.zeros((count, values.shape[1]))
    np.add.at(sums, group, values)
    return sums
