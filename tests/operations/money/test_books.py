"""The books of money: exact to the cent, whatever comes late, twice or out of order."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, select, update

from doorstep.foundation import ConflictError, InputError, NotFoundError
from doorstep.operations.bring import dispatch_route, plan_routes, record_event
from doorstep.operations.event_stream import read_events
from doorstep.operations.money import keep_books, refund_order
from doorstep.operations.money.keep import TYPES, kept_up, post_events
from doorstep.operations.money.margins import Span, margins
from doorstep.operations.orders import cancel_order
from doorstep.operations.returns import Inspected, ReturnLine, receive_return, request_return
from doorstep.storage import Connection, Database
from doorstep.storage.check import check_books
from doorstep.storage.schema.carriers import carrier_bookings
from doorstep.storage.schema.fulfilment import deliveries, routes
from doorstep.storage.schema.journal import events
from doorstep.storage.schema.money import money_entries
from tests.databases import CALLER, NOW, Furnished
from tests.operations.fulfil.stage import open_stage, placed, ready
from tests.operations.fulfil.test_whole_life import BY_VAN, told
from tests.operations.money.market import DAY, balances, by_end, furnish, keep_all
from tests.trials import trials


class TakenBackError(Exception):
    """Takes back what a transaction did."""


def test_an_own_van_is_owed_by_the_rates_of_the_plan_and_its_order_left_what_is_left(database: Database):
    open_stage(database)
    with database.writing() as connection:
        order_id = ready(connection, ("A", 2), ("B", 1))
        plan = plan_routes(connection, CALLER, now=NOW + 1_000, iterations=20)
        dispatch_route(connection, CALLER, plan.routes[0], now=NOW + 1_300, driver="Ana")
    for number, event in enumerate(BY_VAN):
        with database.writing() as connection:
            at = NOW + 2_000 + 100 * number
            record_event(connection, CALLER, told(plan.deliveries[0], event, at), now=at)
    keep_all(database)
    with database.reading() as connection:
        route = connection.execute(select(routes)).one()
        hours = (2_000 * (route.ends_at - route.starts_at) + 1_800) // 3_600
        metres = (50 * route.distance_m + 500) // 1_000
        assert balances(connection) == {
            "payment": -2_699, "stock": 1_500, "delivery_fee": 399, "goods": 2_300, "goods_cost": -1_500,
            "pick": -200, "carton": -40, "site": 240, "driver": hours, "vehicle": metres, "last_mile": -hours - metres,
        }  # fmt: skip
        (left,) = margins(connection, CALLER.tenant_id, "order", Span())
        assert (left.key, left.orders, left.margin_minor) == (order_id, 1, 959 - hours - metres)
        for by, key in (("zone", "S1"), ("mode", "own_fleet"), ("carrier", ""), ("day", DAY - 1)):
            assert margins(connection, CALLER.tenant_id, by, Span()) == [
                type(left)(key=key, orders=1, amounts=left.amounts)
            ]
        assert margins(connection, CALLER.tenant_id, "day", Span(first_day=DAY)) == []
        assert check_books(connection) == []


def test_a_carrier_is_owed_what_it_asked_for_what_it_did(furnished: Furnished):
    with furnished(furnish) as database:
        keep_all(database)
        names = by_end(database)
        with database.reading() as connection:
            owed = {end: balances(connection, delivery_id=names[end]) for end in names}
            assert {end: found["carrier"] for end, found in owed.items()} == {
                "delivered": 950, "returned": 1_350, "cancelled": 300, "attempted": 900, "abandoned": 0,
                "by_phone": 900,
            }  # fmt: skip
            assert {end: (found["last_mile"], found["failure"]) for end, found in owed.items()} == {
                "delivered": (-950, 0), "returned": (0, -1_350), "cancelled": (0, -300), "attempted": (-900, 0),
                "abandoned": (0, 0), "by_phone": (-900, 0),
            }  # fmt: skip
            assert (owed["abandoned"]["write_off"], owed["abandoned"]["stock"]) == (-1_200, 1_200)
            assert check_books(connection) == []
            # Two orders have arrived; the four others are paid for, and that is owed to their shoppers.
            assert (balances(connection)["goods"], balances(connection)["shopper"]) == (3_600, 4 * 2_199)


def test_money_is_given_back_never_beyond_what_was_paid_and_costs_only_what_was_earned(database: Database):
    open_stage(database)
    with database.writing() as connection:
        order_id, unpaid = placed(connection), placed(connection, payment="pending")
        with pytest.raises(NotFoundError):
            refund_order(connection, CALLER, "ord_no", amount_minor=1, reason="late", now=NOW)
        with pytest.raises(InputError, match="amount_minor 0"):
            refund_order(connection, CALLER, order_id, amount_minor=0, reason="late", now=NOW)
        with pytest.raises(ConflictError, match="0 is left"):
            refund_order(connection, CALLER, unpaid, amount_minor=1, reason="late", now=NOW)
        assert refund_order(connection, CALLER, order_id, amount_minor=1_000, reason="late", now=NOW).left_minor == 299
        cancel_order(connection, CALLER, order_id, now=NOW, reason="x")
        with pytest.raises(ConflictError, match="299 is left"):
            refund_order(connection, CALLER, order_id, amount_minor=300, reason="cancelled", now=NOW)
        refund_order(connection, CALLER, order_id, amount_minor=299, reason="cancelled", now=NOW)
    keep_all(database)
    with database.reading() as connection:
        assert balances(connection) == {}
        told_ = select(func.count()).where(events.c.type == "order.refunded")
        assert connection.execute(told_).scalar_one() == 2
        assert check_books(connection) == []


def test_what_comes_back_to_the_shelf_gives_its_cost_back_and_its_refund_is_a_cost(furnished: Furnished):
    with furnished(furnish) as database:
        order_id = order_of(database, "delivered")
        with database.writing() as connection:
            back = request_return(connection, CALLER, order_id, [ReturnLine(line_no=1, quantity=2)], now=NOW + 90_000,
                                  reason="damaged")  # fmt: skip
            found = [Inspected(line_no=1, quantity=1, restockable=good) for good in (True, False)]
            receive_return(connection, CALLER, back, now=NOW + 90_100, inspected=found)
            refund_order(connection, CALLER, order_id, amount_minor=1_800, reason="returned", now=NOW + 90_200)
        keep_all(database, now=NOW + 90_300)
        with database.reading() as connection:
            by_order = {each.key: each for each in margins(connection, CALLER.tenant_id, "order", Span())}
            assert dict(by_order[order_id].amounts) == {
                "delivery_fee": 399, "goods": 1_800, "goods_cost": -600, "pick": -130, "carton": -40,
                "last_mile": -950, "refund": -1_800,
            }  # fmt: skip
            assert check_books(connection) == []


def test_in_whatever_order_and_however_often_events_come_everything_is_posted_once(furnished: Furnished):
    with furnished(furnish) as database:
        with database.writing() as connection:
            happened = read_events(connection, select(events).where(events.c.type.in_(TYPES)))
            while keep_books(connection, now=NOW):
                pass
            once = standing(connection)
            assert kept_up(connection)
            assert post_events(connection, CALLER.tenant_id, happened, now=NOW) == 0
            connection.execute(money_entries.delete())

        @settings(max_examples=trials(20))
        @given(st.permutations(happened), st.lists(st.sampled_from(happened), max_size=9), st.integers(1, 9))
        def posted_once(shuffled, again, size):
            with suppress(TakenBackError), database.writing() as connection:
                told_ = [*shuffled, *again]
                for low in range(0, len(told_), size):
                    post_events(connection, CALLER.tenant_id, told_[low : low + size], now=NOW)
                assert standing(connection) == once
                assert uneven(connection) == []
                raise TakenBackError

        posted_once()


def test_the_check_finds_books_that_were_cooked(furnished: Furnished):
    with furnished(furnish) as database:
        keep_all(database)
        with database.writing() as connection:
            ended = carrier_bookings.c.state == "ended"
            connection.execute(update(carrier_bookings).where(ended).values(price_minor=1))
        with database.reading() as connection:
            (fault,) = check_books(connection)
            assert fault == "party CA: bookings and invoices come to 2102, the books say 4400."
        with database.writing() as connection:
            row = dict(connection.execute(select(money_entries).limit(1)).mappings().one())
            connection.execute(insert(money_entries).values(row | {"entry_id": "ent_x", "posting_no": 9}))
        with database.reading() as connection:
            assert f"posting 9 about {row['subject_id']} sums to {row['amount_minor']}, not to zero." in check_books(
                connection
            )


def order_of(database: Database, end: str) -> str:
    """Return the order of the delivery that ended so."""
    with database.reading() as connection:
        of = deliveries.c
        return str(connection.execute(select(of.order_id).where(of.delivery_id == by_end(database)[end])).scalar_one())


def standing(connection: Connection) -> list[tuple[object, ...]]:
    """Return what stands in the books, by subject and account."""
    of = money_entries.c
    names = (of.subject_id, of.account, of.party_id, of.order_id, of.delivery_id)
    query = select(*names, func.sum(of.amount_minor)).group_by(*names).having(func.sum(of.amount_minor) != 0)
    return sorted((*row[:-1], int(row[-1])) for row in connection.execute(query))


def uneven(connection: Connection) -> list[tuple[object, ...]]:
    """Return the postings that do not sum to zero."""
    of = money_entries.c
    query = select(of.subject_id, of.posting_no).group_by(of.subject_id, of.posting_no)
    return [tuple(row) for row in connection.execute(query.having(func.sum(of.amount_minor) != 0))]
