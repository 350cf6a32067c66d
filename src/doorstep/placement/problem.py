"""What placement needs: demand near every site, what serving it from near or far is worth, stock, room and rules."""

from dataclasses import dataclass

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Floats, Ints
from doorstep.placement.faults import input_faults

UNLIMITED = 1 << 40
"""Units that stand for no limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementProblem:
    """I products to be stocked at S sites in R regions, for one cover period (lead time and review).

    The zone of a site is the area that it is nearest to; several zones of a site are summed by ``demand_of_sites``.
    Demand is negative binomial, ``Var = mean + mean^2 / k``, Poisson where k is infinite, independent between sites.
    All money is in one unit; a unit of stock is what is counted, a piece or a case.

    Parameters
    ----------
    region : (S,)
        Region of each site, numbered from 0.
    mean, k : (I, S)
        Demand of the site's own zone over the period [units], and its dispersion.
    value : (I, 3)
        What a unit sold is worth from the zone's own site, from a site in its region, and from another region, each
        less transit; not rising.
    stockout_cost : (I,)
        Cost of a unit of demand that nobody serves.
    holding : (I,)
        Cost of holding a unit of stock over the period.
    cube : (I,)
        Room that a unit takes.
    capacity : (S,)
        Room at each site; infinite for no limit.
    supply : (I,)
        Units that there can be in all, those present included.
    present : (I, S)
        Units there now.
    receive_cost, send_cost : (S,)
        Cost of a unit that a site gets beyond, or gives away from, what is present.
    inbound : (S,)
        Units that a site can receive.
    least, most : (I, S)
        Units that must be there (presentation minimum of a store's shelf) and may be there (0 outside the assortment).

    Raises
    ------
    InputError
        If shapes or numbers are broken, or the least units have no place; the message lists every fault.

    References
    ----------
    Agrawal, Smith (1996), Estimating negative binomial demand for retail inventory management with unobservable lost
    sales, Naval Research Logistics 43.
    """

    region: Ints
    mean: Floats
    k: Floats
    value: Floats
    stockout_cost: Floats
    holding: Floats
    cube: Floats
    capacity: Floats
    supply: Ints
    present: Ints
    receive_cost: Floats
    send_cost: Floats
    inbound: Ints
    least: Ints
    most: Ints

    def __post_init__(self) -> None:
        faults = input_faults(self)
        if faults:
            raise InputError(" ".join(faults))

    @property
    def regions(self) -> int:
        """Number of regions."""
        return int(self.region.max()) + 1


def placement_problem(
    mean: Floats,
    k: Floats | float,
    value: Floats,
    capacity: Floats | float,
    *,
    region: Ints | None = None,
    stockout_cost: Floats | float = 0.0,
    holding: Floats | float = 0.0,
    cube: Floats | float = 1.0,
    supply: Ints | None = None,
    present: Ints | None = None,
    receive_cost: Floats | float = 0.0,
    send_cost: Floats | float = 0.0,
    inbound: Ints | None = None,
    least: Ints | None = None,
    most: Ints | None = None,
) -> PlacementProblem:
    """Return a problem in which what is not given is absent.

    One number stands for all products or sites, ``value`` (3,) for all products, ``least`` (S,) for all products of a
    site. Without ``region`` all sites are in one region.
    """
    mean = np.asarray(mean, dtype=np.float64)
    if mean.ndim != 2:
        raise InputError(f"mean {mean.shape} must be (I, S).")
    products, sites = mean.shape
    table = mean.shape

    def spread(values: Floats | float, shape: tuple[int, ...]) -> Floats:
        array = np.asarray(values, dtype=np.float64)
        return np.broadcast_to(array, shape).copy() if array.ndim < len(shape) else array

    def whole(values: Ints | None, shape: tuple[int, ...], absent: int) -> Ints:
        array = np.asarray(absent if values is None else values, dtype=np.int64)
        return np.broadcast_to(array, shape).copy() if array.ndim < len(shape) else array

    return PlacementProblem(
        region=whole(region, (sites,), 0),
        mean=np.ascontiguousarray(mean),
        k=np.ascontiguousarray(spread(k, table)),
        value=spread(value, (products, 3)),
        stockout_cost=spread(stockout_cost, (products,)),
        holding=spread(holding, (products,)),
        cube=spread(cube, (products,)),
        capacity=spread(capacity, (sites,)),
        supply=whole(supply, (products,), UNLIMITED),
        present=whole(present, table, 0),
        receive_cost=spread(receive_cost, (sites,)),
        send_cost=spread(send_cost, (sites,)),
        inbound=whole(inbound, (sites,), UNLIMITED),
        least=whole(least, table, 0),
        most=whole(most, table, UNLIMITED),
    )


def demand_of_sites(mean: Floats, k: Floats, site: Ints, sites: int) -> tuple[Floats, Floats]:
    """Return mean and dispersion (I, S) of sites from those of their zones (I, Z); ``site`` (Z,) is each zone's.

    The sum has the mean and the variance of independent zones: ``k = (sum mean)^2 / sum (mean^2 / k)``, exact where
    ``mean / k`` is the same in all zones of a site. A site without zones has mean 0.

    Raises
    ------
    InputError
        If the shapes disagree or a zone's site does not exist.
    """
    mean, k = np.asarray(mean, dtype=np.float64), np.asarray(k, dtype=np.float64)
    if mean.shape != k.shape or mean.ndim != 2 or site.shape != mean.shape[1:]:
        raise InputError(f"mean {mean.shape}, k {k.shape} and site {site.shape} must be (I, Z), (I, Z) and (Z,).")
    if site.size and (site.min() < 0 or site.max() >= sites):
        raise InputError(f"site of a zone must lie between 0 and {sites - 1}: found {site.min()} to {site.max()}.")
    belongs = np.zeros((site.size, sites))
    belongs[np.arange(site.size), site] = 1.0
    total = mean @ belongs
    excess = np.where(mean > 0.0, mean**2 / k, 0.0) @ belongs
    return total, np.divide(total**2, excess, out=np.full(total.shape, np.inf), where=excess > 0.0)
