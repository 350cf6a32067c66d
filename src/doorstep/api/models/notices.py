"""Notices to shoppers: what was told, what a retailer tells in which words, and what a shopper wants."""

from typing import Annotated, Literal

from pydantic import Field

from doorstep.api.models.base import Reply, Request, shown
from doorstep.api.models.fields import AS_WHOLE, Locale, Moment, Version, Whole
from doorstep.operations.notices.texts import MOST_TEXT
from doorstep.tracking.notices import CHANNELS, TOPICS

CLOCK = r"^([01]\d|2[0-3]):[0-5]\d$"
TopicName = Annotated[str, Field(json_schema_extra={"enum": [*TOPICS]})]
ChannelName = Literal["email", "sms"]
Clock = Annotated[str, Field(pattern=CLOCK, description="local time HH:MM of the shopper")]
assert set(CHANNELS) == {"email", "sms"}


class Notice(Reply):
    """Something that a shopper was told, or why not; nothing of it says who they are."""

    model_config = shown(
        id="ntc_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        topic="delayed",
        delivery_id="dlv_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        channel="sms",
        state="sent",
        reason="",
        attempts=1,
        due_at=None,
        created_at="2026-03-02T15:00:00Z",
        sent_at="2026-03-02T15:00:02Z",
    )

    id: str
    topic: TopicName
    delivery_id: str | None
    channel: ChannelName | None = Field(description="null: it was never to be sent")
    state: Literal["waiting", "sent", "dropped", "failed"]
    reason: str = Field(
        description="why it was dropped (`switched_off`, `no_address`, `opted_out`, `enough_told`, `outdated`, "
        "`forgotten`), or what the channel said"
    )
    attempts: Whole
    due_at: Moment | None = Field(description="when it is sent, or tried again")
    created_at: Moment
    sent_at: Moment | None


class NoticeText(Request):
    """A retailer's own words for a topic: a template (Jinja) of `name`, `code`, `shop`, `place`, `day`, and others."""

    model_config = shown(
        topic="arriving",
        channel="sms",
        locale="en",
        subject="",
        text="{{ shop }}: two minutes to your door. {{ link }}",
    )

    topic: TopicName
    channel: ChannelName
    locale: Locale
    subject: str = Field(default="", max_length=200, description="of a letter; empty: ours")
    text: str = Field(min_length=1, max_length=MOST_TEXT)


class NoticeRulesChange(Request):
    """What shoppers are told: all of it, in place of what was said before."""

    model_config = shown(
        topics=["confirmed", "delayed", "delivered"], quiet_from="21:00", quiet_until="08:00", most=5, texts=[]
    )

    topics: Annotated[list[TopicName], Field(max_length=len(TOPICS))] = Field(default=[*TOPICS])
    quiet_from: Clock = "21:00"
    quiet_until: Clock = Field(default="08:00", description="the same as `quiet_from`: there are no quiet hours")
    most: Annotated[int, Field(ge=1, le=50, description="notices about a delivery"), AS_WHOLE] = 5
    texts: Annotated[list[NoticeText], Field(max_length=200)] = Field(default=[], description="beside the shipped ones")


class NoticeRulesShown(Reply):
    """What shoppers are told."""

    model_config = shown(
        topics=["confirmed", "delayed", "delivered"],
        quiet_from="21:00",
        quiet_until="08:00",
        most=5,
        texts=[],
        version=2,
    )

    topics: list[TopicName]
    quiet_from: Clock
    quiet_until: Clock
    most: Whole
    texts: list[NoticeText]
    version: Version


class NoticePreferences(Reply):
    """By which channels a shopper can be told, and whether they want that; null: no address is known."""

    model_config = shown(email=True, sms=False)

    email: bool | None
    sms: bool | None


class NoticePreferencesChange(Request):
    """What a shopper wants from now on; what is not said stays."""

    model_config = shown(sms=False)

    email: bool | None = None
    sms: bool | None = None
