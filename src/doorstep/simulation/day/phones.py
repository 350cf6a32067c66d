"""Drivers' phones: registered once, and what their apps say of where they are."""

from dataclasses import dataclass
from typing import Literal

from doorstep.simulation.day.api import Api, Json
from doorstep.simulation.day.driving import Leg
from doorstep.simulation.day.hours import written

APPS: tuple[Literal["owntracks", "traccar"], ...] = ("owntracks", "traccar")
ACCURACY_M, BATTERY = 8, 0.8
KMH_PER_MPS = 3.6


@dataclass(slots=True, kw_only=True)
class Phone:
    """A phone with its token, and the app on it; ``sent`` counts its positions that were taken."""

    device_id: str
    token: str
    app: Literal["owntracks", "traccar"]
    sent: int = 0

    def ride(self, api: Api, route_id: str) -> None:
        """Say with which route it rides from now on; empty: with none."""
        api.ask("PATCH", f"/v1/devices/{self.device_id}", {"route_id": route_id})

    def tell(self, api: Api, leg: Leg, at: int) -> None:
        """Tell where it is, as its app does."""
        spot, speed_mps, course_deg = leg.at(at), leg.speed_mps(at), leg.course_deg(at)
        if self.app == "owntracks":
            message: Json = {"_type": "location", "lat": spot.lat, "lon": spot.lon, "tst": at, "tid": "dr",
                             "acc": ACCURACY_M, "vel": round(speed_mps * KMH_PER_MPS), "cog": course_deg,
                             "batt": round(BATTERY * 100)}  # fmt: skip
            taken = api.tell("/ingest/owntracks", message, self.token).ok
        else:
            coords = {"latitude": spot.lat, "longitude": spot.lon, "accuracy": ACCURACY_M, "speed": speed_mps,
                      "heading": course_deg}  # fmt: skip
            location = {"timestamp": written(at), "coords": coords, "is_moving": speed_mps > 0,
                        "battery": {"level": BATTERY}}  # fmt: skip
            taken = api.tell("/ingest/traccar", {"location": location, "device_id": self.token}).ok
        self.sent += taken


def new_phone(api: Api, driver: str, number: int) -> Phone:
    """Return a phone that was registered for a driver; every other one has the other app."""
    app = APPS[number % len(APPS)]
    made = api.ask("POST", "/v1/devices", {"name": f"phone of {driver}", "app": app, "driver": driver}).body
    return Phone(device_id=made["id"], token=made["token"], app=app)
