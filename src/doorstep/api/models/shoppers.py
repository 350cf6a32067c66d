"""What shoppers have of a delivery: a link to its page, and what they said there."""

from typing import Annotated, Literal

from pydantic import Field

from doorstep.api.models.base import Reply, shown
from doorstep.api.models.fields import Moment, Whole
from doorstep.operations.shoppers.remarks import MOST_STARS


class DeliveryLink(Reply):
    """A link for the shopper of a delivery, shown this once only."""

    model_config = shown(
        token="5Q0B8X4T5V6W7X8Y9Z0A1B2C3D4E5F6G",
        path="/t/5Q0B8X4T5V6W7X8Y9Z0A1B2C3D4E5F6G",
        expires_at="2026-04-01T10:00:00Z",
    )

    token: str = Field(
        description="whoever has it may follow and change the delivery; empty where a request is repeated. "
        "What is collected is at ``/v1/collections/{token}`` too."
    )
    path: str = Field(description="of the shopper's page; empty where a request is repeated")
    expires_at: Moment


class Remark(Reply):
    """Something that a shopper said of a delivery; ``text`` is empty once the person is forgotten."""

    model_config = shown(kind="rating", stars=5, reason="", text="Friendly and on time.", at="2026-03-02T16:10:00Z")

    kind: Literal["instruction", "safe_place", "rating", "problem"]
    stars: Annotated[int, Field(ge=0, le=MOST_STARS, description="of a rating; else 0")]
    reason: str = Field(description="of a problem: damaged, missing, wrong_item, not_received, late, other")
    text: str
    at: Moment


class Remarks(Reply):
    """What a shopper said of a delivery; of each kind the newest counts."""

    model_config = shown(links=1, items=[])

    links: Whole = Field(description="links to the page that are good")
    items: list[Remark] = Field(description="the newest first")
