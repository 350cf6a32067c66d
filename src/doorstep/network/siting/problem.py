"""Which sites to open so that serving everybody costs least: what goes in."""

from dataclasses import dataclass

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Bools, Ints
from doorstep.network.siting.rows import CostRows

LARGEST = 2**62
"""Largest total that a plan may cost: totals are whole numbers of 64 bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SitingProblem:
    """N customers, each served by one open site of M, the number of open sites within limits.

    A plan costs ``sum weight x cost of a unit`` over customers, the opening cost of open sites and the closing cost of
    existing sites that do not stay open. With a number of sites and no opening cost it is the p-median problem, with
    opening costs and no number the fixed-charge (uncapacitated) problem.

    Parameters
    ----------
    rows
        Cost of a unit of each customer at the sites that may serve it.
    weight : (N,)
        Units that each customer needs: people, orders, parcels.
    opening : (M,)
        What an open site costs.
    closing : (M,)
        What a site costs that is not open: closing an existing one.
    least, most
        How many sites must and may be open.
    must : (M,)
        Sites that stay open.

    Raises
    ------
    InputError
        With every fault: shapes, negative values, limits that exclude each other, customers nobody can reach.
    """

    rows: CostRows
    weight: Ints
    opening: Ints
    closing: Ints
    least: int
    most: int
    must: Bools

    def __post_init__(self) -> None:
        faults = self._shape_faults() or self._value_faults()
        if faults:
            raise InputError(" ".join(faults))

    def _shape_faults(self) -> list[str]:
        customers, sites = len(self.rows), self.rows.sites
        return [
            f"{name} {values.shape} must be ({count},)."
            for name, values, count in (
                ("weight", self.weight, customers),
                ("opening", self.opening, sites),
                ("closing", self.closing, sites),
                ("must", self.must, sites),
            )
            if values.shape != (count,)
        ]

    def _value_faults(self) -> list[str]:
        sites, must = self.rows.sites, int(self.must.sum())
        faults = [
            f"{name} must not be negative: row {int(np.argmin(values))} is {int(values.min())}."
            for name, values in (("weight", self.weight), ("opening", self.opening), ("closing", self.closing))
            if values.size and values.min() < 0
        ]
        if not 0 < self.most <= sites:
            faults.append(f"{self.most} sites cannot be open of {sites}: at least 1 and at most all may.")
        if not 0 <= self.least <= self.most:
            faults.append(f"at least {self.least} and at most {self.most} open sites exclude each other.")
        if must > self.most:
            faults.append(f"{must} sites must stay open, and at most {self.most} may be.")
        faults += self._reach_faults()
        if not faults and self._largest() >= LARGEST:
            faults.append(
                f"a plan may cost {self._largest():.3g}, more than whole numbers hold: give costs in a coarser unit."
            )
        return faults

    def _reach_faults(self) -> list[str]:
        alone = (np.diff(self.rows.start) == 0) & self.rows.out_of_reach() & (self.weight > 0)
        if not alone.any():
            return []
        rows = ", ".join(str(row) for row in np.flatnonzero(alone)[:5].tolist())
        told = f"{int(alone.sum())} customers with {int(self.weight[alone].sum())} units are within reach of no site"
        return [f"{told}: rows {rows}{' ...' if alone.sum() > 5 else ''}."]

    def _largest(self) -> float:
        worst = self.weight.astype(np.float64) @ self.rows.dearest().astype(np.float64)
        return float(worst + self.opening.astype(np.float64).sum() + self.closing.astype(np.float64).sum())


def p_median(rows: CostRows, weight: Ints, count: int) -> SitingProblem:
    """Return the problem of ``count`` sites that serve N customers with the least weighted cost.

    References
    ----------
    Hakimi (1964), Optimum locations of switching centers and the absolute centers and medians of a graph, Operations
    Research 12.
    """
    return fixed_charge(rows, weight, np.zeros(rows.sites, np.int64), least=count, most=count)


def fixed_charge(
    rows: CostRows,
    weight: Ints,
    opening: Ints,
    *,
    closing: Ints | None = None,
    must: Bools | None = None,
    least: int = 0,
    most: int | None = None,
) -> SitingProblem:
    """Return the problem of as many sites as pay, each with its cost of opening, and of closing where it exists.

    References
    ----------
    Balinski (1965), Integer programming: methods, uses, computation, Management Science 12.
    """
    return SitingProblem(
        rows=rows,
        weight=weight,
        opening=opening,
        closing=np.zeros_like(opening) if closing is None else closing,
        must=np.zeros(rows.sites, np.bool_) if must is None else must,
        least=least,
        most=rows.sites if most is None else most,
    )


def maximal_covering(within: CostRows, weight: Ints, count: int, *, must: Bools | None = None) -> SitingProblem:
    """Return the problem of ``count`` sites that leave as little weight as possible without a site in reach.

    Every pair in ``within`` counts as reach, whatever it costs; the plan's cost is the weight that is not covered.

    References
    ----------
    Church, ReVelle (1974), The maximal covering location problem, Papers of the Regional Science Association 32.
    """
    covering = CostRows(
        start=within.start,
        site=within.site,
        cost=np.zeros_like(within.cost),
        beyond=np.ones_like(within.beyond),
        sites=within.sites,
    )
    nothing = np.zeros(within.sites, np.int64)
    return fixed_charge(covering, weight, nothing, must=must, least=0, most=count)
