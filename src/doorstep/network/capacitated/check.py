"""Checks a capacitated plan against its problem, customer by customer, sharing nothing with the search."""

from collections import defaultdict

from doorstep.network.capacitated.plan import CapacitatedPlan
from doorstep.network.capacitated.problem import CapacitatedProblem

TOLERANCE = 1e-6
"""Share of a quantity by which sums of floats may differ."""


def check_capacitated(problem: CapacitatedProblem, plan: CapacitatedPlan) -> list[str]:
    """Return one sentence for each broken rule: who is served, capacity, sites, cost and bound."""
    served: dict[int, dict[int, float]] = defaultdict(dict)
    faults = []
    for customer, site, share in zip(plan.customer.tolist(), plan.site.tolist(), plan.share.tolist(), strict=True):
        if not (0 <= customer < len(problem.demand) and 0 <= site < len(plan.level)):
            faults.append(f"customer {customer} at site {site}: one of them does not exist.")
            continue
        if site in served[customer]:
            faults.append(f"customer {customer}: is served from site {site} twice.")
        served[customer][site] = share
    faults += _customer_faults(problem, plan, served) + _site_faults(problem, plan, served)
    return faults + ([] if faults else _cost_faults(problem, plan, served))


def _customer_faults(
    problem: CapacitatedProblem, plan: CapacitatedPlan, served: dict[int, dict[int, float]]
) -> list[str]:
    faults = []
    for customer in range(len(problem.demand)):
        by = served.get(customer, {})
        total = sum(by.values())
        if abs(total - 1.0) > TOLERANCE:
            faults.append(f"customer {customer}: {total:g} of the demand is served.")
        if not problem.split and (len(by) != 1 or any(share != 1.0 for share in by.values())):
            faults.append(f"customer {customer}: has {len(by)} sites, not one.")
        for site, share in by.items():
            if not 0.0 < share <= 1.0 + TOLERANCE:
                faults.append(f"customer {customer}: share {share:g} from site {site} is not above 0 and at most 1.")
            if plan.level[site] < 0:
                faults.append(f"customer {customer}: site {site} is closed.")
            if not problem.cost[customer, site] < float("inf"):
                faults.append(f"customer {customer}: site {site} is not allowed.")
    return faults


def _site_faults(problem: CapacitatedProblem, plan: CapacitatedPlan, served: dict[int, dict[int, float]]) -> list[str]:
    faults = []
    load: dict[int, float] = defaultdict(float)
    for customer, by in served.items():
        for site, share in by.items():
            load[site] += share * float(problem.demand[customer])
    for site, level in enumerate(plan.level.tolist()):
        if level < 0:
            faults += [f"site {site}: must open."] if problem.must_open[site] else []
            continue
        if problem.must_not[site]:
            faults.append(f"site {site}: must not open.")
        if level >= problem.opening.shape[1] or not problem.opening[site, level] < float("inf"):
            faults.append(f"site {site}: level {level} is not offered.")
            continue
        room = float(problem.capacity[site, level])
        if load[site] > room + TOLERANCE * max(1.0, room):
            faults.append(f"site {site}: serves {load[site]:g}, capacity {room:g}.")
    count = sum(level >= 0 for level in plan.level.tolist())
    if problem.sites is not None and (count > problem.sites or (problem.exactly and count < problem.sites)):
        faults.append(f"{count} sites are open, not {'exactly' if problem.exactly else 'at most'} {problem.sites}.")
    return faults


def _cost_faults(problem: CapacitatedProblem, plan: CapacitatedPlan, served: dict[int, dict[int, float]]) -> list[str]:
    cost = 0.0
    for site, level in enumerate(plan.level.tolist()):
        cost += float(problem.closing[site] if level < 0 else problem.opening[site, level])
    for customer, by in served.items():
        for site, share in by.items():
            handling = float(problem.unit_cost[site, plan.level[site]] * problem.demand[customer])
            cost += share * (float(problem.cost[customer, site]) + handling)
    faults = []
    slack = TOLERANCE * max(1.0, abs(cost))
    if not abs(cost - plan.cost) <= slack:
        faults.append(f"cost {plan.cost!r} is not {cost!r}.")
    if not plan.bound <= cost + slack:
        faults.append(f"bound {plan.bound!r} is above the cost {cost!r}.")
    return faults
