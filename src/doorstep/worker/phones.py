"""Phones heard through an MQTT broker: what has come is written in one go, and acknowledged after the commit.

A message that could not be written is not acknowledged; the broker delivers it again over the next connection. One that
is no position of a device of ours is acknowledged: it would be none the next time either.
"""

import logging
import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from threading import Event, Thread

from doorstep.connectors.mqtt import Message, Subscription
from doorstep.connectors.phones import owntracks
from doorstep.foundation import InputError
from doorstep.operations.positions.take import Report, take_positions
from doorstep.storage import Database, Writer
from doorstep.worker.access import Access, Count, uncounted

WAIT_S = 1.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
MOST_NAMED = 1_000
_DEVICE = re.compile(r"dev_\w{1,40}", re.ASCII)
_log = logging.getLogger(__name__)


class Phones:
    """Listens to a broker until it is told to stop, whatever the broker and the database do.

    Parameters
    ----------
    writer
        The process' writer, if there is one.
    clock
        Returns the present [epoch s].
    count
        Told of every message, for figures: ``kept``, ``empty`` (no position), ``broken`` or ``unknown`` (no device).
    """

    def __init__(
        self,
        database: Database,
        writer: Writer | None,
        subscription: Subscription,
        *,
        clock: Callable[[], int],
        count: Count = uncounted,
    ) -> None:
        self._subscription, self._clock, self._count = subscription, clock, count
        self._stopping = Event()
        self._access = Access(database, writer, self._stopping)
        self._named: set[str] = set()
        self._thread = Thread(target=self._listen, name="phones", daemon=True)

    def start(self) -> None:
        """Begin to listen in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Write what has come, and listen no more."""
        self._stopping.set()
        self._thread.join()
        self._subscription.close()

    def hear(self, timeout_s: float) -> None:
        """Take what has come, waiting no longer than that for the first message.

        Raises
        ------
        UpstreamError
            If there is no broker.
        """
        came = self._subscription.receive(timeout_s)
        if not came:
            return
        kinds: Counter[str] = Counter()
        reports = [report for message in came if (report := self._read(message, kinds))]
        if reports:
            answers = self._access.write(partial(take_positions, reports=reports, now=self._clock()))
            unknown = [report.device_id for report, fault in zip(reports, answers, strict=True) if fault]
            kinds["kept"] += len(reports) - len(unknown)
            self._name(unknown, kinds)
        self._subscription.acknowledge(came)
        for kind, number in kinds.items():
            for _ in range(number):
                self._count("mqtt_messages", kind)

    def _read(self, message: Message, kinds: "Counter[str]") -> Report | None:
        """Return what a message tells, None if that is nothing."""
        device_id = message.topic.rpartition("/")[0].rpartition("/")[2]
        if not _DEVICE.fullmatch(device_id):
            self._name([device_id], kinds)
            return None
        try:
            found = owntracks.read(message.payload, device=device_id)
        except InputError:
            kinds["broken"] += 1
            return None
        if not found.positions:
            kinds["broken" if found.passed_over else "empty"] += 1
            return None
        return Report(device_id=device_id, token_hash=None, positions=found.positions)

    def _name(self, unknown: Sequence[str], kinds: "Counter[str]") -> None:
        """Count messages of nobody we know, and say once who that is."""
        kinds["unknown"] += len(unknown)
        for device_id in dict.fromkeys(unknown):
            if device_id not in self._named and len(self._named) < MOST_NAMED:
                self._named.add(device_id)
                _log.warning("a phone speaks by MQTT as %r, which is no device's id: it is not heard", device_id)

    def _listen(self) -> None:
        pause_s = FIRST_PAUSE_S
        while not self._stopping.is_set():
            try:
                self.hear(WAIT_S)
                pause_s = FIRST_PAUSE_S
            except Exception as fault:
                self._count("mqtt_errors", type(fault).__name__)
                _log.warning("phones are not heard by MQTT for %d s: %s", pause_s, fault)
                self._subscription.close()  # what was not acknowledged comes again
                self._stopping.wait(pause_s)
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
