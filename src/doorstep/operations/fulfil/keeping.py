"""How long what is ready waits for its shopper, and what is tidied away once they have been there, or never came."""

from collections.abc import Mapping

from sqlalchemy import delete, select, update

from doorstep.operations.caller import Caller
from doorstep.operations.intake.compartments import compartment_holder
from doorstep.storage import Connection, ledger
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.collections import collections, deposits
from doorstep.storage.schema.fulfilment import deliveries
from doorstep.storage.schema.orders import orders
from doorstep.storage.schema.reference import REFERENCE

HOUR_S = 3_600
LEVELS = REFERENCE["service_levels"]
NOBODY = {"vehicle": "", "expected_at": None, "arrived_at": None, "bay": None}
"""What is known of a shopper who is not on their way."""


def note(connection: Connection, caller: Caller, delivery_id: str, site_id: str, values: Mapping[str, object]) -> None:
    """Write down something about a collection, whether anything was before."""
    fresh = dict.fromkeys(collections.c.keys()) | {
        "delivery_id": delivery_id, "tenant_id": caller.tenant_id, "site_id": site_id, "code_hash": "",
        "code_tries": 0, "vehicle": "",
    }  # fmt: skip
    connection.run(inserting(collections, ignore=True), [fresh])
    connection.execute(update(collections).where(collections.c.delivery_id == delivery_id).values(dict(values)))


def begin_keeping(connection: Connection, caller: Caller, delivery_id: str, *, now: int) -> None:
    """Note until when a delivery waits from now on, if its service level says how long."""
    query = (
        select(deliveries.c.site_id, LEVELS.c.keep_hours)
        .join(orders, orders.c.order_id == deliveries.c.order_id)
        .join(LEVELS, LEVELS.c.service_level_id == orders.c.service_level_id)
        .where(deliveries.c.delivery_id == delivery_id, LEVELS.c.tenant_id == caller.tenant_id)
    )
    row = connection.execute(query).one_or_none()
    if row is not None and row.keep_hours is not None:
        until = {"keep_until_at": now + row.keep_hours * HOUR_S}
        note(connection, caller, delivery_id, row.site_id, until)


def tidy(connection: Connection, caller: Caller, order_id: str, delivery_id: str, *, now: int) -> None:
    """Forget the shopper of a delivery that is over, and free its compartments."""
    mine = collections.c.delivery_id == delivery_id
    connection.execute(update(collections).where(mine).values(NOBODY | {"keep_until_at": None}))
    lines = connection.execute(select(deposits.c.line_no).where(deposits.c.delivery_id == delivery_id)).scalars().all()
    if lines:
        connection.execute(delete(deposits).where(deposits.c.delivery_id == delivery_id))
        held = ledger.holdings(connection, [compartment_holder(order_id)])
        ledger.end(connection, caller.tenant_id, [h for h in held if h.line_no in lines], now=now)
