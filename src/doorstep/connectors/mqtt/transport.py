"""A subscription over one connection at a time; the only place that knows the client.

A connection that breaks is thrown away and the next call makes a new one: then the broker delivers again what was not
acknowledged. The client's own loop waits by ``select``, which fails where a process has many files open; so we wait.
"""

import selectors
import ssl
from collections.abc import Iterable
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from doorstep.connectors.mqtt.settings import Settings
from doorstep.foundation import InputError, UpstreamError

if TYPE_CHECKING:
    from paho.mqtt.client import Client, MQTTMessage
    from paho.mqtt.reasoncodes import ReasonCode

AT_LEAST_ONCE = 1


class Message(NamedTuple):
    """What came on a topic; ``number`` and ``qos`` are for its acknowledgement."""

    topic: str
    payload: bytes
    number: int
    qos: int


class Subscription:
    """A topic's messages at least once, of a session that the broker keeps; nothing is called before ``receive``.

    Raises
    ------
    InputError
        If the extra ``mqtt`` is not installed.
    """

    def __init__(self, settings: Settings) -> None:
        try:
            import paho.mqtt.client as paho
            from paho.mqtt.enums import CallbackAPIVersion
        except ModuleNotFoundError as missing:
            raise InputError(
                "Listening to an MQTT broker needs paho-mqtt, which is not installed.",
                hint='Maybe install it with: pip install "doorstep[mqtt]"',
            ) from missing
        self._paho, self._calls = paho, CallbackAPIVersion.VERSION2
        self._settings = settings
        self._client: Client | None = None
        self._waiting = selectors.DefaultSelector()
        self._heard: list[Message] = []
        self._trouble = ""
        self._accepted = False

    def receive(self, timeout_s: float) -> list[Message]:
        """Return what has come, waiting no longer than that for the first message.

        Raises
        ------
        UpstreamError
            If there is no connection.
        """
        client = self._client or self._connected()
        self._read(client, timeout_s)
        while self._heard and len(self._heard) < self._settings.most and self._read(client, 0.0):
            pass
        self._check(client.loop_misc())
        heard, self._heard = self._heard, []
        return heard

    def acknowledge(self, messages: Iterable[Message]) -> None:
        """Tell the broker that it may forget these messages of the present connection.

        Raises
        ------
        UpstreamError
            If there is none any more.
        """
        for message in messages:
            self._check(self._client.ack(message.number, message.qos) if self._client else self._paho.MQTT_ERR_NO_CONN)

    def close(self) -> None:
        """End the connection; the broker keeps what is not acknowledged, and what comes."""
        client, self._client = self._client, None
        self._waiting.close()
        self._waiting, self._heard, self._trouble, self._accepted = selectors.DefaultSelector(), [], "", False
        if client is not None:
            client.disconnect()

    def _connected(self) -> "Client":
        """Return a client that the broker has accepted and whose subscription is on its way."""
        self.close()
        self._client = client = self._new_client()
        settings = self._settings
        try:
            client.connect(settings.host, settings.port, keepalive=settings.keepalive_s)
        except (OSError, ValueError) as fault:
            self.close()
            raise UpstreamError(f"MQTT broker {settings.host}:{settings.port} does not answer: {fault}.") from fault
        socket = client.socket()
        assert socket is not None
        self._waiting.register(socket, selectors.EVENT_READ)
        until = monotonic() + settings.connect_timeout_s
        while not self._accepted:
            if monotonic() > until:
                self.close()
                raise UpstreamError(f"MQTT broker {settings.host}:{settings.port} does not greet.")
            self._read(client, 0.1)
        self._check(client.subscribe(settings.topic, qos=AT_LEAST_ONCE)[0])
        return client

    def _new_client(self) -> "Client":
        settings = self._settings
        client = self._paho.Client(
            self._calls,
            client_id=settings.client_id,
            clean_session=False,
            manual_ack=True,
            reconnect_on_failure=False,
        )
        client.connect_timeout = settings.connect_timeout_s
        if settings.user:
            client.username_pw_set(settings.user, settings.password)
        if settings.tls:
            client.tls_set_context(ssl.create_default_context())

        @client.connect_callback()
        def accepted(
            _client: object, _known: object, _flags: object, reason: "ReasonCode", _properties: object
        ) -> None:
            self._accepted = not reason.is_failure
            self._trouble = "" if self._accepted else f"it refuses us: {reason}"

        @client.subscribe_callback()
        def subscribed(
            _client: object, _known: object, _mid: int, reasons: "list[ReasonCode]", _properties: object
        ) -> None:
            if any(reason.is_failure for reason in reasons):
                self._trouble = f"it refuses the topic {settings.topic}"

        @client.message_callback()
        def heard(_client: object, _known: object, came: "MQTTMessage") -> None:
            self._heard.append(Message(_topic(came), bytes(came.payload), came.mid, came.qos))

        return client

    def _read(self, client: "Client", timeout_s: float) -> bool:
        """Read what is there, at least a packet if one comes in time, and return whether anything was."""
        socket = client.socket()
        held = getattr(socket, "pending", int)()  # decrypted already: the file would not tell
        ready = bool(held or self._waiting.select(timeout_s))
        if ready:
            self._check(client.loop_read())
        if client.want_write():
            self._check(client.loop_write())
        return ready

    def _check(self, code: int) -> None:
        """Throw the connection away if anything is wrong with it, and say what."""
        trouble = self._trouble or (self._paho.error_string(code) if code else "")
        if trouble or self._client is None or self._client.socket() is None:
            self.close()
            raise UpstreamError(f"MQTT broker {self._settings.host}: {trouble or 'the connection ended'}.")


def _topic(came: "MQTTMessage") -> str:
    """Return the topic of a message, empty if it is no text."""
    try:
        return came.topic
    except UnicodeDecodeError:
        return ""
