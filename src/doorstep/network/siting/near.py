"""Customers and sites on the sphere whose pairs are looked at as they are needed: no matrix is kept."""

from dataclasses import dataclass

import numpy as np

from doorstep.foundation.arrays import Bools, Floats, Ints, one_layout
from doorstep.geography import Places, nearest_places
from doorstep.geography.nearest import metres_between, unit_vectors
from doorstep.network.siting._near_kernels import near_rows, worth_of_sites
from doorstep.network.siting.rows import CostRows


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """N customers and M sites; a unit costs the great-circle distance [m, rounded].

    Both are unit vectors too, the sites in ascending order of the last coordinate: ``order`` (M,).
    """

    demand: Places
    weight: Ints
    sites: Places
    customer: Floats
    site: Floats
    order: Ints

    @classmethod
    def of(cls, demand: Places, weight: Ints, sites: Places) -> "Near":
        """Return customers with their weights (N,) and sites."""
        site = unit_vectors(sites)
        order = np.argsort(site[:, 2], kind="stable")
        return cls(
            demand=demand,
            weight=weight,
            sites=sites,
            customer=unit_vectors(demand),
            site=np.ascontiguousarray(site[order]),
            order=order,
        )

    def metres(self, opened: Ints, *, count: int) -> tuple[Ints, Ints]:
        """Return the ``count`` nearest of some sites to each customer, nearest first, and their cost, both (N, C)."""
        found = nearest_places(self.demand, self.sites.take(opened), count=count)
        site = opened[found]
        customer = np.arange(len(self.demand))[:, None]
        return site, np.rint(metres_between(self.demand, self.sites, customer, site)).astype(np.int64)

    def total(self, opened: Ints) -> int:
        """Return what serving everybody from the nearest of some sites costs."""
        return int(self.weight @ self.metres(opened, count=1)[1][:, 0])

    def centres(self, group: Ints) -> tuple[Places, Ints]:
        """Return the weighted mean place of each group of customers (N,), numbered from 0, and its weight."""
        weight = np.bincount(group, weights=self.weight)
        mean = np.column_stack([np.bincount(group, weights=self.weight * axis) / weight for axis in self.customer.T])
        lat = np.degrees(np.arctan2(mean[:, 2], np.hypot(mean[:, 0], mean[:, 1])))
        return Places(lat=lat, lon=np.degrees(np.arctan2(mean[:, 1], mean[:, 0]))), weight.astype(np.int64)

    def worth(self, price: Floats) -> Floats:
        """Return what each site is worth at some prices (N,): ``sum_i w_i min(0, c_ij - u_i)`` (M,)."""
        worth = np.empty(self.order.size)
        worth[self.order] = worth_of_sites(self.customer, self.weight, price, self.site)
        return worth

    def rows(self, keep: Bools, beyond: Ints, *, longest: int) -> CostRows:
        """Return rows of some of the sites (M,), numbered anew in their order, that are a relaxation.

        A row ends where sites cost as much as ``beyond`` (N,), and after ``longest`` pairs; a customer may stay beyond
        at the cost of what was left out or less. So no set of those sites costs more by these rows than it truly does.
        """
        mine = keep[self.order]
        number = (np.cumsum(keep) - 1)[self.order[mine]].astype(np.int32)
        start, site, cost, beyond = near_rows(
            self.customer, np.ascontiguousarray(self.site[mine]), number, one_layout(beyond), longest
        )
        return CostRows(start=start, site=site, cost=cost, beyond=beyond, sites=int(keep.sum()))
