"""Ways between sites and doors: asked of streets once, whatever is decided how often."""

from dataclasses import dataclass, field, replace

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.geography import Places, TravelTimes
from doorstep.geography.roads.access import StreetsOrEstimate
from doorstep.operations.corridor.known_roads import KnownRoads
from doorstep.operations.corridor.live import decide_sites
from doorstep.operations.corridor.replay import replay_day
from doorstep.operations.corridor.world import build_world, great_circle_times
from doorstep.order_routing.replay import POLICIES
from tests.operations.planning.test_network_streets import TOWN, shop


@dataclass
class Counted:
    """Streets that keep what they were asked for."""

    under: TravelTimes
    asked: list[tuple[float, float, float, float]] = field(default_factory=list)

    def between(self, origins: Places, destinations: Places) -> tuple[Ints, Ints]:
        self.asked += zip(origins.lat, origins.lon, destinations.lat, destinations.lon, strict=True)
        return self.under.between(origins, destinations)

    def matrix(self, places: Places) -> tuple[Ints, Ints]:
        return self.under.matrix(places)


def streets() -> Counted:
    return Counted(StreetsOrEstimate(streets=TOWN, estimate=great_circle_times(shop())))


def test_what_is_remembered_is_what_streets_say_and_is_asked_once():
    sites, doors = Places.from_table(shop().sites), Places.from_table(shop().orders)
    travel, rng = streets(), np.random.default_rng(3)
    known = KnownRoads(sites=sites, doors=doors, travel=travel)
    for count in (1, 50, 200):
        door, site = rng.integers(0, len(doors), count), rng.integers(0, len(sites), count)
        metres, out_s, home_s = known.between(door, site)
        there = TOWN.between(sites.take(site), doors.take(door))
        assert np.array_equal(metres, there[0])
        assert np.array_equal(out_s, there[1])
        assert np.array_equal(home_s, TOWN.between(doors.take(door), sites.take(site))[1])
    assert len(travel.asked) == 2 * known.key.size
    assert (np.diff(known.key) > 0).all()


def test_a_decision_asks_for_each_way_once_however_often_prices_are_weighed():
    vans = shop().vehicles.with_columns(count=1)
    travel = streets()
    decide_sites(replace(shop(), vehicles=vans), travel=travel)
    orders, sites = shop().orders.height, shop().sites.height
    assert orders * sites <= len(travel.asked) <= 2 * orders * sites


def test_a_replay_on_streets_brings_orders_on_them():
    policies = [POLICIES["nearest"], POLICIES["myopic"]]
    by_street = replay_day(shop(), policies, travel=streets())
    estimated = replay_day(shop(), policies)
    world = build_world(shop(), streets())
    assert world.stations.metres.sum() != build_world(shop()).stations.metres.sum()
    assert all(outcome.above_bound_share >= 0 for outcome in by_street.outcomes)
    cost = [[outcome.cost_minor for outcome in found.outcomes] for found in (by_street, estimated)]
    assert cost[0] != cost[1]
