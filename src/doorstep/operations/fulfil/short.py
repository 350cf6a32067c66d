"""A shelf that holds less than it should, found out while picking: the order looks for its sites anew."""

from sqlalchemy import select

from doorstep.foundation import ConflictError, InputError, NotFoundError
from doorstep.operations.caller import Caller
from doorstep.operations.fulfil.parts import lock_orders
from doorstep.operations.orders import hold_order, resume_order
from doorstep.operations.stock import adjust_stock
from doorstep.storage import Connection, ledger
from doorstep.storage.ledger import Place
from doorstep.storage.schema.fulfilment import shipments
from doorstep.storage.schema.ledger import STOCK

SHORT = "short_pick"


def report_short(
    connection: Connection, caller: Caller, shipment_id: str, product_id: str, *, found: int, now: int
) -> None:
    """Say that a shelf has only ``found`` units for a shipment being picked, and none that nobody has reserved.

    The order gives back what it held there and is placed again: what can come from here stays, the rest is looked for
    at other sites.

    Raises
    ------
    NotFoundError
        If the tenant has no such shipment.
    ConflictError
        If it is not being picked, or its order holds nothing of the product there.
    InputError
        If as many were found as it needs.
    """
    mine = (shipments.c.shipment_id == shipment_id) & (shipments.c.tenant_id == caller.tenant_id)
    query = select(shipments.c.order_id, shipments.c.site_id, shipments.c.state).where(mine)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError(f"shipment {shipment_id} does not exist.")
    lock_orders(connection, caller, [row.order_id])
    row = connection.execute(query).one()
    place = Place(STOCK, row.site_id, product_id)
    held = [holding for holding in ledger.holdings(connection, [row.order_id]) if holding.place == place]
    if row.state != "picking" or not held:
        raise ConflictError(f"shipment {shipment_id} is {row.state}: nothing of {product_id} is being picked for it.")
    needed = sum(holding.quantity for holding in held)
    if not 0 <= found < needed:
        raise InputError(f"found is {found}, and must be 0 to {needed - 1}.", hint="Maybe nothing is short.")
    hold_order(connection, caller, row.order_id, now=now, reason=SHORT)
    ledger.end(connection, caller.tenant_id, held, now=now)
    spare = ledger.locked(connection, caller.tenant_id, [place], now=now)[place].spare
    adjust_stock(connection, caller, site_id=row.site_id, product_id=product_id, units=found - spare, kind="adjust",
                 reason=SHORT, now=now)  # fmt: skip
    resume_order(connection, caller, row.order_id, now=now, reason=SHORT)
