"""An order inside the walls: its sites, its pickers, its parcels, and the moment it leaves.

The order itself only follows: ``settle_order`` reads its state off its shipments and deliveries.
"""

from doorstep.operations.fulfil.hand_over import HandedOver, hand_over_delivery
from doorstep.operations.fulfil.pack import PackedShipment, pack_shipment
from doorstep.operations.fulfil.release import ReleasedShipment, release_wave
from doorstep.operations.fulfil.reoptimising import MovedOrder, reoptimise_orders
from doorstep.operations.fulfil.settle import settle_order
from doorstep.operations.fulfil.sites import RoutedOrder, route_orders

__all__ = [
    "HandedOver",
    "MovedOrder",
    "PackedShipment",
    "ReleasedShipment",
    "RoutedOrder",
    "hand_over_delivery",
    "pack_shipment",
    "release_wave",
    "reoptimise_orders",
    "route_orders",
    "settle_order",
]
