"""A design within the capacities of its sites, each in one role at most: levels of automation are chosen here."""

from dataclasses import dataclass

import numpy as np

from doorstep.foundation import InputError, Progress, Stop
from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.network.capacitated.problem import capacitated_problem
from doorstep.network.capacitated.solve import site_capacitated
from doorstep.network.design.evaluate import OUTSIDE, NetworkCost, evaluate
from doorstep.network.design.fees import fees_milli
from doorstep.network.design.problem import NEVER, DesignProblem
from doorstep.network.design.ways import MILLI, Ways


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """Open options (M,), what they cost, and a bound for all networks with the same FCs [thousandths]."""

    open: Bools
    cost: NetworkCost
    bound_milli: float


def keeps_capacity(problem: DesignProblem, is_open: Bools, cost: NetworkCost) -> bool:
    """Return whether no option has more parcels than it can handle, and no place two levels."""
    options = problem.options
    sites = options.levels_of()[is_open & (options.van >= 0)]
    full = cost.load > np.minimum(options.capacity, NEVER // problem.days) * problem.days
    return not full.any() and np.unique(sites).size == sites.size


def within_capacity(
    problem: DesignProblem,
    ways: Ways,
    is_open: Bools,
    *,
    rng: np.random.Generator,
    stop: Stop,
    progress: Progress,
) -> Within:
    """Return the options that serve all parcels of a zone and tier from one site each, with the FCs that are open.

    Raises
    ------
    InputError
        If capacities do not allow it, and where it shows.
    """
    options, sources = problem.options, is_open[problem.options.is_fc]
    rows = [
        r
        for r in np.flatnonzero(options.van >= 0).tolist()
        if is_open[r] or not (options.is_fc[r] or options.must_not[r])
    ]
    places = _places(problem, rows)
    tier, zone = np.nonzero(problem.parcels)
    demand = problem.parcels[tier, zone].astype(np.float64)
    opening, closing, capacity, handling = _levels(problem, ways, places, float(demand.sum()))
    outside = np.where(problem.outside_minor >= NEVER, np.inf, problem.outside_minor * float(MILLI))[tier, zone]
    cost = np.column_stack([_costs(problem, ways, sources, places, tier, zone), outside]) * demand[:, None]
    must = np.array([any(options.must[row] or options.is_fc[row] for row in place) for place in places] + [True])
    solved = site_capacitated(
        capacitated_problem(
            cost,
            demand,
            capacity,
            opening,
            unit_cost=handling,
            closing=closing,
            must_open=must,
            split=False,
            sites=None if problem.most_open >= len(places) else problem.most_open + 1,
            exactly=False,
        ),
        rng=rng,
        stop=stop,
        progress=progress,
    )
    if not solved.found:
        raise InputError("no network within the capacities of its sites was found before the patience ended.")
    after = is_open & options.is_fc
    for number, place in enumerate(places):
        if solved.level[number] >= 0:
            after[place[int(solved.level[number])]] = True
    assigned = np.full(problem.parcels.shape, OUTSIDE)
    row_of = np.array(
        [place[max(int(level), 0)] for place, level in zip(places, solved.level[:-1], strict=True)] + [OUTSIDE]
    )
    assigned[tier[solved.customer], zone[solved.customer]] = row_of[solved.site]
    opens, closes = fees_milli(problem, ways)
    fcs = options.is_fc
    fees = int(opens[fcs & is_open].sum()) + int(closes[(fcs & ~is_open) | (options.must_not & ~fcs)].sum())
    network = evaluate(problem, ways, after, assigned=assigned)
    return Within(open=after, cost=network, bound_milli=solved.bound + fees)


def _places(problem: DesignProblem, rows: list[int]) -> list[list[int]]:
    """Return the options that are levels of the same place, place by place."""
    number, found = problem.options.levels_of(), dict[int, list[int]]()
    for row in rows:
        found.setdefault(int(number[row]), []).append(row)
    return list(found.values())


def _levels(
    problem: DesignProblem, ways: Ways, places: list[list[int]], demand: float
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return opening (S, L), closing (S,), capacity (S, L) and handling (S, L), the third party as the last site."""
    options, (opens, closes) = problem.options, fees_milli(problem, ways)
    size = (len(places) + 1, max((len(place) for place in places), default=1))
    opening, capacity, handling = np.full(size, np.inf), np.zeros(size), np.zeros(size)
    closing = np.zeros(size[0])
    capacity[-1, 0], opening[-1, 0] = demand, 0.0
    for number, place in enumerate(places):
        capacity[number, : len(place)] = _capacity(problem, place, demand)
        handling[number, : len(place)] = MILLI * options.handling_minor[place]
        if options.is_fc[place[0]]:  # paid for already
            opening[number, : len(place)] = 0.0
            continue
        closing[number] = closes[place].sum()
        opening[number, : len(place)] = opens[place] + closing[number] - closes[place]
    return opening, closing, capacity, handling


def _capacity(problem: DesignProblem, place: list[int], demand: float) -> Floats:
    capacity: Floats = np.minimum(problem.options.capacity[place].astype(np.float64) * problem.days, demand)
    return capacity


def _costs(
    problem: DesignProblem, ways: Ways, sources: Bools, places: list[list[int]], tier: Ints, zone: Ints
) -> Floats:
    """Return what a parcel of each customer costs from each place without handling, infinite where none can go."""
    unit = ways.unit_milli(problem, sources) - MILLI * problem.options.handling_minor[ways.option]
    first = np.full(len(problem.options), -1, np.int64)
    for number, place in enumerate(places):
        first[place[0]] = number
    cost = np.full((len(problem.tiers), len(problem.zones), len(places)), np.inf)
    mine = first[ways.option] >= 0
    for number in range(len(problem.tiers)):
        cost[number, ways.zone[mine], first[ways.option[mine]]] = np.rint(unit[number, mine])
    customers: Floats = cost[tier, zone]
    return customers
