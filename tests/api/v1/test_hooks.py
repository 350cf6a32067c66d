"""Connected carriers tell of their bookings, and callers read what was asked of them."""

import pytest

from doorstep.operations.bring import plan_routes
from doorstep.operations.carriers import calls_due, store_booking
from tests.api.desks import Shop
from tests.couriers import SECRET, Courier
from tests.databases import CALLER, NOW
from tests.operations.fulfil.stage import COURIER, VANS, open_stage, ready

SIGNED = {"x-courier-secret": SECRET}


@pytest.fixture
def booked(shop: Shop) -> tuple[str, str]:
    """Return a delivery and its booking with the carrier CO, which is connected."""
    shop.carriers["CO"] = Courier()
    open_stage(shop.database, vehicles=VANS.clear(), **COURIER)
    with shop.database.writing() as connection:
        ready(connection, ("A", 1))
        (delivery_id,) = plan_routes(connection, CALLER, now=NOW).deliveries
        (call,) = calls_due(connection, CALLER, ["CO"], now=NOW + 86_400)
        store_booking(connection, CALLER, call, shop.carriers["CO"].book(call.shipping), now=NOW)
    return delivery_id, call.booking_id


def told(booking_id: str, event: str, **changes: object) -> dict[str, object]:
    return {"facts": [{"fact_id": event, "delivery_id": booking_id, "event": event, **changes}]}


def test_what_a_carrier_tells_is_taken_once_and_shown(shop: Shop, booked: tuple[str, str]):
    delivery_id, booking_id = booked
    hook, client = shop.client(""), shop.client()
    for _ in range(2):
        answer = hook.post("/v1/hooks/CO", json=told(booking_id, "pick_up", price_minor=950), headers=SIGNED)
        assert (answer.status_code, answer.content) == (200, b"")
    assert client.get(f"/v1/deliveries/{delivery_id}").json()["state"] == "picked_up"
    events = client.get(f"/v1/deliveries/{delivery_id}/events").json()["items"]
    assert [(event["type"], event["source"]) for event in events] == [("pick_up", "carrier:CO")]
    (shown,) = client.get(f"/v1/deliveries/{delivery_id}/bookings").json()["items"]
    assert (shown["id"], shown["state"], shown["price"]["amount"]) == (booking_id, "confirmed", 950)
    assert shown["tracking_url"] == f"https://courier.example/{booking_id}"


def test_what_nobody_signed_or_who_is_not_connected_is_refused(shop: Shop, booked: tuple[str, str]):
    delivery_id, booking_id = booked
    hook = shop.client("")
    answer = hook.post("/v1/hooks/CO", json=told(booking_id, "pick_up"))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    answer = hook.post("/v1/hooks/CX", json=told(booking_id, "pick_up"), headers=SIGNED)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert shop.client().get(f"/v1/deliveries/{delivery_id}").json()["state"] == "booked"


def test_facts_about_nothing_of_ours_are_taken_and_change_nothing(shop: Shop, booked: tuple[str, str]):
    hook = shop.client("")
    assert hook.post("/v1/hooks/CO", json=told("other", "deliver"), headers=SIGNED).status_code == 200
    assert hook.post("/v1/hooks/CO", json={"facts": []}, headers=SIGNED).status_code == 200
    assert shop.client().get(f"/v1/deliveries/{booked[0]}").json()["state"] == "booked"


def test_a_carrier_hears_the_word_that_it_asks_for_before_it_tells_anything(shop: Shop):
    shop.carriers["CO"] = Courier()
    hook = shop.client("")
    answer = hook.get("/v1/hooks/CO?check=3f2a~b")
    assert (answer.status_code, answer.text, answer.headers["content-type"]) == (
        200, "3f2a~b", "text/plain; charset=utf-8",
    )  # fmt: skip
    assert hook.get("/v1/hooks/CO?check=<script>").status_code == 422
    assert hook.get("/v1/hooks/CX?check=a").status_code == 404
