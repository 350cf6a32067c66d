"""Whose key or person a command makes."""

from doorstep.foundation import InputError
from doorstep.operations.access import create_tenant, find_tenants
from doorstep.storage import Connection


def owner_in(connection: Connection, tenant: str | None, *, now: int) -> str:
    """Return the id of the tenant that is named, else of the only one there is, which is made if there is none.

    Raises
    ------
    InputError
        If it does not exist, or none is named of several.
    """
    connection.take_turn()
    known = find_tenants(connection)
    if tenant is None and len(known) > 1:
        raise InputError("there are several tenants.", hint=f"Maybe --tenant {next(iter(known))}.")
    if tenant is not None and tenant not in known:
        raise InputError(f"tenant {tenant!r} does not exist.")
    return tenant or next(iter(known), None) or create_tenant(connection, "default", now=now)
