"""Deliveries by a party whose drivers work with Onfleet: ``Onfleet`` implements ``doorstep.ports.Carrier``.

Onfleet is not a carrier but what one works with: a delivery becomes a task at each of its ends, and what it costs was
agreed with the party and stands in the ``Account``.
"""

from doorstep.connectors.onfleet.carrier import Onfleet
from doorstep.connectors.onfleet.settings import Account

__all__ = ["Account", "Onfleet"]
