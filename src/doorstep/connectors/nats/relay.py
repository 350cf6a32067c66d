"""The relay as plain calls: a thread of its own runs the asynchronous client."""

import asyncio
import threading
from collections.abc import Mapping, Sequence

from doorstep.connectors.nats.settings import Settings
from doorstep.connectors.nats.translate import to_message
from doorstep.connectors.nats.transport import Session
from doorstep.foundation import ConflictError

DEFAULTS = Settings()


class NatsRelay:
    """Copies events to a JetStream stream; the outbox stays the truth, and whatever is not acknowledged is sent again.

    Parameters
    ----------
    url
        Of the server, ``nats://host:4222``; nothing is called before the first event.
    settings
        Names and patience.

    Raises
    ------
    InputError
        If the extra ``nats`` is not installed.
    """

    def __init__(self, url: str, *, settings: Settings = DEFAULTS) -> None:
        self._session = Session(url, settings)
        self._prefix = settings.prefix
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="nats-relay", daemon=True)
        self._thread.start()
        self.trouble = ""
        """What stopped the last call before its end; empty when all was acknowledged."""

    def publish(self, events: Sequence[Mapping[str, object]]) -> int:
        """Return how many events, from the first on, the stream has acknowledged.

        The rest may or may not have arrived: send it again, in the same order. The stream drops what it has already, by
        the event's id. Not for two threads at once, as then the order would be lost.

        Parameters
        ----------
        events
            CloudEvents 1.0 envelopes.

        Raises
        ------
        InputError
            If one is malformed; then none is published.
        ConflictError
            If the relay is closed.
        """
        if self._loop.is_closed():
            raise ConflictError("this relay to NATS is closed.")
        messages = [to_message(event, prefix=self._prefix) for event in events]
        if not messages:
            return 0
        acked, self.trouble = asyncio.run_coroutine_threadsafe(self._session.publish(messages), self._loop).result()
        return acked

    def close(self) -> None:
        """End the connection and the thread; once more does nothing."""
        if self._loop.is_closed():
            return
        asyncio.run_coroutine_threadsafe(self._session.close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
