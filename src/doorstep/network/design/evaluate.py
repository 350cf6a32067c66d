"""What a network costs, by part: the same figures for today's network, a plan, and every step between them."""

from dataclasses import dataclass

import numpy as np

from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.network.design.fees import change_milli, idle_milli
from doorstep.network.design.problem import NEVER, DesignProblem
from doorstep.network.design.ways import MILLI, Ways, cheapest_pair, inbound_minor

OUTSIDE, UNSERVED = -1, -2
"""In place of an option: by a third party, and by nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkCost:
    """Who serves whom and what it costs, in thousandths of the minor unit over the days of the problem.

    ``option`` (T, Z) is ``OUTSIDE`` or ``UNSERVED`` where no option serves. ``load`` (M,) counts parcels, ``unserved``
    those that nobody takes, which cost nothing here. ``idle_milli`` is for the last vans of sites, which are not full.
    """

    option: Ints
    load: Ints
    sites_milli: int
    changes_milli: int
    inbound_milli: int
    handling_milli: int
    drop_milli: int
    idle_milli: int
    outside_milli: int
    unserved: int

    @property
    def total_milli(self) -> int:
        """All parts together."""
        return self.running_milli + self.changes_milli

    @property
    def running_milli(self) -> int:
        """All parts but what opening and closing costs."""
        sites = self.sites_milli + self.inbound_milli + self.handling_milli
        return sites + self.drop_milli + self.idle_milli + self.outside_milli


def evaluate(problem: DesignProblem, ways: Ways, is_open: Bools, *, assigned: Ints | None = None) -> NetworkCost:
    """Return what the network costs whose open options (M,) each serve the parcels that they are cheapest for.

    With ``assigned`` (T, Z) parcels go by those options, ``OUTSIDE`` for a third party, instead.
    """
    options, parcels = problem.options, problem.parcels
    sources = is_open[options.is_fc]
    unit = ways.unit_milli(problem, sources)
    unit[:, ~is_open[ways.option]] = np.inf
    pair = cheapest_pair(ways.zone, unit, len(problem.zones)) if assigned is None else _pairs(ways, assigned)
    chosen = np.where(pair >= 0, np.take_along_axis(unit, np.maximum(pair, 0), axis=1), np.inf) if unit.size else None
    cost = np.full(parcels.shape, np.inf) if chosen is None else chosen
    outside = np.where(problem.outside_minor >= NEVER, np.inf, problem.outside_minor * float(MILLI))
    if assigned is not None:
        outside = np.where(assigned == OUTSIDE, outside, np.inf)
    option = np.where(np.isfinite(cost), ways.option[np.maximum(pair, 0)] if ways.option.size else UNSERVED, UNSERVED)
    option = np.where(outside <= cost, np.where(np.isfinite(outside), OUTSIDE, UNSERVED), option)
    own = option >= 0
    served = np.where(own, option, 0)
    load = np.bincount(option[own], weights=parcels[own], minlength=len(options)).astype(np.int64)
    inbound = inbound_minor(problem, sources)
    drop = np.where(own, np.rint(np.where(own, cost, 0.0)), 0.0)
    before = np.where(own, MILLI * (options.handling_minor + inbound)[served], 0.0) if len(options) else 0.0
    return NetworkCost(
        option=option,
        load=load,
        sites_milli=int(MILLI * problem.days * options.running_minor[is_open].sum()),
        changes_milli=int(change_milli(problem, is_open).sum()),
        inbound_milli=_sum(parcels[own] * MILLI * inbound[served[own]]),
        handling_milli=_sum(parcels[own] * MILLI * options.handling_minor[served[own]]),
        drop_milli=_sum(parcels * (drop - before)),
        idle_milli=int(idle_milli(problem, ways)[is_open].sum()),
        outside_milli=_sum(parcels[option == OUTSIDE] * outside[option == OUTSIDE]),
        unserved=int(parcels[option == UNSERVED].sum()),
    )


def _pairs(ways: Ways, assigned: Ints) -> Ints:
    """Return the pair of each tier and zone with its option (T, Z), -1 where there is none."""
    width = int(max(ways.option.max(initial=0), assigned.max(initial=0))) + 1
    key = ways.zone * width + ways.option
    order = np.argsort(key)
    wanted = np.arange(assigned.shape[1]) * width + assigned
    place = np.minimum(np.searchsorted(key, wanted, sorter=order), max(key.size - 1, 0))
    found = order[place] if key.size else np.zeros_like(wanted)
    hit = (assigned >= 0) & (key.size > 0)
    pair: Ints = np.where(hit & (key[found] == wanted if key.size else False), found, -1)
    return pair


def _sum(values: Floats | Ints) -> int:
    return round(float(values.sum()))
