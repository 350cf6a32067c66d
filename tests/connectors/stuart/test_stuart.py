"""What Stuart alone says and wants."""

import json
from dataclasses import replace
from typing import Any

import pytest

from doorstep.connectors.stuart import Account, Stuart
from doorstep.connectors.stuart.translate import from_job, read_webhook, to_job
from doorstep.foundation import InputError, UpstreamError
from doorstep.ports import CarrierRefusedError
from doorstep.simulation.carriers import take_webhooks
from doorstep.simulation.carriers.stuart import Stuart as Simulated
from tests.connectors.carrier_desks import ASKED, NOW, stuart_desk
from tests.simulation.carriers.loopback import on_loopback

ACCOUNT = Account(client_id="client-1", client_secret="secret-1", authentication_key="webhook-1")
GIVEN = {"authorization": "webhook-1"}
AT = "2026-03-08T05:50:00Z"
UNREACHABLE = {"canceled_by": "operations", "reason_key": "end-customer_unreachable"}


def job(status: str = "in_progress", **delivery: object) -> dict[str, object]:
    return {"id": 5, "status": status, "deliveries": [delivery], "pricing": {"price_tax_included": 11.55}}


def goes(status: str, **delivery: object) -> dict[str, object]:
    return job() | {"deliveries": [{"status": status, **delivery}]}


@pytest.mark.parametrize(
    ("said", "event", "reason"),
    [
        (goes("pending"), "book", ""),
        (goes("almost_picking"), "start_to_pickup", ""),
        (goes("almost_delivering"), "start_to_dropoff", ""),
        (goes("cancelled", cancellation={"canceled_by": "client"}), "cancel", ""),
        (job("canceled"), "cancel", ""),
        (job("voided"), "cancel", ""),
        (job("expired"), "reassign", "carrier_no_courier"),
        (job("canceled", cancellation={"canceled_by": "operations"}), "reassign", "carrier_other"),
        (job("canceled", picked_at=AT, cancellation=UNREACHABLE), "abandon", "consignee_unavailable"),
        (goes("picking", cancellation=UNREACHABLE), "start_return", "consignee_unavailable"),
        (goes("delivered", cancellation=UNREACHABLE), "take_back", "consignee_unavailable"),
    ],
)
def test_each_status_is_an_event_of_ours(said, event, reason):
    there = from_job(said, now=NOW)
    assert (there.event, there.reason, there.price_minor, there.event_at) == (event, reason, 1_155, NOW)


def test_a_status_that_nobody_knows_is_an_error_of_the_carrier():
    with pytest.raises(UpstreamError, match="teleported"):
        from_job(job() | {"deliveries": [{"status": "teleported"}]}, now=NOW)


def test_a_job_is_scheduled_unless_its_parcels_are_ready():
    said: Any = to_job(ASKED, now=NOW)["job"]
    (dropoff,) = said["dropoffs"]
    assert (said["pickup_at"], "pickup_at" in str(to_job(ASKED, now=ASKED.ready_at))) == ("2026-03-08T06:10:00Z", False)
    assert (dropoff["client_reference"], dropoff["package_type"]) == ("dlv_1", "small")
    assert dropoff["contact"] == {"firstname": "Ada", "lastname": "Reader", "phone": "+14155550102", "company": ""}


def test_what_is_refused_and_was_never_booked_stays_refused():
    desk = stuart_desk()
    desk.fleet.terms = replace(desk.fleet.terms, longest_m=1_000)
    with pytest.raises(CarrierRefusedError, match="JOB_DISTANCE_NOT_ALLOWED") as caught:
        desk.carrier.book(ASKED)
    assert caught.value.reason == "too_far"


def test_webhooks_say_no_time_so_they_happened_when_they_came():
    desk = stuart_desk()
    desk.carrier.book(ASKED)
    desk.pass_to("at_pickup")
    told = [
        desk.carrier.read_webhook(message.headers, message.body, now=NOW + 1_000)[0]
        for message in take_webhooks(desk.dialect)
    ]
    assert [(fact.event, fact.occurred_at) for fact in told] == [
        ("book", NOW + 1_000),
        ("start_to_pickup", NOW + 1_000),
        ("arrive_at_pickup", NOW + 1_000),
    ]


def test_a_webhook_about_a_driver_or_about_nothing_of_ours_tells_nothing():
    for told in ({"event": "driver", "type": "update", "data": {"id": 1}}, {"event": "delivery", "data": {"id": 1}}):
        assert read_webhook(ACCOUNT, GIVEN, json.dumps(told).encode(), now=NOW) == ()


def test_a_token_that_is_refused_is_asked_for_anew_once_and_wrong_keys_never_pass():
    desk = stuart_desk()
    desk.carrier.quote(ASKED)
    assert isinstance(desk.dialect, Simulated)
    desk.dialect._tokens.clear()
    desk.carrier.quote(ASKED)
    assert len(desk.dialect._tokens) == 1
    desk.dialect.keys = replace(desk.dialect.keys, client_secret="another")
    desk.dialect._tokens.clear()
    with pytest.raises(CarrierRefusedError) as caught:
        desk.carrier.quote(ASKED)
    assert caught.value.reason == "unauthorised"


def test_it_speaks_over_a_real_network_too():
    desk = stuart_desk()
    with on_loopback(desk.dialect) as url:
        carrier = Stuart(replace(ACCOUNT, base_url=url), clock=desk.clock)
        first = carrier.book(ASKED)
        assert carrier.cancel(first.carrier_ref, "retailer_cancelled").event == "cancel"
        carrier.close()


@pytest.mark.parametrize(
    "broken", [{"base_url": "http://api.example"}, {"client_secret": ""}, {"authentication_key": ""}], ids=str
)
def test_keys_go_over_https_and_none_is_empty(broken):
    with pytest.raises(InputError, match=next(iter(broken))):
        replace(ACCOUNT, **broken)
