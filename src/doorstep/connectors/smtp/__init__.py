"""Notices by e-mail: ``Smtp`` implements ``doorstep.ports.Notifier`` for one ``Account`` at a mail server."""

from doorstep.connectors.smtp.settings import Account
from doorstep.connectors.smtp.transport import Smtp

__all__ = ["Account", "Smtp"]
