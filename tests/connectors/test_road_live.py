"""A road server under a platform that runs: its times, and estimates while it fails, with nobody waiting."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from doorstep.connectors.road_live import PAUSE_S, LiveServer, live_server
from doorstep.foundation import UpstreamError
from doorstep.geography import GreatCircleTimes, Places
from doorstep.geography.roads.access import StreetsOrEstimate
from tests.connectors import road_servers
from tests.connectors.road_servers import Desk, opened
from tests.connectors.test_road_servers import ISLAND, SEA, city, places, told

FAILS = (500, b"{}")


@dataclass
class Hands:
    at: float = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture(params=["osrm", "valhalla"])
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    with opened(getattr(road_servers, request.param)) as there:
        yield there


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def server(desk: Desk, clock: Hands) -> Iterator[LiveServer]:
    kind = "osrm" if desk.rule is road_servers.osrm else "valhalla"
    made = live_server(kind, desk.address, block=50, timeout_s=5.0)
    yield LiveServer(times=made.times, clock=clock)
    made.close()


@pytest.fixture
def travel(server: LiveServer) -> StreetsOrEstimate:
    return StreetsOrEstimate(streets=server, estimate=GreatCircleTimes())


def test_drives_take_what_the_server_says(travel: StreetsOrEstimate):
    some = city(6)
    metres, seconds = told(some, some)
    for mine, other in zip(travel.matrix(some), (metres, seconds), strict=True):
        assert np.array_equal(mine, other)
    assert travel.between(some.take(np.arange(3)), some.take(np.arange(3) + 3))[0].tolist() == [
        metres[k, k + 3] for k in range(3)
    ]


def test_what_lies_in_the_sea_or_has_no_way_is_estimated(travel: StreetsOrEstimate):
    for there in (SEA, ISLAND):
        ends = places((43.0, 7.0)), places(there)
        assert travel.between(*ends)[0].tolist() == travel.estimate.between(*ends)[0].tolist()


def test_while_a_server_fails_nobody_waits_for_it_and_then_it_is_asked_again(
    desk: Desk, travel: StreetsOrEstimate, clock: Hands
):
    desk.always = FAILS
    ends = city(2), city(2, seed=1)
    assert travel.between(*ends)[0].tolist() == travel.estimate.between(*ends)[0].tolist()
    asked = len(desk.asked)
    clock.at = PAUSE_S - 1
    assert travel.matrix(ends[0])[0].tolist() == travel.estimate.matrix(ends[0])[0].tolist()
    assert len(desk.asked) == asked
    desk.always, clock.at = None, PAUSE_S + 1
    assert travel.between(*ends)[0].tolist() == np.diag(told(*ends)[0]).tolist()


def test_how_far_points_lie_from_their_street_is_asked_once(desk: Desk, server: LiveServer):
    some = Places(lat=np.tile(city(3).lat, 2), lon=np.tile(city(3).lon, 2))
    first = server.snapped_m(some)
    asked = len(desk.asked)
    assert np.array_equal(server.snapped_m(some), first)
    assert len(desk.asked) == asked
    desk.always = (200, json.dumps({"code": "Ok"}).encode())
    with pytest.raises(UpstreamError):
        server.snapped_m(city(1, seed=7))


def test_what_a_server_refuses_is_estimated_and_others_are_asked_at_once(desk: Desk, travel: StreetsOrEstimate):
    ends = city(2), city(2, seed=1)
    travel.beyond(ends[0].joined(ends[1]))
    refused = {"code": "TooBig", "message": "Too many"}, {"error_code": 154, "error": "Path distance exceeds the limit"}
    desk.always = 400, json.dumps(refused[desk.rule is not road_servers.osrm]).encode()
    assert travel.between(*ends)[0].tolist() == travel.estimate.between(*ends)[0].tolist()
    desk.always = None
    assert travel.between(*ends)[0].tolist() == np.diag(told(*ends)[0]).tolist()


def test_who_asks_while_another_finds_that_the_server_answers_again_is_answered(desk: Desk, server: LiveServer):
    desk.always = FAILS
    with pytest.raises(UpstreamError):
        server.snapped_m(city(1))
    desk.always = None

    def clock() -> float:
        again._failed.clear()  # as another thread does
        return PAUSE_S - 1

    again = LiveServer(times=server.times, clock=clock)
    again._failed.update(server._failed)
    with pytest.raises(UpstreamError):
        again.snapped_m(city(1))
    assert again.snapped_m(city(1)).size == 1
