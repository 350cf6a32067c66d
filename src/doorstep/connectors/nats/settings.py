"""What the relay to NATS may be told."""

from dataclasses import dataclass

from doorstep.foundation import InputError
from doorstep.foundation.units import SECONDS_PER_DAY, SECONDS_PER_HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Names and patience of a relay.

    Parameters
    ----------
    stream
        Name of the JetStream stream; made if it is not there, and left as its operator wants it if it is.
    prefix
        First part of every subject, before the event's type: ``doorstep.order.placed``.
    window
        How many events wait for their acknowledgement at a time.
    connect_timeout_s, ack_timeout_s
        How long one connection, and one window of acknowledgements, may take.
    duplicates_s
        How long the stream remembers ids; an event published twice within it is stored once.
    keep_s
        How long the stream keeps an event; the outbox keeps it anyway.
    """

    stream: str = "DOORSTEP"
    prefix: str = "doorstep"
    window: int = 256
    connect_timeout_s: int = 2
    ack_timeout_s: int = 5
    duplicates_s: int = SECONDS_PER_HOUR
    keep_s: int = 7 * SECONDS_PER_DAY

    def __post_init__(self) -> None:
        for name in ("window", "connect_timeout_s", "ack_timeout_s", "duplicates_s"):
            value = getattr(self, name)
            if value < 1:
                raise InputError(f"{name} {value} must be 1 or more.")
        if self.keep_s < self.duplicates_s:
            raise InputError(f"keep_s {self.keep_s} must not be shorter than duplicates_s {self.duplicates_s}.")
