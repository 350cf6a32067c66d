"""What a party on Onfleet alone says and wants."""

import hashlib
import hmac
import json
from dataclasses import replace
from typing import Any

import pytest

from doorstep.connectors.onfleet import Account, Onfleet
from doorstep.connectors.onfleet.translate import from_tasks, legs_of, read_webhook, to_task
from doorstep.foundation import InputError, UpstreamError
from doorstep.ports import CarrierRefusedError
from doorstep.simulation.carriers.onfleet import Onfleet as Simulated
from tests.connectors.carrier_desks import ASKED, NOW, PRICE_MINOR, Desk, onfleet_desk
from tests.simulation.carriers.loopback import on_loopback

ACCOUNT = Account(api_key="key-1", webhook_secret="5ec4e7", currency="USD", base_minor=500, per_km_minor=100)


def task(leg: str, state: int, *, made: int = 0, events: tuple[str, ...] = (), **details: Any) -> dict[str, object]:
    metadata = [{"name": "doorstep_delivery", "value": "dlv_1"}, {"name": "doorstep_leg", "value": leg}]
    told = [{"name": name, "time": 1_000 * NOW} for name in events]
    return {
        "id": f"{leg}-{made}", "timeCreated": made, "timeLastModified": 1_000 * NOW, "state": state,
        "metadata": metadata, "completionDetails": {"events": told, **details},
    }  # fmt: skip


def failed(leg: str, *, events: tuple[str, ...] = (), why: str = "NONE") -> dict[str, object]:
    return task(leg, 3, events=events, success=False, failureReason=why)


def won(leg: str) -> dict[str, object]:
    return task(leg, 3, success=True)


@pytest.mark.parametrize(
    ("tasks", "event", "reason"),
    [
        ([task("pickup", 0), task("dropoff", 0)], "book", ""),
        ([task("pickup", 1), task("dropoff", 1)], "assign", ""),
        ([task("pickup", 2), task("dropoff", 1)], "start_to_pickup", ""),
        ([task("pickup", 2, events=("start", "arrival")), task("dropoff", 1)], "arrive_at_pickup", ""),
        ([won("pickup"), task("dropoff", 1)], "pick_up", ""),
        ([won("pickup"), task("dropoff", 2)], "start_to_dropoff", ""),
        ([won("pickup"), won("dropoff")], "deliver", ""),
        ([failed("pickup"), task("dropoff", 1)], "reassign", "carrier_no_courier"),
        ([failed("pickup", events=("arrival",)), task("dropoff", 1)], "reassign", "retailer_pickup_failed"),
        ([won("pickup"), failed("dropoff", why="Customer refused it")], "attempt", "consignee_refused"),
        ([won("pickup"), failed("dropoff"), task("return", 1)], "attempt", "carrier_delivery_failed"),
        ([won("pickup"), failed("dropoff", why="UNAVAILABLE"), won("return")], "take_back", "consignee_unavailable"),
        ([won("pickup"), failed("dropoff"), failed("return")], "abandon", "carrier_return_failed"),
        ([won("pickup"), failed("dropoff"), task("dropoff", 2, made=9)], "start_to_dropoff", ""),
    ],
)
def test_the_tasks_of_a_delivery_are_one_event_of_ours(tasks, event, reason):
    there = from_tasks(legs_of(tasks), {}, ACCOUNT)
    assert (there.event, there.reason, there.event_at, there.delivery_id) == (event, reason, NOW, "dlv_1")


def test_a_task_names_its_delivery_its_leg_and_what_it_waits_for():
    said: Any = to_task("dropoff", ASKED, replace(ACCOUNT, team="T1"), after="task-1")
    assert [(entry["name"], entry["value"]) for entry in said["metadata"]] == [
        ("doorstep_delivery", "dlv_1"), ("doorstep_leg", "dropoff"),
    ]  # fmt: skip
    assert (said["pickupTask"], said["dependencies"], said["container"]) == (
        False, ["task-1"], {"type": "TEAM", "team": "T1"},
    )  # fmt: skip
    assert said["destination"]["location"] == [-122.435, 37.7609]
    assert (said["completeAfter"], said["requirements"]) == (
        1_000 * ASKED.arrive_from, {"photo": True, "signature": True},
    )  # fmt: skip


def test_a_pick_up_whose_answer_got_lost_is_taken_up_again():
    desk = onfleet_desk()
    desk.break_with(server_error=0.5)
    for _ in range(9):  # three requests each: what is there, and what is made
        try:
            desk.carrier.book(ASKED)
        except UpstreamError:
            continue
    desk.break_with()
    assert desk.carrier.book(ASKED).price_minor == PRICE_MINOR
    assert (len(simulated(desk)._tasks), len(desk.fleet.bookings)) == (2, 1)


def test_nobody_comes_for_what_they_would_not_bring():
    desk = onfleet_desk()
    desk.fleet.terms = replace(desk.fleet.terms, longest_m=1_000)
    with pytest.raises(CarrierRefusedError, match="too far") as caught:
        desk.carrier.book(ASKED)
    assert (caught.value.reason, simulated(desk)._all()) == ("invalid", [])


def test_what_was_called_off_is_not_there_any_more():
    desk = onfleet_desk()
    first = desk.carrier.book(ASKED)
    desk.carrier.cancel(first.carrier_ref, "retailer_cancelled")
    for call in (lambda: desk.carrier.find("dlv_1"), lambda: desk.carrier.cancel("dlv_1", "retailer_cancelled")):
        with pytest.raises(CarrierRefusedError) as caught:
            call()
        assert caught.value.reason == "not_found"


def test_what_a_driver_has_begun_cannot_be_called_off():
    desk = onfleet_desk()
    first = desk.carrier.book(ASKED)
    desk.pass_to("en_route_to_pickup")
    with pytest.raises(CarrierRefusedError) as caught:
        desk.carrier.cancel(first.carrier_ref, "retailer_cancelled")
    assert (caught.value.reason, len(simulated(desk)._all())) == ("not_cancellable", 2)


def test_a_signature_is_made_with_the_bytes_of_the_secret():
    body = json.dumps({"triggerId": 3, "taskId": "t", "time": 1_000 * NOW, "data": {"task": won("dropoff")}}).encode()
    right = hmac.new(bytes.fromhex("5ec4e7"), body, hashlib.sha512).hexdigest()
    (fact,) = read_webhook(ACCOUNT, {"X-Onfleet-Signature": right}, body)
    assert (fact.event, fact.occurred_at, fact.fact_id) == ("deliver", NOW, f"t/3/{1_000 * NOW}")
    wrong = hmac.new(b"5ec4e7", body, hashlib.sha512).hexdigest()
    with pytest.raises(InputError, match="signed"):
        read_webhook(ACCOUNT, {"X-Onfleet-Signature": wrong}, body)


def test_a_webhook_about_a_task_that_is_not_ours_tells_nothing():
    body = json.dumps({"triggerId": 3, "data": {"task": {"id": "t", "state": 3}}}).encode()
    signed = {"x-onfleet-signature": hmac.new(ACCOUNT.webhook_key, body, hashlib.sha512).hexdigest()}
    assert read_webhook(ACCOUNT, signed, body) == ()


def test_it_speaks_over_a_real_network_too_and_strangers_are_refused():
    desk = onfleet_desk()
    with on_loopback(desk.dialect) as url:
        here = replace(ACCOUNT, base_url=f"{url}/api/v2")
        for account, refused in ((here, False), (replace(here, api_key="another"), True)):
            carrier = Onfleet(account)
            if refused:
                with pytest.raises(CarrierRefusedError, match="The API key provided is invalid"):
                    carrier.book(ASKED)
            else:
                assert carrier.book(ASKED).event == "book"
            carrier.close()


@pytest.mark.parametrize(
    "broken",
    [{"webhook_secret": "not hex"}, {"api_key": ""}, {"base_minor": -1}, {"base_url": "http://onfleet.example"}],
    ids=str,
)
def test_an_account_that_makes_no_sense_is_refused(broken):
    with pytest.raises(InputError, match=next(iter(broken))):
        replace(ACCOUNT, **broken)


def simulated(desk: Desk) -> Simulated:
    assert isinstance(desk.dialect, Simulated)
    return desk.dialect
