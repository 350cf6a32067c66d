"""How much a plan changes: which stops move, and by how much their times do."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from doorstep.vehicle_routing.plan import RoutePlan

Trips = Sequence[Sequence[int]]
Sequences = Sequence[tuple[int, Trips]]
"""Type of vehicle and trips of each route."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """At most ``moved`` stops may move, and no stop's time may shift by more than ``shift_s``."""

    moved: int = 1 << 30
    shift_s: int = 1 << 30


def sequences_of(plan: RoutePlan) -> Sequences:
    """Return type and trips of each route."""
    return [(route.vehicle, route.trips) for route in plan.routes]


def moved_stops(before: Sequences, after: Sequences) -> set[int]:
    """Return the stops that both plans serve and that have moved.

    Routes are the same in which most stops stayed. A stop has moved that is on another route or another trip, or
    belongs to the fewest that must be taken out of a trip so that the others are in the order in which they were.
    """
    old = _route_of(before)
    moved: set[int] = set()
    same = _same_routes(before, after)
    for number, (_, trips) in enumerate(after):
        was = before[same[number]][1] if number in same else ()
        moved |= {stop for trip in trips for stop in trip if stop in old} - _stayed(was, trips)
    return moved


def _stayed(before: Trips, after: Trips) -> set[int]:
    """Return the stops of a route that are on the trip and in the order in which they were."""
    found: set[int] = set()
    for was, stops in zip(before, after, strict=False):
        order = {stop: n for n, stop in enumerate(was)}
        found |= set(_longest_rise([stop for stop in stops if stop in order], order))
    return found


def times_of(plan: RoutePlan) -> dict[int, int]:
    """Return when service begins at each stop."""
    return {
        stop: at
        for route in plan.routes
        for trip, times in zip(route.trips, route.service_at, strict=True)
        for stop, at in zip(trip, times, strict=True)
    }


def _route_of(plan: Sequences) -> dict[int, int]:
    return {stop: number for number, (_, trips) in enumerate(plan) for trip in trips for stop in trip}


def _same_routes(before: Sequences, after: Sequences) -> dict[int, int]:
    """Return for routes after which route before they are: of one type, those in which most stops stayed first."""
    old, new = _route_of(before), _route_of(after)
    pairs = {(number, old[stop]) for stop, number in new.items() if stop in old}
    stayed = {
        (number, twin): len(_stayed(before[twin][1], after[number][1]))
        for number, twin in pairs
        if after[number][0] == before[twin][0]
    }
    found: dict[int, int] = {}
    for number, twin in sorted(stayed, key=lambda pair: (-stayed[pair], pair)):
        if number not in found and twin not in found.values():
            found[number] = twin
    return found


def _longest_rise(stops: Sequence[int], order: dict[int, int]) -> list[int]:
    """Return the most stops of which each comes later in the order than the one before."""
    tails: list[int] = []
    chain: list[tuple[int, ...]] = []
    for stop in stops:
        place = bisect_left(tails, order[stop])
        grown = (*(chain[place - 1] if place else ()), stop)
        tails[place : place + 1] = [order[stop]]
        chain[place : place + 1] = [grown]
    return list(chain[-1]) if chain else []
