"""Carriers' invoices held against the books: what to dispute, and what is owed once lines are approved."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from doorstep.foundation import ConflictError, InputError, NotFoundError
from doorstep.operations.money import keep_books
from doorstep.operations.money.invoices import Decision, NewLine, decide_lines, take_invoice
from doorstep.storage import Connection, Database
from doorstep.storage.check import check_books
from doorstep.storage.money_check import check_money
from doorstep.storage.schema.carriers import carrier_bookings
from doorstep.storage.schema.money import carrier_invoice_lines, carrier_invoices
from tests.databases import CALLER, NOW, Furnished
from tests.operations.money.market import CALL_AT, DAY, balances, by_end, furnish, keep_all, tell
from tests.operations.money.test_books import TakenBackError, uneven
from tests.trials import trials

LATER = NOW + 900_000


def line(reference: str, amount_minor: int, kind: str = "delivery") -> NewLine:
    return NewLine(reference=reference, kind=kind, amount_minor=amount_minor, day=DAY)


def send(connection: Connection, number: str, *lines: NewLine, tolerance_minor: int = 0) -> str:
    return take_invoice(connection, CALLER, "CA", number, lines, tolerance_minor=tolerance_minor, now=LATER)


def decide(connection: Connection, invoice_id: str, step: str, *line_nos: int) -> None:
    decided = Decision(step=step, line_nos=line_nos or None, reason="x")  # type: ignore[arg-type]
    decide_lines(connection, CALLER, invoice_id, decided, tolerance_minor=0, now=LATER)


def lines_of(connection: Connection, invoice_id: str) -> list[tuple[str, int, str]]:
    of = carrier_invoice_lines.c
    query = select(of.outcome, of.expected_minor, of.state).where(of.invoice_id == invoice_id).order_by(of.line_no)
    return [tuple(row) for row in connection.execute(query)]


def state_of(connection: Connection, invoice_id: str) -> tuple[str, int]:
    of = carrier_invoices.c
    return tuple(connection.execute(select(of.state, of.version).where(of.invoice_id == invoice_id)).one())


def test_each_line_is_matched_with_what_was_to_be_paid_or_says_why_not(furnished: Furnished):
    with furnished(furnish) as database:
        names = by_end(database)
        with database.writing() as connection:
            of = carrier_bookings.c
            refs = {
                row.delivery_id: row.carrier_ref for row in connection.execute(select(of.delivery_id, of.carrier_ref))
            }
            invoice_id = send(
                connection, "I1",
                line(refs[names["delivered"]], 950),
                line(names["returned"], 900),
                line(names["returned"], 500, "return"),
                line(names["cancelled"], 300, "cancellation"),
                line(names["cancelled"], 900),
                line(names["abandoned"], 900),
                line(names["by_phone"], 925),
                line(names["delivered"], 950),
                line(names["delivered"], 40, "adjustment"),
                line("who knows", 900),
                tolerance_minor=30,
            )  # fmt: skip
            assert lines_of(connection, invoice_id) == [
                ("matched", 950, "open"),
                ("matched", 900, "open"),
                ("price_differs", 450, "open"),
                ("matched", 300, "open"),
                ("not_delivered", 0, "open"),
                ("not_delivered", 0, "open"),
                ("matched", 900, "open"),
                ("duplicate", 0, "open"),
                ("price_differs", 0, "open"),
                ("unknown_delivery", 0, "open"),
            ]
            second = send(connection, "I2", line(names["delivered"], 950))
            assert lines_of(connection, second) == [("duplicate", 0, "open")]
            assert send(connection, "I2", line(names["delivered"], 950)) == second
            with pytest.raises(ConflictError, match="number I2 of carrier CA was another invoice"):
                send(connection, "I2", line(names["delivered"], 951))
            with pytest.raises(InputError, match="one or more"):
                send(connection, "I3")
            with pytest.raises(InputError, match="XX is not a carrier"):
                take_invoice(connection, CALLER, "XX", "I3", [line("a", 1)], tolerance_minor=0, now=LATER)


def test_what_is_approved_is_owed_in_the_place_of_what_was_expected(furnished: Furnished):
    with furnished(furnish) as database:
        names = by_end(database)
        with database.writing() as connection:
            invoice_id = send(
                connection, "I1",
                line(names["delivered"], 950), line(names["attempted"], 980), line(names["returned"], 700, "return"),
                line("who knows", 70),
            )  # fmt: skip
        keep_all(database)
        with database.writing() as connection:
            assert balances(connection)["carrier"] == 4_400
            decide(connection, invoice_id, "approve")
            assert [state for *_, state in lines_of(connection, invoice_id)] == ["approved", "open", "open", "open"]
            decide(connection, invoice_id, "dispute")
            decide(connection, invoice_id, "approve", 2, 4)
            with pytest.raises(ConflictError, match="1 is approved, 9 does not exist"):
                decide(connection, invoice_id, "withdraw", 1, 9)
            with pytest.raises(NotFoundError):
                decide(connection, "inv_no", "approve")
        keep_all(database, now=LATER)
        with database.writing() as connection:
            assert balances(connection)["carrier"] == 4_400 + 80 + 70
            assert balances(connection, delivery_id=names["attempted"])["last_mile"] == -980
            decide(connection, invoice_id, "withdraw")
            assert state_of(connection, invoice_id) == ("closed", 5)
            decide(connection, invoice_id, "review")
            assert state_of(connection, invoice_id) == ("closed", 5)
        keep_all(database, now=LATER)
        with database.reading() as connection:
            assert balances(connection)["carrier"] == 4_400 + 80 + 70
            assert check_books(connection) == []


def test_a_line_that_came_before_the_delivery_ended_is_looked_at_again(furnished: Furnished):
    with furnished(furnish) as database:
        names = by_end(database)
        with database.writing() as connection:
            invoice_id = send(connection, "I1", line(names["attempted"], 1_350, "return"))
            assert lines_of(connection, invoice_id) == [("price_differs", 0, "open")]
        for number, event in enumerate(("start_return", "take_back")):
            tell(database, names["attempted"], event, at=CALL_AT + 900 + number, price_minor=2_250)
        with database.writing() as connection:
            decide(connection, invoice_id, "review")
            assert lines_of(connection, invoice_id) == [("matched", 1_350, "open")]
            decide(connection, invoice_id, "approve")
            with pytest.raises(ConflictError):
                decide(connection, invoice_id, "dispute", 1)
        keep_all(database, now=LATER)
        with database.reading() as connection:
            assert balances(connection, delivery_id=names["attempted"])["carrier"] == 2_250
            assert check_books(connection) == []


def test_whatever_is_billed_and_decided_however_often_the_books_agree(furnished: Furnished):
    with furnished(furnish) as database:
        names = [*by_end(database).values(), "who knows"]
        kinds = st.sampled_from(["delivery", "cancellation", "return", "adjustment"])
        billed = st.builds(line, st.sampled_from(names), st.sampled_from([-50, 300, 450, 900, 950]), kinds)
        invoice = st.lists(billed, min_size=4, max_size=7)
        steps = st.sampled_from(["approve", "approve", "dispute", "withdraw", "review"])
        decided = st.tuples(steps, st.integers(0, 1), st.lists(st.integers(1, 4), max_size=3))
        acts = st.lists(decided, min_size=3, max_size=9)

        @settings(max_examples=trials(45))
        @given(invoice, invoice, acts, st.sets(st.integers(0, 9)))
        def books_agree(first, second, acts, posted):
            with suppress(TakenBackError), database.writing() as connection:
                keep_journalled(connection)
                ids = [
                    send(connection, number, *lines) for number, lines in (("1", first), ("2", second), ("1", first))
                ]
                assert ids[0] == ids[2]
                for number, (step, invoice_no, line_nos) in enumerate(acts):
                    with suppress(ConflictError):
                        decide(connection, ids[invoice_no], step, *line_nos)
                    if number in posted:
                        keep_journalled(connection)
                    connection.journal.write(connection)
                    assert list(check_money(connection)) == []
                keep_journalled(connection)
                assert (list(check_money(connection)), uneven(connection)) == ([], [])
                assert balances(connection)["carrier"] == owed_by_hand(connection, database)
                raise TakenBackError

        books_agree()


def keep_journalled(connection: Connection) -> None:
    """Post everything that has happened, this transaction's events too."""
    connection.journal.write(connection)
    while keep_books(connection, now=LATER):
        pass


ACCRUED = {
    ("delivered", "delivery"): 950, ("returned", "delivery"): 900, ("returned", "return"): 450,
    ("cancelled", "cancellation"): 300, ("attempted", "delivery"): 900, ("by_phone", "delivery"): 900,
}  # fmt: skip


def owed_by_hand(connection: Connection, database: Database) -> int:
    """Return what the courier is owed: for each delivery and kind what was approved, if anything was, else accrued."""
    of = carrier_invoice_lines.c
    query = select(of.delivery_id, of.kind, func.sum(of.amount_minor).label("minor")).where(of.state == "approved")
    groups = connection.execute(query.group_by(of.delivery_id, of.kind))
    approved = {(row.delivery_id, row.kind): int(row.minor) for row in groups}
    names = by_end(database)
    accrued = {(names[end], kind): minor for (end, kind), minor in ACCRUED.items()}
    return sum((accrued | approved).values())
