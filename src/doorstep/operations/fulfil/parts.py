"""An order and its parts, read in one go and locked in one order, so that no two writers wait for each other.

Everything that changes an order or its parts locks the order's row first, orders by their ids; what was read before is
read again afterwards. So an order's parts and what it holds belong to whoever has the row.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Table, bindparam, literal_column, select

from doorstep.operations.caller import Caller
from doorstep.storage import Connection, ledger
from doorstep.storage.ledger import Holding
from doorstep.storage.prepared import Prepared
from doorstep.storage.schema.fulfilment import deliveries, shipments
from doorstep.storage.schema.orders import orders

PIECE = 900
"""Ids asked for at a time."""
GONE = ("cancelled",)
STARTED = ("picking", "packed", "staged", "handed_over", "closed")
PACKED = ("packed", "staged", "handed_over", "closed")
LEFT = ("handed_over", "closed")
TO_BRING = ("planned", "picking", "packed", "staged")
"""States of shipments: picking has begun, all is in parcels, the site no longer has it, it still has it or will."""
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


class _ByOrder:
    """A query by ids of orders, prepared for one alone: that is what most facts are about."""

    def __init__(self, table: Table, fields: Sequence[str], *mine: ColumnElement[bool], lock: bool = False) -> None:
        query = select(*(table.c[name] for name in fields)).where(*mine).order_by(*table.primary_key)
        query = query.with_for_update() if lock else query
        self._one = Prepared(query.where(table.c.order_id == bindparam("order_id")))
        self._many = query.where(table.c.order_id.in_(bindparam("ids", expanding=True)))

    def rows(self, connection: Connection, ids: Sequence[str], **more: object) -> Sequence[Iterable[Any]]:
        """Return the rows of orders, by the key of the table."""
        if len(ids) == 1:
            return connection.fetch(self._one, {"order_id": ids[0], **more})
        asked = ({"ids": list(piece), **more} for piece in pieces(ids))
        return [row for names in asked for row in connection.execute(self._many, names).all()]


def _none_of(table: Table, states: Iterable[str]) -> ColumnElement[bool]:
    return table.c.state.not_in([literal_column(f"'{state}'") for state in states])


_LOCKED = _ByOrder(orders, OrderNow._fields, orders.c.tenant_id == bindparam("of_tenant"), lock=True)
_SHIPMENTS = _ByOrder(shipments, ShipmentNow._fields, _none_of(shipments, GONE))
_DELIVERIES = _ByOrder(deliveries, DeliveryNow._fields, _none_of(deliveries, DROPPED))


def lock_orders(connection: Connection, caller: Caller, order_ids: Iterable[str]) -> dict[str, OrderNow]:
    """Lock the tenant's orders among these until the transaction ends, and return them as they stand."""
    rows = _LOCKED.rows(connection, sorted(set(order_ids)), of_tenant=caller.tenant_id)
    return {order.order_id: order for order in map(OrderNow._make, rows)}


def parts_of(connection: Connection, order_ids: Iterable[str]) -> dict[str, Parts]:
    """Return the parts of orders, shipments in the order in which they were made."""
    wanted = sorted(set(order_ids))
    found = {order: Parts([], {}) for order in wanted}
    for shipment in map(ShipmentNow._make, _SHIPMENTS.rows(connection, wanted)):
        found[shipment.order_id].shipments.append(shipment)
    for delivery in map(DeliveryNow._make, _DELIVERIES.rows(connection, wanted)):
        found[delivery.order_id].deliveries[delivery.delivery_id] = delivery
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
