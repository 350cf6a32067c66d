"""Notices by text message: ``Sms`` implements ``doorstep.ports.Notifier`` for one ``Account`` at a gateway.

The gateway speaks a small language of our own, which ``simulation.notices`` simulates: a bridge to a vendor's is some
lines in front of it.
"""

from doorstep.connectors.sms.settings import Account
from doorstep.connectors.sms.transport import Sms

__all__ = ["Account", "Sms"]
