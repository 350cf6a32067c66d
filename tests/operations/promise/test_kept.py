"""The chance that a promise is kept is learnt from the tenant's own orders whose windows are over."""

import numpy as np
from sqlalchemy import insert, update

from doorstep.operations.intake.network import live_network
from doorstep.operations.intake.take import take_order
from doorstep.operations.promise.kept import Lesson, door_hour, outcomes
from doorstep.operations.promise.offers import offers_for
from doorstep.promising import Keeping, Outcomes, learn
from doorstep.storage import Connection, Database
from doorstep.storage.schema.fulfilment import deliveries
from doorstep.storage.schema.orders import orders
from tests.databases import CALLER, NOW
from tests.operations.shops import open_shop, ordering
from tests.small import at

WEDNESDAY, THURSDAY = "2026-03-04", "2026-03-05"
OVER = at("20:00:01", WEDNESDAY)
NO_INTS = np.empty(0, np.int64)
NOTHING = Outcomes(
    level=NO_INTS, splits=NO_INTS, slack_min=NO_INTS, hour=NO_INTS, age_days=NO_INTS, kept=np.empty(0, np.bool_)
)


def placed(connection: Connection, *, units: int = 1, state: str = "completed", arrived_at: int | None = None) -> str:
    """Take an order for Wednesday and give it an outcome."""
    order_id = take_order(connection, CALLER, ordering(("A", units)), now=NOW).order_id
    connection.execute(update(orders).where(orders.c.order_id == order_id).values(state=state))
    if arrived_at is not None:
        row = {"delivery_id": f"del_{order_id}", "tenant_id": CALLER.tenant_id, "order_id": order_id, "kind": "door",
               "state": "delivered", "event_at": arrived_at, "site_id": "S1", "created_at": NOW}  # fmt: skip
        connection.execute(insert(deliveries).values(row))
    return order_id


def known(connection: Connection, now: int = OVER) -> Outcomes:
    return outcomes(connection, CALLER.tenant_id, live_network(connection, CALLER.tenant_id), now)


def test_an_outcome_has_what_was_stated_when_the_order_came(database: Database):
    open_shop(database, {("S1", "A"): 2, ("S2", "A"): 2})
    with database.writing() as connection:
        placed(connection, units=3, arrived_at=at("19:00", WEDNESDAY))
        found = known(connection)
    ready_at = at("09:00")  # both sites begin in the hour of the order, at 08:00, and take an hour
    assert (found.level.tolist(), found.splits.tolist(), found.hour.tolist()) == ([1], [2], [8])
    assert found.slack_min.tolist() == [(at("20:00", WEDNESDAY) - ready_at) // 60]
    assert (found.age_days.tolist(), found.kept.tolist()) == ([0], [True])


def test_late_orders_and_those_that_never_came_broke_their_promise(database: Database):
    open_shop(database, {("S1", "A"): 99})
    with database.writing() as connection:
        for arrived_at, state in (
            (at("20:00", WEDNESDAY), "completed"),
            (at("20:00:01", WEDNESDAY), "completed"),
            (at("12:00", WEDNESDAY), "partially_completed"),
            (None, "on_hold"),
            (at("12:00", WEDNESDAY), "returned"),
        ):
            placed(connection, state=state, arrived_at=arrived_at)
        assert known(connection).kept.tolist() == [True, False, False, False, True][::-1]


def test_cancelled_orders_and_promises_that_are_not_over_say_nothing(database: Database):
    open_shop(database, {("S1", "A"): 99})
    with database.writing() as connection:
        placed(connection, state="cancelled")
        placed(connection, state="placed")
        assert known(connection, at("19:59", WEDNESDAY)).kept.size == 0
        assert known(connection).kept.tolist() == [False]


def test_a_backordered_order_was_promised_nothing_of_the_kind(database: Database):
    open_shop(database, {("S1", "A"): 1})
    with database.writing() as connection:
        take_order(connection, CALLER, ordering(("A", 5), if_short="backorder"), now=NOW)
        assert known(connection).kept.size == 0


def test_options_state_what_was_learnt_and_learn_anew_every_hour(database: Database):
    open_shop(database, {("S1", "A"): 999})
    with database.writing() as connection:
        for _ in range(40):
            placed(connection, state="on_hold")
        chances = [
            {o.service_level_id: o.kept for o in offers_for(connection, CALLER, ordering(("A", 1)), at=now, now=now)}
            for now in (at("19:30", WEDNESDAY), OVER, OVER + 3_600)
        ]
    assert chances[0] == dict.fromkeys(("same_day", "next_day", "two_day", "click_and_collect"), 0.95)
    learnt, same_hour = chances[1]["next_day"], chances[2]["next_day"]
    assert learnt is not None
    assert same_hour is not None
    assert learnt < 0.5
    assert same_hour < 0.5


def test_who_comes_while_another_learns_hears_what_was_known_before():
    lesson = Lesson()
    asked: list[Keeping] = []
    first, second = (learn(NOTHING, levels=levels) for levels in (1, 2))

    def learning() -> Keeping:
        asked.append(lesson.of_hour(2, lambda: first))  # somebody asks while this one still learns
        return second

    assert lesson.of_hour(1, lambda: first) is first
    assert lesson.of_hour(2, learning) is second
    assert [one is first for one in asked] == [True]
    assert lesson.of_hour(2, learning) is second


def test_the_hour_at_a_door_is_that_of_the_sun():
    assert [door_hour(at("00:00"), lon) for lon in (-87.6, 0.0, 13.4, 179.0)] == [0, 6, 7, 18]
