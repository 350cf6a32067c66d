"""What Uber Direct alone says and wants."""

import hashlib
import hmac
import json
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from doorstep.connectors.uber_direct import Account, UberDirect
from doorstep.connectors.uber_direct.translate import from_delivery, read_webhook, to_booking
from doorstep.foundation import InputError, UpstreamError
from doorstep.ports import CarrierRefusedError
from doorstep.simulation.carriers.uber_direct import UberDirect as Simulated
from tests.connectors.carrier_desks import ASKED, NOW, Desk, uber_desk
from tests.simulation.carriers.loopback import on_loopback

ACCOUNT = Account(customer_id="cus_1", client_id="client-1", client_secret="secret-1", webhook_secret="signing-1")
AT = "2026-03-08T05:20:00Z"


def delivery(**said: Any) -> dict[str, object]:
    return {"id": "del_1", "external_id": "dlv_1", "status": "pending", "fee": 700, "currency": "usd"} | said


def signed(told: Mapping[str, object], secret: str = "signing-1") -> tuple[dict[str, str], bytes]:
    body = json.dumps(told).encode()
    return {"X-Uber-Signature": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}, body


@pytest.mark.parametrize(
    ("said", "event", "reason"),
    [
        ({"status": "pending"}, "book", ""),
        ({"status": "pickup", "courier_imminent": False}, "start_to_pickup", ""),
        ({"status": "pickup", "courier_imminent": True}, "arrive_at_pickup", ""),
        ({"status": "pickup_complete", "courier_imminent": True}, "pick_up", ""),
        ({"status": "dropoff"}, "start_to_dropoff", ""),
        ({"status": "dropoff", "courier_imminent": True}, "arrive_at_dropoff", ""),
        ({"status": "delivered"}, "deliver", ""),
        ({"status": "canceled"}, "cancel", ""),
        ({"status": "canceled", "undeliverable_reason": "customer_unavailable"}, "attempt", "consignee_unavailable"),
        (
            {"status": "canceled", "cancelation_reason": {"primary_reason": "customer_rejected_order"}},
            "attempt",
            "consignee_refused",
        ),
        ({"status": "canceled", "undeliverable_reason": "no courier available"}, "reassign", "carrier_no_courier"),
        ({"status": "canceled", "undeliverable_reason": "something new"}, "reassign", "carrier_other"),
        ({"status": "returned"}, "start_return", ""),
    ],
)
def test_each_status_is_an_event_of_ours(said, event, reason):
    there = from_delivery(delivery(**said))
    assert (there.event, there.reason, there.price_minor, there.currency) == (event, reason, 700, "USD")


def test_a_status_that_nobody_knows_is_an_error_of_the_carrier():
    with pytest.raises(UpstreamError, match="teleported"):
        from_delivery(delivery(status="teleported"))


def test_the_windows_are_those_that_the_vendor_allows():
    late = replace(ASKED, arrive_from=ASKED.pickup_by + 3_600, arrive_by=ASKED.pickup_by + 7_200)
    said = to_booking(late, None)
    assert said["dropoff_ready_dt"] == said["pickup_deadline_dt"]
    assert (said["pickup_ready_dt"], said["dropoff_deadline_dt"]) == ("2026-03-08T06:10:00Z", "2026-03-08T08:40:00Z")


def test_our_id_keeps_a_delivery_single_and_addresses_are_structured():
    said = to_booking(ASKED, None)
    assert (said["external_id"], said["idempotency_key"]) == ("dlv_1", "dlv_1")
    address = json.loads(str(said["dropoff_address"]))
    assert (address["street_address"], address["zip_code"]) == (["500 Castro St"], "94114")
    assert said["dropoff_verification"] == {
        "picture": True,
        "signature_requirement": {"enabled": True, "collect_signer_name": True},
    }


def test_the_published_example_of_a_signature_is_ours():
    secret = "c5c26d5a-70d6-46c7-a652-d7c09825ad29"
    body = b'{"kind": "event.courier_update", "location": {"lat": 37.7974109, "lng": -122.424145}}'
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    assert signature.startswith("cdff8133fb065f8d37a2c1c94c3331b6a82766d1")
    account = replace(ACCOUNT, webhook_secret=secret)
    assert read_webhook(account, {"X-Postmates-Signature": signature}, body, now=0) == ()


def test_a_position_moves_nothing():
    data = delivery(status="dropoff", courier={"location": {"lat": 37.78, "lng": -122.42}})
    headers, body = signed({"id": "evt_1", "kind": "event.courier_update", "created": AT, "data": data})
    (fact,) = read_webhook(ACCOUNT, headers, body, now=NOW)
    assert (fact.event, fact.lat, fact.lon) == ("", 37.78, -122.42)


def test_a_webhook_about_a_delivery_that_bears_no_id_of_ours_tells_nothing():
    told = {"id": "evt_1", "kind": "event.delivery_status", "created": AT, "data": delivery(external_id="")}
    assert read_webhook(ACCOUNT, *signed(told), now=NOW) == ()


def test_an_old_webhook_is_refused():
    told = {"id": "evt_1", "kind": "event.delivery_status", "created": AT, "data": delivery()}
    (fact,) = read_webhook(ACCOUNT, *signed(told), now=NOW)
    assert fact.occurred_at == 1_772_947_200
    assert math.isnan(fact.lat)
    with pytest.raises(InputError, match="old"):
        read_webhook(ACCOUNT, *signed(told), now=NOW + 7_200)


def test_a_signed_webhook_that_is_no_json_is_refused():
    body = b"\xff not json"
    signature = hmac.new(b"signing-1", body, hashlib.sha256).hexdigest()
    with pytest.raises(InputError, match="JSON"):
        read_webhook(ACCOUNT, {"x-uber-signature": signature}, body, now=NOW)


def simulated(desk: Desk) -> Simulated:
    assert isinstance(desk.dialect, Simulated)
    return desk.dialect


def test_a_token_is_kept_until_shortly_before_it_ends():
    desk = uber_desk()
    desk.carrier.quote(ASKED)
    desk.carrier.quote(ASKED)
    assert len(simulated(desk)._tokens) == 1
    desk.clock.advance(2_592_000 - 299)
    desk.carrier.quote(replace(ASKED, ready_at=int(desk.clock()) + 600))
    assert len(simulated(desk)._tokens) == 2


def test_a_token_that_is_refused_is_asked_for_anew_once():
    desk = uber_desk()
    desk.carrier.quote(ASKED)
    simulated(desk)._tokens.clear()
    desk.carrier.quote(ASKED)
    assert len(simulated(desk)._tokens) == 1


def test_wrong_keys_are_refused_for_good():
    desk = uber_desk()
    simulated(desk).keys = replace(simulated(desk).keys, client_secret="another")
    with pytest.raises(CarrierRefusedError) as caught:
        desk.carrier.quote(ASKED)
    assert caught.value.reason == "unauthorised"


def test_a_price_that_changed_is_refused():
    desk = uber_desk()
    quote = desk.carrier.quote(ASKED)
    desk.break_with(price_change=1)
    with pytest.raises(CarrierRefusedError) as caught:
        desk.carrier.book(ASKED, quote)
    assert (caught.value.reason, desk.fleet.bookings) == ("price_changed", {})


def test_a_delivery_that_only_looks_the_same_is_not_taken_for_ours():
    desk = uber_desk()
    first = desk.carrier.book(ASKED)
    (booking,) = desk.fleet.bookings.values()
    booking.asked = replace(booking.asked, said={**booking.asked.said, "external_id": "somebody else's"})
    with pytest.raises(CarrierRefusedError) as caught:
        desk.carrier.book(ASKED)
    assert (caught.value.reason, first.delivery_id) == ("invalid", "dlv_1")


def test_a_delivery_is_found_on_a_later_page():
    desk = uber_desk()
    for number in range(103):
        desk.carrier.book(replace(ASKED, delivery_id=f"dlv_{number}"))
    assert desk.carrier.find("dlv_0").carrier_ref == "del_000001"


def test_it_speaks_over_a_real_network_too():
    desk = uber_desk()
    with on_loopback(desk.dialect) as url:
        carrier = UberDirect(replace(ACCOUNT, base_url=url, login_url=url), clock=desk.clock)
        try:
            assert carrier.book(ASKED, carrier.quote(ASKED)).event == "book"
        finally:
            carrier.close()
    with pytest.raises(UpstreamError, match="does not answer"):
        UberDirect(replace(ACCOUNT, base_url=url, login_url=url)).quote(ASKED)


@pytest.mark.parametrize("url", ["http://api.example", "ftp://127.0.0.1", "127.0.0.1:8090", ""])
def test_keys_go_over_https_or_stay_on_this_machine(url):
    with pytest.raises(InputError, match="https"):
        replace(ACCOUNT, base_url=url)
