"""What the kernels read of vehicle types and stops: requirements, money, loads, and the calendar of what is walked."""

from math import lcm

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.vehicle_routing.problem import LAST, REQUIRED, RoutingProblem
from doorstep.vehicle_routing.roads import PlaneRoads
from doorstep.vehicle_routing.sisr import layout as at
from doorstep.vehicle_routing.sisr.money import Money
from doorstep.vehicle_routing.sisr.supported import one_way

MOST_TRIPS = 5
"""Trips that a vehicle makes at most, whatever else it may."""


def origin_at(problem: RoutingProblem) -> int:
    """Return the moment from which the kernels count."""
    return int(problem.vehicles.shift_start_at.min(initial=LAST * 8)) if len(problem.vehicles) else 0


def most_trips(problem: RoutingProblem) -> Ints:
    """Return how many trips each type (V,) makes at most: one if it does not load where it starts and ends."""
    v = problem.vehicles
    at_home = (v.reload == v.start) & (v.end == v.start)
    return np.where(at_home, np.minimum(v.max_reloads + 1, MOST_TRIPS), 1)


def kind_rows(problem: RoutingProblem, money: Money) -> Ints:
    """Return the columns of the vehicle types."""
    vehicles = problem.vehicles
    capacity = np.tile(vehicles.capacity, 2 if _two_ways(problem) else 1)
    kind = np.zeros((len(vehicles), at.CAPACITY + capacity.shape[1]), dtype=np.int64)
    kind[:, at.PER_M] = money.per_m
    kind[:, at.PER_S] = money.per_s
    kind[:, at.FIXED] = money.fixed
    kind[:, at.MAX_M] = vehicles.max_distance_m
    kind[:, at.MAX_S] = vehicles.max_duration_s
    kind[:, at.OVER_S] = vehicles.overtime_after_s
    kind[:, at.OVER_RATE] = money.over_per_s
    kind[:, at.SKILLS] = vehicles.skills
    kind[:, at.PROFILE] = vehicles.profile
    kind[:, at.MOST_TRIPS] = most_trips(problem)
    kind[:, at.SLOTS] = 2 * kind[:, at.MOST_TRIPS] - 1
    kind[:, at.CAPACITY :] = capacity
    return kind


def stop_rows(problem: RoutingProblem, rows: Ints, money: Money) -> Ints:
    """Return the columns of some stops."""
    stops = problem.stops
    load = np.hstack([stops.load, stops.pickup]) if _two_ways(problem) else stops.load
    change = _changes(problem)[rows] if mixes(problem) else np.zeros((rows.size, 0), dtype=np.int64)
    stop = np.zeros((rows.size, at.LOAD + load.shape[1] + change.shape[1]), dtype=np.int64)
    prize = stops.prize_minor[rows]
    sibling, leader = _groups(stops.group[rows])
    stop[:, at.NEEDS] = stops.requirements[rows]
    stop[:, at.ONLY] = stops.vehicle[rows]
    stop[:, at.PRIZE] = np.where(prize == REQUIRED, money.missing, prize * money.minor)
    stop[:, at.EXTRA] = stops.extra_minor[rows] * money.minor
    stop[:, at.SIBLING], stop[:, at.LEADER] = sibling, leader
    np.maximum.at(stop[:, at.PRIZE], leader, stop[:, at.PRIZE].copy())
    stop[:, at.RELEASE] = np.clip(stops.release_at[rows] - origin_at(problem), 0, LAST)
    _join_pairs(problem, rows, stop, money.missing)
    stop[:, at.LOAD :] = np.hstack([load[rows], change])
    return stop


def _two_ways(problem: RoutingProblem) -> bool:
    return bool(problem.stops.pickup.any()) or len(problem.pairs) > 0


def mixes(problem: RoutingProblem) -> bool:
    """Return whether what fits on board depends on the order of stops."""
    return len(problem.pairs) > 0 or (bool(problem.stops.pickup.any()) and not one_way(problem))


def _changes(problem: RoutingProblem) -> Ints:
    """Return by how much each stop (N, M) changes what is on board."""
    pairs, change = problem.pairs, problem.stops.pickup - problem.stops.load
    if len(pairs):
        change[pairs.pickup] += pairs.load
        change[pairs.delivery] -= pairs.load
    return change


def _join_pairs(problem: RoutingProblem, rows: Ints, stop: Ints, most: int) -> None:
    """Make the pickup of each pair its leader, with the prizes of both, ``most`` at most, and the later release."""
    number = np.full(len(problem.stops), -1, dtype=np.int64)
    number[rows] = np.arange(rows.size)
    pickup, delivery = number[problem.pairs.pickup], number[problem.pairs.delivery]
    pickup, delivery = pickup[pickup >= 0], delivery[pickup >= 0]
    stop[:, at.MATE] = -1
    stop[pickup, at.MATE], stop[delivery, at.MATE] = delivery, pickup
    stop[delivery, at.LEADER] = pickup
    stop[pickup, at.PRIZE] = np.minimum(stop[pickup, at.PRIZE] + stop[delivery, at.PRIZE], most)
    stop[pickup, at.RELEASE] = np.maximum(stop[pickup, at.RELEASE], stop[delivery, at.RELEASE])


def _groups(group: Ints) -> tuple[Ints, Ints]:
    """Return for each stop the next stop of its group and the group's first; itself where it is alone."""
    sibling = np.arange(group.size)
    leader = sibling.copy()
    for name in np.unique(group[group >= 0]):
        members = np.flatnonzero(group == name)
        sibling[members] = np.roll(members, -1)
        leader[members] = members[0]
    return sibling, leader


def walked(problem: RoutingProblem) -> bool:
    """Return whether segments cannot tell the clock of a route, so that it has to be walked."""
    stops, roads = problem.stops, problem.roads
    last = int(problem.vehicles.shift_end_at.max(initial=0))
    return (
        len(problem.breaks) > 0
        or len(problem.windows) > 0
        or bool((problem.traffic.percent != 100).any())
        or bool((problem.pairs.max_ride_s < LAST).any())
        or bool(((stops.late_per_hour_minor > 0) & (stops.due_at < last)).any())
        or (bool(stops.approach_s.any()) and isinstance(roads, PlaneRoads))
    )


def visit_rows(problem: RoutingProblem, rows: Ints, money: Money) -> Ints:
    """Return what a walk reads of some stops, (R, 7); their windows are rows of ``calendar``."""
    if not walked(problem):
        return np.zeros((0, at.APPROACH + 1), dtype=np.int64)
    stops, pairs = problem.stops, problem.pairs
    visit = np.zeros((len(stops), at.APPROACH + 1), dtype=np.int64)
    visit[:, at.DUE] = stops.due_at - origin_at(problem)
    visit[:, at.LATE] = money.late_per_s
    visit[:, at.RIDE] = -1
    visit[pairs.delivery, at.RIDE] = np.where(pairs.max_ride_s < LAST, pairs.max_ride_s, -1)
    visit[:, at.BUILDING], visit[:, at.APPROACH] = stops.building, stops.approach_s
    first = 1 + len(problem.traffic)
    owner = _all_windows(problem)[0]
    visit[:, at.WINDOW_AT] = first + np.searchsorted(owner, np.arange(len(stops)))
    visit[:, at.WINDOW_TO] = first + np.searchsorted(owner, np.arange(len(stops)), side="right")
    found: Ints = visit[rows]
    return found


def calendar(problem: RoutingProblem, kind: Ints) -> Ints:
    """Return periods of traffic, windows and rests as rows, and note in ``kind`` which rests are whose."""
    traffic, breaks, start = problem.traffic, problem.breaks, origin_at(problem)
    owner, windows = _all_windows(problem)
    rests = np.lexsort((breaks.earliest_at, breaks.vehicle))
    first = 1 + len(traffic) + owner.size
    table = np.zeros((first + rests.size, max(3, 1 + problem.roads.profiles)), dtype=np.int64)
    if len(traffic):
        parts = np.array([lcm(*percents) for percents in traffic.percent.tolist()], dtype=np.int64)
        table[0, 1 : 1 + parts.size] = parts
        table[1 : 1 + len(traffic), 0] = traffic.start_at - start
        table[1 : 1 + len(traffic), 1 : 1 + parts.size] = (100 * parts[:, None] // traffic.percent).T
    table[1 + len(traffic) : first, :2] = windows - start
    table[first:, 0], table[first:, 1] = breaks.earliest_at[rests] - start, breaks.latest_at[rests] - start
    table[first:, 2] = breaks.length_s[rests]
    kind[:, at.REST_AT] = first + np.searchsorted(breaks.vehicle[rests], np.arange(kind.shape[0]))
    kind[:, at.REST_TO] = first + np.searchsorted(breaks.vehicle[rests], np.arange(kind.shape[0]), side="right")
    return table


def _all_windows(problem: RoutingProblem) -> tuple[Ints, Ints]:
    """Return stops (W,) and windows (W, 2) of all stops that have several, by stop and start."""
    more, stops = problem.windows, problem.stops
    several = np.unique(more.stop)
    owner = np.concatenate([several, more.stop])
    opens = np.concatenate([stops.start_at[several], more.start_at])
    closes = np.concatenate([stops.end_at[several], more.end_at])
    order = np.lexsort((opens, owner))
    return owner[order], np.column_stack([opens, closes])[order]
