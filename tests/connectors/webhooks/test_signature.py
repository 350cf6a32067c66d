"""Signatures, verified by the package that receivers use and by a vector computed by hand."""

import base64
import hashlib
import hmac
import time

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from doorstep.connectors.webhooks import new_secret, sign
from doorstep.foundation import InputError

OLD, NEW = new_secret(bytes(range(32))), new_secret(bytes(range(32, 64)))
BODY = '{"type":"order.placed","data":{"id":"ord_1","name":"Zoë"}}'.encode()


def signed(*secrets: str, timestamp: int | None = None) -> dict[str, str]:
    return sign(secrets, "msg_1", int(time.time()) if timestamp is None else timestamp, BODY)


def test_a_secret_is_its_prefix_and_base64():
    assert new_secret(b"a" * 24) == "whsec_YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh"


@pytest.mark.parametrize("length", [0, 23, 65])
def test_a_secret_of_too_few_or_too_many_bytes_is_refused(length):
    with pytest.raises(InputError, match=f"has {length} bytes; it must have 24 to 64"):
        new_secret(b"a" * length)


def test_the_signature_is_the_hmac_of_id_timestamp_and_body_joined_by_full_stops():
    mac = hmac.digest(bytes(range(32)), b"msg_1.1614265330." + BODY, hashlib.sha256)
    assert signed(OLD, timestamp=1_614_265_330) == {
        "webhook-id": "msg_1",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1," + base64.b64encode(mac).decode(),
    }


def test_the_receivers_package_accepts_it():
    assert Webhook(OLD).verify(BODY, signed(OLD))["type"] == "order.placed"


def test_while_a_secret_is_rotated_receivers_of_either_accept_it():
    headers = signed(NEW, OLD)
    assert len(headers["webhook-signature"].split(" ")) == 2
    for secret in (OLD, NEW):
        assert Webhook(secret).verify(BODY, headers)["data"]["id"] == "ord_1"


def test_the_wrong_secret_is_refused():
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        Webhook(NEW).verify(BODY, signed(OLD))


def test_a_changed_body_is_refused():
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        Webhook(OLD).verify(BODY.replace(b"ord_1", b"ord_2"), signed(OLD))


@pytest.mark.parametrize(("shift_s", "said"), [(-301, "too old"), (302, "too new")])
def test_an_old_or_a_future_timestamp_is_refused(shift_s, said):
    with pytest.raises(WebhookVerificationError, match=said):
        Webhook(OLD).verify(BODY, signed(OLD, timestamp=int(time.time()) + shift_s))


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        (OLD.removeprefix("whsec_"), "does not begin with whsec_"),
        ("whsec_Zm9v", "has 3 bytes"),
        ("whsec_!!", "not whsec_ and base64"),
        ("whsec_é", "not whsec_ and base64"),
    ],
)
def test_a_malformed_secret_is_refused_without_being_repeated(secret, said):
    with pytest.raises(InputError, match=said) as caught:
        signed(OLD, secret)
    assert secret.removeprefix("whsec_") not in str(caught.value)


def test_without_a_secret_nothing_is_signed():
    with pytest.raises(InputError, match="needs one secret or more"):
        signed()


@pytest.mark.parametrize("message_id", ["", "a.b", "a b", "a\nb", "ä"])
def test_a_message_id_that_could_be_read_in_two_ways_is_refused(message_id):
    with pytest.raises(InputError, match="visible ASCII without a full stop"):
        sign([OLD], message_id, 1, BODY)


def test_a_body_that_is_not_utf_8_is_refused():
    with pytest.raises(InputError, match="body of webhook msg_1 is not UTF-8"):
        sign([OLD], "msg_1", 1, b"\xff")
