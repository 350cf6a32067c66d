"""Deliveries by parcel carriers through Karrio's Python package, the extra ``parcel``: ``ParcelCarrier``.

Karrio speaks to some dozens of parcel carriers. It is loaded when the first such carrier is connected, never before.
"""

from doorstep.connectors.karrio.carrier import ParcelCarrier
from doorstep.connectors.karrio.settings import Account

__all__ = ["Account", "ParcelCarrier"]
