"""What routes are like, why stops are left out, what one more would cost: the one place where a plan is judged.

Files, report and terminal of ``doorstep routes`` show what comes back.
"""

from collections.abc import Callable

import numpy as np

from doorstep.connectors.routes_folder import CostField, Measure, UnservedStop
from doorstep.connectors.routing_instance.routing_file import RoutingFile
from doorstep.console.route_words import RouteWords
from doorstep.foundation.arrays import Bools
from doorstep.vehicle_routing.measures import Density, density_of
from doorstep.vehicle_routing.one_more import NewStop, cost_of_one_more, grid_over
from doorstep.vehicle_routing.plan import EMPTY, RoutePlan
from doorstep.vehicle_routing.problem import RoutingProblem
from doorstep.vehicle_routing.reasons import reasons_for, unserved
from doorstep.vehicle_routing.roads import PickedRoads, TableRoads
from doorstep.vehicle_routing.unserved import Reason, Unserved

COLUMNS, ROWS = 24, 16
"""Cells of the map of what one more stop would cost."""
NOT_ALONE = (Reason.NO_ROAD, Reason.NO_VEHICLE, Reason.SKILL, Reason.CAPACITY, Reason.RANGE, Reason.DURATION,
             Reason.RELEASE, Reason.WINDOW, Reason.SHIFT)  # fmt: skip
"""Why no vehicle can serve a stop, not even on a route of its own."""


def measures_of(file: RoutingFile, plan: RoutePlan) -> tuple[Measure, ...]:
    """Return the measures of density of a plan; none of a plan without routes."""
    if not plan.routes:
        return ()
    words, density = RouteWords.of(file), density_of(file.problem, plan)
    stops, routes = int(density.stops.sum()), len(plan.routes)
    driven = float(density.metres.sum()) / max(1, stops)
    found = [
        _measure("stops_per_route", "Stops per route", stops / routes, words.number, "Stops served, by routes."),
        _measure("distance_per_stop", "Distance per stop", driven, words.distance, "All driven, by stops served."),
        _measure("stem_share", "Stem", density.stem_share, words.share,
                 "Share driven between a depot and the first or last stop of a trip."),
    ]  # fmt: skip
    if words.timed:
        rate = density.stops_per_hour
        found.append(_measure("stops_per_route_hour", "Stops per route-hour", rate, words.number,
                              "Stops served, by the hours from loading to return."))  # fmt: skip
    found += _shape(words, density)
    margins = density.marginal_minor[density.marginal_minor >= 0]
    if margins.size:
        found.append(_measure("marginal_cost_per_stop", "Marginal cost per stop", float(margins.mean()), words.money,
                              "What the plan would cost less without a stop, on average."))  # fmt: skip
    return tuple(found)


def unserved_of(file: RoutingFile, plan: RoutePlan) -> tuple[UnservedStop, ...]:
    """Return every stop that is in no route, with the nearest reason and what would help."""
    words = RouteWords.of(file)
    return tuple(
        UnservedStop(stop=left.stop, reason=str(left.reason), text=_told(file, words, left))
        for left in unserved(file.problem, plan)
    )


def one_more_of(file: RoutingFile, plan: RoutePlan) -> CostField | None:
    """Return what a usual stop more would cost here and there, at any time of the shift.

    None where the roads lead nowhere but to the stops that there are, or there is no route.
    """
    problem = file.problem
    if not plan.routes or isinstance(problem.roads, TableRoads | PickedRoads) or not len(problem.roads.points()):
        return None
    stops, kinds = problem.stops, problem.vehicles
    usual = NewStop(
        load=tuple(int(load) for load in np.median(stops.load, axis=0)),
        windows=((int(kinds.shift_start_at.min()), int(kinds.shift_end_at.max())),),
        service_s=int(np.median(stops.service_s)),
    )
    found = cost_of_one_more(problem, plan, grid_over(problem, columns=COLUMNS, rows=ROWS), usual)
    return CostField(columns=COLUMNS, rows=ROWS, cost=found.cost_minor, possible=found.possible)


def impossible_stops(problem: RoutingProblem) -> Bools:
    """Return which stops (N,) no vehicle can serve, not even on a route of their own."""
    found = np.zeros(len(problem.stops), dtype=np.bool_)
    for left in reasons_for(problem, EMPTY, np.arange(len(problem.stops)), detailed=0):
        found[left.stop] = left.reason in NOT_ALONE
    return found


def _shape(words: RouteWords, density: Density) -> list[Measure]:
    overlap, strays = density.overlap, density.stray_share
    if overlap is None or strays is None:
        return []
    return [
        _measure("overlap", "Overlap", overlap, words.share, "Share of stops within the hull of another route."),
        _measure(
            "stray_share", "Strays", strays, words.share, "Share of stops with the nearest other on another route."
        ),
    ]


def _measure(name: str, label: str, value: float, say: Callable[[float], str], definition: str) -> Measure:
    return Measure(name=name, label=label, value=round(value, 6), text=say(value), definition=definition)


def _told(file: RoutingFile, words: RouteWords, left: Unserved) -> str:
    """Return the sentence with the file's names and money, and the hint."""
    other = file.stop_ids[left.other] if left.other >= 0 else ""
    prices = {"price": words.money(left.price_minor), "prize": words.money(left.prize_minor)}
    return f"{left.told(file.stop_ids[left.stop], other, **prices)} {left.hint}".strip()
