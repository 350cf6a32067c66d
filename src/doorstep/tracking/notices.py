"""What shoppers are told, by which channel and when: few things, each once, none at night, none when it is too late.

A topic has its channels, the better one first, and a time after which nobody needs to hear of it. In quiet hours it
waits for their end, if it is still of use by then. A delivery has at most so many notices; the last one is kept for
how it ends.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, NamedTuple

from doorstep.foundation import InputError

Channel = Literal["email", "sms"]
CHANNELS: tuple[Channel, ...] = ("email", "sms")
DAY_S, HOUR_S, MINUTE_S = 86_400, 3_600, 60


class Topic(NamedTuple):
    """Something that a shopper is told; ``ends`` says that nothing much comes after it."""

    channels: tuple[Channel, ...]
    useful_s: int
    ends: bool = False


TOPICS = {
    "confirmed": Topic(("email", "sms"), DAY_S),
    "out_for_delivery": Topic(("sms", "email"), 4 * HOUR_S),
    "arriving": Topic(("sms",), 10 * MINUTE_S),
    "delayed": Topic(("sms", "email"), 2 * HOUR_S),
    "delivered": Topic(("email", "sms"), DAY_S, ends=True),
    "attempted": Topic(("sms", "email"), DAY_S, ends=True),
    "ready_for_collection": Topic(("sms", "email"), 3 * DAY_S, ends=True),
}
EVENTS = {
    "order.created": "confirmed",
    "order.placed": "confirmed",
    "delivery.dropoff_enroute": "out_for_delivery",
    "delivery.arriving": "arriving",
    "delivery.delay_predicted": "delayed",
    "delivery.delivered": "delivered",
    "delivery.attempted": "attempted",
    "collection.ready": "ready_for_collection",
}
"""Which event is told as what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a retailer tells: some topics, not between ``quiet_from_s`` and ``quiet_until_s`` after local midnight.

    Equal ends: there are no quiet hours. ``most`` notices are sent about a delivery.
    """

    topics: frozenset[str] = frozenset(TOPICS)
    quiet_from_s: int = 21 * HOUR_S
    quiet_until_s: int = 8 * HOUR_S
    most: int = 5

    def __post_init__(self) -> None:
        if unknown := sorted(self.topics - set(TOPICS)):
            raise InputError(f"topics {unknown} must be among {', '.join(TOPICS)}.")
        if not (0 <= self.quiet_from_s < DAY_S and 0 <= self.quiet_until_s < DAY_S and self.most >= 1):
            raise InputError(f"quiet hours of {self} must lie within a day, and most be 1 or more.")

    def quiet_left_s(self, local_s: int) -> int:
        """Return how long quiet hours still last at so many seconds after local midnight; 0 if they are not."""
        length_s = (self.quiet_until_s - self.quiet_from_s) % DAY_S
        since_s = (local_s - self.quiet_from_s) % DAY_S
        return length_s - since_s if since_s < length_s else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """A notice to be sent by a channel, from one moment until another [epoch s]."""

    channel: Channel
    at: int
    until_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A notice that is not sent, and why."""

    reason: Literal["switched_off", "no_address", "opted_out", "enough_told", "outdated"]


def decide(
    topic: str,
    rules: Rules,
    *,
    happened_at: int,
    now: int,
    local_s: int,
    told: int,
    reachable: Collection[str],
    opted_out: Collection[str],
) -> Send | Kept:
    """Return by which channel a topic is told, and when, or why it is not.

    Parameters
    ----------
    local_s
        Seconds after midnight that the recipient's clock shows now.
    told
        Notices of the delivery so far.
    reachable, opted_out
        Channels by which the recipient can be reached, and those by which they do not want to be.
    """
    about = TOPICS[topic]
    if topic not in rules.topics:
        return Kept(reason="switched_off")
    ways = [channel for channel in about.channels if channel in reachable]
    if not ways:
        return Kept(reason="no_address")
    wanted = [channel for channel in ways if channel not in opted_out]
    if not wanted:
        return Kept(reason="opted_out")
    if told >= rules.most - (not about.ends and rules.most > 1):
        return Kept(reason="enough_told")
    at, until_at = now + rules.quiet_left_s(local_s), happened_at + about.useful_s
    if at > until_at:
        return Kept(reason="outdated")
    return Send(channel=wanted[0], at=at, until_at=until_at)
