"""What compact territories and even hours cost: a price curve on the made-up city and on instances of --data.

Each plan has two searches of the same patience, see ``prefer``; ``cpu_s`` is their mean, with what is shared.
``areas`` are the territories that a route visits on average, ``areas_without`` in the plan without terms. Where hours
cost nothing, as in the public instances, evenness is not measured.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import fmean

import numpy as np

from benchmarks.vehicle_routing.families import Found, famous_city
from benchmarks.vehicle_routing.generator import city_day
from benchmarks.vehicle_routing.job import CITY, CPU_PER_WALL, OWN
from doorstep.connectors.routing_instance import read_instance
from doorstep.foundation import Iterations, Seconds, Stop
from doorstep.foundation.arrays import Ints
from doorstep.vehicle_routing import RoutePlan, RoutingProblem, SisrSolver
from doorstep.vehicle_routing.check_plan import check_plan
from doorstep.vehicle_routing.measures import density_of
from doorstep.vehicle_routing.preferences import Preferred, SoftTerms, prefer, zones_of

TERRITORIES = ((3, 1.0), (6, 1.0), (12, 1.0), (12, 4.0), (24, 4.0))
"""Territories, and what a border counts, in mean metres of a stop."""
OVER_TARGET = (0.5, 2.0, 8.0)
"""What an hour beyond the mean counts, in what an hour costs."""
USUAL_WALL_S = 60.0

Row = dict[str, object]


def territory_rows(
    found: Sequence[Found],
    *,
    data: Path | None,
    city: int,
    seeds: Sequence[int],
    seconds: float | None,
    iterations: int | None,
) -> Iterator[Row]:
    """Yield a row for each instance, seed and choice of soft terms, the plan without terms first."""

    def patience(share: float) -> Stop:
        if iterations is not None:
            return Iterations(limit=max(1, round(iterations * share)))
        return Seconds(limit=share * CPU_PER_WALL * (USUAL_WALL_S if seconds is None else seconds))

    for one in found:
        problem = read_instance(one.path).problem
        for seed in seeds:
            yield from _rows(one.path.stem, problem, patience, seed)
    for seed in seeds if city else ():
        yield from _rows(f"{CITY}-{city}", city_day(city, seed=seed, base=famous_city(data)), patience, seed)


def _rows(name: str, problem: RoutingProblem, patience: Callable[[float], Stop], seed: int) -> Iterator[Row]:
    begun = time.process_time()
    results = prefer(problem, SisrSolver(), patience, lambda plan: _choices(problem, plan), seed=seed)
    each_s = round((time.process_time() - begun) / len(results), 1)
    for result in results:
        areas = {"areas": None, "areas_without": None}
        if result.terms.border_m:
            zone = zones_of(problem, result.terms)
            areas = {"areas": _areas(result.plan, zone), "areas_without": _areas(results[0].plan, zone)}
        yield _row(name, problem, result, seed) | areas | {"cpu_s": each_s}


def _choices(problem: RoutingProblem, plain: RoutePlan) -> list[SoftTerms]:
    stop_m = round(1_000 * density_of(problem, plain).km_per_stop)
    hour = int(problem.vehicles.per_hour_minor.max())
    terms = [SoftTerms(territories=count, border_m=round(times * stop_m)) for count, times in TERRITORIES]
    return terms + [SoftTerms(over_target_minor=round(times * hour)) for times in OVER_TARGET if hour]


def _areas(plan: RoutePlan, zone: Ints) -> float:
    """Return how many territories a route visits on average."""
    return round(fmean(np.unique(zone[list(route.stops)]).size for route in plan.routes), 2)


def _row(name: str, problem: RoutingProblem, result: Preferred, seed: int) -> Row:
    terms = result.terms
    asked = f"{terms.territories} territories, border {terms.border_m} m" if terms.border_m else ""
    asked = asked or (f"beyond the mean {terms.over_target_minor} an hour" if terms.over_target_minor else "none")
    return {
        "instance": name,
        "solver": OWN,
        "seed": seed,
        "soft terms": asked,
        "cost": result.cost_minor,
        "price_pct": round(result.price_pct, 2),
        "strays_pct": None if result.stray_share is None else round(100 * result.stray_share, 1),
        "overlap_pct": None if result.overlap is None else round(100 * result.overlap, 1),
        "spread_h": round(result.spread_s / 3_600, 2),
        "longest_h": round(result.longest_s / 3_600, 2),
        "vehicles": len(result.plan.routes),
        "violations": len(check_plan(problem, result.plan, require_all=True)),
    }
