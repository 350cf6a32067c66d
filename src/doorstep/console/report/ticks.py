"""Round numbers for axes and bins."""

import math


def step_of(least: float, *, whole: bool = False) -> float:
    """Return the smallest of 1, 2, 2.5 or 5 times a power of ten that is at least ``least``; ``whole``: an integer."""
    if whole and least <= 1:
        return 1.0
    power = 10.0 ** math.floor(math.log10(least))
    for factor in (1.0, 2.0, 2.5, 5.0, 10.0):
        step = factor * power
        if step >= least * (1 - 1e-9) and not (whole and step % 1):
            return step
    return 10.0 * power


def ticks_to(peak: float, *, most: int = 4) -> tuple[float, ...]:
    """Return round values from zero to the first one at or above ``peak``, at most ``most`` of them above zero."""
    if peak <= 0:
        return (0.0, 1.0)
    step = step_of(peak / most, whole=True)
    return tuple(step * k for k in range(math.ceil(peak / step) + 1))
