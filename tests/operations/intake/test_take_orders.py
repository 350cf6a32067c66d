"""Orders are accepted once, whole, with their stock and capacity, on both databases."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from doorstep.domain.lifecycles import IllegalTransitionError
from doorstep.domain.new_order import Contact, TakenOrder
from doorstep.foundation import ConflictError
from doorstep.operations.caller import Caller
from doorstep.operations.intake.draft import Intake
from doorstep.operations.intake.errors import (
    DuplicateOrderError,
    NotEnoughStockError,
    OrderFaultsError,
    ReusedKeyError,
)
from doorstep.operations.intake.holds import SlotFullError, confirm_hold, hold_slot
from doorstep.operations.intake.take import take_order, take_orders
from doorstep.operations.orders import cancel_order, place_order
from doorstep.operations.stock import adjust_stock, count_stock
from doorstep.storage import Database, Writer, ledger
from doorstep.storage.check import check_books
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.journal import audit, events
from doorstep.storage.schema.ledger import PICK, positions
from doorstep.storage.schema.orders import contacts, order_lines, orders, slot_holds, slots
from tests.databases import CALLER, NOW, add_tenant
from tests.operations.shops import TWO_SITES, open_shop, ordering, shelf
from tests.small import at, table


@pytest.fixture(autouse=True)
def books_agree(database: Database):
    yield
    with database.reading() as connection:
        assert check_books(connection) == []


def test_an_order_is_stored_with_its_promise_and_its_stock(database):
    open_shop(database, {("S1", "A"): 5})
    with database.writing() as connection:
        taken = take_order(connection, CALLER, ordering(("A", 2), contact=Contact(name="Jo", phone="+1")), now=NOW)
        assert (taken.state, taken.version, taken.held) == ("placed", 1, ((1, "S1", 2),))
        assert (taken.window_start_at, taken.window_end_at) == (at("08:00", "2026-03-04"), at("20:00", "2026-03-04"))
        assert taken.fee_minor == 399
        assert taken.order_id.startswith("ord_")
        assert len(taken.code) == 8
        assert shelf(connection, "S1", "A")[1:3] == (5, 2)
        assert connection.execute(select(func.count()).select_from(order_lines)).scalar_one() == 1
        assert connection.execute(select(contacts.c.name)).scalar_one() == "Jo"
    with database.reading() as connection:
        (row,) = connection.execute(select(audit)).all()
        assert (row.actor, row.event, row.from_state, row.to_state) == ("test", "create", "", "placed")
        (event,) = connection.execute(select(events)).all()
        assert (event.type, event.object_id, event.sequence) == ("order.created", taken.order_id, 1)


def test_the_near_site_comes_first_a_whole_order_before_that_and_a_split_last(database):
    open_shop(database, {("S1", "A"): 3, ("S2", "A"): 9, ("S2", "B"): 1})
    with database.writing() as connection:
        assert take_order(connection, CALLER, ordering(("A", 1)), now=NOW).held == ((1, "S1", 1),)
        whole = take_order(connection, CALLER, ordering(("A", 1), ("B", 1)), now=NOW)
        assert whole.held == ((1, "S2", 1), (2, "S2", 1))
        assert sorted(take_order(connection, CALLER, ordering(("A", 10)), now=NOW).held) == [(1, "S1", 2), (1, "S2", 8)]


def test_a_product_on_two_lines_is_one_demand_for_its_stock(database):
    open_shop(database, {("S1", "A"): 3})
    with database.writing() as connection, pytest.raises(NotEnoughStockError) as refused:
        take_order(connection, CALLER, ordering(("A", 2), ("A", 2)), now=NOW)
    assert refused.value.short == ((1, "A", 2, 3), (2, "A", 2, 3))


def test_a_batch_never_promises_a_unit_twice(database):
    open_shop(database, {("S1", "A"): 5, ("S2", "A"): 2})
    with database.writing() as connection:
        answers = take_orders(connection, [Intake(caller=CALLER, order=ordering(("A", 2)), now=NOW) for _ in range(5)])
        assert [len(a.held) if isinstance(a, TakenOrder) else 0 for a in answers] == [1, 1, 1, 0, 0]
        assert (shelf(connection, "S1", "A").free, shelf(connection, "S2", "A").free) == (1, 0)


def test_a_short_order_may_wait_for_stock(database):
    open_shop(database, {})
    with database.writing() as connection:
        taken = take_order(connection, CALLER, ordering(("A", 1), if_short="backorder"), now=NOW)
        assert (taken.state, taken.held) == ("backordered", ())


def test_every_fault_of_an_order_is_named_at_once(database):
    open_shop(database, {("S1", "A"): 5})
    wrong = ordering(("nothing", 1), ("A", 0), service_level_id="teleport", window=(NOW + 9, NOW))
    with database.writing() as connection, pytest.raises(OrderFaultsError) as refused:
        take_order(connection, CALLER, wrong, now=NOW)
    assert [field for field, _, _ in refused.value.faults] == [
        "lines/0/product_id", "lines/1/quantity", "window", "service_level_id"
    ]  # fmt: skip


def test_the_same_key_gives_the_same_order(database):
    open_shop(database, {("S1", "A"): 5})
    with database.writing() as connection:
        first = take_order(connection, CALLER, ordering(("A", 1)), now=NOW, key="k1")
    with database.writing() as connection:
        again = take_order(connection, CALLER, ordering(("A", 1)), now=NOW + 60, key="k1")
        assert again.repeated
        assert (again.order_id, again.placed_at, again.held) == (first.order_id, first.placed_at, first.held)
        with pytest.raises(ReusedKeyError):
            take_order(connection, CALLER, ordering(("A", 2)), now=NOW, key="k1")
        assert shelf(connection, "S1", "A").reserved == 1


def test_the_same_external_id_gives_the_same_order(database):
    open_shop(database, {("S1", "A"): 5})
    with database.writing() as connection:
        first = take_order(connection, CALLER, ordering(("A", 1), external_id="web-1"), now=NOW)
        again = take_order(connection, CALLER, ordering(("A", 1), external_id="web-1"), now=NOW)
        assert (again.order_id, again.repeated) == (first.order_id, True)
        with pytest.raises(DuplicateOrderError):
            take_order(connection, CALLER, ordering(("A", 2), external_id="web-1"), now=NOW)


def test_twins_in_one_batch_are_one_order(database):
    open_shop(database, {("S1", "A"): 5})
    same, other = ordering(("A", 1), external_id="web-1"), ordering(("A", 2), external_id="web-1")
    with database.writing() as connection:
        asked = [Intake(caller=CALLER, order=order, now=NOW) for order in (same, same, other)]
        first, second, third = take_orders(connection, asked)
        assert isinstance(first, TakenOrder)
        assert isinstance(second, TakenOrder)
        assert (second.order_id, second.repeated) == (first.order_id, True)
        assert isinstance(third, DuplicateOrderError)
        assert connection.execute(select(func.count()).select_from(orders)).scalar_one() == 1


def test_pickers_are_booked_by_the_hour_and_a_full_site_is_passed_over(database):
    sites = TWO_SITES.with_columns(pick_lines_per_day=table("n", (15,), (None,))["n"])  # 15 hours: one line an hour
    open_shop(database, {("S1", "A"): 99, ("S2", "A"): 99}, sites=sites)
    with database.writing() as connection:
        order = ordering(("A", 1), window=(NOW, NOW + 3 * 3600 - 1))  # an hour's work: hours 08 and 09 are in time
        held = [take_order(connection, CALLER, order, now=NOW).held[0][1] for _ in range(4)]
        assert held == ["S1", "S1", "S2", "S2"]
        booked = select(positions.c.item, positions.c.reserved).where(positions.c.kind == PICK)
        assert sorted(connection.execute(booked).all()) == [(str(NOW), 1), (str(NOW + 3600), 1)]


def test_a_collected_order_is_served_where_it_is_collected(database):
    open_shop(database, {("S1", "A"): 5, ("S2", "A"): 5})
    order = ordering(("A", 1), service_level_id="click_and_collect", pickup_site_id="S2")
    with database.writing() as connection:
        assert take_order(connection, CALLER, order, now=NOW).held == ((1, "S2", 1),)
        with pytest.raises(NotEnoughStockError):
            take_order(connection, CALLER, ordering(("B", 1), service_level_id="click_and_collect",
                                                    pickup_site_id="S2"), now=NOW)  # fmt: skip


def test_a_pending_payment_holds_stock_until_it_is_placed(database):
    open_shop(database, {("S1", "A"): 5})
    with database.writing() as connection:
        taken = take_order(connection, CALLER, ordering(("A", 2), payment="pending"), now=NOW)
        assert taken.state == "draft"
        assert ledger.overdue(connection, now=NOW + 899, limit=9) == []
        assert ledger.overdue(connection, now=NOW + 900, limit=9) == [taken.order_id]
        assert place_order(connection, CALLER, taken.order_id, now=NOW + 60).to_state == "placed"
        assert ledger.overdue(connection, now=NOW + 900, limit=9) == []


def test_an_expired_draft_gives_its_stock_back_and_cannot_be_placed(database):
    open_shop(database, {("S1", "A"): 5})
    with database.writing() as connection:
        taken = take_order(connection, CALLER, ordering(("A", 2), payment="pending"), now=NOW)
        cancel_order(connection, CALLER, taken.order_id, now=NOW + 900, reason="payment_expired", expired=True)
        assert shelf(connection, "S1", "A").reserved == 0
        with pytest.raises(IllegalTransitionError):
            place_order(connection, CALLER, taken.order_id, now=NOW + 901)


def test_a_slot_is_held_confirmed_with_the_order_and_full_after_its_last_place(database):
    open_shop(database, {("S1", "A"): 5})
    slot = {"slot_id": "slt_1", "tenant_id": CALLER.tenant_id, "zone": "north", "site_id": "S1",
            "service_level_id": "next_day", "state": "open", "starts_at": NOW + 86_400, "ends_at": NOW + 93_600,
            "cutoff_at": NOW + 40_000, "unit": "orders", "capacity": 1, "fee_minor": 250}  # fmt: skip
    with database.writing() as connection:
        connection.run(inserting(slots), [slot])
        hold_id = hold_slot(connection, CALLER, "slt_1", now=NOW)
        with pytest.raises(SlotFullError):
            hold_slot(connection, CALLER, "slt_1", now=NOW)
        taken = take_order(connection, CALLER, ordering(("A", 1), hold_id=hold_id), now=NOW)
        assert (taken.window_start_at, taken.window_end_at, taken.fee_minor) == (NOW + 86_400, NOW + 93_599, 250)
        state, order_id = connection.execute(select(slot_holds.c.state, slot_holds.c.order_id)).one()
        assert (state, order_id) == ("confirmed", taken.order_id)
        cancel_order(connection, CALLER, taken.order_id, now=NOW, reason="changed my mind")
        assert hold_slot(connection, CALLER, "slt_1", now=NOW) != hold_id


def test_a_place_that_was_confirmed_before_its_order_is_taken_by_the_first_that_comes(database):
    open_shop(database, {("S1", "A"): 5})
    slot = {"slot_id": "slt_1", "tenant_id": CALLER.tenant_id, "zone": "north", "site_id": "S1",
            "service_level_id": "next_day", "state": "open", "starts_at": NOW + 86_400, "ends_at": NOW + 93_600,
            "cutoff_at": NOW + 40_000, "unit": "orders", "capacity": 1, "fee_minor": 250}  # fmt: skip
    with database.writing() as connection:
        connection.run(inserting(slots), [slot])
        hold_id = hold_slot(connection, CALLER, "slt_1", now=NOW)
        confirm_hold(connection, CALLER, hold_id, now=NOW)
        with pytest.raises(IllegalTransitionError):
            confirm_hold(connection, CALLER, hold_id, now=NOW)
        taken = take_order(connection, CALLER, ordering(("A", 1), hold_id=hold_id), now=NOW + 9_000)
        row = connection.execute(select(slot_holds)).one()
        assert (row.state, row.order_id, row.version) == ("confirmed", taken.order_id, 3)
        with pytest.raises(IllegalTransitionError):
            take_order(connection, CALLER, ordering(("A", 1), hold_id=hold_id), now=NOW + 9_000)
        cancel_order(connection, CALLER, taken.order_id, now=NOW + 9_000, reason="changed my mind")
        assert hold_slot(connection, CALLER, "slt_1", now=NOW + 9_000) != hold_id


def test_an_order_that_is_refused_leaves_its_slot_hold_as_it_was(database):
    open_shop(database, {("S1", "A"): 0})
    slot = {"slot_id": "slt_1", "tenant_id": CALLER.tenant_id, "zone": "north", "site_id": "S1",
            "service_level_id": "next_day", "state": "open", "starts_at": NOW + 86_400, "ends_at": NOW + 93_600,
            "cutoff_at": NOW + 40_000, "unit": "orders", "capacity": 1, "fee_minor": 250}  # fmt: skip
    with database.writing() as connection:
        connection.run(inserting(slots), [slot])
        hold_id = hold_slot(connection, CALLER, "slt_1", now=NOW)
        with pytest.raises(NotEnoughStockError):
            take_order(connection, CALLER, ordering(("A", 1), hold_id=hold_id), now=NOW)
        assert connection.execute(select(slot_holds.c.state)).scalar_one() == "held"


def test_a_count_below_what_is_held_sends_the_youngest_orders_elsewhere(database):
    open_shop(database, {("S1", "A"): 3})
    with database.writing() as connection:
        old = take_order(connection, CALLER, ordering(("A", 2)), now=NOW)
        young = take_order(connection, CALLER, ordering(("A", 1)), now=NOW + 1)
        counted = count_stock(connection, CALLER, site_id="S1", product_id="A", counted=2, reason="count", now=NOW + 2)
        assert counted[1:3] == (2, 2)
        assert ledger.holdings(connection, [young.order_id]) == []
        assert len(ledger.holdings(connection, [old.order_id])) == 1
        with pytest.raises(ConflictError):
            adjust_stock(connection, CALLER, site_id="S1", product_id="A", units=-3, kind="adjust", reason="x", now=NOW)


def test_tenants_share_nothing_but_the_database(database):
    add_tenant(database, "ten_other")
    open_shop(database, {("S1", "A"): 1})
    open_shop(database, {("S1", "A"): 1}, tenant_id="ten_other")
    other = Caller("ten_other", "test")
    with database.writing() as connection:
        orders_ = [Intake(caller=c, order=ordering(("A", 1), external_id="web-1"), now=NOW) for c in (CALLER, other)]
        mine, theirs = take_orders(connection, orders_)
        assert isinstance(mine, TakenOrder)
        assert isinstance(theirs, TakenOrder)
        assert (mine.order_id != theirs.order_id, theirs.repeated) == (True, False)


def test_a_batch_that_holds_a_poisoned_request_still_takes_the_others(database):
    open_shop(database, {("S1", "A"): 50})
    writer = Writer(database)
    poison = ordering(("A", 1))
    object.__setattr__(poison, "postal_code", object())  # no driver can store it
    asked = [Intake(caller=CALLER, order=o, now=NOW) for o in (ordering(("A", 1)), poison, ordering(("A", 2)))]
    first, second, third = (writer.together(take_orders, request) for request in asked)
    assert first.result(30).held == ((1, "S1", 1),)
    assert second.exception(30) is not None
    assert third.result(30).held == ((1, "S1", 2),)
    writer.close()


def test_faults_of_lines_are_counted(database):
    open_shop(database, {("S1", "A"): 5})
    empty = ordering()
    many = ordering(*[("A", 1)] * 201)
    with database.writing() as connection:
        for order in (empty, many):
            with pytest.raises(OrderFaultsError, match="must be 1 to 200"):
                take_order(connection, CALLER, order, now=NOW)


def test_the_last_place_of_a_slot_that_was_offered_twice_goes_to_one_order_with_its_stock(database):
    open_shop(database, {("S1", "A"): 9})
    slot = {"slot_id": "slt_1", "tenant_id": CALLER.tenant_id, "zone": "z", "site_id": "S1",
            "service_level_id": "next_day", "state": "open", "starts_at": NOW + 86_400, "ends_at": NOW + 93_600,
            "cutoff_at": NOW + 36_000, "unit": "lines", "capacity": 3, "fee_minor": 250}  # fmt: skip
    with database.writing() as connection:
        connection.run(inserting(slots), [slot])
        offered = Intake(caller=CALLER, order=ordering(("A", 1), ("A", 1)), now=NOW, slot_id="slt_1", fee_minor=200)
        first, second = take_orders(connection, [offered, offered])
        assert isinstance(first, TakenOrder)
        assert (first.fee_minor, first.window_start_at, first.window_end_at) == (200, NOW + 86_400, NOW + 93_599)
        assert isinstance(second, SlotFullError)
        assert second.message == "slot slt_1 has less than 2 lines left."
        assert shelf(connection, "S1", "A").reserved == 2
        (hold,) = connection.execute(select(slot_holds)).all()
        assert (hold.state, hold.order_id, hold.work) == ("confirmed", first.order_id, 2)
        cancel_order(connection, CALLER, first.order_id, now=NOW, reason="test")
        third = take_orders(connection, [replace(offered, fee_minor=None)])[0]
        assert isinstance(third, TakenOrder)
        assert third.fee_minor == 250
