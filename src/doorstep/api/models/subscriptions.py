"""Orders that repeat."""

from typing import Annotated

from pydantic import Field

from doorstep.api.models.base import Reply, Request, shown
from doorstep.api.models.fields import Moment, MomentIn, TimeZone, Version, state_of
from doorstep.api.models.orders import OrderContent
from doorstep.api.models.parts import Line, Lines

Rule = Annotated[
    str,
    Field(
        max_length=200,
        pattern=r"^FREQ=(DAILY|WEEKLY|MONTHLY)(;[A-Z]{3,10}=[A-Z0-9,+-]{1,80}){0,6}$",
        description="recurrence rule, RFC 5545",
        examples=["FREQ=WEEKLY;BYDAY=MO,TH"],
    ),
]


class SubscriptionCreate(Request):
    """An order and when it is placed again."""

    model_config = shown(
        rule="FREQ=WEEKLY;BYDAY=MO",
        time_zone="America/Chicago",
        starts_at="2026-03-02T09:00:00-06:00",
        order={
            "service_level_id": "same_day",
            "place": {"lat": 41.8789, "lon": -87.6359, "postal_code": "60606"},
            "lines": [{"product_id": "SKU-1001", "quantity": 2}],
        },
    )

    rule: Rule
    time_zone: TimeZone
    starts_at: MomentIn
    order: OrderContent


class OccurrenceSwap(Reply):
    """Lines that are ordered at one moment in place of the others."""

    model_config = shown(at="2026-03-09T14:00:00Z", lines=[{"product_id": "SKU-1002", "quantity": 1}])

    at: Moment
    lines: list[Line]


class LinesSwap(Request):
    """Other lines, from now on or at one moment."""

    model_config = shown(lines=[{"product_id": "SKU-1002", "quantity": 1}], at="2026-03-09T09:00:00-05:00")

    lines: Lines
    at: MomentIn | None = Field(default=None, description="a moment of the rule that is to come; default: from now on")


class Subscription(Reply):
    """A subscription."""

    model_config = shown(
        id="sub_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        state="active",
        version=1,
        rule="FREQ=WEEKLY;BYDAY=MO",
        time_zone="America/Chicago",
        starts_at="2026-03-02T15:00:00Z",
        next_at="2026-03-09T14:00:00Z",
        skips=[],
        lines=[{"product_id": "SKU-1001", "quantity": 2}],
        swaps=[],
        created_at="2026-03-01T10:00:00Z",
    )

    id: str
    state: Annotated[str, state_of("subscription")]
    version: Version
    rule: str
    time_zone: str
    starts_at: Moment
    next_at: Moment | None = Field(description="when the next order is placed; null: none will be")
    skips: list[Moment] = Field(description="occurrences that are left out")
    lines: list[Line] = Field(description="what is ordered each time")
    swaps: list[OccurrenceSwap] = Field(description="occurrences at which other lines are ordered")
    created_at: Moment


class OccurrenceSkip(Request):
    """One moment to leave out."""

    model_config = shown(at="2026-03-09T09:00:00-05:00")

    at: MomentIn = Field(description="a moment of the rule that is to come, such as `next_at`")
