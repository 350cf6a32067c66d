"""Whether a siting plan keeps its limits and costs what it says, counted afresh."""

import numpy as np

from doorstep.network.siting.centre import CentrePlan
from doorstep.network.siting.plan import SitingPlan
from doorstep.network.siting.problem import SitingProblem
from doorstep.network.siting.rows import CostRows


def check_siting(problem: SitingProblem, plan: SitingPlan) -> list[str]:
    """Return every fault of a plan as a sentence; none if it is right.

    Each customer's cost is looked up pair by pair; nothing is shared with the search or the bound.
    """
    rows, faults = problem.rows, []
    count = int(plan.open.sum())
    if not problem.least <= count <= problem.most:
        faults.append(f"{count} sites are open, not {problem.least} to {problem.most}.")
    faults += [f"site {site} must be open." for site in np.flatnonzero(problem.must & ~plan.open)]
    serving = int(problem.opening[plan.open].sum()) + int(problem.closing[~plan.open].sum())
    for customer in np.flatnonzero(problem.weight).tolist():
        pairs = slice(int(rows.start[customer]), int(rows.start[customer + 1]))
        here = rows.cost[pairs][plan.open[rows.site[pairs]]]
        least = int(here.min()) if here.size else int(rows.beyond[customer])
        site = int(plan.site[customer])
        if site < 0:
            paid = int(rows.beyond[customer])
        elif not plan.open[site] or site not in rows.site[pairs]:
            faults.append(f"customer {customer} is served by site {site}, which is closed or may not serve it.")
            continue
        else:
            paid = int(rows.cost[pairs][rows.site[pairs] == site][0])
        if paid != least:
            faults.append(f"customer {customer} pays {paid} a unit and could pay {least}.")
        serving += paid * int(problem.weight[customer])
    if serving != plan.cost:
        faults.append(f"the plan costs {serving}, not {plan.cost}.")
    if plan.bound > plan.cost:
        faults.append(f"the bound {plan.bound} is above the cost {plan.cost}.")
    return faults


def check_centre(rows: CostRows, count: int, plan: CentrePlan) -> list[str]:
    """Return every fault of a p-centre as a sentence; none if it is right."""
    faults = [] if int(plan.open.sum()) <= count else [f"{int(plan.open.sum())} sites are open, {count} may be."]
    farthest = 0
    for customer in range(len(rows)):
        pairs = slice(int(rows.start[customer]), int(rows.start[customer + 1]))
        costs = dict(zip(rows.site[pairs].tolist(), rows.cost[pairs].tolist(), strict=True))
        site = int(plan.site[customer])
        if site not in costs or not plan.open[site]:
            faults.append(f"customer {customer} is served by site {site}, which is closed or may not serve it.")
            continue
        least = min(cost for at, cost in costs.items() if plan.open[at])
        if costs[site] != least:
            faults.append(f"customer {customer} pays {costs[site]} a unit and could pay {least}.")
        farthest = max(farthest, costs[site])
    if farthest != plan.farthest:
        faults.append(f"the dearest unit costs {farthest}, not {plan.farthest}.")
    if plan.bound > plan.farthest:
        faults.append(f"the bound {plan.bound} is above the dearest unit {plan.farthest}.")
    return faults
