"""A retailer folder comes in piece by piece, and again; on both databases."""

from contextlib import closing

import polars as pl
import pytest
from sqlalchemy import func, select

from doorstep.domain import Retailer
from doorstep.operations.caller import Caller
from doorstep.operations.onboarding import Imported, import_retailer, import_steps
from doorstep.storage import Connection, Database, Writer
from doorstep.storage.check import check_books
from doorstep.storage.schema.orders import orders
from tests.databases import CALLER, NOW
from tests.operations.fulfil.stage import open_stage, ready
from tests.operations.fulfil.test_races import at_once
from tests.operations.shops import shelf
from tests.small import LINES, ORDERS, PRODUCTS, retailer, table


def folder(products: int = 2_500, placed: int = 300) -> Retailer:
    """Return a store with many products on its shelf, 5 of each, and orders for one of the first."""
    names = pl.Series("product_id", [f"P{number}" for number in range(products)])
    named = pl.Series("order_id", [f"O{number}" for number in range(placed)])
    wanted = pl.concat([LINES, *[LINES] * placed]).tail(placed).with_columns(named, product_id=names.head(placed))
    return retailer(
        products=pl.concat([PRODUCTS.head(1)] * products).with_columns(names),
        stock=pl.DataFrame({"site_id": ["S1"] * products, "product_id": names, "on_hand": [5] * products}),
        orders=pl.concat([ORDERS, *[ORDERS] * placed])
        .tail(placed)
        .with_columns(named, service_level_id=pl.lit("next_day")),
        order_lines=wanted,
    )


@pytest.fixture
def books(database: Database):
    """Give a database whose books are checked at the end."""
    yield database
    with database.reading() as connection:
        assert check_books(connection) == []


def taken(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(orders)).scalar_one())


def test_a_large_folder_comes_in_many_steps_and_others_write_between_them(books):
    steps = import_steps(CALLER, folder(), now=NOW)
    assert len(steps) == 1 + 3 + 1 + 3  # tables; stock; statistics; orders
    writer = Writer(books)
    done, between = Imported(), 0
    with closing(writer):
        for step in steps:
            waiting = writer.call(step)
            between += writer.call(lambda _: 1).result()
            done += waiting.result()
    assert (between, done.rows["products"], done.orders, done.refused) == (len(steps), 2_500, 300, {})
    with books.reading() as connection:
        assert (shelf(connection, "S1", "P0")[1:3], shelf(connection, "S1", "P2499")[1:3]) == ((5, 1), (5, 0))


def test_an_import_that_broke_off_is_done_again_and_counts_once(books):
    shop = folder(1_200, 200)
    for step in import_steps(CALLER, shop, now=NOW)[:-1]:
        with books.writing() as connection:
            step(connection)
            step(connection)
    with books.writing() as connection:
        again = import_retailer(connection, CALLER, shop, now=NOW + 1)
        assert (again.orders, again.refused, taken(connection)) == (200, {}, 200)
        assert (shelf(connection, "S1", "P0")[1:3], shelf(connection, "S1", "P1199")[1:3]) == ((5, 1), (5, 0))


def test_two_imports_that_count_at_once_do_not_add_up(books):
    first, count, *_ = import_steps(CALLER, folder(50, 0), now=NOW)
    with books.writing() as connection:
        first(connection)
    at_once(books, *[count] * 4)
    with books.reading() as connection:
        assert {shelf(connection, "S1", f"P{number}")[1:3] for number in range(50)} == {(5, 0)}


def test_what_cannot_be_counted_as_it_is_being_picked_is_named_and_stops_nothing(books):
    open_stage(books, {("S1", "A"): 3, ("S1", "B"): 3})
    with books.writing() as connection:
        ready(connection, ("A", 2))
        stock = table("site_id product_id on_hand", ("S1", "A", 1), ("S1", "B", 7))
        done = import_retailer(connection, CALLER, retailer(stock=stock, orders=ORDERS.clear(),
                                                            order_lines=LINES.clear()), now=NOW)  # fmt: skip
        assert list(done.uncounted) == ["S1/A"]
        assert "1 units more would be missing" in done.uncounted["S1/A"]
        assert (shelf(connection, "S1", "A")[1:3], shelf(connection, "S1", "B")[1:3]) == ((3, 2), (7, 0))


def test_what_the_folder_keeps_back_is_promised_to_none_of_its_orders(books):
    stock = table("site_id product_id on_hand safety_stock", ("S1", "A", 5, 4), ("S1", "B", 7, 9))
    shop = retailer(stock=stock, orders=ORDERS.clear(), order_lines=LINES.clear())
    with books.writing() as connection:
        for _ in range(2):
            import_retailer(connection, CALLER, shop, now=NOW)
        here = [shelf(connection, "S1", product) for product in "AB"]
        assert [(one.on_hand, one.safety, one.free) for one in here] == [(5, 4, 1), (7, 9, 0)]


def test_orders_that_cannot_be_accepted_are_named_by_their_id_in_the_folder(books):
    shop = folder(4, 3)
    late = shop.orders.with_columns(
        window_start_at=pl.Series([None, NOW - 9, None], dtype=pl.Int64),
        window_end_at=pl.Series([None, NOW - 1, None], dtype=pl.Int64),
    )
    with books.writing() as connection:
        steps = import_steps(Caller(CALLER.tenant_id, "x"), retailer(**shop.tables() | {"orders": late}), now=NOW)
        done = sum((step(connection) for step in steps), Imported())
        assert (done.orders, list(done.refused), taken(connection)) == (2, ["O1"], 2)
