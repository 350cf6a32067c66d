"""A same-day store's day with few vans: orders come all day, each to be brought within three hours, or by courier.

At each tick trips are planned, and those that are loaded before the next tick leave. Three rules: ``doorstep`` keeps
back who had better wait (``choose_now``, a fleet that is there once), foreseeing the next hours from seven other days;
``eager`` lets everybody go who can; ``last`` lets a trip leave when one of its stops cannot wait any longer.
"""

import time
from dataclasses import dataclass, field, fields

import numpy as np

from benchmarks.vehicle_routing.generator import DAY, HOUR, VAN_STREETS, city_day
from doorstep.dispatch import Consensus, Future, cannot_wait, choose_now
from doorstep.foundation import Iterations
from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.geography import Places
from doorstep.vehicle_routing import (
    Depots,
    RoutePlan,
    RoutingProblem,
    SisrSolver,
    Stops,
    VehicleTypes,
    check_plan,
    schedule_route,
)
from doorstep.vehicle_routing.roads import AskedRoads

RULES = ("doorstep", "eager", "last")
OPENS, LAST_ORDER, CLOSES = DAY + 8 * HOUR, DAY + 18 * HOUR, DAY + 22 * HOUR
TICK_S, PACKING_S, PROMISE_S = 900, 900, 3 * HOUR
COURIER_MINOR = 1_200
CAPACITY, RELOADS, LOADING_S = 60, 6, 300
PER_KM_MINOR, PER_HOUR_MINOR = 60, 2_520
KNOWN_DAYS, AHEAD_H = 7, 4
ITERATIONS_A_STOP = 4_000
"""Patience at each tick, for every rule the same."""
RULE = Consensus(shared=True, scenarios=8, rounds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """N orders of a day, arrays (N,): when each is placed, its door, and what service takes there."""

    placed_at: Ints
    lat: Floats
    lon: Floats
    service_s: Ints
    load: Ints

    @classmethod
    def drawn(cls, count: int, seed: int) -> "Orders":
        """Return a day of a city, its orders placed evenly over ten hours."""
        city, rng = city_day(count, seed=seed), np.random.default_rng(seed + 500)
        assert isinstance(city.roads, AskedRoads)
        return cls(
            placed_at=np.sort(OPENS + (rng.random(count) * (LAST_ORDER - OPENS)).astype(np.int64)),
            lat=city.roads.places.lat[1:],
            lon=city.roads.places.lon[1:],
            service_s=city.stops.service_s,
            load=city.stops.load,
        )

    def stops(self, rows: Ints) -> Stops:
        """Return some orders as stops that may be left to a courier."""
        ready_at = self.placed_at[rows] + PACKING_S
        return Stops(
            start_at=ready_at,
            end_at=self.placed_at[rows] + PROMISE_S,
            release_at=ready_at,
            service_s=self.service_s[rows],
            load=self.load[rows],
            prize_minor=np.full(rows.size, COURIER_MINOR),
            requirements=np.zeros(rows.size, dtype=np.int64),
        )


@dataclass(slots=True, kw_only=True)
class WaveDay:
    """A day as it goes: who still waits, when each van is free, and what was spent."""

    orders: Orders
    known: list[Orders]
    centre: tuple[float, float]
    free_at: list[int]
    waiting: set[int]
    cost_minor: int = 0
    by_courier: int = 0
    trips: int = 0
    faults: list[str] = field(default_factory=list)

    def problem(self, rows: Ints, now: int) -> RoutingProblem:
        """Return what is known now: each van is a type of its own, from when it is free."""
        count = len(self.free_at)

        def each(value: int) -> Ints:
            return np.full(count, value, dtype=np.int64)

        vans = VehicleTypes(
            count=each(1),
            capacity=each(CAPACITY)[:, None],
            skills=each(0),
            shift_start_at=np.array([max(at, now) for at in self.free_at], dtype=np.int64),
            shift_end_at=each(CLOSES),
            max_distance_m=each(1 << 40),
            max_reloads=each(RELOADS),
            fixed_minor=each(0),
            per_km_minor=each(PER_KM_MINOR),
            per_hour_minor=each(PER_HOUR_MINOR),
        )
        hours = Depots(open_at=np.array([OPENS]), close_at=np.array([CLOSES]), loading_s=np.array([LOADING_S]))
        roads = self.roads(self.orders.lat[rows], self.orders.lon[rows])
        return RoutingProblem(stops=self.orders.stops(rows), vehicles=vans, depots=hours, roads=roads)

    def roads(self, lat: Floats, lon: Floats) -> AskedRoads:
        """Return the roads between the store and some doors."""
        places = Places(lat=np.append(self.centre[0], lat), lon=np.append(self.centre[1], lon))
        return AskedRoads(places=places, travel=(VAN_STREETS,))

    def future(self, rows: Ints, now: int, rng: np.random.Generator) -> Future:
        """Return the next hours, each as it was on one of the days that are known."""
        days = [self.known[int(rng.integers(len(self.known)))] for _ in range(AHEAD_H)]
        here = [
            np.flatnonzero((day.placed_at > now + n * HOUR) & (day.placed_at <= now + (n + 1) * HOUR))
            for n, day in enumerate(days)
        ]
        parts = [day.stops(some) for day, some in zip(days, here, strict=True)]
        stops = Stops(**{f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Stops)})
        lat = np.concatenate([self.orders.lat[rows], *(day.lat[some] for day, some in zip(days, here, strict=True))])
        lon = np.concatenate([self.orders.lon[rows], *(day.lon[some] for day, some in zip(days, here, strict=True))])
        return Future(stops=stops, roads=self.roads(lat, lon))

    def leave(self, problem: RoutingProblem, plan: RoutePlan, rows: Ints, leaving: Bools) -> set[int]:
        """Let the first trips of some routes (R,) leave, and return who is on them."""
        gone: set[int] = set()
        for route, goes in zip(plan.routes, leaving.tolist(), strict=True):
            trip = schedule_route(problem, route.vehicle, [route.trips[0]]) if goes else None
            if trip is None:
                continue
            free = problem.with_prizes(np.zeros(rows.size, dtype=np.int64))
            self.faults += check_plan(free, RoutePlan(routes=(trip,)))
            self.cost_minor += trip.cost_minor(problem)
            self.free_at[route.vehicle] = trip.end_at
            self.trips += 1
            gone |= {int(rows[stop]) for stop in trip.stops}
        return gone


def play_waves(orders: int, vans: int, seed: int, rule: str) -> dict[str, object]:
    """Return what a day costs under a rule, and who was brought by whom."""
    day = WaveDay(
        orders=Orders.drawn(orders, seed),
        known=[Orders.drawn(orders, 1_000 + 10 * seed + n) for n in range(KNOWN_DAYS)],
        centre=_centre(seed),
        free_at=[OPENS] * vans,
        waiting=set(range(orders)),
    )
    rng, began = np.random.default_rng(seed), time.process_time()
    for now in range(OPENS, CLOSES, TICK_S):
        _tick(day, rule, now, rng)
    day.cost_minor += COURIER_MINOR * len(day.waiting)
    day.by_courier += len(day.waiting)
    return {"cost": day.cost_minor, "by_courier": day.by_courier, "trips": day.trips,
            "cost_per_order": round(day.cost_minor / orders, 1), "cpu_s": round(time.process_time() - began, 1),
            "violations": len(day.faults)}  # fmt: skip


def _centre(seed: int) -> tuple[float, float]:
    roads = city_day(2, seed=seed).roads
    assert isinstance(roads, AskedRoads)
    return float(roads.places.lat[0]), float(roads.places.lon[0])


def _tick(day: WaveDay, rule: str, now: int, rng: np.random.Generator) -> None:
    rows = np.array(sorted(n for n in day.waiting if day.orders.placed_at[n] <= now), dtype=np.int64)
    if not rows.size:
        return
    problem, next_at = day.problem(rows, now), now + TICK_S
    must, patience = cannot_wait(problem, next_at), ITERATIONS_A_STOP * rows.size
    if rule == "doorstep":
        plan = choose_now(
            problem, must, next_at, lambda dice: day.future(rows, now, dice), solver=SisrSolver(threads=1),
            patience=lambda share: Iterations(limit=max(1, round(patience * share))), rng=rng, consensus=RULE,
        ).routes  # fmt: skip
    else:
        plan = SisrSolver(threads=1).solve(problem, Iterations(limit=patience), seed=1)
    leaving = np.array([route.start_at < next_at for route in plan.routes], dtype=np.bool_)
    if rule == "last":
        leaving &= np.array([must[list(route.trips[0])].any() for route in plan.routes], dtype=np.bool_)
    gone = day.leave(problem, plan, rows, leaving)
    late = {int(n) for n in rows[must]} - gone
    day.cost_minor += COURIER_MINOR * len(late)
    day.by_courier += len(late)
    day.waiting -= gone | late
