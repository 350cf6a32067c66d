"""Why a stop is on no route: the nearest constraint that blocks it, and what would fix it.

Cheap questions first, for all stops at once: could any vehicle bring it alone? Then what it would cost on the routes
that there are; and where no position is feasible, which single change would make one so.
"""

from collections.abc import Iterator

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.vehicle_routing.cheapest import NOWHERE, TRIES, cheapest_insertions
from doorstep.vehicle_routing.direct import Direct, direct_trips
from doorstep.vehicle_routing.fixes import Change, Fix, apply_fixes
from doorstep.vehicle_routing.pairs_left import blocked_pairs
from doorstep.vehicle_routing.plan import RoutePlan
from doorstep.vehicle_routing.positions import positions_of
from doorstep.vehicle_routing.problem import REQUIRED, RoutingProblem
from doorstep.vehicle_routing.room import CLOCK, LARGEST_S, Room, least_amount, part_of
from doorstep.vehicle_routing.schedule import schedule_route
from doorstep.vehicle_routing.unserved import BLOCKED_BY, Reason, Unserved

DETAILED = 200
"""Stops without room for which all single changes are looked for; for the others it is one more vehicle."""
CLOCKS = 20_000
"""Clocks that are asked for in all, if nothing else is said: some seconds; ten for each stop at least."""


def unserved(problem: RoutingProblem, plan: RoutePlan) -> tuple[Unserved, ...]:
    """Return why each stop is left out that is on no route of a plan."""
    left = np.setdiff1d(np.arange(len(problem.stops)), np.array(sorted(plan.served()), dtype=np.int64))
    return reasons_for(problem, plan, left)


def reasons_for(
    problem: RoutingProblem, plan: RoutePlan, stops: Ints, *, detailed: int = DETAILED, tries: int | None = None
) -> tuple[Unserved, ...]:
    """Return why each of M stops is on no route.

    Parameters
    ----------
    stops : (M,)
        None of them served.
    detailed
        Stops without room, at most, for which every kind of single change is tried.
    tries
        Clocks that are asked for at most for one stop; by default fewer where there are many stops.
    """
    most = min(TRIES, max(10, CLOCKS // max(1, stops.size))) if tries is None else tries
    found = {one.stop: one for one in _group_served(problem, plan, stops)}
    alone = np.array([stop for stop in stops.tolist() if stop not in found], dtype=np.int64)
    found |= {one.stop: one for one in _blocked_alone(problem, alone)}
    paired = np.concatenate([problem.pairs.pickup, problem.pairs.delivery])
    rest = np.array([stop for stop in alone.tolist() if stop not in found], dtype=np.int64)
    single = rest[~np.isin(rest, paired)]
    found |= {one.stop: one for one in _blocked_by_plan(problem, plan, single, detailed, most)}
    blocked = set(found)
    found |= {one.stop: one for one in blocked_pairs(problem, plan, rest[np.isin(rest, paired)], blocked, most)}
    return tuple(found[stop] for stop in stops.tolist())


def _group_served(problem: RoutingProblem, plan: RoutePlan, stops: Ints) -> Iterator[Unserved]:
    group = problem.stops.group
    server = {int(group[stop]): stop for stop in sorted(plan.served()) if group[stop] >= 0}
    for stop in stops.tolist():
        if int(group[stop]) in server:
            yield Unserved(stop=stop, reason=Reason.GROUP_SERVED, other=server[int(group[stop])])


def _blocked_alone(problem: RoutingProblem, stops: Ints) -> Iterator[Unserved]:
    """Yield the stops that no vehicle could bring even alone, with all that would have to change."""
    trips = [direct_trips(problem, kind, stops) for kind in range(len(problem.vehicles))]
    timed = len(problem.traffic) > 0 or len(problem.breaks) > 0
    for m, stop in enumerate(stops.tolist()):
        ways = [(trip, _changes(problem, trip, m)) for trip in trips if _may(problem, trip, m, stop)]
        if any(not fixes for _, fixes in ways) and not timed:
            continue
        if timed:
            ways = [(trip, more) for trip, fixes in ways if (more := _enough(problem, stop, trip, fixes)) is not None]
            if any(not fixes for _, fixes in ways):
                continue
        if not ways:
            yield Unserved(stop=stop, reason=Reason.NO_ROAD if trips else Reason.NO_VEHICLE)
            continue
        there = [fixes for trip, fixes in ways if problem.vehicles.count[trip.vehicle]]
        fixes = min(there or [fixes for _, fixes in ways], key=lambda fixes: _size(problem, fixes))
        yield Unserved(
            stop=stop, reason=BLOCKED_BY[fixes[0].change], fixes=fixes, prize_minor=int(problem.stops.prize_minor[stop])
        )


def _may(problem: RoutingProblem, trip: Direct, m: int, stop: int) -> bool:
    """Return whether a type of vehicle could ever bring a stop: it is not bound to another, and there is a road."""
    return bool(trip.road[m]) and int(problem.stops.vehicle[stop]) in (-1, trip.vehicle)


def _changes(problem: RoutingProblem, trip: Direct, m: int) -> tuple[Fix, ...]:
    fixes = trip.fixes(m)
    if problem.vehicles.count[trip.vehicle]:
        return fixes
    return Fix(change=Change.VEHICLE, amount=1, vehicle=trip.vehicle), *fixes


def _size(problem: RoutingProblem, fixes: tuple[Fix, ...]) -> tuple[int, float]:
    return len(fixes), sum(fix.weight(problem) for fix in fixes)


def _enough(problem: RoutingProblem, stop: int, trip: Direct, fixes: tuple[Fix, ...]) -> tuple[Fix, ...] | None:
    """Return the changes by as much as the exact clock of a direct trip needs; None if none of the clock is enough."""
    part = part_of(problem, np.array([stop]))
    works = _works(part, trip.vehicle, fixes)
    if works:
        return fixes
    usual = [Fix(change=Change.WINDOW_LATER, amount=1), Fix(change=Change.SHIFT, amount=1, vehicle=trip.vehicle)]
    last = [fix for fix in fixes if fix.change in CLOCK]
    options = []
    for grown in last or usual:
        kept = tuple(fix for fix in fixes if fix is not grown)

        def does(amount: int, kept: tuple[Fix, ...] = kept, grown: Fix = grown) -> bool:
            more = Fix(change=grown.change, amount=amount, vehicle=grown.vehicle)
            return _works(part, trip.vehicle, (*kept, more))

        amount = least_amount(does, grown.amount, LARGEST_S)
        if amount is not None:
            options.append((*kept, Fix(change=grown.change, amount=amount, vehicle=grown.vehicle)))
    return min(options, key=lambda option: _size(problem, option), default=None)


def _works(part: RoutingProblem, vehicle: int, fixes: tuple[Fix, ...]) -> bool:
    return schedule_route(apply_fixes(part, 0, fixes), vehicle, [[0]]) is not None


def _blocked_by_plan(
    problem: RoutingProblem, plan: RoutePlan, stops: Ints, detailed: int, tries: int
) -> Iterator[Unserved]:
    """Yield stops that a vehicle could bring alone: too dear, or without room, or overlooked."""
    if not stops.size:
        return
    positions = positions_of(problem, plan)
    found = cheapest_insertions(problem, plan, stops, tries=tries, positions=positions)
    room: Room | None = None
    for m, stop in enumerate(stops.tolist()):
        prize = prize_of(problem, stop)
        price, proven = int(found.cost_minor[m]), bool(found.proven[m])
        if found.position[m] == NOWHERE:
            room = room or Room.of(problem, plan, positions)
            more = room.changes(stop) if detailed > 0 else []
            detailed -= 1
            fixes = sorted([*more, *_one_more_vehicle(problem, stop)], key=lambda fix: fix.weight(problem))
            yield Unserved(
                stop=stop,
                reason=Reason.NO_ROOM,
                fixes=tuple(fixes[:1]),
                others=tuple(fixes[1:]),
                prize_minor=prize,
                proven=proven,
            )
        elif REQUIRED < prize <= price:
            fix = Fix(change=Change.PRIZE, amount=price - prize + 1)
            yield Unserved(
                stop=stop, reason=Reason.PRIZE, fixes=(fix,), price_minor=price, prize_minor=prize, proven=proven
            )
        else:
            yield Unserved(stop=stop, reason=Reason.OVERLOOKED, price_minor=price, prize_minor=prize, proven=proven)


def prize_of(problem: RoutingProblem, stop: int) -> int:
    """Return what it costs that a stop, or its whole group, is left out [minor]; ``REQUIRED`` if it must not be."""
    prizes, group = problem.stops.prize_minor, int(problem.stops.group[stop])
    same = prizes[problem.stops.group == group] if group >= 0 else prizes[stop : stop + 1]
    return REQUIRED if (same == REQUIRED).any() else int(same.max())


def _one_more_vehicle(problem: RoutingProblem, stop: int) -> list[Fix]:
    """Return one more vehicle of the type that brings a stop alone for least; none if none can."""
    best: tuple[int, int] | None = None
    for kind in range(len(problem.vehicles)):
        trip = direct_trips(problem, kind, np.array([stop]))
        if _may(problem, trip, 0, stop) and not trip.fixes(0):
            route = schedule_route(problem, kind, [[stop]])
            if route is not None and (best is None or (route.cost_minor(problem), kind) < best):
                best = route.cost_minor(problem), kind
    return [Fix(change=Change.VEHICLE, amount=1, vehicle=best[1])] if best else []
