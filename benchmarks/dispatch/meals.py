"""Meal delivery days (MDRP, Grubhub): orders at restaurants, couriers in shifts, and who brings what by two rules.

A courier leaves for a restaurant, walks in, takes all orders of a bundle from it when all are ready, walks out, and
brings them door by door; there is no way back before the last door. Nobody knows an order before it is placed, and who
has left for a restaurant goes on. Half of a service time is before pickup or drop-off, half after it.

``live`` sees a bundle as one stop: the road into it leads to the restaurant, the road out of it begins at its last
door, so that a courier's plan is a route, and ``repair`` plans all of them anew at every tick. ``nearest`` sends the
nearest free courier with one order.
"""

import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.dispatch.meal_check import Done
from doorstep.foundation import Iterations
from doorstep.foundation.arrays import Ints
from doorstep.vehicle_routing import Depots, RoutePlan, RoutingProblem, Stops, TableRoads, VehicleTypes, schedule_route
from doorstep.vehicle_routing.changes import Budget
from doorstep.vehicle_routing.repair import repair
from doorstep.vehicle_routing.running import RunningPlan

MINUTE = 60
TICK_S = 2 * MINUTE
SOON_S = 20 * MINUTE
"""Couriers count who are free or on duty by then."""
GAP_S = 12 * MINUTE
"""Between the ready times of a bundle's orders at most."""
MOST = 3
"""Orders of a bundle at most."""
ROUNDS = 6_000
"""Iterations of the engine at a tick."""
PRIZE_MINOR = 100_000
"""Of an order; a minute until its pickup counts ``MINUTE_MINOR``, a kilometre ``KM_MINOR``."""
MINUTE_MINOR, KM_MINOR = 100, 60
LIVE, NEAREST = "live", "nearest free courier, one order each"
Place = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order [s from midnight]."""

    name: str
    door: Place
    restaurant: str
    at: Place
    placed_at: int
    ready_at: int


@dataclass(slots=True, kw_only=True)
class Courier:
    """A courier: shift [s], and where and from when it is free."""

    name: str
    on_at: int
    off_at: int
    place: Place
    free_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Meals:
    """A day: ``metres_per_minute``, halves of service times [s], until when an order must be there at most [s]."""

    name: str
    orders: tuple[Order, ...]
    couriers: tuple[Courier, ...]
    metres_per_minute: int
    half_pickup_s: int
    half_dropoff_s: int
    longest_s: int

    def drive_s(self, here: Place, there: Place) -> int:
        """Return the travel time, in whole minutes rounded up."""
        return MINUTE * math.ceil(math.dist(here, there) / self.metres_per_minute)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """Orders of one restaurant, in the order of delivery, with seconds from the pickup to each drop-off."""

    orders: tuple[Order, ...]
    drops_s: tuple[int, ...]

    @classmethod
    def of(cls, meals: Meals, orders: Sequence[Order]) -> "Bundle":
        """Return the bundle of some orders, in that order."""
        drops, here, after = [], orders[0].at, meals.half_pickup_s
        for order in orders:
            drops.append(after + meals.drive_s(here, order.door) + meals.half_dropoff_s)
            here, after = order.door, drops[-1] + meals.half_dropoff_s
        return cls(orders=tuple(orders), drops_s=tuple(drops))

    @property
    def ready_at(self) -> int:
        """When all of it can be taken."""
        return max(order.ready_at for order in self.orders)

    def latest_at(self, meals: Meals) -> int:
        """Return when it must be taken at the latest."""
        return min(o.placed_at + meals.longest_s - drop for o, drop in zip(self.orders, self.drops_s, strict=True))

    def waited_s(self) -> int:
        """Return the click-to-door time of all its orders, if it is taken as soon as it is ready."""
        return sum(self.ready_at + d - o.placed_at for o, d in zip(self.orders, self.drops_s, strict=True))


def play_meals(meals: Meals, rule: str) -> list[Done]:
    """Return what couriers do on a day under a rule."""
    couriers = [Courier(**{name: getattr(one, name) for name in Courier.__slots__}) for one in meals.couriers]
    plan: dict[str, list[tuple[str, ...]]] = {}
    jobs: list[Done] = []
    done: set[str] = set()
    first = min(order.placed_at for order in meals.orders) // TICK_S * TICK_S
    for now in range(first, max(order.placed_at for order in meals.orders) + meals.longest_s, TICK_S):
        known = [order for order in meals.orders if order.placed_at <= now and order.name not in done]
        known = [order for order in known if _can_come(meals, order, now)]
        if not known:
            continue
        there = [one for one in couriers if one.on_at <= now + SOON_S and max(one.free_at, now) <= one.off_at]
        if rule == NEAREST:
            going = _nearest(meals, known, there, now)
        else:
            plan = _planned(meals, known, there, now, plan)
            going = _must_go(meals, known, there, now, plan)
        for courier, bundle, leaves_at in going:
            jobs.append(_go(meals, courier, bundle, leaves_at, now))
            done |= {order.name for order in bundle.orders}
    return jobs


def _can_come(meals: Meals, order: Order, now: int) -> bool:
    """Return whether an order can be there within the longest time, if somebody is at its restaurant."""
    alone = Bundle.of(meals, [order])
    return max(now + meals.half_pickup_s, alone.ready_at) <= alone.latest_at(meals)


def _nearest(
    meals: Meals, known: Sequence[Order], couriers: Sequence[Courier], now: int
) -> list[tuple[Courier, Bundle, int]]:
    """Return orders that would be ready on arrival, each with the nearest courier who is free, oldest orders first."""
    free = [one for one in couriers if max(one.free_at, one.on_at) < now + TICK_S]
    going = []
    for order in sorted(known, key=lambda one: (one.ready_at, one.name)):
        ways = sorted((meals.drive_s(one.place, order.at), one.name, one) for one in free)
        for drive_s, _, courier in ways:
            bundle, start = Bundle.of(meals, [order]), max(now, courier.free_at, courier.on_at)
            leaves_at = max(start, order.ready_at - meals.half_pickup_s - drive_s)
            pickup_at = leaves_at + drive_s + meals.half_pickup_s
            if pickup_at <= min(courier.off_at, bundle.latest_at(meals)):
                if leaves_at < now + TICK_S:
                    going.append((courier, bundle, leaves_at))
                    free.remove(courier)
                break
    return going


def _planned(
    meals: Meals,
    known: Sequence[Order],
    couriers: Sequence[Courier],
    now: int,
    before: dict[str, list[tuple[str, ...]]],
) -> dict[str, list[tuple[str, ...]]]:
    """Return for each courier the bundles that it will bring, one after another."""
    if not couriers:
        return {}
    bundles = _bundles(meals, known, couriers, now)
    problem, number = _problem(meals, bundles, couriers, now), {_names(b): n for n, b in enumerate(bundles)}
    routes = []
    for kind, courier in enumerate(couriers):
        stops = [number.pop(names) for names in before.get(courier.name, []) if names in number]
        while stops and (route := schedule_route(problem, kind, [stops])) is None:
            stops.pop()
        if stops and route is not None:
            routes.append(route)
    running = RunningPlan(problem=problem, plan=RoutePlan(routes=tuple(routes)), now=now, settled=(0,) * len(routes))
    found = repair(running, Budget(), Iterations(limit=ROUNDS), seed=now // TICK_S).plan
    return {couriers[r.vehicle].name: [_names(bundles[stop]) for stop in r.stops] for r in found.routes}


def _must_go(
    meals: Meals,
    known: Sequence[Order],
    couriers: Sequence[Courier],
    now: int,
    plan: dict[str, list[tuple[str, ...]]],
) -> list[tuple[Courier, Bundle, int]]:
    """Return the first bundles of couriers who have to leave before the next tick."""
    named, going = {order.name: order for order in known}, []
    for courier in couriers:
        for names in plan.get(courier.name, [])[:1]:
            bundle = Bundle.of(meals, [named[name] for name in names])
            drive_s = meals.drive_s(courier.place, bundle.orders[0].at)
            start = max(now, courier.free_at, courier.on_at)
            leaves_at = max(start, bundle.ready_at - meals.half_pickup_s - drive_s)
            if leaves_at < now + TICK_S:
                going.append((courier, bundle, leaves_at))
    return going


def _go(meals: Meals, courier: Courier, bundle: Bundle, leaves_at: int, now: int) -> Done:
    arrives_at = leaves_at + meals.drive_s(courier.place, bundle.orders[0].at)
    pickup_at = max(arrives_at + meals.half_pickup_s, bundle.ready_at)
    dropoff_at = tuple(pickup_at + after_s for after_s in bundle.drops_s)
    courier.place, courier.free_at = bundle.orders[-1].door, dropoff_at[-1] + meals.half_dropoff_s
    return Done(
        courier=courier.name,
        decided_at=now,
        leaves_at=leaves_at,
        pickup_at=pickup_at,
        orders=_names(bundle),
        dropoff_at=dropoff_at,
    )


def _names(bundle: Bundle) -> tuple[str, ...]:
    return tuple(order.name for order in bundle.orders)


def _bundles(meals: Meals, known: Sequence[Order], couriers: Sequence[Courier], now: int) -> list[Bundle]:
    """Return the orders in bundles: the busier couriers are, the more waiting is a courier's saved minute worth."""
    free = sum(max(one.free_at, one.on_at) <= now + SOON_S // 2 for one in couriers)
    worth = min(2.0, sum(order.ready_at <= now + SOON_S for order in known) / max(1, free))
    found: list[Bundle] = []
    for order in sorted(known, key=lambda one: (one.ready_at, one.name)):
        alone, best, most = Bundle.of(meals, [order]), -1, 0.0
        for n, bundle in enumerate(found):
            if bundle.orders[0].restaurant != order.restaurant or len(bundle.orders) >= MOST:
                continue
            joined = _joined(meals, bundle, order)
            if joined.ready_at - bundle.ready_at > GAP_S or joined.latest_at(meals) < max(
                now + meals.half_pickup_s, joined.ready_at
            ):
                continue
            away_s = meals.drive_s(order.door, order.at) + meals.half_pickup_s
            saved_s = alone.drops_s[-1] + away_s - (joined.drops_s[-1] - bundle.drops_s[-1])
            waits_s = joined.waited_s() - bundle.waited_s() - alone.waited_s()
            if worth * saved_s - waits_s > most:
                best, most = n, worth * saved_s - waits_s
        if best < 0:
            found.append(alone)
        else:
            found[best] = _joined(meals, found[best], order)
    return found


def _joined(meals: Meals, bundle: Bundle, order: Order) -> Bundle:
    """Return the bundle with one more order, at the place where all together wait least."""
    rows = [[*bundle.orders[:n], order, *bundle.orders[n:]] for n in range(len(bundle.orders) + 1)]
    return min((Bundle.of(meals, row) for row in rows), key=lambda one: (one.waited_s(), one.drops_s[-1]))


def _problem(meals: Meals, bundles: Sequence[Bundle], couriers: Sequence[Courier], now: int) -> RoutingProblem:
    """Return bundles as stops and couriers as vehicles, each from a depot of its own; the last depot is the end."""
    count, many = len(couriers), len(bundles)
    seconds = np.zeros((count + 1 + many, count + 1 + many), dtype=np.int32)
    metres = np.zeros_like(seconds)
    for column, bundle in enumerate(bundles, start=count + 1):
        there = bundle.orders[0].at
        for row, courier in enumerate(couriers):
            seconds[row, column] = meals.drive_s(courier.place, there)
            metres[row, column] = round(math.dist(courier.place, there))
        for row, other in enumerate(bundles, start=count + 1):
            if row != column:
                after_s = other.drops_s[-1] + meals.half_dropoff_s
                seconds[row, column] = after_s + meals.drive_s(other.orders[-1].door, there)
                metres[row, column] = round(math.dist(other.orders[-1].door, there))
    many_orders = _column(len(bundle.orders) for bundle in bundles)
    starts = _column(max(now, one.free_at, one.on_at) for one in couriers)
    ends = _column(one.off_at for one in couriers)
    none, one = np.zeros(many, dtype=np.int64), np.ones(count, dtype=np.int64)
    latest = _column(bundle.latest_at(meals) for bundle in bundles)
    ready = _column(bundle.ready_at for bundle in bundles)
    return RoutingProblem(
        stops=Stops(
            start_at=ready,
            end_at=latest,
            release_at=none,
            service_s=none,
            load=many_orders[:, None],
            prize_minor=PRIZE_MINOR * many_orders,
            requirements=none,
            due_at=ready,
            late_per_hour_minor=60 * MINUTE_MINOR * many_orders,
            approach_s=none + meals.half_pickup_s,
        ),
        vehicles=VehicleTypes(
            count=one,
            capacity=one[:, None] * (1 << 20),
            skills=0 * one,
            shift_start_at=np.minimum(starts, ends),
            shift_end_at=ends,
            max_distance_m=one * (1 << 27),
            max_reloads=0 * one,
            fixed_minor=0 * one,
            per_km_minor=one * KM_MINOR,
            per_hour_minor=0 * one,
            start=np.arange(count),
            end=0 * one + count,
        ),
        depots=Depots(
            open_at=np.zeros(count + 1, dtype=np.int64),
            close_at=np.full(count + 1, 1 << 20),
            loading_s=np.zeros(count + 1, dtype=np.int64),
        ),
        roads=TableRoads(metres=metres, seconds=seconds),
    )


def _column(values: Iterable[int]) -> Ints:
    return np.array(list(values), dtype=np.int64)


def read_meals(folder: Path) -> Meals:
    """Return a day from its folder."""
    (given,) = _rows(folder / "instance_parameters.txt")
    places = {row["restaurant"]: _place(row) for row in _rows(folder / "restaurants.txt")}
    orders = [
        Order(
            name=row["order"],
            door=_place(row),
            restaurant=row["restaurant"],
            at=places[row["restaurant"]],
            placed_at=MINUTE * int(row["placement_time"]),
            ready_at=MINUTE * int(row["ready_time"]),
        )
        for row in _rows(folder / "orders.txt")
    ]
    couriers = [
        Courier(
            name=row["courier"],
            on_at=MINUTE * int(row["on_time"]),
            off_at=MINUTE * int(row["off_time"]),
            place=_place(row),
            free_at=MINUTE * int(row["on_time"]),
        )
        for row in _rows(folder / "couriers.txt")
    ]
    return Meals(
        name=folder.name,
        orders=tuple(orders),
        couriers=tuple(couriers),
        metres_per_minute=int(given["meters_per_minute"]),
        half_pickup_s=MINUTE * int(given["pickup service minutes"]) // 2,
        half_dropoff_s=MINUTE * int(given["dropoff service minutes"]) // 2,
        longest_s=MINUTE * int(given["maximum click-to-door"]),
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def _place(row: dict[str, str]) -> Place:
    return int(row["x"]), int(row["y"])
