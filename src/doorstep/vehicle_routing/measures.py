"""How dense a plan is: stops an hour, kilometres a stop, stems, overlap of routes, and what each stop costs more.

Overlap is measured in two ways, because neither tells all (Rossit et al. 2019 compare many): the share of a route's
stops that lie inside the hull of another route's stops says whether areas lie over one another, but soon says "all"
where routes are long; the share of stops whose nearest other stop is on another route says whether two vans come to the
same street, and grows evenly.

References
----------
Rossit, Vigo, Tohme, Frutos (2019), Visual attractiveness in routing problems: a review, Computers and OR 103.
Tang, Miller-Hooks (2006), Interactive heuristics for practical vehicle routing problem with solution shape constraints,
Transportation Research Record 1964: stops in the hulls of other routes.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.spatial import ConvexHull, QhullError, cKDTree

from doorstep.foundation.arrays import Bools, Floats, Ints
from doorstep.foundation.units import METRES_PER_KM, SECONDS_PER_HOUR
from doorstep.vehicle_routing.density import marginal_costs
from doorstep.vehicle_routing.plan import RoutePlan, VehicleRoute
from doorstep.vehicle_routing.problem import RoutingProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class Density:
    """What R routes do, all arrays (R,); the properties are of the whole plan.

    ``lasts_s`` is from the first loading to the return. ``stem_m``, ``stem_s`` are the roads from the depot to the
    first stop and from the last stop home, trip by trip, of ``metres`` and ``road_s`` in all. ``inside`` are stops
    within the hull of another route, ``strays`` stops whose nearest other stop is on another route: empty (0,) where
    the roads know no coordinates. ``marginal_minor`` (N,) is what the plan would cost less without a stop, -1 for stops
    that it leaves out.
    """

    stops: Ints
    lasts_s: Ints
    metres: Ints
    road_s: Ints
    stem_m: Ints
    stem_s: Ints
    cost_minor: Ints
    inside: Ints
    strays: Ints
    marginal_minor: Ints

    @property
    def stops_per_hour(self) -> float:
        """Stops per hour on a route, loading included; 0 without routes."""
        return _share(self.stops.sum() * SECONDS_PER_HOUR, self.lasts_s.sum())

    @property
    def km_per_stop(self) -> float:
        """Kilometres per stop; 0 without stops."""
        return _share(self.metres.sum(), self.stops.sum() * METRES_PER_KM)

    @property
    def stem_share(self) -> float:
        """Share of all metres that are stems."""
        return _share(self.stem_m.sum(), self.metres.sum())

    @property
    def stem_share_of_time(self) -> float:
        """Share of all seconds on the road that are stems."""
        return _share(self.stem_s.sum(), self.road_s.sum())

    @property
    def overlap(self) -> float | None:
        """Share of stops that lie within the hull of another route; None if it is not known where they are."""
        return _share(self.inside.sum(), self.stops.sum()) if self.inside.size == self.stops.size else None

    @property
    def stray_share(self) -> float | None:
        """Share of stops whose nearest other stop is on another route; None if it is not known where they are."""
        return _share(self.strays.sum(), self.stops.sum()) if self.strays.size == self.stops.size else None

    @property
    def cost_per_stop_minor(self) -> float:
        """Cost per stop: what a stop bears on average, beside the marginal cost of each."""
        return _share(self.cost_minor.sum(), self.stops.sum())

    @property
    def hours_spread_s(self) -> float:
        """Standard deviation of what routes last [s]; 0 without routes."""
        return float(self.lasts_s.std()) if self.lasts_s.size else 0.0


def density_of(problem: RoutingProblem, plan: RoutePlan) -> Density:
    """Return how dense a plan is, route by route; marginal costs are exact."""
    rows = np.array([_row(problem, route) for route in plan.routes], dtype=np.int64).reshape(-1, 7)
    inside, strays = overlaps(problem, plan)
    return Density(
        stops=rows[:, 0],
        lasts_s=rows[:, 1],
        metres=rows[:, 2],
        road_s=rows[:, 3],
        stem_m=rows[:, 4],
        stem_s=rows[:, 5],
        cost_minor=rows[:, 6],
        inside=inside,
        strays=strays,
        marginal_minor=marginal_costs(problem, plan),
    )


def overlaps(problem: RoutingProblem, plan: RoutePlan) -> tuple[Ints, Ints]:
    """Return for each route the stops in the hull of another, and those nearest to a stop of another (R,), (R,).

    Both are empty (0,) where the roads know no coordinates. Hulls are of stops alone: stems always overlap near the
    depot. The edge of a hull belongs to it; a route on one line or of one place has no inside.
    """
    places = problem.roads.points()[len(problem.depots) :]
    none = np.zeros(0, dtype=np.int64)
    if not len(places) or not plan.routes:
        return none, none
    rows = [np.array(route.stops, dtype=np.int64) for route in plan.routes]
    route_of = np.repeat(np.arange(len(rows)), [row.size for row in rows])
    points = places[np.concatenate(rows)]
    covered = np.zeros(route_of.size, dtype=np.bool_)
    for number in range(len(rows)):
        covered |= _within_hull(points[route_of == number], points) & (route_of != number)
    strays = ~_beside_own(points, route_of) if route_of.size > 1 else covered
    inside, stray = (np.bincount(route_of[found], minlength=len(rows)).astype(np.int64) for found in (covered, strays))
    return inside, stray


def _row(problem: RoutingProblem, route: VehicleRoute) -> tuple[int, ...]:
    """Return stops, seconds, metres, seconds on roads, metres and seconds of stems, and cost of a route."""
    before, after = route.arcs(problem)
    metres, seconds = problem.roads.along(int(problem.vehicles.profile[route.vehicle]), before, after)
    ends = np.cumsum([0, *(len(trip) + 1 for trip in route.trips)])
    stems = sorted({arc for first, end in pairwise(ends.tolist()) for arc in (first, end - 1)})
    whole = (len(route.stops), route.end_at - route.start_at, int(metres.sum()), int(seconds.sum()))
    return *whole, int(metres[stems].sum()), int(seconds[stems].sum()), route.cost_minor(problem)


def _within_hull(own: Floats, points: Floats) -> Bools:
    """Return which of P points lie within the hull of a route's own."""
    found = np.zeros(len(points), dtype=np.bool_)
    low, high = own.min(axis=0), own.max(axis=0)
    near = np.flatnonzero(((points >= low) & (points <= high)).all(axis=1))
    if len(own) < 3 or not near.size:
        return found
    try:
        sides = ConvexHull(own).equations
    except QhullError:  # all on one line
        return found
    scale = 1e-9 * float((high - low).max())
    found[near] = (points[near] @ sides[:, :2].T + sides[:, 2] <= scale).all(axis=1)
    return found


def _beside_own(points: Floats, route_of: Ints) -> Bools:
    """Return which of P >= 2 points have a point of their own route among the nearest others, several at a tie."""
    count = min(9, len(points))  # a house with more than eight stops of other routes is another matter
    far, who = cKDTree(points).query(points, k=count)
    others = who != np.arange(len(points))[:, None]
    nearest = np.where(others, far, np.inf).min(axis=1)
    own: Bools = (others & (route_of[who] == route_of[:, None]) & (far <= nearest[:, None])).any(axis=1)
    return own


def _share(part: float, whole: float) -> float:
    return float(part) / float(whole) if whole else 0.0
