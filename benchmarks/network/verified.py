"""Predicted against routed cost per parcel of networks designed for sample metros.

Every design is judged on days that shaped neither its demand nor its coefficients; those of ``other metros`` come from
routes in the other metros alone.
"""

import time
from dataclasses import replace

import numpy as np

from benchmarks.network.metros import TIMES, SampleMetro, of_days, sample_metro
from doorstep.foundation import Iterations
from doorstep.network.design import DesignPlan, DesignProblem, VanDay, design_network
from doorstep.operations.planning import PARTS, RoutedDays, SampleDoors, Verification, fit_van, route_days, verify
from doorstep.vehicle_routing import SisrSolver

METROS = (("Chicago, US", 40, 2, 5_000), ("Dallas, US", 24, 1, 2_000), ("Lyon, FR", 12, 1, 1_000))
"""City, stores, FCs and orders a day: the samples of the corridor's and the drop cost's benchmarks."""
PAST_DAYS, FIT_DAYS, LATER_DAYS = 10, 2, 2
"""Days that shape the demand, those of them whose routes are fitted to, and later ones that designs are judged on."""
DESIGN_ITERATIONS = 1_000_000


def verified_rows(*, seed: int) -> list[dict[str, object]]:
    """Return rows for each metro, designed and with every store: by textbook, by the other metros, by its own past."""
    metros = [
        [
            sample_metro(*metro, every_store=every, past=PAST_DAYS, later=LATER_DAYS, seed=seed)
            for every in (False, True)
        ]
        for metro in METROS
    ]
    plans = [[_designed(metro.problem, seed) for metro in pair] for pair in metros]
    past = [
        [_routed(one.problem, plan, of_days(one.past, FIT_DAYS), seed) for one, plan in zip(*both, strict=True)]
        for both in zip(metros, plans, strict=True)
    ]
    rows = []
    for number, pair in enumerate(metros):
        van = pair[0].problem.vans[0]
        vans = {
            "textbook": van,
            "fitted to other metros": fit_van(
                van, [each for other in past if other is not past[number] for each in other]
            ).van,
            "fitted to its past days": fit_van(van, past[number]).van,
        }
        for metro, plan in zip(pair, plans[number], strict=True):
            known: dict[bytes, RoutedDays] = {}
            for way, fitted in vans.items():
                rows.append(_row(metro, way, fitted, seed, plan if way == "textbook" else None, known))
    return rows


def _row(
    metro: SampleMetro, way: str, van: VanDay, seed: int, plan: DesignPlan | None, known: dict[bytes, RoutedDays]
) -> dict[str, object]:
    """Return how a metro designed with a van is judged by routes, which are known where the same plan was routed."""
    started = time.process_time()
    problem = replace(metro.problem, vans=(van,))
    plan = plan or _designed(problem, seed)
    key = plan.cost.option.tobytes()
    if key not in known:
        known[key] = _routed(problem, plan, metro.later, seed)
    near_m, near_s = (column[known[key].option] for column in (plan.ways.near_m, plan.ways.near_s))
    found = verify((van,), replace(known[key], near_m=near_m, near_s=near_s))
    return _told(metro.name, way, van, plan, found, time.process_time() - started)


def _told(name: str, way: str, van: VanDay, plan: DesignPlan, found: Verification, cpu_s: float) -> dict[str, object]:
    total, cost = found.total, plan.cost
    planned = (cost.drop_milli + cost.idle_milli) / 1_000 / max(int(cost.load.sum()), 1)
    return {
        "instance": name,
        "solver": way,
        "k_hop, wait_s, spare": f"{van.k_hop:.3f} {van.wait_s:.1f} {van.spare:.2f}",
        "open": int(plan.open.sum()),
        "doors": total.doors,
        "planned": round(planned, 1),
        "predicted": round(total.predicted_minor, 1),
        "cost": round(total.routed_minor, 1),
        "error_pct": round(100 * total.error, 2),
        **{f"{part}_pct": round(100 * off, 2) for part, off in zip(PARTS, total.errors_by_part, strict=True)},
        "planned_error_pct": round(100 * (planned / total.routed_minor - 1), 2),
        "mean_site_error_pct": round(100 * _mean_site_error(found), 2),
        "worst_site_error_pct": round(100 * found.by_site[found.worst_site].error, 2),
        "stops_per_route": round(total.stops_per_route, 1),
        "km_per_stop": round(total.km_per_stop, 2),
        "left": found.left,
        "violations": len(found.faults),
        "cpu_s": round(cpu_s, 1),
    }


def _mean_site_error(found: Verification) -> float:
    """Return the mean absolute error of sites by their doors."""
    sites = found.by_site.values()
    return sum(site.doors * abs(site.error) for site in sites) / max(found.total.doors, 1)


def _designed(problem: DesignProblem, seed: int) -> DesignPlan:
    stop = Iterations(limit=DESIGN_ITERATIONS)
    return design_network(problem, TIMES, rng=np.random.default_rng(seed), stop=stop)


def _routed(problem: DesignProblem, plan: DesignPlan, doors: SampleDoors, seed: int) -> RoutedDays:
    return route_days(
        problem,
        plan,
        doors,
        TIMES,
        solver=SisrSolver(),
        patience=lambda count: Iterations(limit=10_000 + 100 * count),
        rng=np.random.default_rng(seed),
    )
