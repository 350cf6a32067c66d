"""What a drop by an own vehicle costs before routes exist: a continuous approximation whose coefficients are fitted.

    effective density = density x (min(window, shift) / shift) ^ window_power
    hop   = k_hop x 1 km / sqrt(effective density) x cost of a metre
    stem  = k_stem x 2 x distance / stops per route x cost of a metre
    time  = (service + wait_s) x cost of a second
    day   = (fixed cost of the vehicle + loading) / stops per route

where a metre costs ``per_km_minor / 1000`` and the seconds that it takes. Service and the share of the vehicle's day
are known, so only the four coefficients are fitted (see ``fit``). The textbook has k_hop = 0.7124 x circuity, k_stem =
1, no wait, and a window_power of 0 where windows do not bind.

References
----------
Daganzo (1984), The distance traveled to visit N points with a maximum of C stops per vehicle, Transportation Science
18(4). Figliozzi (2009), Planning approximations to the average length of vehicle routing problems with time window
constraints, Transportation Research Part B 43(4): coefficients by regression on planned routes.
"""

from dataclasses import dataclass, fields

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Floats, Ints
from doorstep.foundation.units import METRES_PER_KM, SECONDS_PER_HOUR

LEAST_PER_KM2 = 1e-3
"""Densities below count as this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedDrops:
    """What is known of N drops before they are on routes, all (N,).

    ``distance_m`` is the road between site and door, ``density_per_km2`` the doors that are to be served around this
    one on a day, itself included, ``window_s`` the length of its window, ``metre_s`` the seconds that a metre takes,
    ``stops_per_route`` what a route of the site serves; the rest is the site's vehicle: cost of a day, kilometre and
    hour, the shift, and the loading before a trip.
    """

    distance_m: Ints
    density_per_km2: Floats
    window_s: Ints
    service_s: Ints
    stops_per_route: Floats
    fixed_minor: Ints
    per_km_minor: Ints
    per_hour_minor: Ints
    shift_s: Ints
    loading_s: Ints
    metre_s: Floats

    def __post_init__(self) -> None:
        shapes = {f.name: getattr(self, f.name).shape for f in fields(self)}
        if len(set(shapes.values())) > 1:
            raise InputError(f"columns of expected drops must have one length, not {shapes}.")

    def __len__(self) -> int:
        """Return N."""
        return self.distance_m.size

    def take(self, rows: Ints) -> "ExpectedDrops":
        """Return some of the drops."""
        return ExpectedDrops(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})

    @property
    def metre_minor(self) -> Floats:
        """What a metre costs, its time included (N,)."""
        return self.per_km_minor / METRES_PER_KM + self.metre_s * self.second_minor

    @property
    def second_minor(self) -> Floats:
        """What a second costs (N,)."""
        return self.per_hour_minor / SECONDS_PER_HOUR

    @property
    def openness(self) -> Floats:
        """Share of the shift that the window leaves, in (0, 1], (N,)."""
        shift = np.maximum(self.shift_s, 1)
        return np.clip(self.window_s, 1, shift) / shift

    def hop_minor(self, window_power: float) -> Floats:
        """Return what a hop between neighbours would cost with k_hop = 1 (N,)."""
        density = np.maximum(self.density_per_km2, LEAST_PER_KM2) * self.openness**window_power
        return METRES_PER_KM / np.sqrt(density) * self.metre_minor

    def stem_minor(self) -> Floats:
        """Return what the share of the way out and home would cost with k_stem = 1 (N,)."""
        return 2.0 * self.distance_m * self.metre_minor / np.maximum(self.stops_per_route, 1.0)

    def known_minor(self) -> Floats:
        """Return what needs no coefficient: service and the share of the vehicle's day (N,)."""
        day = self.fixed_minor + self.loading_s * self.second_minor
        return self.service_s * self.second_minor + day / np.maximum(self.stops_per_route, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class FitErrors:
    """How far prices are from what N drops cost; shares, 0.1 = 10 %.

    ``mape`` is the mean absolute error of a drop by its cost, ``cell_mape`` the same of the sums over each cell and
    site, ``bias`` the error of the total, ``worst_site_bias`` that of the site with the largest; ``r2`` the share of
    the variance of costs that the prices explain.
    """

    mape: float
    cell_mape: float
    bias: float
    worst_site_bias: float
    r2: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedDropCost:
    """Coefficients of the cost of a drop, the ``drops`` that they were fitted on, and their ``errors``.

    The errors are those of drops of groups (sites, days) that took no part in the fit, where there are several groups.
    """

    k_hop: float
    k_stem: float
    wait_s: float
    window_power: float
    drops: int
    errors: FitErrors

    def price(self, drops: ExpectedDrops) -> Ints:
        """Return the expected cost of each drop (N,) [minor]."""
        hop = self.k_hop * drops.hop_minor(self.window_power)
        rest = self.k_stem * drops.stem_minor() + self.wait_s * drops.second_minor + drops.known_minor()
        return np.rint(hop + rest).astype(np.int64)


def errors_of(expected: Floats | Ints, realised: Ints, cell: Ints, site: Ints) -> FitErrors:
    """Return the errors of prices against what drops cost, all (N,); drops that cost nothing are left out of mape.

    Raises
    ------
    InputError
        If there are no drops.
    """
    if not realised.size:
        raise InputError("errors need one drop at least.")
    wrong = np.asarray(expected - realised, dtype=np.float64)
    paid = realised > 0
    _, place = np.unique(np.column_stack([cell, site]), axis=0, return_inverse=True)
    by_cell, cell_cost = _sums(place.reshape(-1), wrong, realised)
    _, at = np.unique(site, return_inverse=True)
    by_site, site_cost = _sums(at, wrong, realised)
    spread = float(((realised - realised.mean()) ** 2).sum())
    biases = by_site / np.maximum(site_cost, 1)
    return FitErrors(
        mape=float((np.abs(wrong[paid]) / realised[paid]).mean()) if paid.any() else 0.0,
        cell_mape=float((np.abs(by_cell) / np.maximum(cell_cost, 1)).mean()),
        bias=float(wrong.sum() / max(int(realised.sum()), 1)),
        worst_site_bias=float(biases[np.argmax(np.abs(biases))]),
        r2=1.0 - float((wrong**2).sum()) / spread if spread else 0.0,
    )


def _sums(group: Ints, wrong: Floats, realised: Ints) -> tuple[Floats, Floats]:
    off: Floats = np.bincount(group, weights=wrong).astype(np.float64)
    return off, np.bincount(group, weights=realised).astype(np.float64)
