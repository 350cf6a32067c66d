"""Deliveries by Stuart: ``Stuart`` implements ``doorstep.ports.Carrier`` for one ``Account``."""

from doorstep.connectors.stuart.carrier import Stuart
from doorstep.connectors.stuart.settings import Account

__all__ = ["Account", "Stuart"]
