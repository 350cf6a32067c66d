"""``doorstep db``: what it prints, which exit code it gives, and that no fault in the books escapes it."""

import os
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from doorstep.cli import main
from doorstep.domain.new_order import TakenOrder
from doorstep.operations.intake.draft import Intake
from doorstep.operations.intake.take import take_orders
from doorstep.storage import Database, migrations
from doorstep.storage.migrations import newest
from tests.databases import CALLER, NOW, Server
from tests.operations.shops import open_shop, ordering

AGREE = "The books agree: ledger, reservations, audit chain, events, states.\n"
ORDERS = 3


@pytest.fixture
def shop(request: pytest.FixtureRequest, database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Return a shop with three orders, to which the settings point."""
    if database.dialect == "postgresql":
        server: Server = request.getfixturevalue("postgresql")
        monkeypatch.setenv("PATH", f"{server.programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("DOORSTEP_DATABASE_URL", database.url.render_as_string(hide_password=False))
    open_shop(database, {("S1", "A"): 100})
    with database.writing() as connection:
        order = ordering(("A", 2))
        taken = take_orders(connection, [Intake(caller=CALLER, order=order, now=NOW) for _ in range(ORDERS)])
    assert [type(one) for one in taken] == [TakenOrder] * ORDERS
    database.disconnect()
    return database


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Return a function that runs a command and returns its exit code and what it printed, on both channels."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["db", *arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def change(database: Database, *statements: str) -> None:
    """Do behind the back of all books what nothing in doorstep does."""
    with database.writing() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
    database.disconnect()


def test_the_books_of_a_shop_agree(shop, run):
    assert run("check") == (0, AGREE, "")


def test_a_copy_is_written_put_back_and_checked(shop, run, tmp_path):
    copy = str(tmp_path / "copy")
    assert run("backup", copy) == (0, f"Wrote {copy}.\n", "")
    change(shop, "UPDATE orders SET state = 'completed'")
    assert run("check")[0] == 1
    assert run("restore", copy) == (0, f"Restored {copy}, revision {newest()}.\n", "")
    assert run("check") == (0, AGREE, "")


def test_another_database_may_be_named(shop, run, tmp_path):
    url = f"sqlite:///{tmp_path / 'other.db'}"
    assert run("upgrade", "--database-url", url) == (0, f"The database is at revision {newest()}.\n", "")
    assert run("check", "--database-url", url) == (0, AGREE, "")


def test_a_database_of_another_revision_is_not_checked(run, tmp_path):
    url = f"sqlite:///{tmp_path / 'bare.db'}"
    told = f"The database is at revision none, this release needs {newest()}.\n"
    assert run("check", "--database-url", url) == (1, told, "")


def test_a_copy_that_is_there_or_is_none_exits_with_2(shop, run, tmp_path):
    (tmp_path / "copy").write_text("something")
    code, out, err = run("backup", str(tmp_path / "copy"))
    assert (code, out) == (2, "")
    assert err == f"doorstep: {tmp_path / 'copy'} is there already.\nMaybe give another name.\n"
    code, out, err = run("restore", str(tmp_path / "copy"))
    assert (code, out) == (2, "")
    assert err.startswith(f"doorstep: {tmp_path / 'copy'} is not a whole ")
    assert run("restore", str(tmp_path / "nowhere")) == (2, "", f"doorstep: {tmp_path / 'nowhere'} is not a file.\n")
    assert run("check")[0] == 0


def test_programs_that_are_missing_exit_with_1(shop, run, tmp_path, monkeypatch):
    if shop.dialect == "sqlite":
        pytest.skip("SQLite is copied by Python itself")
    monkeypatch.setenv("PATH", str(tmp_path))
    code, out, err = run("backup", str(tmp_path / "copy"))
    assert (code, out, err.splitlines()[0]) == (1, "", "doorstep: pg_dump is not on the PATH.")


@pytest.mark.parametrize("action", ["backup", "restore", "revise"])
def test_an_action_that_needs_an_argument_says_so(run, tmp_path, action):
    told = f"doorstep: db {action} needs an argument.\nMaybe the file to write or to read.\n"
    assert run(action, "--database-url", f"sqlite:///{tmp_path / 'any.db'}") == (2, "", told)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("sqlite:////no/such/folder/doorstep.db", "a file in /no/such/folder, which is not a folder"),
        ("sqlite://", "it must be an SQLite file or a PostgreSQL database"),
        ("mysql://localhost/shop", "it must be an SQLite file or a PostgreSQL database"),
        ("doorstep.db", "database_url cannot be read"),
    ],
)
def test_an_address_that_leads_nowhere_exits_with_2(run, url, told):
    code, out, err = run("check", "--database-url", url)
    assert (code, out) == (2, "")
    assert told in err


def test_a_server_that_is_not_there_exits_with_1(run, tmp_path):
    code, out, err = run("check", "--database-url", f"postgresql:///shop?host={tmp_path}")
    assert (code, out) == (1, "")
    assert err.startswith("doorstep: the database cannot be used: connection ")


def test_a_file_that_is_no_database_exits_with_1(run, tmp_path):
    (tmp_path / "text.db").write_text("no database at all\n" * 1_000)
    told = "doorstep: the database cannot be used: file is not a database.\nMaybe see database_url.\n"
    assert run("upgrade", "--database-url", f"sqlite:///{tmp_path / 'text.db'}") == (1, "", told)


def test_a_step_is_written_from_what_has_changed(run, tmp_path, monkeypatch):
    asked: list[str] = []
    monkeypatch.setattr(migrations, "revise", lambda _database, text: asked.append(text))
    assert run("revise", "a new table", "--database-url", f"sqlite:///{tmp_path / 'any.db'}") == (0, "", "")
    assert asked == ["a new table"]


PLANTED = {
    "more on hand than the ledger says": (
        "UPDATE positions SET on_hand = on_hand + 1 WHERE kind = 'stock'",
        "stock A at S1: 101 on hand and 6 reserved, but the ledger adds up to 100 and 6.",
    ),
    "a ledger entry that is gone": (
        "DELETE FROM ledger_entries WHERE on_hand_delta = 100",
        "stock A at S1: 100 on hand and 6 reserved, but the ledger adds up to 0 and 6.",
    ),
    "a reservation that is gone": (
        "DELETE FROM reservations",
        "stock A at S1: 6 reserved, but its reservations add up to 0.",
    ),
    "a line with more than was ordered": (
        "UPDATE order_lines SET quantity = 1",
        "line 1: 2 units reserved or taken for 1 ordered.",
    ),
    "an audit row that was changed": (
        "UPDATE audit SET actor = 'nobody' WHERE audit_no = 2",
        "audit row 2 was changed after it was written, or one before it was.",
    ),
    "an audit row that is gone": ("DELETE FROM audit WHERE audit_no = 2", "audit row 2 is missing."),
    "the last audit row gone": (
        "DELETE FROM audit WHERE audit_no = (SELECT MAX(audit_no) FROM audit)",
        "the journal's head says ",
    ),
    "an event that is gone": ("DELETE FROM events WHERE event_no = 2", "events, there are "),
    "orders that are gone": ("DELETE FROM orders", " has audit rows, but is not there."),
    "a state without a trace": (
        "UPDATE orders SET state = 'completed'",
        " is completed, its last audit row says placed.",
    ),
    "a version without a trace": ("UPDATE orders SET version = version + 1", ": version 2, 1 audit rows, 1 events."),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found(shop, run, name):
    statement, told = PLANTED[name]
    change(shop, statement)
    code, out, err = run("check")
    assert code == 1
    assert told in out
    assert err == f"{len(out.splitlines())} faults: this database must not be trusted.\n"


def test_of_many_faults_a_hundred_are_told_and_all_are_counted(shop, run):
    change(shop, "UPDATE audit SET actor = 'nobody'")
    with shop.writing() as connection:
        for number in range(150):
            columns = "audit_no, tenant_id, at, actor, kind, object_id, event, hash"
            values = f"{1000 + number}, 'ten_test', 0, 'x', 'x', 'x', 'x', 'x'"
            connection.execute(sa.text(f"INSERT INTO audit ({columns}) VALUES ({values})"))
    shop.disconnect()
    code, out, err = run("check")
    assert (code, len(out.splitlines())) == (1, 100)
    assert int(err.split()[0]) > 150
