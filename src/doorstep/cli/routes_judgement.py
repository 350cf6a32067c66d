"""What routes are like, and why stops are left out: the one place where a plan of ``doorstep routes`` is judged.

Whatever the room learns to measure or to explain is added here; files, report and terminal show what comes back. The
report also draws what one more stop would cost here and there, once a ``CostField`` is given to ``SolvedRoutes``.
"""

from collections.abc import Iterator

import numpy as np

from doorstep.connectors.routes_folder import Measure, UnservedStop
from doorstep.connectors.routing_instance.routing_file import RoutingFile
from doorstep.console.route_words import RouteWords
from doorstep.foundation.arrays import Bools
from doorstep.foundation.units import SECONDS_PER_HOUR
from doorstep.vehicle_routing.density import removal_saving_minor
from doorstep.vehicle_routing.plan import RoutePlan
from doorstep.vehicle_routing.problem import REQUIRED, RoutingProblem
from doorstep.vehicle_routing.roads import UNREACHABLE
from doorstep.vehicle_routing.schedule import schedule_route

MOST_MARGINS = 2_000
"""Stops up to which each is taken out to see what it costs."""


def measures_of(file: RoutingFile, plan: RoutePlan) -> tuple[Measure, ...]:
    """Return the measures of density of a plan; none of a plan without routes."""
    problem, words = file.problem, RouteWords.of(file)
    if not plan.routes:
        return ()
    stops = sum(len(route.stops) for route in plan.routes)
    worked = sum(route.end_at - route.start_at for route in plan.routes)
    driven, stem = _metres(problem, plan)
    measures = [
        Measure(
            name="stops_per_route",
            label="Stops per route",
            value=round(stops / len(plan.routes), 4),
            text=words.number(stops / len(plan.routes)),
            definition="Stops served, by routes.",
        ),
        Measure(
            name="distance_per_stop",
            label="Distance per stop",
            value=round(driven / stops, 4),
            text=words.distance(driven / stops),
            definition="All that is driven, by stops served.",
        ),
        Measure(
            name="stem_share",
            label="Stem",
            value=round(stem / driven, 6) if driven else None,
            text=words.share(stem / driven) if driven else "–",
            definition="Share driven between a depot and the first or last stop of a trip.",
        ),
    ]
    if words.timed and worked:
        rate = stops * SECONDS_PER_HOUR / worked
        measures.insert(1, Measure(name="stops_per_route_hour", label="Stops per route-hour", value=round(rate, 4),
                                   text=words.number(rate), definition="Stops served, by the hours from loading to "
                                   "return."))  # fmt: skip
    if stops <= MOST_MARGINS:
        saved = [removal_saving_minor(problem, route, stop) for route in plan.routes for stop in route.stops]
        mean = float(np.mean(saved))
        measures.append(Measure(name="marginal_cost_per_stop", label="Marginal cost per stop", value=round(mean, 4),
                                text=words.money(mean), definition="What the routes would cost less without a stop, "
                                "on average."))  # fmt: skip
    return tuple(measures)


def _metres(problem: RoutingProblem, plan: RoutePlan) -> tuple[int, int]:
    """Return what is driven, and what of it is to or from a depot."""
    driven = stem = 0
    for route in plan.routes:
        leaves, reaches = route.arcs(problem)
        metres, _ = problem.roads.along(int(problem.vehicles.profile[route.vehicle]), leaves, reaches)
        driven += int(metres.sum())
        stem += int(metres[np.minimum(leaves, reaches) < len(problem.depots)].sum())
    return driven, stem


def unserved_of(file: RoutingFile, plan: RoutePlan) -> tuple[UnservedStop, ...]:
    """Return every stop that is in no route, with the first reason that holds."""
    problem, served = file.problem, plan.served()
    group = problem.stops.group
    done = {int(group[stop]) for stop in served} - {-1}
    left = [stop for stop in range(len(problem.stops)) if stop not in served]
    return tuple(_with_reason(problem, stop, chosen=int(group[stop]) in done) for stop in left)


def impossible_stops(problem: RoutingProblem) -> Bools:
    """Return which stops (N,) no vehicle can serve, not even on a route of their own."""
    types = np.count_nonzero(problem.vehicles.count)
    return np.array([len(dict(_blocks(problem, stop))) == types for stop in range(len(problem.stops))], dtype=np.bool_)


def _with_reason(problem: RoutingProblem, stop: int, *, chosen: bool) -> UnservedStop:
    if chosen:
        return UnservedStop(stop=stop, reason="alternative_served", text="Another stop of its group is served.")
    blocks = dict(_blocks(problem, stop))
    if len(blocks) == np.count_nonzero(problem.vehicles.count):
        reason, text = max(blocks.values(), key=lambda block: ORDER.index(block[0]), default=NO_VEHICLE)
    elif int(problem.stops.prize_minor[stop]) == REQUIRED:
        reason, text = "no_room", "The search found no room for it on any vehicle that could serve it."
    else:
        reason, text = "too_dear", "Its prize is below what the search found that serving it costs."
    return UnservedStop(stop=stop, reason=reason, text=text)


NO_VEHICLE = ("no_vehicle", "There is no vehicle.")
ORDER = ("no_vehicle", "lacks_skill", "too_large", "unreachable", "too_far", "no_time")
"""Reasons from the farthest from a remedy to the nearest."""


def _blocks(problem: RoutingProblem, stop: int) -> Iterator[tuple[int, tuple[str, str]]]:
    """Yield for each type of vehicle that cannot serve a stop, not even on a route of its own, why."""
    stops, kinds, sites = problem.stops, problem.vehicles, len(problem.depots)
    trip = _with_its_pair(problem, stop)
    load = np.maximum(stops.load[trip].sum(axis=0), stops.pickup[trip].sum(axis=0))
    if len(trip) > 1:
        load = load + problem.pairs.load[problem.pairs.pickup == trip[0]][0]
    for kind in np.flatnonzero(kinds.count > 0).tolist():
        only, needs = int(stops.vehicle[stop]), int(stops.requirements[stop])
        start, end, profile = int(kinds.start[kind]), int(kinds.end[kind]), int(kinds.profile[kind])
        places = np.array([start, *(sites + s for s in trip), end])
        metres, seconds = problem.roads.along(profile, places[:-1], places[1:])
        if only not in (-1, kind):
            yield kind, ("no_vehicle", f"Only vehicles of type {only} may serve it.")
        elif needs & ~int(kinds.skills[kind]):
            yield kind, ("lacks_skill", "No vehicle has all skills that it requires.")
        elif (load > kinds.capacity[kind]).any():
            yield kind, ("too_large", "It is larger than what a vehicle can carry.")
        elif max(int(metres.max()), int(seconds.max())) >= UNREACHABLE:
            yield kind, ("unreachable", "No road leads there and back.")
        elif int(metres.sum()) > int(kinds.max_distance_m[kind]):
            yield kind, ("too_far", "The way there and back is longer than a vehicle may drive.")
        elif schedule_route(problem, kind, [trip]) is None:
            yield (
                kind,
                ("no_time", "Not even a vehicle that serves nothing else is there in time, and back in its shift."),
            )


def _with_its_pair(problem: RoutingProblem, stop: int) -> list[int]:
    """Return a stop, or pickup and delivery of its pair."""
    pairs = problem.pairs
    mine = np.flatnonzero((pairs.pickup == stop) | (pairs.delivery == stop))
    return [int(pairs.pickup[mine[0]]), int(pairs.delivery[mine[0]])] if mine.size else [stop]
