"""Which single change would make room for a stop on the routes of a plan, and how small it can be."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from doorstep.foundation.arrays import Bools, Ints
from doorstep.vehicle_routing.cheapest import with_stop
from doorstep.vehicle_routing.direct import earliest_begin
from doorstep.vehicle_routing.fixes import Change, Fix, apply_fixes
from doorstep.vehicle_routing.plan import RoutePlan
from doorstep.vehicle_routing.positions import NEW, NO_WAY, Positions, positions_of, ways_over
from doorstep.vehicle_routing.problem import LAST, MoreWindows, Pairs, RoutingProblem
from doorstep.vehicle_routing.roads import TableRoads

CLOSEST = 3
"""Positions of each kind of change, those that lack least, whose clocks are asked for."""
LARGEST_S = 1 << 17
"""Seconds beyond which no change of the clock is looked for: a day and a half."""
CLOCK = (Change.RELEASE_EARLIER, Change.WINDOW_LATER, Change.WINDOW_EARLIER, Change.SHIFT, Change.DURATION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The positions of a plan, and those that there would be if no shift ended."""

    problem: RoutingProblem
    plan: RoutePlan
    positions: Positions
    endless: Positions

    @classmethod
    def of(cls, problem: RoutingProblem, plan: RoutePlan, positions: Positions) -> "Room":
        """Return the room in a plan, of which ``positions`` are all."""
        kinds = range(len(problem.vehicles))
        longer = apply_fixes(problem, 0, [Fix(change=Change.SHIFT, amount=LAST >> 1, vehicle=v) for v in kinds])
        return cls(problem=problem, plan=plan, positions=positions, endless=positions_of(longer, plan))

    def changes(self, stop: int) -> list[Fix]:
        """Return a single change of each kind that makes room for a stop, the smallest found, smallest first.

        Skills and roads are taken as they are. Amounts are the least there are where routes have no rests, traffic or
        limits of rides, but for shifts and durations, of which the positions that lack least are looked at.
        """
        found: dict[Change, Fix] = {}
        for row, fix in self._lacking(stop):
            known = found.get(fix.change)
            if known is not None and fix.weight(self.problem) >= known.weight(self.problem):
                continue
            enough = self._enough(stop, row, fix, LARGEST_S if known is None else known.amount - 1)
            if enough is not None:
                found[fix.change] = enough
        return sorted(found.values(), key=lambda fix: fix.weight(self.problem))

    def _lacking(self, stop: int) -> Iterator[tuple[int, Fix]]:
        """Yield positions that lack one thing alone, with the change by what they lack, a few of each kind."""
        lacks, early = _lacks(self.problem, self.positions, stop)
        vehicle = self.positions.vehicle
        number = np.sum([lack > 0 for lack in lacks.values()], axis=0)
        behind = lacks[Change.SHIFT, 0]
        for (change, dimension), lack in lacks.items():
            if change != Change.SHIFT:
                of_stop = change == Change.WINDOW_LATER
                for row in _least(lack, (number == 1) & (lack > 0)):
                    of = -1 if of_stop else int(vehicle[row])
                    yield row, Fix(change=change, amount=int(lack[row]), vehicle=of, dimension=dimension)
        for row in _least(behind, (number == 1) & early & (behind > 0)):
            yield row, Fix(change=Change.WINDOW_EARLIER, amount=int(behind[row]))
        for row in _least(behind, number == 0):  # what bounds do not see: waiting, rests, a loading that comes later
            yield row, Fix(change=Change.DURATION, amount=1, vehicle=int(vehicle[row]))
            yield row, Fix(change=Change.RELEASE_EARLIER, amount=1)
        endless, _ = _lacks(self.problem, self.endless, stop)
        free: Bools = np.max(list(endless.values()), axis=0, initial=0) == 0
        for row in _least(behind, free & (behind > 0)):
            yield row, Fix(change=Change.SHIFT, amount=1, vehicle=int(vehicle[row]))

    def _enough(self, stop: int, row: int, fix: Fix, most_s: int) -> Fix | None:
        """Return the change by as much as the clock of a position needs; None if ``most_s`` is not enough."""
        number = int(self.positions.route[row])
        stops = [*self.plan.routes[number].stops, stop] if number != NEW else [stop]
        part = part_of(self.problem, np.array(stops, dtype=np.int64))
        here = {old: new for new, old in enumerate(stops)}
        route = self.plan.routes[number] if number != NEW else None
        inner = [replace(route, trips=tuple(tuple(here[s] for s in trip) for trip in route.trips))] if route else []
        only = replace(self.positions.take(np.array([row])), route=np.array([0 if route else NEW]))

        def does(amount: int) -> bool:
            changed = apply_fixes(part, len(stops) - 1, [replace(fix, amount=amount)])
            return with_stop(changed, inner, only, 0, len(stops) - 1) is not None

        amount = least_amount(does, fix.amount, most_s if fix.change in CLOCK else fix.amount)
        return None if amount is None else replace(fix, amount=amount)


def least_amount(does: Callable[[int], bool], low: int, high: int) -> int | None:
    """Return the least amount from ``low`` to ``high`` that does, as every larger one does then; None if none does."""
    if does(low):
        return low
    if low >= high or not does(high):
        return None
    step, below = 1, low
    low += 1
    while low < high and not does(low):
        below, low, step = low, min(high, low + 2 * step), 2 * step
    while low - below > 1:
        middle = (low + below) // 2
        if does(middle):
            low = middle
        else:
            below = middle
    return low


def part_of(problem: RoutingProblem, rows: Ints) -> RoutingProblem:
    """Return the problem of some stops alone, in the order of ``rows`` (R,), its roads in tables."""
    depots, pairs, windows = len(problem.depots), problem.pairs, problem.windows
    places = np.concatenate([np.arange(depots), depots + rows])
    tables = [problem.roads.block(profile, places) for profile in range(problem.roads.profiles)]
    metres, seconds = (np.array([table[k] for table in tables], dtype=np.int64) for k in range(2))
    number = np.full(len(problem.stops), -1, dtype=np.int64)
    number[rows] = np.arange(rows.size)
    kept, own = number[windows.stop] >= 0, (number[pairs.pickup] >= 0) & (number[pairs.delivery] >= 0)
    return replace(
        problem,
        stops=replace(problem.stops, **{n: getattr(problem.stops, n)[rows] for n in problem.stops.__slots__}),
        roads=TableRoads(metres=metres, seconds=seconds),
        windows=MoreWindows(
            stop=number[windows.stop[kept]], start_at=windows.start_at[kept], end_at=windows.end_at[kept]
        ),
        pairs=Pairs(
            pickup=number[pairs.pickup[own]],
            delivery=number[pairs.delivery[own]],
            load=pairs.load[own],
            max_ride_s=pairs.max_ride_s[own],
        ),
    )


def _lacks(problem: RoutingProblem, positions: Positions, stop: int) -> tuple[dict[tuple[Change, int], Ints], Bools]:
    """Return what each position lacks for a stop (A,), by change and dimension; ``NO_WAY`` of all where it may not.

    Where the second is true (A,), what the route is behind would be made up by a window that opens earlier.
    """
    s, kinds, v = problem.stops, problem.vehicles, positions.vehicle
    added_m, added_s, (to, on) = ways_over(problem, positions, np.array([stop]))
    metres, seconds, arrive = added_m[:, 0], added_s[:, 0], positions.leave_at + to[:, 0]
    never = (s.requirements[stop] & ~kinds.skills[v] != 0) | (metres >= NO_WAY // 2)
    never |= (s.vehicle[stop] >= 0) & (s.vehicle[stop] != v)
    begin, closed = earliest_begin(problem, np.full(arrive.size, stop), arrive)
    behind = np.maximum(0, begin + s.service_s[stop] + on[:, 0] - positions.reach_at)
    over = np.maximum(s.load[stop] - positions.room, s.pickup[stop] - positions.pickup_room)
    lacks = {(Change.CAPACITY, k): over[:, k] for k in range(kinds.capacity.shape[1])} | {
        (Change.RANGE, 0): metres - positions.room_m,
        (Change.DURATION, 0): positions.work_s + seconds - kinds.max_duration_s[v],
        (Change.WINDOW_LATER, 0): closed,
        (Change.SHIFT, 0): behind,
    }
    early: Bools = (begin - behind >= arrive) & (closed == 0)
    return {key: np.where(never, NO_WAY, np.maximum(0, lack)) for key, lack in lacks.items()}, early


def _least(lack: Ints, among: Bools) -> list[int]:
    rows = np.flatnonzero(among & (lack < NO_WAY))
    ordered: list[int] = rows[np.argsort(lack[rows], kind="stable")[:CLOSEST]].tolist()
    return ordered
