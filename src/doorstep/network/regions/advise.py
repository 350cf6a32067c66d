"""How many regions: what each number would give, and which one is enough."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from doorstep.foundation import InputError, Progress, Stop
from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.network.regions.divide import divide
from doorstep.network.regions.problem import RegionsProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What C numbers of regions give.

    ``regions`` (C,) ascending; ``mean_m`` (C,) mean distance; ``bound_m`` (C,) its proved bound; ``heaviest`` and
    ``lightest`` (C,) the first weight of those regions, in averages; ``balanced`` (C,); ``suggested`` one of the
    numbers, and ``reason`` why.
    """

    regions: Ints
    mean_m: Floats
    bound_m: Floats
    heaviest: Floats
    lightest: Floats
    balanced: Bools
    suggested: int
    reason: str


def advise(
    problem: RegionsProblem,
    numbers: Sequence[int],
    *,
    rng: np.random.Generator,
    worth_m: float | None = None,
    stop: Stop | None = None,
    progress: Progress | None = None,
) -> Advice:
    """Return what some numbers of regions would give, and which one to take.

    Parameters
    ----------
    problem
        Its own number of regions, fixed centres and present map are left aside.
    numbers
        Numbers of regions, each 1 or more.
    worth_m
        Metres of mean distance that a region must save to be worth its overhead. By default the number is taken beyond
        which the curve of distances is flattest: that farthest below the chord from its first to its last point.

    Raises
    ------
    InputError
        If there are no numbers, or with every fault that the problem has with one of them.

    References
    ----------
    Satopää, Albrecht, Irwin, Raghavan (2011), Finding a "kneedle" in a haystack, ICDCS Workshops.
    """
    tried = sorted(set(numbers))
    if not tried:
        raise InputError("numbers of regions: give at least one to be compared.")
    problems, faults = [], []
    for k in tried:
        try:
            problems.append(replace(problem, regions=k, present=None, fixed=np.empty(0, dtype=np.int64)))
        except InputError as fault:
            faults.append(f"{k} regions: {fault.message}")
    if faults:
        raise InputError(" ".join(faults))
    plans = [divide(each, rng=rng, stop=stop, progress=progress) for each in problems]
    shares = [plan.weights[0] / plan.weights[0].mean() for plan in plans]
    regions = np.array(tried, dtype=np.int64)
    mean = np.array([plan.mean_m for plan in plans])
    balanced = np.array([plan.balanced for plan in plans])
    suggested, reason = _suggested(regions, mean, balanced, worth_m)
    return Advice(
        regions=regions,
        mean_m=mean,
        bound_m=np.array([plan.bound_m for plan in plans]),
        heaviest=np.array([share.max() for share in shares]),
        lightest=np.array([share.min() for share in shares]),
        balanced=balanced,
        suggested=suggested,
        reason=reason,
    )


def _suggested(regions: Ints, mean_m: Floats, balanced: Bools, worth_m: float | None) -> tuple[int, str]:
    """Return the number of regions to take, among the balanced ones if there are any, and why."""
    able = balanced if balanced.any() else np.ones_like(balanced)
    k, metres = regions[able], mean_m[able]
    caveat = "" if balanced.any() else " None of the numbers gave balanced regions."
    if worth_m is not None:
        best = int(np.argmin(metres + worth_m * k))
        told = (
            f"{k[best]} regions make {metres[best] / 1000:.1f} km plus {worth_m / 1000:.1f} km for each region least."
        )
        return int(k[best]), told + caveat
    if k.size < 3:
        best = int(np.argmin(metres))
        return int(k[best]), f"{k[best]} regions give the least mean distance, {metres[best] / 1000:.1f} km." + caveat
    across = (k - k[0]) / (k[-1] - k[0])
    drop = metres[0] - metres[-1]
    down = (metres[0] - metres) / drop if drop > 0.0 else np.zeros(k.size)
    best = int(np.argmax(down - across))
    told = (
        f"{k[best]} regions bring {100 * down[best]:.0f} % of the fall in mean distance from {k[0]} to {k[-1]} "
        f"regions, with {100 * across[best]:.0f} % of the added regions."
    )
    return int(k[best]), told + caveat
