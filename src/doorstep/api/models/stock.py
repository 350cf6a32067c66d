"""Stock: what is where, and corrections of it."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from doorstep.api.models.base import Reply, Request, shown
from doorstep.api.models.fields import AS_WHOLE, ReferenceId, Whole
from doorstep.api.problems.documented import Problem

MOST_UNITS = 1_000_000_000
MOST_ROWS = 1_000


class StockAdjustment(Request):
    """A change of stock: by how much it changed, or how much was counted; and how much of it is kept back."""

    model_config = shown(site_id="store-7", product_id="SKU-1001", delta=-2, reason="damaged")

    site_id: ReferenceId
    product_id: ReferenceId
    delta: Annotated[int, Field(ge=-MOST_UNITS, le=MOST_UNITS), AS_WHOLE] | None = Field(
        default=None, description="units that came (+) or went (-)"
    )
    counted: Annotated[int, Field(ge=0, le=MOST_UNITS), AS_WHOLE] | None = Field(
        default=None, description="units that are there"
    )
    safety_stock: Annotated[int, Field(ge=0, le=MOST_UNITS), AS_WHOLE] | None = Field(
        default=None, description="units never promised from now on; orders keep what they hold"
    )
    reason: Literal["received", "counted", "damaged", "lost", "found", "sold_in_store", "other"]

    @model_validator(mode="after")
    def _says_what_changes(self) -> Self:
        changes = (self.delta is not None) + (self.counted is not None)
        if changes > 1 or (not changes and self.safety_stock is None):
            raise PydanticCustomError("inconsistent", "give either delta or counted, or safety_stock alone")
        return self


class StockPosition(Reply):
    """Units of a product at a site."""

    model_config = shown(site_id="store-7", product_id="SKU-1001", on_hand=12, reserved=3, safety_stock=2, available=7)

    site_id: str
    product_id: str
    on_hand: Whole
    reserved: Whole = Field(description="promised to orders and not yet gone")
    safety_stock: Whole = Field(description="never promised: for walk-in shoppers and counting errors")
    available: Whole = Field(description="on hand less reserved and safety stock, never below 0")


class StockBulk(Request):
    """Many changes of stock at once; each row is done or refused for itself."""

    model_config = shown(
        adjustments=[{"site_id": "store-7", "product_id": "SKU-1001", "counted": 7, "reason": "counted"}]
    )

    adjustments: Annotated[list[StockAdjustment], Field(min_length=1, max_length=MOST_ROWS)]


class StockBulkRow(Reply):
    """What became of one row: the position after it, or a problem."""

    model_config = shown(row=0, status=200, position=None, problem=None)

    row: int = Field(ge=0, lt=MOST_ROWS, description="place in the request, from 0")
    status: int = Field(description="HTTP status that the row alone would have had")
    position: StockPosition | None
    problem: Problem | None


class StockBulkReply(Reply):
    """What became of each row, in the order of the request."""

    model_config = shown(accepted=1, refused=0, rows=[])

    accepted: int
    refused: int
    rows: list[StockBulkRow]
