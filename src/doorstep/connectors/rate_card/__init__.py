"""Deliveries by a carrier that works by files: ``RateCardCarrier`` implements ``doorstep.ports.Carrier``.

Its prices stand in the tables of its rate card. What it is to collect on a day is a manifest, a file with a line for
each delivery; what becomes of them comes back in tracking files, in its own words.
"""

from doorstep.connectors.rate_card.carrier import RateCardCarrier
from doorstep.connectors.rate_card.settings import Account

__all__ = ["Account", "RateCardCarrier"]
