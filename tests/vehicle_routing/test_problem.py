"""What is wrong with a problem is told at once, before an engine stumbles over it."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from doorstep.foundation import InputError
from doorstep.vehicle_routing import RoutingProblem
from doorstep.vehicle_routing.problem import LAST, MOST
from tests.vehicle_routing.small_routes import Depot, Pair, Rest, Stop, Van, array, routing

Change = Callable[[RoutingProblem], RoutingProblem]


def faults(make: Callable[[], object]) -> list[str]:
    with pytest.raises(InputError) as caught:
        make()
    return str(caught.value).splitlines()


@pytest.mark.parametrize(
    ("stop", "fault"),
    [
        (Stop(x=1, window=(9, 8)), "stop 0: window ends before it starts (8)."),
        (Stop(x=1, more=((9, 8),)), "window 0: ends before it starts (8)."),
        (Stop(x=1, service=-1), "stop 0: service_s is negative (-1)."),
        (Stop(x=1, service=LAST + 1), f"stop 0: service_s is above {LAST} ({LAST + 1})."),
        (Stop(x=1, approach=-2), "stop 0: approach_s is negative (-2)."),
        (Stop(x=1, load=-3), "stop 0: load is negative (-3)."),
        (Stop(x=1, pickup=MOST + 1), f"stop 0: pickup is above {MOST} ({MOST + 1})."),
        (Stop(x=1, extra=-4), "stop 0: extra_minor is negative (-4)."),
        (Stop(x=1, due=(0, -5)), "stop 0: late_per_hour_minor is negative (-5)."),
        (Stop(x=1, prize=-2), "stop 0: prize_minor is negative (-2)."),
        (Stop(x=1, prize=1 << 62), f"stop 0: prize_minor is above {MOST} ({1 << 62})."),
        (Stop(x=1, window=(0, 1 << 62)), f"stop 0: end_at is above {MOST} ({1 << 62})."),
        (Stop(x=1, release=-(1 << 62)), f"stop 0: release_at is below {-MOST} ({-(1 << 62)})."),
    ],
)
def test_a_stop_that_cannot_be_is_refused(stop, fault):
    assert faults(lambda: routing([stop], [Van()])) == [fault]


@pytest.mark.parametrize(
    ("van", "fault"),
    [
        (Van(shift=(9, 8)), "vehicle 0: shift ends before it starts (8)."),
        (Van(shift=(0, LAST + 1)), f"vehicle 0: shift ends over {LAST} s after the first ({LAST + 1})."),
        (Van(capacity=-1), "vehicle 0: capacity is negative (-1)."),
        (Van(count=-1), "vehicle 0: count is negative (-1)."),
        (Van(per_km=1 << 50), f"vehicle 0: per_km_minor is above {MOST} ({1 << 50})."),
        (Van(start=1), "vehicle 0: start is not one of 1 depots (1)."),
        (Van(profile=1), "vehicle 0: profile has no roads (1)."),
    ],
)
def test_a_vehicle_that_cannot_be_is_refused(van, fault):
    assert fault in faults(lambda: routing([Stop(x=1)], [van]))


def test_two_shifts_that_lie_more_than_a_problem_apart_are_refused():
    late = Van(shift=(LAST, LAST + 10))
    assert faults(lambda: routing([Stop(x=1)], [Van(shift=(0, 5)), late])) == [
        f"vehicle 1: shift ends over {LAST} s after the first ({LAST + 10})."
    ]


@pytest.mark.parametrize(
    ("rest", "fault"),
    [
        (Rest(earliest=9, latest=8, length=1), "break 0: latest_at is before earliest_at (8)."),
        (Rest(earliest=8, latest=9, length=-1), "break 0: length_s is negative (-1)."),
        (Rest(vehicle=1, earliest=8, latest=9, length=1), "break 0: is of no vehicle (1)."),
    ],
)
def test_a_break_that_cannot_be_is_refused(rest, fault):
    assert faults(lambda: routing([Stop(x=1)], [Van()], rests=[rest])) == [fault]


def test_a_depot_that_closes_before_it_opens_is_refused():
    depots = [Depot(hours=(9, 8), loading=-1)]
    assert faults(lambda: routing([Stop(x=1)], [Van()], depots=depots)) == [
        "depot 0: closes before it opens (8).",
        "depot 0: loading_s is negative (-1).",
    ]


@pytest.mark.parametrize(
    ("pair", "fault"),
    [
        (Pair(pickup=0, delivery=1, load=-1), "pair 0: load is negative (-1)."),
        (Pair(pickup=0, delivery=1, ride=-1), "pair 0: max_ride_s is negative (-1)."),
        (Pair(pickup=0, delivery=0), "a stop is in two pairs, or both ends of one."),
        (Pair(pickup=0, delivery=2), "pair 0: delivery is not one of 2 stops (2)."),
    ],
)
def test_a_pair_that_cannot_be_is_refused(pair, fault):
    assert faults(lambda: routing([Stop(x=1), Stop(x=2)], [Van()], pairs=[pair])) == [fault]


def test_columns_that_are_no_whole_numbers_or_of_another_length_are_refused_together():
    good = routing([Stop(x=1)], [Van()])
    stops = replace(good.stops, service_s=np.array([np.nan]), load=array([1]), prize_minor=array([1, 2]))
    assert faults(lambda: replace(good, stops=stops)) == [
        "stops.service_s is float64, not whole numbers.",
        "stops.load is (1,), not (1, ...).",
        "stops.prize_minor is (2,), not (1, ...).",
    ]


def test_every_fault_is_told_at_once():
    assert faults(lambda: routing([Stop(x=1, window=(2, 1)), Stop(x=2, load=-1)], [Van(capacity=-1)])) == [
        "stop 0: window ends before it starts (1).",
        "stop 1: load is negative (-1).",
        "vehicle 0: capacity is negative (-1).",
    ]


def test_a_problem_without_stops_or_without_vehicles_is_one():
    assert len(routing([], [Van()]).stops) == 0
    assert len(routing([Stop(x=1)], []).vehicles) == 0
