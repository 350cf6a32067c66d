"""A copy taken while orders come in can be put back; what is no whole copy never takes the place of a database."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
import sqlalchemy as sa

from doorstep.domain.new_order import TakenOrder
from doorstep.foundation import ConflictError, InputError, UpstreamError
from doorstep.operations.intake.draft import Intake
from doorstep.operations.intake.take import take_orders
from doorstep.storage import Database, Writer, dumps
from doorstep.storage.backup import backup, restore
from doorstep.storage.check import check_books
from doorstep.storage.migrations import newest, upgrade
from doorstep.storage.schema.orders import orders
from tests.databases import CALLER, NOW, Server, add_tenant, sqlite_copy
from tests.operations.shops import open_shop, ordering

BOUND_S = 60
BEFORE, AFTER = 60, 20
HOLD = """
import sys
import sqlalchemy as sa
from doorstep.storage import Database
database = Database(sys.argv[1])
with database.reading() as connection:
    connection.execute(sa.text("SELECT COUNT(*) FROM orders"))
print("open", flush=True)
sys.stdin.read()
"""
DIE = """
import os, sys
import sqlalchemy as sa
from doorstep.storage import Database
with Database(sys.argv[1]).writing() as connection:
    connection.execute(sa.text("UPDATE tenants SET name = 'late'"))
os._exit(9)
"""
WITH_LITTLE_ROOM = """
import resource, sys
from pathlib import Path
from doorstep.storage import Database, backup
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]), resource.RLIM_INFINITY))
getattr(backup, sys.argv[1])(Database(sys.argv[2]), Path(sys.argv[3]))
"""
"""No file may grow beyond some bytes: the disk is full in the middle."""


@pytest.fixture(autouse=True)
def programs(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the programs of the tests' own PostgreSQL on the PATH."""
    if "postgresql" in request.node.name:
        server: Server = request.getfixturevalue("postgresql")
        monkeypatch.setenv("PATH", f"{server.programs}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def shop(database: Database) -> Database:
    open_shop(database, {("S1", "A"): 1_000_000})
    return database


@pytest.fixture
def copy(shop: Database, tmp_path: Path) -> Path:
    """Return a copy of a shop with one order, which then gets another."""
    target = tmp_path / "copy"
    order(shop, "first")
    backup(shop, target)
    order(shop, "second")
    return target


def order(database: Database, name: str) -> str:
    """Take an order and return its id."""
    with database.writing() as connection:
        (taken,) = take_orders(connection, [Intake(caller=CALLER, order=named(name), now=NOW)])
    assert isinstance(taken, TakenOrder)
    return taken.order_id


def named(name: str):
    return ordering(("A", 1), external_id=name)


def names(database: Database) -> set[str]:
    """Return the names of all orders of a database whose books agree."""
    with database.reading() as connection:
        assert check_books(connection) == []
        return set(connection.execute(sa.select(orders.c.external_id)).scalars())


@contextmanager
def ordering_on(database: Database, promised: list[str]) -> Iterator[None]:
    """Send orders from another thread and note those that were promised."""
    writer, ended = Writer(database), Event()

    def send() -> None:
        for number in range(1_000_000):
            if ended.is_set():
                return
            request = Intake(caller=CALLER, order=named(f"web-{number}"), now=NOW)
            writer.together(take_orders, request).result(BOUND_S)
            promised.append(f"web-{number}")

    thread = Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        writer.close()


def wait_until(promised: list[str], count: int) -> None:
    pause = Event()
    while len(promised) < count:
        pause.wait(0.005)


def revise_to(database: Database, revision: str) -> None:
    with database.writing() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


def test_a_copy_taken_while_orders_come_in_holds_all_that_was_promised_before_it_and_nothing_by_half(shop, tmp_path):
    promised: list[str] = []
    with ordering_on(shop, promised):
        wait_until(promised, BEFORE)
        before = set(promised)
        backup(shop, tmp_path / "copy")
        wait_until(promised, len(promised) + AFTER)
    assert names(shop) == set(promised)
    restore(shop, tmp_path / "copy")
    assert before <= names(shop) < set(promised)
    order(shop, "goes on")
    assert "goes on" in names(shop)


def test_a_copy_makes_a_database_on_a_new_machine(copy, shop, tmp_path, request):
    if shop.dialect == "sqlite":
        other = Database(f"sqlite:///{tmp_path / 'new.db'}")
        restore(other, copy)
        assert names(other) == {"first"}
        other.close()
        return
    server: Server = request.getfixturevalue("postgresql")
    url = server.fresh("template0")
    other = Database(url)
    restore(other, copy)
    assert names(other) == {"first"}
    other.close()
    server.drop(url)


def test_only_its_owner_may_read_a_copy_and_nothing_lies_beside_it(copy, tmp_path):
    assert copy.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("copy")] == ["copy"]


def test_a_copy_never_takes_the_place_of_a_file(shop, tmp_path):
    (tmp_path / "copy").write_text("mine")
    with pytest.raises(ConflictError, match="is there already"):
        backup(shop, tmp_path / "copy")
    assert (tmp_path / "copy").read_text() == "mine"


def test_there_must_be_a_folder_for_a_copy(shop, tmp_path):
    with pytest.raises(InputError, match="nowhere is not a folder"):
        backup(shop, tmp_path / "nowhere" / "copy")


def test_a_database_without_tables_is_not_copied(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'typo.db'}")
    with pytest.raises(InputError, match="has no tables"):
        backup(database, tmp_path / "copy")
    database.close()
    assert not (tmp_path / "copy").exists()


def with_little_room(action: str, database: Database, path: Path, most: int) -> str:
    """Copy or restore in a process whose files may have so many bytes, and return what it says."""
    command = [sys.executable, "-c", WITH_LITTLE_ROOM, action, address(database), str(path), str(most)]
    return subprocess.run(command, stderr=subprocess.PIPE, text=True, timeout=BOUND_S, check=False).stderr


def address(database: Database) -> str:
    return database.url.render_as_string(hide_password=False)


def test_a_copy_that_cannot_be_written_to_its_end_leaves_nothing(shop, tmp_path):
    assert "UpstreamError: " in with_little_room("backup", shop, tmp_path / "copy", 20_000)
    assert [path for path in tmp_path.iterdir() if path.name.startswith("copy")] == []


def test_what_is_no_copy_is_refused(copy, shop, tmp_path):
    with closing(sqlite3.connect(tmp_path / "foreign")) as connection:
        connection.execute("CREATE TABLE cakes (name TEXT)")
    (tmp_path / "text").write_text("no database at all\n" * 1_000)
    (tmp_path / "nothing").touch()
    for name in ("nowhere", "text", "nothing", "foreign"):
        with pytest.raises(InputError, match=f"{name} is not a "):
            restore(shop, tmp_path / name)
    assert names(shop) == {"first", "second"}


def test_a_copy_of_something_else_is_refused(shop, tmp_path):
    foreign = tmp_path / "foreign"
    with shop.writing() as connection:
        connection.execute(sa.text("DELETE FROM alembic_version"))
    if shop.dialect == "sqlite":
        shop.disconnect()
        shutil.copyfile(str(shop.url.database), foreign)
    else:
        dumps.dump(shop.url, foreign, schema="public")
    with pytest.raises(InputError, match="foreign holds no tables of doorstep"):
        restore(shop, foreign)


def test_a_copy_of_a_newer_release_is_refused(shop, tmp_path):
    revise_to(shop, "9999")
    backup(shop, tmp_path / "newer")
    revise_to(shop, newest())
    order(shop, "first")
    with pytest.raises(InputError, match=r"newer is at revision 9999, this release knows no newer one than \d+\."):
        restore(shop, tmp_path / "newer")
    assert names(shop) == {"first"}


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_copy_without_its_end_is_refused(copy, shop, share):
    whole = copy.read_bytes()
    copy.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(InputError, match=r"is damaged|is not a whole"):
        restore(shop, copy)
    assert names(shop) == {"first", "second"}


@pytest.mark.parametrize("share", [0.5, 0.7, 0.9])
def test_a_copy_with_a_hole_is_refused(copy, shop, share):
    spoiled = bytearray(copy.read_bytes())
    begins = int(len(spoiled) * share) // 4096 * 4096
    spoiled[begins : begins + 4096] = b"\xa5" * 4096
    copy.write_bytes(spoiled)
    with pytest.raises(InputError, match=r"is damaged|is not a whole"):
        restore(shop, copy)
    assert names(shop) == {"first", "second"}


def test_what_breaks_off_in_the_middle_leaves_the_database_as_it_was(copy, shop):
    if shop.dialect == "postgresql":
        with shop.writing() as connection:  # in its way when nearly all is done
            connection.execute(sa.text("CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS "
                                       "'BEGIN RAISE EXCEPTION $$no index today$$; END'"))  # fmt: skip
            connection.execute(sa.text("CREATE EVENT TRIGGER refuse ON ddl_command_end WHEN TAG IN ('CREATE INDEX') "
                                       "EXECUTE FUNCTION refuse()"))  # fmt: skip
        with pytest.raises(UpstreamError, match="no index today"):
            restore(shop, copy)
    else:
        shop.disconnect()
        assert "UpstreamError: " in with_little_room("restore", shop, copy, copy.stat().st_size // 2)
    assert names(shop) == {"first", "second"}


def test_a_database_that_somebody_uses_is_left_alone(copy, shop):
    command = [sys.executable, "-c", HOLD, address(shop)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as user:
        assert user.stdout is not None
        assert user.stdout.readline() == "open\n"
        with pytest.raises(ConflictError, match="in use"):
            restore(shop, copy)
        user.communicate(timeout=BOUND_S)
    assert names(shop) == {"first", "second"}
    restore(shop, copy)
    assert names(shop) == {"first"}


def test_what_a_killed_process_left_behind_does_not_come_back(copy, shop):
    subprocess.run([sys.executable, "-c", DIE, address(shop)], timeout=BOUND_S, check=False)
    restore(shop, copy)
    assert names(shop) == {"first"}
    with shop.reading() as connection:
        assert "late" not in connection.execute(sa.text("SELECT name FROM tenants")).scalars().all()


def test_tables_of_a_later_release_are_gone_after_it(copy, shop):
    with shop.writing() as connection:
        connection.execute(sa.text("CREATE TABLE later (name TEXT)"))
    restore(shop, copy)
    assert upgrade(shop) == newest()
    with shop.reading() as connection:
        assert "later" not in sa.inspect(connection.execute(sa.text("SELECT 1")).connection).get_table_names()


@pytest.mark.parametrize("from_page", [0, 1])
def test_a_damaged_file_is_replaced_and_kept(sqlite_template, tmp_path, from_page):
    with sqlite_copy(sqlite_template, tmp_path) as database:
        add_tenant(database)
        backup(database, tmp_path / "copy")
        database.disconnect()
        path = Path(str(database.url.database))
        spoiled = path.read_bytes()[: from_page * 4096] + b"\xa5" * 100_000
        path.write_bytes(spoiled)
        restore(database, tmp_path / "copy")
        assert names(database) == set()
        assert from_page or Path(f"{path}.damaged").read_bytes() == spoiled


def test_a_database_is_not_restored_from_itself(sqlite_template, tmp_path):
    with (
        sqlite_copy(sqlite_template, tmp_path) as database,
        pytest.raises(InputError, match="is the database itself"),
    ):
        restore(database, Path(str(database.url.database)))


def test_a_name_with_signs_is_a_name(copy, shop, tmp_path):
    odd = tmp_path / "sun & 100% of? it#1"
    backup(shop, odd)
    restore(shop, odd)
    assert names(shop) == {"first", "second"}


def test_without_its_programs_a_copy_says_what_is_missing(copy, shop, tmp_path, monkeypatch):
    if shop.dialect == "sqlite":
        pytest.skip("SQLite is copied by Python itself")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UpstreamError, match="pg_dump is not on the PATH") as caught:
        backup(shop, tmp_path / "another")
    assert caught.value.hint == "Maybe install the PostgreSQL client, as new as the server or newer."
    with pytest.raises(UpstreamError, match="pg_restore is not on the PATH"):
        restore(shop, copy)


def test_a_program_that_fails_is_quoted(shop, tmp_path):
    if shop.dialect == "sqlite":
        pytest.skip("SQLite is copied by Python itself")
    with pytest.raises(UpstreamError, match=r"pg_dump failed: .*no matching schemas"):
        dumps.dump(shop.url, tmp_path / "copy", schema="nowhere")
