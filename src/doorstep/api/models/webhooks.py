"""Webhook endpoints and the messages to them (Standard Webhooks 1.0.0)."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from doorstep.api.models.base import Reply, Request, shown
from doorstep.api.models.fields import WITHOUT_NUL, Moment, MomentIn, ObjectId, Version, Whole, state_of


def _address(value: str) -> str:
    try:
        parts = urlsplit(value)
        reachable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        reachable = False
    if not reachable or parts.username is not None or parts.fragment or not value.isprintable() or " " in value:
        raise PydanticCustomError("bad_format", "must be an https address without user, password and fragment")
    return value


EventType = Annotated[str, Field(pattern=r"^[a-z_]{1,40}(\.([a-z_]{1,40}|\*))?$", examples=["order.completed"])]
"""A type of event, or all of one kind of object: ``delivery.*``."""


Address = Annotated[
    str,
    Field(max_length=2_000, json_schema_extra={"format": "uri", "pattern": WITHOUT_NUL}),
    AfterValidator(_address),
]


class WebhookEndpointCreate(Request):
    """Where events shall go."""

    model_config = shown(url="https://shop.example/hooks/doorstep", types=["order.completed", "delivery.*"])

    url: Address
    types: Annotated[list[EventType], Field(max_length=100)] = Field(default=[], description="empty: all events")


class WebhookEndpointChange(Request):
    """What changes about an endpoint; what is absent stays."""

    model_config = shown(types=["order.*"])

    url: Address | None = None
    types: Annotated[list[EventType], Field(max_length=100)] | None = None
    state: Literal["enabled"] | None = Field(default=None, description="switches it on again")


class WebhookReplay(Request):
    """Messages to send once more: all since a moment, or those named."""

    model_config = shown(since="2026-03-02T10:00:00Z")

    since: MomentIn | None = None
    message_ids: Annotated[list[ObjectId], Field(max_length=500)] = Field(default=[])


class WebhookReplayed(Reply):
    """Messages that will be sent once more, or the event of a trial."""

    model_config = shown(message_ids=["whm_01JNB8X4T5V6W7X8Y9Z0A1B2C3"])

    message_ids: list[str]


class WebhookTested(Reply):
    """The event of a trial, which is on its way."""

    model_config = shown(event_id="evt_01JNB8X4T5V6W7X8Y9Z0A1B2C3")

    event_id: str


class WebhookEndpoint(Reply):
    """An endpoint that is told of events."""

    model_config = shown(
        id="whe_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        url="https://shop.example/hooks/doorstep",
        types=["order.completed"],
        state="enabled",
        version=1,
        failures=0,
        disabled_reason="",
        created_at="2026-03-02T10:00:00Z",
    )

    id: str
    url: str
    types: list[str]
    state: Literal["enabled", "disabled"]
    version: Version
    failures: Whole = Field(description="failed attempts in a row")
    disabled_reason: str
    created_at: Moment


class WebhookEndpointCreated(WebhookEndpoint):
    """A new endpoint with its secret, which is shown this once only."""

    model_config = shown(
        id="whe_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        url="https://shop.example/hooks/doorstep",
        types=["order.completed"],
        state="enabled",
        version=1,
        failures=0,
        disabled_reason="",
        created_at="2026-03-02T10:00:00Z",
        secret="whsec_...",
    )

    secret: str = Field(description="signs the messages; keep it, it cannot be shown again")


class WebhookMessage(Reply):
    """A message to an endpoint and how far it got."""

    model_config = shown(
        id="whm_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        endpoint_id="whe_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        event_id="evt_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        type="order.completed",
        state="retrying",
        version=2,
        attempts=2,
        next_at="2026-03-02T10:05:00Z",
        last_status=503,
        last_error="",
        created_at="2026-03-02T10:00:00Z",
    )

    id: str
    endpoint_id: str
    event_id: str
    type: str
    state: Annotated[str, state_of("webhook_message")]
    version: Version
    attempts: Whole
    next_at: Moment | None
    last_status: int | None = Field(description="HTTP status of the last attempt; null: there was no answer")
    last_error: str
    created_at: Moment
