"""Sums over the last days of every series, in which days without stock count for what was on offer only."""

from dataclasses import dataclass

import numpy as np

from doorstep.foundation.arrays import Floats, Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """Running sums of S series over T days.

    ``exposure`` is what a series of level one would have sold: the day's multiplier times the share of the day in
    stock. Units over exposure is a level that neither a stock-out nor a holiday bends.
    """

    units: Floats
    exposure: Floats
    sold_days: Floats
    offered_days: Floats

    @classmethod
    def of(cls, units: Floats, in_stock: Floats, multipliers: Floats) -> "Windows":
        """Return the sums of units (S, T), shares in stock (S, T) and multipliers (S, T or more)."""
        days = units.shape[1]
        return cls(
            units=_running(units),
            exposure=_running(multipliers[:, :days] * in_stock),
            sold_days=_running((units > 0).astype(np.float64)),
            offered_days=_running((in_stock > 0).astype(np.float64)),
        )

    def sums(self, what: Floats, day: int, length: int, *, ago: int = 0) -> Floats:
        """Return the sum (S,) over ``length`` days that end ``ago`` days before ``day``, which is included if 0."""
        end = max(day + 1 - ago, 0)
        return what[:, end] - what[:, max(end - length, 0)]

    def level(self, day: int, length: int, *, ago: int = 0) -> Floats:
        """Return units a day of multiplier one over some days (S,); 0 where nothing was on offer."""
        exposure = self.sums(self.exposure, day, length, ago=ago)
        return np.divide(
            self.sums(self.units, day, length, ago=ago), exposure, out=np.zeros_like(exposure), where=exposure > 0.05
        )


def group_sums(group: Ints, values: Floats) -> Floats:
    """Return the sum of each group's values, given back to its members (S,)."""
    sums: Floats = np.bincount(group, weights=values).astype(np.float64)
    return sums[group]


def _running(values: Floats) -> Floats:
    sums = np.zeros((values.shape[0], values.shape[1] + 1))
    np.cumsum(values, axis=1, out=sums[:, 1:])
    return sums
