"""Deliveries by Uber Direct: ``UberDirect`` implements ``doorstep.ports.Carrier`` for one ``Account``."""

from doorstep.connectors.uber_direct.carrier import UberDirect
from doorstep.connectors.uber_direct.settings import Account

__all__ = ["Account", "UberDirect"]
