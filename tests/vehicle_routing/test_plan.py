"""What a route costs by part."""

from doorstep.vehicle_routing import schedule_route
from doorstep.vehicle_routing.plan import CostParts
from tests.vehicle_routing.small_routes import Stop, Van, routing


def test_a_route_costs_the_sum_of_its_parts():
    stops = [Stop(x=1_000, due=(150, 3_600), extra=7)]
    problem = routing(stops, [Van(per_hour=7_200, overtime=(300, 3_600))])
    route = schedule_route(problem, 0, [[0]])
    assert route is not None
    # 60 s of loading, 100 s there, 100 s of service, 100 s back; service is due 10 s before it can begin
    assert route.cost_parts(problem) == CostParts(
        fixed_minor=500, distance_minor=200, time_minor=720, overtime_minor=60, lateness_minor=10, extra_minor=7
    )
    assert route.cost_minor(problem) == 500 + 200 + 720 + 60 + 10 + 7
