"""What DoorDash Drive alone says and wants."""

import json
from dataclasses import replace
from typing import Any

import pytest

from doorstep.connectors.doordash_drive import Account, DoorDashDrive
from doorstep.connectors.doordash_drive.translate import from_delivery, read_webhook, to_quote
from doorstep.foundation import InputError, UpstreamError
from doorstep.ports import CarrierRefusedError
from doorstep.simulation.carriers.doordash_drive import Keys
from tests.connectors.carrier_desks import ASKED, NOW, PRICE_MINOR, doordash_desk
from tests.simulation.carriers.loopback import on_loopback

ACCOUNT = Account(
    developer_id="developer-1",
    key_id="key-1",
    signing_secret=Keys().signing_secret,
    webhook_authorization="Basic eDp5",
)
ANOTHER_SECRET = "c29tZWJvZHkgZWxzZSdzIHNlY3JldA"
GIVEN = {"authorization": "Basic eDp5"}


def webhook(**said: Any) -> bytes:
    told = {"external_delivery_id": "dlv_1", "event_name": "DASHER_PICKED_UP", "created_at": "2026-03-08T06:00:00Z"}
    return json.dumps(told | said).encode()


@pytest.mark.parametrize(
    ("status", "event"),
    [
        ("quote", "quote"),
        ("created", "book"),
        ("confirmed", "assign"),
        ("enroute_to_pickup", "start_to_pickup"),
        ("arrived_at_pickup", "arrive_at_pickup"),
        ("picked_up", "pick_up"),
        ("enroute_to_dropoff", "start_to_dropoff"),
        ("arrived_at_dropoff", "arrive_at_dropoff"),
        ("delivered", "deliver"),
        ("enroute_to_return", "start_return"),
        ("arrived_at_return", "arrive_at_return"),
        ("returned", "take_back"),
    ],
)
def test_each_status_is_an_event_of_ours(status, event):
    there = from_delivery({"external_delivery_id": "dlv_1", "delivery_status": status, "fee": 975, "tax": 25})
    assert (there.event, there.price_minor, there.reason) == (event, 1_000, "")


@pytest.mark.parametrize(
    ("told", "event", "reason"),
    [
        ("cancelled_by_creator", "cancel", "retailer_cancelled"),
        ("failed_to_process_payment", "reassign", "retailer_unpaid"),
        ("failed_to_assign_and_refunded", "reassign", "carrier_no_courier"),
        ("failed_to_pickup", "reassign", "retailer_pickup_failed"),
        ("failed_to_deliver", "abandon", "carrier_delivery_failed"),
        ("failed_to_return", "abandon", "carrier_return_failed"),
        ("something_new", "cancel", "carrier_other"),
    ],
)
def test_each_reason_of_a_cancellation_says_whose_it_is(told, event, reason):
    there = from_delivery({"delivery_status": "cancelled", "cancellation_reason": told, "fee": 0})
    assert (there.event, there.reason) == (event, reason)
    (fact,) = read_webhook(ACCOUNT, GIVEN, webhook(event_name="DELIVERY_CANCELLED", cancellation_reason=told))
    assert (fact.event, fact.reason) == (event, reason)


def test_a_status_that_nobody_knows_is_an_error_of_the_carrier():
    with pytest.raises(UpstreamError, match="teleported"):
        from_delivery({"delivery_status": "teleported"})


def test_weights_are_told_in_pounds_and_volumes_in_cubic_feet():
    said = to_quote(replace(ASKED, requirements=("age_restricted",)))
    assert said["items"] == [{"name": "Box", "quantity": 2, "weight": 3.3069, "volume": 0.1413, "price": 1_250}]
    assert said["dropoff_options"] == {"id_verification": "required"}
    assert said["order_contains"] == {"alcohol": True}
    assert said["dropoff_address"] == "500 Castro St, San Francisco, CA 94114, US"


def test_events_are_read_in_either_case_and_positions_move_with_them():
    body = webhook(event_name="dasher_enroute_to_dropoff", dasher_location={"lat": 37.78, "lng": -122.42})
    (fact,) = read_webhook(ACCOUNT, GIVEN, body)
    assert (fact.event, fact.lat, fact.lon, fact.price_minor) == ("start_to_dropoff", 37.78, -122.42, None)


def test_an_event_that_is_not_known_moves_nothing():
    (fact,) = read_webhook(ACCOUNT, GIVEN, webhook(event_name="DELIVERY_BATCHED"))
    assert (fact.event, fact.occurred_at) == ("", 1_772_949_600)


def test_a_fact_has_the_same_id_though_its_webhook_says_more_the_second_time():
    (first,) = read_webhook(ACCOUNT, GIVEN, webhook())
    (again,) = read_webhook(ACCOUNT, GIVEN, webhook(fee=975))
    (later,) = read_webhook(ACCOUNT, GIVEN, webhook(created_at="2026-03-08T06:01:00Z"))
    assert first.fact_id == again.fact_id != later.fact_id


def test_a_webhook_about_no_delivery_tells_nothing():
    assert read_webhook(ACCOUNT, GIVEN, webhook(external_delivery_id="")) == ()


def test_a_price_that_changed_is_told_with_the_booking():
    desk = doordash_desk()
    quote = desk.carrier.quote(ASKED)
    desk.break_with(price_change=1)
    assert desk.carrier.book(ASKED, quote).price_minor == round(1.25 * PRICE_MINOR)


def test_a_delivery_that_was_booked_is_not_quoted_again():
    desk = doordash_desk()
    desk.carrier.book(ASKED)
    with pytest.raises(CarrierRefusedError) as caught:
        desk.carrier.quote(ASKED)
    assert caught.value.reason == "invalid"


def test_a_token_of_another_time_or_secret_is_refused():
    desk = doordash_desk()
    with on_loopback(desk.dialect) as url:
        others = (
            DoorDashDrive(replace(ACCOUNT, base_url=url), clock=lambda: NOW - 61),
            DoorDashDrive(replace(ACCOUNT, base_url=url, signing_secret=ANOTHER_SECRET), clock=desk.clock),
            DoorDashDrive(replace(ACCOUNT, base_url=url, key_id="key-2"), clock=desk.clock),
        )
        for carrier in others:
            with pytest.raises(CarrierRefusedError) as caught:
                carrier.quote(ASKED)
            carrier.close()
            assert caught.value.reason == "unauthorised"


def test_it_speaks_over_a_real_network_too():
    desk = doordash_desk()
    with on_loopback(desk.dialect) as url:
        carrier = DoorDashDrive(replace(ACCOUNT, base_url=url), clock=desk.clock)
        assert carrier.book(ASKED, carrier.quote(ASKED)).event == "book"
        desk.pass_to("delivered")
        assert {proof.kind for proof in carrier.proofs("dlv_1")} == {"photo", "signature"}
        carrier.close()


def test_a_picture_is_fetched_from_nowhere_but_https_or_the_carrier_itself():
    carrier = DoorDashDrive(ACCOUNT)
    with pytest.raises(UpstreamError, match="https"):
        carrier._transport.picture("http://169.254.169.254/latest")
    carrier.close()


def test_a_secret_that_is_not_base64_is_refused():
    with pytest.raises(InputError, match="base64"):
        replace(ACCOUNT, signing_secret="not base64!")
