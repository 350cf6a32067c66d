"""How vans really drive, by hand."""

import numpy as np
import pytest

from doorstep.geography import GreatCircleTimes
from doorstep.geography.roads import PROFILES, RoadTimes, build_graph
from doorstep.geography.roads.access import StreetsOrEstimate
from doorstep.simulation.day.course import Course, Spot
from doorstep.simulation.day.driving import Call, Leg, Roads, Slow, next_call
from tests.geography.roads.towns import degrees, town

SITE, NEAR, FAR = Spot(41.0, -87.0), Spot(41.0, -87.01), Spot(41.0, -87.1)


def call(kind, delivery_id=""):
    return Call(kind=kind, delivery_id=delivery_id, spot=NEAR, not_before_at=0, service_s=60)


def test_a_van_is_where_its_share_of_the_drive_has_brought_it():
    leg = Leg(course=Course.straight(Spot(41.0, -87.0), Spot(41.2, -87.4)), left_at=1_000, arrives_at=1_400)
    assert leg.at(900) == Spot(41.0, -87.0)
    assert leg.at(1_100) == pytest.approx(Spot(41.05, -87.1))
    assert leg.at(2_000) == pytest.approx(Spot(41.2, -87.4))
    assert leg.speed_mps(1_100) == leg.speed_mps(1_399) == pytest.approx(100.56, abs=0.01)
    assert leg.speed_mps(1_400) == 0.0


@pytest.mark.parametrize(("end", "course"), [((41.1, -87.0), 0), ((41.0, -86.9), 90), ((40.9, -87.0), 180)])
def test_it_heads_where_it_drives_to(end, course):
    assert Leg(course=Course.straight(SITE, Spot(*end)), left_at=0, arrives_at=60).course_deg(0) == course


def test_a_driver_goes_on_with_the_first_door_where_they_have_not_been_and_loads_before_the_next_trip():
    calls = [call("start"), call("delivery", "a"), call("delivery", "b"), call("reload"), call("delivery", "c"),
             call("end")]  # fmt: skip
    assert next_call(calls, {"a"}, 0) is calls[2]
    assert next_call(calls, {"a", "b"}, 0) is calls[3]
    assert next_call(calls, {"a", "b"}, 1) is calls[4]
    assert next_call(calls, {"a", "b", "c"}, 1) is None


def test_nobody_loads_for_a_trip_that_is_gone():
    calls = [call("start"), call("delivery", "a"), call("reload"), call("delivery", "b"), call("end")]
    assert next_call(calls, {"a", "b"}, 0) is None


def test_drives_that_begin_where_and_when_traffic_is_slow_take_longer_by_its_percent():
    roads = Roads(travel=GreatCircleTimes())
    usual_s = roads.drive_s(SITE, FAR, 500, np.random.default_rng(1))
    roads.slow.append(Slow(centre=SITE, radius_m=2_000, percent=180, from_at=100, until_at=900))
    assert roads.drive_s(SITE, FAR, 500, np.random.default_rng(1)) == pytest.approx(1.8 * usual_s, abs=1)
    assert roads.drive_s(SITE, FAR, 900, np.random.default_rng(1)) == usual_s
    assert roads.drive_s(FAR, SITE, 500, np.random.default_rng(1)) == usual_s


def test_on_streets_a_van_is_on_the_street_that_it_drives_and_as_fast_as_one_is_there():
    tags = [{"highway": kind, "maxspeed": str(kmh)} for kind, kmh in (("residential", 20), ("primary", 100))]
    corners = [(0, 0), (1_000, 0), (1_000, 3_000)]
    street = RoadTimes(build_graph(town(corners, [([0, 1], tags[0], "Slow"), ([1, 2], tags[1], "Fast")]),
                                   PROFILES["car"]))  # fmt: skip
    travel = StreetsOrEstimate(streets=street, estimate=GreatCircleTimes())
    start, corner, end = (Spot(*degrees(*corner)) for corner in corners)
    leg = Roads(travel=travel).leg(start, end, 0, np.random.default_rng(1))
    on_slow, on_fast = ([leg.at(at) for at in range(first, last)] for first, last in (
        (0, leg.arrives_at // 3), (leg.arrives_at * 3 // 4, leg.arrives_at)))  # fmt: skip
    assert [spot.lat for spot in on_slow] == pytest.approx([start.lat] * len(on_slow), abs=1e-6)
    assert [spot.lon for spot in on_fast] == pytest.approx([corner.lon] * len(on_fast), abs=1e-6)
    assert leg.at(leg.arrives_at) == pytest.approx(end)
    assert leg.speed_mps(leg.arrives_at - 5) > 3 * leg.speed_mps(5)
    assert (leg.course_deg(5), leg.course_deg(leg.arrives_at - 5)) == (90, 0)


def test_beyond_the_streets_a_van_drives_straight_on():
    street = RoadTimes(build_graph(town([(0, 0), (500, 0)], [([0, 1], {"highway": "primary"}, "A")]), PROFILES["car"]))
    travel = StreetsOrEstimate(streets=street, estimate=GreatCircleTimes())
    here, far = Spot(*degrees(0, 0)), Spot(*degrees(0, 9_000))
    assert Roads(travel=travel).leg(here, far, 0, np.random.default_rng(1)).course == Course.straight(here, far)
    still = Roads(travel=travel).leg(here, here, 7, np.random.default_rng(1))
    assert still.at(7) == pytest.approx(here)
    assert still.speed_mps(7) == 0.0
