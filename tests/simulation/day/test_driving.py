"""How vans really drive, by hand."""

import numpy as np
import pytest

from doorstep.geography import GreatCircleTimes
from doorstep.simulation.day.driving import Call, Leg, Roads, Slow, Spot, next_call

SITE, NEAR, FAR = Spot(41.0, -87.0), Spot(41.0, -87.01), Spot(41.0, -87.1)


def call(kind, delivery_id=""):
    return Call(kind=kind, delivery_id=delivery_id, spot=NEAR, not_before_at=0, service_s=60)


def test_a_van_is_where_its_share_of_the_drive_has_brought_it():
    leg = Leg(start=Spot(41.0, -87.0), end=Spot(41.2, -87.4), left_at=1_000, arrives_at=1_400)
    assert leg.at(900) == Spot(41.0, -87.0)
    assert leg.at(1_100) == pytest.approx(Spot(41.05, -87.1))
    assert leg.at(2_000) == pytest.approx(Spot(41.2, -87.4))
    assert leg.speed_mps(1_100) == leg.speed_mps(1_399) == pytest.approx(100.56, abs=0.01)
    assert leg.speed_mps(1_400) == 0.0


@pytest.mark.parametrize(("end", "course"), [((41.1, -87.0), 0), ((41.0, -86.9), 90), ((40.9, -87.0), 180)])
def test_it_heads_where_it_drives_to(end, course):
    assert Leg(start=SITE, end=Spot(*end), left_at=0, arrives_at=60).course_deg() == course


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
