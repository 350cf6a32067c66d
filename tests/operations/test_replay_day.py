"""A small retailer's orders replayed by every policy."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from doorstep.foundation import InputError, Interrupt
from doorstep.operations.corridor.own_price import drop_density, own_drop_price
from doorstep.operations.corridor.replay import replay_day
from doorstep.operations.corridor.site_problem import site_problem
from doorstep.operations.corridor.strategy import DOORSTEP
from doorstep.operations.corridor.waits import waits_of
from doorstep.operations.corridor.world import build_world
from doorstep.order_routing.replay import POLICIES, Policy
from tests.operations.test_plan_day import sample

FEW = [POLICIES[name] for name in ("nearest", "fewest_splits", "myopic")]
WAITING = Policy(name="waiting", samples=2, hold_pct=50)


def test_every_policy_is_told_with_its_cost_by_component_and_its_distance_to_the_bound():
    shop = sample(4, 1, 30, 4)
    found = replay_day(shop, [*FEW, WAITING])
    assert [outcome.policy for outcome in found.outcomes] == ["nearest", "fewest_splits", "myopic", "waiting"]
    for outcome in found.outcomes:
        assert outcome.orders == shop.orders.height
        assert outcome.cost_minor == sum(outcome.parts_minor.values())
        assert outcome.above_bound_share >= 0
        assert outcome.packages >= outcome.orders - outcome.unserved
    assert not found.interrupted


def test_what_waits_is_ready_in_time_at_no_higher_price_and_an_hour_later_it_may_not_be():
    world = build_world(sample(4, 1, 30, 4))
    own, rows = own_drop_price(world, drop_density(world)), np.arange(world.orders)

    def price(asked_at):
        then = replace(world, asked_at=asked_at)
        return site_problem(then, DOORSTEP, own, rows, world.candidates, world.stock, world.capacity)[0].price

    at_once = price(world.placed_at)
    latest = waits_of(world, own, rows, world.candidates, at_once).latest_at
    waited = latest - world.placed_at[:, None]
    assert waited.min() >= 0
    assert np.unique(waited).size > 2  # some must be asked at once, some can wait for hours
    for column in range(latest.shape[1]):
        assert (price(latest[:, column])[:, column] <= at_once[:, column]).all()
        dearer = (price(latest[:, column] + 24 * 3_600)[:, column] > at_once[:, column]).any(axis=1)
        assert dearer[waited[:, column] < 12 * 3_600].all()


def test_a_replay_can_take_its_foresight_from_another_folder():
    shop, before = sample(4, 1, 30, 4), sample(4, 2, 30, 6)
    known = before.order_lines.join(shop.products, on="product_id", how="semi")
    orders = before.orders.join(known, on="order_id", how="semi")
    history = replace(before, orders=orders, order_lines=known)
    found = replay_day(shop, [WAITING], history=history)
    assert found.outcomes[0].above_bound_share >= 0


def test_a_history_of_products_that_are_not_sold_is_refused():
    shop = sample(4, 1, 30, 4)
    other = replace(shop, order_lines=shop.order_lines.with_columns(product_id=pl.lit("gone")))
    with pytest.raises(InputError, match="lacks, as gone"):
        replay_day(shop, [WAITING], history=other)


def test_a_replay_of_nothing_is_refused():
    with pytest.raises(InputError, match="at least one order and one policy"):
        replay_day(sample(4, 1, 30, 4), [])


def test_a_replay_that_is_interrupted_tells_what_it_has():
    stop = Interrupt()
    stop.ask()
    found = replay_day(sample(4, 1, 30, 4), FEW, interrupt=stop)
    assert found.interrupted
    assert found.outcomes == ()
