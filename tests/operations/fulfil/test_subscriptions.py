"""Subscriptions place their orders by the rule, each once."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from doorstep.domain.lifecycles import IllegalTransitionError
from doorstep.domain.new_order import Contact, NewLine
from doorstep.foundation import InputError
from doorstep.operations.intake.errors import OrderFaultsError
from doorstep.operations.subscriptions import (
    NewSubscription,
    coming_moments,
    create_subscription,
    renew_due,
    skip_occurrence,
    step_subscription,
    swap_lines,
)
from doorstep.operations.transitions import StaleVersionError
from doorstep.storage.reference_rows import delete_row, upsert_row
from doorstep.storage.schema.orders import contacts, order_lines, orders, subscriptions
from tests.databases import CALLER, NOW
from tests.operations.fulfil.stage import open_stage, steps_of
from tests.operations.shops import ordering
from tests.small import CHICAGO, at

DAY = 86_400


def weekly(rule: str = "FREQ=WEEKLY;BYDAY=TU", **changes: object) -> NewSubscription:
    order = ordering(("A", 2), **{"if_short": "refuse", **changes})
    return NewSubscription(rule=rule, time_zone=CHICAGO, starts_at=at("09:00"), order=order)


def row_of(connection, subscription_id):
    return connection.execute(select(subscriptions).where(subscriptions.c.subscription_id == subscription_id)).one()


def names(connection):
    return list(connection.execute(select(orders.c.external_id).order_by(orders.c.order_id)).scalars())


def test_each_due_moment_places_one_order(database):
    open_stage(database)
    with database.writing() as connection:
        mine = create_subscription(connection, CALLER, weekly(contact=Contact(name="Jo")), now=NOW)
        assert row_of(connection, mine).next_at == at("09:00")
        assert renew_due(connection, CALLER, now=at("08:59")) == []
        (renewal,) = renew_due(connection, CALLER, now=at("09:00"))
        assert (renewal.event, renewal.occurrence_at) == ("renew", at("09:00"))
        assert renew_due(connection, CALLER, now=at("09:00")) == []
        assert row_of(connection, mine).next_at == at("09:00", "2026-03-10")
        renew_due(connection, CALLER, now=at("09:05", "2026-03-10"))
        assert names(connection) == [f"{mine}:2026-03-03", f"{mine}:2026-03-10"]
        order = connection.execute(select(orders)).first()
        assert (order.subscription_id, order.state) == (mine, "placed")
        assert list(connection.execute(select(contacts.c.name)).scalars()) == ["Jo"] * 3
    with database.reading() as connection:
        assert steps_of(connection, mine) == ["create", "renew", "renew"]


def test_a_renewal_that_was_lost_after_its_order_was_placed_places_no_second_one(database):
    open_stage(database)
    with database.writing() as connection:
        mine = create_subscription(connection, CALLER, weekly(), now=NOW)
        renew_due(connection, CALLER, now=at("09:00"))
        back = {"occurrence_at": at("09:00"), "next_at": at("09:00")}
        connection.execute(update(subscriptions).where(subscriptions.c.subscription_id == mine).values(back))
        (renewal,) = renew_due(connection, CALLER, now=at("09:01"))
        assert renewal.event == "renew"
        assert names(connection) == [f"{mine}:2026-03-03"]


def test_a_skipped_moment_is_left_out_once(database):
    open_stage(database)
    with database.writing() as connection:
        mine = create_subscription(connection, CALLER, weekly(), now=NOW)
        for _ in range(2):
            next_at = skip_occurrence(connection, CALLER, mine, at("09:00"), now=NOW)
            assert next_at == at("09:00", "2026-03-10")
        assert skip_occurrence(connection, CALLER, mine, at("09:00", "2026-03-17"), now=NOW) == next_at
        renew_due(connection, CALLER, now=at("09:00", "2026-03-10"))
        assert row_of(connection, mine).next_at == at("09:00", "2026-03-24")
        with pytest.raises(InputError, match="no moment"):
            skip_occurrence(connection, CALLER, mine, at("10:00", "2026-03-24"), now=at("09:00", "2026-03-10"))
        assert names(connection) == [f"{mine}:2026-03-10"]


def test_lines_are_swapped_for_one_moment_or_from_now_on(database):
    open_stage(database)
    with database.writing() as connection:
        mine = create_subscription(connection, CALLER, weekly(), now=NOW)
        once, later = [NewLine(product_id="B", quantity=1)], [NewLine(product_id="A", quantity=5)]
        swap_lines(connection, CALLER, mine, once, at=at("09:00"), now=NOW)
        swap_lines(connection, CALLER, mine, later, now=NOW)
        for day in ("2026-03-03", "2026-03-10"):
            renew_due(connection, CALLER, now=at("09:00", day))
        placed = connection.execute(select(order_lines.c.product_id, order_lines.c.quantity).order_by("order_id"))
        assert [tuple(row) for row in placed] == [("B", 1), ("A", 5)]
        with pytest.raises(InputError, match="no moment"):
            swap_lines(connection, CALLER, mine, once, at=at("10:00", "2026-03-17"), now=NOW)
        with pytest.raises(OrderFaultsError, match="is not a product"):
            swap_lines(connection, CALLER, mine, [NewLine(product_id="Z", quantity=1)], now=NOW)


def test_only_a_moment_of_the_next_four_hundred_days_is_skipped(database):
    open_stage(database)
    with database.writing() as connection:
        mine = create_subscription(connection, CALLER, weekly(), now=NOW)
        for day in ("2026-03-11", "2027-04-13", "2119-03-07"):  # no Tuesday, a Tuesday too far ahead, and far more so
            with pytest.raises(InputError, match="no moment of"):
                skip_occurrence(connection, CALLER, mine, at("09:00", day), now=NOW)
        assert row_of(connection, mine).skips == "[]"


def test_a_pause_is_not_made_up_for(database):
    open_stage(database)
    with database.writing() as connection:
        mine = create_subscription(connection, CALLER, weekly(), now=NOW)
        for _ in range(2):
            assert step_subscription(connection, CALLER, mine, "pause", now=NOW) == "paused"
        assert renew_due(connection, CALLER, now=at("09:00")) == []
        assert step_subscription(connection, CALLER, mine, "resume", now=at("10:00", "2026-03-12")) == "active"
        assert row_of(connection, mine).next_at == at("09:00", "2026-03-17")
        with pytest.raises(StaleVersionError):
            step_subscription(connection, CALLER, mine, "end", now=NOW, if_version=1)
        assert step_subscription(connection, CALLER, mine, "end", now=NOW) == "ended"
        with pytest.raises(IllegalTransitionError):
            step_subscription(connection, CALLER, mine, "resume", now=NOW)


def test_a_rule_that_is_over_ends_the_subscription(database):
    open_stage(database)
    with database.writing() as connection:
        mine = create_subscription(connection, CALLER, weekly("FREQ=WEEKLY;COUNT=1"), now=NOW)
        renew_due(connection, CALLER, now=at("09:00"))
        assert (row_of(connection, mine).state, row_of(connection, mine).next_at) == ("ended", None)


def test_missed_moments_are_skipped_together(database):
    open_stage(database)
    with database.writing() as connection:
        mine = create_subscription(connection, CALLER, weekly("FREQ=DAILY"), now=NOW)
        now = at("10:00", "2026-03-20")
        events = [(r.event, r.reason) for _ in range(3) for r in renew_due(connection, CALLER, now=now)]
        assert events == [("skip", "missed"), ("renew", "")]
        assert names(connection) == [f"{mine}:2026-03-20"]


def test_what_stock_lacks_for_is_skipped_unless_it_may_wait(database):
    open_stage(database, {})
    with database.writing() as connection:
        create_subscription(connection, CALLER, weekly(), now=NOW)
        patient = create_subscription(connection, CALLER, weekly(if_short="backorder"), now=NOW)
        outcomes = [(r.event, r.reason) for r in renew_due(connection, CALLER, now=at("09:00"))]
        assert sorted(outcomes) == [("renew", ""), ("skip", "not_enough_stock")]
        assert names(connection) == [f"{patient}:2026-03-03"]


def close(connection, *days: str, site_id: str = "") -> None:
    for day in days:
        row = {"closed_day_id": f"{site_id}{day}", "site_id": site_id, "day": day}
        upsert_row(connection, CALLER.tenant_id, "closed_days", row)


@pytest.mark.parametrize(
    ("on_closed_day", "due", "event"),
    [
        ("after", at("09:00", "2026-03-11"), ("renew", "")),
        ("before", at("09:00", "2026-03-07"), ("renew", "")),  # by winter time, the others by summer time
        ("skip", at("09:00", "2026-03-10"), ("skip", "closed_day")),
    ],
)
def test_an_occurrence_on_closed_days_in_a_row_moves_at_the_same_clock_time(database, on_closed_day, due, event):
    open_stage(database)
    with database.writing() as connection:
        close(connection, "2026-03-08", "2026-03-09", "2026-03-10")
        mine = create_subscription(connection, CALLER, replace(weekly(), on_closed_day=on_closed_day), now=NOW)
        renew_due(connection, CALLER, now=at("09:00"))
        row = row_of(connection, mine)
        assert (row.occurrence_at, row.next_at) == (at("09:00", "2026-03-10"), due)
        placed_at = None if on_closed_day == "skip" else due
        assert coming_moments(connection, row)[:2] == [
            (at("09:00", "2026-03-10"), placed_at), (at("09:00", "2026-03-17"), at("09:00", "2026-03-17")),
        ]  # fmt: skip
        assert renew_due(connection, CALLER, now=due - 1) == []
        (renewal,) = renew_due(connection, CALLER, now=due)
        assert (renewal.event, renewal.reason, renewal.occurrence_at) == (*event, at("09:00", "2026-03-10"))
        assert renew_due(connection, CALLER, now=due) == []
        assert row_of(connection, mine).next_at == at("09:00", "2026-03-17")
        assert names(connection) == [f"{mine}:2026-03-03", f"{mine}:2026-03-10"][: 2 - (on_closed_day == "skip")]


def test_every_occurrence_that_moves_to_one_day_is_placed_once(database):
    open_stage(database)
    with database.writing() as connection:
        close(connection, "2026-03-03", "2026-03-04")
        mine = create_subscription(connection, CALLER, weekly("FREQ=DAILY"), now=NOW)
        assert row_of(connection, mine).next_at == at("09:00", "2026-03-05")
        for _ in range(4):
            renew_due(connection, CALLER, now=at("09:00:30", "2026-03-05"))
        assert names(connection) == [f"{mine}:2026-03-0{day}" for day in (3, 4, 5)]
        assert row_of(connection, mine).next_at == at("09:00", "2026-03-06")


def test_a_day_that_is_closed_or_opened_later_counts_when_the_occurrence_is_due(database):
    open_stage(database)
    with database.writing() as connection:
        mine, moved_to = create_subscription(connection, CALLER, weekly(), now=NOW), at("09:00", "2026-03-04")
        close(connection, "2026-03-03")
        (moved,) = renew_due(connection, CALLER, now=at("09:00"))
        assert (moved.event, renew_due(connection, CALLER, now=at("09:00"))) == ("move", [])
        assert row_of(connection, mine).next_at == moved_to
        assert skip_occurrence(connection, CALLER, mine, at("09:00", "2026-03-10"), now=at("12:00")) == moved_to
        delete_row(connection, CALLER.tenant_id, "closed_days", ["2026-03-03"])
        (renewal,) = renew_due(connection, CALLER, now=at("09:01", "2026-03-04"))
        assert (renewal.event, names(connection)) == ("renew", [f"{mine}:2026-03-03"])
        assert row_of(connection, mine).next_at == at("09:00", "2026-03-17")


def test_what_is_collected_goes_by_the_closed_days_of_its_site(database):
    open_stage(database)
    with database.writing() as connection:
        close(connection, "2026-03-03", site_id="S1")
        wanted = weekly(service_level_id="click_and_collect", pickup_site_id="S1")
        mine, door = (create_subscription(connection, CALLER, new, now=NOW) for new in (wanted, weekly()))
        assert row_of(connection, mine).next_at == at("09:00", "2026-03-04")
        assert row_of(connection, door).next_at == at("09:00")


def test_an_order_that_cannot_be_accepted_any_more_pauses_the_subscription(database):
    open_stage(database)
    with database.writing() as connection:
        mine = create_subscription(connection, CALLER, weekly(), now=NOW)
        template = row_of(connection, mine).template.replace('"A"', '"gone"')
        connection.execute(update(subscriptions).values(template=template))
        (renewal,) = renew_due(connection, CALLER, now=at("09:00"))
        assert (renewal.event, renewal.reason) == ("pause", "order_refused")
        assert renewal.fields == ("lines/0/product_id",)
        assert row_of(connection, mine).state == "paused"


@pytest.mark.parametrize(
    ("new", "error"),
    [
        (weekly("FREQ=NEVER"), InputError),
        (weekly("FREQ=DAILY;UNTIL=20260101"), InputError),
        (weekly(window=(NOW, NOW + DAY)), InputError),
        (weekly(payment="pending"), InputError),
        (weekly(service_level_id="teleport"), OrderFaultsError),
        (
            NewSubscription(rule="FREQ=DAILY", time_zone="Moon/Base", starts_at=NOW, order=ordering(("A", 1))),
            InputError,
        ),
        (replace(weekly(), starts_at=NOW - 2 * 366 * DAY - 1), InputError),
        (replace(weekly(), starts_at=NOW + 400 * DAY + 1), InputError),
        (replace(weekly(), starts_at=253_402_214_400), InputError),  # the last day of the year 9999
    ],
)
def test_a_subscription_that_could_never_renew_is_refused(database, new, error):
    open_stage(database)
    with database.writing() as connection, pytest.raises(error):
        create_subscription(connection, CALLER, new, now=NOW)
