"""Sales of the live system: added up from orders by day and zone, or given, with when nothing was there."""

from collections.abc import Mapping

import polars as pl
import pytest

from doorstep.domain.new_order import NewOrder
from doorstep.foundation import InputError
from doorstep.operations.intake.take import take_order
from doorstep.operations.orders import cancel_order
from doorstep.operations.planning.sales import add_up, by_days, give_sales, load_sales, put_on_record
from doorstep.storage import Database, ledger
from doorstep.storage.ledger import Place
from doorstep.storage.reference_rows import delete_row
from doorstep.storage.schema.ledger import STOCK
from tests.databases import CALLER, NOW
from tests.operations.shops import open_shop, ordering

DAY_S = 86_400
TODAY = NOW // DAY_S
MIDNIGHT_AT = NOW - 8 * 3_600
"""The day of NOW began then, in Chicago."""
SHELVES = {("S1", "A"): 50, ("S2", "A"): 50, ("S1", "B"): 50}
FAR = {"lat": 41.29, "lon": -87.0}


def place(database: Database, order: NewOrder, at: int) -> str:
    with database.writing() as connection:
        return take_order(connection, CALLER, order, now=at).order_id


def rolled(database: Database, at: int) -> int:
    """Add up what there is to add up, and return how many rows that made."""
    with database.reading() as connection:
        lately = add_up(connection, CALLER.tenant_id, now=at)
    if lately is None:
        return 0
    with database.writing() as connection:
        return put_on_record(connection, CALLER.tenant_id, lately, now=at)


def known(database: Database, at: int = NOW + 3 * DAY_S) -> list[tuple[object, ...]]:
    """Return the sales on record: day (0 is that of NOW), product, zone, units."""
    with database.reading() as connection:
        table = load_sales(connection, CALLER.tenant_id, now=at)
    day = pl.col("day").cast(pl.Int32) - TODAY
    return table.select(day, "product_id", "zone_id", "units").sort(pl.all()).rows()


def given(product: str, zone: str, day: int, units: int, **changes: object) -> Mapping[str, object]:
    row = {"product_id": product, "zone_id": zone, "day": day, "units": units, "price_minor": 900}
    return row | {"promotion": 0.0, "display": 0.0, "in_stock_share": 1.0} | changes


def sold(rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    return [row for row in rows if row[3]]


def test_days_that_have_ended_are_added_up_by_product_and_nearest_site(database: Database):
    open_shop(database, SHELVES)
    place(database, ordering(("A", 2), ("B", 1)), NOW)
    place(database, ordering(("A", 3)), NOW + 60)
    place(database, ordering(("A", 1), **FAR), NOW + 120)
    place(database, ordering(("A", 1)), NOW + DAY_S)
    rolled(database, NOW + 7 * 3_600)
    assert sold(known(database)) == []  # the day of NOW has not ended
    rolled(database, NOW + DAY_S)
    today = [(0, "A", "S1", 5), (0, "A", "S2", 1), (0, "B", "S1", 1)]
    assert sold(known(database)) == today
    rolled(database, NOW + DAY_S)
    assert sold(known(database)) == today
    rolled(database, NOW + 2 * DAY_S)
    assert sold(known(database)) == [*today, (1, "A", "S1", 1)]


def test_a_day_is_that_of_the_zone_and_not_of_greenwich(database: Database):
    open_shop(database, SHELVES)
    place(database, ordering(("A", 1)), MIDNIGHT_AT + DAY_S - 1)  # 05:59:59 UTC of the next day
    place(database, ordering(("A", 2)), MIDNIGHT_AT + DAY_S)
    rolled(database, MIDNIGHT_AT + DAY_S)
    assert sold(known(database)) == [(0, "A", "S1", 1)]
    rolled(database, MIDNIGHT_AT + 2 * DAY_S - 1)
    assert sold(known(database)) == [(0, "A", "S1", 1)]
    rolled(database, MIDNIGHT_AT + 2 * DAY_S)
    assert sold(known(database)) == [(0, "A", "S1", 1), (1, "A", "S1", 2)]


def test_an_order_that_was_cancelled_is_no_demand(database: Database):
    open_shop(database, SHELVES)
    order_id = place(database, ordering(("A", 4)), NOW)
    place(database, ordering(("A", 1)), NOW)
    with database.writing() as connection:
        cancel_order(connection, CALLER, order_id, reason="test", now=NOW + 1)
    rolled(database, NOW + DAY_S)
    assert sold(known(database)) == [(0, "A", "S1", 1)]


def test_what_nobody_could_buy_for_half_a_day_is_told(database: Database):
    open_shop(database, {("S1", "A"): 5, ("S2", "A"): 5, ("S1", "B"): 50})
    place(database, ordering(("A", 1), ("B", 1)), NOW)
    noon_at = MIDNIGHT_AT + DAY_S + DAY_S // 2
    with database.writing() as connection:
        off = {Place(STOCK, "S1", "A"): -3, Place(STOCK, "S2", "A"): -5}
        ledger.change_on_hand(connection, CALLER.tenant_id, off, "adjust", "stolen", now=noon_at)
        back = {Place(STOCK, "S2", "A"): 5}
        ledger.change_on_hand(connection, CALLER.tenant_id, back, "receive", "came", now=noon_at + DAY_S // 4)
        ledger.change_on_hand(
            connection, CALLER.tenant_id, {Place(STOCK, "S1", "A"): -1}, "adjust", "x", now=noon_at + DAY_S // 4
        )
    rolled(database, NOW + 2 * DAY_S)
    with database.reading() as connection:
        table = load_sales(connection, CALLER.tenant_id, now=NOW + 2 * DAY_S)
    shares = {
        (row["day"] - TODAY, row["product_id"], row["zone_id"]): row["in_stock_share"]
        for row in table.with_columns(pl.col("day").cast(pl.Int32)).iter_rows(named=True)
    }
    # On the day after, one unit was left at S1: A could be bought all day.
    assert shares[0, "A", "S1"] == shares[0, "B", "S1"] == pytest.approx(2 / 3)  # opened at eight
    assert shares.get((1, "A", "S1"), 1.0) == 1.0
    with database.writing() as connection:
        last = {Place(STOCK, "S2", "A"): -5}
        ledger.change_on_hand(
            connection, CALLER.tenant_id, last, "adjust", "x", now=MIDNIGHT_AT + 2 * DAY_S + DAY_S // 4
        )
    rolled(database, NOW + 3 * DAY_S)
    with database.reading() as connection:
        table = load_sales(connection, CALLER.tenant_id, now=NOW + 3 * DAY_S)
    last_day = table.filter(pl.col("day").cast(pl.Int32) == TODAY + 2)
    assert last_day.select("product_id", "zone_id", "units", "in_stock_share").rows() == [("A", "S1", 0, 0.25)]


def test_days_that_are_given_stand_in_place_of_orders(database: Database):
    open_shop(database, SHELVES)
    place(database, ordering(("A", 1)), NOW)
    rolled(database, NOW + DAY_S)
    with database.writing() as connection:
        assert give_sales(connection, CALLER, [given("A", "S2", TODAY - 9, 4), given("B", "S1", TODAY, 7)],
                          now=NOW + DAY_S) == 2  # fmt: skip
    assert sold(known(database)) == [(-9, "A", "S2", 4), (0, "B", "S1", 7)]
    assert rolled(database, NOW + DAY_S) == 0
    with database.writing() as connection:
        give_sales(connection, CALLER, [given("A", "S2", TODAY - 9, 5)], now=NOW + DAY_S)
    assert sold(known(database)) == [(-9, "A", "S2", 5), (0, "B", "S1", 7)]


def test_what_was_added_up_is_dropped_where_a_day_was_given_meanwhile(database: Database):
    open_shop(database, SHELVES)
    place(database, ordering(("A", 1)), NOW)
    with database.reading() as connection:
        lately = add_up(connection, CALLER.tenant_id, now=NOW + DAY_S)
    assert lately is not None
    with database.writing() as connection:
        give_sales(connection, CALLER, [given("B", "S1", TODAY, 7)], now=NOW + DAY_S)
        put_on_record(connection, CALLER.tenant_id, lately, now=NOW + DAY_S)
    assert sold(known(database)) == [(0, "B", "S1", 7)]


def test_giving_a_later_day_loses_none_of_those_before_it(database: Database):
    open_shop(database, SHELVES)
    place(database, ordering(("A", 1)), NOW)
    place(database, ordering(("A", 2)), NOW + DAY_S)
    with database.writing() as connection:
        give_sales(connection, CALLER, [given("B", "S1", TODAY + 2, 7)], now=NOW + 3 * DAY_S)
    rolled(database, NOW + 3 * DAY_S)
    assert sold(known(database)) == [(0, "A", "S1", 1), (1, "A", "S1", 2), (2, "B", "S1", 7)]


def test_a_day_without_a_sale_was_open_and_the_day_before_the_first_order_was_not(database: Database):
    open_shop(database, SHELVES)
    place(database, ordering(("A", 1)), NOW)
    rolled(database, NOW + 4 * DAY_S)
    assert [row for row in known(database) if row[0] > 0] == [(day, "A", "S1", 0) for day in (1, 2, 3)]  # type: ignore[operator]
    assert rolled(database, NOW + 4 * DAY_S) == 0
    rolled(database, NOW + 5 * DAY_S)
    assert known(database, NOW + 5 * DAY_S)[-1] == (4, "A", "S1", 0)


def test_what_has_not_sold_for_months_is_not_missed_every_day(database: Database):
    open_shop(database, {("S1", "A"): 5, ("S1", "B"): 50})
    with database.writing() as connection:
        give_sales(connection, CALLER, [given("A", "S1", TODAY - 70, 4), given("B", "S1", TODAY - 3, 4)], now=NOW)
        gone = {Place(STOCK, "S1", "A"): -5}
        ledger.change_on_hand(connection, CALLER.tenant_id, gone, "adjust", "x", now=NOW)
    place(database, ordering(("B", 1)), NOW + DAY_S)
    rolled(database, NOW + 3 * DAY_S)
    assert {row[1] for row in known(database) if row[0] > 0} == {"B"}  # type: ignore[operator]


def test_every_fault_of_given_sales_is_told_and_nothing_kept(database: Database):
    open_shop(database, SHELVES)
    rows = [given("A", "S1", TODAY - 1, 1), given("Z", "S9", TODAY, 1), given("A", "S1", TODAY - 1, 2)]
    with database.writing() as connection, pytest.raises(InputError) as caught:
        give_sales(connection, CALLER, rows, now=NOW)
    told = str(caught.value)
    for part in ("rows[1]: there is no product Z.", "rows[1]: zone_id S9 is no site.", "2026-03-03 has not ended",
                 "rows[0]: its product, zone and day stand twice.", "rows[2]: its product"):  # fmt: skip
        assert part in told
    assert known(database) == []


def test_rows_are_handed_on_in_pieces_of_whole_days():
    rows = [given("A", "S1", day, units) for day in (1, 1, 1, 2, 3, 3) for units in (1, 2)]
    pieces = [list(piece) for piece in by_days(rows, 3)]
    assert [row for piece in pieces for row in piece] == rows
    assert [{row["day"] for row in piece} for piece in pieces] == [{1}, {2, 3}]
    assert list(by_days([], 3)) == []


def test_products_and_sites_that_are_gone_are_not_forecast(database: Database):
    open_shop(database, {("S1", "A"): 50})
    with database.writing() as connection:
        give_sales(connection, CALLER, [given("A", "S1", TODAY - 1, 1), given("B", "S2", TODAY - 1, 1)], now=NOW)
    assert sold(known(database, NOW)) == [(-1, "A", "S1", 1), (-1, "B", "S2", 1)]
    with database.writing() as connection:
        delete_row(connection, CALLER.tenant_id, "sites", ["S2"])
    assert sold(known(database, NOW)) == [(-1, "A", "S1", 1)]
