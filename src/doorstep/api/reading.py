"""Reading from the database: in a thread, and with its absence told as such."""

from collections.abc import Callable
from typing import TypeVar

import structlog
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from doorstep.api.dependencies import Platform
from doorstep.storage import Connection, DatabaseUnavailableError
from doorstep.storage.schema.reference import REFERENCE

T = TypeVar("T")
USUAL_CURRENCY = "USD"
_GONE = {"OperationalError", "InterfaceError"}

log = structlog.get_logger("doorstep.api")


def reading(platform: Platform, query: Callable[[Connection], T]) -> T:
    """Return what a query finds.

    Raises
    ------
    DatabaseUnavailableError
        If the database refuses, is away, or has no connection left.
    """
    try:
        with platform.database.reading() as connection:
            return query(connection)
    except Exception as fault:
        if not is_away(fault):
            raise
        log.error("the database could not be read", exc_info=fault)
        raise DatabaseUnavailableError(f"the database could not be read: {type(fault).__name__}.") from fault


def is_away(fault: BaseException) -> bool:
    """Return whether a failure is the database's: prepared statements raise the driver's own errors."""
    inner = fault.orig if isinstance(fault, DBAPIError) and fault.orig is not None else fault
    return isinstance(fault, PoolTimeoutError) or bool(_GONE & {kind.__name__ for kind in type(inner).__mro__})


def currency_of(connection: Connection, tenant_id: str) -> str:
    """Return the currency of a tenant's amounts."""
    policy = REFERENCE["policy"]
    found = connection.execute(select(policy.c.currency).where(policy.c.tenant_id == tenant_id)).scalars().first()
    return str(found or USUAL_CURRENCY)
