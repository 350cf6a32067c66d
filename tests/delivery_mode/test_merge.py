"""Packages of one order that meet on their way are one drop where that costs less, and only while the promise holds.

The centres F1 and F2 have no van. Their lanes leave at 12:00 and 14:00 for the station S1, take an hour, and sorting
half an hour; a parcel costs 60 on them and 25 to sort. An own drop from S1 is taken to cost 300, and 21 of risk.
"""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.delivery_mode import Packages, choose_ways
from doorstep.delivery_mode.estimate import OwnDropPrice
from doorstep.delivery_mode.merge import Contents, share_out
from doorstep.delivery_mode.tariff import IMPOSSIBLE
from doorstep.operations.corridor.world import build_world
from tests.small import CHICAGO, at, retailer, table

NO = int(IMPOSSIBLE)
NINE = at("09:00")
F1, F2, S1 = 0, 1, 2
SITES = table(
    "site_id kind lat lon time_zone",
    ("F1", "fc", 41.0, -87.2, CHICAGO),
    ("F2", "fc", 41.0, -87.3, CHICAGO),
    ("S1", "store", 41.0, -87.0, CHICAGO),
)
STOCK = table("site_id product_id on_hand", ("F1", "A", 9), ("F2", "A", 9), ("S1", "A", 9))
VAN = table("vehicle_id site_id max_weight_g max_volume_ml", ("V1", "S1", 100_000, 1_000_000))
LANE = "from_site_id to_site_id departs duration_s parcel_cost_minor capacity_parcels"


def shop(*, level="next_day", orders=1, late="14:00", room=None, **tables):
    rows = [(f"O{n}", at("08:00"), 41.0, -87.0, level) for n in range(orders)]
    lanes = (("F1", "S1", "12:00", 3_600, 60, None), ("F2", "S1", late, 3_600, 60, room))
    return retailer(
        **{
            "sites": SITES,
            "stock": STOCK,
            "vehicles": VAN,
            "lanes": table(LANE, *lanes),
            "orders": table("order_id placed_at lat lon service_level_id", *rows),
            "order_lines": table("order_id line_no product_id quantity", *((row[0], 1, "A", 2) for row in rows)),
        }
        | tables
    )  # fmt: skip


def ways(found, direct, sites=(F1, F2), *, contents=None, lanes=1):
    """The ways of every order's packages, one of each site; ``direct`` is what carriers ask for them from there."""
    world, orders = build_world(found), found.orders.height
    count = orders * len(sites)
    far = np.full(count, 2_000)
    packages = Packages(
        order=np.repeat(np.arange(orders), len(sites)), site=np.tile(sites, orders), ready_at=np.full(count, NINE),
        parcels=np.ones(count, np.int64), weight_g=np.zeros(count, np.int64), direct_minor=np.array(direct),
        metres=10 * far, out_s=far, home_s=far,
    )  # fmt: skip
    prices = np.full((len(world.sites), world.calendar.days), 300)
    own = OwnDropPrice(prices, np.zeros(len(world.sites), np.int64))
    return choose_ways(world.modes, packages, world.stations, own, contents, use_lanes_to_door=lanes)


@pytest.mark.parametrize(("direct", "site", "saved"), [(246, S1, 1), (245, F1, 0)])
def test_two_packages_meet_at_the_station_when_one_visit_there_costs_less_than_two_carriers(direct, site, saved):
    found = ways(shop(), [direct, 246])  # 2 x 85 + 321 = 491
    assert found.dispatch.tolist() == ([S1, S1] if site == S1 else [F1, F2])
    assert found.saved_minor.tolist() == [saved, saved]


def test_the_first_package_waits_for_the_last():
    found = ways(shop(), [NO, NO])
    assert found.departs_at.tolist() == [at("12:00"), at("14:00")]
    assert found.ready_at.tolist() == [at("13:30"), at("15:30")]
    assert found.saved_minor.tolist() == [321, 321]  # alone each would have a visit of its own


@pytest.mark.parametrize(("late", "together"), [("16:00", True), ("18:30", False)])
def test_packages_do_not_meet_where_the_last_would_come_too_late_for_the_window(late, together):
    found = ways(shop(level="same_day", late=late), [390, 390])  # promised until 20:00
    assert found.dispatch.tolist() == ([S1, S1] if together else [F1, F2])
    assert found.saved_minor.tolist() == ([2 * 390 - 491] * 2 if together else [0, 0])


def test_a_package_may_come_to_where_another_was_picked():
    found = ways(shop(), [400, 330], sites=(F1, S1))
    assert found.dispatch.tolist() == [S1, S1]  # 85 + 321 = 406; alone 400 and 321
    assert found.saved_minor.tolist() == [400 + 321 - 406] * 2


def test_one_of_three_may_stay_apart():
    found = ways(shop(), [390, 30, 390], sites=(F1, F2, S1))
    assert found.dispatch.tolist() == [S1, F2, S1]
    assert found.saved_minor.tolist() == [390 + 321 - 406, 0, 390 + 321 - 406]


def test_those_who_save_most_meet_where_a_departure_has_no_room_for_all():
    found = ways(shop(orders=2, room=1), [300, 300, 400, 400])
    assert found.dispatch.tolist() == [F1, F2, S1, S1]
    assert not found.left_behind.any()


def test_an_order_of_which_a_part_finds_no_room_is_left_behind_whole():
    found = ways(shop(orders=2, room=1), [300, NO, 400, NO])
    assert found.left_behind.tolist() == [True, True, False, False]


def test_simple_rules_merge_nothing():
    assert ways(shop(), [390, 390], lanes=0).dispatch.tolist() == [F1, F2]


def test_a_courier_comes_once_to_the_station_for_both():
    cards = {
        "vehicles": VAN.clear(),
        "lanes": table(LANE, ("F1", "F2", "12:00", 3_600, 60, None)),
        "carriers": table("carrier_id kind", ("CO", "on_demand")),
        "carrier_rates": table("carrier_id price_minor", ("CO", 900)),
    }
    ones = np.ones(2, np.int64)
    contents = Contents(np.array([0, 1]), 1_000 * ones, 1_000 * ones, 100 * ones)
    found = ways(shop(**cards), [917, 917], contents=contents)
    assert found.dispatch.tolist() == [F2, F2]
    assert found.ready_at.tolist() == [at("13:30"), NINE]
    assert ways(shop(**cards), [917, 917]).dispatch.tolist() == [F1, F2]  # nobody was asked


@st.composite
def costs(draw):
    packages, sites = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    size = sites * (1 << packages)
    cells = draw(st.lists(st.one_of(st.integers(0, 50), st.just(NO)), min_size=size, max_size=size))
    return np.array(cells, dtype=np.int64).reshape(sites, 1 << packages)


@given(costs())
def test_no_way_to_share_packages_out_costs_less(cost):
    sites, packages = cost.shape[0], cost.shape[1].bit_length() - 1

    def total(chosen):
        subsets = [sum(1 << i for i in range(packages) if chosen[i] == k) for k in range(sites)]
        return min(NO, sum(int(cost[k, subset]) for k, subset in enumerate(subsets) if subset))

    least = min(total(chosen) for chosen in product(range(sites), repeat=packages))
    found, site = share_out(cost[None])
    assert found.tolist() == [least]
    assert least == NO or total(site[0].tolist()) == least
