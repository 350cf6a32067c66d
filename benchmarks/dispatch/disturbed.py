"""``--only disturbed``: a day on which much goes wrong, driven as planned and with the plan made right at every tick.

Every ten minutes the dispatcher hears what happened: orders, cancellations, breakdowns, traffic, and where vans are.
All policies have the same morning plan and the same truth.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from benchmarks.dispatch.driven import Truth, Van, followed
from benchmarks.dispatch.troubled import BROUGHT_S, Day
from benchmarks.vehicle_routing.generator import DAY, HOUR
from doorstep.dispatch import Limits, late_stops, mend, present
from doorstep.dispatch.mend import Mended
from doorstep.foundation import Iterations, Seconds, Stop
from doorstep.vehicle_routing import RoutePlan, RoutingProblem, check_plan
from doorstep.vehicle_routing.changes import moved_stops, sequences_of, times_of
from doorstep.vehicle_routing.problem import REQUIRED
from doorstep.vehicle_routing.running import RunningPlan

TICK_S = 600
FIRST_AT, LAST_AT = DAY + 6 * HOUR, DAY + 23 * HOUR
MOVED_SHARE = 0.05
OVERTIME_S = 2 * HOUR
LIVE, STATIC, LEFT = "live", "static", "static, nothing reassigned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What is done: mends within ``limits`` for ``seconds`` of CPU, also ahead of lateness if ``watchful``."""

    name: str
    limits: Limits
    seconds: float
    watchful: bool = False
    reassigns: bool = True

    def patience(self) -> Stop:
        """Return the patience of a mend."""
        return Seconds(limit=self.seconds) if self.seconds else Iterations(limit=0)


def policies(stops: int) -> tuple[Policy, ...]:
    """Return the live policy, the fair static one, and the static one that leaves a broken van's stops."""
    still = Limits(moved=0, shift_s=12 * HOUR, margin_s=0, overtime_s=OVERTIME_S)
    live = Limits(moved=int(MOVED_SHARE * stops), shift_s=HOUR, margin_s=600, overtime_s=OVERTIME_S)
    return (
        Policy(name=LIVE, limits=live, seconds=0.6, watchful=True),
        Policy(name=STATIC, limits=still, seconds=0.0),
        Policy(name=LEFT, limits=still, seconds=0.0, reassigns=False),
    )


@dataclass(slots=True, kw_only=True)
class Played:
    """What a day came to."""

    late: int = 0
    late_s: int = 0
    unserved: int = 0
    served: int = 0
    units: int = 0
    cost_minor: int = 0
    mends: int = 0
    moved_pct: list[float] = field(default_factory=list)
    displaced: int = 0
    shift_s: list[int] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Control:
    """The dispatcher's side of a day: the problem as far as it is known, the plan, the vans."""

    day: Day
    policy: Policy
    seed: int
    problem: RoutingProblem = field(init=False)
    plan: RoutePlan = field(init=False)
    vans: list[Van] = field(init=False)
    dropped: set[int] = field(init=False)
    feared: set[int] = field(default_factory=set)
    played: Played = field(default_factory=Played)

    def __post_init__(self) -> None:
        self.problem, self.plan = self.day.problem, self.day.plan
        self.vans = [Van(first=number) for number in range(len(self.plan.routes))]
        self.dropped = set(np.flatnonzero(self.day.ordered_at).tolist())

    def tick(self, before: int, now: int) -> None:
        """Hear what happened since ``before``, and mend the plan if there is need."""
        day = self.day
        new = np.flatnonzero((before < day.ordered_at) & (day.ordered_at <= now)).tolist()
        gone = np.flatnonzero((before < day.cancelled_at) & (day.cancelled_at <= now)).tolist()
        if new:
            prize = self.problem.stops.prize_minor.copy()
            prize[new] = REQUIRED
            self.dropped -= set(new)
            self.problem = self.problem.with_prizes(prize)
        self.problem = replace(self.problem, traffic=day.traffic_known_at(now))
        running = self.running(now)
        settled = running.settled_stops
        cancelled = [stop for stop in gone if stop not in settled]
        if cancelled:
            running = running.without(cancelled)
            self.dropped |= set(cancelled)
            self.problem = self.problem.with_prizes(running.problem.stops.prize_minor)
        lost = self._lost(before, now)
        for first, parcels_at in lost:
            running = self._without_van(running, first, parcels_at)
        risks = set(late_stops(running, margin_s=self.policy.limits.margin_s)) if self.policy.watchful else set()
        if new or cancelled or lost or risks - self.feared:
            self.feared = self.mend(running)

    def running(self, now: int) -> RunningPlan:
        """Return the running plan as the dispatcher knows it."""
        halted = frozenset(n for n, van in enumerate(self.vans) if van.halted_at)
        seen = [van.seen(now) for van in self.vans]
        return present(self.problem, self.plan, seen, now, dropped=frozenset(self.dropped), halted=halted)

    def mend(self, running: RunningPlan) -> set[int]:
        """Make the plan right, look at it, take it; return who is at risk in it all the same."""
        policy, began = self.policy, time.process_time()
        found = mend(running, policy.limits, policy.patience(), seed=self.seed)
        self.played.cpu_s.append(time.process_time() - began)
        self._judge(running, found)
        self.vans = followed(running, self.vans, found.repair.plan)
        self.plan = found.repair.plan
        soon = self.problem.stops.end_at - policy.limits.margin_s
        return {stop for stop, at in times_of(self.plan).items() if at > soon[stop]}

    def _judge(self, running: RunningPlan, found: Mended) -> None:
        played, repair = self.played, found.repair
        played.mends += 1
        played.faults += check_plan(repair.problem, repair.plan)
        moved = moved_stops(sequences_of(running.plan), sequences_of(repair.plan)) - repair.displaced
        if moved != set(repair.moved):
            played.faults.append(f"{len(moved)} stops have moved, the repair says {len(repair.moved)}")
        if len(moved) > MOVED_SHARE * len(self.problem.stops):
            played.faults.append(f"at {running.now} {len(moved)} stops have moved")
        played.moved_pct.append(100.0 * len(moved) / len(self.problem.stops))
        played.displaced += len(repair.displaced)
        played.shift_s += [abs(by) for by in repair.shift_s.values()]

    def _lost(self, before: int, now: int) -> list[tuple[int, int | None]]:
        """Return the vans that were lost just now, and when their parcels are at the depot."""
        day, found = self.day, list[tuple[int, int | None]]()
        back = self.policy.reassigns
        if before < DAY + 6 * HOUR + 1_800 <= now:
            found.append((day.dead, now if back else None))
        if before < day.broken_at <= now:
            found.append((day.broken, now + BROUGHT_S if back else None))
        return found

    def _without_van(self, running: RunningPlan, first: int, parcels_at: int | None) -> RunningPlan:
        number = next((n for n, van in enumerate(self.vans) if van.first == first), None)
        if number is None:
            return running
        route, settled = self.plan.routes[number], running.settled_stops
        left = running.lost(number, parcels_at=running.now if parcels_at is None else parcels_at)
        self.vans[number].halted_at = running.now
        if not self.vans[number].begins:
            count = self.problem.vehicles.count.copy()
            count[route.vehicle] -= 1
            self.problem = replace(self.problem, vehicles=replace(self.problem.vehicles, count=count))
        release_at = self.problem.stops.release_at.copy()
        behind = [stop for stop in route.stops if stop not in self.vans[number].visits]
        release_at[behind] = left.problem.stops.release_at[behind]
        self.problem = replace(self.problem, stops=replace(self.problem.stops, release_at=release_at))
        if parcels_at is None:
            self.dropped |= set(behind) - settled
            left = replace(left, dropped=frozenset(self.dropped))
        return left


def play(day: Day, policy: Policy, seed: int, tell: Callable[[str], None] = lambda _: None) -> Played:
    """Return what the day comes to under a policy."""
    control, truth = Control(day=day, policy=policy, seed=seed), Truth.of(day)
    for now in range(FIRST_AT, LAST_AT + 1, TICK_S):
        for van, route in zip(control.vans, control.plan.routes, strict=True):
            truth.advance(van, route, now)
        control.tick(now - TICK_S if now > FIRST_AT else 0, now)
        if now % HOUR == 0:
            tell(f"{(now - DAY) // HOUR} h, {control.played.mends} mends, {sum(control.played.cpu_s):.0f} CPU s")
    return _outcome(control, truth)


def _outcome(control: Control, truth: Truth) -> Played:
    played, day = control.played, control.day
    begins = {stop: at for van in control.vans for stop, at in zip(van.visits, van.begins, strict=True) if stop >= 0}
    cancelled = set(np.flatnonzero(day.cancelled_at).tolist())
    unserved = set(range(len(day.problem.stops))) - set(begins) - cancelled
    late = {stop: at - int(day.problem.stops.end_at[stop]) for stop, at in begins.items()}
    late = {stop: by for stop, by in late.items() if by > 0}
    played.unserved, played.late, played.late_s = len(unserved), len(late) + len(unserved), sum(late.values())
    played.served = len(begins)
    played.units = int(day.problem.stops.load[sorted(begins)].sum())
    played.cost_minor = sum(
        truth.cost_minor(van, route.vehicle)
        for van, route in zip(control.vans, control.plan.routes, strict=True)
        if van.begins
    )
    return played
