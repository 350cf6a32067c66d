"""What people of the day decide, without a platform: chance by names, wishes, options, proposals, clock and agenda."""

from dataclasses import replace
from typing import Any

import pytest

from doorstep.domain.new_order import NewLine, NewOrder
from doorstep.foundation import InputError
from doorstep.simulation.day.agenda import Agenda
from doorstep.simulation.day.api import Json
from doorstep.simulation.day.clock import ScaledClock
from doorstep.simulation.day.dice import Dice
from doorstep.simulation.day.hours import Hours
from doorstep.simulation.day.shop import DAY, draw_wishes
from doorstep.simulation.day.shoppers import chosen

HOURS = Hours.of(DAY, "America/Chicago")
ORDER = NewOrder(service_level_id="same_day", lat=41.0, lon=-87.0, lines=(NewLine(product_id="A", quantity=1),))


def option(level: str, **changes: Any) -> Json:
    window = {"start": "2026-03-03T16:00:00Z", "end": "2026-03-03T18:00:00Z"}
    return {"service_level_id": level, "method": level, "feasible": True, "window": window, "sites": []} | changes


def test_the_clock_stands_until_it_is_started_and_then_runs_as_fast_as_told():
    seconds = iter([100.0, 100.5, 103.0])
    clock = ScaledClock(1_000, speed=60, seconds=lambda: next(seconds))
    assert clock.now() == 1_000
    clock.start(5_000)
    assert [clock.now(), clock.now()] == [5_030, 5_180]


def test_the_day_begins_at_half_past_seven_and_ends_when_it_is_told():
    assert HOURS.local(HOURS.begins_at) == "07:30"
    assert HOURS.ends_at - HOURS.begins_at == (14 * 60 + 30) * 60
    assert Hours.of(DAY, "America/Chicago", until="09:00").ends_at - HOURS.begins_at == 90 * 60
    with pytest.raises(InputError, match="until 07:00 is not after 07:30"):
        Hours.of(DAY, "America/Chicago", until="07:00")


def test_steps_are_done_in_the_order_of_their_moments_and_those_that_follow_from_them_too():
    agenda, done = Agenda(), []

    def first(at):
        done.append(("a", at))
        agenda.at(at + 5, lambda then: done.append(("c", then)))

    agenda.at(20, lambda at: done.append(("b", at)))
    agenda.at(10, first)
    agenda.at(31, lambda at: done.append(("later", at)))
    agenda.run(30)
    assert done == [("a", 10), ("c", 15), ("b", 20)]
    assert agenda.late_s == 10


def test_luck_depends_on_the_seed_and_the_name_only():
    assert Dice(7).luck("fail", "day-0001") == Dice(7).luck("fail", "day-0001")
    assert len({Dice(7).luck("fail", "x"), Dice(8).luck("fail", "x"), Dice(7).luck("fail", "y")}) == 3


def test_with_trouble_there_are_fifteen_in_a_hundred_orders_more_and_some_are_cancelled():
    levels = ["next_day", "same_day"] * 100
    pool = [replace(ORDER, service_level_id=level, lat=41.0 + row / 1000) for row, level in enumerate(levels)]
    calm = draw_wishes(pool, 100, HOURS, Dice(1), trouble=False)
    assert len(calm) == 100
    assert all(wish.cancels_at is None for wish in calm)
    assert {wish.order.service_level_id for wish in calm if wish.at} == {"same_day"}
    assert all(HOURS.begins_at < wish.at < HOURS.ends_at for wish in calm if wish.at)
    rough = draw_wishes(pool, 100, HOURS, Dice(1), trouble=True)
    assert [wish.order for wish in rough[:100]] == [wish.order for wish in calm]
    assert len(rough) == 115
    assert all(wish.at for wish in rough[100:])
    assert any(wish.cancels_at for wish in rough)


def test_a_shopper_takes_another_option_of_the_day_but_does_not_fetch_what_was_to_be_brought():
    tomorrow = {"start": "2026-03-04T16:00:00Z", "end": "2026-03-04T18:00:00Z"}
    late, fetched, next_best = option("same_day", window=tomorrow), option("curbside"), option("scheduled")
    assert chosen([late, fetched, next_best], ORDER, ends_at=HOURS.ends_at) is next_best
    assert chosen([late, fetched], ORDER, ends_at=HOURS.ends_at) is None
    collects = replace(ORDER, service_level_id="curbside", pickup_site_id="S1")
    assert chosen([fetched, next_best], collects, ends_at=HOURS.ends_at) is None
    here = option("curbside", sites=["S2", "S1"])
    assert chosen([next_best, here], collects, ends_at=HOURS.ends_at) is here
