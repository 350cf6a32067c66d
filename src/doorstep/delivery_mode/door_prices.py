"""Prices of own drops from every site to every door, by coefficients that were learnt from routes."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from doorstep.delivery_mode.drop_cost import ExpectedDrops, FittedDropCost
from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.geography import DensityField
from doorstep.geography.density import one_per_km2


@dataclass(frozen=True, slots=True, kw_only=True)
class LearntDropCost:
    """What routes taught about own drops of S sites.

    ``fitted`` are the coefficients, ``density`` the doors around a cell on a day (one group, 0), ``stops_per_route``
    (S,) what a route of a site served, 0 where it had none: of such a site nothing is known, and its drops are priced
    by ``estimate_own_drops``.
    """

    fitted: FittedDropCost
    density: DensityField
    stops_per_route: Floats

    @property
    def known(self) -> Bools:
        """Which sites had routes (S,)."""
        known: Bools = self.stops_per_route > 0
        return known


class SiteVans(NamedTuple):
    """A typical vehicle of each of S sites, (S,), zeros where there is none; ``metre_s`` is what a metre takes."""

    shift_s: Ints
    fixed_minor: Ints
    per_km_minor: Ints
    per_hour_minor: Ints
    loading_s: Ints
    metre_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorPrices:
    """Learnt prices of drops by the ``vans`` of S sites to O doors, whose ``cell``, window and service are (O,)."""

    learnt: LearntDropCost
    vans: SiteVans
    cell: Ints
    window_s: Ints
    service_s: Ints

    def take(self, rows: Ints) -> "DoorPrices":
        """Return the prices of some doors."""
        return replace(self, cell=self.cell[rows], window_s=self.window_s[rows], service_s=self.service_s[rows])

    def of(self, site: Ints, metres: Ints, door: Ints) -> Ints:
        """Return the price of drops (M,) from sites to doors, given by their rows, over road distances; 0 if unknown.

        A drop counts itself among the doors around its own, so that no density is below that of a lone one.
        """
        vans = self.vans
        around = self.learnt.density.at(np.zeros_like(site), self.cell[door])
        price = self.learnt.fitted.price(
            ExpectedDrops(
                distance_m=metres,
                density_per_km2=np.maximum(around, one_per_km2()),
                window_s=self.window_s[door],
                service_s=self.service_s[door],
                stops_per_route=self.learnt.stops_per_route[site],
                fixed_minor=vans.fixed_minor[site],
                per_km_minor=vans.per_km_minor[site],
                per_hour_minor=vans.per_hour_minor[site],
                shift_s=vans.shift_s[site],
                loading_s=vans.loading_s[site],
                metre_s=np.full(metres.shape, vans.metre_s),
            )
        )
        return np.where(self.learnt.known[site], price, 0)
