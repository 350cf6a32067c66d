"""The journal and the check of the books: whatever is changed behind their back is found, on both databases."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete, insert, select, update

from doorstep.operations.intake.holds import hold_slot
from doorstep.operations.intake.take import take_order
from doorstep.operations.orders import cancel_order
from doorstep.storage import Connection, Database
from doorstep.storage.check import check_books
from doorstep.storage.journal import GENESIS, chained_hash
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.journal import audit, events, journal_head
from doorstep.storage.schema.ledger import ledger_entries, positions, reservations
from doorstep.storage.schema.orders import order_lines, orders, slots
from tests.databases import CALLER, NOW
from tests.operations.shops import open_shop, ordering


def say(connection: Connection, number: int) -> None:
    """Journal one row of each kind."""
    connection.journal.audit(
        tenant_id=CALLER.tenant_id, at=NOW, actor="test", kind="thing", object_id=f"t{number}", event="made"
    )
    connection.journal.publish(
        event_id=f"evt_{number}",
        tenant_id=CALLER.tenant_id,
        type="thing.made",
        kind="thing",
        object_id=f"t{number}",
        sequence=1,
        at=NOW,
        data={"n": number},
    )


def say_and_fail(connection: Connection, number: int) -> None:
    say(connection, number)
    raise ZeroDivisionError


@pytest.fixture
def shop(database: Database) -> Database:
    """Return a database with an order that stands, one that was cancelled, and a slot hold."""
    open_shop(database, {("S1", "A"): 9})
    slot = {"slot_id": "slt_1", "tenant_id": CALLER.tenant_id, "zone": "z", "site_id": "S1",
            "service_level_id": "next_day", "state": "open", "starts_at": NOW + 3_600, "ends_at": NOW + 7_200,
            "cutoff_at": NOW + 1_800, "unit": "orders", "capacity": 3, "fee_minor": 0}  # fmt: skip
    with database.writing() as connection:
        connection.run(inserting(slots), [slot])
        hold_slot(connection, CALLER, "slt_1", now=NOW)
        take_order(connection, CALLER, ordering(("A", 2)), now=NOW)
        gone = take_order(connection, CALLER, ordering(("A", 3)), now=NOW)
        cancel_order(connection, CALLER, gone.order_id, now=NOW, reason="changed my mind")
    assert faults(database) == []
    return database


def faults(database: Database) -> list[str]:
    with database.reading() as connection:
        return check_books(connection)


def tamper(database: Database, *statements) -> list[str]:
    """Change rows without telling anybody and return what the check says."""
    with database.writing() as connection:
        for statement in statements:
            connection.execute(statement)
    return faults(database)


def test_rows_are_numbered_without_gaps_and_each_seals_all_before_it(database):
    for number in range(3):
        with database.writing() as connection:
            say(connection, number)
    with database.reading() as connection:
        rows = connection.execute(select(audit).order_by(audit.c.audit_no)).mappings().all()
        numbers = connection.execute(select(events.c.event_no).order_by(events.c.event_no)).scalars().all()
        head = connection.execute(select(journal_head)).one()
    assert [row["audit_no"] for row in rows] == numbers == [1, 2, 3]
    assert rows[0]["hash"] == chained_hash(GENESIS, dict(rows[0]))
    assert rows[2]["hash"] == chained_hash(rows[1]["hash"], dict(rows[2])) == head.hash
    assert (head.audit_no, head.event_no) == (3, 3)


def test_what_is_rolled_back_leaves_no_gap_and_a_savepoint_takes_back_its_words(database):
    with pytest.raises(ZeroDivisionError), database.writing() as connection:
        say_and_fail(connection, 1)
    with database.writing() as connection:
        say(connection, 2)
        with pytest.raises(ZeroDivisionError), connection.savepoint():
            say_and_fail(connection, 3)
        say(connection, 4)
    with database.reading() as connection:
        told = connection.execute(select(events.c.event_no, events.c.object_id).order_by(events.c.event_no)).all()
        assert [tuple(row) for row in told] == [(1, "t2"), (2, "t4")]
        assert check_books(connection) == []


def test_writers_at_once_make_one_chain(database):
    def write(number: int) -> None:
        with database.writing() as connection:
            say(connection, number)
            say(connection, 100 + number)

    with ThreadPoolExecutor(4) as crew:
        list(crew.map(write, range(20)))
    with database.reading() as connection:
        assert check_books(connection) == []
        objects = connection.execute(select(events.c.object_id).order_by(events.c.event_no)).scalars().all()
    assert [f"t{100 + int(first[1:])}" for first in objects[::2]] == objects[1::2]  # each transaction in one piece


def test_a_changed_audit_row_is_found(shop):
    changed = update(audit).where(audit.c.audit_no == 2).values(reason="somebody else did it")
    assert tamper(shop, changed) == ["audit row 2 was changed after it was written, or one before it was."]


def test_an_audit_row_that_was_cut_out_is_found(shop):
    found = tamper(shop, delete(audit).where(audit.c.audit_no == 2))
    assert found[:2] == [
        "audit row 2 is missing.",
        "audit row 3 was changed after it was written, or one before it was.",
    ]


def test_an_audit_chain_whose_end_was_cut_off_is_found(shop):
    last = select(journal_head.c.audit_no).scalar_subquery()
    found = tamper(shop, delete(audit).where(audit.c.audit_no == last))
    assert found[0].startswith("the journal's head says 4 audit rows, there are 3.")


def test_a_missing_event_is_found(shop):
    found = tamper(shop, delete(events).where(events.c.event_no == 2))
    assert found[0] == "the journal's head says 4 events, there are 3, the last with number 4."
    assert found[1].startswith("order ord_")
    assert found[1].endswith("version 1, 1 audit rows, 0 events.")


def test_a_ledger_that_does_not_add_up_is_found(shop):
    stock = positions.c.kind == "stock"
    found = tamper(shop, update(positions).where(stock).values(on_hand=10))
    assert found == ["stock A at S1: 10 on hand and 2 reserved, but the ledger adds up to 9 and 2."]


def test_a_ledger_entry_that_is_gone_is_found(shop):
    first = select(ledger_entries.c.entry_id).where(ledger_entries.c.kind == "receive").scalar_subquery()
    found = tamper(shop, delete(ledger_entries).where(ledger_entries.c.entry_id == first))
    assert found == ["stock A at S1: 9 on hand and 2 reserved, but the ledger adds up to 0 and 2."]


def test_a_reservation_that_is_gone_is_found(shop):
    held = reservations.c.position_id.in_(select(positions.c.position_id).where(positions.c.kind == "slot"))
    assert tamper(shop, delete(reservations).where(held)) == [
        "slot slt_1 at S1: 1 reserved, but its reservations add up to 0."
    ]


def test_an_order_that_holds_more_than_was_ordered_is_found(shop):
    found = tamper(shop, update(order_lines).values(quantity=1))
    assert len(found) == 1
    assert found[0].endswith("line 1: 2 units reserved or taken for 1 ordered.")


def test_a_state_that_nobody_journalled_is_found(shop):
    placed = orders.c.state == "placed"
    found = tamper(shop, update(orders).where(placed).values(state="completed"))
    assert len(found) == 1
    assert found[0].endswith("is completed, its last audit row says placed.")


def test_an_order_that_nobody_journalled_is_found(shop):
    row = {"order_id": "ord_ghost", "tenant_id": CALLER.tenant_id, "code": "GHOST", "state": "placed", "version": 1,
           "placed_at": NOW, "lat": 1.0, "lon": 1.0, "window_start_at": NOW, "window_end_at": NOW,
           "landing_site": False}  # fmt: skip
    assert tamper(shop, insert(orders).values(row)) == [
        "order ord_ghost: version 1, 0 audit rows, 0 events.",
        "order ord_ghost is placed, its last audit row says None.",
    ]
