"""``doorstep person``: who was made by it comes in with the password that it printed, read or asked for."""

from pathlib import Path

import pytest

from doorstep.cli import main, person_command
from doorstep.operations import passwords
from doorstep.operations.access import create_tenant
from doorstep.operations.passwords import is_password_of
from doorstep.operations.people import Login, find_login
from doorstep.storage import Database
from doorstep.storage.check import check_books
from tests.databases import NOW

ZOE = "zoe@shop.example"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretch passwords for a thousandth of the price."""
    monkeypatch.setattr(passwords, "_SCRYPT", {"n": 2**5, "r": 8, "p": 1})


@pytest.fixture
def url(sqlite_template: Path, tmp_path: Path) -> str:
    """Return the address of a database without a tenant."""
    (tmp_path / "shop.db").write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{tmp_path / 'shop.db'}"


def person(url: str, *words: str, email: str = ZOE, role: str = "planner") -> int:
    return main(["person", email, "--name", "Zoë", "--role", role, "--database-url", url, *words])


def login_in(url: str) -> Login:
    database = Database(url)
    with database.reading() as connection:
        found = find_login(connection, ZOE)
        assert check_books(connection) == []
    database.close()
    assert found is not None
    return found


def test_a_password_is_made_up_and_printed_once(url: str, capsys):
    assert person(url, email="Zoe@shop.example") == 0
    first, second, third = capsys.readouterr().out.splitlines()
    found = login_in(url)
    assert first == f"person {found.person_id}: zoe@shop.example, planner"
    assert is_password_of(found.password_hash, second.removeprefix("password: "))
    assert third == "It is shown this once: hand it over now."


def test_a_password_in_a_file_is_not_printed(url: str, tmp_path: Path, capsys):
    file = tmp_path / "password"
    file.write_text("correct horse battery\r\nnot this\n")
    assert person(url, "--password-file", str(file)) == 0
    assert "password" not in capsys.readouterr().out
    assert is_password_of(login_in(url).password_hash, "correct horse battery")


def test_a_password_is_typed_twice(url: str, monkeypatch, capsys):
    typed = iter(["correct horse battery", "correct horse battery", "correct horse battery", "another one"])
    monkeypatch.setattr(person_command, "getpass", lambda prompt: next(typed))
    assert person(url, "--sign-in", "prompt") == 0
    assert is_password_of(login_in(url).password_hash, "correct horse battery")
    assert person(url, "--sign-in", "prompt", email="al@shop.example") == 2
    assert "the two passwords differ" in capsys.readouterr().err


def test_who_comes_by_openid_has_no_password(url: str):
    assert person(url, "--sign-in", "openid") == 0
    assert login_in(url).password_hash is None


@pytest.mark.parametrize(
    ("words", "change", "said"),
    [
        ((), {"email": "zoe"}, "'zoe' is no e-mail address"),
        ((), {"role": "boss"}, "Maybe one of: admin, planner"),
        (("--password-file", "nowhere"), {}, "password file nowhere cannot be read"),
        (("--password-file", "x", "--sign-in", "openid"), {}, "exclude each other"),
        (("--tenant", "ten_nobody"), {}, "tenant 'ten_nobody' does not exist"),
    ],
)
def test_what_makes_no_sense_exits_with_2_and_a_reason(url: str, capsys, words, change, said):
    assert person(url, *words, **change) == 2
    assert said in capsys.readouterr().err


def test_a_password_that_is_too_short_is_refused(url: str, tmp_path: Path, capsys):
    (tmp_path / "password").write_text("short\n")
    assert person(url, "--password-file", str(tmp_path / "password")) == 2
    assert "has 5 characters; it must have 12 to 200" in capsys.readouterr().err


def test_of_several_tenants_one_is_named(url: str, capsys):
    database = Database(url)
    with database.writing() as connection:
        first, second = (create_tenant(connection, name, now=NOW) for name in ("a", "b"))
    database.close()
    assert person(url) == 2
    assert f"Maybe --tenant {first}" in capsys.readouterr().err
    assert person(url, "--tenant", second) == 0
    assert login_in(url).tenant_id == second
