"""Parcel carriers through Karrio: rates, labels and tracking in our words, against Karrio's own local carrier.

What asks Karrio runs where the extra ``parcel`` is installed; what translates runs everywhere.
"""

import sys
import warnings
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from doorstep.connectors.karrio import Account, ParcelCarrier, translate
from doorstep.foundation import InputError
from doorstep.ports import CarrierRefusedError
from doorstep.simulation.carriers import VirtualClock
from tests.connectors.carrier_desks import ASKED, NOW

DAY_S = 86_400
SHIPPED = replace(ASKED, arrive_by=NOW + 5 * DAY_S, requirements=())
ZONES = {"label": "here", "rate": 9.5, "postal_codes": ["94114"]}
SERVICE = {"currency": "USD", "active": True, "domicile": True, "max_weight": 30, "weight_unit": "KG"}
LOCAL = {
    "display_name": "House Parcel", "custom_carrier_name": "house", "account_country_code": "US",
    "services": [
        SERVICE | {"service_name": "Ground", "service_code": "ground", "transit_days": 3, "zones": [ZONES]},
        SERVICE | {"service_name": "Air", "service_code": "air", "transit_days": 1, "zones": [ZONES | {"rate": 21}]},
    ],
}  # fmt: skip


@pytest.fixture
def carrier(tmp_path: Path) -> ParcelCarrier:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytest.importorskip("karrio.sdk", reason="Karrio comes with the extra parcel.")
        account = Account(gateway="generic", credentials=LOCAL, folder=str(tmp_path))
        return ParcelCarrier(account, clock=VirtualClock(NOW))


def refused(call: Any, *given: Any) -> str:
    with pytest.raises(CarrierRefusedError) as caught:
        call(*given)
    return caught.value.reason


def test_the_cheapest_service_that_is_there_in_time_is_quoted(carrier: ParcelCarrier):
    quote = carrier.quote(SHIPPED)
    assert (quote.price_minor, quote.currency, quote.dropoff_at) == (950, "USD", SHIPPED.ready_at + 3 * DAY_S)
    assert carrier.quote(replace(SHIPPED, arrive_by=NOW + 2 * DAY_S)).price_minor == 2_100
    assert refused(carrier.quote, replace(SHIPPED, arrive_by=NOW + 3_600)) == "closed"
    far = replace(SHIPPED, dropoff=replace(SHIPPED.dropoff, postal_code="10001"))
    assert refused(carrier.quote, far) == "out_of_coverage"


def test_a_shipment_is_made_once_for_each_id_and_its_label_kept(carrier: ParcelCarrier, tmp_path: Path):
    first = carrier.book(SHIPPED)
    assert carrier.book(SHIPPED) == first == carrier.find("dlv_1")
    assert (first.event, first.price_minor, first.dropoff_at) == ("book", 950, SHIPPED.ready_at + 3 * DAY_S)
    assert (tmp_path / "dlv_1.svg").read_text(encoding="utf-8").lstrip().startswith("<svg")
    assert refused(carrier.find, "dlv_9") == "not_found"
    assert refused(carrier.update, "dlv_1", SHIPPED) == "invalid"
    assert refused(carrier.cancel, "dlv_1", "not_needed") == "not_cancellable"  # this local carrier cannot


@pytest.mark.parametrize(
    ("status", "event", "reason"),
    [
        ("pending", "book", ""),
        ("picked_up", "pick_up", ""),
        ("in_transit", "start_to_station", ""),
        ("out_for_delivery", "start_to_dropoff", ""),
        ("delivery_failed", "attempt", "carrier_delivery_failed"),
        ("delivered", "deliver", ""),
        ("return_to_sender", "start_return", "carrier_delivery_failed"),
        ("on_hold", "", ""),
    ],
)
def test_karrios_statuses_are_events_of_our_lifecycle_at_the_moment_of_the_newest(status, event, reason):
    old = SimpleNamespace(timestamp="2026-03-08T05:00:00Z", date=None, time=None)
    new = SimpleNamespace(timestamp=None, date="2026-03-08", time="06:00")
    details = SimpleNamespace(events=[new, old], status=status, delivered=status == "delivered")
    assert translate.told_in(details) == (event, NOW, reason)


def test_a_delivery_becomes_one_parcel_with_both_ends():
    bare = replace(ASKED, pickup=replace(ASKED.pickup, city=""))
    asked = translate.to_request(bare, {"city": "Oakland", "postal_code": "94601"})
    (parcel,) = asked["parcels"]
    assert (parcel["weight"], parcel["length"], asked["reference"]) == (3.0, 20, "dlv_1")
    assert (asked["shipper"]["city"], asked["shipper"]["postal_code"]) == ("Oakland", "94105")
    assert asked["recipient"]["postal_code"] == "94114"
    assert asked["options"] == {"declared_value": 25.0, "currency": "USD", "signature_confirmation": True}


def test_without_karrio_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setitem(sys.modules, "karrio", None)
    monkeypatch.setitem(sys.modules, "karrio.core", None)
    with pytest.raises(InputError, match=r'not installed.*pip install "doorstep\[parcel\]"'):
        ParcelCarrier(Account(gateway="ups", credentials={}, folder=str(tmp_path)))
