"""Facts come late, twice and in any order; the books end as if they had come one by one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from doorstep.foundation import ConflictError, InputError, NotFoundError
from doorstep.operations.bring import ReportedEvent, dispatch_route, plan_routes, record_event
from doorstep.operations.fulfil import release_wave, route_orders
from doorstep.operations.orders import cancel_order, resume_order
from doorstep.storage import Connection, Database
from doorstep.storage.check import check_books
from doorstep.storage.schema.fulfilment import deliveries, routes, shipments, tracking_events
from doorstep.storage.schema.journal import events
from doorstep.storage.schema.ledger import reservations
from doorstep.storage.schema.orders import orders
from tests.databases import CALLER, NOW
from tests.operations.fulfil.stage import (
    COURIER,
    VANS,
    deliveries_of,
    on_shelves,
    open_stage,
    placed,
    ready,
    shipments_in,
    state_of,
    to_dock,
)
from tests.operations.shops import shelf
from tests.trials import trials


class _UndoneError(Exception):
    """Takes a transaction back after it was looked at."""


@contextmanager
def undone(database: Database) -> Iterator[Connection]:
    """Open a transaction whose books must agree, and take it back."""
    try:
        with database.writing() as connection:
            yield connection
            connection.journal.write(connection)
            assert check_books(connection) == []
            raise _UndoneError
    except _UndoneError:
        pass


def fact(delivery_id: str, event: str, at: int, name: str = "") -> ReportedEvent:
    return ReportedEvent(source="phone7", source_event_id=name or f"{delivery_id}-{event}-{at}", kind="delivery",
                         object_id=delivery_id, event=event, occurred_at=at)  # fmt: skip


def life(delivery_id: str, *events: str) -> list[ReportedEvent]:
    return [fact(delivery_id, event, NOW + 1_000 + 60 * number) for number, event in enumerate(events)]


TO_DOOR = ("start_to_pickup", "arrive_at_pickup", "pick_up", "start_to_dropoff", "arrive_at_dropoff")
SECOND_TRY = (*TO_DOOR, "attempt", "reschedule", "start_to_dropoff", "arrive_at_dropoff", "deliver")
BACK = (*TO_DOOR, "attempt", "start_return", "arrive_at_return", "take_back")


def three_on_the_road(connection: Connection) -> list[ReportedEvent]:
    """Send out three orders, one of them from two sites, and return all that will be told about them."""
    ids = [ready(connection, ("A", 2)), ready(connection, ("B", 1), ("C", 1)), ready(connection, ("B", 2))]
    plan = plan_routes(connection, CALLER, now=NOW + 60, iterations=5)
    for route_id in plan.routes:
        dispatch_route(connection, CALLER, route_id, now=NOW + 70, driver="Ana")
    lives = [(SECOND_TRY,), ((*TO_DOOR, "deliver"), (*TO_DOOR, "deliver")), (BACK,)]
    return [
        one
        for order_id, of_order in zip(ids, lives, strict=True)
        for (delivery_id, _), events in zip(deliveries_of(connection, order_id), of_order, strict=True)
        for one in life(delivery_id, *events)
    ]


def ending(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    """Return all states and balances."""
    held = select(reservations)
    return {
        "orders": [tuple(r) for r in connection.execute(select(orders.c.state).order_by(orders.c.order_id))],
        "deliveries": [
            tuple(r)
            for r in connection.execute(
                select(deliveries.c.state, deliveries.c.attempts).order_by(deliveries.c.delivery_id)
            )
        ],
        "shipments": [
            tuple(r) for r in connection.execute(select(shipments.c.state).order_by(shipments.c.shipment_id))
        ],
        "routes": [tuple(r) for r in connection.execute(select(routes.c.state).order_by(routes.c.route_id))],
        "shelves": sorted((*place, *count) for place, count in on_shelves(connection).items()),
        "reservations": sorted(tuple(r) for r in connection.execute(held)),
    }


@pytest.fixture
def stream(database):
    """Return what will be told about three orders, and how it ends when it is told as it happened."""
    open_stage(database, {("S1", "A"): 9, ("S1", "B"): 9, ("S2", "C"): 9})
    with database.writing() as connection:
        told = three_on_the_road(connection)
    with undone(database) as connection:
        for one in told:
            assert record_event(connection, CALLER, one, now=NOW + 5_000).outcome == "applied"
        clean = ending(connection)
    assert clean["orders"] == [("completed",), ("completed",), ("on_hold",)]
    assert [attempts for _, attempts in clean["deliveries"]].count(1) == 2
    assert set(clean["routes"]) == {("completed",)}
    assert {row[1:] for row in clean["shelves"]} == {("S1", "A", 7, 0), ("S1", "B", 8, 0), ("S2", "C", 8, 0)}
    return told, clean


@settings(max_examples=trials(60), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.data())
def test_a_shuffled_stream_with_repetitions_ends_like_the_clean_one(database, stream, data):
    told, clean = stream
    again = data.draw(st.lists(st.integers(0, len(told) - 1), max_size=12))
    numbers = data.draw(st.permutations([*range(len(told)), *again]))
    with undone(database) as connection:
        for number in numbers:
            record_event(connection, CALLER, told[number], now=NOW + 5_000)
        assert ending(connection) == clean
        assert len(connection.execute(select(tracking_events)).all()) == len(told)


def on_the_road(connection: Connection, **changes: Any) -> tuple[str, str]:
    """Return an order at the dock and its delivery, planned and not dispatched."""
    order_id = ready(connection, **changes)
    (delivery_id,) = plan_routes(connection, CALLER, now=NOW + 60, iterations=5).deliveries
    return order_id, delivery_id


def test_a_delivery_that_nobody_reported_before_has_left_the_shelf_and_its_route_was_driven(database):
    open_stage(database)
    with database.writing() as connection:
        order_id, delivery_id = on_the_road(connection)
        recorded = record_event(connection, CALLER, fact(delivery_id, "deliver", NOW + 900), now=NOW + 901)
        assert (recorded.outcome, recorded.state) == ("applied", "delivered")
        assert state_of(connection, order_id) == "completed"
        assert shelf(connection, "S1", "A")[1:3] == (99, 0)
        assert connection.execute(select(routes.c.state)).scalar_one() == "completed"


def test_even_an_order_that_was_never_reported_packed_is_brought(database):
    open_stage(database)
    with database.writing() as connection:
        order_id = placed(connection)
        route_orders(connection, CALLER, now=NOW)
        release_wave(connection, CALLER, now=NOW, everything=True)
        (delivery_id,) = plan_routes(connection, CALLER, now=NOW + 60, iterations=5).deliveries
        record_event(connection, CALLER, fact(delivery_id, "deliver", NOW + 9_000), now=NOW + 9_001)
        assert state_of(connection, order_id) == "completed"
        assert shelf(connection, "S1", "A")[1:3] == (99, 0)


def test_facts_that_move_nothing_are_kept_with_the_reason(database):
    open_stage(database)
    with database.writing() as connection:
        _, delivery_id = on_the_road(connection)
        told = [("pick_up", 900), ("start_to_pickup", 800), ("pick_up", 900), ("deliver", 990), ("attempt", 950)]
        outcomes = [
            record_event(connection, CALLER, fact(delivery_id, event, NOW + at, f"n{n}"), now=NOW + 999).outcome
            for n, (event, at) in enumerate(told)
        ]
        assert outcomes == ["applied", "late", "repeated", "applied", "terminal"]
        kept = select(tracking_events.c.outcome).order_by(tracking_events.c.source_event_id)
        assert list(connection.execute(kept).scalars()) == outcomes
        assert connection.execute(select(deliveries.c.attempts)).scalar_one() == 1


def test_a_fact_dated_ahead_counts_when_it_comes_and_holds_nothing_up(database):
    open_stage(database)
    with database.writing() as connection:
        order_id = ready(connection)
        plan_routes(connection, CALLER, now=NOW + 60, iterations=5)
        ((delivery_id, _),) = deliveries_of(connection, order_id)
        far = NOW + 36 * 365 * 86_400
        ahead = record_event(connection, CALLER, fact(delivery_id, "pick_up", far), now=NOW + 100)
        assert (ahead.outcome, ahead.state) == ("applied", "picked_up")
        row = connection.execute(select(deliveries).where(deliveries.c.delivery_id == delivery_id)).one()
        assert row.event_at == NOW + 100
        assert connection.execute(select(tracking_events.c.occurred_at)).scalar_one() == far
        done = record_event(connection, CALLER, fact(delivery_id, "deliver", NOW + 200), now=NOW + 205)
        assert (done.outcome, done.state) == ("applied", "delivered")
        assert state_of(connection, order_id) == "completed"


def test_a_delivery_that_comes_back_puts_its_units_on_the_shelf_and_its_order_on_hold(database):
    open_stage(database)
    with database.writing() as connection:
        order_id, delivery_id = on_the_road(connection)
        for one in life(delivery_id, *BACK):
            record_event(connection, CALLER, replace(one, reason="nobody_home"), now=NOW + 3_000)
        assert state_of(connection, order_id) == "on_hold"
        assert shelf(connection, "S1", "A")[1:3] == (100, 0)
        resume_order(connection, CALLER, order_id, now=NOW + 3_100)
        route_orders(connection, CALLER, now=NOW + 3_100)
        assert shelf(connection, "S1", "A")[1:3] == (100, 1)
        to_dock(connection, order_id, now=NOW + 3_200)
        (again,) = plan_routes(connection, CALLER, now=NOW + 3_300, iterations=5).deliveries
        record_event(connection, CALLER, fact(again, "deliver", NOW + 5_000), now=NOW + 5_000)
        assert state_of(connection, order_id) == "completed"
        assert shelf(connection, "S1", "A")[1:3] == (99, 0)


def test_every_attempt_counts_once_whenever_it_is_told(database):
    open_stage(database)
    with database.writing() as connection:
        _, delivery_id = on_the_road(connection)
        told = [("attempt", 300), ("deliver", 600), ("attempt", 500), ("attempt", 500), ("attempt", 400)]
        for number, (event, at) in enumerate(told):
            record_event(connection, CALLER, fact(delivery_id, event, NOW + at, f"n{number}"), now=NOW + 999)
        assert connection.execute(select(deliveries.c.attempts)).scalar_one() == 3


def test_an_order_whose_second_part_comes_back_is_not_complete_and_somebody_is_told(database):
    open_stage(database, {("S1", "A"): 1, ("S2", "C"): 1})
    with database.writing() as connection:
        order_id = ready(connection, ("A", 1), ("C", 1))
        first, second = plan_routes(connection, CALLER, now=NOW + 60, iterations=5).deliveries
        record_event(connection, CALLER, fact(first, "deliver", NOW + 900), now=NOW + 900)
        for one in life(second, "pick_up", "start_return", "take_back"):
            record_event(connection, CALLER, one, now=NOW + 1_300)
        assert state_of(connection, order_id) == "on_hold"
    with database.reading() as connection:
        told = select(events.c.type).where(events.c.object_id == order_id).order_by(events.c.event_no)
        assert list(connection.execute(told).scalars())[-2:] == ["order.partially_completed", "order.held"]


def test_a_lost_delivery_is_not_on_the_shelf_again(database):
    open_stage(database)
    with database.writing() as connection:
        order_id, delivery_id = on_the_road(connection)
        for one in life(delivery_id, "pick_up", "abandon"):
            record_event(connection, CALLER, one, now=NOW + 3_000)
        assert state_of(connection, order_id) == "on_hold"
        assert shelf(connection, "S1", "A")[1:3] == (99, 0)
        cancel_order(connection, CALLER, order_id, now=NOW + 3_001, reason="lost")


def test_of_an_order_in_two_parts_only_the_one_that_came_back_is_sent_again(database):
    open_stage(database, {("S1", "A"): 1, ("S2", "C"): 1})
    with database.writing() as connection:
        order_id = ready(connection, ("A", 1), ("C", 1))
        first, second = plan_routes(connection, CALLER, now=NOW + 60, iterations=5).deliveries
        record_event(connection, CALLER, fact(first, "pick_up", NOW + 900), now=NOW + 900)
        for one in life(second, "pick_up", "start_return", "take_back"):
            record_event(connection, CALLER, one, now=NOW + 1_300)
        record_event(connection, CALLER, fact(first, "deliver", NOW + 1_400), now=NOW + 1_400)
        assert state_of(connection, order_id) == "on_hold"
        resume_order(connection, CALLER, order_id, now=NOW + 1_500)
        (routed,) = route_orders(connection, CALLER, now=NOW + 1_500)
        assert len(routed.sites) == 1
        to_dock(connection, order_id, now=NOW + 1_600)
        (third,) = plan_routes(connection, CALLER, now=NOW + 1_700, iterations=5).deliveries
        record_event(connection, CALLER, fact(third, "deliver", NOW + 3_000), now=NOW + 3_000)
        assert state_of(connection, order_id) == "completed"
        assert {count for place, count in on_shelves(connection).items() if place.kind == "stock"} == {(0, 0)}


def test_a_carrier_that_rejects_a_delivery_is_followed_by_another_plan(database):
    open_stage(database, vehicles=VANS.clear(), **COURIER)
    with database.writing() as connection:
        order_id, delivery_id = on_the_road(connection)
        record_event(connection, CALLER, fact(delivery_id, "reject", NOW + 100), now=NOW + 100)
        assert state_of(connection, order_id) == "ready"
        (again,) = plan_routes(connection, CALLER, now=NOW + 200, iterations=5).deliveries
        assert deliveries_of(connection, order_id) == [(delivery_id, "rejected"), (again, "booked")]


def test_what_nobody_collects_goes_back_on_the_shelf(database):
    open_stage(database)
    with database.writing() as connection:
        order_id, delivery_id = on_the_road(connection, service_level_id="click_and_collect", pickup_site_id="S1")
        for number, event in enumerate(("set_out", "arrive", "turn_back", "lapse")):
            told = fact(delivery_id, event, NOW + 100 + number)
            assert record_event(connection, CALLER, told, now=NOW + 200).outcome == "applied"
        assert state_of(connection, order_id) == "on_hold"
        record_event(connection, CALLER, fact(delivery_id, "restock", NOW + 900), now=NOW + 900)
        assert shelf(connection, "S1", "A")[1:3] == (100, 0)
        assert shipments_in(connection, order_id) == shipments_in(connection, order_id, "cancelled")


def test_a_locker_has_the_units_from_the_deposit_on(database):
    open_stage(database)
    with database.writing() as connection:
        order_id, delivery_id = on_the_road(connection, service_level_id="click_and_collect", pickup_site_id="S1")
        record_event(connection, CALLER, fact(delivery_id, "deposit", NOW + 100), now=NOW + 100)
        assert (state_of(connection, order_id), shelf(connection, "S1", "A")[1:3]) == ("fulfilling", (99, 0))
        record_event(connection, CALLER, fact(delivery_id, "collect", NOW + 200), now=NOW + 200)
        assert state_of(connection, order_id) == "completed"


def test_a_fact_about_nothing_of_no_kind_or_under_a_used_name_is_refused(database):
    open_stage(database)
    with database.writing() as connection:
        _, delivery_id = on_the_road(connection)
        with pytest.raises(NotFoundError):
            record_event(connection, CALLER, fact("dlv_unknown", "deliver", NOW), now=NOW)
        with pytest.raises(InputError):
            record_event(connection, CALLER, fact(delivery_id, "explode", NOW), now=NOW)
        wrong = replace(fact(delivery_id, "cancel", NOW), kind="route")
        with pytest.raises(InputError, match="decided, not reported"):
            record_event(connection, CALLER, wrong, now=NOW)
        record_event(connection, CALLER, fact(delivery_id, "pick_up", NOW + 90, "n1"), now=NOW + 90)
        with pytest.raises(ConflictError):
            record_event(connection, CALLER, fact(delivery_id, "deliver", NOW + 95, "n1"), now=NOW + 95)


def test_a_route_that_its_driver_starts_and_ends(database):
    open_stage(database)
    with database.writing() as connection:
        ready(connection)
        (route_id,) = plan_routes(connection, CALLER, now=NOW + 60, iterations=5).routes
        dispatch_route(connection, CALLER, route_id, now=NOW + 70, driver="Ana")
        started, ended = (
            record_event(
                connection,
                CALLER,
                ReportedEvent(source="van", source_event_id=event, kind="route", object_id=route_id, event=event,
                              occurred_at=NOW + at),
                now=NOW + at,
            ).state
            for event, at in (("start", 100), ("complete", 200))
        )  # fmt: skip
        assert (started, ended) == ("in_progress", "completed")
