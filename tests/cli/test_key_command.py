"""``doorstep key``: whose key it makes, what it may do, and that it is shown once."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from doorstep.cli import main
from doorstep.operations.access import SCOPES, Holder, create_tenant, find_key, find_tenants
from doorstep.storage import Database
from doorstep.storage.schema.access import api_keys
from tests.databases import NOW

Made = tuple[int, str, str]


@pytest.fixture
def make(
    empty_database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Made]:
    """Return a function that runs the command on a database and returns its exit code and what it printed."""
    monkeypatch.setenv("DOORSTEP_DATABASE_URL", empty_database.url.render_as_string(hide_password=False))

    def make(*arguments: str) -> Made:
        code = main(["key", *arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return make


def holder(database: Database, printed: str) -> Holder:
    """Return who holds a key that was printed."""
    shown = re.fullmatch(r"key (\S+): (ds_live_\S+)\nIt is shown this once: store it now\.\n", printed)
    assert shown is not None
    with database.reading() as connection:
        found = find_key(connection, shown[2], now=NOW)
        assert shown[2] not in str(connection.execute(select(api_keys)).all())
    assert found is not None
    assert found.name == shown[1]
    return found


def tenants_of(database: Database) -> dict[str, str]:
    with database.reading() as connection:
        return find_tenants(connection)


def add(database: Database, name: str, at: int) -> str:
    with database.writing() as connection:
        return create_tenant(connection, name, now=at)


def test_the_first_key_makes_the_first_tenant_and_may_do_everything_but_administer(empty_database, make):
    code, out, err = make()
    assert (code, err) == (0, "")
    found = holder(empty_database, out)
    assert tenants_of(empty_database) == {found.tenant_id: "default"}
    assert found.scopes == set(SCOPES) - {"admin"}


def test_a_second_key_belongs_to_the_same_tenant(empty_database, make):
    first, second = (holder(empty_database, make(name)[1]) for name in ("shop", "till"))
    assert first.tenant_id == second.tenant_id
    assert first.name != second.name


def test_a_key_may_do_what_is_named(empty_database, make):
    found = holder(empty_database, make("till", "--scope", "orders:read", "--scope", "stock:write")[1])
    assert found.scopes == {"orders:read", "stock:write"}


def test_a_scope_that_is_unknown_exits_with_2_and_makes_nothing(empty_database, make):
    code, out, err = make("till", "--scope", "orders:read", "--scope", "orders:eat")
    assert (code, out) == (2, "")
    assert err.startswith("doorstep: scopes ['orders:eat'] are unknown.\nMaybe some of: admin, ")
    assert tenants_of(empty_database) == {}


def test_of_several_tenants_one_must_be_named(empty_database, make):
    acme, bolt = add(empty_database, "Acme", NOW), add(empty_database, "Bolt", NOW + 1)
    assert make() == (2, "", f"doorstep: there are several tenants.\nMaybe --tenant {acme}.\n")
    assert holder(empty_database, make("till", "--tenant", bolt)[1]).tenant_id == bolt


def test_a_tenant_that_does_not_exist_exits_with_2(empty_database, make):
    add(empty_database, "Acme", NOW)
    assert make("till", "--tenant", "ten_9") == (2, "", "doorstep: tenant 'ten_9' does not exist.\n")


def test_a_database_without_tables_gets_them(make, tmp_path):
    url = f"sqlite:///{tmp_path / 'new.db'}"
    assert make("--database-url", url)[0] == 0
    database = Database(url)
    assert list(tenants_of(database).values()) == ["default"]
    database.close()
