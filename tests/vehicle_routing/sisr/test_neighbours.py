"""Near stops: by distance, and by the time that is lost between them and a stop."""

import numpy as np

from doorstep.vehicle_routing.sisr.neighbours import nearest_by_table, soonest_first
from tests.vehicle_routing.small_routes import Stop, Van, routing


def test_who_comes_from_a_near_stop_too_late_or_too_early_comes_after_who_loses_less():
    problem = routing(
        [
            Stop(x=0, window=(3_000, 4_000)),
            Stop(x=1_000),
            Stop(x=500, window=(0, 100)),
            Stop(x=100, window=(5_000, 6_000)),
        ],
        [Van()],
    )
    rows = np.arange(4)
    metres = np.abs(np.array([0, 1_000, 500, 100])[:, None] - np.array([0, 1_000, 500, 100]))
    near = nearest_by_table(metres, 3)
    assert near[0].tolist() == [3, 2, 1]
    assert soonest_first(problem, rows, near)[0].tolist() == [1, 2, 3]
    assert sorted(soonest_first(problem, rows, near)[2].tolist()) == [0, 1, 3]
