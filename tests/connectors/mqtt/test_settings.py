"""The address of a broker, and what is said where the client is missing."""

import sys

import pytest

from doorstep.connectors.mqtt import Settings, Subscription, settings_of
from doorstep.foundation import InputError


def read(url: str) -> Settings:
    return settings_of(url, topic="owntracks/+/+", client_id="doorstep")


def test_an_address_tells_where_as_whom_and_whether_encrypted():
    plain, encrypted = read("mqtt://[::1]"), read("mqtts://shop:p%40ss%2F@broker.example:8884")
    assert (plain.host, plain.port, plain.tls, plain.user) == ("::1", 1883, False, "")
    assert (encrypted.host, encrypted.port, encrypted.tls) == ("broker.example", 8884, True)
    assert (encrypted.user, encrypted.password) == ("shop", "p@ss/")
    assert "p@ss" not in repr(encrypted)


@pytest.mark.parametrize(
    "url", ["broker.example", "http://broker.example", "mqtt://", "mqtt://u:secret@h:no", "mqtt://["]
)
def test_what_is_no_address_of_a_broker_is_refused_without_its_password(url):
    with pytest.raises(InputError, match=r"mqtts:// for TLS") as refused:
        read(url)
    assert "secret" not in str(refused.value)


def test_without_the_client_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "paho.mqtt.client", None)
    with pytest.raises(InputError, match=r'needs paho-mqtt, which is not installed.*pip install "doorstep\[mqtt\]"'):
        Subscription(read("mqtt://127.0.0.1"))
