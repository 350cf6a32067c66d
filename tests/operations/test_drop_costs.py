"""What a plan's routes teach about the cost of a drop, and the table that says how right it was."""

from functools import cache

import h3
import numpy as np
import polars as pl

from doorstep.delivery_mode.fit import TEXTBOOK
from doorstep.domain import Retailer
from doorstep.foundation.arrays import Ints
from doorstep.geography import Places
from doorstep.operations import DayResult, plan_day
from doorstep.operations.corridor.learn_drops import FEWEST_STOPS, DrivenDrops, door_density, driven_drops
from doorstep.operations.corridor.own_price import drop_density, own_drop_price
from doorstep.operations.corridor.world import build_world
from doorstep.simulation.sample import find_city, sample_retailer
from tests.hand_plan import plan, road, shop


class Grid:
    """Roads of the small world: along the grid, a hundredth of a degree is 1,000 m in 100 s."""

    def between(self, origins: Places, destinations: Places) -> tuple[Ints, Ints]:
        """Return metres and seconds row by row."""
        ends = zip(origins.lat, origins.lon, destinations.lat, destinations.lon, strict=True)
        found = np.array([road(*map(float, each)) for each in ends], dtype=np.int64).reshape(-1, 2)
        return found[:, 0], found[:, 1]

    def matrix(self, places: Places) -> tuple[Ints, Ints]:
        """Return metres and seconds from every place to every other."""
        row, column = (each.reshape(-1) for each in np.indices((len(places), len(places))))
        metres, seconds = self.between(places.take(row), places.take(column))
        return metres.reshape(len(places), -1), seconds.reshape(len(places), -1)


@cache
def by_hand() -> DrivenDrops:
    made = plan()
    windows = pl.DataFrame({"delivery_id": ["D1", "D2", "D3"], "window_s": [43_200, 7_200, 43_200]})
    return driven_drops(shop(), made.routes, made.stops, windows, Grid(), door_density(build_world(shop())))


def test_drops_of_a_route_bear_its_cost_as_worked_by_hand():
    """Half a minor unit a second, a twentieth a metre, 1,000 for the day.

    D1 of stems of 300 for 1 and 2 km: 100; half a hop 50, service 90, loading 225, day 333. D2: 200, 50, 90, 225, 333.
    D3: stems 200, service 90, the wait for its parcel and the loading 1,420, day 333; the odd unit goes to the largest
    remainder.
    """
    assert by_hand().delivery_id.to_list() == ["D1", "D2", "D3"]
    assert by_hand().sample.cost_minor.tolist() == [798, 898, 2_044]
    assert by_hand().sample.cost_minor.sum() == 3_740


def test_what_was_known_of_a_drop_comes_from_door_site_and_van():
    expected = by_hand().sample.expected
    assert expected.distance_m.tolist() == [1_000, 2_000, 1_000]
    assert expected.window_s.tolist() == [43_200, 7_200, 43_200]
    assert expected.service_s.tolist() == [180, 180, 180]
    assert expected.stops_per_route.tolist() == [3.0, 3.0, 3.0]
    assert expected.fixed_minor.tolist() == [1_000, 1_000, 1_000]


def test_the_density_is_that_of_all_doors_to_be_served_on_a_day_whoever_brings_them():
    """Two days, and two doors in the cell of O1 and O7; those of O2 to O6 are in other cells, some of them near."""
    here = h3.latlng_to_cell(41.01, -87.0, 8)
    least = 2 / 2 / (19 * h3.cell_area(here, "km^2"))
    assert least * 0.99 <= by_hand().sample.expected.density_per_km2[0] <= 3 * least


def test_a_few_drops_teach_nothing():
    assert by_hand().learn() is None


@cache
def city() -> Retailer:
    return sample_retailer(find_city("Lyon, FR"), 5, 1, 600, np.random.default_rng(3))


@cache
def planned() -> DayResult:
    return plan_day(city(), iterations=100, seed=1)


def test_the_table_holds_every_own_drop_once_and_the_cost_of_all_routes():
    table, made = planned().plan.drop_costs, planned().plan
    own = made.deliveries.filter(pl.col("mode").cast(pl.String) == "own_fleet").height
    assert own >= FEWEST_STOPS
    assert table["drops"].sum() == own
    assert table["realised_minor"].sum() == made.routes["cost_minor"].sum()
    assert (table["error_minor"] == table["expected_minor"] - table["realised_minor"]).all()


def test_a_plan_says_what_its_routes_teach_and_is_sound():
    result = planned()
    assert result.drop_cost is not None
    assert result.drop_cost.drops == result.plan.drop_costs["drops"].sum()
    assert 0 < result.drop_cost.errors.mape < 0.6
    assert result.violations["doorstep"] == ()


def test_what_was_learnt_is_nearer_to_the_total_than_the_textbook():
    world = build_world(city())
    made = planned().plan
    outcome = made.order_outcomes.select(
        "order_id", (pl.col("window_end_at") - pl.col("window_start_at")).alias("window_s")
    )
    windows = made.deliveries.join(outcome, on="order_id").select("delivery_id", "window_s")
    sample = driven_drops(city(), made.routes, made.stops, windows, world.travel, door_density(world)).sample
    textbook = abs((TEXTBOOK.price(sample.expected) - sample.cost_minor).sum())
    learnt = planned().drop_cost
    assert learnt is not None
    assert abs((learnt.price(sample.expected) - sample.cost_minor).sum()) < textbook


def test_learnt_prices_prefer_a_door_among_others_to_one_as_far_away_alone():
    world = build_world(city())
    made = planned().plan
    windows = made.deliveries.select("delivery_id", pl.lit(36_000).alias("window_s"))
    learnt = driven_drops(city(), made.routes, made.stops, windows, world.travel, door_density(world)).learn()
    assert learnt is not None
    own = own_drop_price(world, drop_density(world)._replace(learnt=learnt))
    site = int(np.flatnonzero(learnt.known)[0])
    doors = np.flatnonzero(world.modes.doors.collected == 0)
    at, far = np.full(doors.size, site), np.full(doors.size, 5_000)
    price = own.of(at, far, np.zeros_like(at), doors)
    assert own.doors is not None
    around = learnt.density.at(np.zeros_like(at), own.doors.cell[doors])
    assert price[np.argmax(around)] < price[np.argmin(around)]


def test_a_day_with_hardly_an_order_has_no_fit_but_a_table():
    small = sample_retailer(find_city("Lyon, FR"), 1, 0, 20, np.random.default_rng(1))
    result = plan_day(small, iterations=5)
    assert result.drop_cost is None
    assert result.plan.drop_costs["drops"].sum() == result.plan.routes["stops"].sum()
