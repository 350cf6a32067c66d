"""What will be asked for, where and when: what comes out of a forecast."""

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from doorstep.demand.distribution import NegativeBinomial
from doorstep.demand.explain import Factors, PartedFactors
from doorstep.demand.spread import Spread
from doorstep.foundation import InputError
from doorstep.foundation.arrays import Floats, Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandPlan:
    """Distributions of S series over H days.

    Parameters
    ----------
    product_ids, zone_ids
        Products and zones.
    product, zone : (S,)
        Product and zone of each series.
    first_day
        The day after the origin [days since 1970-01-01].
    mean : (S, H)
        Expected units a day.
    spread
        How far sums over days stray from their mean.
    method
        How the mean was made: ``learnt``, or ``window`` where there was not enough to learn from.
    notes
        What a reader should know, such as why nothing was learnt.
    factors
        What made each forecast, for ``explain``.
    """

    product_ids: tuple[str, ...]
    zone_ids: tuple[str, ...]
    product: Ints
    zone: Ints
    first_day: int
    mean: Floats
    spread: Spread = field(repr=False)
    method: str
    notes: tuple[str, ...]
    factors: Factors | PartedFactors = field(repr=False)

    @property
    def horizon_days(self) -> int:
        """Number of days that are forecast."""
        return int(self.mean.shape[1])

    def lead_time(self, days: int, *, start: int = 0) -> NegativeBinomial:
        """Return the demand (S,) of ``days`` days from day ``start`` of the plan on: lead time plus review.

        Raises
        ------
        InputError
            If the days are not all within the plan.
        """
        if not (days >= 1 and start >= 0 and start + days <= self.horizon_days):
            raise InputError(
                f"{days} days from day {start} on must lie within the {self.horizon_days} days of the plan."
            )
        return self.spread.distribution(self.mean[:, start : start + days].sum(axis=1), days)

    def stock(self, q: float, days: int, *, start: int = 0) -> Ints:
        """Return the units (S,) that cover the demand of some days with probability ``q`` over all series.

        From 0.8 up the level is the one that covered such a share of past demand. Whole units cover more than asked
        for; over many series of few units that is stock nobody asked for, and is taken back here.
        """
        demand = self.lead_time(days, start=start)
        return np.where(self.spread.plain, demand.quantile(q), demand.quantile(self.spread.level(q, days)))

    @property
    def dispersion(self) -> Floats:
        """Dispersion k of each day's demand (S, H)."""
        return np.stack([self.lead_time(1, start=day).k for day in range(self.horizon_days)], axis=1)

    def series(self) -> pl.DataFrame:
        """Return product, zone and total mean of each series as a table."""
        return pl.DataFrame(
            {
                "product_id": [self.product_ids[row] for row in self.product.tolist()],
                "zone_id": [self.zone_ids[row] for row in self.zone.tolist()],
                "mean": self.mean.sum(axis=1),
            }
        )
