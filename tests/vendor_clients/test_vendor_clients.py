"""The vendors' own unmodified clients against our simulators: what they send is understood, what they get they know."""

import base64
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import onfleet
import pytest
from onfleet.error import HttpError, ValidationError
from onfleet.error import PermissionError as StrangerError

from doorstep.simulation.carriers import DoorDashDrive, Fleet, Onfleet, Stuart, Terms, UberDirect, VirtualClock
from doorstep.simulation.carriers.journey import Fate, Point, plan_journey
from doorstep.simulation.carriers.serving import PICTURE, Dialect, Gazetteer
from tests.simulation.carriers.loopback import on_loopback

NOW = 1_772_949_600
Scene = Callable[..., dict[str, Any]]


def pass_to_the_ends(dialect: Dialect, clock: VirtualClock, *, back: str) -> None:
    """Let nobody open to the courier of one booking, and move the clock to when all are over."""
    fleet = dialect.fleet
    turned = fleet.bookings[back]
    turned.journey = plan_journey(
        turned.asked.pickup, turned.asked.dropoff, fleet.terms, now=NOW, ready_at=NOW, fate=Fate(returned=True)
    )
    clock.now = max(booking.journey.steps[-1].at for booking in fleet.bookings.values())


def test_ubers_own_client_books_reads_changes_cancels_proves_and_follows_a_return(scene: Scene) -> None:
    clock = VirtualClock(NOW)
    uber = UberDirect(fleet=Fleet(clock), wall=time.time)
    keys = {
        "UBER_DIRECT_CLIENT_ID": uber.keys.client_id,
        "UBER_DIRECT_CLIENT_SECRET": uber.keys.client_secret,
        "UBER_DIRECT_CUSTOMER_ID": uber.keys.customer_id,
    }
    with on_loopback(uber) as url:
        said = scene(url, "uber_direct.cjs", "book", **keys)
        ref, back_ref = said["first"]["id"], said["third"]["id"]
        pass_to_the_ends(uber, clock, back="000003")
        later = scene(url, "uber_direct.cjs", "after", ref, back_ref, **keys)
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
    assert (later["failed"]["status"], later["failed"]["undeliverable_reason"]) == ("returned", "customer_unavailable")
    assert (later["returning"]["status"], later["returning"]["complete"]) == ("delivered", True)
    assert later["returning"]["related_deliveries"] == [{"id": back_ref, "relationship": "original"}]


def test_doordashs_own_client_quotes_accepts_changes_cancels_is_refused_and_follows_a_return(scene: Scene) -> None:
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
        pass_to_the_ends(doordash, clock, back="000003")
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
    assert (later["returned"]["external_delivery_id"], later["returned"]["delivery_status"]) == ("dlv_3", "returned")


def test_stuarts_own_client_prices_creates_reads_cancels_is_refused_and_follows_a_return(scene: Scene) -> None:
    clock = VirtualClock(NOW)
    stuart = Stuart(
        fleet=Fleet(clock, terms=Terms(currency="EUR")),
        wall=time.time,
        gazetteer=Gazetteer(places={"Far away": Point(lat=38.6, lon=-121.5)}),
    )
    keys = {"CLIENT_ID": stuart.keys.client_id, "CLIENT_SECRET": stuart.keys.client_secret}
    with on_loopback(stuart) as url:
        said = scene(url, "stuart.cjs", "book", **keys)
        refs = [str(said[which]["body"]["id"]) for which in ("first", "third")]
        pass_to_the_ends(stuart, clock, back="000003")
        later = scene(url, "stuart.cjs", "after", *refs, **keys)
    first = said["first"]["body"]
    assert (said["valid"]["body"], said["price"]["body"]["currency"]) == ({"valid": True}, "EUR")
    assert first["pricing"]["price_tax_included"] == said["price"]["body"]["amount"]
    assert (said["first"]["status"], first["status"], said["read"]["body"]) == (201, "searching", first)
    assert (said["again"]["status"], said["again"]["body"]["error"]) == (422, "RECORD_INVALID")
    assert said["cancel"] == {"status": 204, "body": {}}
    assert (said["gone"]["body"]["status"], said["gone"]["body"]["deliveries"][0]["status"]) == (
        "canceled",
        "cancelled",
    )
    assert [job["id"] for job in said["listed"]["body"]] == [said["gone"]["body"]["id"]]
    assert (said["unknown"]["status"], said["stranger"]) == (404, "EAUTH")
    assert (said["far"]["status"], said["far"]["body"]["error"]) == (422, "JOB_DISTANCE_NOT_ALLOWED")
    assert later["read"]["body"]["deliveries"][0]["package_image_url"].startswith(url)
    assert (later["read"]["body"]["status"], later["late"]["status"]) == ("finished", 422)
    (returned,) = later["returned"]["body"]["deliveries"]
    assert (returned["client_reference"], returned["status"]) == ("dlv_3", "delivered")
    assert returned["cancellation"]["reason_key"] == "end-customer_unreachable"


@contextmanager
def onfleet_client(url: str, key: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[onfleet.Onfleet]:
    """Return the context of Onfleet's own client, led to the simulator in the place of its constant address."""
    for module in ("onfleet.request", "onfleet.onfleet"):
        monkeypatch.setattr(f"{module}.API_BASE_URL", f"{url}/api/v2")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    client = onfleet.Onfleet(api_key=key)
    try:
        yield client
    finally:
        client._session.close()


def two_tasks(
    client: onfleet.Onfleet, delivery_id: str, store: dict[str, Any], reader: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the pick-up and the drop-off of a delivery, made by the client, which asks 20 times a second at most."""

    def metadata(leg: str) -> list[dict[str, object]]:
        named = {"doorstep_delivery": delivery_id, "doorstep_leg": leg}
        return [{"name": name, "type": "string", "value": value} for name, value in named.items()]

    pickup = client.tasks.create(body={"destination": store["id"], "pickupTask": True, "metadata": metadata("pickup")})
    dropoff = client.tasks.create(
        body={
            "destination": {"address": {"unparsed": "500 Castro St"}, "location": [-122.435, 37.7609]},
            "recipients": [reader["id"]],
            "dependencies": [pickup["id"]],
            "metadata": metadata("dropoff"),
            "requirements": {"photo": True},
        }
    )
    return pickup, dropoff


def test_onfleets_own_client_makes_reads_changes_deletes_and_follows_a_return(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = VirtualClock(NOW)
    party = Onfleet(fleet=Fleet(clock))
    with on_loopback(party) as url, onfleet_client(url, party.keys.api_key, monkeypatch) as client:
        assert "authenticated" in client.auth_test()["message"]
        store = client.destinations.create(body={"location": [-122.395, 37.7936]})
        reader = client.recipients.create(body={"name": "Ada Reader", "phone": "+14155550102"})
        pickup, dropoff = two_tasks(client, "dlv_1", store, reader)
        assert (dropoff["state"], dropoff["dependencies"], dropoff["recipients"][0]["name"]) == (
            0, [pickup["id"]], "Ada Reader",
        )  # fmt: skip
        assert client.tasks.get(id=dropoff["id"]) == dropoff
        assert client.tasks.update(id=dropoff["id"], body={"notes": "Second floor"})["notes"] == "Second floor"
        gone, _ = two_tasks(client, "dlv_2", store, reader)
        assert client.tasks.deleteOne(id=gone["id"]) == 200
        with pytest.raises(HttpError):
            client.tasks.get(id=gone["id"])
        two_tasks(client, "dlv_3", store, reader)
        with pytest.raises(ValidationError):
            client.tasks.create(body={"notes": "to nowhere"})
        pass_to_the_ends(party, clock, back="000003")
        done = client.tasks.get(id=dropoff["id"])
        wanted = [{"name": "doorstep_delivery", "type": "string", "value": "dlv_3"}]
        legs = {task["id"]: task for task in client.tasks.matchMetadata(body=wanted)}
        listed = client.tasks.get(queryParams={"from": str(1_000 * NOW)})["tasks"]
        with pytest.raises(HttpError):
            client.tasks.deleteOne(id=dropoff["id"])
        assert client.workers.get(id=done["worker"])["teams"] == [client.teams.get()[0]["id"]]
    assert (done["state"], done["completionDetails"]["success"]) == (3, True)
    assert done["completionDetails"]["photoUploadIds"] == ["photo"]
    assert [(task["state"], task["completionDetails"]["success"]) for task in legs.values()] == [
        (3, True), (3, False), (3, True),
    ]  # fmt: skip
    assert (len(legs), len(listed)) == (3, 6)
    with on_loopback(party) as url, onfleet_client(url, "another", monkeypatch) as client, pytest.raises(StrangerError):
        client.tasks.get(id=dropoff["id"])
