"""Events of ours in the words of others: the body of a webhook, and the envelope of CloudEvents."""

import json
import re
import time
from collections.abc import Mapping
from typing import TypeAlias

from doorstep.foundation import InputError

Json: TypeAlias = "str | int | float | bool | None | list[Json] | dict[str, Json]"

LIMIT_BYTES = 20_000
EVENT_TYPE = re.compile(r"[a-zA-Z0-9_]+(\.[a-zA-Z0-9_]+)*")
LONGEST_TYPE = 100


def webhook_body(event_type: str, timestamp: int, data: Mapping[str, Json]) -> bytes:
    """Return the body of Standard Webhooks, ``{"type", "timestamp", "data"}`` as compact JSON below 20 kB.

    Data that is too large gives way to its ids (keys ``id`` and ``..._id``) and ``"truncated": true``: the receiver
    reads the rest over the API.

    Parameters
    ----------
    event_type
        Dotted, such as ``delivery.picked_up``.
    timestamp
        When it happened, which is not when it is sent [epoch s].
    data
        What the event is about.

    Raises
    ------
    InputError
        If the type is malformed, or the data cannot be written as JSON.
    """
    if len(event_type) > LONGEST_TYPE or not EVENT_TYPE.fullmatch(event_type):
        raise InputError(f"event type {event_type[:LONGEST_TYPE]!r} must be words of a-z, 0-9 and _ joined by dots.")
    ids = {key: value for key, value in data.items() if _is_id(key, value)}
    for kept in (dict(data), ids | {"truncated": True}):
        body = _compact({"type": event_type, "timestamp": rfc3339(timestamp), "data": kept})
        if len(body) < LIMIT_BYTES:
            return body
    return _compact({"type": event_type, "timestamp": rfc3339(timestamp), "data": {"truncated": True}})


def cloud_event(
    *,
    event_id: str,
    event_type: str,
    source: str,
    subject: str,
    occurred_at: int,
    sequence: int,
    data: Mapping[str, Json],
) -> dict[str, Json]:
    """Return the CloudEvents 1.0 envelope of an event, structured mode.

    Parameters
    ----------
    event_id
        Unique within ``source``; whoever sees it twice drops the second.
    event_type
        As in ``webhook_body``.
    source
        Where it comes from, a URI reference such as ``/merchants/mer_1``.
    subject
        What it is about, the id of the object.
    occurred_at
        When it happened [epoch s].
    sequence
        Number of the event within its subject. It is written with leading zeros, as the extension of that name wants
        text that sorts as the numbers do.
    data
        What happened.
    """
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": source,
        "type": event_type,
        "subject": subject,
        "time": rfc3339(occurred_at),
        "sequence": f"{sequence:012d}",
        "datacontenttype": "application/json",
        "data": dict(data),
    }


def rfc3339(moment: int) -> str:
    """Return an epoch second as RFC 3339 in UTC, with Z."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


def _is_id(key: str, value: Json) -> bool:
    return (key == "id" or key.endswith("_id")) and isinstance(value, str | int)


def _compact(value: Json) -> bytes:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError) as fault:
        raise InputError(f"the data of an event cannot be written as JSON: {fault}.") from fault
