"""Units that are on their way: promised once, held on the shelf once they come, replaced if they do not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from doorstep.domain.lifecycles import IllegalTransitionError
from doorstep.domain.new_order import TakenOrder
from doorstep.foundation import ConflictError, DoorstepError, NotFoundError
from doorstep.operations.fulfil import route_orders
from doorstep.operations.housekeeping import expire_overdue
from doorstep.operations.intake.balances import PAYMENT_HOLD_S
from doorstep.operations.intake.draft import Intake
from doorstep.operations.intake.take import take_order, take_orders
from doorstep.operations.onboarding import import_retailer
from doorstep.operations.orders import cancel_order, place_order
from doorstep.operations.receipts import (
    LATE_S,
    NewReceipt,
    cancel_receipt,
    change_receipt,
    expect_receipt,
    note_late,
    receive_receipt,
)
from doorstep.operations.stock import adjust_stock, count_stock
from doorstep.storage import Connection, Database, ledger
from doorstep.storage.check import check_books
from doorstep.storage.ledger import Place
from doorstep.storage.schema.ledger import PICK, RECEIPT, STOCK, positions, reservations
from doorstep.storage.schema.orders import orders
from doorstep.storage.schema.receipts import receipts
from tests.databases import CALLER, NOW, add_tenant, sqlite_copy
from tests.operations.fulfil.stage import open_stage, state_of
from tests.operations.fulfil.test_races import at_once
from tests.operations.shops import TWO_SITES, ordering, shelf
from tests.small import LINES, ORDERS, TABLES, at, retailer, table
from tests.trials import trials

HOUR_S, DAY_S = 3_600, 86_400
TEN = at("10:00")


@pytest.fixture
def books(database: Database) -> Iterator[Database]:
    """Give an empty shop whose books are checked at the end."""
    open_stage(database, {})
    yield database
    with database.reading() as connection:
        assert check_books(connection) == []


def expected(connection: Connection, units: int = 5, *, when: int = TEN, site: str = "S1", product: str = "A") -> str:
    return expect_receipt(
        connection, CALLER, NewReceipt(site_id=site, product_id=product, units=units, expected_at=when), now=NOW
    )


def take(connection: Connection, units: int = 1, *, now: int = NOW, **changes: Any) -> TakenOrder:
    return take_order(connection, CALLER, ordering(("A", units), **changes), now=now)


def promised(connection: Connection, receipt_id: str, site: str = "S1") -> tuple[int, int]:
    """Return how many units of a receipt are expected, and how many of them are promised."""
    place = Place(RECEIPT, site, receipt_id)
    position = ledger.find(connection, CALLER.tenant_id, [place])[place]
    return position.on_hand, position.reserved


def holds(connection: Connection, order_id: str) -> list[tuple[str, str, int]]:
    """Return kind of position, site and units of what an order holds."""
    return [(h.place.kind, h.place.site_id, h.quantity) for h in ledger.holdings(connection, [order_id])]


def test_units_that_come_in_time_are_promised_and_held_on_the_shelf_once_they_have_come(books: Database):
    with books.writing() as connection:
        receipt_id = expected(connection)
        order = take(connection, 3)
        assert (order.state, order.held, order.coming) == ("placed", (), ((1, "S1", 3, receipt_id),))
        assert promised(connection, receipt_id) == (5, 3)
        assert route_orders(connection, CALLER, now=NOW) == []  # it has its site, and waits
        assert route_orders(connection, CALLER, [order.order_id], now=NOW) == []
        receive_receipt(connection, CALLER, receipt_id, now=TEN)
        assert (promised(connection, receipt_id), shelf(connection, "S1", "A")[1:3]) == ((0, 0), (5, 3))
        (routed,) = route_orders(connection, CALLER, now=TEN)
        assert (routed.order_id, routed.state, routed.sites) == (order.order_id, "allocated", ("S1",))


def test_what_is_there_is_taken_first_and_the_rest_joins_it_on_the_same_line(books: Database):
    with books.writing() as connection:
        adjust_stock(connection, CALLER, site_id="S1", product_id="A", units=1, kind="receive", reason="", now=NOW)
        early, late = expected(connection, 1, when=TEN), expected(connection, 2, when=TEN + HOUR_S)
        order = take(connection, 3)
        assert (order.held, order.coming) == (((1, "S1", 1),), ((1, "S1", 1, early), (1, "S1", 1, late)))
        for receipt_id in (late, early):
            assert route_orders(connection, CALLER, now=TEN) == []
            receive_receipt(connection, CALLER, receipt_id, now=TEN)
        assert holds(connection, order.order_id) == [(STOCK, "S1", 3)]
        assert shelf(connection, "S1", "A")[1:3] == (4, 3)


def test_an_order_that_can_be_served_from_shelves_waits_for_nothing(books: Database):
    with books.writing() as connection:
        receipt_id = expected(connection, 9)
        adjust_stock(connection, CALLER, site_id="S2", product_id="A", units=2, kind="receive", reason="", now=NOW)
        assert take(connection, 2).held == ((1, "S2", 2),)
        assert promised(connection, receipt_id) == (9, 0)


def test_units_that_come_after_the_window_or_have_not_come_are_promised_to_nobody(books: Database):
    with books.writing() as connection:
        expected(connection, when=NOW - 60)
        expected(connection, when=NOW + 3 * DAY_S)
        with pytest.raises(ConflictError, match="1 of A wanted, 0 free"):
            take(connection)
        assert take(connection, if_short="backorder").state == "backordered"


def test_what_is_collected_waits_for_what_comes_to_its_own_site(books: Database):
    with books.writing() as connection:
        here, _ = expected(connection, 1, site="S2"), expected(connection, 9, site="S1")
        collected: dict[str, Any] = {"service_level_id": "click_and_collect", "pickup_site_id": "S2"}
        assert take(connection, 1, **collected).coming == ((1, "S2", 1, here),)
        with pytest.raises(ConflictError, match="not enough stock"):
            take(connection, 1, **collected)


def test_pickers_are_booked_for_after_the_units_have_come(database: Database):
    open_stage(database, {}, sites=TWO_SITES.with_columns(pick_lines_per_day=pl.lit(120, pl.Int64)))
    with database.writing() as connection:
        expected(connection, when=TEN + 60)
        order = take(connection)
        (hour,) = [h.place for h in ledger.holdings(connection, [order.order_id]) if h.place.kind == PICK]
        assert hour == Place(PICK, "S1", str(TEN))
        row = connection.execute(select(orders).where(orders.c.order_id == order.order_id)).one()
        assert row.promised_ready_at > TEN + 60


def test_two_orders_of_one_batch_cannot_have_the_same_expected_unit(books: Database):
    with books.writing() as connection:
        receipt_id = expected(connection, 1)
        asked = [Intake(caller=CALLER, order=ordering(("A", 1)), now=NOW) for _ in range(2)]
        first, second = take_orders(connection, asked)
        assert isinstance(first, TakenOrder)
        assert isinstance(second, DoorstepError)
        assert promised(connection, receipt_id) == (1, 1)


def test_orders_that_race_for_the_last_expected_unit_get_it_once(books: Database):
    with books.writing() as connection:
        receipt_id = expected(connection, 1)

    def one(connection: Connection) -> bool:
        try:
            return bool(take(connection).coming)
        except ConflictError:
            return False

    assert sorted(map(bool, at_once(books, *[one] * 4))) == [False, False, False, True]
    with books.reading() as connection:
        assert promised(connection, receipt_id) == (1, 1)


def test_orders_that_race_with_the_arrival_of_what_they_want_get_it_once(books: Database):
    with books.writing() as connection:
        receipt_id = expected(connection, 2)

    def one(connection: Connection) -> bool:
        try:
            return bool(take(connection).order_id)
        except ConflictError:
            return False

    def come(connection: Connection) -> bool:
        receive_receipt(connection, CALLER, receipt_id, now=NOW)
        return False

    at_once(books, one, come, one, one)
    with books.reading() as connection:
        here = shelf(connection, "S1", "A")
        held = [h for h in connection.execute(select(reservations)).all() if h.position_id == here.position_id]
        assert (promised(connection, receipt_id), here.on_hand) == ((0, 0), 2)
        assert here.reserved == sum(h.quantity for h in held) <= 2


def test_nobody_keeps_what_was_put_off_while_they_ordered_it(books: Database):
    with books.writing() as connection:
        receipt_id = expected(connection, 9)

    def put_off(connection: Connection) -> None:
        change_receipt(connection, CALLER, receipt_id, units=9, expected_at=TEN + 9 * DAY_S, now=NOW)

    at_once(books, take, take, put_off, take, take)
    with books.reading() as connection:
        assert promised(connection, receipt_id) == (9, 0)


def test_a_receipt_reduced_below_what_is_promised_displaces_the_youngest(books: Database):
    with books.writing() as connection:
        receipt_id = expected(connection, 6)
        old, middle, young = (take(connection, 2, now=NOW + n).order_id for n in range(3))
        change_receipt(connection, CALLER, receipt_id, units=3, expected_at=TEN, now=NOW + 9)
        assert promised(connection, receipt_id) == (3, 2)
        assert [len(holds(connection, order_id)) for order_id in (old, middle, young)] == [1, 0, 0]
        adjust_stock(connection, CALLER, site_id="S2", product_id="A", units=2, kind="receive", reason="", now=NOW + 9)
        found = {r.order_id: (r.state, r.sites) for r in route_orders(connection, CALLER, now=NOW + 9)}
        assert sorted(found.values()) == [("allocated", ("S2",)), ("backordered", ())]
        assert old not in found


def test_a_receipt_may_shrink_to_what_is_promised_and_grow_again(books: Database):
    with books.writing() as connection:
        receipt_id = expected(connection, 6)
        order = take(connection, 2)
        change_receipt(connection, CALLER, receipt_id, units=2, expected_at=TEN, now=NOW)
        assert promised(connection, receipt_id) == (2, 2)
        with pytest.raises(ConflictError):
            take(connection)
        change_receipt(connection, CALLER, receipt_id, units=3, expected_at=TEN, now=NOW)
        assert take(connection).coming
        assert holds(connection, order.order_id) == [(RECEIPT, "S1", 2)]


def test_a_receipt_put_off_keeps_the_orders_it_is_still_in_time_for(books: Database):
    with books.writing() as connection:
        receipt_id = expected(connection, 4)
        today = take(connection, 2, service_level_id="same_day").order_id
        later = take(connection, 2, service_level_id="two_day").order_id
        change_receipt(connection, CALLER, receipt_id, units=4, expected_at=TEN + HOUR_S, now=NOW)
        assert promised(connection, receipt_id) == (4, 4)
        change_receipt(connection, CALLER, receipt_id, units=4, expected_at=TEN + DAY_S, now=NOW)
        assert (holds(connection, today), holds(connection, later)) == ([], [(RECEIPT, "S1", 2)])
        assert [r.state for r in route_orders(connection, CALLER, now=NOW)] == ["backordered"]


def test_a_receipt_that_is_cancelled_lets_go_of_all_and_cannot_come_any_more(books: Database):
    with books.writing() as connection:
        receipt_id = expected(connection, 4)
        draft, order = take(connection, payment="pending").order_id, take(connection).order_id
        cancel_receipt(connection, CALLER, receipt_id, reason="other", now=NOW)
        assert (holds(connection, draft), holds(connection, order), promised(connection, receipt_id)) == (
            [],
            [],
            (0, 0),
        )
        with pytest.raises(IllegalTransitionError):
            receive_receipt(connection, CALLER, receipt_id, now=NOW)
        place_order(connection, CALLER, draft, now=NOW)
        assert {r.state for r in route_orders(connection, CALLER, now=NOW)} == {"backordered"}


def test_nothing_is_received_twice(books: Database):
    with books.writing() as connection:
        receipt_id = expected(connection, 4)
        receive_receipt(connection, CALLER, receipt_id, now=TEN)
        with pytest.raises(IllegalTransitionError):
            receive_receipt(connection, CALLER, receipt_id, now=TEN)
        with pytest.raises(IllegalTransitionError):
            change_receipt(connection, CALLER, receipt_id, units=9, expected_at=TEN, now=TEN)
        with pytest.raises(NotFoundError):
            receive_receipt(connection, CALLER, "rcp_none", now=TEN)
        assert shelf(connection, "S1", "A")[1:3] == (4, 0)


def test_those_who_receive_at_once_receive_once(books: Database):
    with books.writing() as connection:
        receipt_id = expected(connection, 4)
        take(connection, 3)

    def come(connection: Connection) -> bool:
        try:
            receive_receipt(connection, CALLER, receipt_id, now=TEN)
        except IllegalTransitionError:
            return False
        return True

    assert sorted(map(bool, at_once(books, *[come] * 3))) == [False, False, True]
    with books.reading() as connection:
        assert shelf(connection, "S1", "A")[1:3] == (4, 3)


@pytest.mark.parametrize(("came", "stands"), [(1, (1, 0)), (2, (2, 2)), (3, (3, 2)), (9, (9, 4))])
def test_where_other_units_come_than_expected_the_youngest_give_way(
    books: Database, came: int, stands: tuple[int, int]
):
    with books.writing() as connection:
        receipt_id = expected(connection, 4)
        old, young = take(connection, 2).order_id, take(connection, 2, now=NOW + 1).order_id
        receive_receipt(connection, CALLER, receipt_id, units=came, now=TEN)
        assert shelf(connection, "S1", "A")[1:3] == stands
        units = {order_id: sum(u for _, _, u in holds(connection, order_id)) for order_id in (old, young)}
        assert units == {old: 2 if came >= 2 else 0, young: 2 if came >= 4 else 0}


def test_what_is_kept_back_on_the_shelf_is_not_taken_from_what_was_promised(books: Database):
    with books.writing() as connection:
        ledger.keep_back(connection, CALLER.tenant_id, {Place(STOCK, "S1", "A"): 3}, "test", now=NOW)
        receipt_id = expected(connection, 4)
        order = take(connection, 4)
        receive_receipt(connection, CALLER, receipt_id, now=TEN)
        assert holds(connection, order.order_id) == [(STOCK, "S1", 4)]
        assert [r.state for r in route_orders(connection, CALLER, now=TEN)] == ["allocated"]


def test_a_late_receipt_is_waited_for_an_hour_and_then_no_more(books: Database):
    with books.writing() as connection:
        receipt_id = expected(connection, 2)
        order = take(connection, 2).order_id
        assert note_late(connection, now=TEN + LATE_S - 1) == 0
        assert note_late(connection, now=TEN + LATE_S) == 1
        assert note_late(connection, now=TEN + LATE_S) == 0
        assert (holds(connection, order), promised(connection, receipt_id)) == ([], (2, 0))
        assert [r.state for r in route_orders(connection, CALLER, now=TEN + LATE_S)] == ["backordered"]
        with pytest.raises(ConflictError):
            take(connection, now=TEN + LATE_S)
        receive_receipt(connection, CALLER, receipt_id, now=TEN + 2 * LATE_S)
        assert [r.state for r in route_orders(connection, CALLER, now=TEN + 2 * LATE_S)] == ["allocated"]


def test_a_late_receipt_that_is_expected_again_is_promised_again(books: Database):
    with books.writing() as connection:
        receipt_id = expected(connection, 2)
        note_late(connection, now=TEN + LATE_S)
        change_receipt(connection, CALLER, receipt_id, units=2, expected_at=TEN + 3 * HOUR_S, now=TEN + LATE_S)
        assert take(connection, 2, now=TEN + LATE_S).coming == ((1, "S1", 2, receipt_id),)


def test_expected_units_that_nobody_pays_for_are_free_again_before_and_after_they_come(books: Database):
    with books.writing() as connection:
        first, second = expected(connection, 1), expected(connection, 1, when=TEN + 1)
        take(connection, payment="pending")
        assert expire_overdue(connection, now=NOW + PAYMENT_HOLD_S).drafts == 1
        assert promised(connection, first) == (1, 0)
        take(connection, payment="pending")
        receive_receipt(connection, CALLER, first, now=NOW + 1)
        assert shelf(connection, "S1", "A")[1:3] == (1, 1)
        assert expire_overdue(connection, now=NOW + PAYMENT_HOLD_S).drafts == 1
        assert shelf(connection, "S1", "A")[1:3] == (1, 0)
        assert promised(connection, second) == (1, 0)


def test_a_cancelled_order_gives_expected_units_back(books: Database):
    with books.writing() as connection:
        receipt_id = expected(connection, 1)
        cancel_order(connection, CALLER, take(connection).order_id, now=NOW, reason="other")
        assert promised(connection, receipt_id) == (1, 0)
        assert take(connection).coming


def test_an_order_that_loses_what_it_held_on_a_shelf_lets_go_of_what_it_waits_for(books: Database):
    with books.writing() as connection:
        adjust_stock(connection, CALLER, site_id="S1", product_id="A", units=1, kind="receive", reason="", now=NOW)
        receipt_id = expected(connection, 1)
        order = take(connection, 2).order_id
        count_stock(connection, CALLER, site_id="S1", product_id="A", counted=0, reason="counted", now=NOW)
        assert (holds(connection, order), promised(connection, receipt_id)) == ([], (1, 0))


def test_a_folder_expects_receipts_once_and_leaves_alone_what_has_come(books: Database):
    expecting = table(
        "receipt_id site_id product_id units expected_at", ("p1", "S1", "A", 2, TEN), ("p2", "S1", "B", 3, TEN)
    )

    def brought(**tables: pl.DataFrame) -> dict[str, str]:
        shop = retailer(**{"sites": TWO_SITES, "stock": TABLES["stock"].clear(), "orders": ORDERS.clear(),
                           "order_lines": LINES.clear(), "receipts": expecting, **tables})  # fmt: skip
        with books.writing() as connection:
            return import_retailer(connection, CALLER, shop, now=NOW).uncounted

    assert brought() == brought() == {}
    with books.writing() as connection:
        rows = {r.external_id: r for r in connection.execute(select(receipts))}
        assert {name: (r.state, r.units, r.version) for name, r in rows.items()} == {
            "p1": ("expected", 2, 1), "p2": ("expected", 3, 1)
        }  # fmt: skip
        receive_receipt(connection, CALLER, rows["p1"].receipt_id, now=TEN)
    more = expecting.with_columns(units=pl.col("units") + 1)
    assert brought(receipts=more) == {}
    moved = more.with_columns(site_id=pl.lit("S2"))
    assert brought(receipts=moved) == {"p2": "is expected at S1, of B."}
    with books.reading() as connection:
        found = {r.external_id: (r.state, r.units) for r in connection.execute(select(receipts))}
        assert found == {"p1": ("received", 2), "p2": ("expected", 4)}
        assert shelf(connection, "S1", "A").on_hand == 2


class ReceiptMachine(RuleBasedStateMachine):
    """Whatever happens to receipts and orders, nobody holds what neither is there nor comes."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.open: list[str] = []
        self.orders: list[str] = []
        self.came = 0
        with self.database.writing() as connection:
            for row in connection.execute(select(orders.c.order_id).where(orders.c.state != "cancelled")).all():
                try:
                    cancel_order(connection, CALLER, row.order_id, now=NOW, reason="other")
                except IllegalTransitionError:
                    continue
            for row in connection.execute(select(receipts).where(receipts.c.state.in_(("expected", "late")))).all():
                cancel_receipt(connection, CALLER, row.receipt_id, reason="other", now=NOW)
            for site in ("S1", "S2"):
                count_stock(connection, CALLER, site_id=site, product_id="A", counted=0, reason="counted", now=NOW)

    @rule(units=st.integers(1, 4), hours=st.integers(1, 30), site=st.sampled_from(["S1", "S2"]))
    def expect(self, units: int, hours: int, site: str) -> None:
        with self.database.writing() as connection:
            self.open.append(expected(connection, units, when=self.now + hours * HOUR_S, site=site))

    @rule(
        units=st.integers(1, 4), payment=st.sampled_from(["settled", "pending"]),
        level=st.sampled_from(["same_day", "next_day"]), short=st.sampled_from(["refuse", "backorder"]),
    )  # fmt: skip
    def order(self, units: int, payment: str, level: str, short: str) -> None:
        asked: dict[str, Any] = {
            "payment": payment,
            "service_level_id": level,
            "if_short": "refuse" if payment == "pending" else short,
        }
        with self.database.writing() as connection:
            try:
                taken = take(connection, units, now=self.now, **asked)
            except ConflictError:
                return
            assert sum(p[2] for p in taken.held) + sum(p[2] for p in taken.coming) in (0, units)
            self.orders.append(taken.order_id)

    @precondition(lambda self: self.open)
    @rule(data=st.data(), units=st.integers(1, 5), hours=st.integers(1, 30))
    def change(self, data: st.DataObject, units: int, hours: int) -> None:
        receipt_id = data.draw(st.sampled_from(self.open))
        with self.database.writing() as connection:
            change_receipt(
                connection, CALLER, receipt_id, units=units, expected_at=self.now + hours * HOUR_S, now=self.now
            )

    @precondition(lambda self: self.open)
    @rule(data=st.data(), units=st.none() | st.integers(1, 5))
    def receive(self, data: st.DataObject, units: int | None) -> None:
        receipt_id = self.open.pop(data.draw(st.integers(0, len(self.open) - 1)))
        with self.database.writing() as connection:
            receive_receipt(connection, CALLER, receipt_id, units=units, now=self.now)
            row = connection.execute(select(receipts).where(receipts.c.receipt_id == receipt_id)).one()
            self.came += row.received_units

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        receipt_id = self.open.pop(data.draw(st.integers(0, len(self.open) - 1)))
        with self.database.writing() as connection:
            cancel_receipt(connection, CALLER, receipt_id, reason="other", now=self.now)

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def cancel_an_order(self, data: st.DataObject) -> None:
        order_id = self.orders.pop(data.draw(st.integers(0, len(self.orders) - 1)))
        with self.database.writing() as connection:
            if state_of(connection, order_id) != "cancelled":
                cancel_order(connection, CALLER, order_id, now=self.now, reason="other")

    @rule(hours=st.integers(1, 6))
    def let_time_pass(self, hours: int) -> None:
        self.now += hours * HOUR_S
        with self.database.writing() as connection:
            note_late(connection, now=self.now)
            assert expire_overdue(connection, now=self.now).faults == ()

    @rule()
    def route(self) -> None:
        with self.database.writing() as connection:
            for routed in route_orders(connection, CALLER, now=self.now):
                assert routed.state in ("allocated", "backordered"), routed

    @invariant()
    def books_agree(self) -> None:
        with self.database.reading() as connection:
            assert check_books(connection) == []
            there = [r.on_hand for r in connection.execute(select(positions).where(positions.c.kind == STOCK))]
            assert sum(there) == self.came


def test_whatever_happens_to_receipts_and_orders_the_books_agree(sqlite_template: Path, tmp_path: Path):
    with sqlite_copy(sqlite_template, tmp_path) as one:
        add_tenant(one)
        open_stage(one, {})

        class Machine(ReceiptMachine):
            database = one

        run_state_machine_as_test(Machine, settings=settings(max_examples=trials(25), stateful_step_count=20))
