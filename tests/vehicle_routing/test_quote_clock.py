"""The compiled clock of a route with one more stop beside the clock that knows everything."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.vehicle_routing import schedule_route
from doorstep.vehicle_routing._clock import arrival, clock, walk
from doorstep.vehicle_routing.quote_clock import route_clock
from tests.trials import trials
from tests.vehicle_routing.random_days import random_day, random_plan
from tests.vehicle_routing.small_routes import Stop, Van, routing


@settings(max_examples=trials(60), deadline=None)
@given(st.integers(0, 100_000))
def test_without_rests_and_rides_it_is_the_clock_of_the_route(seed):
    problem = random_day(seed)
    for route in random_plan(problem, seed).routes:
        known = route_clock(problem, route)
        if known is None or route.end_at - route.start_at == problem.vehicles.max_duration_s[route.vehicle]:
            continue
        start, end, _ = clock(known.visits, known.windows, known.hours)
        assert (start, end) == (route.start_at, route.end_at)


def test_kernels_are_the_same_compiled_and_as_plain_python():
    """Loading for 60 s from 0 s on, 100 s of driving, service from 300 s on for 100 s, 200 s home at half speed."""
    problem = routing([Stop(x=1_000, window=(300, 900), due=(250, 3_600))], [Van()], traffic=[(0, 100), (350, 200)])
    route = schedule_route(problem, 0, [[0]])
    assert route is not None
    known = route_clock(problem, route)
    assert known is not None
    both = [run(known.visits, known.windows, known.hours) for run in (clock, clock.py_func)]
    assert both == [(140, 600, 50 * 3_600)] * 2
    assert [run(known.hours, 300, 100) for run in (arrival, arrival.py_func)] == [450, 450]
    caps, begins = np.full(3, 299), np.zeros(3, dtype=np.int64)
    assert [run(known.visits, known.windows, known.hours, 0, caps, begins) for run in (walk, walk.py_func)] == [0, 0]
