"""VROOM through pyvroom: exploration level 5, its most thorough.

It has no stop but a wall limit, and looks at it only now and then; its CPU seconds are as they fall. It has one thread,
and as many seconds as there are CPU seconds: two threads on two loaded cores would get less. Distances are its
costs, so that what it minimises is what is counted; a type of vehicle with its own rate has a table of its own.
"""

from datetime import timedelta
from typing import Any

import numpy as np
import vroom

from benchmarks.vehicle_routing.engines import (
    Outcome,
    SkippedError,
    Task,
    as_outcome,
    asks_for,
    must_fit,
    refuse_beyond,
    vehicles_of,
)
from doorstep.foundation.arrays import Ints
from doorstep.vehicle_routing import RoutingProblem

EXPLORATION = 5
MOST_STOPS = 6_000
"""On 4,000 stops its heuristics alone took 370 CPU seconds where 20 were asked for, and nothing interrupts them."""
HIGHEST = 1 << 31
"""VROOM refuses tables whose rows' largest costs add up to more than it can hold: then money is in a coarser unit."""
ABLE = {"windows", "skills", "several depots", "several vehicle types", "pairs", "pairs beside other loads"}
VISITS = ("job", "pickup", "delivery")


class Vroom:
    """VROOM on full tables."""

    def warm(self) -> None:
        """Nothing: it is imported with this module."""

    def solve(self, task: Task) -> Outcome:
        """Return the plan found, see ``Engine``."""
        problem = task.instance.problem
        refuse_beyond(problem, ABLE)
        if len(problem.stops) > MOST_STOPS:
            raise SkippedError(f"more than {MOST_STOPS} stops")
        must_fit(problem, tables=3, bytes_each=12)
        owner = vehicles_of(problem)
        asked = vroom.Input()
        unit = add_tables(asked, problem)
        timed = "windows" in asks_for(problem)
        asked.add_vehicle([vehicle(problem, number, kind, unit, timed=timed) for number, kind in enumerate(owner)])
        add_stops(asked, problem)
        wall = timedelta(seconds=max(1.0, task.left_s))
        found = asked.solve(exploration_level=EXPLORATION, nb_threads=1, timeout=wall)
        routes: dict[int, list[int]] = {}
        table = found.routes
        for vehicle_id, kind, stop in zip(table["vehicle_id"], table["type"], table["id"], strict=True):
            if kind in VISITS:
                routes.setdefault(int(vehicle_id), []).append(int(stop))
        return as_outcome(problem, [(owner[number], [stops]) for number, stops in routes.items()], "")


def add_tables(asked: vroom.Input, problem: RoutingProblem) -> int:
    """Give VROOM seconds and costs for each profile and rate, and return how many minor units are one of its."""
    kinds, places = problem.vehicles, np.arange(len(problem.roads))
    pairs = sorted(set(zip(kinds.profile.tolist(), kinds.per_km_minor.tolist(), strict=True)))
    tables = {profile: problem.roads.block(profile, places) for profile, _ in pairs}
    highest: int = max(int(tables[profile][0].max(axis=1).sum()) * rate for profile, rate in pairs)
    unit: int = max(1, -(-highest // (1_000 * HIGHEST)))
    for profile, rate in pairs:
        metres, seconds = tables[profile]
        costs: Ints = (metres * rate + 500 * unit) // (1_000 * unit)
        asked.set_durations_matrix(_name(profile, rate), seconds)
        asked.set_costs_matrix(_name(profile, rate), costs)
    return unit


def vehicle(problem: RoutingProblem, number: int, kind: int, unit: int, *, timed: bool) -> vroom.Vehicle:
    """Return one vehicle."""
    kinds, origin = problem.vehicles, int(problem.vehicles.shift_start_at.min())
    depots, start, end = problem.depots, int(kinds.start[kind]), int(kinds.end[kind])
    opens = max(int(kinds.shift_start_at[kind]), int(depots.open_at[start])) - origin
    closes = min(int(kinds.shift_end_at[kind]), int(depots.close_at[end])) - origin
    return vroom.Vehicle(
        number,
        start=start,
        end=end,
        profile=_name(int(kinds.profile[kind]), int(kinds.per_km_minor[kind])),
        capacity=kinds.capacity[kind].tolist(),
        skills=_bits(int(kinds.skills[kind])),
        time_window=vroom.TimeWindow(opens, closes) if timed else None,
        costs=vroom.VehicleCosts(fixed=round(int(kinds.fixed_minor[kind]) / unit)),
    )


def add_stops(asked: vroom.Input, problem: RoutingProblem) -> None:
    """Give VROOM the pairs as shipments and all other stops as jobs."""
    pairs, needs = problem.pairs, problem.stops.requirements
    for pickup, delivery, load in zip(pairs.pickup.tolist(), pairs.delivery.tolist(), pairs.load.tolist(), strict=True):
        skills = _bits(int(needs[pickup] | needs[delivery]))
        steps = (vroom.ShipmentStep(stop, **_visit(problem, stop)) for stop in (pickup, delivery))
        asked.add_shipment(*steps, amount=vroom.Amount(load), skills=skills)
    for stop in np.setdiff1d(np.arange(len(problem.stops)), np.concatenate([pairs.pickup, pairs.delivery])).tolist():
        load, skills = problem.stops.load[stop].tolist(), _bits(int(needs[stop]))
        asked.add_job(vroom.Job(stop, **_visit(problem, stop), delivery=load, skills=skills))


def _visit(problem: RoutingProblem, stop: int) -> dict[str, Any]:
    """Return where a stop is, when, and how long."""
    stops, origin = problem.stops, int(problem.vehicles.shift_start_at.min())
    window = vroom.TimeWindow(max(0, int(stops.start_at[stop]) - origin), int(stops.end_at[stop]) - origin)
    return {
        "location": problem.place(stop),
        "default_service": int(stops.service_s[stop]),
        "time_windows": [window],
    }


def _name(profile: int, rate: int) -> str:
    return f"{profile} at {rate}"


def _bits(mask: int) -> set[int]:
    return {bit for bit in range(63) if mask >> bit & 1}
