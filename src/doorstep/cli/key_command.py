"""``doorstep key``: an API key for a shop, made where the database is."""

from collections.abc import Sequence
from contextlib import closing

from doorstep.assembly import SystemClock
from doorstep.cli.owners import owner_in
from doorstep.operations.access import SCOPES, create_key
from doorstep.operations.caller import Caller
from doorstep.settings import load_settings
from doorstep.storage import Database
from doorstep.storage.migrations import upgrade


def key(
    name: str = "cli",
    /,
    *,
    scope: Sequence[str] = (),
    tenant: str | None = None,
    database_url: str | None = None,
) -> int:
    """Make an API key and print it; it is stored as a hash and cannot be shown again.

    Parameters
    ----------
    name
        What it is for.
    scope
        What it may do, repeatable; by default everything but administration.
    tenant
        Id of its tenant; by default the only one there is, made if there is none.
    database_url
        Which database; by default the one of the settings.
    """
    with closing(Database(database_url or load_settings().database_url.get_secret_value())) as database:
        upgrade(database)
        now = SystemClock().now()
        with database.writing() as connection:
            owner = owner_in(connection, tenant, now=now)
            scopes = scope or [s for s in SCOPES if s != "admin"]
            shown = create_key(connection, Caller(owner, "cli"), name=name, scopes=scopes, now=now)
    print(f"key {shown.name}: {shown.secret}\nIt is shown this once: store it now.")
    return 0
