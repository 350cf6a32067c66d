"""Deliveries by DoorDash Drive: ``DoorDashDrive`` implements ``doorstep.ports.Carrier`` for one ``Account``."""

from doorstep.connectors.doordash_drive.carrier import DoorDashDrive
from doorstep.connectors.doordash_drive.settings import Account

__all__ = ["Account", "DoorDashDrive"]
