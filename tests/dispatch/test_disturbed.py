"""A small disturbed day: what it is made of, and that both policies keep all rules on it."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.dispatch.disturbed import LIVE, STATIC, play, policies
from benchmarks.dispatch.troubled import NOTICED_S, Day, troubled_day
from benchmarks.vehicle_routing.generator import HOUR
from doorstep.foundation import Iterations

COUNT = 60


@pytest.fixture(scope="module")
def day() -> Day:
    return troubled_day(COUNT, 3, Iterations(limit=40_000))


def test_a_day_has_its_shares_of_trouble(day):
    new = day.ordered_at > 0
    assert (new.sum(), (day.cancelled_at > 0).sum(), len(day.failed)) == (9, 2, 3)
    assert (day.problem.stops.start_at[new] >= day.ordered_at[new] + HOUR).all()
    assert day.dead != day.broken
    assert day.plan.served() == set(np.flatnonzero(~new).tolist())


def test_slow_traffic_is_known_from_when_it_is_noticed_until_it_is_seen_to_be_over(day):
    _, begins, ends = day.slow.start_at.tolist()
    assert len(day.traffic_known_at(begins + NOTICED_S - 1)) == 0
    assert day.traffic_known_at(begins + NOTICED_S).start_at.tolist()[1:] == [begins, begins + NOTICED_S + HOUR]
    assert len(day.traffic_known_at(ends + NOTICED_S)) == 0


@pytest.mark.parametrize("policy", [LIVE, STATIC])
def test_a_day_is_driven_to_its_end_without_a_fault(day, policy):
    (chosen,) = (one for one in policies(COUNT) if one.name == policy)
    found = play(day, replace(chosen, seconds=0.0), 1)
    assert found.faults == []
    assert COUNT - 2 <= found.served + found.unserved <= COUNT
