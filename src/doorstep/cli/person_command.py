"""``doorstep person``: somebody who may sign in, made where the database is."""

from getpass import getpass
from pathlib import Path
from typing import Literal

from doorstep.api.models.fields import EMAIL
from doorstep.assembly import SystemClock
from doorstep.cli.owners import owner_in
from doorstep.foundation import InputError
from doorstep.operations.caller import Caller
from doorstep.operations.passwords import hash_password
from doorstep.operations.people import create_person
from doorstep.settings import load_settings
from doorstep.storage import Database
from doorstep.storage.migrations import upgrade

Way = Literal["generated", "prompt", "openid"]


def person(
    email: str,
    /,
    *,
    name: str,
    role: str,
    sign_in: Way = "generated",
    password_file: Path | None = None,
    tenant: str | None = None,
    database_url: str | None = None,
) -> int:
    """Let a person sign in; their password is stored stretched and cannot be shown again.

    Parameters
    ----------
    email
        The address that they sign in with.
    name
        What they are called.
    role
        admin, planner, dispatcher, store_associate, driver, support or analyst.
    sign_in
        By a password that is made up and printed, by one typed here twice, or by OpenID Connect alone.
    password_file
        A file whose first line is the password, in the place of a made-up one.
    tenant
        Id of their tenant; by default the only one there is, made if there is none.
    database_url
        Which database; by default the one of the settings.
    """
    if not EMAIL.fullmatch(email):
        raise InputError(f"{email!r} is no e-mail address.")
    database = Database(database_url or load_settings().database_url.get_secret_value())
    try:
        upgrade(database)
        password = _password(sign_in, password_file, made_up=database.ids.secret())
        kept = None if password is None else hash_password(password, salt=database.ids.secret())
        now = SystemClock().now()
        with database.writing() as connection:
            caller = Caller(owner_in(connection, tenant, now=now), "cli")
            person_id = create_person(
                connection, caller, email=email, name=name, role=role, password_hash=kept, now=now
            )
    finally:
        database.close()
    print(f"person {person_id}: {email.lower()}, {role}")
    if sign_in == "generated" and password_file is None:
        print(f"password: {password}\nIt is shown this once: hand it over now.")
    return 0


def _password(sign_in: Way, file: Path | None, *, made_up: str) -> str | None:
    """Return the password that is wanted, None for nobody's.

    Raises
    ------
    InputError
        If two ways are asked for, the file cannot be read, or the two typed ones differ.
    """
    if file is not None and sign_in != "generated":
        raise InputError(f"--password-file and --sign-in {sign_in} exclude each other.")
    if file is not None:
        return _first_line(file)
    if sign_in == "prompt":
        first, second = getpass("Password: "), getpass("Once more: ")
        if first != second:
            raise InputError("the two passwords differ.")
        return first
    return None if sign_in == "openid" else made_up


def _first_line(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as fault:
        raise InputError(f"password file {file} cannot be read: {fault}.") from fault
