"""What does not add up, kept until it is explained or somebody has decided."""

from sqlalchemy import select

from doorstep.operations.caller import Caller
from doorstep.operations.transitions import Change, advance, tell_created
from doorstep.storage import Connection
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.fulfilment import deliveries, exceptions
from doorstep.storage.schema.orders import orders

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


def open_about_delivery(
    connection: Connection, caller: Caller, code: str, delivery_id: str, told: tuple[str, str], detail: str, *, now: int
) -> str:
    """Open an exception about a delivery at the site that it leaves from, once, and return its id.

    Parameters
    ----------
    told
        Who told what it is about, and its name there.
    detail
        One plain sentence, in which ``{code}`` stands for the code of the order.
    """
    query = (
        select(orders.c.code, deliveries.c.site_id)
        .join_from(deliveries, orders, orders.c.order_id == deliveries.c.order_id)
        .where(deliveries.c.delivery_id == delivery_id)
    )
    row = connection.execute(query).one()
    said = detail.format(code=row.code)
    return open_exception(connection, caller, code, site_id=row.site_id, scan=told, detail=said, now=now)


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
