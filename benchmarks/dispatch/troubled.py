"""A city's day that goes another way than planned: what is known in the morning, and what happens then.

Of all stops 15 % are ordered during the day and 3 % cancelled; at 5 % nobody opens. Drives and services take another
time than expected, for two hours all drives are slower, one van does not start and one breaks down under way.
"""

from dataclasses import dataclass, replace

import numpy as np

from benchmarks.vehicle_routing.generator import DAY, HOUR, city_day
from doorstep.foundation import Stop
from doorstep.foundation.arrays import Floats, Ints
from doorstep.vehicle_routing import RoutePlan, RoutingProblem, SisrSolver, Stops, TableRoads, VehicleTypes
from doorstep.vehicle_routing.problem import REQUIRED, Traffic
from doorstep.vehicle_routing.roads import Roads

NEW_SHARE, CANCELLED_SHARE, FAILED_SHARE = 0.15, 0.03, 0.05
PICKED_S = 1_800
"""From an order to its parcel at the depot."""
NOTICED_S = 600
"""From the beginning and the end of slow traffic to the moment when the dispatcher knows."""
BELIEVED_S = 3_600
"""How long slow traffic is expected to go on while it lasts."""
BROUGHT_S = 3_600
"""From a breakdown under way to its parcels at the depot."""
SPARE_SHARE = 0.2
"""Vehicles of each type that stay at home in the morning, of those that go."""
BIKES = 3
"""Cargo bikes; all other vehicles are vans."""
CAPACITY = (70, 45)
"""Units of a van and of a cargo bike: a trip of 38 and of 24 stops."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What will happen, N stops in all: nobody knows it before.

    ``problem`` has all stops, those not ordered yet at prize 0, and the morning's ``plan``. ``ordered_at`` (N,) is 0
    for what is known in the morning, ``cancelled_at`` (N,) 0 for what is not cancelled. Drives to a stop take ``drive``
    (N,) times as long as the roads say, service there ``service`` (N,) times; at ``failed`` stops nobody opens.
    ``slow`` is the true traffic. Route ``dead`` of the plan does not start, ``broken`` breaks down at ``broken_at``.
    """

    problem: RoutingProblem
    plan: RoutePlan
    ordered_at: Ints
    cancelled_at: Ints
    failed: frozenset[int]
    drive: Floats
    service: Floats
    slow: Traffic
    dead: int
    broken: int
    broken_at: int

    def traffic_known_at(self, now: int) -> Traffic:
        """Return the traffic that the dispatcher believes in: none before it is noticed, none after it is over."""
        _, begins, ends = self.slow.start_at.tolist()
        if not begins + NOTICED_S <= now < ends + NOTICED_S:
            return Traffic()
        return replace(self.slow, start_at=np.array([DAY, begins, now + BELIEVED_S]))


def troubled_day(count: int, seed: int, stop: Stop) -> Day:
    """Return a day of ``count`` stops, its plan being what an engine finds until ``stop``."""
    rng, city = np.random.default_rng([seed, 9]), city_day(count, seed=seed)
    ordered_at = np.zeros(count, dtype=np.int64)
    new = np.arange(count - round(NEW_SHARE * count), count)
    ordered_at[new] = np.sort(rng.integers(DAY + 8 * HOUR, DAY + 16 * HOUR, new.size))
    stops = _with_new(city, new, ordered_at)
    problem = replace(city, stops=stops, vehicles=_in_waves(city), roads=_in_tables(city.roads))
    plan = SisrSolver().solve(problem, stop, seed=seed)
    problem = replace(problem, vehicles=_with_spares(problem, plan))
    begins, slower = DAY + int(rng.choice([10, 11, 14, 15])) * HOUR, rng.integers(135, 151)
    broken_at = DAY + int(rng.integers(10 * HOUR, 12 * HOUR))
    vans = [n for n, route in enumerate(plan.routes) if route.vehicle == 0]
    going = [n for n in vans if plan.routes[n].start_at < DAY + 9 * HOUR and plan.routes[n].end_at > broken_at + HOUR]
    broken = int(rng.choice(going or vans))
    others = [n for n in vans if n != broken] or [n for n in range(len(plan.routes)) if n != broken]
    return Day(
        problem=problem,
        plan=plan,
        ordered_at=ordered_at,
        cancelled_at=_cancelled(count, stops.start_at, ordered_at, rng),
        failed=frozenset(rng.choice(count, round(FAILED_SHARE * count), replace=False).tolist()),
        drive=_around_one(0.25, count, rng),
        service=_around_one(0.4, count, rng),
        slow=Traffic(
            start_at=np.array([DAY, begins, begins + 2 * HOUR]),
            percent=np.array([[100, slower, 100], [100, (100 + slower) // 2, 100]]),
        ),
        dead=int(rng.choice(others)),
        broken=broken,
        broken_at=broken_at,
    )


def _with_new(city: RoutingProblem, new: Ints, ordered_at: Ints) -> Stops:
    """Return the stops, the new ones within three hours that begin at a full hour, an hour after the order or later."""
    stops = city.stops
    start_at, end_at, release_at = stops.start_at.copy(), stops.end_at.copy(), stops.release_at.copy()
    start_at[new] = -(-(ordered_at[new] + HOUR) // HOUR) * HOUR
    end_at[new], release_at[new] = start_at[new] + 3 * HOUR, ordered_at[new] + PICKED_S
    prize_minor = np.where(ordered_at > 0, 0, REQUIRED)
    return replace(stops, start_at=start_at, end_at=end_at, release_at=release_at, prize_minor=prize_minor)


def _in_tables(roads: Roads) -> TableRoads:
    """Return the roads with every drive looked up once."""
    places = np.arange(len(roads))
    metres, seconds = zip(*(roads.block(profile, places) for profile in range(roads.profiles)), strict=True)
    return TableRoads(metres=np.array(metres, dtype=np.int32), seconds=np.array(seconds, dtype=np.int32))


def _in_waves(city: RoutingProblem) -> VehicleTypes:
    """Return vehicles that come back to load again, few of them bikes."""
    count = np.array([city.vehicles.count[0], BIKES])
    return replace(city.vehicles, count=count, capacity=np.array(CAPACITY)[:, None], max_reloads=np.array([3, 3]))


def _with_spares(problem: RoutingProblem, plan: RoutePlan) -> VehicleTypes:
    out = np.bincount([route.vehicle for route in plan.routes], minlength=len(problem.vehicles))
    return replace(problem.vehicles, count=out + np.maximum(1, np.ceil(SPARE_SHARE * out)).astype(np.int64))


def _cancelled(count: int, start_at: Ints, ordered_at: Ints, rng: np.random.Generator) -> Ints:
    """Return when stops are cancelled, between the order, or seven o'clock, and the beginning of their window."""
    gone = rng.choice(count, round(CANCELLED_SHARE * count), replace=False)
    since = np.maximum(ordered_at[gone], DAY + 7 * HOUR)
    found = np.zeros(count, dtype=np.int64)
    found[gone] = rng.integers(since, np.maximum(start_at[gone], since) + 1)
    return found


def _around_one(spread: float, count: int, rng: np.random.Generator) -> Floats:
    """Return lognormal factors with mean one."""
    return rng.lognormal(-spread * spread / 2.0, spread, count)
