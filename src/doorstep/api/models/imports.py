"""Retailer folders that came in."""

from pydantic import Field

from doorstep.api.models.base import Reply, shown
from doorstep.api.models.fields import Whole


class ImportReply(Reply):
    """What was stored of a folder."""

    model_config = shown(rows={"sites": 12, "products": 400}, orders=3, refused={}, uncounted={}, warnings=[])

    rows: dict[str, int] = Field(description="rows by table")
    orders: Whole = Field(description="orders accepted, or accepted before")
    refused: dict[str, str] = Field(description="why orders were not accepted, by their id in the folder")
    uncounted: dict[str, str] = Field(
        description="why stock is not what the folder says, by site/product: orders that are being picked hold more"
    )
    warnings: list[str]
