"""The carriers that the settings connect, and everything that is wrong with them at once."""

import json

import pytest

from doorstep.connectors.connecting import connected_carriers, connected_channels
from doorstep.connectors.doordash_drive import DoorDashDrive
from doorstep.connectors.onfleet import Onfleet
from doorstep.connectors.sms import Sms
from doorstep.connectors.smtp import Smtp
from doorstep.connectors.stuart import Stuart
from doorstep.connectors.uber_direct import UberDirect
from doorstep.foundation import InputError

UBER = {"connector": "uber_direct", "customer_id": "c", "client_id": "i", "client_secret": "s", "webhook_secret": "w"}
DOORDASH = {
    "connector": "doordash_drive", "developer_id": "d", "key_id": "k",
    "signing_secret": "YSBzZWNyZXQgb2YgZW5vdWdoIGJ5dGVz",
    "webhook_authorization": "Basic abc",
}  # fmt: skip
STUART = {"connector": "stuart", "client_id": "i", "client_secret": "s", "authentication_key": "a"}
ONFLEET = {
    "connector": "onfleet", "api_key": "k", "webhook_secret": "5ec4e7", "currency": "USD", "base_minor": 599,
    "per_km_minor": 85,
}  # fmt: skip


def test_each_carrier_gets_the_connector_that_it_names():
    found = connected_carriers(json.dumps({"U1": UBER, "D1": DOORDASH, "S1": STUART, "O1": ONFLEET}))
    assert {name: type(carrier) for name, carrier in found.items()} == {
        "U1": UberDirect, "D1": DoorDashDrive, "S1": Stuart, "O1": Onfleet,
    }  # fmt: skip
    for carrier in found.values():
        carrier.close()


def test_nothing_is_connected_where_nothing_is_said():
    assert connected_carriers(" ") == {}
    assert connected_carriers("{}") == {}


def test_every_fault_is_told_at_once_and_no_secret():
    broken = {
        "U1": {**UBER, "client_secrets": "hush"},
        "D1": {"connector": "doordash_drive"},
        "X": {"connector": "pigeon"},
    }
    del broken["U1"]["customer_id"]
    with pytest.raises(InputError) as caught:
        connected_carriers(json.dumps(broken))
    said = str(caught.value)
    assert "carriers.U1.client_secrets is unknown." in said
    assert "carriers.U1.customer_id is missing." in said
    assert "carriers.D1.signing_secret is missing." in said
    assert (
        "carriers.X.connector must be one of uber_direct, doordash_drive, stuart, onfleet, karrio, rate_card." in said
    )
    assert "hush" not in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "carriers is not JSON"),
        ("[]", "must be a JSON object of objects"),
        ('{"U1": 3}', "must be a JSON object of objects"),
        (json.dumps({"U1": {**UBER, "base_url": "ftp://x"}}), "carriers.U1: base_url"),
    ],
)
def test_what_cannot_be_read_is_refused(text, said):
    with pytest.raises(InputError, match=said):
        connected_carriers(text)


def test_channels_of_notices_are_connected_alike():
    mail = {"connector": "smtp", "host": "127.0.0.1", "sender": "a@example.com"}
    found = connected_channels(
        json.dumps({"email": mail, "sms": {"connector": "sms", "base_url": "https://g.example", "key": "k"}})
    )
    assert {name: type(channel) for name, channel in found.items()} == {"email": Smtp, "sms": Sms}
    for channel in found.values():
        channel.close()
    for broken, said in (
        ({"pigeon": mail}, "pigeon"),
        ({"email": mail | {"passwort": "hush"}}, "notices.email.passwort is unknown."),
    ):
        with pytest.raises(InputError, match=said) as caught:
            connected_channels(json.dumps(broken))
        assert "hush" not in str(caught.value)
