"""What another policy would have made of orders."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from doorstep.api.models.base import Example, Reply, Request, shown
from doorstep.api.models.fields import MomentIn
from doorstep.api.models.parts import CostPart, Money, WindowWish
from doorstep.order_routing.replay import POLICIES


def _known(value: str) -> str:
    if value not in POLICIES:
        raise PydanticCustomError("not_allowed", f"must be one of {', '.join(POLICIES)}")
    return value


PolicyName = Annotated[
    str,
    Field(description="a way to choose sites", json_schema_extra={"enum": list(POLICIES)}),
    AfterValidator(_known),
]


class ShadowRequest(Request):
    """Policies, and the orders to show them: those of which nothing is picked yet, or those placed in a period."""

    model_config = shown(policies=["fewest_splits", "reoptimised"], due_before="2026-03-03T00:00:00-06:00")

    policies: list[PolicyName] = Field(min_length=1, max_length=10)
    period: WindowWish | None = Field(
        default=None, description="orders placed then, as they were then; null: orders of which nothing is picked yet"
    )
    due_before: MomentIn | None = Field(
        default=None, description="without a period: only orders whose promise ends before"
    )

    @model_validator(mode="after")
    def _is_one_of_two(self) -> Self:
        if self.period is not None and self.due_before is not None:
            raise PydanticCustomError("inconsistent", "due_before is for open orders: leave it out, or the period")
        return self


COST: dict[str, Example] = {
    "orders": 120,
    "served": 118,
    "unserved": 2,
    "split": 9,
    "packages": 128,
    "cost": {"amount": 91450, "currency": "USD"},
    "cost_parts": [{"part": "delivery", "amount": 72400}, {"part": "package", "amount": 19050}],
    "cost_per_order": {"amount": 775, "currency": "USD"},
}


class ShadowCost(Reply):
    """What some orders cost by the estimates that sites are chosen by."""

    model_config = shown(**COST)

    orders: int
    served: int
    unserved: int
    split: int = Field(description="orders in more than one package")
    packages: int
    cost: Money = Field(description="of the served orders")
    cost_parts: list[CostPart]
    cost_per_order: Money | None = Field(description="of the served ones; null: there is none")


class DifferingOrder(Reply):
    """An order that would have other sites; no sites: nobody serves it."""

    model_config = shown(
        order_id="ord_01JNB8X4T5V6W7X8Y9Z0A1B2C3", sites=["fc-1"], shadow_sites=["store-7"],
        difference={"amount": -120, "currency": "USD"},
    )  # fmt: skip

    order_id: str
    sites: list[str] = Field(description="as it was decided")
    shadow_sites: list[str] = Field(description="as the policy would have decided")
    difference: Money = Field(description="what the policy would have cost more")


class ShadowOutcome(Reply):
    """What a policy would have made of all these orders."""

    model_config = shown(
        policy="fewest_splits", cost=COST, difference={"amount": 3210, "currency": "USD"}, differing=14,
        most_differing=[],
    )  # fmt: skip

    policy: str
    cost: ShadowCost
    difference: Money = Field(
        description="what the policy would have cost more for the orders compared, by the same prices; an order that "
        "is not served counts what not serving it costs"
    )
    differing: int = Field(description="orders compared that would have other sites")
    most_differing: list[DifferingOrder] = Field(description="those whose cost changes most, 20 at most")


class Shadow(Reply):
    """What was decided, and what each policy would have cost; nothing was written."""

    model_config = shown(orders=120, decided=COST, policies=[], not_reached=[])

    orders: int = Field(description="looked at")
    decided: ShadowCost = Field(
        description="the decisions that stand, for the orders compared: those that were decided, and whose sites could "
        "still keep the promise"
    )
    policies: list[ShadowOutcome]
    not_reached: list[str] = Field(description="policies for which the time ran out")
