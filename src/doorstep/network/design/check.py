"""Whether a designed network keeps its rules and costs what it says, counted afresh, parcel way by parcel way."""

import math

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.geography import TravelTimes
from doorstep.network.design.evaluate import OUTSIDE
from doorstep.network.design.problem import NEVER, DesignProblem
from doorstep.network.design.solve import DesignPlan


def check_design(problem: DesignProblem, times: TravelTimes, plan: DesignPlan) -> list[str]:
    """Return every fault of a plan as a sentence; none if it is right.

    Ways are measured again; nothing is shared with the search but the formula of a drop and what the last
    van of each site costs.
    """
    options, faults = problem.options, []
    faults += [f"option {options.option_id[row]} has to stay." for row in np.flatnonzero(options.must & ~plan.open)]
    faults += [f"option {options.option_id[row]} must not be." for row in np.flatnonzero(options.must_not & plan.open)]
    fcs = np.flatnonzero(options.is_fc)
    if fcs.size and not plan.open[fcs].any():
        faults.append("no FC is open.")
    senders = plan.open & (options.van >= 0)
    if senders.sum() > problem.most_open:
        faults.append(f"{int(senders.sum())} sites send vans, not at most {problem.most_open}.")
    for row in np.flatnonzero(plan.cost.load > options.capacity.astype(np.float64) * problem.days).tolist():
        faults.append(f"option {options.option_id[row]} has {int(plan.cost.load[row])} parcels, too many for it.")
    places = [
        (
            options.site[row],
            options.van[row],
            options.holds_stock[row],
            options.places.lat[row],
            options.places.lon[row],
        )
        for row in np.flatnonzero(senders)
    ]
    faults += [f"site {place[0]} is open at several levels." for place in set(places) if places.count(place) > 1]
    total = problem.days * 1_000 * int(options.running_minor[plan.open].sum())
    total += problem.days * problem.waves * int(plan.ways.idle_milli[senders].sum())
    for row in range(len(options)):
        once = int(options.opening_minor[row]) if plan.open[row] else int(options.closing_minor[row])
        if plan.open[row] != options.exists[row]:
            total += 1_000 * problem.days * once // problem.amortised_days
    served = np.argwhere(problem.parcels > 0)
    options_of = np.maximum(plan.cost.option[served[:, 0], served[:, 1]], 0)
    ways = times.between(options.places.take(options_of), problem.zones.take(served[:, 1]))
    for row, (tier, zone) in enumerate(served.tolist()):
        option = int(plan.cost.option[tier, zone])
        unit = _unit_milli(problem, (ways[0][row : row + 1], ways[1][row : row + 1]), plan, tier, zone, option)
        if math.isinf(unit):
            faults.append(f"parcels of tier {problem.tiers[tier].name} in zone {zone} cannot go by {option}.")
        else:
            total += int(problem.parcels[tier, zone]) * round(unit)
    slack = 1 + int(problem.parcels.sum())  # a thousandth of a minor unit a parcel, where halves are rounded
    if abs(total - plan.cost.total_milli) > slack:
        faults.append(f"the network costs {total}, not {plan.cost.total_milli}.")
    if plan.bound_milli > plan.cost.total_milli + slack:
        faults.append(f"the bound {plan.bound_milli} is above the cost {plan.cost.total_milli}.")
    return faults


def _unit_milli(
    problem: DesignProblem, way: tuple[Ints, Ints], plan: DesignPlan, tier: int, zone: int, option: int
) -> float:
    """Return what a parcel costs by an option whose way takes metres and seconds (1,), infinite if it may not."""
    if option == OUTSIDE:
        price = int(problem.outside_minor[tier, zone])
        return math.inf if price >= NEVER else 1_000.0 * price
    options, promise = problem.options, problem.tiers[tier]
    if option < 0 or not plan.open[option] or options.van[option] < 0:
        return math.inf
    metres, seconds = way
    late = metres[0] > promise.reach_m or seconds[0] > promise.reach_s
    if late or (promise.needs_stock and not options.holds_stock[option]):
        return math.inf
    sources = plan.open[options.is_fc]
    inbound = problem.inbound_minor[option][sources].min() if sources.size else 0
    density = problem.doors_per_km2[tier, zone : zone + 1]
    drop = float(problem.vans[int(options.van[option])].drop_minor(metres, seconds, density)[0])
    return 1_000.0 * (drop + int(options.handling_minor[option]) + int(inbound))
