"""Simulated carriers over HTTP, to try connectors against without a network, an account or a courier.

``Fleet`` is the carrier itself (prices, quotes, bookings, couriers on their way, faults by a seed); a dialect in front
of it (``UberDirect``, ``DoorDashDrive``, ``Stuart``, ``Onfleet``) speaks as one vendor does. ``take_webhooks`` returns
what has become due, ``InProcess`` leads a connector into a dialect without a network.
"""

from doorstep.simulation.carriers.clocks import Clock, VirtualClock
from doorstep.simulation.carriers.doordash_drive import DoorDashDrive
from doorstep.simulation.carriers.faults import FAULTS, Faults
from doorstep.simulation.carriers.fleet import Fleet
from doorstep.simulation.carriers.journey import Terms
from doorstep.simulation.carriers.onfleet import Onfleet
from doorstep.simulation.carriers.serving import InProcess, take_webhooks
from doorstep.simulation.carriers.stuart import Stuart
from doorstep.simulation.carriers.uber_direct import UberDirect

__all__ = [
    "FAULTS",
    "Clock",
    "DoorDashDrive",
    "Faults",
    "Fleet",
    "InProcess",
    "Onfleet",
    "Stuart",
    "Terms",
    "UberDirect",
    "VirtualClock",
    "take_webhooks",
]
