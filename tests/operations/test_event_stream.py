"""Events read in their order, from a cursor, on both databases."""

import pytest

from doorstep.operations.event_stream import (
    events_after,
    first_event_since,
    latest_event_no,
    matches,
    relay_moved,
    relayed_up_to,
)
from tests.databases import CALLER, NOW, add_tenant
from tests.operations.webhooks.telling import happen, happened

TENANT = CALLER.tenant_id


def test_a_reader_that_keeps_its_cursor_misses_nothing_and_sees_nothing_twice(database):
    with database.reading() as connection:
        assert latest_event_no(connection) == 0
        assert events_after(connection, TENANT, 0) == ([], 0)
    ids = happened(database, *(f"ord_{number}" for number in range(5)))
    seen, cursor = [], 0
    with database.reading() as connection:
        while True:
            page = events_after(connection, TENANT, cursor, limit=2)
            cursor = page.cursor
            if not page.events:
                break
            seen += page.events
        assert [event.event_id for event in seen] == ids
        assert cursor == latest_event_no(connection) == 5
        assert seen[0].data == {"id": "ord_0", "n": ids[0]}


def test_the_cursor_goes_on_over_events_of_others_and_of_other_types(database):
    add_tenant(database, "ten_other")
    with database.writing() as connection:
        happen(connection, "ord_1")
        happen(connection, "rte_1", "route.planned")
        happen(connection, "ord_2", tenant_id="ten_other")
    with database.reading() as connection:
        page = events_after(connection, TENANT, 0, types=["route.*"])
        assert ([event.object_id for event in page.events], page.cursor) == (["rte_1"], 3)
        assert events_after(connection, TENANT, 0, types=["ROUTE.*", "route", "oute.*"]) == ([], 3)
        assert [e.object_id for e in events_after(connection, "ten_other", 0).events] == ["ord_2"]
        assert events_after(connection, TENANT, 99) == ([], 99)


@pytest.mark.parametrize(
    ("types", "event_type", "wanted"),
    [
        ((), "order.placed", True),
        (("order.placed",), "order.placed", True),
        (("order.*",), "order.placed", True),
        (("order.*",), "orders.placed", False),
        (("order.place",), "order.placed", False),
        (("order",), "order.placed", False),
        (("route.*", "order.placed"), "order.placed", True),
    ],
)
def test_types_are_exact_or_a_beginning(types, event_type, wanted):
    assert matches(types, event_type) is wanted


def test_the_first_event_of_a_moment_is_found_with_an_hour_to_spare(database):
    for hours in range(10):
        happened(database, f"ord_{hours}", at=NOW + 3_600 * hours)
    with database.reading() as connection:
        found = [first_event_since(connection, NOW + 3_600 * hours) for hours in (-5, 0, 5, 20)]
        assert found == [0, 0, 4, 10]


def test_a_relay_remembers_how_far_it_came_and_never_goes_back(database):
    with database.writing() as connection:
        assert relayed_up_to(connection, "nats") == 0
        assert relayed_up_to(connection, "nats", lock=True) == 0
        relay_moved(connection, "nats", 7)
        relay_moved(connection, "nats", 3)
        assert relayed_up_to(connection, "nats") == 7
        relay_moved(connection, "other", 2)
        assert relayed_up_to(connection, "other") == 2
