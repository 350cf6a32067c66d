"""What it costs to serve each customer from each site, cheapest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Bools, Ints
from doorstep.geography import Places, great_circle_m, places_within
from doorstep.geography.nearest import metres_between
from doorstep.network.siting._rows_kernels import compact, widths

Costs: TypeAlias = npt.NDArray[np.int32]

FAR = 2**31 - 1
"""Cost of a customer whom no site can serve; no pair may cost as much."""
BLOCK_PAIRS = 2_000_000
"""Pairs whose distances are computed at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostRows:
    """Cost of a unit of each of N customers at the sites that may serve it, cheapest first.

    The bound and the search look only at the cheap end of a row, so most of the pairs are never touched.

    Parameters
    ----------
    start : (N + 1,)
        Where the row of each customer begins.
    site, cost : (P,)
        Site and cost of a unit of each pair; costs ascend within a row.
    beyond : (N,)
        What a unit costs if no open site is in the row: ``FAR`` where that is not allowed.
    sites
        Number of sites M.
    """

    start: Ints
    site: npt.NDArray[np.int32]
    cost: Costs
    beyond: Ints
    sites: int

    def __len__(self) -> int:
        return int(self.beyond.size)

    def among(self, keep: Bools) -> "CostRows":
        """Return the rows with some sites only (M,), which are numbered anew in their order."""
        number = np.where(keep, np.cumsum(keep) - 1, -1).astype(np.int32)
        start = np.concatenate([[0], np.cumsum(widths(self.start, self.site, number))]).astype(np.int64)
        site, cost = np.empty(start[-1], np.int32), np.empty(start[-1], np.int32)
        compact(self.start, self.site, self.cost, number, site, cost)
        return CostRows(start=start, site=site, cost=cost, beyond=self.beyond, sites=int(keep.sum()))

    def of_customers(self, customers: Ints) -> "CostRows":
        """Return the rows of some customers, ascending."""
        width = np.diff(self.start)
        chosen = np.zeros(len(self), np.bool_)
        chosen[customers] = True
        pairs = np.repeat(chosen, width)
        return CostRows(
            start=np.concatenate([[0], np.cumsum(width[customers])]).astype(np.int64),
            site=self.site[pairs],
            cost=self.cost[pairs],
            beyond=self.beyond[customers],
            sites=self.sites,
        )

    def out_of_reach(self) -> Bools:
        """Return whether customers may not be left beyond the sites in their row (N,)."""
        return self.beyond >= FAR

    def dearest(self) -> Ints:
        """Return the most that a unit of each customer may cost where it is served as allowed (N,)."""
        last = np.maximum(self.start[1:] - 1, 0)
        dearest = np.zeros(len(self), np.int64)
        filled = np.diff(self.start) > 0
        dearest[filled] = self.cost[last[filled]]
        return np.where(self.out_of_reach(), dearest, self.beyond)

    @classmethod
    def of_matrix(cls, cost: Ints, *, beyond: Ints | None = None) -> "CostRows":
        """Return the rows of a matrix of whole unit costs (N, M); pairs that cost ``FAR`` or more are not allowed.

        Pairs that cost as much as ``beyond`` (N,) or more are left out too: staying beyond is no worse.

        Raises
        ------
        InputError
            If a cost is negative or the shapes disagree.
        """
        customers, sites = cost.shape
        limit = np.full(customers, FAR, np.int64) if beyond is None else np.minimum(beyond, FAR)
        if (cost < 0).any() or limit.shape != (customers,):
            raise InputError(f"cost {cost.shape} must not be negative and beyond {limit.shape} must be ({customers},).")
        blocks = (cost[a:b] for a, b in _spans(customers, sites))
        return cls._sorted(blocks, limit, sites)

    @classmethod
    def of_places(cls, demand: Places, sites: Places, *, within_m: int | None = None) -> "CostRows":
        """Return rows whose unit cost is the great-circle distance [m, rounded] from sites to places of demand.

        With ``within_m`` only sites within that distance may serve.
        """
        far = np.full(len(demand), FAR, np.int64)
        if within_m is None:
            blocks = (_metres(demand, sites, a, b) for a, b in _spans(len(demand), len(sites)))
            return cls._sorted(blocks, far, len(sites))
        start, site = places_within(demand, sites, within_m=within_m)
        place = np.repeat(np.arange(len(demand)), np.diff(start))
        metres = np.rint(metres_between(demand, sites, place, site)).astype(np.int64)
        order = np.lexsort((metres, place))
        return cls(
            start=start,
            site=site[order].astype(np.int32),
            cost=metres[order].astype(np.int32),
            beyond=far,
            sites=len(sites),
        )

    @classmethod
    def _sorted(cls, blocks: Iterator[Ints], limit: Ints, sites: int) -> "CostRows":
        """Return the rows of blocks of a matrix, with the pairs that cost less than the limit of their row."""
        width = np.zeros(limit.size, np.int64)
        site, cost = np.empty((2, limit.size * sites), np.int32)  # memory is taken only as it is filled
        done = filled = 0
        for block in blocks:
            key = np.sort((np.minimum(block, FAR) << 32) | np.arange(sites), axis=1)
            kept = (key >> 32) < limit[done : done + block.shape[0], None]
            width[done : done + block.shape[0]] = kept.sum(axis=1)
            chosen = key[kept]
            site[filled : filled + chosen.size] = chosen & 0xFFFFFFFF
            cost[filled : filled + chosen.size] = chosen >> 32
            done += block.shape[0]
            filled += chosen.size
        start = np.concatenate([[0], np.cumsum(width)]).astype(np.int64)
        if 2 * filled < site.size:  # do not hold on to much room that is not used
            site, cost = site[:filled].copy(), cost[:filled].copy()
        return cls(start=start, site=site[:filled], cost=cost[:filled], beyond=limit, sites=sites)


def _spans(rows: int, columns: int) -> Iterator[tuple[int, int]]:
    step = max(1, BLOCK_PAIRS // max(columns, 1))
    for first in range(0, rows, step):
        yield first, min(first + step, rows)


def _metres(demand: Places, sites: Places, first: int, end: int) -> Ints:
    metres = great_circle_m(
        lat_a=demand.lat[first:end, None], lon_a=demand.lon[first:end, None], lat_b=sites.lat, lon_b=sites.lon
    )
    return np.rint(metres).astype(np.int64)
