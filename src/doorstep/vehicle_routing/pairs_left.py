"""Why both stops of a pair are on no route, where each alone could be."""

from collections.abc import Collection, Iterator

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.vehicle_routing.cheapest import UNKNOWN
from doorstep.vehicle_routing.fixes import Change, Fix, apply_fixes
from doorstep.vehicle_routing.plan import RoutePlan
from doorstep.vehicle_routing.positions import NEW, NO_WAY, Positions, least_cost, positions_of, rooms_on, ways_over
from doorstep.vehicle_routing.problem import REQUIRED, RoutingProblem
from doorstep.vehicle_routing.room import LARGEST_S, least_amount, part_of
from doorstep.vehicle_routing.schedule import schedule_route
from doorstep.vehicle_routing.unserved import Reason, Unserved

Place = tuple[int, int, int]
"""Lower bound of cost, first and second position of a pair."""


def blocked_pairs(
    problem: RoutingProblem, plan: RoutePlan, stops: Ints, blocked: Collection[int], tries: int
) -> Iterator[Unserved]:
    """Yield why M stops of pairs are left out, each of which a vehicle could bring alone.

    Parameters
    ----------
    stops : (M,)
    blocked
        Other stops that cannot be served, with reasons of their own.
    tries
        Clocks that are asked for at most for one pair.
    """
    pairs, known = problem.pairs, dict[int, Unserved]()
    positions = positions_of(problem, plan) if stops.size else None
    for stop in stops.tolist():
        pair = int(np.flatnonzero((pairs.pickup == stop) | (pairs.delivery == stop))[0])
        ends = int(pairs.pickup[pair]), int(pairs.delivery[pair])
        partner = ends[0] + ends[1] - stop
        if partner in blocked or positions is None:
            yield Unserved(stop=stop, reason=Reason.PAIR, other=partner)
            continue
        if pair not in known:
            known[pair] = _why(problem, plan, positions, ends, tries)
        why = known[pair]
        yield Unserved(
            stop=stop,
            other=partner,
            reason=why.reason,
            fixes=tuple(fix for fix in why.fixes if fix.change != Change.WINDOW_LATER or stop == ends[1]),
            price_minor=why.price_minor,
            prize_minor=why.prize_minor,
            proven=why.proven,
        )


def _why(problem: RoutingProblem, plan: RoutePlan, positions: Positions, ends: tuple[int, int], tries: int) -> Unserved:
    """Return why a pair is left out, said of its pickup."""
    able = [kind for kind in range(len(problem.vehicles)) if _cost(problem, kind, [list(ends)]) is not None]
    if not able:
        fix = _to_go_together(problem, ends)
        too_large = fix is not None and fix.change == Change.CAPACITY
        reason = Reason.CAPACITY if too_large else Reason.PAIR
        return Unserved(stop=ends[0], reason=reason, fixes=(fix,) if fix else ())
    prizes = [int(problem.stops.prize_minor[stop]) for stop in ends]
    prize = REQUIRED if REQUIRED in prizes else sum(prizes)
    price, proven = _cheapest(problem, plan, positions, ends, tries)
    if price is None:
        fix = Fix(change=Change.VEHICLE, amount=1, vehicle=able[0])
        return Unserved(stop=ends[0], reason=Reason.NO_ROOM, fixes=(fix,), prize_minor=prize, proven=proven)
    dear = REQUIRED < prize <= price
    return Unserved(
        stop=ends[0],
        reason=Reason.PRIZE if dear else Reason.OVERLOOKED,
        fixes=(Fix(change=Change.PRIZE, amount=price - prize + 1),) if dear else (),
        price_minor=price,
        prize_minor=prize,
        proven=proven,
    )


def _to_go_together(problem: RoutingProblem, ends: tuple[int, int]) -> Fix | None:
    """Return the change that lets a vehicle bring a pair alone: what it can carry, or a later window at its end."""
    part = part_of(problem, np.array(ends))
    for kind in range(len(problem.vehicles)):
        over = -rooms_on(part, kind, (0, 1))[0].min(axis=0)
        lacking = np.flatnonzero(over > 0)
        for fix in [
            Fix(change=Change.CAPACITY, amount=int(over[k]), vehicle=kind, dimension=k) for k in lacking.tolist()
        ]:
            if _cost(apply_fixes(part, 0, [fix]), kind, [[0, 1]]) is not None:
                return fix

        def does(amount: int, kind: int = kind) -> bool:
            later = apply_fixes(part, 1, [Fix(change=Change.WINDOW_LATER, amount=amount)])
            return _cost(later, kind, [[0, 1]]) is not None

        if not lacking.size and (amount := least_amount(does, 1, LARGEST_S)) is not None:
            return Fix(change=Change.WINDOW_LATER, amount=amount)
    return None


def _cost(problem: RoutingProblem, kind: int, trips: list[list[int]]) -> int | None:
    """Return what a route with a pair on it costs; None if it keeps not all limits."""
    kinds, stops = problem.vehicles, problem.stops
    route = schedule_route(problem, kind, trips) if all(_fits(problem, kind, trip) for trip in trips) else None
    on = [stop for trip in trips for stop in trip]
    able = not (np.bitwise_or.reduce(stops.requirements[on]) & ~kinds.skills[kind])
    able = able and bool(np.isin(stops.vehicle[on], [-1, kind]).all())
    if route is None or not able or route.metres(problem) > kinds.max_distance_m[kind]:
        return None
    return route.cost_minor(problem)


def _fits(problem: RoutingProblem, kind: int, trip: list[int]) -> bool:
    return bool((rooms_on(problem, kind, trip)[0] >= 0).all())


def _cheapest(
    problem: RoutingProblem, plan: RoutePlan, positions: Positions, ends: tuple[int, int], tries: int
) -> tuple[int | None, bool]:
    """Return what a pair would cost at least on the routes of a plan, None if nowhere; and whether that is proven."""
    best: int | None = None
    asked = 0
    for bound, first, second in sorted(_places(problem, positions, ends)):
        if best is not None and bound >= best:
            break
        number, kind = int(positions.route[first]), int(positions.vehicle[first])
        trips = [list(trip) for trip in plan.routes[number].trips] if number != NEW else []
        if positions.fresh[first]:
            trips.insert(int(positions.trip[first]), list(ends))
        else:
            trip = trips[int(positions.trip[first])]
            trip.insert(int(positions.at[second]), ends[1])
            trip.insert(int(positions.at[first]), ends[0])
            if not _fits(problem, kind, trip):
                continue
        if asked == tries:
            return best, False
        asked += 1
        cost = _cost(problem, kind, trips)
        if cost is not None:
            more = cost - (plan.routes[number].cost_minor(problem) if number != NEW else 0)
            best = more if best is None else min(best, more)
    return best, True


def _places(problem: RoutingProblem, positions: Positions, ends: tuple[int, int]) -> Iterator[Place]:
    """Yield what a pair costs at least at each two places of a trip where roads lead, with the rows of both."""
    trip_of = np.stack([positions.route, positions.vehicle * (positions.route == NEW), positions.trip, positions.fresh])
    _, trips = np.unique(trip_of, axis=1, return_inverse=True)
    metres, seconds, _ = ways_over(problem, positions, np.array(ends))
    first_place, second_place = (np.array([problem.place(stop)]) for stop in ends)
    for number in range(int(trips.max(initial=-1)) + 1):
        rows = np.flatnonzero(trips.ravel() == number)
        here = positions.take(rows)
        profile = int(problem.vehicles.profile[here.vehicle[0]])
        count = rows.size
        legs = [
            problem.roads.along(profile, origin, target)
            for origin, target in (
                (here.before, np.repeat(first_place, count)),
                (first_place, second_place),
                (np.repeat(second_place, count), here.after),
            )
        ]
        both = [metres[rows, 0, None] + metres[rows, 1], seconds[rows, 0, None] + seconds[rows, 1]]
        service = int(problem.stops.service_s[list(ends)].sum())
        for k, (old, more) in enumerate(((here.old_m, 0), (here.old_s, service))):
            np.fill_diagonal(both[k], sum(leg[k] for leg in legs) - old + more)
        bound = least_cost(problem, here, both[0], both[1], np.full(count, ends[1]))
        bound = bound + problem.stops.extra_minor[ends[0]]
        bound[both[0] >= NO_WAY // 2] = UNKNOWN
        for i, j in np.argwhere(np.triu(bound < UNKNOWN)).tolist():
            yield int(bound[i, j]), int(rows[i]), int(rows[j])
