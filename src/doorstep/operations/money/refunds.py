"""Money given back to shoppers."""

from dataclasses import dataclass

from doorstep.foundation import ConflictError, InputError, NotFoundError
from doorstep.operations.caller import Caller
from doorstep.operations.fulfil.parts import lock_orders
from doorstep.operations.money.orders import left_to_refund
from doorstep.storage import Connection
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.money import refunds


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Money given back: ``left_minor`` is what of the order's payment could still be."""

    refund_id: str
    order_id: str
    amount_minor: int
    reason: str
    created_at: int
    left_minor: int


def refund_order(
    connection: Connection, caller: Caller, order_id: str, *, amount_minor: int, reason: str, now: int
) -> Refund:
    """Give back a part of what was paid for an order, and publish that; never more in all than was paid.

    Raises
    ------
    NotFoundError
        If the tenant has no such order.
    InputError
        If nothing is given back.
    ConflictError
        If less than that is left of the payment.
    """
    order = lock_orders(connection, caller, [order_id]).get(order_id)
    if order is None:
        raise NotFoundError(f"order {order_id} does not exist.")
    if amount_minor < 1:
        raise InputError(f"amount_minor {amount_minor} must be at least 1.")
    left = left_to_refund(connection, order_id)
    if amount_minor > left:
        raise ConflictError(
            f"amount_minor {amount_minor} of order {order_id}: {left} is left of what was paid.",
            hint="Maybe it was given back before.",
        )
    refund_id = connection.new_id("rfd", now)
    row = {"refund_id": refund_id, "tenant_id": caller.tenant_id, "order_id": order_id, "amount_minor": amount_minor,
           "reason": reason, "created_at": now}  # fmt: skip
    connection.run(inserting(refunds), [row])
    connection.journal.publish(
        event_id=connection.new_id("evt", now), tenant_id=caller.tenant_id, type="order.refunded", kind="order",
        object_id=order_id, sequence=order.version, at=now,
        data={"order_id": order_id, "state": order.state, "refund_id": refund_id, "amount_minor": amount_minor,
              "reason": reason},
    )  # fmt: skip
    return Refund(refund_id=refund_id, order_id=order_id, amount_minor=amount_minor, reason=reason, created_at=now,
                  left_minor=left - amount_minor)  # fmt: skip
