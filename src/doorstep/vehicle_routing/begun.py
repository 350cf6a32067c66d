"""Vehicles of a running plan that have begun: where and when they are free, and what they have on board then."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.vehicle_routing.plan import Begun, VehicleRoute
from doorstep.vehicle_routing.problem import RoutingProblem
from doorstep.vehicle_routing.running import RunningPlan, leaves_at, settled_trips


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunVan:
    """A vehicle that has begun route number ``route``, of type ``kind``.

    It is free at ``place`` and ``free_at``, on the trip behind ``trips`` others, loaded at ``load_at``, ``metres`` and,
    until that loading, ``seconds`` from its start. It has ``left`` if it was loaded before now. ``done`` and ``ahead``
    are the settled stops of that trip and those that the plan had for it; ``breaks`` those still to come.
    ``peak`` and ``fetched`` (M,) are what settled stops had on board at most and have at last, less what rides on;
    ``rides`` the pairs that do, with the delivery's number and until when service there must begin.
    """

    route: int
    kind: int
    place: int
    free_at: int
    trips: int
    load_at: int
    metres: int
    seconds: int
    left: bool
    done: tuple[int, ...]
    ahead: tuple[int, ...]
    breaks: tuple[int, ...]
    peak: Ints
    fetched: Ints
    rides: tuple[tuple[int, int, int], ...]


def begun_vans(running: RunningPlan) -> Iterator[BegunVan]:
    """Yield the vehicles that have begun and may still take something: those not lost nor on their way home."""
    problem = running.problem
    for r, (route, count) in enumerate(zip(running.plan.routes, running.settled, strict=True)):
        if count == 0 or r in running.halted:
            continue
        free_at = leaves_at(problem, route)[count - 1]
        if count == len(route.trips) + len(route.stops) and free_at < running.now:
            continue
        settled = settled_trips(route, count)
        current, done = len(settled) - 1, settled[-1]
        origins, targets = route.arcs(problem)
        profile = int(problem.vehicles.profile[route.vehicle])
        metres, _ = problem.roads.along(profile, origins[: count - 1], targets[: count - 1])
        rides = tuple(_rides(problem, route, current, done))
        peak, fetched = _on_board(problem, done, [pair for pair, _, _ in rides])
        yield BegunVan(
            route=r,
            kind=route.vehicle,
            place=int(origins[count - 1]),
            free_at=free_at,
            trips=current,
            load_at=route.load_at[current],
            metres=int(metres.sum()),
            seconds=route.load_at[current] - route.start_at,
            left=route.load_at[current] < running.now,
            done=done,
            ahead=route.trips[current][len(done) :],
            breaks=_breaks_to_come(problem, route, count, free_at),
            peak=peak,
            fetched=fetched,
            rides=rides,
        )


def _rides(
    problem: RoutingProblem, route: VehicleRoute, current: int, done: tuple[int, ...]
) -> Iterator[tuple[int, int, int]]:
    """Yield the pairs fetched and not yet brought: pair, delivery, and until when."""
    pairs = problem.pairs
    for stop, begins in zip(done, route.service_at[current], strict=False):
        for pair in np.flatnonzero(pairs.pickup == stop).tolist():
            if (delivery := int(pairs.delivery[pair])) not in done:
                yield pair, delivery, begins + int(problem.stops.service_s[stop]) + int(pairs.max_ride_s[pair])


def _on_board(problem: RoutingProblem, done: tuple[int, ...], riding: list[int]) -> tuple[Ints, Ints]:
    """Return the most on board through settled stops and what is there after them (M,), less what rides on."""
    stops, pairs = problem.stops, problem.pairs
    board = stops.load[list(done)].sum(axis=0)
    for pair in riding:
        board = board - pairs.load[pair]
    peak = board
    for stop in done:
        board = board + stops.pickup[stop] - stops.load[stop]
        if len(pairs):
            board = (
                board + pairs.load[pairs.pickup == stop].sum(axis=0) - pairs.load[pairs.delivery == stop].sum(axis=0)
            )
        peak = np.maximum(peak, board)
    return peak, board


def _breaks_to_come(problem: RoutingProblem, route: VehicleRoute, count: int, free_at: int) -> tuple[int, ...]:
    """Return the breaks of a vehicle that it has not taken yet."""
    breaks = problem.breaks
    left = np.flatnonzero(breaks.vehicle == route.vehicle).tolist()
    left.sort(key=lambda b: int(breaks.latest_at[b]))
    for at in Begun.of(route, count).rests:
        taken = next((b for b in left if breaks.earliest_at[b] <= at <= breaks.latest_at[b]), None)
        if taken is not None:
            left.remove(taken)
    return tuple(b for b in left if breaks.latest_at[b] >= free_at)
