"""What a pair costs that is left out, against every two places on every route."""

from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.vehicle_routing import RoutePlan, RoutingProblem
from doorstep.vehicle_routing.reasons import unserved
from doorstep.vehicle_routing.unserved import Reason
from tests.trials import trials
from tests.vehicle_routing.small_plans import kept
from tests.vehicle_routing.small_routes import Pair, Stop, Van, routing

PICKUP, DELIVERY = 3, 4


@st.composite
def pairs_left(draw: st.DrawFn) -> tuple[RoutingProblem, RoutePlan]:
    """Return a plan of up to three single stops on one van, and a pair left out."""

    def stop() -> Stop:
        opens = draw(st.integers(0, 1_500))
        return Stop(
            x=draw(st.integers(-3_000, 3_000)),
            y=draw(st.integers(-3_000, 3_000)),
            window=(opens, opens + draw(st.integers(200, 4_000))),
            load=draw(st.integers(0, 2)),
            prize=draw(st.integers(0, 2_000)),
            extra=draw(st.integers(0, 5)),
        )

    stops = [stop() for _ in range(5)]
    van = Van(
        count=draw(st.integers(1, 2)),
        capacity=draw(st.integers(3, 7)),
        reloads=draw(st.integers(0, 1)),
        range_m=draw(st.sampled_from([14_000, 1 << 40])),
    )
    ride = draw(st.sampled_from([200, 1 << 28]))
    problem = routing(stops, [van], pairs=[Pair(pickup=PICKUP, delivery=DELIVERY, load=2, ride=ride)])
    trip: list[int] = []
    for one in range(3):
        if kept(problem, 0, [[*trip, one]]):
            trip.append(one)
    route = kept(problem, 0, [trip]) if trip else None
    return problem, RoutePlan(routes=(route,) if route else ())


def by_force(problem: RoutingProblem, plan: RoutePlan) -> int | None:
    costs = []
    for route in plan.routes:
        (trip,) = route.trips
        rows = [[list(trip), [PICKUP, DELIVERY]], [[PICKUP, DELIVERY], list(trip)]]
        for i in range(len(trip) + 1):
            for j in range(i, len(trip) + 1):
                rows.append([[*trip[:i], PICKUP, *trip[i:j], DELIVERY, *trip[j:]]])
        found = [new.cost_minor(problem) for trips in rows if (new := kept(problem, 0, trips))]
        costs += [cost - route.cost_minor(problem) for cost in found]
    if len(plan.routes) < problem.vehicles.count[0] and (new := kept(problem, 0, [[PICKUP, DELIVERY]])):
        costs.append(new.cost_minor(problem))
    return min(costs, default=None)


@settings(max_examples=trials(150), deadline=None)
@given(pairs_left())
def test_a_pair_costs_what_the_best_two_places_cost(case):
    problem, plan = case
    price = by_force(problem, plan)
    prize = int(problem.stops.prize_minor[[PICKUP, DELIVERY]].sum())
    for found in unserved(problem, plan):
        if found.stop not in (PICKUP, DELIVERY):
            continue
        if found.reason in (Reason.PRIZE, Reason.OVERLOOKED):
            assert price is not None
            assert (found.price_minor, found.prize_minor) == (price, prize)
            assert (found.reason == Reason.PRIZE) == (price >= prize)
        else:
            assert price is None
            assert found.proven
