"""What does not add up, kept until it is explained or somebody has decided."""

from sqlalchemy import select

from doorstep.operations.caller import Caller
from doorstep.operations.transitions import Change, advance, tell_created
from doorstep.storage import Connection
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.fulfilment import exceptions

OPEN, EXPLAINED = "open", "explained"


def open_exception(
    connection: Connection,
    caller: Caller,
    code: str,
    *,
    site_id: str,
    scan: tuple[str, str],
    detail: str,
    now: int,
    sscc: str = "",
    parcel_id: str | None = None,
) -> str:
    """Open an exception about a scan, or about something else that was told, once, and return its id.

    Parameters
    ----------
    scan
        Its source and its name there.
    detail
        One plain sentence.
    """
    source, name = scan
    same = (exceptions.c.source == source) & (exceptions.c.source_event_id == name) & (exceptions.c.code == code)
    mine = select(exceptions.c.exception_id).where(exceptions.c.tenant_id == caller.tenant_id, same)
    known = connection.execute(mine).scalar_one_or_none()
    if known is not None:
        return str(known)
    exception_id = connection.new_id("exc", now)
    row = {"exception_id": exception_id, "tenant_id": caller.tenant_id, "code": code, "state": OPEN, "version": 1,
           "site_id": site_id, "sscc": sscc, "parcel_id": parcel_id, "source": source, "source_event_id": name,
           "detail": detail, "created_at": now}  # fmt: skip
    connection.run(inserting(exceptions), [row])
    told = {"code": code, "site_id": site_id, "sscc": sscc, "parcel_id": parcel_id}
    tell_created(connection, caller, "exception", exception_id, OPEN, now=now, reason=code, data=told)
    return exception_id


def resolve_exception(connection: Connection, caller: Caller, exception_id: str, *, reason: str, now: int) -> Change:
    """End an exception that somebody has looked into.

    Raises
    ------
    NotFoundError
        If the tenant has no such exception.
    IllegalTransitionError
        If it has ended.
    """
    return advance(connection, caller, "exception", exception_id, "resolve", now=now, reason=reason)
