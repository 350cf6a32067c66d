"""The vendors' own unmodified clients against our simulators: what they send is understood, what they get they know."""

import base64
import time
from collections.abc import Callable
from typing import Any

from doorstep.simulation.carriers import DoorDashDrive, Fleet, UberDirect, VirtualClock
from doorstep.simulation.carriers.journey import Point
from doorstep.simulation.carriers.serving import PICTURE, Gazetteer
from tests.simulation.carriers.loopback import on_loopback

NOW = 1_772_949_600
Scene = Callable[..., dict[str, Any]]


def test_ubers_own_client_books_reads_changes_cancels_and_proves(scene: Scene) -> None:
    clock = VirtualClock(NOW)
    uber = UberDirect(fleet=Fleet(clock), wall=time.time)
    keys = {
        "UBER_DIRECT_CLIENT_ID": uber.keys.client_id,
        "UBER_DIRECT_CLIENT_SECRET": uber.keys.client_secret,
        "UBER_DIRECT_CUSTOMER_ID": uber.keys.customer_id,
    }
    with on_loopback(uber) as url:
        said = scene(url, "uber_direct.cjs", "book", **keys)
        ref = said["first"]["id"]
        booking = uber.fleet.bookings["000001"]
        clock.now = booking.journey.begins_at("delivered")
        later = scene(url, "uber_direct.cjs", "after", ref, **keys)
    assert said["quote"]["kind"] == "delivery_quote"
    assert said["first"]["fee"] == said["quote"]["fee"]
    assert said["read"] == said["first"]
    assert said["again"] == {"status": 409, "code": "duplicate_delivery", "metadata": {"delivery_id": ref}}
    assert said["changed"]["dropoff"]["notes"] == "Second floor"
    assert said["gone"]["status"] == "canceled"
    assert [one["id"] for one in said["listed"]["data"]] == [said["gone"]["id"]]
    assert (said["unknown"]["status"], said["unknown"]["code"]) == (404, "delivery_not_found")
    assert (later["read"]["status"], later["read"]["complete"]) == ("delivered", True)
    assert base64.b64decode(later["document"]) == PICTURE
    assert (later["late"]["status"], later["late"]["code"]) == (400, "noncancelable_delivery")


def test_doordashs_own_client_quotes_accepts_changes_cancels_and_is_refused(scene: Scene) -> None:
    clock = VirtualClock(NOW)
    places = {"Far away": Point(lat=38.6, lon=-121.5)}
    doordash = DoorDashDrive(fleet=Fleet(clock), wall=time.time, gazetteer=Gazetteer(places=places))
    keys = {
        "DEVELOPER_ID": doordash.keys.developer_id,
        "KEY_ID": doordash.keys.key_id,
        "SIGNING_SECRET": doordash.keys.signing_secret,
    }
    with on_loopback(doordash) as url:
        said = scene(url, "doordash_drive.cjs", "book", **keys)
        clock.now = doordash.fleet.bookings["000001"].journey.begins_at("delivered")
        later = scene(url, "doordash_drive.cjs", "after", **keys)
    assert (said["quote"]["delivery_status"], said["first"]["delivery_status"]) == ("quote", "created")
    assert (said["first"]["fee"], said["first"]["tip"]) == (said["quote"]["fee"], 300)
    assert said["read"] == said["first"]
    assert said["again"]["kind"] == "DoorDashDuplicatedDeliveryIdError"
    assert said["changed"]["dropoff_instructions"] == "Second floor"
    assert said["gone"]["cancellation_reason"] == "cancelled_by_creator"
    assert said["unknown"]["kind"] == "DoorDashUnknownDeliveryError"
    assert said["far"]["code"] == "invalid_delivery_parameters"
    assert said["stranger"]["kind"] == "DoorDashAuthorizationError"
    assert later["read"]["delivery_status"] == "delivered"
    assert later["read"]["dropoff_verification_image_url"].startswith(url)
    assert later["late"]["code"] == "cancel_not_allowed"
