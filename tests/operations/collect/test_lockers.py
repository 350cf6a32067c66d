"""Parcels in compartments: kept from the promise on, each alone, free again when somebody has been there."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from doorstep.foundation import ConflictError
from doorstep.operations.bring import ReportedEvent, record_event
from doorstep.operations.bring.change import Decided, change_delivery
from doorstep.operations.collect.lockers import deposit, lapse_overdue
from doorstep.operations.fulfil import hand_over_delivery
from doorstep.operations.intake.errors import NoCompartmentError, OrderFaultsError
from doorstep.operations.orders import cancel_order
from doorstep.storage import Connection
from doorstep.storage.check import check_books
from doorstep.storage.ledger import Place
from doorstep.storage.schema.fulfilment import deliveries
from tests.databases import CALLER, NOW
from tests.operations.collect.banks import brought, lying
from tests.operations.fulfil.stage import HOUR, on_shelves, placed, state_of, steps_of
from tests.trials import trials

AT_LOCKER: dict[str, Any] = {"service_level_id": "locker", "pickup_site_id": "L1"}
SMALL, LARGE = Place("compartment", "L1", "L1-small"), Place("compartment", "L1", "L1-large")


def test_an_order_waits_in_a_compartment_until_its_shopper_opens_it(database):
    with database.writing() as connection:
        order_id, delivery_id = brought(connection, ("A", 1))
        assert on_shelves(connection)[SMALL] == (2, 1)
        (put,) = deposit(connection, CALLER, delivery_id, now=NOW + 5 * HOUR)
        assert (put.compartment_id, put.number) == ("L1-small", 1)
        assert deposit(connection, CALLER, delivery_id, now=NOW + 5 * HOUR) == [put]
        assert (state_of(connection, order_id), on_shelves(connection)[Place("stock", "S1", "A")]) == (
            "fulfilling", (99, 0)
        )  # fmt: skip
        done = hand_over_delivery(connection, CALLER, delivery_id, now=NOW + 6 * HOUR)
        assert (done.state, done.order_state) == ("collected", "completed")
        assert (lying(connection), on_shelves(connection)[SMALL]) == ([], (2, 0))
    with database.reading() as connection:
        assert steps_of(connection, delivery_id) == ["create", "prepare", "make_ready", "deposit", "collect"]


def test_what_nobody_comes_for_lapses_and_is_on_the_shelf_again(database):
    with database.writing() as connection:
        order_id, delivery_id = brought(connection, ("A", 1))
        deposit(connection, CALLER, delivery_id, now=NOW)
        assert lapse_overdue(connection, CALLER, now=NOW + 72 * HOUR - 1) == []
        assert lapse_overdue(connection, CALLER, now=NOW + 72 * HOUR) == [delivery_id]
        assert lapse_overdue(connection, CALLER, now=NOW + 73 * HOUR) == []
        assert (state_of(connection, order_id), lying(connection)) == ("on_hold", [("L1-small", 1)])
        change_delivery(connection, CALLER, delivery_id, Decided(event="restock", reason="not_collected"), now=NOW + 1)
        assert on_shelves(connection)[Place("stock", "S1", "A")] == (100, 0)
        assert (lying(connection), on_shelves(connection)[SMALL]) == ([], (2, 0))


def test_there_is_a_compartment_for_each_parcel_or_the_order_is_refused(database):
    with database.writing() as connection:
        first = [placed(connection, ("A", 1), **AT_LOCKER) for _ in range(3)]  # the third takes the large one
        assert (on_shelves(connection)[SMALL], on_shelves(connection)[LARGE]) == ((2, 2), (1, 1))
        with pytest.raises(NoCompartmentError, match="too few"):
            placed(connection, ("A", 1), **AT_LOCKER)
        cancel_order(connection, CALLER, first[0], now=NOW, reason="changed_mind")
        placed(connection, ("A", 1), **AT_LOCKER)
        with pytest.raises(NoCompartmentError, match="fits no compartment"):
            placed(connection, ("C", 1), **AT_LOCKER)
        with pytest.raises(OrderFaultsError, match="no place where orders of the method locker"):
            placed(connection, ("A", 1), service_level_id="locker", pickup_site_id="S1")


def test_a_pick_up_point_needs_no_compartments(database):
    with database.writing() as connection:
        _, delivery_id = brought(connection, ("C", 1), level="point", site="P1")
        with pytest.raises(ConflictError, match="has no compartments"), connection.savepoint():
            deposit(connection, CALLER, delivery_id, now=NOW)
        brought_there = ReportedEvent(source="kiosk", source_event_id="1", kind="delivery", object_id=delivery_id,
                                      event="make_ready", occurred_at=NOW + 5 * HOUR)  # fmt: skip
        record_event(connection, CALLER, brought_there, now=NOW + 5 * HOUR)
        assert lapse_overdue(connection, CALLER, now=NOW + 77 * HOUR - 1) == []
        done = hand_over_delivery(connection, CALLER, delivery_id, now=NOW + 77 * HOUR)
        assert (done.state, done.order_state) == ("handed_over", "completed")
        assert lapse_overdue(connection, CALLER, now=NOW + 77 * HOUR) == []


KEPT_LATER = ("audit", "journal", "the books say")
"""Of what is written when a transaction ends, or after it, and this one is undone."""
STEPS = st.lists(st.tuples(st.sampled_from(("order", "deposit", "collect", "lapse", "restock", "cancel")),
                           st.integers(0, 3), st.integers(1, 3)), min_size=6, max_size=14)  # fmt: skip


@settings(max_examples=trials(15), suppress_health_check=[*HealthCheck])
@given(steps=STEPS)
def test_no_compartment_ever_holds_two_parcels_whatever_happens(database, steps):
    try:
        with database.writing() as connection:
            for step, which, units in steps:
                walk(connection, step, which, units)
                lie = Counter(name for name, _ in lying(connection))
                there = {place.item: count for place, count in on_shelves(connection).items()}
                for name, parcels in lie.items():
                    assert parcels <= there[name][1] <= there[name][0]
            assert not [fault for fault in check_books(connection) if not any(word in fault for word in KEPT_LATER)]
            raise _UndoneError
    except _UndoneError:
        pass


class _UndoneError(Exception):
    pass


def walk(connection: Connection, step: str, which: int, units: int) -> None:
    """Do a step with one of the deliveries there are, or nothing where it may not be done."""
    query = select(deliveries.c.delivery_id, deliveries.c.order_id).order_by(deliveries.c.delivery_id)
    there = [(row.delivery_id, row.order_id) for row in connection.execute(query)]
    if step != "order" and not there:
        return
    delivery_id, order_id = there[which % len(there)] if there else ("", "")
    try:
        with connection.savepoint():
            if step == "order":
                brought(connection, ("A", units))
            elif step == "deposit":
                deposit(connection, CALLER, delivery_id, now=NOW)
            elif step == "collect":
                hand_over_delivery(connection, CALLER, delivery_id, now=NOW + HOUR)
            elif step == "lapse":
                lapse_overdue(connection, CALLER, now=NOW + 73 * HOUR, limit=1)
            elif step == "restock":
                change_delivery(connection, CALLER, delivery_id, Decided(event="restock", reason="x"), now=NOW)
            else:
                cancel_order(connection, CALLER, order_id, now=NOW, reason="x")
    except ConflictError:
        pass
