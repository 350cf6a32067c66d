"""What happened, in order."""

from pydantic import Field, JsonValue

from doorstep.api.models.base import Reply, shown
from doorstep.api.models.fields import Moment, Whole


class Event(Reply):
    """Something that happened to an object, as webhooks tell it."""

    model_config = shown(
        id="evt_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        type="order.placed",
        timestamp="2026-03-02T14:31:00Z",
        kind="order",
        object_id="ord_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        sequence=1,
        data={"order_id": "ord_01JNB8X4T5V6W7X8Y9Z0A1B2C3", "state": "placed"},
    )

    id: str
    type: str
    timestamp: Moment
    kind: str = Field(description="kind of object")
    object_id: str
    sequence: Whole = Field(description="version of the object after it: puts the events of one object in order")
    data: dict[str, JsonValue]


class EventsPage(Reply):
    """Events, the oldest first, and where to go on, now or later."""

    model_config = shown(items=[], next_cursor="AbC")

    items: list[Event]
    next_cursor: str = Field(description="asks for what comes after; also where there is nothing yet")


class AuditRow(Reply):
    """Who did what to which object; each row seals the one before it."""

    model_config = shown(
        audit_no=7,
        at="2026-03-02T14:31:00Z",
        actor="key_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        kind="order",
        object_id="ord_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        event="cancel",
        from_state="placed",
        to_state="cancelled",
        reason="customer_changed_mind",
        hash="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    )

    audit_no: Whole
    at: Moment
    actor: str
    kind: str
    object_id: str
    event: str
    from_state: str
    to_state: str
    reason: str
    hash: str = Field(description="SHA-256 over the hash of the row before and this one")
