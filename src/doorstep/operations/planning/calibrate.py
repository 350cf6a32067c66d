"""Coefficients of a van's day fitted to routed days, so that a network is designed by what last month cost.

Three are fitted: ``k_hop``, ``wait_s`` and ``spare``. ``k_stem`` stays as it is: the way to a neighbourhood is known,
and a fit that may stretch it explains its own metros no better and others worse, because few sites with far doors
decide it.

References
----------
Figliozzi (2009), Planning approximations to the average length of vehicle routing problems with time window
constraints, Transportation Research Part B 43(4): coefficients by regression on planned routes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import least_squares

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Floats
from doorstep.network.design import VanDay
from doorstep.operations.planning.routed import RoutedDays
from doorstep.operations.planning.verify import predicted_drives, priced

HIGHEST = (20.0, 3_600.0, 1.0)
"""Of k_hop, wait_s and spare: numbers of vans are rounded up by less than one."""
SCALES = (1.0, 60.0, 1.0)
FEWEST = 3
"""Days of sites that three coefficients need at least."""
ROBUST_AT = 4.0
"""Errors of more than so many robust standard deviations count linearly, not squared."""
MAD_TO_SD = 1.4826


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedVan:
    """A van whose coefficients are fitted to ``site_days`` days of sites.

    ``errors`` has for each sample (a month, a metro) by how much a fit on the others is too high for it, as a share of
    what its routes cost; empty where there is one sample.
    """

    van: VanDay
    site_days: int
    errors: tuple[float, ...]


def fit_van(van: VanDay, samples: Sequence[RoutedDays]) -> FittedVan:
    """Return the van with the coefficients that explain routed days best, and the errors on samples held out.

    Robust least squares on what distance, time and van days of each site and day cost, in units of the square root of
    its cost, as the variance grows with it; coefficients are never negative. All routes must be those of this van.

    Raises
    ------
    InputError
        If there are fewer than ``FEWEST`` days of sites with doors.
    """
    count = sum(int((sample.doors > 0).sum()) for sample in samples)
    if count < FEWEST:
        raise InputError(f"{count} days of sites are too few for a fit: it needs {FEWEST}.")
    errors = []
    for number, sample in enumerate(samples if len(samples) > 1 else ()):
        others = _fitted(van, [*samples[:number], *samples[number + 1 :]])
        routed = _routed(van, sample).sum()
        errors.append(float(_predicted(others, sample).sum() / max(routed, 1.0) - 1))
    return FittedVan(van=_fitted(van, samples), site_days=count, errors=tuple(errors))


def _fitted(van: VanDay, samples: Sequence[RoutedDays]) -> VanDay:
    routed = [_routed(van, sample) for sample in samples]
    unit = [1.0 / np.sqrt(np.maximum(cost.sum(axis=0), 1.0)) for cost in routed]

    def wrong(at: Floats) -> Floats:
        tried = _with(van, at)
        off = [
            ((_predicted(tried, sample) - cost) * by).reshape(-1)
            for sample, cost, by in zip(samples, routed, unit, strict=True)
        ]
        return np.concatenate(off)

    start = np.maximum([van.k_hop, van.wait_s, van.spare], 1e-3)
    bounds = (np.zeros(start.size), np.array(HIGHEST))
    plain = least_squares(wrong, start, bounds=bounds, x_scale=SCALES)
    spread = MAD_TO_SD * float(np.median(np.abs(plain.fun)))
    if spread <= 1e-6:
        return _with(van, plain.x)
    robust = least_squares(wrong, plain.x, bounds=bounds, x_scale=SCALES, loss="huber", f_scale=ROBUST_AT * spread)
    return _with(van, robust.x)


def _with(van: VanDay, coefficients: Floats) -> VanDay:
    k_hop, wait_s, spare = (float(value) for value in coefficients)
    return replace(van, k_hop=k_hop, wait_s=wait_s, spare=spare)


def _predicted(van: VanDay, sample: RoutedDays) -> Floats:
    return priced(van, *predicted_drives(van, sample))


def _routed(van: VanDay, sample: RoutedDays) -> Floats:
    return priced(van, sample.metres, sample.seconds, sample.vans)
