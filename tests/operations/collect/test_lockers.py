"""Parcels in compartments: kept from the promise on, each alone, free again when somebody has been there."""

import pytest

from doorstep.foundation import ConflictError
from doorstep.operations.bring.change import Decided, change_delivery
from doorstep.operations.collect.lockers import deposit, lapse_overdue
from doorstep.operations.fulfil import hand_over_delivery
from doorstep.operations.intake.errors import NoCompartmentError, OrderFaultsError
from doorstep.operations.orders import cancel_order
from doorstep.storage.ledger import Place
from tests.databases import CALLER, NOW
from tests.operations.collect.banks import brought, lying
from tests.operations.fulfil.stage import HOUR, deliveries_of, on_shelves, placed, state_of, steps_of

AT_LOCKER = {"service_level_id": "locker", "pickup_site_id": "L1"}
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
        order_id, delivery_id = brought(connection, ("C", 1), level="point", site="P1")
        with pytest.raises(ConflictError, match="has no compartments"), connection.savepoint():
            deposit(connection, CALLER, delivery_id, now=NOW)
        assert deliveries_of(connection, order_id) == [(delivery_id, "preparing")]
