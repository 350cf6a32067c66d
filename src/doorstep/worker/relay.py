"""Events to the outside: webhooks sent, each endpoint at its own pace, and a copy of everything for NATS.

Nothing is sent within a transaction: what is due is leased, then sent, then recorded. A sender that dies in between
leaves a lease that runs out, and the message goes once more under the same id.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from threading import Event, Lock
from typing import Any, Protocol

import numpy as np
from sqlalchemy import select

from doorstep.connectors.webhooks import Sent, Verdict, cloud_event, judge, next_attempt_at, sign, webhook_body
from doorstep.foundation import DoorstepError, UpstreamError
from doorstep.operations.event_stream import StreamEvent, read_events, relay_moved, relayed_up_to
from doorstep.operations.webhooks.fan_out import BATCH, fan_out, has_events_to_fan_out
from doorstep.operations.webhooks.sending import (
    Attempt,
    DueMessage,
    due_messages,
    give_back_messages,
    has_due_messages,
    record_attempt,
)
from doorstep.storage import Connection
from doorstep.storage.schema.journal import events
from doorstep.worker.access import Access, Count, Crew
from doorstep.worker.periodic import NATS_RELAY
from doorstep.worker.task import Task

COPIED_AT_ONCE = 256
LANE_LENGTH = 20
UNRECORDED_MS = 500
"""Of sending: what is known by then is recorded, that little may be sent twice after a crash."""
ATTEMPT_S = 30
"""More than any attempt takes."""
_log = logging.getLogger(__name__)


class SendsWebhooks(Protocol):
    """Makes one attempt, as ``connectors.webhooks.Sender`` does."""

    def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Sent:
        """Return what came of one POST."""


class Publisher(Protocol):
    """Takes copies of events, as ``connectors.nats.NatsRelay`` does."""

    trouble: str

    def publish(self, events: Sequence[Mapping[str, object]]) -> int:
        """Return how many events, from the first on, are safe."""


class WebhookRelay:
    """Turns events into messages and sends those that are due, some at once.

    Parameters
    ----------
    at_once
        Threads that send, each a lane of messages to one endpoint; failing endpoints get half of them at most.
    """

    def __init__(
        self,
        access: Access,
        sender: SendsWebhooks,
        *,
        clock: Callable[[], int],
        rng: np.random.Generator,
        at_once: int,
        freed: Event,
        count: Count,
    ) -> None:
        self.crew = Crew("webhooks", at_once, freed)
        self._access = access
        self._sender = sender
        self._clock = clock
        self._rng = rng
        self._most_failing = max(1, at_once // 2)
        self._count = count
        self._lock = Lock()
        self._going: dict[str, list[DueMessage]] = {}
        self._ending = Event()

    def tick(self) -> bool:
        """Make messages of new events, begin to send what is due, and return whether there was anything."""
        found = False
        while self._access.read(has_events_to_fan_out):
            passed = self._access.write(lambda connection: fan_out(connection, now=self._clock()))
            self._count("events_fanned_out", "batch")
            found = True
            if passed < BATCH:
                break
        return self._begin_sending() or found

    def end(self, grace_s: float) -> None:
        """Let what is being sent come to its end, and end the leases of all that does not in time."""
        self._ending.set()
        self.crew.wait_idle(grace_s)
        with self._lock:
            left = [message for lane in self._going.values() for message in lane]
        if left:
            self._access.write(lambda connection: give_back_messages(connection, left, now=self._clock()))

    def _begin_sending(self) -> bool:
        free, now = self.crew.free, self._clock()
        if free < 1 or not self._access.read(lambda connection: has_due_messages(connection, now=now)):
            return False
        with self._lock:
            going = Counter(lane[0].endpoint_id for lane in self._going.values())
            failing = sum(lane[0].failing for lane in self._going.values())
        leased = self._access.write(
            lambda connection: due_messages(
                connection,
                now=now,
                limit=free,
                limit_failing=self._most_failing - failing,
                in_flight=going,
                length=LANE_LENGTH,
            )
        )
        lanes: dict[tuple[str, int], list[DueMessage]] = defaultdict(list)
        for message in leased:
            lanes[message.endpoint_id, message.lane].append(message)
        for lane in lanes.values():
            with self._lock:
                self._going[lane[0].message_id] = lane
            self.crew.start(partial(self._send, lane))
        return bool(leased)

    def _send(self, lane: list[DueMessage]) -> None:
        """Send the messages of a lane until one fails; what was not sent is due again at once."""
        try:
            sent: list[tuple[DueMessage, Sent]] = []
            for number, message in enumerate(lane):
                sent.append((message, self._attempt(message)))
                left = lane[number + 1 :]
                lasts = self._clock() + ATTEMPT_S < message.leased_until
                going_on = left and lasts and not sent[-1][1].error and not self._ending.is_set()
                if not going_on or sum(one.elapsed_ms for _, one in sent) > UNRECORDED_MS:
                    self._record(sent, [] if going_on else left)
                    sent = []
                if not going_on:
                    break
        finally:
            with self._lock:
                self._going.pop(lane[0].message_id, None)

    def _record(self, sent: Sequence[tuple[DueMessage, Sent]], unsent: Sequence[DueMessage]) -> None:
        now = self._clock()
        with self._lock:  # a generator is not for two threads
            moments = [
                next_attempt_at(message.attempts + 1, now, retry_after_s=one.retry_after_s, rng=self._rng)
                for message, one in sent
            ]

        def store(connection: Connection) -> list[str]:
            give_back_messages(connection, unsent, now=now)
            return [
                record_attempt(
                    connection,
                    message,
                    Attempt(status=one.status, error=one.error, next_at=next_at),
                    judge=partial(_judged, one.status),
                    now=now,
                )
                for (message, one), next_at in zip(sent, moments, strict=True)
            ]

        for state in self._access.write_patiently(store):
            self._count("webhook_attempts", state)

    def _attempt(self, message: DueMessage) -> Sent:
        try:
            body = webhook_body(message.type, message.at, message.data)
            headers = sign(message.secrets, message.message_id, self._clock(), body)
        except DoorstepError as fault:
            return Sent(status=0, retry_after_s=None, error=fault.message, elapsed_ms=0)
        return self._sender.send(message.url, headers, body)


class EventCopy:
    """Copies all events to a publisher, in their order; the job that runs it is one worker's at a time."""

    def __init__(self, publisher: Publisher, *, source: str) -> None:
        self._publisher = publisher
        self._source = source
        self._lock = Lock()

    def copy(self, task: Task) -> None:
        """Copy what is new; what was not acknowledged is sent again in the next period.

        Raises
        ------
        UpstreamError
            If the publisher took less than it was given.
        """
        with self._lock:
            while batch := task.read(_not_copied):
                task.check()
                safe = self._publisher.publish([self._envelope(event) for event in batch])
                if safe:
                    task.write(partial(relay_moved, name=NATS_RELAY, event_no=batch[safe - 1].event_no))
                if safe < len(batch):
                    raise UpstreamError(f"NATS took {safe} of {len(batch)} events: {self._publisher.trouble}.")
            task.repeat(lambda _connection: {})

    def _envelope(self, event: StreamEvent) -> dict[str, Any]:
        return cloud_event(
            event_id=event.event_id,
            event_type=event.type,
            source=f"{self._source}/tenants/{event.tenant_id}",
            subject=event.object_id,
            occurred_at=event.at,
            sequence=event.sequence,
            data=event.data,  # type: ignore[arg-type]
        )


def _judged(status: int, failures: int) -> Verdict:
    return judge(status, failures_in_a_row=failures)


def _not_copied(connection: Connection) -> list[StreamEvent]:
    cursor = relayed_up_to(connection, NATS_RELAY)
    return read_events(connection, select(events).where(events.c.event_no > cursor).limit(COPIED_AT_ONCE))
