"""The part of a problem that is still open: sites that no better plan can open are left out."""

from dataclasses import dataclass

import numpy as np

from doorstep.foundation.arrays import Bools, Ints, one_layout
from doorstep.network.siting._moves import serve
from doorstep.network.siting.problem import SitingProblem
from doorstep.network.siting.rows import CostRows


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduced:
    """Customers with weight and the sites that a better plan may still open.

    ``opening`` (M,) is what opening costs more than closing, ``site`` (M,) the number of each site in the problem, and
    ``sure`` (M,) the sites that every better plan opens; those that ``must`` be open are among them.
    """

    rows: CostRows
    weight: Ints
    opening: Ints
    must: Bools
    sure: Bools
    least: int
    most: int
    site: Ints

    def among(self, keep: Bools) -> "Reduced":
        """Return what is left of the problem with some of its sites (M,)."""
        return Reduced(
            rows=self.rows.among(keep),
            weight=self.weight,
            opening=self.opening[keep],
            must=self.must[keep],
            sure=self.sure[keep],
            least=self.least,
            most=min(self.most, int(keep.sum())),
            site=self.site[keep],
        )

    def local(self, sites: Ints) -> Ints:
        """Return the numbers here of sites of the problem, without those that are no longer here."""
        place = np.minimum(np.searchsorted(self.site, sites), self.site.size - 1)
        return np.unique(place[self.site[place] == sites])

    def total(self, opened: Ints) -> int:
        """Return what a set of sites costs: its openings, and serving everybody."""
        is_open = np.zeros(self.site.size, np.bool_)
        is_open[opened] = True
        _, unit = serve(self.rows.start, self.rows.site, self.rows.cost, self.rows.beyond, is_open)
        return int(self.weight @ unit) + int(self.opening[opened].sum())

    @classmethod
    def of(cls, problem: SitingProblem) -> "Reduced":
        """Return all of a problem but the customers without weight."""
        rows, weight = problem.rows, one_layout(problem.weight)
        if not weight.all():
            rows, weight = rows.of_customers(np.flatnonzero(weight)), weight[weight > 0]
        return cls(
            rows=rows,
            weight=weight,
            opening=problem.opening - problem.closing,
            must=problem.must,
            sure=problem.must.copy(),
            least=problem.least,
            most=problem.most,
            site=np.arange(rows.sites, dtype=np.int64),
        )
