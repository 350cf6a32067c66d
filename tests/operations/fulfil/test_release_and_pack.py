"""Shipments are picked when they are due, and packed once."""

import pytest

from doorstep.domain.lifecycles import IllegalTransitionError
from doorstep.foundation import ConflictError, NotFoundError
from doorstep.operations.fulfil import pack_shipment, release_wave, route_orders
from doorstep.operations.orders import cancel_order, hold_order
from doorstep.operations.transitions import StaleVersionError
from doorstep.storage import ledger
from tests.databases import CALLER, NOW
from tests.operations.fulfil.stage import HOUR, allocated, open_stage, placed, shipments_in, state_of
from tests.operations.shops import TWO_SITES
from tests.small import at, table

DAY = 24 * HOUR


def released(connection, now=NOW, **options) -> list[str]:
    return [shipment.order_id for shipment in release_wave(connection, CALLER, now=now, **options)]


def test_a_shipment_is_due_before_its_picking_must_begin(database):
    open_stage(database)
    with database.writing() as connection:
        window = (NOW + 5 * DAY, NOW + 5 * DAY + 3 * HOUR)  # an hour of work and two of road: start at +5 days
        order_id = allocated(connection, window=window)
        assert released(connection, now=NOW + 5 * DAY - 2 * HOUR - 1, within_s=2 * HOUR) == []
        assert released(connection, now=NOW + 5 * DAY - 2 * HOUR, within_s=2 * HOUR) == [order_id]
        assert state_of(connection, order_id) == "preparing"


def test_what_is_collected_needs_no_road(database):
    open_stage(database)
    with database.writing() as connection:
        allocated(connection, service_level_id="click_and_collect", pickup_site_id="S1")  # until 20:00
        assert released(connection, now=at("16:59"), within_s=2 * HOUR) == []
        assert len(released(connection, now=at("17:00"), within_s=2 * HOUR)) == 1


def test_a_shipment_is_due_when_the_hour_of_its_pickers_has_come(database):
    open_stage(database, sites=TWO_SITES.with_columns(pick_lines_per_day=table("n", (15,), (15,))["n"]))
    with database.writing() as connection:
        window = (NOW + 5 * DAY, NOW + 6 * DAY)
        first, second = allocated(connection, window=window), allocated(connection, window=window)
        assert released(connection, now=NOW, within_s=0) == [first]
        assert released(connection, now=NOW + HOUR, within_s=0) == [second]


def test_everything_means_everything_of_a_site(database):
    open_stage(database, {("S1", "A"): 1, ("S2", "C"): 2})
    with database.writing() as connection:
        both, far = allocated(connection, ("A", 1), ("C", 1)), allocated(connection, ("C", 1))
        assert released(connection, site_id="S1", everything=True) == [both]
        assert sorted(released(connection, everything=True, limit=5)) == [both, far]
        assert released(connection, everything=True) == []


def test_the_first_promise_that_ends_comes_first(database):
    open_stage(database)
    with database.writing() as connection:
        late = allocated(connection, window=(NOW + DAY, NOW + 2 * DAY))
        soon = allocated(connection, window=(NOW + DAY, NOW + 2 * DAY - 1))
        assert [released(connection, everything=True, limit=1) for _ in range(2)] == [[soon], [late]]


def test_stopped_and_cancelled_orders_are_not_picked(database):
    open_stage(database)
    with database.writing() as connection:
        held, gone = allocated(connection), allocated(connection)
        hold_order(connection, CALLER, held, now=NOW, reason="fraud check")
        cancel_order(connection, CALLER, gone, now=NOW, reason="changed my mind")
        assert released(connection, everything=True) == []


def test_an_order_is_ready_when_all_its_shipments_are_packed(database):
    open_stage(database, {("S1", "A"): 1, ("S2", "C"): 1})
    with database.writing() as connection:
        order_id = allocated(connection, ("A", 1), ("C", 1))
        released(connection, everything=True)
        first, second = shipments_in(connection, order_id)
        assert pack_shipment(connection, CALLER, first, now=NOW).order_state == "preparing"
        assert pack_shipment(connection, CALLER, second, now=NOW).order_state == "ready"


def test_what_one_carton_does_not_hold_travels_in_several_parcels(database):
    open_stage(database)
    with database.writing() as connection:
        order_id = allocated(connection, ("A", 99))
        released(connection, everything=True)
        (shipment_id,) = shipments_in(connection, order_id)
        assert len(pack_shipment(connection, CALLER, shipment_id, now=NOW).parcel_ids) > 1


def test_a_shipment_is_packed_by_the_version_that_the_packer_saw_and_after_it_was_picked(database):
    open_stage(database)
    with database.writing() as connection:
        order_id = allocated(connection)
        (shipment_id,) = shipments_in(connection, order_id)
        with pytest.raises(IllegalTransitionError):
            pack_shipment(connection, CALLER, shipment_id, now=NOW)
        released(connection, everything=True)
        with pytest.raises(StaleVersionError):
            pack_shipment(connection, CALLER, shipment_id, now=NOW, if_version=1)
        pack_shipment(connection, CALLER, shipment_id, now=NOW, if_version=2)
        pack_shipment(connection, CALLER, shipment_id, now=NOW, if_version=2)  # the answer had been lost
        with pytest.raises(NotFoundError):
            pack_shipment(connection, CALLER, "shp_unknown", now=NOW)


def test_a_shipment_whose_units_were_taken_away_cannot_be_packed(database):
    def pack_without_units(connection):
        ledger.end_all(connection, CALLER.tenant_id, order_id, now=NOW)
        pack_shipment(connection, CALLER, shipment_id, now=NOW)

    open_stage(database)
    with database.writing() as connection:
        order_id = placed(connection)
        route_orders(connection, CALLER, now=NOW)
        released(connection, everything=True)
        (shipment_id,) = shipments_in(connection, order_id)
        with pytest.raises(ConflictError, match="holds nothing"), connection.savepoint():
            pack_without_units(connection)
