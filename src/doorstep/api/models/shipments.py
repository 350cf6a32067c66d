"""Shipments: what one site picks and packs of an order."""

from typing import Annotated

from pydantic import Field

from doorstep.api.models.base import Reply, shown
from doorstep.api.models.fields import Moment, Version, Whole, state_of


class Parcel(Reply):
    """A packed parcel."""

    model_config = shown(
        id="pcl_01JNB8X4T5V6W7X8Y9Z0A1B2C3", sscc="095200000000000011", carton_id="M", weight_g=1500, volume_ml=9000,
        longest_side_mm=300, holder="site:store-7",
    )  # fmt: skip

    id: str
    sscc: str | None = Field(description="what its label says")
    carton_id: str
    weight_g: Whole
    volume_ml: Whole
    longest_side_mm: Whole
    holder: str = Field(description="who has it by what was scanned: kind and id")


class Shipment(Reply):
    """The part of an order that one site serves, from planned to handed over."""

    model_config = shown(
        id="shp_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        order_id="ord_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        site_id="store-7",
        state="picking",
        version=2,
        delivery_id=None,
        ready_at=None,
        parcels=[],
    )

    id: str
    order_id: str
    site_id: str
    state: Annotated[str, state_of("shipment")]
    version: Version
    delivery_id: str | None
    ready_at: Moment | None
    parcels: list[Parcel]
