"""An order and its parts, read in one go and locked in one order, so that no two writers wait for each other.

Everything that changes an order or its parts locks the order's row first, orders by their ids; what was read before is
read again afterwards. So an order's parts and what it holds belong to whoever has the row.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Executable, Row, bindparam, select

from doorstep.operations.caller import Caller
from doorstep.storage import Connection, ledger
from doorstep.storage.ledger import Holding
from doorstep.storage.schema.fulfilment import deliveries, shipments
from doorstep.storage.schema.orders import orders

PIECE = 900
"""Ids asked for at a time."""
GONE = ("cancelled",)
STARTED = ("picking", "packed", "staged", "handed_over", "closed")
PACKED = ("packed", "staged", "handed_over", "closed")
LEFT = ("handed_over", "closed")
"""States of shipments: picking has begun, all is in parcels, the site no longer has it."""
DONE = ("delivered", "handed_over", "collected")
FAILED = ("returned", "abandoned", "uncollected", "restocked")
BACK = ("returned", "abandoned", "restocked")
DROPPED = ("cancelled", "rejected", "expired")
"""States in which deliveries end: the shopper has it; it came back, will or is lost; of these, the site has it again or
nobody has; or nobody ever set out with it."""


class OrderNow(NamedTuple):
    """An order as it stands."""

    order_id: str
    state: str
    version: int


class ShipmentNow(NamedTuple):
    """A shipment as it stands."""

    shipment_id: str
    order_id: str
    site_id: str
    state: str
    delivery_id: str | None
    ready_at: int | None


class DeliveryNow(NamedTuple):
    """A delivery as it stands."""

    delivery_id: str
    order_id: str
    kind: str
    state: str
    site_id: str
    route_id: str | None

    @property
    def lifecycle(self) -> str:
        """The kind of object that it is in the journal."""
        return "collection" if self.kind == "collection" else "delivery"


class Parts(NamedTuple):
    """The parts of one order that still count: no cancelled shipment, and no delivery that never set out."""

    shipments: list[ShipmentNow]
    deliveries: dict[str, DeliveryNow]

    def state_of(self, shipment: ShipmentNow) -> str:
        """Return the state of a shipment's delivery, empty if it has none that counts."""
        delivery = self.deliveries.get(shipment.delivery_id or "")
        return delivery.state if delivery else ""

    def live(self) -> list[ShipmentNow]:
        """Return the shipments that did not fail."""
        return [shipment for shipment in self.shipments if self.state_of(shipment) not in FAILED]


_ids: "BindParameter[str]" = bindparam("ids", expanding=True)
_LOCK = (
    select(*(orders.c[name] for name in OrderNow._fields))
    .where(orders.c.order_id.in_(_ids), orders.c.tenant_id == bindparam("tenant_id"))
    .order_by(orders.c.order_id)
    .with_for_update()
)
_SHIPMENTS = (
    select(*(shipments.c[name] for name in ShipmentNow._fields))
    .where(shipments.c.order_id.in_(_ids), shipments.c.state.not_in(GONE))
    .order_by(shipments.c.shipment_id)
)
_DELIVERIES = (
    select(*(deliveries.c[name] for name in DeliveryNow._fields))
    .where(deliveries.c.order_id.in_(_ids), deliveries.c.state.not_in(DROPPED))
    .order_by(deliveries.c.delivery_id)
)


def lock_orders(connection: Connection, caller: Caller, order_ids: Iterable[str]) -> dict[str, OrderNow]:
    """Lock the tenant's orders among these until the transaction ends, and return them as they stand."""
    rows = _in_pieces(connection, _LOCK, sorted(set(order_ids)), tenant_id=caller.tenant_id)
    return {row.order_id: OrderNow._make(row) for row in rows}


def parts_of(connection: Connection, order_ids: Iterable[str]) -> dict[str, Parts]:
    """Return the parts of orders, shipments in the order in which they were made."""
    wanted = sorted(set(order_ids))
    found = {order: Parts([], {}) for order in wanted}
    for row in _in_pieces(connection, _SHIPMENTS, wanted):
        found[row.order_id].shipments.append(ShipmentNow._make(row))
    for row in _in_pieces(connection, _DELIVERIES, wanted):
        found[row.order_id].deliveries[row.delivery_id] = DeliveryNow._make(row)
    return found


def holdings_of(connection: Connection, order_ids: Iterable[str], state: str = ledger.HELD) -> dict[str, list[Holding]]:
    """Return what orders have in a state, by order."""
    found: dict[str, list[Holding]] = defaultdict(list)
    for piece in pieces(sorted(set(order_ids))):
        for holding in ledger.holdings(connection, piece, state):
            found[holding.holder_id].append(holding)
    return found


def pieces(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield ids in pieces that a query can take."""
    for low in range(0, len(ids), PIECE):
        yield ids[low : low + PIECE]


def _in_pieces(
    connection: Connection, query: Executable, ids: Sequence[str], **more: object
) -> "list[Row[*tuple[Any, ...]]]":
    return [row for piece in pieces(ids) for row in connection.execute(query, {"ids": list(piece), **more}).all()]
