"""Contractors are registered, look in by their links, accept and report; the retailer reads what was offered."""

import pytest

from doorstep.operations.bring import plan_routes
from doorstep.operations.contractors import Rule, bookings_to_offer, offer_booking
from doorstep.operations.money import keep_books
from tests.api.desks import Shop
from tests.couriers import Courier
from tests.databases import CALLER, NOW
from tests.operations.contractors.crew import MARKET, START
from tests.operations.fulfil.stage import VANS, open_stage, ready

ANN = {"carrier_id": "CREW", "name": "Ann", "phone": "+12025550143", "zones": [], "skills": ["chilled"]}


@pytest.fixture
def link(shop: Shop) -> str:
    """Return the address of the only contractor of a shop, who has a delivery offered to her."""
    open_stage(shop.database, vehicles=VANS.clear(), **MARKET)
    made = shop.client().post("/v1/contractors", json=ANN)
    assert made.status_code == 201, made.text
    with shop.database.writing() as connection:
        ready(connection, ("A", 1), postal_code="60606")
        plan_routes(connection, CALLER, now=NOW)
        (booking_id,) = bookings_to_offer(connection, CALLER, now=START + 10)
        rule = Rule(offer_s=120, at_once=1)
        assert offer_booking(connection, CALLER, booking_id, rule, now=START + 10) == "offered"
    shop.clock.at = START + 20
    answer = shop.client().post(f"/v1/contractors/{made.json()['id']}/link", json={})
    return str(answer.json()["path"])


def test_a_contractor_sees_the_neighbourhood_before_and_the_door_after_accepting(shop: Shop, link: str):
    phone = shop.client("")
    (job,) = phone.get(link).json()["offered"]
    assert (job["pay"]["amount"], job["expires_at"], job["pickup"]["site_id"]) == (800, "2026-03-04T12:32:10Z", "S1")
    assert (job["dropoff"]["postal_code"], job["dropoff"]["name"]) == ("606", "")
    desk = phone.post(f"{link}/offers/{job['offer_id']}/accept").json()
    assert (desk["offered"], desk["in_hand"][0]["dropoff"]["postal_code"]) == ([], "60606")


def test_what_a_contractor_reports_moves_the_delivery_and_is_owed(shop: Shop, link: str):
    phone, office = shop.client(""), shop.client()
    (job,) = phone.get(link).json()["offered"]
    offer = f"{link}/offers/{job['offer_id']}"
    assert phone.post(f"{offer}/accept").status_code == 200
    shop.clock.at += 600
    told = {"event_id": "1", "type": "deliver", "occurred_at": "2026-03-04T12:40:00Z",
            "proofs": [{"kind": "photo", "proof_id": "prf_1"}]}  # fmt: skip
    assert phone.post(f"{offer}/events", json=told).json()["in_hand"] == []
    with shop.database.writing() as connection:
        keep_books(connection, now=shop.clock.at)
    assert phone.get(link).json()["owed"]["amount"] == 800
    (event,) = [
        one
        for one in office.get(f"/v1/deliveries/{job['delivery_id']}/events").json()["items"]
        if one["type"] == "deliver"
    ]
    assert event["proofs"] == told["proofs"]
    (balance,) = office.get("/v1/balances?account=contractor").json()["items"]
    assert balance["owed"]["amount"] == 800
    (shown,) = office.get(f"/v1/contractor-offers?delivery_id={job['delivery_id']}").json()["items"]
    assert shown["state"] == "accepted"


def test_what_is_declined_given_back_or_recalled_is_answered_in_words(shop: Shop, link: str):
    phone, office = shop.client(""), shop.client()
    (job,) = phone.get(link).json()["offered"]
    offer = f"{link}/offers/{job['offer_id']}"
    assert phone.post(f"{offer}/give-back", json={"reason": "busy"}).status_code == 409
    assert phone.post(f"{offer}/decline", json={"reason": "too_far"}).json()["offered"] == []
    assert phone.post(f"{offer}/accept").json()["code"] == "conflict"
    recalled = office.post(f"/v1/contractor-offers/{job['offer_id']}/recall", json={"reason": "no_show"})
    assert recalled.status_code == 409
    ended = office.post(f"{_of(office)}/end", json={"reason": "moved"})
    assert (ended.json()["state"], phone.get(link).status_code) == ("ended", 404)


def _of(office: object) -> str:
    return f"/v1/contractors/{office.get('/v1/contractors').json()['items'][0]['id']}"  # type: ignore[attr-defined]


def test_a_carrier_that_is_connected_or_unknown_has_no_contractors(shop: Shop):
    shop.carriers["CO"] = Courier()
    for carrier_id in ("CO", "nobody"):
        answer = shop.client().post("/v1/contractors", json=ANN | {"carrier_id": carrier_id})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
