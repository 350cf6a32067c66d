"""Webhooks out, by Standard Webhooks 1.0.0: signed, to public addresses only, ten attempts over three days.

``webhook_body`` says what happened, ``sign`` proves that we said it, ``Sender.send`` tries once, ``judge`` reads the
answer and ``next_attempt_at`` gives the patience. What is due, and to whom, is kept by others.
"""

from doorstep.connectors.webhooks.guard import resolve_public
from doorstep.connectors.webhooks.schedule import Verdict, judge, next_attempt_at
from doorstep.connectors.webhooks.signature import new_secret, sign
from doorstep.connectors.webhooks.translate import cloud_event, webhook_body
from doorstep.connectors.webhooks.transport import Sender, Sent

__all__ = [
    "Sender",
    "Sent",
    "Verdict",
    "cloud_event",
    "judge",
    "new_secret",
    "next_attempt_at",
    "resolve_public",
    "sign",
    "webhook_body",
]
