"""Publishing to JetStream over one connection at a time; asynchronous, and the only place that knows the client.

A connection that breaks is thrown away and made anew by the next call, instead of mending itself in the background: the
outbox asks again in any case, and so there is no state in which the client waits for something else than a reply.
"""

import asyncio
from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING

from doorstep.connectors.nats.settings import Settings
from doorstep.connectors.nats.translate import Message
from doorstep.foundation import InputError

if TYPE_CHECKING:
    from nats.js import JetStreamContext
    from nats.js.api import PubAck


class Session:
    """A connection and the stream behind it."""

    def __init__(self, url: str, settings: Settings) -> None:
        try:
            import nats
            from nats.aio.client import Client
        except ModuleNotFoundError as missing:
            raise InputError(
                f"The relay to NATS needs {missing.name}, which is not installed.",
                hint='Maybe install it with: pip install "doorstep[nats]"',
            ) from missing
        self._new_client = Client
        self._faults = (nats.errors.Error, OSError, TimeoutError)
        self._url = url
        self._settings = settings
        self._client: Client | None = None
        self._stream: JetStreamContext | None = None
        self._heard = ""

    async def publish(self, messages: Sequence[Message]) -> tuple[int, str]:
        """Return how many messages from the first on are acknowledged, and what stopped the rest, if anything."""
        used_before = self._client is not None
        acked, trouble = await self._try(messages)
        if trouble and not acked and used_before:
            # That a connection died since its last use shows only in using it: that is no trouble yet.
            acked, trouble = await self._try(messages)
        return acked, trouble

    async def close(self) -> None:
        """End the connection."""
        client, self._client, self._stream = self._client, None, None
        if client is not None and not client.is_closed:
            await client.close()

    async def _try(self, messages: Sequence[Message]) -> tuple[int, str]:
        acked, self._heard = 0, ""
        left = iter(messages)
        try:
            stream = await self._connected()
            while window := list(islice(left, self._settings.window)):
                found, fault = await self._publish_window(stream, window)
                acked += found
                if fault is not None:
                    raise fault
        except self._faults as fault:
            await self.close()
            return acked, f"{type(fault).__name__}: {fault}{self._heard}"
        return acked, ""

    async def _publish_window(
        self, stream: "JetStreamContext", window: Sequence[Message]
    ) -> tuple[int, BaseException | None]:
        """Return how many of a window are acknowledged from the first on, and what happened to the one after."""
        acks: list[asyncio.Future[PubAck]] = []
        stopped: BaseException | None = None
        for message in window:  # in their order; only the acknowledgements are waited for together
            try:
                acks.append(await self._publish_one(stream, message))
            except self._faults as fault:
                stopped = fault
                break
        if acks:
            await asyncio.wait(acks, timeout=self._settings.ack_timeout_s)
        faults = [ack.exception() if ack.done() else TimeoutError("no acknowledgement in time") for ack in acks]
        found = next((number for number, fault in enumerate(faults) if fault is not None), len(faults))
        return found, faults[found] if found < len(faults) else stopped

    async def _publish_one(self, stream: "JetStreamContext", message: Message) -> "asyncio.Future[PubAck]":
        return await stream.publish_async(
            message.subject,
            message.payload,
            wait_stall=self._settings.ack_timeout_s,
            stream=self._settings.stream,
            headers=dict(message.headers),
        )

    async def _connected(self) -> "JetStreamContext":
        """Return the stream over a connection that stands, as far as one can know."""
        if self._client is not None and self._client.is_connected and self._stream is not None:
            return self._stream
        await self.close()
        self._client = self._new_client()
        await self._client.connect(
            self._url,
            name="doorstep relay",
            allow_reconnect=False,
            # The first connection alone heeds these two, and would otherwise try for two minutes.
            max_reconnect_attempts=1,
            reconnect_time_wait=0,
            connect_timeout=self._settings.connect_timeout_s,
            error_cb=self._hear,
        )
        self._stream = self._client.jetstream(
            timeout=self._settings.ack_timeout_s, publish_async_max_pending=self._settings.window
        )
        await self._make_stream(self._stream)
        return self._stream

    async def _make_stream(self, stream: "JetStreamContext") -> None:
        """Make the stream unless it is there; two relays that do so at once make the same one."""
        from nats.js.api import StorageType, StreamConfig
        from nats.js.errors import NotFoundError

        settings = self._settings
        try:
            await stream.stream_info(settings.stream)
        except NotFoundError:
            await stream.add_stream(
                StreamConfig(
                    name=settings.stream,
                    subjects=[f"{settings.prefix}.>"],
                    storage=StorageType.FILE,
                    duplicate_window=settings.duplicates_s,
                    max_age=settings.keep_s,
                )
            )

    async def _hear(self, fault: Exception) -> None:
        """Keep what the client complains about: its own error says only that no server is left."""
        self._heard = f" ({fault})"
