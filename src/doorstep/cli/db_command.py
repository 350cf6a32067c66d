"""``doorstep db``: the database looked after."""

import sys
from pathlib import Path
from typing import Literal

from doorstep.foundation import InputError
from doorstep.settings import load_settings
from doorstep.storage import Database, migrations
from doorstep.storage.backup import backup, restore
from doorstep.storage.check import check_books


def db(
    action: Literal["upgrade", "backup", "restore", "check", "revise"],
    argument: str = "",
    /,
    *,
    database_url: str | None = None,
) -> int:
    """Look after the database.

    upgrade brings its tables to this release; backup FILE copies it while it is in use; restore FILE puts a copy in
    its place (stop the server first); check recomputes every invariant: stock ledger, audit chain, one event for each
    change of state; revise TEXT writes a migration after a change of the schema (for developers).

    Parameters
    ----------
    database_url
        Which database; by default the one of the settings.
    """
    database = Database(database_url or load_settings().database_url.get_secret_value())
    try:
        return _do(database, action, argument)
    finally:
        database.close()


def _do(database: Database, action: str, argument: str) -> int:
    if action in ("backup", "restore", "revise") and not argument:
        raise InputError(f"db {action} needs an argument.", hint="Maybe the file to write or to read.")
    if action == "upgrade":
        print(f"The database is at revision {migrations.upgrade(database)}.")
    elif action == "backup":
        backup(database, Path(argument))
        print(f"Wrote {argument}.")
    elif action == "restore":
        restore(database, Path(argument))
        print(f"Restored {argument}, revision {migrations.upgrade(database)}.")
    elif action == "revise":
        migrations.revise(database, argument)
    else:
        return _check(database)
    return 0


def _check(database: Database) -> int:
    found = migrations.current(database)
    if found != migrations.newest():
        print(f"The database is at revision {found or 'none'}, this release needs {migrations.newest()}.")
        return 1
    with database.reading() as connection:
        faults = check_books(connection)
    for fault in faults[:100]:
        print(fault)
    if faults:
        print(f"{len(faults)} faults: this database must not be trusted.", file=sys.stderr)
        return 1
    print("The books agree: ledger, reservations, audit chain, events, states.")
    return 0
