"""Why it was decided so."""

from pydantic import Field

from doorstep.api.models.base import Reply, Request, shown
from doorstep.api.models.fields import Moment, ObjectId, ReferenceId, Tags
from doorstep.api.models.orders import Allocation
from doorstep.api.models.parts import CostPart, Lines, Money, Place


class Alternative(Reply):
    """An alternative that was weighed."""

    model_config = shown(
        option="own van from store-7",
        site_id="store-7",
        mode="own_fleet",
        carrier_id=None,
        cost={"amount": 512, "currency": "USD"},
        price=None,
        cost_parts=[{"part": "stem", "amount": 212}, {"part": "drop", "amount": 300}],
        chosen=True,
        code=None,
        why="It costs 238 less than the next best alternative.",
    )

    option: str = Field(description="the alternative in words")
    site_id: str | None
    mode: str | None
    carrier_id: str | None
    cost: Money | None = Field(description="what it would have cost; null: impossible")
    price: Money | None = Field(
        description="what the stock and picking it takes are worth to other orders: it decides, nobody pays it"
    )
    cost_parts: list[CostPart]
    chosen: bool
    code: str | None = Field(description="why it was not possible, where there is a code for it, such as `drone_wind`")
    why: str = Field(description="one plain sentence")


class Decision(Reply):
    """A decision with every alternative, the chosen one marked."""

    model_config = shown(
        id="dec_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        order_id="ord_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        question="mode",
        at="2026-03-02T14:31:00Z",
        alternatives=[],
    )

    id: str
    order_id: str
    question: str = Field(description="what was decided", examples=["site", "mode"])
    at: Moment
    alternatives: list[Alternative]


class EvaluationRequest(Request):
    """An order that is only tried out."""

    model_config = shown(
        service_level_id="same_day",
        place={"lat": 41.8789, "lon": -87.6359, "postal_code": "60606"},
        lines=[{"product_id": "SKU-1001", "quantity": 2}],
    )

    service_level_id: ReferenceId
    place: Place
    lines: Lines
    requirements: Tags = Field(default=[])
    pickup_site_id: ReferenceId | None = None


class ModeRequest(Request):
    """Orders whose ways to the door are to be weighed."""

    model_config = shown(order_ids=["ord_01JNB8X4T5V6W7X8Y9Z0A1B2C3"])

    order_ids: list[ObjectId] = Field(min_length=1, max_length=50)


class WeighedModes(Reply):
    """How an order could be brought now, each way with its cost; the cheapest that keeps the promise is marked."""

    model_config = shown(order_id="ord_01JNB8X4T5V6W7X8Y9Z0A1B2C3", alternatives=[])

    order_id: str
    alternatives: list[Alternative]


class ModeEvaluation(Reply):
    """The ways of the orders that wait to be brought; others are left out."""

    model_config = shown(orders=[{"order_id": "ord_01JNB8X4T5V6W7X8Y9Z0A1B2C3", "alternatives": []}])

    orders: list[WeighedModes]


class Evaluation(Reply):
    """Which sites would serve the order now, and what else was weighed."""

    model_config = shown(
        reason="",
        allocations=[{"line_no": 1, "site_id": "store-7", "quantity": 2, "receipt_id": None}],
        alternatives=[],
    )

    reason: str = Field(description="why nobody could serve it; empty if somebody could")
    allocations: list[Allocation]
    alternatives: list[Alternative]
