"""``--live``: prices of one more stop in a plan, and plans made right again after events, on a made-up city's day.

Quotes: each candidate is asked for in every slot of the day; a sample is tried in every place one by one with the exact
clock. Repairs: the plan is driven until an hour of the day, something happens, and the plan is made right within a
budget of changes. Beside it everything left is planned anew, with the same CPU seconds and with ten times as many.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from benchmarks.table import machine, print_table, write_json
from benchmarks.vehicle_routing.generator import DAY, HOUR, city_day
from doorstep.foundation import Iterations, Seconds
from doorstep.vehicle_routing import RoutePlan, RoutingProblem, SisrSolver, Stops, schedule_route
from doorstep.vehicle_routing.changes import Budget, moved_stops, sequences_of
from doorstep.vehicle_routing.check_plan import check_plan
from doorstep.vehicle_routing.problem import REQUIRED, Traffic
from doorstep.vehicle_routing.quotes import LivePlan, Offer
from doorstep.vehicle_routing.repair import GENTLE, Repair, repair, replan
from doorstep.vehicle_routing.roads import AskedRoads
from doorstep.vehicle_routing.running import RunningPlan

STOPS = 1_000
CANDIDATES = 200
RUSH_CANDIDATES = 10
"""Fewer where segments only bound the price: each takes much longer."""
SLOTS = tuple((DAY + hour * HOUR, DAY + (hour + 2) * HOUR) for hour in range(8, 20))
SAMPLE = 3
"""Candidates that are tried in every place one by one."""
PLAN_S = 40.0
"""CPU seconds for the plan that is driven."""
REPAIR_S = 1.5
"""CPU seconds for a repair: two seconds on the wall with one core."""
LONGER = 10
SHIFT_S = 1_800
HOUR_OF_EVENTS = 11
RUSH = Traffic(
    start_at=np.array([DAY, DAY + 16 * HOUR, DAY + 18 * HOUR]), percent=np.array([[100, 130, 100], [100, 110, 100]])
)
Row = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happens, and the plan as it is then."""

    name: str
    running: RunningPlan


def main(asked: argparse.Namespace) -> int:
    """Run the benchmark; exit code 1 if a quote is not exact or a plan breaks a rule."""
    print(f"{machine()}; {asked.city or STOPS} stops, {CANDIDATES} candidates in {len(SLOTS)} slots")
    warm(1)
    rows: list[Row] = []
    for row in measured(asked):
        rows.append(row)
        print(row, file=sys.stderr, flush=True)
        if asked.json:
            write_json(asked.json, "vehicle_routing", rows, summary_of(rows))
    for kind in ("quote", "repair"):
        print()
        print_table([row for row in rows if row["solver"] == kind])
    summary = summary_of(rows)
    print(f"\n{summary}")
    return 1 if summary["violations"] else 0


def measured(asked: argparse.Namespace) -> Iterator[Row]:
    """Yield all rows."""
    for seed in asked.seeds:
        city = city_day((asked.city or STOPS) + CANDIDATES, seed=seed)
        problem = first_stops(city, asked.city or STOPS)
        plan = SisrSolver(threads=asked.threads).solve(problem, Seconds(limit=asked.seconds or PLAN_S), seed=seed)
        whole = optional_from(city, len(problem.stops))
        yield {"instance": "day", "seed": seed} | quotes_row(whole, plan, CANDIDATES, SAMPLE)
        for event in events(whole, plan, DAY + HOUR_OF_EVENTS * HOUR, seed):
            yield {"instance": event.name, "seed": seed} | repair_row(event, plan, seed)
        rush = with_rush(whole)
        yield {"instance": "rush hours", "seed": seed} | quotes_row(rush, retimed(rush, plan), RUSH_CANDIDATES, 1)


def first_stops(city: RoutingProblem, count: int) -> RoutingProblem:
    """Return the day with its first stops alone."""
    assert isinstance(city.roads, AskedRoads)
    stops = Stops(**{f.name: getattr(city.stops, f.name)[:count] for f in fields(Stops)})
    roads = AskedRoads(places=city.roads.places.take(np.arange(count + 1)), travel=city.roads.travel)
    return replace(city, stops=stops, roads=roads)


def optional_from(city: RoutingProblem, count: int) -> RoutingProblem:
    """Return the day in which only the first stops are wanted."""
    return city.with_prizes(np.where(np.arange(len(city.stops)) < count, REQUIRED, 0))


def with_rush(problem: RoutingProblem) -> RoutingProblem:
    """Return the day with slower hours, which segments of routes do not know."""
    return replace(problem, traffic=RUSH)


def retimed(problem: RoutingProblem, plan: RoutePlan) -> RoutePlan:
    """Return the plan with the clock of another day, less stops that its routes can no longer keep."""
    routes = []
    for route in plan.routes:
        trip: list[int] = list(route.stops)
        while trip and (found := schedule_route(problem, route.vehicle, [trip])) is None:
            trip.pop()
        if trip and found is not None:
            routes.append(found)
    return RoutePlan(routes=tuple(routes))


def quotes_row(problem: RoutingProblem, plan: RoutePlan, count: int, sample: int) -> Row:
    """Return how long quotes take, and how many of a sample differ from what trying all places finds."""
    begun = time.process_time()
    live = LivePlan.of(problem, plan)
    ready_s = time.process_time() - begun
    candidates = np.flatnonzero(problem.stops.prize_minor == 0)[:count].tolist()
    live.quote(candidates[0], SLOTS)
    wall, cpu, offered = [], [], 0
    for stop in candidates:
        begun_wall, begun_cpu = time.perf_counter(), time.process_time()
        found = live.quote(stop, SLOTS)
        wall.append(time.perf_counter() - begun_wall)
        cpu.append(time.process_time() - begun_cpu)
        offered += sum(isinstance(one, Offer) for one in found)
    taken = 0.0
    for stop in candidates[: count // 10]:
        offers = [one for one in live.quote(stop, SLOTS) if isinstance(one, Offer)]
        begun = time.process_time()
        live = live.with_offer(min(offers, key=lambda one: one.cost_minor)) if offers else live
        taken += time.process_time() - begun
    wrong = sum(not is_exact(live, stop, slot) for stop in candidates[-sample:] for slot in SLOTS[1::4])
    return {
        "solver": "quote",
        "stops": len(plan.served()),
        "quotes": len(wall),
        "offered_share": round(offered / len(wall) / len(SLOTS), 3),
        "cpu_p50_ms": milliseconds(cpu, 50),
        "cpu_p99_ms": milliseconds(cpu, 99),
        "wall_p50_ms": milliseconds(wall, 50),
        "wall_p99_ms": milliseconds(wall, 99),
        "quotes_per_cpu_s": round(len(cpu) / sum(cpu), 1),
        "take_ms": round(10_000 / count * taken, 2),
        "ready_ms": round(1_000 * ready_s, 1),
        "tried": sample * len(SLOTS[1::4]),
        "violations": wrong + len(check_plan(live.problem, live.plan)),
    }


def is_exact(live: LivePlan, stop: int, slot: tuple[int, int]) -> bool:
    """Return whether a quote is what trying every place with the exact clock finds."""
    problem = live.problem.with_window(stop, slot)
    ways = [
        (route.cost_minor(problem) - old, n, route)
        for n, (vehicle, old, trips) in enumerate(placed(problem, live.plan, stop))
        if (route := schedule_route(problem, vehicle, trips)) is not None
    ]
    sound = (cost for cost, _, route in sorted(ways) if not check_plan(problem, RoutePlan(routes=(route,))))
    least = next(sound, None)
    (found,) = live.quote(stop, [slot])
    return (found.cost_minor if isinstance(found, Offer) else None) == least


def placed(problem: RoutingProblem, plan: RoutePlan, stop: int) -> Iterator[tuple[int, int, list[list[int]]]]:
    """Yield type, cost before and trips of every route with the stop in every place."""
    for route in plan.routes:
        (trip,), cost = route.trips, route.cost_minor(problem)
        for at in range(len(trip) + 1):
            yield route.vehicle, cost, [[*trip[:at], stop, *trip[at:]]]
    out = np.bincount([route.vehicle for route in plan.routes], minlength=len(problem.vehicles))
    for vehicle in np.flatnonzero(out < problem.vehicles.count).tolist():
        yield vehicle, 0, [[stop]]


def events(problem: RoutingProblem, plan: RoutePlan, now: int, seed: int) -> Iterator[Event]:
    """Yield what may happen at an hour of the day."""
    rng, running = np.random.default_rng(seed), RunningPlan.at(problem, plan, now)
    new = np.flatnonzero(problem.stops.prize_minor == 0)[:5]
    for count in (1, 5):
        more = running
        for stop in new[:count].tolist():
            more = more.promised(stop, (now + 2 * HOUR, now + 6 * HOUR))
        yield Event(name=f"{count} new", running=more)
    waiting = sorted(plan.served() - running.settled_stops)
    yield Event(name="5 cancelled", running=running.without(rng.choice(waiting, 5, replace=False).tolist()))
    begun = [n for n, count in enumerate(running.settled) if 1 < count < 1 + len(plan.routes[n].stops)]
    yield Event(name="15 min late", running=running.delayed(int(rng.choice(begun)), 900))
    home = [n for n, count in enumerate(running.settled) if not count]
    if home:
        yield Event(name="van lost at home", running=running.lost(int(rng.choice(home))))


def repair_row(event: Event, plan: RoutePlan, seed: int) -> Row:
    """Return what a repair took, changed and cost, beside plans made anew."""
    running = event.running
    most = len(plan.served()) // 20
    budget = Budget(moved=most, shift_s=SHIFT_S)
    found, cpu_s, wall_s = timed(lambda: repair(running, budget, Seconds(limit=REPAIR_S), seed=seed))
    same = min(
        (replan(running, Seconds(limit=REPAIR_S), seed=seed, solver=engine) for engine in (SisrSolver(), GENTLE)),
        key=lambda one: one.objective_minor,
    )
    anew = (same, replan(running, Seconds(limit=LONGER * REPAIR_S), seed=seed, solver=SisrSolver()))
    shifts = [abs(by) for by in found.shift_s.values()]
    moved = moved_of(found, plan)
    return {
        "solver": "repair",
        "stops": len(plan.served()),
        "settled": len(running.settled_stops),
        "cpu_s": round(cpu_s, 2),
        "wall_s": round(wall_s, 2),
        "moved_pct": round(100 * moved / len(plan.served()), 2),
        "worst_shift_s": max(shifts, default=0),
        "relaxed": len(found.relaxed),
        "left_out": len(found.left_out),
        "cost": found.objective_minor,
        "change": found.cost_minor - found.cost_before_minor,
        "same_pct": over(found, anew[0]),
        "longer_pct": over(found, anew[1]),
        "same_moved_pct": round(100 * moved_of(anew[0], plan) / len(plan.served()), 1),
        "longer_moved_pct": round(100 * moved_of(anew[1], plan) / len(plan.served()), 1),
        "same_left_out": len(anew[0].left_out),
        "longer_left_out": len(anew[1].left_out),
        "violations": sum(len(check_plan(running.problem, one.plan)) for one in (found, *anew)),
    }


def over(found: Repair, other: Repair) -> float | None:
    """Return by how many per cent a repair costs more than a plan made anew that leaves out as many stops."""
    if len(found.left_out) != len(other.left_out):
        return None
    return round(100 * (found.cost_minor / other.cost_minor - 1), 3)


def moved_of(found: Repair, plan: RoutePlan) -> int:
    """Return how many stops have moved, those of lost vans included."""
    return len(moved_stops(sequences_of(plan), sequences_of(found.plan)))


def timed(work: Callable[[], Repair]) -> tuple[Repair, float, float]:
    """Return what comes out, and the CPU and wall seconds of it."""
    cpu, wall = time.process_time(), time.perf_counter()
    found = work()
    return found, time.process_time() - cpu, time.perf_counter() - wall


def milliseconds(seconds: Sequence[float], percentile: int) -> float:
    """Return a percentile in milliseconds."""
    return round(1_000 * float(np.percentile(seconds, percentile)), 2)


def summary_of(rows: Sequence[Row]) -> Row:
    """Return the worst of what is promised."""
    promised = {"quote": ("cpu_p99_ms", "wall_p99_ms"),
                "repair": ("cpu_s", "wall_s", "moved_pct", "same_pct", "longer_pct")}  # fmt: skip
    known = {
        (kind, name): [float(str(row[name])) for row in rows if row["solver"] == kind and row[name] is not None]
        for kind, names in promised.items()
        for name in names
    }
    return {f"worst_{kind}_{name}": max(values, default=None) for (kind, name), values in known.items()} | {
        "repairs": sum(row["solver"] == "repair" for row in rows),
        "repairs_that_leave_out_more": sum(
            int(str(row["left_out"])) > min(int(str(row["same_left_out"])), int(str(row["longer_left_out"])))
            for row in rows
            if row["solver"] == "repair"
        ),
        "violations": sum(int(str(row["violations"])) for row in rows),
    }


def warm(seed: int) -> None:
    """Compile what is measured."""
    city = optional_from(city_day(60, seed=seed), 50)
    plan = SisrSolver().solve(city, Iterations(limit=1_000), seed=seed)
    LivePlan.of(city, plan).quote(59, SLOTS)
    repair(RunningPlan.at(city, plan, DAY + 10 * HOUR), Budget(), Iterations(limit=1_000), seed=seed)
