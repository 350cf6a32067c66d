"""Orders that repeat."""

from typing import Annotated

from pydantic import Field

from doorstep.api.models.base import Reply, Request, shown
from doorstep.api.models.fields import Moment, MomentIn, TimeZone, Version, state_of
from doorstep.api.models.orders import OrderContent
from doorstep.api.models.parts import Line, Lines
from doorstep.domain.recurrence import OnClosedDay

Rule = Annotated[
    str,
    Field(
        max_length=200,
        pattern=r"^FREQ=(DAILY|WEEKLY|MONTHLY)(;[A-Z]{3,10}=[A-Z0-9,+-]{1,80}){0,6}$",
        description="recurrence rule, RFC 5545",
        examples=["FREQ=WEEKLY;BYDAY=MO,TH"],
    ),
]


Shift = Annotated[
    OnClosedDay,
    Field(
        description="what becomes of an occurrence on a day on which every site, or the place of collection, is "
        "closed: its order is placed on the next open day, on the one before, or not at all"
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
    on_closed_day: Shift = "after"


class ComingOccurrence(Reply):
    """A moment of the rule that is to come."""

    model_config = shown(occurrence_at="2026-12-25T15:00:00Z", placed_at="2026-12-26T15:00:00Z")

    occurrence_at: Moment
    placed_at: Moment | None = Field(description="when its order is placed; null: not at all, the day is closed")


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
        on_closed_day="after",
        next_at="2026-03-09T14:00:00Z",
        coming=[{"occurrence_at": "2026-03-09T14:00:00Z", "placed_at": "2026-03-09T14:00:00Z"}],
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
    on_closed_day: Shift
    next_at: Moment | None = Field(description="when the next occurrence is due; null: none will be")
    coming: list[ComingOccurrence] = Field(description="the next occurrences of an active subscription, up to five")
    skips: list[Moment] = Field(description="occurrences that are left out")
    lines: list[Line] = Field(description="what is ordered each time")
    swaps: list[OccurrenceSwap] = Field(description="occurrences at which other lines are ordered")
    created_at: Moment


class OccurrenceSkip(Request):
    """One moment to leave out."""

    model_config = shown(at="2026-03-09T09:00:00-05:00")

    at: MomentIn = Field(description="`occurrence_at` of a moment of the rule that is to come")
