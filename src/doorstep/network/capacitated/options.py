"""A problem laid out for search: every level of every site is one option, and no two of a site are open together."""

from dataclasses import dataclass

import numpy as np

from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.network.capacitated._transport import settle_whole, transport
from doorstep.network.capacitated.problem import CapacitatedProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """K options at M sites for N customers.

    ``cost`` (M, N) of serving a customer and ``rate`` (M, N) per unit (per customer where demand is 0), infinite where
    not allowed; ``site``, ``level``, ``capacity``, ``fixed`` (opening less closing cost), ``unit`` (K,), those of site
    j being ``start[j] : start[j + 1]``; ``may`` (K,) and ``must`` (M,) open; from ``low`` to ``high`` sites; ``base``
    cost of having all closed; ``whole`` if every customer has one site.
    """

    cost: Floats
    rate: Floats
    demand: Floats
    site: Ints
    level: Ints
    start: Ints
    capacity: Floats
    fixed: Floats
    unit: Floats
    may: Bools
    must: Bools
    low: int
    high: int
    base: float
    whole: bool

    def price(self, chosen: Ints) -> Floats:
        """Return the cost of serving each customer from each of S options (S, N); infinite where it does not fit."""
        price = self.cost[self.site[chosen]] + self.unit[chosen, None] * self.demand
        return np.where(self.demand > self.capacity[chosen, None], np.inf, price) if self.whole else price

    def counted(self, chosen: Ints) -> bool:
        """Return whether the number of options and the sites that must be open are right."""
        return self.low <= chosen.size <= self.high and bool(
            np.isin(np.flatnonzero(self.must), self.site[chosen]).all()
        )


def options_of(problem: CapacitatedProblem) -> Options:
    """Return a problem as options; levels that are not offered are left out."""
    site, level = np.nonzero(np.isfinite(problem.opening))
    sites = problem.capacity.shape[0]
    capacity = problem.capacity[site, level]
    cost = np.ascontiguousarray(problem.cost.T)
    if not problem.split:
        largest = np.where(np.isfinite(problem.opening), problem.capacity, -1.0).max(axis=1)
        cost = np.where(problem.demand > largest[:, None], np.inf, cost)
    rate = np.where(problem.demand > 0, cost / np.where(problem.demand > 0, problem.demand, 1.0), cost)
    count = sites if problem.sites is None else problem.sites
    return Options(
        cost=cost,
        rate=rate,
        demand=problem.demand,
        site=site.astype(np.int64),
        level=level.astype(np.int64),
        start=np.searchsorted(site, np.arange(sites + 1)).astype(np.int64),
        capacity=capacity,
        fixed=problem.opening[site, level] - problem.closing[site],
        unit=problem.unit_cost[site, level],
        may=~problem.must_not[site],
        must=problem.must_open,
        low=count if problem.exactly and problem.sites is not None else 0,
        high=count,
        base=float(problem.closing.sum()),
        whole=not problem.split,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A set of open options and who is served from where: ``customer``, ``option``, ``share`` (R,)."""

    value: float
    chosen: Ints
    customer: Ints
    option: Ints
    share: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Divided:
    """The cheapest service from open options with customers divided: value, units (S, N), cheapest shifts (S, S)."""

    value: float
    flow: Floats
    shift: Floats
    lost: float


def divide(options: Options, chosen: Ints) -> Divided:
    """Return the cheapest service from open options when customers may be divided; infinite if there is no room."""
    flow, shift = np.empty((chosen.size, options.demand.size)), np.empty((chosen.size, chosen.size))
    if not chosen.size:
        return Divided(value=np.inf, flow=flow, shift=shift, lost=np.inf)
    value, lost, _ = transport(
        options.rate, options.unit, options.site, options.demand, options.capacity, chosen, flow, shift
    )
    total = options.base + float(options.fixed[chosen].sum()) + value if lost == 0.0 else np.inf
    return Divided(value=total, flow=flow, shift=shift, lost=lost)


def served_divided(options: Options, chosen: Ints, divided: Divided) -> Served:
    """Return a divided service as pairs; customers without demand go to their cheapest option."""
    share = divided.flow / np.where(options.demand > 0, options.demand, 1.0)
    idle = np.flatnonzero(options.demand <= 0)
    share[np.argmin(options.cost[options.site[chosen]][:, idle], axis=0), idle] = 1.0
    customer, place = np.nonzero(share.T)
    return Served(
        value=divided.value,
        chosen=chosen,
        customer=customer.astype(np.int64),
        option=chosen[place],
        share=share[place, customer],
    )


def served_whole(options: Options, chosen: Ints, at: Ints) -> Served:
    """Return a service of whole customers by the option of each (N,)."""
    customers = np.arange(at.size)
    cost = options.cost[options.site[at], customers] + options.unit[at] * options.demand
    return Served(
        value=options.base + float(options.fixed[chosen].sum()) + float(cost.sum()),
        chosen=chosen,
        customer=customers,
        option=at,
        share=np.ones(at.size),
    )


class Incumbent:
    """The best service so far, and what is known of sets of options already tried."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.best: Served | None = None
        self._values: dict[bytes, float] = {}

    @property
    def value(self) -> float:
        """Cost of the best service; infinite before there is one."""
        return np.inf if self.best is None else self.best.value

    def worth(self, chosen: Ints) -> float:
        """Return the cost of open options with customers divided, once computed for each set, and keep what is best."""
        key = chosen.tobytes()
        if key not in self._values:
            divided = divide(self.options, chosen)
            self._values[key] = divided.value
            if divided.value < self.value and self.options.counted(chosen):
                self._take(chosen, divided)
        return self._values[key]

    def offer(self, served: Served) -> bool:
        """Keep a service if it is the best; return whether it is."""
        better = served.value < self.value - 1e-9 * abs(self.value) if self.best is not None else True
        if better:
            self.best = served
        return better

    def _take(self, chosen: Ints, divided: Divided) -> None:
        if not self.options.whole:
            self.offer(served_divided(self.options, chosen, divided))
            return
        at = np.empty(self.options.demand.size, np.int64)
        price = self.options.price(chosen)
        found = settle_whole(price, self.options.demand, self.options.capacity[chosen], divided.flow, at, 12)
        if found < np.inf:
            self.offer(served_whole(self.options, chosen, chosen[at]))
