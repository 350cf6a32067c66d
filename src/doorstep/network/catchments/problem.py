"""Which site serves which places in time: what goes in."""

from dataclasses import dataclass

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.geography import Places

LARGEST = 10**12
"""Most demand that a problem may hold: the programme's numbers are exact up to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CatchmentProblem:
    """D places of demand, and S sites that may serve those that they reach in time.

    Parameters
    ----------
    demand
        The D places.
    weight : (D,)
        Parcels or orders a day of each place, whole; one without any needs no site.
    sites
        The S sites.
    reach_s : (S,)
        Longest drive from each site to a place that it serves, both ends included [s].
    capacity : (S,)
        Parcels or orders a day that each site can serve; -1 for no limit.
    group : (D,)
        State or region of each place, counted from 0.

    Raises
    ------
    InputError
        With every fault: no sites, shapes, fractions, positions off the earth, negative values, more demand than is
        counted exactly. Capacity below the demand is none: the plan tells what stays unserved.
    """

    demand: Places
    weight: Ints
    sites: Places
    reach_s: Ints
    capacity: Ints
    group: Ints

    def __post_init__(self) -> None:
        faults = self._shape_faults() or self._value_faults()
        if faults:
            raise InputError(" ".join(faults))

    @property
    def room(self) -> Ints:
        """Capacity of each site (S,), all demand where it has no limit."""
        total = int(self.weight.sum())
        return np.where(self.capacity < 0, total, np.minimum(self.capacity, total))

    def _shape_faults(self) -> list[str]:
        faults = [
            f"{name} {values.shape} of {values.dtype} must be ({count},) of int64."
            for name, values, count in (
                ("weight", self.weight, len(self.demand)),
                ("group", self.group, len(self.demand)),
                ("reach_s", self.reach_s, len(self.sites)),
                ("capacity", self.capacity, len(self.sites)),
            )
            if values.shape != (count,) or values.dtype != np.int64
        ]
        return faults if len(self.sites) else [*faults, "there are no sites."]

    def _value_faults(self) -> list[str]:
        faults = [
            f"{name} must be at least {least}: row {int(np.argmin(values))} is {int(values.min())}."
            for name, values, least in (
                ("weight", self.weight, 0),
                ("group", self.group, 0),
                ("reach_s", self.reach_s, 0),
                ("capacity", self.capacity, -1),
            )
            if values.size and values.min() < least
        ]
        faults += [
            f"{name} must be from -{most} to {most}: row {int(np.argmax(_off(values, most)))} is "
            f"{values[np.argmax(_off(values, most))]}."
            for name, values, most in (
                ("lat of demand", self.demand.lat, 90),
                ("lon of demand", self.demand.lon, 180),
                ("lat of sites", self.sites.lat, 90),
                ("lon of sites", self.sites.lon, 180),
            )
            if _off(values, most).any()
        ]
        if float(self.weight.astype(np.float64).sum()) > LARGEST:
            faults.append(f"weight adds up to more than {LARGEST}: give it in a coarser unit.")
        return faults


def catchment_problem(
    demand: Places,
    weight: Ints,
    sites: Places,
    *,
    reach_s: int | Ints,
    capacity: Ints | None = None,
    group: Ints | None = None,
) -> CatchmentProblem:
    """Return the problem, with one reach for all sites or one each, by default without limits and in one group.

    Raises
    ------
    InputError
        See ``CatchmentProblem``.
    """
    return CatchmentProblem(
        demand=demand,
        weight=weight,
        sites=sites,
        reach_s=np.full(len(sites), reach_s, np.int64) if isinstance(reach_s, int | np.integer) else reach_s,
        capacity=np.full(len(sites), -1, np.int64) if capacity is None else capacity,
        group=np.zeros(len(demand), np.int64) if group is None else group,
    )


def _off(values: Floats, most: int) -> Bools:
    """Return which values are beyond +-most, or no number."""
    off: Bools = ~(np.abs(values) <= most)
    return off
