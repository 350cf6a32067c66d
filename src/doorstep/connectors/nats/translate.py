"""A CloudEvent as a message of NATS, in structured mode."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from doorstep.foundation import InputError

SUBJECT = re.compile(r"[a-zA-Z0-9_]+(\.[a-zA-Z0-9_]+)*")
EVENT_ID = re.compile(r"[!-~]+")  # visible ASCII: it travels in a header


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is published: the id lets the stream drop what it already has."""

    subject: str
    payload: bytes
    headers: dict[str, str]


def to_message(event: Mapping[str, object], *, prefix: str) -> Message:
    """Return the message of an event.

    Raises
    ------
    InputError
        If it is no CloudEvents 1.0 envelope, or its id or type cannot be sent.
    """
    event_id, event_type = event.get("id"), event.get("type")
    if event.get("specversion") != "1.0" or not isinstance(event_id, str) or not isinstance(event_type, str):
        raise InputError(f"event {event_id!r} is not a CloudEvents 1.0 envelope with specversion, id and type as text.")
    if not EVENT_ID.fullmatch(event_id):
        raise InputError(f"event id {event_id!r} must be visible ASCII.")
    if not SUBJECT.fullmatch(event_type):
        raise InputError(f"type {event_type!r} of event {event_id} must be words of a-z, 0-9 and _ joined by dots.")
    try:
        payload = json.dumps(event, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError) as fault:
        raise InputError(f"event {event_id} cannot be written as JSON: {fault}.") from fault
    headers = {"Nats-Msg-Id": event_id, "content-type": "application/cloudevents+json; charset=utf-8"}
    return Message(subject=f"{prefix}.{event_type}", payload=payload, headers=headers)
