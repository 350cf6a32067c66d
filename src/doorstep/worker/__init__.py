"""The worker: what is done later or again and again, and what is told to others.

``Worker`` claims jobs and runs their handlers, keeps periodic ones going, turns events into webhooks and sends them,
and copies events to NATS. Several workers may stand beside one another, in one process or in many.
"""

from doorstep.worker.loop import Worker, WorkerSettings
from doorstep.worker.periodic import PERIODIC, Periodic
from doorstep.worker.relay import EventCopy, Publisher, SendsWebhooks
from doorstep.worker.task import Handler, StoppedError, Task

__all__ = [
    "PERIODIC",
    "EventCopy",
    "Handler",
    "Periodic",
    "Publisher",
    "SendsWebhooks",
    "StoppedError",
    "Task",
    "Worker",
    "WorkerSettings",
]
