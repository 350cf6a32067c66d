"""A day of the contest, played by ``choose_now`` or by the rules beside it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from benchmarks.dispatch.contest import EPOCH_S, Day, Requests, Static, draw
from doorstep.dispatch import Consensus, Future, cannot_wait, choose_now
from doorstep.foundation import Iterations, Seconds, Stop, UpTo
from doorstep.foundation.arrays import Bools, Ints
from doorstep.vehicle_routing import (
    REQUIRED,
    Depots,
    RoutePlan,
    RoutingProblem,
    SisrSolver,
    Stops,
    TableRoads,
    VehicleTypes,
    check_plan,
)

PER_SECOND = 1_000
"""What a second of driving costs: as a kilometre does elsewhere."""
OURS = "doorstep"
POLICIES = (OURS, "greedy", "lazy")
"""Ours; everybody goes at once; everybody goes when there is no time left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What a day cost [s driven], the longest CPU time of an epoch, and every rule that was broken."""

    driven_s: int
    requests: int
    longest_cpu_s: float
    cpu_s: float
    faults: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class Budget:
    """Patience for an epoch: CPU seconds, whatever they are used for, or iterations, which repeat exactly."""

    seconds: float
    iterations: int | None = None
    _whole: Stop = field(init=False, repr=False)
    _given: float = field(init=False, default=0.0, repr=False)

    def begin(self) -> None:
        """Begin an epoch."""
        self._whole, self._given = Seconds(limit=self.seconds), 0.0
        self._whole.spent()  # its clock begins here

    def __call__(self, share: float) -> Stop:
        """Return the patience that is a share of the whole."""
        if self.iterations is not None:
            return Iterations(limit=round(self.iterations * share))
        self._given += share
        return UpTo(self._whole, self._given)


def play(static: Static, seed: int, policy: str, budget: Budget, *, engine_seed: int = 1, ahead: int = 1) -> Played:
    """Return what a day costs under a policy, ``ahead`` epochs being foreseen."""
    day, rng = Day(static=static, seed=seed), np.random.default_rng(engine_seed)
    faults: list[str] = []
    times = []
    for epoch in day.epochs():
        began = time.process_time()
        budget.begin()
        problem = problem_of(static, day.requests, day.starts_at)
        must = np.ones(len(day.requests), dtype=np.bool_) if policy == "greedy" else day.must_go()
        plan = _chosen(day, problem, must, policy, budget, rng, ahead)
        times.append(time.process_time() - began)
        served = problem.with_prizes(np.zeros(len(day.requests), dtype=np.int64))
        faults += [f"epoch {epoch}: {fault}" for fault in check_plan(served, plan)]
        if epoch < day.last_epoch and (cannot_wait(problem, day.starts_at + EPOCH_S) != day.must_go()).any():
            faults.append(f"epoch {epoch}: who cannot wait is another for the contest than for the room")
        day.serve([list(route.stops) for route in plan.routes])
    return Played(
        driven_s=day.driven_s,
        requests=day.numbered,
        longest_cpu_s=max(times),
        cpu_s=sum(times),
        faults=tuple(faults),
    )


def _chosen(
    day: Day,
    problem: RoutingProblem,
    must: Bools,
    policy: str,
    budget: Budget,
    rng: np.random.Generator,
    ahead: int,
) -> RoutePlan:
    ours = policy == OURS and not must.all()
    chosen = choose_now(
        problem,
        must,
        day.starts_at + EPOCH_S,
        futures_of(day, ahead),
        solver=SisrSolver(),
        patience=budget,
        rng=rng,
        consensus=Consensus() if ours else Consensus(scenarios=0, share=0.0),
    )
    return chosen.routes


def futures_of(day: Day, ahead: int) -> Callable[[np.random.Generator], Future]:
    """Return what draws the requests of the next epochs, as the contest does."""
    static, asked = day.static, day.requests

    def drawn(rng: np.random.Generator) -> Future:
        times = [day.starts_at + n * EPOCH_S for n in range(1, min(ahead, day.last_epoch - day.epoch) + 1)]
        coming = [draw(static, rng, at) for at in times]
        stops = coming[0]
        for others in coming[1:]:
            stops = stops.and_those(others)
        release_at = np.repeat(times, [len(each) for each in coming]).astype(np.int64)
        place = np.concatenate([asked.place, stops.place])
        return Future(stops=_stops(stops, release_at), roads=_roads(static, place))

    return drawn


def problem_of(static: Static, asked: Requests, starts_at: int) -> RoutingProblem:
    """Return the routing problem of requests: as many vehicles as it takes, driving alone is paid."""
    one, close_at = np.ones(1, dtype=np.int64), int(static.window[0, 1])
    return RoutingProblem(
        stops=_stops(asked, np.full(len(asked), starts_at)),
        vehicles=VehicleTypes(
            count=one * max(1, len(asked)),
            capacity=one[:, None] * static.capacity,
            skills=0 * one,
            shift_start_at=one * starts_at,
            shift_end_at=one * close_at,
            max_distance_m=one * (1 << 27),
            max_reloads=0 * one,
            fixed_minor=0 * one,
            per_km_minor=one * PER_SECOND,
            per_hour_minor=0 * one,
        ),
        depots=Depots(open_at=0 * one, close_at=one * close_at, loading_s=0 * one),
        roads=_roads(static, asked.place),
    )


def _stops(asked: Requests, release_at: Ints) -> Stops:
    count = len(asked)
    return Stops(
        start_at=asked.window[:, 0],
        end_at=asked.window[:, 1],
        release_at=release_at,
        service_s=asked.service_s,
        load=asked.demand[:, None],
        prize_minor=np.full(count, REQUIRED, dtype=np.int64),
        requirements=np.zeros(count, dtype=np.int64),
    )


def _roads(static: Static, place: Ints) -> TableRoads:
    """Return the roads between the depot and places, a metre for each second."""
    rows = np.append(0, place)
    seconds = static.seconds[np.ix_(rows, rows)].astype(np.int32)
    return TableRoads(metres=seconds, seconds=seconds)
