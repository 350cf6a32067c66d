"""Devices, how their apps are set up, and where they are."""

from typing import Annotated

from pydantic import Field

from doorstep.api.conventions.geojson import Point
from doorstep.api.models.base import Example, Reply, Request, shown
from doorstep.api.models.fields import Moment, Name, Version
from doorstep.operations.positions.devices import App

_EXAMPLE: dict[str, Example] = {
    "id": "dev_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
    "name": "Ana's phone",
    "app": "owntracks",
    "vehicle_id": "van-7",
    "driver": "Ana",
    "route_id": "",
    "version": 1,
    "created_at": "2026-03-02T10:00:00Z",
    "heard_at": None,
}


class DeviceCreate(Request):
    """A phone or tracker that will say where it is."""

    model_config = shown(name="Ana's phone", app="owntracks", vehicle_id="van-7", driver="Ana")

    name: Annotated[Name, Field(min_length=1)]
    app: App = Field(description="which app will speak for it")
    vehicle_id: Name = Field(default="", description="vehicle of the fleet that it rides with")
    driver: Name = ""
    route_id: Name = ""


class DeviceChange(Request):
    """What changes about a device; what is absent stays, and an empty text takes it off."""

    model_config = shown(route_id="rte_01JNB8X4T5V6W7X8Y9Z0A1B2C3")

    name: Annotated[Name, Field(min_length=1)] | None = None
    vehicle_id: Name | None = None
    driver: Name | None = None
    route_id: Name | None = None


class Device(Reply):
    """A device that may say where it is."""

    model_config = shown(**_EXAMPLE)

    id: str
    name: str
    app: App
    vehicle_id: str
    driver: str
    route_id: str
    version: Version
    created_at: Moment
    heard_at: Moment | None = Field(description="when its current position came in; null: never")


class SetUp(Reply):
    """What to enter in the app, in its own words."""

    model_config = shown(fields={"URL": "https://shop.example/ingest/owntracks", "Password": "ds_device_..."}, link="")

    fields: dict[str, str]
    link: str = Field(description="opened on the phone, it enters all of that; empty: the app has none")


class DeviceCreated(Device):
    """A device with its token, which is shown this once only."""

    model_config = shown(
        **_EXAMPLE,
        token="ds_device_...",
        set_up={"fields": {"URL": "https://shop.example/ingest/owntracks", "Password": "ds_device_..."}, "link": ""},
    )

    token: str = Field(description="by which it speaks; it cannot be shown again")
    set_up: SetUp


_PLACE: dict[str, Example] = {
    "device_id": "dev_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
    "name": "Ana's phone",
    "vehicle_id": "van-7",
    "driver": "Ana",
    "route_id": "rte_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
    "at": "2026-03-02T15:15:00Z",
    "received_at": "2026-03-02T15:15:01Z",
    "place": {"type": "Point", "coordinates": [-87.6298, 41.8781]},
    "speed_mps": 8.5,
    "course_deg": 90,
    "accuracy_m": 4,
    "battery": 0.67,
    "moving": True,
    "source": "owntracks",
}


class VehiclePosition(Reply):
    """Where a device and what it rides with are; null: the device does not say."""

    model_config = shown(**_PLACE)

    device_id: str
    name: str
    vehicle_id: str
    driver: str
    route_id: str
    at: Moment = Field(description="by the clock of the device")
    received_at: Moment
    place: Point
    speed_mps: float | None = Field(description="metres a second")
    course_deg: int | None = Field(description="clockwise from north")
    accuracy_m: int | None = Field(description="radius in which it probably is")
    battery: float | None = Field(description="share left, from 0 to 1")
    moving: bool | None
    source: str = Field(description="which app said so")


class VehiclePositions(Reply):
    """Where everything is that was heard lately."""

    model_config = shown(items=[_PLACE])

    items: list[VehiclePosition] = Field(description="one for each route, driver or device, the newest")
