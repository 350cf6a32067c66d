"""Notices made of events, and sent by their channels: what is due is leased, then sent, then recorded."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from doorstep.foundation import UpstreamError
from doorstep.operations.notices import due_notices, has_due_notices, has_news, make_notices, record_sent
from doorstep.operations.notices.making import BATCH
from doorstep.operations.notices.sending import DueNotice, record_failed
from doorstep.ports import NoticeRefusedError, Notifier
from doorstep.storage import Connection
from doorstep.worker.periodic import EVERYONE, Periodic
from doorstep.worker.task import Handler, Task

MAKE, SEND = "make_notices", "send_notices"
AT_ONCE = 10
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notices:
    """The channels that are connected, and under which address links in notices are reached."""

    channels: Mapping[str, Notifier] = field(repr=False)
    public_url: str

    @property
    def handlers(self) -> dict[str, Handler]:
        """The handlers by kind of job."""
        return {MAKE: self.make, SEND: self.send}

    @property
    def periodic(self) -> tuple[Periodic, ...]:
        """What comes again; nothing where no channel is connected."""
        if not self.channels:
            return ()
        return (
            Periodic(kind=MAKE, period_s=1, wanted=_news),
            Periodic(kind=SEND, period_s=1, wanted=_due),
        )

    def make(self, task: Task) -> None:
        """Make notices of what is new, a transaction for each two hundred events."""
        make = partial(make_notices, reachable=tuple(self.channels))
        events = 0
        while (found := task.write(lambda connection: make(connection, now=task.now()))) == BATCH:
            events += found
            task.check()
        task.repeat(lambda _connection: {"events": events + found})

    def send(self, task: Task) -> None:
        """Send what is due, one after another."""
        due = partial(due_notices, public_url=self.public_url, limit=AT_ONCE)
        sent = 0
        while batch := task.write(lambda connection: due(connection, now=task.now())):
            for notice in batch:
                self._send(task, notice)
                sent += 1
                task.check()
        task.repeat(lambda _connection: {"notices": sent})

    def _send(self, task: Task, notice: DueNotice) -> None:
        channel = self.channels.get(notice.channel)
        try:
            if channel is None:
                raise UpstreamError(f"no {notice.channel} is connected.")
            reference = channel.send(notice.message)
        except UpstreamError as fault:
            _log.warning("notice %s was not taken: %s", notice.notice_id, fault.message)
            for_good = isinstance(fault, NoticeRefusedError)
            failed = partial(record_failed, notice=notice, error=fault.message, for_good=for_good)
            task.write(lambda connection: failed(connection, now=task.now()))
        else:
            task.write(lambda connection: record_sent(connection, notice, reference, now=task.now()))


def _news(connection: Connection, _now: int) -> list[str]:
    return [EVERYONE] if has_news(connection) else []


def _due(connection: Connection, now: int) -> list[str]:
    return [EVERYONE] if has_due_notices(connection, now=now) else []
